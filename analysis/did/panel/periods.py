"""Time as the user writes it, turned into positions 0..T-1 and back.

Positions are the periods that somebody observed. Where these are not equally spaced, ``time_gaps`` says
what that means, once for all estimators: ``rank`` numbers them in order, as waves of a survey are
numbered, so that event time counts observed periods; ``keep`` keeps the absent periods as empty ones, so
that event time counts periods of the calendar; ``refuse`` stops. Under either, effects are measured from
the last observed period before the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .arrays import factorized, plain_numbers, ranked, recoded
from .codes import CODES
from .gate import check_no_blank, counted, listing
from .written import DAY, YEAR, at_own_frequency, label, labelled, read_written

if TYPE_CHECKING:
    from numpy.typing import NDArray

TIME_GAPS = ("rank", "keep", "refuse")
MOST_EMPTY = 20  # empty periods kept for each observed one; beyond, the unit of time is too fine
FAR = 10  # a period this many spans away from all others is a slip of the pen


@dataclass(frozen=True)
class Calendar:
    """The panel's periods.

    Parameters
    ----------
    numbers
        (T,) in order; see `written.Written`.
    step
        Smallest distance between two of them.
    kind
        Years (or any whole numbers), quarters, months or days.
    digits
        What digits stand for where they are no plain numbers; empty otherwise.
    """

    numbers: NDArray[np.int64]
    step: int
    kind: str
    digits: str

    @cached_property
    def labels(self) -> tuple[int | str, ...]:
        """All periods in order."""
        return labelled(self.numbers, self.kind)

    def position(self, number: int) -> int:
        """Position of a start: of the first period at or after it; T or more after the last."""
        beyond = int(number) - int(self.numbers[-1])
        if beyond > 0:
            return len(self.numbers) - 1 - (-beyond // self.step)
        return int(self.numbers.searchsorted(number))


@dataclass(frozen=True)
class Times:
    """Periods of all rows.

    Parameters
    ----------
    position
        (R,) position of each row's period; -1 where nobody is observed in it and it has no position.
    code
        (R,) each row's period among all written ones, those without any outcome too.
    labels
        Labels of the codes.
    calendar, notes
        The panel's periods, and what was assumed about them.
    """

    position: NDArray[np.int64]
    code: NDArray[np.int64]
    labels: tuple[int | str, ...]
    calendar: Calendar
    notes: list[str]


def read_times(
    values: pd.Series | NDArray[Any], column: str, seen: NDArray[np.bool_], time_gaps: str = "rank"
) -> Times:
    """Read the column of periods.

    Parameters
    ----------
    values
        (R,) as written.
    seen
        (R,) whether the row has an outcome: only periods with one are periods of the panel.
    time_gaps
        One of `TIME_GAPS`.

    Raises
    ------
    InputError
        A period is missing or unreadable, there are fewer than two, one is far from all others, or they
        are not equally spaced and that is to be refused.
    """
    if time_gaps not in TIME_GAPS:
        raise InputError(f"time_gaps is {time_gaps!r}", expected=f"one of {', '.join(TIME_GAPS)}")
    codes, distinct = factorized(values)
    check_no_blank(codes, column, "period")
    written = read_written(distinct if plain_numbers(distinct) else pd.Index(distinct), column)
    notes = []
    if written.digits:
        notes.append(f"Periods such as {distinct[0]} were read as {written.kind}s.")
    read = at_own_frequency(written)
    if written.kind == DAY and read.kind != DAY:
        notes.append(f"Periods written as dates were read as {read.kind}s.")
    every, code = ranked(read.numbers)
    if len(every) < len(distinct) and written.kind == DAY and read.kind != DAY:
        read, (every, code) = written, ranked(written.numbers)
    code = recoded(code, codes)
    present = np.bincount(code if seen.all() else code[seen], minlength=len(every)) > 0
    ordered = every if present.all() else every[present]
    if len(ordered) < 2:
        raise InputError(
            "the panel has one period with outcomes; a comparison needs at least two",
            column=column,
            action="add the periods before treatment, or check that this is the column of periods",
        )
    steps = ordered[1:] - ordered[:-1]
    calendar = Calendar(ordered, int(steps.min()), read.kind, written.kind if written.digits else "")
    if (steps != calendar.step).any():
        _check_not_far(calendar, column)
        calendar, said = _with_gaps(calendar, column, time_gaps)
        notes.append(said)
    elif calendar.step > 1:
        notes.append(f"Periods are {calendar.step} apart; event time counts periods.")
    labels = labelled(every, read.kind)
    unseen = [labels[k] for k in (~present).nonzero()[0].tolist()]
    if unseen:
        what = counted(len(unseen), "period has rows", "periods have rows")
        notes.append(f"{what} but no outcome, and count as not observed: {listing(unseen)}.")
    if calendar.numbers is every:
        return Times(code, code, labels, calendar, notes)
    place = np.searchsorted(calendar.numbers, every).clip(max=len(calendar.numbers) - 1)
    place = np.where(calendar.numbers[place] == every, place, -1)
    return Times(recoded(place, code), code, labels, calendar, notes)


def _check_not_far(calendar: Calendar, column: str) -> None:
    """Refuse a code such as 9999 or -9, or a slip such as 20144, among the periods."""
    numbers = calendar.numbers
    for odd, rest in ((numbers[-1], numbers[:-1]), (numbers[0], numbers[1:])):
        distance = int(np.abs(rest - odd).min())
        span = int(rest[-1] - rest[0])
        coded = calendar.kind == YEAR and int(odd) in CODES
        if (coded and distance > span) or (len(rest) > 2 and distance > FAR * span):
            raise InputError(
                f"one period is far from all others, which go from {label(int(rest[0]), calendar.kind)} to "
                f"{label(int(rest[-1]), calendar.kind)}",
                column=column,
                value=label(int(odd), calendar.kind),
                expected="periods of one study; no code for missing",
                action="correct the period in these rows, or take the rows out",
            )


def _with_gaps(calendar: Calendar, column: str, time_gaps: str) -> tuple[Calendar, str]:
    """Return the calendar that an uneven list of periods means, and the words for it."""
    labels, steps = calendar.labels, np.diff(calendar.numbers)
    wide = np.flatnonzero(steps != calendar.step)
    gaps = listing([f"{labels[k]} to {labels[k + 1]}" for k in wide.tolist()])
    if time_gaps == "refuse":
        raise InputError(
            f"periods are not equally spaced: the step is {calendar.step}, but one goes from {gaps}",
            column=column,
            action="let time gaps be rank, and observed periods are numbered in order, or keep, and event "
            "time counts the absent periods too",
        )
    reference = "Effects are measured from the last observed period before the start."
    if time_gaps == "rank":
        return calendar, (
            f"Periods are not equally spaced ({gaps}): event time counts observed periods, in order. "
            f"{reference}"
        )
    step = int(np.gcd.reduce(steps))
    numbers = np.arange(calendar.numbers[0], calendar.numbers[-1] + 1, step)
    if len(numbers) > MOST_EMPTY * len(labels):
        raise InputError(
            f"keeping absent periods would make {len(numbers)} periods of {len(labels)}",
            column=column,
            action="let time gaps be rank, or give periods in a coarser unit, such as months for days",
        )
    absent = [label(number, calendar.kind) for number in np.setdiff1d(numbers, calendar.numbers).tolist()]
    what = counted(len(absent), "period is", "periods are")
    return Calendar(numbers, step, calendar.kind, calendar.digits), (
        f"{what} not observed and kept empty: {listing(absent)}. Event time counts them too. {reference}"
    )
