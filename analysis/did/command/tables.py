"""Read a user's table from CSV, Parquet, Arrow, Stata, Excel or R, and lose nothing in silence."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pandas as pd

from ..errors import InputError, why_no_file
from ..panel.gate import counted, listing
from .numerals import Marks, points_between_thousands, with_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMATS = "CSV in UTF-8, Parquet, Arrow (.feather), Stata (.dta), Excel (.xlsx) or R (.rds)"
# Cells that are empty in all columns but ids, as pandas reads them without being told.
EMPTY = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
ELSEWHERE = {
    ".xls": "save the sheet as .xlsx, or as CSV in UTF-8",
    ".xlsb": "save the sheet as .xlsx, or as CSV in UTF-8",
    ".ods": "save the sheet as .xlsx, or as CSV in UTF-8",
    ".rdata": "in R, save the table alone with saveRDS, arrow::write_parquet or write.csv",
    ".rda": "in R, save the table alone with saveRDS, arrow::write_parquet or write.csv",
    ".sav": "in SPSS or with R's haven, save it as Stata (.dta) or CSV",
    ".sas7bdat": "in SAS or with R's haven, save it as Stata (.dta) or CSV",
}
# What reads a kind of file, and the extra that installs it.
READERS = {
    ".parquet": ("pyarrow", "parquet"), ".pq": ("pyarrow", "parquet"), ".feather": ("pyarrow", "parquet"),
    ".arrow": ("pyarrow", "parquet"), ".xlsx": ("openpyxl", "excel"), ".xlsm": ("openpyxl", "excel"),
    ".rds": ("rdata", "r"),
}  # fmt: skip
SHORTENED = re.compile(r"\d(\.\d+)?[eE]\+\d+")  # how a spreadsheet writes a long number


def read_table(
    path: Path,
    names: Sequence[str],
    periods: Sequence[str] = (),
    numbers: Sequence[str] = (),
    marks: Marks | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Read a table; ids stay as written, leading zeros and units called NA included.

    Parameters
    ----------
    path
        The file; its ending says what it is, and CSV is assumed otherwise.
    names
        Columns of ids, such as units and clusters.
    periods, numbers
        Columns of periods and cohorts, and of outcomes, covariates and weights: Stata's labels mean
        different things there.
    marks
        How numbers are written in these columns, where not with a decimal point alone.

    Returns
    -------
    tuple
        The table, and sentences on what the format could not carry.

    Raises
    ------
    InputError
        The file is absent or cannot be read.
    """
    if not path.is_file():
        raise InputError(
            f"the panel file {why_no_file(path)}",
            file=path,
            action="check the path given with --panel",
        )
    ending = path.suffix.lower()
    if ending in ELSEWHERE:
        raise InputError(
            f"files of the kind {ending} are not read", file=path, expected=FORMATS, action=ELSEWHERE[ending]
        )
    try:
        table, notes = _read(path, ending, names, periods, numbers, marks)
        if marks is not None and marks.given:
            table = with_numbers(table, numbers, marks, path)
    except ImportError as error:
        package, extra = READERS.get(ending, ("pandas", "parquet"))
        raise InputError(
            f"reading {ending} needs {package}, which is not installed",
            file=path,
            action=f'pip install "rollout-did[{extra}]", or save the panel as CSV',
        ) from error
    except InputError:
        raise
    except Exception as error:  # a reader meets a damaged file with an error of any kind
        raise InputError(
            "the panel file cannot be read", file=path, expected=FORMATS, action=str(error)
        ) from error
    return table, [*notes, *_shortened(table, names)]


def _read(
    path: Path,
    ending: str,
    names: Sequence[str],
    periods: Sequence[str],
    numbers: Sequence[str],
    marks: Marks | None,
) -> tuple[pd.DataFrame, list[str]]:
    if ending in (".parquet", ".pq"):
        return pd.read_parquet(path), []
    if ending in (".feather", ".arrow"):
        return pd.read_feather(path), []
    if ending == ".dta":
        from .stata import read_stata

        return read_stata(path, names, periods, numbers)
    if ending in (".xlsx", ".xlsm"):
        from .excel import read_excel

        return read_excel(path, names, EMPTY)
    if ending == ".rds":
        from .r_file import read_rds

        return read_rds(path), []
    if marks is not None and marks.given:
        return _csv(path, names, numbers), []
    table = _csv(path, names)
    return table, points_between_thousands(table, numbers)


def _csv(path: Path, names: Sequence[str], as_written: Sequence[str] = ()) -> pd.DataFrame:
    """Read CSV; in columns of ids only an empty cell is missing, so that Namibia (NA) is a unit."""
    check_whole(path)
    split = separator(path)
    header = pd.read_csv(path, nrows=0, sep=split).columns
    ids = [name for name in names if name in header]
    missing = {name: [""] if name in ids else list(EMPTY) for name in header}
    texts = [*ids, *(name for name in as_written if name in header)]
    return pd.read_csv(
        path, sep=split, dtype=dict.fromkeys(texts, "str"), keep_default_na=False, na_values=missing
    )


def separator(path: Path) -> str:
    """What stands between the cells of a CSV file: a comma, or what its header has in place of commas.

    A panel has several columns, so that a header with semicolons or tabs and no comma is read in one way.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = stream.readline()
    found = [mark for mark in ";\t" if mark in header]
    return found[0] if len(found) == 1 and "," not in header else ","


def check_whole(path: Path) -> None:
    """Refuse a CSV file in another encoding, with a NUL, a column twice or a row that is too short or long.

    pandas fills a short row with empty cells, renames the second of two columns, and reads on.
    """
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                raise InputError(
                    "the panel file is not UTF-8, but could be GBK (GB18030)",
                    file=path,
                    row=number,
                    expected=FORMATS,
                    action="save it as UTF-8, or convert it: iconv -f GB18030 -t UTF-8 FILE > NEW",
                ) from None
            if "\0" in text:
                raise InputError(
                    "the panel file holds a NUL character", file=path, row=number, expected=FORMATS
                )
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream, delimiter=separator(path))
        header = next(rows, [])
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise InputError(
                "a column stands twice in the panel file", file=path, row=1, column=twice[0],
                expected="each column once", action="rename or remove one of them",
            )  # fmt: skip
        for row in rows:
            if row and len(row) != len(header):
                raise InputError(
                    f"the panel file has {len(row)} cells in a row and {len(header)} columns",
                    file=path,
                    row=rows.line_num,
                    value=row[-1],
                    expected="as many cells as columns in every row",
                    action="complete the row, the file may have been cut off"
                    if len(row) < len(header)
                    else "name every column; from R, write.csv(..., row.names = FALSE)",
                )


def _shortened(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Say which ids look like long numbers that a spreadsheet has shortened."""
    notes = []
    for name in dict.fromkeys(names):
        if name not in table or table.columns.tolist().count(name) > 1:
            continue
        found = [v for v in table[name].dropna().unique() if isinstance(v, str) and SHORTENED.fullmatch(v)]
        if found:
            what = counted(len(found), "name looks", "names look")
            notes.append(
                f"Column {name}: {what} like a long number that a spreadsheet shortened: {listing(found)}."
            )
    return notes
