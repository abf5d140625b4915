"""Randomisation tests under any scheme, and confidence sets by inverting them.

To test that the effect is tau in every treated cell, tau is taken off the treated outcomes and the
null of no effect is tested on what remains. With an estimate linear in outcomes, each assignment a
turns into an interval of tau in which it looks at least as extreme as the actual one. The confidence
set then needs the ends of those intervals only: nothing is searched, and nothing is approximated.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..numerics.batch import Plan, make_plan
from ..numerics.p_values import TIE, reached, share
from ..panel.panel import NEVER, Panel
from .counting import statistics, subset_sums
from .randomization import EXACT_LIMIT, by_cohort
from .record import Inference, share_error
from .schemes import (
    ENUMERATED,
    Labels,
    check_enough,
    count_admissible,
    count_assignments,
    drawn_sums,
    list_assignments,
    members_of,
)
from .variation import check_draws_differ, check_variation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..numerics.types import Array
    from ..options import Options
    from ..results import Estimate

ANYWHERE = "every choice of treated units was equally likely; one effect for all treated cells"
WITHIN = (
    "within strata, every choice of treated units was equally likely; one effect for all treated cells, "
    "estimated within strata"
)
LISTED = "every listed assignment was equally likely; one effect for all treated cells"


def randomization_inference(
    panel: Panel, name: str, options: Options, *, strata: Labels | None = None,
    admissible: Labels | None = None, method: str = "randomization", terms: tuple[str, ...] = ("att",),
    draws: int = 99_999, seed: int = 0, halving_limit: int = EXACT_LIMIT,
    estimates: Sequence[Estimate] | None = None,
) -> list[Inference]:  # fmt: skip
    r"""Permutation p-values and exact confidence sets.

    Parameters
    ----------
    panel
        Balanced, unweighted, without covariates.
    name
        An estimator linear in outcomes given the assignment.
    options
        As for the estimator; ``level`` is the level of the sets.
    strata
        (N,) labels; units trade places within a label only. Missing: anywhere.
    admissible
        (A, N) first treated position of each unit in every assignment that could have happened, coded
        as ``panel.cohort``, for a rule of selection that strata do not express. The actual one must be
        among them. A row that stands twice counts twice.
    method
        Name in the record.
    terms
        Terms judged.
    draws, seed
        Number and seed of drawn assignments where all are too many.
    halving_limit
        Assignments gone through by halves at most; a lower limit saves time in long series of tests.
    estimates
        The estimates of these terms on this panel, where the caller has them: the estimator is then not
        run again. Ignored where units start after the panel, which counts as never here.

    Returns
    -------
    list of Inference
        The set is the range of tau not rejected: p-value above 1 - level. With strata or a list the
        estimate is the one within it, see the notes.

    Raises
    ------
    InputError
        So few assignments are admissible that no p-value can reach 1 - level; the actual one is not
        among those listed; the outcome does not vary, all assignments give the same estimate or treat
        the same cells; or the panel or the estimator has no linear form.

    Notes
    -----
    With :math:`A_a = S_a(Y)` and :math:`B_a = S_a(D)`, D the cells the estimate averages, assignment
    a is at least as extreme at tau where :math:`|A_a - \tau B_a| \ge |A_0 - \tau B_0|`: the interval
    between :math:`(A_a \mp A_0) / (B_a \mp B_0)` if :math:`|B_a| < |B_0|`, which contains the estimate.
    The p-value thus falls to both sides of it. An assignment with :math:`|B_a| > |B_0|`, possible
    with negative weights, counts as extreme everywhere, which can only widen the set.

    Under a restricted scheme the mean over assignments is not zero: units of a rich stratum are treated
    more often in all of them. Both sums are then taken from their means over the scheme,
    :math:`A_a - \bar A` and :math:`B_a - \bar B`, and the estimate is the tau that makes the actual
    difference zero, :math:`(A_0 - \bar A)/(B_0 - \bar B)`. With one cohort this is the difference within
    strata, weighted by :math:`n_{1s} n_{0s} / n_s`.
    """
    known = None if (panel.starts != panel.cohort).any() else estimates
    panel = by_cohort(panel)
    check_variation(panel)
    plan = make_plan(panel, name, options, terms, known)
    if len(plan.sizes) < 2:
        raise InputError("all units start in the same period: there is nothing to reassign")
    sums: Callable[[Array], Array]  # (S, B) sums of (S, H, N) scores under the assignments
    if admissible is not None:
        members, exact = members_of(admissible, plan, panel.cohort), True
        check_enough(len(members), options.level)
        sums = partial(_listed_sums, members=members)
    else:
        labels = np.zeros(panel.n_units, dtype=int)
        if strata is not None:
            labels = np.unique(strata, return_inverse=True)[1]
        number = count_admissible(plan.member, labels)
        check_enough(number, options.level)
        exact = True
        if strata is None and len(plan.sizes) == 2 and number <= halving_limit:
            sums = partial(_all_sums, plan=plan)
        elif number <= ENUMERATED:
            sums = partial(_listed_sums, members=list_assignments(plan.member, labels, draws, seed)[0])
        else:
            exact = False
            sums = partial(drawn_sums, member=plan.member, strata=labels, draws=draws, seed=seed)
    assumes = LISTED if admissible is not None else ANYWHERE if strata is None else WITHIN
    found = []
    for q, row in enumerate(plan.estimates):
        if np.abs(plan.weights[q]).max() == 0:
            continue
        cells = cells_of(panel, row.event_time)
        scores = np.stack([plan.scores(panel.outcome)[q], plan.scores(cells)[q]])
        actual = statistics(scores, plan.member[None], False)[0]
        drawn = sums(scores)
        check_draws_differ(drawn[0], panel.outcome)
        value = row.estimate
        if strata is not None or admissible is not None:
            centre = (
                drawn.mean(axis=1) if admissible is not None else scheme_mean(scores, plan.member, labels)
            )
            actual, drawn = actual - centre, drawn - centre[:, None]
            check_draws_differ(drawn[1], None)
            value = float(actual[0] / actual[1])
        extra = 0 if exact else 1
        total = drawn.shape[1] + extra
        extreme = np.count_nonzero(reached(np.abs(drawn[0]), abs(actual[0])))
        low, high = invert(drawn, actual, options.level, extra)
        p_value = float(share(extreme, drawn.shape[1], exact=exact))
        found.append(
            Inference(
                method, row.term, row.event_time, value, p_value, low, high,
                comparisons=total, exact=exact, mc_error=share_error(p_value, total, exact), assumes=assumes,
            )
        )  # fmt: skip
    return found


def reassigned_estimates(panel: Panel, name: str, options: Options, *, term: str = "att") -> Array:
    """(B,) the overall estimate under every assignment of the treated units, the actual one among them.

    Raises
    ------
    InputError
        Several cohorts, too many assignments to list, no linear form, or no variation.
    """
    panel = by_cohort(panel)
    check_variation(panel)
    plan = make_plan(panel, name, options, (term,))
    total = count_assignments(plan.sizes.tolist())
    if len(plan.sizes) != 2 or total > EXACT_LIMIT:
        raise InputError(
            f"{total} assignments of {len(plan.sizes)} groups are not listed", expected="two groups"
        )
    found: Array = _all_sums(plan.scores(panel.outcome)[:1], plan)[0]
    return found


def invert(drawn: Array, actual: Array, level: float, extra: int) -> tuple[float, float]:
    """Ends of the set of tau with a p-value above 1 - level.

    Parameters
    ----------
    drawn
        (2, B) A and B of the assignments.
    actual
        (2,) A and B of the actual assignment, B not zero.
    level
        Of the set.
    extra
        Further assignments that are extreme at every tau: 1 where the actual one is not in ``drawn``.
    """
    (a, b), (a0, b0) = drawn, actual
    if b0 < 0:
        a, b, a0, b0 = -a, -b, -a0, -b0
    scale = max(float(np.abs(a).max()), abs(a0), 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        minus, plus = (a - a0) / (b - b0), (a + a0) / (b + b0)
    edge = np.flatnonzero(np.abs(b) > b0 * (1 - 1e-9))  # few: treated alike, mirrored, or larger
    if edge.size:
        c, r = a[edge], b[edge]
        same, mirrored = np.abs(r - b0) < 1e-9 * b0, np.abs(r + b0) < 1e-9 * b0
        # b = b0: a half-line, or everything if the estimates are equal too.
        first = np.where(same, np.where(c > a0, -np.inf, np.inf), minus[edge])
        second = np.where(mirrored, np.where(c > -a0, np.inf, -np.inf), plus[edge])
        always = ~same & ~mirrored
        always |= (same & (np.abs(c - a0) < TIE * scale)) | (mirrored & (np.abs(c + a0) < TIE * scale))
        minus[edge] = np.where(always, -np.inf, first)
        plus[edge] = np.where(always, np.inf, second)
    lower, upper = np.minimum(minus, plus), np.maximum(minus, plus)
    place = int(np.floor((1 - level) * (len(a) + extra) + 1e-9)) - extra
    if place < 0:
        return -np.inf, np.inf
    place = min(place, len(a) - 1)
    lower.partition(place)
    upper.partition(len(a) - 1 - place)
    return float(lower[place]), float(upper[len(a) - 1 - place])


def scheme_mean(scores: Array, member: Labels, strata: Labels) -> Array:
    """(S,) means of (S, H, N) scores over all assignments within strata."""
    mean = np.zeros(len(scores))
    for stratum in np.unique(strata):
        inside = strata == stratum
        share = np.bincount(member[inside], minlength=scores.shape[1]) / inside.sum()
        mean += np.einsum("h,shn->s", share, scores[:, :, inside])
    return mean


def cells_of(panel: Panel, event_time: int | None) -> Array:
    """(N, T) one in the cells that an effect is taken off: treated ones, or those at one event time."""
    distance = np.arange(panel.n_periods) - panel.cohort[:, None]
    treated = (panel.cohort < NEVER)[:, None]
    return (treated & (distance >= 0 if event_time is None else distance == event_time)).astype(float)


def _listed_sums(scores: Array, members: Labels) -> Array:
    """(S, B) sums of (S, H, N) scores under (B, N) assignments."""
    return statistics(scores, members, False).T


def _all_sums(scores: Array, plan: Plan) -> Array:
    """(S, B) sums of (S, H, N) scores under all assignments to two groups, by halves."""
    small = int(np.argmin(plan.sizes))
    size, units = int(plan.sizes[small]), scores.shape[2]
    values = (scores[:, small] - scores[:, 1 - small])[:, None, :]
    constant = scores[:, 1 - small].sum(axis=1)[:, None]
    middle = units // 2
    left, right = subset_sums(values[..., :middle], size), subset_sums(values[..., middle:], size)
    total, place = np.empty((len(scores), count_assignments(plan.sizes.tolist()))), 0
    for k in range(max(0, size - (units - middle)), min(size, middle) + 1):
        first, second = left[k][:, 0, :, None], right[size - k][:, 0, None, :]
        part = total[:, place : place + first.shape[1] * second.shape[2]]
        np.add(first, second, out=part.reshape(len(scores), first.shape[1], -1))
        part += constant
        place += part.shape[1]
    assert place == total.shape[1]
    return total
