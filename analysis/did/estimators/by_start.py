"""Units that start together are one row where no outcome is missing and weights do not change.

Estimators that compare changes between cohorts then need the mean of each cohort only, and what a unit
adds to an estimate is linear in its own outcomes, with coefficients that its cohort shares: all estimates
of a large panel follow from one product for each cohort. Where outcomes are missing every unit is a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..panel.panel import Panel


BLOCK = 2_048  # units that stay in the processor's cache while means are taken off


@dataclass(frozen=True, eq=False)
class Rows:
    """R rows over T periods.

    Parameters
    ----------
    outcome
        (R, T) weighted mean of the row's units, NaN where missing. Where rows are cohorts, unit and period
        means are taken off first, which drop out of every comparison of changes.
    cohort, starts
        (R,) as in `Panel`.
    weights, counts
        (R,) sum of the units' weights, and their number.
    units
        (N, T) outcomes of the units, less the means, in the order of ``order``.
    order
        (N,) units sorted by row.
    ends
        (R + 1,) where the units of a row begin and end in ``order``.
    """

    outcome: Array
    cohort: NDArray[np.int64]
    starts: NDArray[np.int64]
    weights: Array
    counts: NDArray[np.int64]
    units: Array
    order: NDArray[np.int64]
    ends: NDArray[np.int64]

    @property
    def together(self) -> bool:
        """Whether rows are cohorts, not units."""
        return len(self.outcome) < len(self.units)

    def of_units(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(N,) whether a unit's row is among (R,) rows."""
        found = np.empty(len(self.order), dtype=bool)
        found[self.order] = np.repeat(rows, self.counts)
        return found

    def scores(self, loads: Array, constants: Array, weights: Array) -> Array:
        """(N, Q) weight x (outcomes x loads - constant) of each unit; loads (R, T, Q), constants (R, Q)."""
        found = np.empty((len(self.order), loads.shape[2]))
        for r, (first, last) in enumerate(pairwise(self.ends)):
            own = self.units[first:last] @ loads[r]
            own -= constants[r]
            members = self.order[first:last]
            if (weights[members] != 1).any():
                own *= weights[members, None]
            found[members] = own
        return found

    def squares(self, loads: Array, constants: Array, weights: Array) -> Array:
        """(Q,) sums over units of the squares of `scores`, from one product for each row."""
        total: Array = np.zeros(loads.shape[2])
        for r, (first, last) in enumerate(pairwise(self.ends)):
            own, mass = self.units[first:last], weights[self.order[first:last]]
            if (mass != 1).any():
                own = own * mass[:, None]
            level = own.T @ mass
            total += np.einsum("tq,tq->q", own.T @ own @ loads[r], loads[r])
            total += constants[r] * (constants[r] * (mass @ mass) - 2 * (level @ loads[r]))
        return total


def rows_by_start(panel: Panel) -> Rows:
    """Cohorts as rows where the panel is balanced and weights do not change, else units."""
    number = panel.n_units
    everyone = np.arange(number)
    first_of = np.unique(panel.starts, return_index=True)[1]
    if not panel.balanced or len(first_of) == number or panel.period_weights is not None:
        ones = np.ones(number, dtype=np.int64)
        ends = np.arange(number + 1)
        return Rows(
            panel.outcome, panel.cohort, panel.starts, panel.weights, ones, panel.outcome, everyone, ends
        )
    order = np.argsort(panel.starts, kind="stable")
    level = panel.outcome.sum(axis=1) / panel.n_periods
    trend = panel.outcome.sum(axis=0) / number - level.sum() / number
    units = np.empty_like(panel.outcome)
    for first in range(0, number, BLOCK):
        some = order[first : first + BLOCK]
        part = panel.outcome[some]
        part -= level[some, None]
        part -= trend
        units[first : first + BLOCK] = part
    counts = np.unique(panel.starts, return_counts=True)[1]
    ends = np.append(0, np.cumsum(counts))
    weights = panel.weights[order]
    totals = np.add.reduceat(weights, ends[:-1])
    means = [weights[a:b] @ units[a:b] for a, b in pairwise(ends)]
    return Rows(
        outcome=np.stack(means) / totals[:, None],
        cohort=panel.cohort[first_of],
        starts=panel.starts[first_of],
        weights=totals,
        counts=counts,
        units=units,
        order=order,
        ends=ends,
    )
