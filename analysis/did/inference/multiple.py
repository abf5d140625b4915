"""Several outcomes and horizons at once: step-down p-values under one permutation distribution.

Units are reassigned once per draw for all hypotheses together, so the dependence between outcomes
and horizons is kept. The largest statistic of each draw is what each is compared with; those that
stand out are taken away and the rest compared among themselves (Romano and Wolf 2005, "Exact and
approximate stepdown methods for multiple hypothesis testing").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..numerics.batch import make_plan
from ..numerics.p_values import p_values
from .counting import CHUNK, statistics
from .randomization import by_cohort
from .variation import check_scores_differ, check_variation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel
    from ..results import Estimate


@dataclass(frozen=True)
class Adjusted:
    """One hypothesis of a family.

    Parameters
    ----------
    outcome
        Name of the outcome.
    estimate
        The estimate tested.
    p_single
        Permutation p-value of this hypothesis alone.
    p_adjusted
        The smallest family-wise error rate at which it is rejected.
    """

    outcome: str
    estimate: Estimate
    p_single: float
    p_adjusted: float


def romano_wolf(
    panels: Mapping[str, Panel], name: str, options: Options, *,
    terms: tuple[str, ...] = ("att", "event"), least_event: int = 0, draws: int = 9_999, seed: int = 0,
) -> list[Adjusted]:  # fmt: skip
    """Family-wise p-values of an estimator over outcomes and horizons.

    Parameters
    ----------
    panels
        Panel of each outcome; the same units with the same starts in each.
    name
        An estimator linear in outcomes given the assignment.
    options
        As for the estimator.
    terms
        Terms in the family.
    least_event
        First event time in the family; those before are pre-trends, another family.
    draws, seed
        Number and seed of drawn assignments.

    Returns
    -------
    list of Adjusted
        Outcomes in the order given, estimates in the estimator's order.

    Raises
    ------
    InputError
        The panels differ in units or starts, or a panel has no linear form or an outcome without
        variation.

    Notes
    -----
    Statistics are estimates over their errors under the same assignment, so that outcomes in
    different units can be compared. p = (1 + #) / (1 + draws); adjusted ones never decrease down the
    list of statistics from the largest (Romano and Wolf 2016).
    """
    first = next(iter(panels.values()))
    labels, estimates, observed, plans = [], [], [], []
    for outcome, panel in panels.items():
        if panel.units != first.units or not np.array_equal(panel.cohort, first.cohort):
            raise InputError(f"{outcome} has other units or starts than {next(iter(panels))}")
        check_variation(panel)
        plan = make_plan(by_cohort(panel), name, options, terms)
        kept = [
            q
            for q, row in enumerate(plan.estimates)
            if np.abs(plan.weights[q]).max() > 0 and (row.event_time is None or row.event_time >= least_event)
        ]
        scores = plan.scores(panel.outcome)[kept]
        check_scores_differ(scores, panel.outcome)
        labels += [outcome] * len(kept)
        estimates += [plan.estimates[q] for q in kept]
        observed.append(np.abs(statistics(scores, plan.member[None], True)[0]))
        plans.append(scores)
    if not estimates:
        raise InputError(f"{name} has no estimate of {', '.join(terms)} on these panels")
    scores, actual = np.concatenate(plans), np.concatenate(observed)
    member = np.unique(first.cohort, return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    drawn = np.empty((draws, len(actual)))
    for start in range(0, draws, CHUNK):
        count = min(CHUNK, draws - start)
        members = rng.permuted(np.broadcast_to(member, (count, len(member))), axis=1)
        drawn[start : start + count] = np.abs(statistics(scores, members, True))
    single = p_values(drawn.T, actual, 1.0)
    adjusted = step_down(actual, drawn)
    return [
        Adjusted(labels[k], estimates[k], float(single[k]), float(adjusted[k])) for k in range(len(actual))
    ]


def step_down(actual: Array, drawn: Array) -> Array:
    """(S,) step-down p-values of (S,) studentised statistics against (B, S) draws; large ones are extreme."""
    order = np.argsort(-actual, kind="stable")
    # Largest draw among this hypothesis and those with smaller statistics.
    largest = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    result = np.empty(len(actual))
    result[order] = np.maximum.accumulate(p_values(largest.T, actual[order], 1.0))
    return result
