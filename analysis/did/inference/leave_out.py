"""What an estimate owes to single units or cohorts, and what it shows where no effect can be.

Leave-one-out estimates find a result that hangs on one unit. Placebo dates put the start before the
true one and use untreated periods only; placebo units give the start to one untreated unit at a
time. Both should be near zero; what they are instead is the size of chance or of a failed comparison.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted
from ..panel.comparison import affected
from ..panel.panel import NEVER, Panel
from ..registry import check_reassignable, estimator
from ..results import GAP, NAN, Estimate
from ..scaling import in_own_unit, in_unit, without_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..options import Options


@dataclass(frozen=True)
class Refit:
    """The same estimate on a changed panel.

    Parameters
    ----------
    changed
        The unit or cohort left out, the placebo date, or the placebo unit.
    panel
        The changed panel, for further inference.
    estimate
        Its estimate; not a number, with a note that says why, where the changed panel has none.
    """

    changed: str
    panel: Panel
    estimate: Estimate


def leave_one_unit_out(panel: Panel, name: str, options: Options, *, term: str = "att") -> list[Refit]:
    """Re-estimate without each unit in turn, in the order of the units."""
    keep = ~np.eye(panel.n_units, dtype=bool)
    return [
        _refit(str(unit), panel.of_units(kept), name, options, term)
        for unit, kept in zip(panel.units, keep, strict=True)
    ]


def leave_one_cohort_out(panel: Panel, name: str, options: Options, *, term: str = "att") -> list[Refit]:
    """Re-estimate without each cohort in turn: treated ones, and those that start after the panel.

    A cohort without which nothing is left to compare is passed over.

    Raises
    ------
    InputError
        No cohort can be left out.
    """
    found = []
    for start in np.unique(panel.starts):
        rest = panel.of_units(panel.starts != start)
        if rest.n_units and affected(rest, options).any():
            found.append(_refit(_cohort_name(panel, int(start)), rest, name, options, term))
    if not found:
        raise InputError("no cohort can be left out: without any of them, nothing is left to compare")
    return found


def placebo_dates(panel: Panel, name: str, options: Options, *, term: str = "att") -> list[Refit]:
    """Estimate with every start moved 1, 2, ... periods ahead, on periods before the first true start.

    Raises
    ------
    InputError
        Fewer than two periods precede the first start, less anticipation, or treatment is a path.
    """
    check_reassignable(name)
    if not panel.cohorts:
        raise InputError("no unit starts inside the panel")
    first = panel.cohorts[0]
    stop = first - options.anticipation
    if stop < 2:
        raise InputError(f"{max(stop, 0)} periods precede the first start", expected="at least two")
    before = panel.of_units(panel.cohort > 0).until(stop)
    cohort = panel.cohort[panel.cohort > 0]
    found = []
    for shift in range(first - stop + 1, first):
        starts = np.where(cohort < NEVER, cohort - shift, NEVER)
        moved = replace(before, starts=starts, cohort=np.where(starts < stop, starts, NEVER))
        found.append(_refit(str(panel.label(first - shift)), moved, name, options, term))
    return found[::-1]


def placebo_units(panel: Panel, name: str, options: Options, *, term: str = "att") -> list[Refit]:
    """Estimate among untreated units alone, with each in turn given the first start.

    Raises
    ------
    InputError
        Fewer than three units are untreated throughout, nobody starts inside the panel, or treatment is a
        path.
    """
    check_reassignable(name)
    untreated: NDArray[np.bool_] = panel.cohort == NEVER
    if untreated.sum() < 3 or not panel.cohorts:
        raise InputError("placebo units need a start inside the panel and three untreated units")
    others = panel.of_units(untreated)
    found = []
    for k, unit in enumerate(others.units):
        starts = np.full(others.n_units, NEVER)
        starts[k] = panel.cohorts[0]
        found.append(
            _refit(str(unit), replace(others, starts=starts, cohort=starts.copy()), name, options, term)
        )
    return found


def _refit(changed: str, panel: Panel, name: str, options: Options, term: str) -> Refit:
    """Only the changed panel is at fault here, so that one gap leaves the other refits standing."""
    scaled, unit = in_own_unit(panel)
    try:
        rows = estimator(name)(scaled, replace(options, kernel="fast"))
    except InputError as error:
        return Refit(changed, panel, Estimate(name, term, NAN, note=GAP + error.problem))
    part = rows if isinstance(rows, Fitted) else Fitted(tuple(rows))
    for row in in_unit(without_noise(scaled, part), unit):
        if row.term == term:
            return Refit(changed, panel, row)
    raise InputError(f"{name} has no {term} with {changed} changed")


def _cohort_name(panel: Panel, start: int) -> str:
    """The period label, or how a start outside the panel was written."""
    if 0 <= start < panel.n_periods:
        return str(panel.label(start))
    written = sorted({panel.cohort_labels[k] for k in np.flatnonzero(panel.starts == start)})
    return written[0] or "never"
