"""Numbers with a decimal comma, or with marks between thousands, where the user says which marks they are.

``1.234`` is a little more than one to some and over a thousand to others, and no rule can tell. Without a
word a point is the decimal mark and nothing stands between thousands. With one, every cell of a column of
numbers must be written that way: readers that take a mark out wherever it stands make 15 of 1.5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

BLANKS = " \u00a0\u202f\u2009"  # a space, and those that do not break a line
ALLOWED = ".,'’" + BLANKS


@dataclass(frozen=True)
class Marks:
    """Decimal mark, and the mark between thousands or nothing.

    Raises
    ------
    InputError
        One of them is no such mark, or both are the same.
    """

    decimal: str = "."
    thousands: str = ""

    def __post_init__(self) -> None:
        if self.decimal not in (".", ","):
            raise InputError(f"--decimal is {self.decimal!r}", expected="a point or a comma")
        if len(self.thousands) > 1 or self.thousands not in ALLOWED:
            raise InputError(
                f"--thousands is {self.thousands!r}", expected="a point, a comma, an apostrophe or a blank"
            )
        if self.thousands == self.decimal:
            raise InputError(
                f"{self.decimal!r} cannot be the decimal mark and stand between thousands",
                expected="two different marks",
                action="with --thousands . give --decimal , too",
            )

    @property
    def given(self) -> bool:
        """Whether anything but a decimal point was asked for."""
        return self != Marks()

    @property
    def form(self) -> re.Pattern[str]:
        """A number written with these marks."""
        blank = self.thousands and self.thousands in BLANKS
        between = f"[{BLANKS}]" if blank else re.escape(self.thousands)
        grouped = rf"\d{{1,3}}(?:{between}\d{{3}})+|" if self.thousands else ""
        return re.compile(rf"[+-]?(?:{grouped}\d+)(?:{re.escape(self.decimal)}\d+)?(?:[eE][+-]?\d+)?")


def with_numbers(
    table: pd.DataFrame, columns: Sequence[str], marks: Marks, file: Path | None = None
) -> pd.DataFrame:
    """Table whose columns of numbers, where they are texts, are read with the marks.

    A column without any number, such as a covariate of names, stays as it is.

    Raises
    ------
    InputError
        A cell of a column of numbers is written in another way.
    """
    found = {}
    for name in dict.fromkeys(columns):
        if name not in table or table[name].dtype.kind in "biufcmM":
            continue
        texts = table[name].map(lambda v: v.strip() if isinstance(v, str) else v)
        filled = texts[texts.notna() & (texts != "")]
        if not filled.map(_begins_as_number).any():
            continue
        fits = filled.map(lambda v: not isinstance(v, str) or marks.form.fullmatch(v) is not None)
        if not fits.all():
            row = filled.index[~fits][0]
            raise InputError(
                "a number is not written with the marks given",
                file=file,
                row=int(table.index.get_loc(row)) + 2,
                column=name,
                value=filled[row],
                expected=f"numbers such as 1{marks.thousands}234{marks.decimal}5",
                action="correct the number, or give --decimal and --thousands as the file has them",
            )
        found[name] = filled.map(lambda v: _number(v, marks)).reindex(table.index).astype(float)
    return table.assign(**found) if found else table


def points_between_thousands(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Name columns of a CSV file whose numbers with a point may be whole numbers of a thousand or more.

    All that have decimals have three, and none lies between -1 and 1: so 1.234 may be 1234.
    """
    found = []
    for name in dict.fromkeys(columns):
        if name not in table or table[name].dtype.kind != "f":
            continue
        size = table[name].abs().dropna().to_numpy()
        if not (size < 1000).all():
            continue
        parts = np.round(size * 1000)
        three = np.abs(size * 1000 - parts) <= 1e-9 * parts
        broken = parts % 1000 != 0
        if not (broken.any() and three.all() and (size[broken] > 1).all()):
            continue
        if (parts[broken] % 10 != 0).mean() > 0.5:  # with fewer decimals written, the third is zero
            found.append(name)
    return [
        f"Column {name}: every number with a point has three digits after it, and the point was read as the "
        "decimal mark. If it stands between thousands, give --thousands . and --decimal , and run again."
        for name in found
    ]


def _begins_as_number(value: object) -> bool:
    return not isinstance(value, str) or re.match(r"[+-]?\d", value) is not None


def _number(value: object, marks: Marks) -> float:
    if not isinstance(value, str):
        return float(value)  # type: ignore[arg-type]
    blank = marks.thousands and marks.thousands in BLANKS
    for mark in BLANKS if blank else marks.thousands:
        value = value.replace(mark, "")
    return float(value.replace(marks.decimal, "."))
