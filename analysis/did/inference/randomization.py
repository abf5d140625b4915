"""Randomisation inference: how often another choice of treated units gives as large an estimate.

Under the sharp null of no effect on any unit in any period, outcomes stay what they are whichever
units start when. Starting dates are reassigned among units, keeping how many start when; the p-value
is the share of assignments whose statistic is at least as large, in absolute value, as the one seen.
It is exact if units were exchangeable in who was treated, whatever the number of units.

All assignments are gone through where they are few enough: 2.6 million of 7 in 31 take a fraction of a
second (`counting`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..numerics.batch import make_plan
from ..numerics.p_values import edge, share
from .counting import count_all, count_drawn, count_listed, statistics
from .record import share_error
from .schemes import ENUMERATED, count_assignments, list_assignments
from .variation import check_scores_differ, check_variation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..options import Options
    from ..panel.panel import Panel
    from ..results import Estimate

EXACT_LIMIT = 10_000_000  # assignments enumerated at most; beyond, they are drawn

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class RandomizationTest:
    """Result of one test.

    Parameters
    ----------
    estimate
        The estimate tested; its term and event time say which.
    statistic
        The estimate, or the estimate over its error if ``studentised``.
    p_value
        Two-sided.
    assignments
        Number of assignments compared, the actual one among them.
    exact
        Whether these are all assignments there are.
    error
        Monte Carlo standard error of the p-value; 0 if exact.
    """

    estimate: Estimate
    statistic: float
    p_value: float
    assignments: int
    exact: bool
    error: float
    studentised: bool


def randomization_tests(
    panel: Panel,
    name: str,
    options: Options,
    *,
    terms: tuple[str, ...] = ("att", "event"),
    studentised: bool = False,
    draws: int = 99_999,
    seed: int = 0,
) -> list[RandomizationTest]:
    r"""Test the sharp null for every estimate of some terms.

    Parameters
    ----------
    panel
        Balanced, unweighted, without covariates. Units that start after the panel count as
        untreated, as for the estimators.
    name
        An estimator linear in outcomes given the assignment (all but the synthetic ones).
    options
        As for the estimator.
    terms
        Terms tested.
    studentised
        Divide each estimate by its error under the same assignment. In large samples the test
        then also keeps its level, if conservatively, when effects differ between units and are zero
        on average (Wu and Ding 2021, for randomised experiments).
    draws, seed
        Number and seed of drawn assignments where all are too many (`EXACT_LIMIT` of one cohort,
        `schemes.ENUMERATED` of several).

    Notes
    -----
    p = #{|S(a)| >= |S(actual)|} / #assignments over all of them, or (1 + #) / (1 + draws) over
    drawn ones (Phipson and Smyth 2010), ties counted by `numerics.p_values`. The error of an estimate
    :math:`\sum_i v_i(a_i)` is
    :math:`\{\sum_g \sum_{i \in g} (v_i - \bar v_g)^2\}^{1/2}`: the clustered influence-function error with
    cohort shares taken as given.

    Raises
    ------
    InputError
        The panel or the estimator has no linear form, the outcome does not vary, or all units are in
        one group.
    """
    check_variation(panel)
    plan = make_plan(by_cohort(panel), name, options, terms)
    if len(plan.sizes) < 2:
        raise InputError("all units start in the same period: there is nothing to reassign")
    kept = [q for q, row in enumerate(plan.estimates) if np.abs(plan.weights[q]).max() > 0]
    scores = plan.scores(panel.outcome)[kept]
    check_scores_differ(scores, panel.outcome)
    observed = statistics(scores, plan.member[None], studentised)[0]
    bound = edge(np.abs(observed), 1.0 if studentised else usual_size(scores, plan.sizes))
    total = count_assignments(plan.sizes.tolist())
    halved = total <= EXACT_LIMIT and len(plan.sizes) == 2
    exact = halved or total <= ENUMERATED
    if exact:
        if halved:
            exceed = count_all(scores, plan.sizes, bound, studentised)
        else:
            members, _ = list_assignments(plan.member, np.zeros_like(plan.member), 0, seed)
            exceed = count_listed(scores, members, bound, studentised)
        p_values, errors, compared = share(exceed, total, exact=True), np.zeros(len(kept)), total
    else:
        exceed = count_drawn(scores, plan.member, bound, studentised, draws, seed)
        p_values, compared = share(exceed, draws), draws + 1
        errors = np.array([share_error(p, compared) for p in p_values])
    return [
        RandomizationTest(
            plan.estimates[q], float(observed[k]), float(p_values[k]), compared, exact, float(errors[k]),
            studentised,
        )
        for k, q in enumerate(kept)
    ]  # fmt: skip


def randomization_p_value(
    panel: Panel, name: str, options: Options, *, term: str = "att", event_time: int | None = None,
    studentised: bool = False, draws: int = 99_999, seed: int = 0,
) -> RandomizationTest:  # fmt: skip
    """One test of `randomization_tests`, by term and event time.

    Raises
    ------
    InputError
        The estimator does not report that term and event time on this panel.
    """
    tests = randomization_tests(
        panel, name, options, terms=(term,), studentised=studentised, draws=draws, seed=seed
    )
    for test in tests:
        if test.estimate.event_time == event_time:
            return test
    raise InputError(f"{name} has no {term} at event time {event_time} on this panel")


def with_randomization(
    panel: Panel, estimates: Sequence[Estimate], options: Options, *,
    terms: tuple[str, ...] = ("att", "att_simple", "event"), studentised: bool = False,
    draws: int = 99_999, seed: int = 0,
) -> list[Estimate]:  # fmt: skip
    """Return the estimates with ``p_randomization`` filled for the terms asked for.

    An estimator without a linear form keeps an empty p-value and a note that says why.
    """
    filled: list[Estimate] = list(estimates)
    for name in dict.fromkeys(row.estimator for row in estimates):
        wanted = tuple(t for t in terms if any(r.estimator == name and r.term == t for r in estimates))
        if not wanted:
            continue
        try:
            tests = randomization_tests(
                panel, name, options, terms=wanted, studentised=studentised, draws=draws, seed=seed
            )
        except InputError as error:
            for k, row in enumerate(filled):
                if row.estimator == name and row.term in wanted:
                    why = f"No randomisation p-value: {error.problem}."
                    filled[k] = replace(row, note=f"{row.note} {why}".strip())
            continue
        found = {(t.estimate.term, t.estimate.event_time): t for t in tests}
        for k, row in enumerate(filled):
            test = found.get((row.term, row.event_time))
            if row.estimator != name or test is None:
                continue
            how = "all" if test.exact else "drawn"
            filled[k] = replace(
                row,
                p_randomization=test.p_value,
                inference=f"{row.inference}; randomisation over {test.assignments} {how} assignments",
            )
    return filled


def by_cohort(panel: Panel) -> Panel:
    """Late starts are merged with never treated: within the panel they are the same."""
    return replace(panel, starts=panel.cohort)


def usual_size(scores: Vector, sizes: NDArray[np.int64]) -> Vector:
    r"""(Q,) size of an estimate under reassignment, from (Q, H, N) scores.

    Notes
    -----
    :math:`\{\sum_h \frac{n_h}{N} \sum_i (v_{hi} - \bar v_h)^2\}^{1/2}`: the root of
    what the squared error is on average over assignments, but for its degrees of freedom.
    """
    spread = ((scores - scores.mean(axis=2, keepdims=True)) ** 2).sum(axis=2)
    return np.asarray(np.sqrt(spread @ sizes / sizes.sum()))
