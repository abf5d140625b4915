"""Time as the user writes it, turned into consecutive positions 0..T-1 and back.

Times are whole numbers, ``YYYY`` or ``YYYYQn``; five-digit numbers such as 20153 are read as quarters.
Periods must be equally spaced: otherwise "two periods after the start" has no single meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .gate import check_no_blank, listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

QUARTER = re.compile(r"\s*(\d{4})\s*[Qq]([1-4])\s*")
WHOLE = re.compile(r"\s*[+-]?\d+(\.0*)?\s*")
NEVER_WORDS = ("", "na", "nan", "<na>", "none", "nat", "inf", "+inf", "infinity", "0", "0.0")
REWRITE = "write all periods in one of these ways"
FORMS = "whole numbers, YYYY or YYYYQn"


@dataclass(frozen=True)
class Calendar:
    """The panel's periods: ``first`` + ``step`` x position, as whole numbers or quarters."""

    first: int
    step: int
    count: int
    quarterly: bool
    packed: bool  # quarters were written as five-digit numbers

    def label(self, number: int) -> int | str:
        """Return the period as the user would write it."""
        if not self.quarterly:
            return int(number)
        year, quarter = divmod(int(number), 4)
        return f"{year}Q{quarter + 1}"

    @property
    def labels(self) -> tuple[int | str, ...]:
        """All periods in order."""
        return tuple(self.label(self.first + self.step * position) for position in range(self.count))


def _numbers(distinct: pd.Index, column: str) -> tuple[NDArray[np.int64], bool]:
    """Distinct written periods as whole numbers, and whether they are quarters."""
    if isinstance(distinct, pd.PeriodIndex):
        distinct = pd.Index(distinct.astype(str))
    if pd.api.types.is_numeric_dtype(distinct) and not pd.api.types.is_bool_dtype(distinct):
        values = distinct.to_numpy(dtype=float)
        wrong = ~np.isfinite(values) | (values != np.floor(values))
        if wrong.any():
            bad = distinct[int(np.flatnonzero(wrong)[0])]
            raise InputError(
                "a period is not a whole number",
                column=column,
                value=bad.item(),
                expected=FORMS,
                action=REWRITE,
            )
        return values.astype(np.int64), False
    written = [str(value) for value in distinct]
    quarters = [QUARTER.fullmatch(text) for text in written]
    if written and all(quarters):
        return np.array([4 * int(m[1]) + int(m[2]) - 1 for m in quarters if m], dtype=np.int64), True
    for text in written:
        if not WHOLE.fullmatch(text):
            raise InputError(
                "a period cannot be read", column=column, value=text, expected=FORMS, action=REWRITE
            )
    return np.array([int(float(text)) for text in written], dtype=np.int64), False


