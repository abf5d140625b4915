"""Are cells written as the record says? What a Table Schema's reader would take or trip over in silence.

Python and pandas read full-width digits, ``1e5``, ``INF`` and a number of 400 digits as numbers, and keep
characters that no screen shows. Here a number is ASCII digits, finite and of a size that a count can have;
a date is a day of this record's time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.base.errors import InputError
from analysis.inputs.descriptor import DESCRIPTOR, line_of, resource_of

if TYPE_CHECKING:
    from pathlib import Path

INTEGER, NUMBER = re.compile(r"[+-]?[0-9]+"), re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
LARGEST = 1e15  # yuan or persons: a thousand times the country's yearly product in ten thousands
MAY_BE_EMPTY = ("corrections.csv",)
INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}  # controls, zero-width and direction marks, line separators of print
DATED = r"^\d{4}("  # how the schema's pattern for a day, month or year begins
EARLIEST = "1949"  # no fact of this record is older than the republic whose scheme it describes

Tables = Mapping[str, pd.DataFrame]


def check_characters(path: Path, text: str) -> None:
    """No control, zero-width or direction character, and lines that end as text files end them."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.isascii() and line.isprintable():
            continue
        for place, character in enumerate(line):
            if character == "\r" and place == len(line) - 1:
                continue  # Windows ends lines so; the hash says which was recorded
            if unicodedata.category(character) in INVISIBLE or character == "\u00a0":
                name = unicodedata.name(character, f"control character {ord(character)}").lower()
                tab = character == "\t"
                raise InputError(
                    f"a character that nobody sees: {name if not tab else 'a tab'}",
                    file=path,
                    row=number,
                    column=line.count(",", 0, place) + 1,
                    value=line[max(place - 8, 0) : place + 8],
                    expected="commas between cells"
                    if tab
                    else "printable characters; lines that end with \\n",
                    action="save the file as comma-separated CSV with Unix line ends"
                    if character in "\t\r"
                    else "remove the character",
                )


def check_headers(folder: Path, tables: Tables) -> None:
    """Every file has the columns of its schema, in order, each once."""
    for file, table in tables.items():
        wanted = [field["name"] for field in resource_of(folder, file)["schema"]["fields"]]
        found = [str(name) for name in table.columns]
        if found == wanted:
            continue
        with (folder / file).open(encoding="utf-8", newline="") as stream:
            written = stream.readline().strip()
        other = len(found) == 1 and next((mark for mark in ";|" if mark in written), "")
        lacking = [name for name in wanted if name not in found]
        extra = [name for name in found if name not in wanted]
        if other:
            problem = f"separated by {other!r}, not by commas"
        elif lacking:
            problem = f"no column {', '.join(lacking)}" + (f"; there is {', '.join(extra)}" if extra else "")
        else:
            problem = (
                f"a column too many or twice: {', '.join(extra)}" if extra else "columns in another order"
            )
        raise InputError(
            f"the header is not that of the record: {problem}",
            file=folder / file,
            row=1,
            column=(lacking or extra or found)[0],
            value=written,
            expected=f"the columns {', '.join(wanted)}",
            action=f"compare the file with its description in {DESCRIPTOR}",
        )


def check_tables_have_rows(folder: Path, tables: Tables) -> None:
    """No file is a header alone; only the list of corrections may be."""
    for file, table in tables.items():
        if table.empty and file not in MAY_BE_EMPTY:
            raise InputError(
                "the file has a header and no rows",
                file=folder / file,
                row=2,
                expected="the facts that the record describes",
                action="restore the file; it may have been cut off",
            )


def check_numbers_and_dates(folder: Path, tables: Tables) -> None:
    """Numbers are ASCII digits, finite and not larger than `LARGEST`; codes and dates are ASCII too."""
    for file, table in tables.items():
        for field in resource_of(folder, file)["schema"]["fields"]:
            _check_column(folder / file, table, field)


def check_patterns(folder: Path, tables: Tables) -> None:
    """Codes, keys and printed dates are written as the record's patterns say."""
    for file, table in tables.items():
        for field in resource_of(folder, file)["schema"]["fields"]:
            pattern = field.get("constraints", {}).get("pattern", "")
            filled = table.loc[table[field["name"]] != "", field["name"]]
            wrong = filled[[re.search(pattern, cell) is None for cell in filled]]
            problem = "constraint error: not written as the record says"
            _refuse(folder / file, wrong, field["name"], problem, f"pattern {pattern}")


def _check_column(path: Path, table: pd.DataFrame, field: dict[str, Any]) -> None:
    name, kind = field["name"], field["type"]
    pattern = field.get("constraints", {}).get("pattern", "")
    cells = table[name]
    filled = cells[cells != ""]
    if kind in ("integer", "number"):
        shape = INTEGER if kind == "integer" else NUMBER
        wrong = filled[[shape.fullmatch(cell) is None for cell in filled]]
        _refuse(path, wrong, name, f"type-error: this is no {kind}", f"{kind} in plain digits, such as 1240")
        size = pd.to_numeric(filled.str.slice(0, 40), errors="coerce").abs()
        _refuse(path, filled[size > LARGEST], name, "a number too large to be true", f"at most {LARGEST:g}")
    elif kind == "date" or pattern:
        wrong = filled[[not cell.isascii() for cell in filled]]
        _refuse(path, wrong, name, "digits or letters that are not ASCII", f"{kind}, in ASCII characters")
    if kind == "date" or pattern.startswith(DATED):
        early = filled[filled.str.slice(0, 4) < EARLIEST]
        _refuse(path, early, name, "a date before the record's time", f"{EARLIEST} or later")


def _refuse(path: Path, wrong: pd.Series, column: str, problem: str, expected: str) -> None:
    if not wrong.empty:
        cell = str(wrong.iloc[0])
        raise InputError(
            problem,
            file=path,
            row=line_of(wrong.index[0]),
            column=column,
            value=cell if len(cell) <= 60 else f"{cell[:57]}...",
            expected=expected,
            action="write a plain value as printed; leave the cell blank if it is unknown",
        )
