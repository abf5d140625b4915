"""The released tables as CSV text, and back: sorted by their key, numbers by the rule of `did.digits`.

A table is a list of values for each column, None where one is missing: texts, whole numbers, or
floating-point numbers. Neither pandas nor Arrow, which loads pandas, is worth the half second that it
takes to start.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from analysis.did.digits import FULL, rounded
from analysis.records.columns import COUNTS, MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

Columns = dict[str, list[Any]]
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def print_table(columns: Columns, key: Sequence[str]) -> str:
    """A table as CSV with Unix line ends.

    Parameters
    ----------
    columns
        Values by column.
    key
        Columns to sort by, of texts: by size where all are numbers.

    Raises
    ------
    AssertionError
        A key is missing or repeats: a defect of the step that made the table, never of its input.
    """
    keys = list(zip(*(columns[name] for name in key), strict=True))
    assert not any(None in each for each in keys), f"key columns {key} have missing values"
    assert len(set(keys)) == len(keys), f"key {key} repeats"
    cells = list(zip(*(_printed(values) for values in columns.values()), strict=True))
    by = list(zip(*(_in_order(columns[name]) for name in key), strict=True))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(cells[row] for row in sorted(range(len(by)), key=by.__getitem__))
    return out.getvalue()


def _printed(values: list[Any]) -> list[Any]:
    """What is printed of a column; one of floating-point numbers that are all whole is one of counts."""
    known = [value for value in values if isinstance(value, float)]
    exact = known if all(value == round(value) for value in known) else rounded(known)
    texts = iter([FULL % (value + 0.0) for value in exact])  # no zero has a sign
    return [next(texts) if isinstance(value, float) else value for value in values]


def _in_order(texts: list[str]) -> list[Any]:
    return [float(text) for text in texts] if all(map(NUMBER.fullmatch, texts)) else texts


def read_printed(text: str) -> Columns:
    """A table that `print_table` printed."""
    names, *rows = csv.reader(io.StringIO(text, newline=""))
    return {name: [_value(row[place], name) for row in rows] for place, name in enumerate(names)}


def _value(text: str, name: str) -> str | int | float | None:
    if name not in MEASURES:
        return text
    if text == "":
        return None
    return int(text) if name in COUNTS else float(text)


def rows_where(columns: Columns, condition: Sequence[bool]) -> Columns:
    """The rows for which ``condition`` holds."""
    return {
        name: [value for value, chosen in zip(values, condition, strict=True) if chosen]
        for name, values in columns.items()
    }