def _unpack(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Quarters written as 20153 to consecutive numbers."""
    return 4 * (numbers // 10) + numbers % 10 - 1


def read_times(values: pd.Series, column: str) -> tuple[NDArray[np.int64], Calendar, list[str]]:
    """Positions of each row's period, the calendar, and notes on what was assumed.

    Raises
    ------
    InputError
        A period is missing or unreadable, there are fewer than two, or they are not equally spaced.
    """
    codes, distinct = pd.factorize(values)
    check_no_blank(codes < 0, column, "period")
    numbers, quarterly = _numbers(pd.Index(distinct), column)
    packed = bool(
        not quarterly
        and len(numbers) > 1
        and (numbers >= 10_000).all()
        and (numbers <= 99_999).all()
        and np.isin(numbers % 10, (1, 2, 3, 4)).all()
        and len(np.unique(np.diff(np.unique(numbers)))) > 1
    )
    notes = []
    if packed:
        numbers, quarterly = _unpack(numbers), True
        notes.append(f"Periods such as {distinct[0]} were read as quarters.")
    ordered = np.unique(numbers)
    if len(ordered) < 2:
        raise InputError(
            "the panel has one period; a comparison needs at least two",
            column=column,
            action="add the periods before treatment, or check that this is the column of periods",
        )
    steps = np.diff(ordered)
    step = int(steps.min())
    calendar = Calendar(int(ordered[0]), step, len(ordered), quarterly, packed)
    if (steps != step).any():
        gaps = [
            f"{calendar.label(ordered[k])} to {calendar.label(ordered[k + 1])}"
            for k in np.flatnonzero(steps != step)[:5]
        ]
        raise InputError(
            f"periods are not equally spaced: the step is {step}, but one goes from {'; '.join(gaps)}",
            column=column,
            action="add the absent periods as rows with an empty outcome; they are then counted as missing",
        )
    if step > 1:
        notes.append(f"Periods are {step} apart; event time counts periods.")
    return ((numbers - calendar.first) // step)[codes], calendar, notes


def read_cohorts(
    values: pd.Series, calendar: Calendar, column: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """First treated period of each row as a position (any whole number) and who is never treated.

    A start between two observed periods counts from the next one. Empty, NA, inf and 0 mean never.

    Raises
    ------
    InputError
        A cohort cannot be read as a period of the panel's kind.
    """
    codes, distinct = pd.factorize(values)
    starts = np.zeros(len(distinct), dtype=np.int64)
    never = np.zeros(len(distinct) + 1, dtype=bool)
    never[-1] = True  # code -1: a missing value
    for k, value in enumerate(distinct):
        if str(value).strip().lower() in NEVER_WORDS:
            never[k] = True
            continue
        if (
            isinstance(value, str)
            and calendar.quarterly
            and not QUARTER.fullmatch(value)
            and not calendar.packed
        ):
            raise InputError(
                "a cohort is not a quarter like the periods",
                column=column,
                value=value,
                expected="YYYYQn",
                action="write the quarter in which treatment starts",
            )
        number, quarterly = _numbers(pd.Index([value]), column)
        if calendar.packed and not quarterly:
            number, quarterly = _unpack(number), True
        if quarterly != calendar.quarterly:
            raise InputError(
                "a cohort is written unlike the periods",
                column=column,
                value=value,
                expected=f"a period such as {calendar.labels[0]}, or empty, NA, inf or 0 for never treated",
                action="write cohorts and periods in the same way",
            )
        starts[k] = -((calendar.first - int(number[0])) // calendar.step)
    return np.append(starts, 0)[codes], never[codes]


def first_written(
    written: pd.Series, rows: NDArray[np.int64], count: int, starts: NDArray[np.int64], never: int
) -> tuple[str, ...]:
    """First written cohort of each unit; empty for never treated."""
    first = np.empty(count, dtype=np.int64)
    first[rows[::-1]] = np.arange(len(rows))[::-1]
    values = written.to_numpy()[first]
    if values.dtype.kind == "f":  # whole numbers beside empty cells arrive as floats
        return tuple(
            "" if s >= never else f"{v:g}" for v, s in zip(values.tolist(), starts.tolist(), strict=True)
        )
    return tuple("" if s >= never else str(v) for v, s in zip(values.tolist(), starts.tolist(), strict=True))


def check_cohort_column(
    values: pd.Series,
    unit: NDArray[np.int64],
    time: NDArray[np.int64],
    units: Sequence[Any],
    times: Sequence[Any],
    column: str,
) -> None:
    """Refuse a 0/1 treatment indicator given in place of the first treated period."""
    numbers = pd.to_numeric(values, errors="coerce")
    if set(numbers.dropna().unique()) != {0, 1}:
        return
    table = np.full((len(units), len(times)), np.nan)
    table[unit, time] = numbers.fillna(0).to_numpy()
    constant = bool(np.all(np.nanmax(table, axis=1) == np.nanmin(table, axis=1)))
    if constant and 1 in times:  # cohort 1 is a period of this panel
        return
    table = np.nan_to_num(table)
    off = np.argwhere(np.diff(table, axis=1) < 0)
    pairs = [f"{units[i]} in {times[t + 1]}" for i, t in off]
    raise InputError(
        f"column {column!r} holds 0 and 1 only: it looks like a treatment indicator"
        + (f", and treatment switches off: {listing(pairs)}" if pairs else ""),
        expected="the first treated period of each unit; empty, NA, inf or 0 for never treated",
        action="give each unit its first treated period; treatment must then stay on",
    )
