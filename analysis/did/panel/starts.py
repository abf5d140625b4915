"""When each unit is first treated, as the user writes it, turned into positions of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .arrays import plain_numbers
from .gate import listing, plain
from .panel import NEVER
from .written import COARSE, LARGEST, YEAR, Written, coarsened, label, read_written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .periods import Calendar

NEVER_WORDS = (
    "", "na", "nan", "<na>", "none", "nat", "inf", "+inf", "infinity", "never", "never treated",
    "never-treated", "never_treated", "untreated", "not treated", "从未", "从未处理", "未处理",
)  # fmt: skip
NEVER_HINT = "empty, NA, inf, never or 0 for never treated"


def read_cohorts(
    codes: NDArray[np.int64], distinct: Any, calendar: Calendar, column: str
) -> tuple[NDArray[np.int64], list[str]]:
    """First treated period of each row as a position (0 or more), `NEVER` where there is none, and notes.

    A start between two observed periods counts from the next one. Empty, NA, inf, never and 0 mean never;
    where 0 is a period and others are marked as never in another way, 0 is that period.

    Parameters
    ----------
    codes, distinct
        Which value each row has, -1 where none, and the values as written.
    calendar, column
        The panel's periods, and the column's name.

    Raises
    ------
    InputError
        A cohort cannot be read as a period of the panel's kind, or may be a code.
    """
    texts = [str(value).strip().lower() for value in distinct]
    zero = [text in ("0", "0.0") for text in texts]
    never = [text in NEVER_WORDS for text in texts]
    marked = any(never) or bool((codes < 0).any())  # code -1: a missing value
    notes = []
    if any(zero) and not (marked and 0 in calendar.labels):
        never = [own or other for own, other in zip(never, zero, strict=True)]
        if 0 in calendar.labels[1:]:
            raise InputError(
                "cohort 0 may be the period 0 or mean never treated",
                column=column,
                value=0,
                expected="the first treated period; empty, NA, inf or never for never treated",
                action="empty the cells of units that are never treated",
            )
        if 0 in calendar.labels:
            notes.append("Cohort 0 was read as never treated, although 0 is also a period.")
    inside = [k for k, own in enumerate(never) if not own]
    numbers = _plain_starts(distinct[inside], calendar)
    if numbers is None:
        read = [_start(distinct[k], calendar, column) for k in inside]
        numbers = [coarsened(number, kind, calendar.kind) for number, kind in read]
        if any(kind != calendar.kind for _, kind in read):
            notes.append(f"Starts written as dates count from the {calendar.kind} that contains them.")
    notes += _between(numbers, calendar)
    starts = np.full(len(distinct) + 1, NEVER)
    for k, number in zip(inside, numbers, strict=True):
        starts[k] = min(max(calendar.position(number), 0), NEVER - 1)
    return starts[codes], notes


def _plain_starts(values: Any, calendar: Calendar) -> list[int] | None:
    """Starts that are whole numbers as the periods are; nothing where one of them wants a closer look."""
    if not plain_numbers(values) or calendar.kind != YEAR or calendar.digits:
        return None
    numbers: list[float] = values.tolist()
    least = min(0, int(calendar.numbers[0]))
    plain = all(least <= number < LARGEST and number == int(number) for number in numbers)
    return [int(number) for number in numbers] if plain else None


def _start(value: Any, calendar: Calendar, column: str) -> tuple[int, str]:
    """Read one start as a number and its kind, which is the calendar's or a finer one."""
    try:
        read: Written = read_written(pd.Index([value]), column, calendar.digits or "none")
    except InputError as error:
        raise InputError(
            f"a cohort is no period: {error.problem}",
            column=column,
            value=error.value,
            expected=f"a period such as {calendar.labels[0]}, or {NEVER_HINT}",
            action="write cohorts as periods are written; empty the cells of units that are never treated",
        ) from error
    dated = calendar.kind != YEAR or 1000 <= int(calendar.numbers[0]) <= 3000
    fits = read.kind == calendar.kind or (
        dated and COARSE.index(read.kind) < COARSE.index(calendar.kind)
    )  # a finer start lies in one of the periods
    if not fits:
        raise InputError(
            "a cohort is written unlike the periods",
            column=column,
            value=plain(value),
            expected=f"a period such as {calendar.labels[0]}, or {NEVER_HINT}",
            action="write cohorts and periods in the same way",
        )
    number = int(read.numbers[0])
    if read.kind == YEAR and number < 0 <= int(calendar.numbers[0]):
        raise InputError(
            "a cohort is negative, and no period is: it looks like a code",
            column=column,
            value=number,
            expected=f"the first treated period, or {NEVER_HINT}",
            action="empty the cell if the unit is never treated; leave the unit out if its start is unknown",
        )
    return number, read.kind


def _between(numbers: list[int], calendar: Calendar) -> list[str]:
    """Say which starts fall between two periods."""
    inside = [n for n in sorted(set(numbers)) if calendar.numbers[0] < n < calendar.numbers[-1]]
    known = set(calendar.numbers.tolist())
    lost = [label(n, calendar.kind) for n in inside if n not in known]
    if not lost:
        return []
    return [f"Starts between two periods count from the next one: {listing(lost)}."]


def as_written(
    values: NDArray[Any], codes: NDArray[np.int64], distinct: Any, starts: NDArray[np.int64], never: int
) -> tuple[str, ...]:
    """(N,) cohorts of the units as they are written; empty for never treated.

    ``codes`` (N,) and ``distinct`` are those of the values, as of `factorized`.
    """
    if plain_numbers(values):  # whole numbers beside empty cells arrive as floats
        texts = [f"{v:.16g}" if isinstance(v, float) else str(v) for v in distinct.tolist()]
        named = np.where(starts < never, codes, len(texts)).tolist()
        return tuple(map([*texts, ""].__getitem__, named))
    return tuple("" if s >= never else str(v) for v, s in zip(values.tolist(), starts.tolist(), strict=True))


def is_indicator(distinct: Any) -> bool:
    """Whether the numbers among the distinct values of a column are 0 and 1."""
    if plain_numbers(distinct):
        return len(distinct) < 4 and {number for number in distinct.tolist() if number == number} == {0, 1}
    numbers = pd.to_numeric(distinct, errors="coerce")
    return set(numbers[~pd.isna(numbers)]) == {0, 1}


def check_cohort_column(
    values: pd.Series,
    unit: NDArray[np.int64],
    time: NDArray[np.int64],
    units: Sequence[Any],
    times: Sequence[Any],
    column: str,
) -> None:
    """Refuse a 0/1 treatment indicator given in place of the first treated period; see `is_indicator`."""
    numbers = pd.to_numeric(values, errors="coerce")
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
        expected=f"the first treated period of each unit; {NEVER_HINT}",
        action="give each unit its first treated period if treatment stays on; else name this column as dose",
    )
