"""Randomisation test of an estimate over its error, and the confidence set that it implies.

When effects differ between units, or treated units are noisier than the others, the plain test may
reject too often although the mean effect is zero. Dividing each estimate by its error under the same
assignment repairs that in large samples and keeps the test exact under the sharp null.

The statistic under a null value tau is a ratio of polynomials in tau. Their coefficients are sums over
units and are computed once for all assignments, so that a p-value for any tau is one pass over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..numerics.batch import make_plan
from ..numerics.p_values import TIE, reached_ratio, share
from .confidence import cells_of
from .counting import subset_sums
from .randomization import EXACT_LIMIT, by_cohort
from .record import Inference, share_error
from .schemes import check_enough, count_assignments, list_assignments
from .variation import check_draws_differ, check_variation

if TYPE_CHECKING:
    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

Labels = NDArray[np.int64]
METHOD = "randomization_studentised"
ASSUMES = "as randomization; also right in large samples when effects differ between units"
CHUNK = 32_768  # assignments compared at once: they then stay in the processor's cache
STEPS = 40  # doublings in search of an end before it is called infinite


@dataclass(frozen=True)
class Polynomials:
    """What assignments give, as functions of the null value tau.

    Parameters
    ----------
    estimate
        (2, B) a and b: the estimate on outcomes less tau in treated cells is a - tau b.
    variance
        (3, B) its squared error is v0 - 2 tau v1 + tau^2 v2.
    """

    estimate: Array
    variance: Array

    def squares(self, tau: float, part: slice = slice(None)) -> tuple[Array, Array]:
        """(B,) squared estimates and squared errors at tau."""
        (a, b), (v0, v1, v2) = self.estimate[:, part], self.variance[:, part]
        return (a - tau * b) ** 2, np.maximum(v0 + tau * (tau * v2 - 2 * v1), 0.0)


def studentised_inference(
    panel: Panel, name: str, options: Options, *, terms: tuple[str, ...] = ("att",),
    draws: int = 99_999, seed: int = 0,
) -> list[Inference]:  # fmt: skip
    r"""P-values and confidence sets of studentised randomisation tests.

    Parameters
    ----------
    panel
        Balanced, unweighted, without covariates.
    name
        An estimator linear in outcomes given the assignment.
    options
        As for the estimator; ``level`` is the level of the sets.
    terms
        Terms judged.
    draws, seed
        Number and seed of drawn assignments where all are too many.

    Returns
    -------
    list of Inference
        A set runs, on each side of the estimate, to the first null value whose p-value is at most
        1 - level.

    Raises
    ------
    InputError
        As `confidence.randomization_inference`.

    Notes
    -----
    With :math:`u_i(a)` what unit i adds to the estimate under assignment a, the statistic is
    :math:`|\sum_i u_i| / \{\sum_g \sum_{i \in g} (u_i - \bar u_g)^2\}^{1/2}` on
    :math:`Y - \tau D`, D the treated cells (Wu and Ding 2021). Both sums are polynomials in tau. An
    assignment without variance counts as extreme.
    """
    panel = by_cohort(panel)
    check_variation(panel)
    plan = make_plan(panel, name, options, terms)
    if len(plan.sizes) < 2:
        raise InputError("all units start in the same period: there is nothing to reassign")
    total = count_assignments(plan.sizes.tolist())
    check_enough(total, options.level)
    whole = len(plan.sizes) == 2 and total <= EXACT_LIMIT
    members, exact = None, True
    if not whole:
        members, exact = list_assignments(plan.member, np.zeros_like(plan.member), draws, seed)
    found = []
    for q, row in enumerate(plan.estimates):
        if np.abs(plan.weights[q]).max() == 0:
            continue
        pair = np.stack(
            [plan.scores(panel.outcome)[q], plan.scores(cells_of(panel, row.event_time))[q]]
        )  # (2, H, N)
        actual = listed(pair, plan.member[None], len(plan.sizes))
        drawn = enumerated(pair, plan.sizes) if members is None else listed(pair, members, len(plan.sizes))
        check_draws_differ(drawn.estimate[0], panel.outcome)
        judge = Judge(drawn, actual, exact)
        p_value = judge.p_value(0.0)
        ends = [judge.end(row.estimate, side, 1 - options.level) for side in (-1.0, 1.0)]
        comparisons = drawn.estimate.shape[1] + (0 if exact else 1)
        found.append(
            Inference(
                METHOD, row.term, row.event_time, row.estimate, p_value, ends[0], ends[1],
                comparisons=comparisons, exact=exact, mc_error=share_error(p_value, comparisons, exact),
                assumes=ASSUMES,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Judge:
    """Compares the actual assignment with others, ``exact`` if these are all there are."""

    drawn: Polynomials
    actual: Polynomials
    exact: bool

    def p_value(self, tau: float) -> float:
        """Share of assignments whose statistic at tau is at least the actual one's."""
        own_top, own_square = (float(part[0]) for part in self.actual.squares(tau))
        number, count = self.drawn.estimate.shape[1], 0
        for first in range(0, number, CHUNK):
            top, square = self.drawn.squares(tau, slice(first, first + CHUNK))
            count += int(reached_ratio(top, square, own_top, own_square).sum())
        return float(share(count, number, exact=self.exact))

    def end(self, estimate: float, side: float, alpha: float) -> float:
        """First tau on one side of the estimate with a p-value of at most alpha, by bisection."""
        error = float(np.sqrt(self.actual.squares(estimate)[1][0]))
        step, inside = error, 0.0
        for _ in range(STEPS):
            if self.p_value(estimate + side * (inside + step)) <= alpha * (1 + TIE):
                break
            inside, step = inside + step, 1.5 * step
        else:
            return side * float("inf")
        outside = inside + step
        while outside - inside > 1e-6 * error + 1e-12 * outside:
            middle = (inside + outside) / 2
            if self.p_value(estimate + side * middle) <= alpha * (1 + TIE):
                outside = middle
            else:
                inside = middle
        return estimate + side * inside


