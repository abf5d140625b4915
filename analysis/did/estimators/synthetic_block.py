"""Synthetic difference-in-differences for one cohort: unit weights, period weights, effect path.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), "Synthetic difference-in-differences",
American Economic Review 111(12), algorithm 1. Batched: a replicate of a placebo or bootstrap is one
more row of the same arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..numerics.frank_wolfe import simplex_weights, sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .averages import Array

FIRST_STEPS, MOST_STEPS = 100, 10_000  # before and after small weights are dropped, as in the paper's code
REPLICATE_STEPS = (
    1_000  # for placebo and bootstrap draws: moves their spread by under 1 %, a fifth of its own error
)
LEAST_DECREASE = 1e-5  # stop when the root mean squared error falls by less than this share of the noise
TINY = 1e-6  # ridge of period weights, and of unit weights in synthetic control, in units of the noise


@dataclass(frozen=True)
class Block:
    """One cohort against its donors.

    Parameters
    ----------
    donors, treated
        (N0, T) and (N1, T) outcomes.
    before
        T0, the number of periods before treatment; periods from ``after`` on are treated.
    after
        Position of the first treated period; larger than ``before`` with anticipation.
    synthetic_control
        Period weights zero and no intercept: the synthetic control of Abadie, Diamond and
        Hainmueller (2010).
    """

    donors: Array
    treated: Array
    before: int
    after: int
    synthetic_control: bool

    @property
    def noise(self) -> float:
        """Standard deviation of donors' period-to-period changes before treatment."""
        return float(np.diff(self.donors[:, : self.before], axis=1).std(ddof=1))

    @property
    def ridge(self) -> tuple[float, float]:
        """Regularisation zeta of unit and of period weights."""
        count = len(self.treated) * (self.donors.shape[1] - self.after)
        unit = TINY if self.synthetic_control else count**0.25
        return unit * self.noise, TINY * self.noise


@dataclass(frozen=True)
class Solution:
    """Weights and effects of B replicates: (B, n) donors, (B, T0) periods, (B, T1) effect path."""

    omega: Array
    lambdas: Array
    path: Array


def solve(block: Block) -> Solution:
    r"""Weights and effects of the data themselves (B = 1).

    Notes
    -----
    Unit weights minimise :math:`\sum_{t \le T_0} (w_0 + \sum_i w_i Y_{it} - \bar Y_{1t})^2 + T_0
    \zeta^2 |w|^2` with :math:`\zeta = (N_1 T_1)^{1/4} \hat\sigma`; period weights likewise, with a
    ridge that only breaks ties. The effect in period t is the treated mean less the weighted donors,
    less the weighted mean of that same difference before treatment.
    """
    number = len(block.donors)
    return solve_batch(
        block,
        block.donors[None],
        np.ones((1, number), dtype=bool),
        block.treated.mean(axis=0)[None],
        np.full((1, number), 1 / number),
        np.full((1, block.before), 1 / block.before),
        MOST_STEPS,
    )


def solve_batch(
    block: Block,
    donors: Array,
    present: NDArray[np.bool_],
    treated: Array,
    omega: Array,
    lambdas: Array,
    steps: int = REPLICATE_STEPS,
) -> Solution:
    """Weights and effects of B replicates, with the regularisation of the data themselves.

    Parameters
    ----------
    block
        Gives periods and regularisation.
    donors, present
        (B, n, T) donor outcomes and (B, n) which of them exist in the replicate.
    treated
        (B, T) mean outcome of the treated.
    omega, lambdas
        (B, n) and (B, T0) weights to start from.
    steps
        Most steps of the second round.
    """
    before, batch = block.before, len(donors)
    unit_ridge, period_ridge = block.ridge
    least = (LEAST_DECREASE * block.noise) ** 2
    early, late = donors[:, :, :before], donors[:, :, block.after :].mean(axis=2)
    counts = present.sum(axis=1)

    if block.synthetic_control:
        lambdas = np.zeros((batch, before))
    else:
        gaps = np.where(present[:, :, None], early - late[:, :, None], 0.0)  # rows: donors
        gaps -= gaps.sum(axis=1, keepdims=True) / counts[:, None, None]
        gaps[~present] = 0.0
        lambdas = _two_rounds(
            gaps, np.ones(lambdas.shape, dtype=bool), lambdas, counts, period_ridge, least, steps
        )
    gaps = np.swapaxes(early, 1, 2) - treated[:, :before, None]  # rows: periods
    if not block.synthetic_control:
        gaps = gaps - gaps.mean(axis=1, keepdims=True)
    gaps = np.where(present[:, None, :], gaps, 0.0)
    omega = _two_rounds(gaps, present, omega, np.full(batch, before), unit_ridge, least, steps)
    difference = treated - np.einsum("bn,bnt->bt", omega, donors)
    level = np.einsum("bt,bt->b", lambdas, difference[:, :before])
    return Solution(omega, lambdas, difference[:, block.after :] - level[:, None])


def _two_rounds(
    gaps: Array,
    allowed: NDArray[np.bool_],
    start: Array,
    rows: NDArray[np.int64],
    zeta: float,
    least: float,
    steps: int,
) -> Array:
    """A short round, small weights dropped, then a long round from there."""
    ridge, floor = rows.astype(float) * zeta**2, rows.astype(float) * least
    short = simplex_weights(gaps, allowed, start, ridge, floor, FIRST_STEPS)
    return simplex_weights(gaps, allowed, sparse(short), ridge, floor, steps)


def jackknife_paths(block: Block, found: Solution) -> tuple[Array, Array]:
    """Effect paths with each donor, then each treated unit, left out and the weights held fixed.

    Returns
    -------
    tuple
        (N0, T1) and (N1, T1); not a number where leaving the unit out leaves nobody.
    """
    omega, lambdas = found.omega[0], found.lambdas[0]
    rest = 1 - omega
    with np.errstate(divide="ignore", invalid="ignore"):
        without = np.where(rest > 1e-12, 1 / rest, np.nan)
        donors = (omega @ block.donors - omega[:, None] * block.donors) * without[:, None]
        number = len(block.treated)
        treated = (block.treated.sum(axis=0) - block.treated) / (number - 1 if number > 1 else np.nan)

    def path(difference: Array) -> Array:
        level = difference[:, : block.before] @ lambdas
        return difference[:, block.after :] - level[:, None]

    return path(block.treated.mean(axis=0) - donors), path(treated - omega @ block.donors)
