r"""A difference-in-differences of an outcome that is a statistic plus an unknown count within a set.

The outcome is :math:`Y_{it} = W_{it} + x_{it} / d_i`: W is printed, x is enrolment, of which the published
figures give only a set. A difference-in-differences with fixed weights :math:`\omega_{it}` is linear, so

    estimate set = DID(W) + [min, max] of sum_it omega_it x_it / d_i  over the set,

two linear programs over one set, not the difference of intervals: what one province has more of a national
count another has less of. For one cohort the weights are those of the group-time effect with not-yet-treated
controls (mean after the start less the last period before, treated less others).

How sampling inference joins the set: the count has no sampling error, the set is known. If [L, U] covers
the effect on W with probability 1 - a, then [L + min, U + max] covers every value of the effect on Y that
the set allows with that probability at least. It is wider than needed for a single value of it: where the
set is wide against the noise, one tail each would do (Imbens and Manski 2004). Nothing is gained by that
here, and the wider one needs no further assumption.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.base.errors import InputError
from analysis.did import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from analysis.bounds.model import EnrolmentSet
    from analysis.did import Panel
    from analysis.did.numerics.types import Array


@dataclass(frozen=True)
class IntervalEffect:
    """Bounds on a difference-in-differences; ends are missing (infinite) where nothing limits them.

    Parameters
    ----------
    statistic
        Estimate on W alone.
    added_low, added_high
        Ends of what the unknown count adds.
    low, high
        Ends of the estimate.
    ci_low, ci_high
        The joined set, see the module.
    """

    statistic: float
    added_low: float
    added_high: float
    low: float
    high: float
    ci_low: float
    ci_high: float


def group_time_weights(panel: Panel) -> Array:
    """(N, T) weights that turn outcomes into the mean effect on the one cohort that starts in the panel.

    Raises
    ------
    InputError
        Several cohorts start, or none has a period before.
    """
    if len(panel.cohorts) != 1 or panel.cohorts[0] < 1:
        raise InputError("bounds on a difference need one cohort with a period before its start")
    (first,) = panel.cohorts
    path = np.zeros(panel.n_periods)
    path[first:] = 1.0 / (panel.n_periods - first)
    path[first - 1] = -1.0
    treated = panel.cohort < NEVER
    share = np.where(treated, 1.0 / treated.sum(), -1.0 / (~treated).sum())
    return np.asarray(share[:, None] * path)


def added(
    weights: Array, units: Sequence[str], quarters: Sequence[pd.Period], per: Array, counts: EnrolmentSet
) -> tuple[float, float]:
    """Ends of ``sum_it weights_it x_it / per_i`` over the set of counts.

    Parameters
    ----------
    weights
        (N, T) of the rates.
    units, quarters
        Province of each row and quarter-end of each column.
    per
        (N,) persons whose share is one.
    counts
        The set. A cell that it does not hold has no pilot yet, so its count is zero.
    """
    vector = np.zeros(counts.size)
    for row, unit in enumerate(units):
        for column, quarter in enumerate(quarters):
            place = counts.position(unit, quarter)
            if place is not None:
                vector[place] += weights[row, column] / per[row]
    return counts.extreme(vector, "lower").value, counts.extreme(vector, "upper").value


def interval_effect(statistic: tuple[float, float, float], ends: tuple[float, float]) -> IntervalEffect:
    """Join the estimate on the printed part, with its confidence set, and what the count adds.

    Parameters
    ----------
    statistic
        Estimate, lower and upper end of its set.
    ends
        From `added`.
    """
    value, ci_low, ci_high = statistic
    low, high = ends
    assert low <= high + 1e-9 or math.isnan(low), "the ends of a set are in order"
    return IntervalEffect(value, low, high, value + low, value + high, ci_low + low, ci_high + high)