def listed(pair: Array, members: Labels, groups: int) -> Polynomials:
    """Polynomials of (B, N) assignments from (2, H, N) scores of outcomes and treated cells."""
    estimate = np.zeros((2, len(members)))
    variance = np.zeros((3, len(members)))
    for group in range(groups):
        inside = (members == group).astype(float)
        y, d = pair[:, group]
        add(estimate, variance, inside @ np.stack([y, d, y * y, y * d, d * d]).T, inside.sum(axis=1))
    return Polynomials(estimate, variance)


def add(estimate: Array, variance: Array, sums: Array, size: Array) -> None:
    """Add one group's sums (B, 5) of y, d, yy, yd, dd to estimates and sums of squared deviations."""
    y, d, yy, yd, dd = sums.T
    estimate += np.stack([y, d])
    variance += np.stack([yy - y * y / size, yd - y * d / size, dd - d * d / size])


def enumerated(pair: Array, sizes: Labels) -> Polynomials:
    """Polynomials of all assignments to two groups, by halves as in `randomization_tests`."""
    small = int(np.argmin(sizes))
    size, units = int(sizes[small]), pair.shape[2]
    columns = []
    for y, d in (pair[:, small], pair[:, 1 - small]):
        columns += [y, d, y * y, y * d, d * d]
    values = np.stack(columns)[:, None, :]  # (10, 1, N)
    whole = values[5:].sum(axis=2)  # of the others' sums over all units
    middle = units // 2
    left, right = subset_sums(values[..., :middle], size), subset_sums(values[..., middle:], size)
    parts = []
    for k in range(max(0, size - (units - middle)), min(size, middle) + 1):
        sums = (left[k][:, 0, :, None] + right[size - k][:, 0, None, :]).reshape(10, -1)
        estimate, variance = np.zeros((2, sums.shape[1])), np.zeros((3, sums.shape[1]))
        add(estimate, variance, sums[:5].T, np.array(float(size)))
        add(estimate, variance, (whole - sums[5:]).T, np.array(float(units - size)))
        parts.append((estimate, variance))
    estimate, variance = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    return Polynomials(estimate, variance)
