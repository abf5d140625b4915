"""Randomisation test of an estimate over its error, and the confidence set that it implies.

When effects differ between units, or treated units are noisier than the others, the plain test may
reject too often although the mean effect is zero. Dividing each estimate by its error under the same
assignment repairs that in large samples and keeps the test exact under the sharp null.

The statistic under a null value tau is a ratio of polynomials in tau. Their coefficients are sums over
units and are computed once for all assignments, so that a p-value for any tau is one pass over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..numerics.batch import make_plan
from ..numerics.p_values import TIE, edge, reached_ratio, share
from .confidence import cells_of
from .counting import ROUNDING, subset_sums
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
HALVINGS = 3  # of an interval, after which it is asked again which assignments matter within it
LOST = ROUNDING  # of sums of squares; the actual assignment is among those compared and must reach itself
SLACK = 1e-12  # of the size of what is added: far above rounding


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

    def ranges(self, low: float, high: float, part: slice = slice(None)) -> tuple[Array, Array, Array, Array]:
        """(B,) limits of squared estimates and, after them, of squared errors, for tau from low to high."""
        (a, b), (v0, v1, v2) = np.abs(self.estimate[:, part]), self.variance[:, part]
        middle, half = (low + high) / 2, (high - low) / 2
        size = abs(middle) * b
        reach = half * b + SLACK * (a + size)
        centre = np.abs(self.estimate[0, part] - middle * self.estimate[1, part])
        error = v0 + middle * (middle * v2 - 2 * v1)
        slope = 2 * half * np.abs(middle * v2 - v1) + SLACK * (
            np.abs(v0) + 2 * abs(middle) * np.abs(v1) + middle**2 * np.abs(v2)
        )
        return (
            np.maximum(centre - reach, 0.0) ** 2,
            (centre + reach) ** 2,
            np.maximum(error - slope, 0.0),
            error + slope + half**2 * np.abs(v2),
        )


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
        actual = listed(pair, plan.member[None], len(plan.sizes), LOST)
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
    """Compares the actual assignment with others, ``exact`` if these are all there are.

    Parameters
    ----------
    drawn, actual, exact
        The other assignments, the actual one, and whether the others are all.
    settled, extreme
        Number of further assignments, whose comparison is known for every null value asked of, and how
        many of them are at least as extreme as the actual one.
    """

    drawn: Polynomials
    actual: Polynomials
    exact: bool
    settled: int = 0
    extreme: int = 0

    def p_value(self, tau: float) -> float:
        """Share of assignments whose statistic at tau is at least the actual one's."""
        own_top, own_square = (float(part[0]) for part in self.actual.squares(tau))
        number, count = self.drawn.estimate.shape[1], self.extreme
        for first in range(0, number, CHUNK):
            top, square = self.drawn.squares(tau, slice(first, first + CHUNK))
            count += int(reached_ratio(top, square, own_top, own_square).sum())
        return float(share(count, number + self.settled, exact=self.exact))

    def within(self, low: float, high: float) -> Judge:
        """The same p-values for null values from low to high, by the assignments that matter there.

        Limits of both statistics over the interval settle the others once for all.
        """
        least, most, smallest, largest = (float(part[0]) for part in self.actual.ranges(low, high))
        if smallest <= 0:
            return self
        below, above = (
            max(float(edge(np.sqrt(ratio), 1.0)), 0.0) ** 2 for ratio in (least / largest, most / smallest)
        )
        kept, extreme, number = [], self.extreme, self.drawn.estimate.shape[1]
        for first in range(0, number, CHUNK):
            part = slice(first, first + CHUNK)
            low_top, high_top, low_square, high_square = self.drawn.ranges(low, high, part)
            reaches = low_top > above * high_square * (1 + SLACK)
            open_still = ~reaches & (high_top >= below * low_square * (1 - SLACK))
            extreme += int(np.count_nonzero(reaches))
            kept.append(np.flatnonzero(open_still) + first)
        places = np.concatenate(kept)
        drawn = Polynomials(self.drawn.estimate[:, places], self.drawn.variance[:, places])
        return Judge(drawn, self.actual, self.exact, self.settled + number - len(places), extreme)

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
        outside, judge, halvings = inside + step, self, 0
        while outside - inside > 1e-6 * error + 1e-12 * outside:
            if halvings % HALVINGS == 0:
                judge = judge.within(*sorted((estimate + side * inside, estimate + side * outside)))
            middle, halvings = (inside + outside) / 2, halvings + 1
            if judge.p_value(estimate + side * middle) <= alpha * (1 + TIE):
                outside = middle
            else:
                inside = middle
        return estimate + side * inside


def listed(pair: Array, members: Labels, groups: int, lost: float = -LOST) -> Polynomials:
    """Polynomials of (B, N) assignments from (2, H, N) scores of outcomes and treated cells.

    ``lost`` times the sums of squares is added to variances.
    """
    estimate = np.zeros((2, len(members)))
    variance = np.zeros((3, len(members)))
    for group in range(groups):
        inside = (members == group).astype(float)
        y, d = pair[:, group]
        sums = inside @ np.stack([y, d, y * y, y * d, d * d]).T
        add(estimate, variance, sums.T, inside.sum(axis=1), lost)
    return Polynomials(estimate, variance)


def add(estimate: Array, variance: Array, sums: Array, size: Array | float, lost: float = -LOST) -> None:
    """Add one group's sums (5, B) of y, d, yy, yd, dd to estimates and sums of squared deviations.

    Rounding may have made the variance of the actual assignment smaller than that of the same one among those
    compared: ``lost`` raises the former and lowers the latter, by more than that.
    """
    y, d, yy, yd, dd = sums
    estimate[0] += y
    estimate[1] += d
    variance[0] += (1 + lost) * yy - y * y / size
    variance[1] += yd - y * d / size
    variance[2] += (1 + lost) * dd - d * d / size


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
    total, place = comb(units, size), 0
    estimate, variance = np.zeros((2, total)), np.zeros((3, total))
    for k in range(max(0, size - (units - middle)), min(size, middle) + 1):
        first, second = left[k][:, 0], right[size - k][:, 0]
        rows = max(1, CHUNK // second.shape[1])
        for row in range(0, first.shape[1], rows):
            sums = (first[:, row : row + rows, None] + second[:, None, :]).reshape(10, -1)
            part = slice(place, place + sums.shape[1])
            add(estimate[:, part], variance[:, part], sums[:5], float(size))
            add(estimate[:, part], variance[:, part], whole - sums[5:], float(units - size))
            place = part.stop
    return Polynomials(estimate, variance)
