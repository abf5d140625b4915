"""The grid of group-time cells: which cohort, period, base period and controls each one compares.

A cell compares the change of cohort g from its base period to t with the same change among controls.
Cells from the start on, and anticipation periods, use the last observed period that cannot respond as
base. Earlier cells use the observed period before (varying base) or that same last period (universal base).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..panel.panel import NEVER, Panel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..options import Options


@dataclass(frozen=True)
class Grid:
    """C cells over H groups of units (cohorts in order, the never treated last).

    Parameters
    ----------
    groups
        (H,) first treated position of each group.
    member
        (N,) group of each unit.
    cohort, period, base
        (C,) positions.
    before
        (C,) the cohort's last observed period that cannot respond, whatever the cell's own base.
    group
        (C,) index into ``groups`` of the treated cohort.
    controls
        (C, H) whether a group serves as control in a cell.
    reference
        (C,) whether the cell is its own base period: zero by construction.
    unidentified
        Positions of cohorts without a base period.
    """

    groups: NDArray[np.int64]
    member: NDArray[np.int64]
    cohort: NDArray[np.int64]
    period: NDArray[np.int64]
    base: NDArray[np.int64]
    before: NDArray[np.int64]
    group: NDArray[np.int64]
    controls: NDArray[np.bool_]
    reference: NDArray[np.bool_]
    unidentified: tuple[int, ...]

    @property
    def event_time(self) -> NDArray[np.int64]:
        """(C,) periods since the start of treatment."""
        return self.period - self.cohort

    @property
    def size(self) -> int:
        """C."""
        return len(self.cohort)


def make_grid(panel: Panel, options: Options) -> Grid:
    """Lay out the cells of a panel that has been through `comparison.comparable`.

    Raises
    ------
    InputError
        No cohort has a base period.
    """
    ahead = options.anticipation
    groups = np.array([*panel.cohorts, NEVER])
    member = groups.searchsorted(panel.cohort)
    starts, periods = groups[:-1], panel.seen.nonzero()[0]
    based = panel.last_observed(starts - ahead - 1) >= 0
    if not based.any():
        raise InputError(f"no cohort has a period before treatment with {ahead} periods of anticipation")
    known = based.nonzero()[0]
    cohort, time = np.divmod(np.arange(len(known) * len(periods)), len(periods))
    group, period = known[cohort], periods[time]
    cohort = starts[group]
    before = base = panel.last_observed(cohort - ahead - 1)
    if options.base == "varying":
        base = np.where(period >= cohort - ahead, base, panel.last_observed(period - 1))
        kept = (base >= 0).nonzero()[0]
        group, period, cohort, base, before = (x[kept] for x in (group, period, cohort, base, before))
    reach = np.maximum(period, base) + ahead
    controls = np.zeros((len(group), len(groups)), dtype=bool)
    controls[:, -1] = True
    if options.control == "not_yet":
        controls |= groups > reach[:, None]
        controls[np.arange(len(group)), group] = False
    return Grid(
        groups=groups,
        member=member,
        cohort=cohort,
        period=period,
        base=base,
        before=before,
        group=group,
        controls=controls,
        reference=period == base,
        unidentified=tuple(starts[~based].tolist()),
    )
