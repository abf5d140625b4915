"""Synthetic difference-in-differences for one cohort: unit weights, period weights, effect path.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), "Synthetic difference-in-differences",
American Economic Review 111(12), algorithm 1. Batched: a replicate of a placebo or bootstrap is one
more row of the same arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..numerics.simplex import simplex_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..numerics.types import Array


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

    @cached_property
    def mean(self) -> Array:
        """(T,) mean outcome of the treated."""
        found: Array = self.treated.mean(axis=0)
        return found

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
    present = np.ones((1, len(block.donors)), dtype=bool)
    return solve_batch(block, block.donors[None], present, block.mean[None])


def solve_batch(
    block: Block,
    donors: Array,
    present: NDArray[np.bool_],
    treated: Array,
    weigh: Callable[[Array, NDArray[np.bool_], Array], Array] = simplex_weights,
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
    weigh
        Solves the two problems of weights; another one than ours to compare with.
    """
    before, batch = block.before, len(donors)
    unit_ridge, period_ridge = block.ridge
    early, late = donors[:, :, :before], donors[:, :, block.after :].mean(axis=2)
    counts = present.sum(axis=1)

    lambdas = np.zeros((batch, before))
    if not block.synthetic_control:
        gaps = np.where(present[:, :, None], early - late[:, :, None], 0.0)  # rows: donors
        gaps -= gaps.sum(axis=1, keepdims=True) / counts[:, None, None]
        gaps[~present] = 0.0
        lambdas = weigh(gaps, np.ones(lambdas.shape, dtype=bool), counts * period_ridge**2)
    gaps = np.swapaxes(early, 1, 2) - treated[:, :before, None]  # rows: periods
    if not block.synthetic_control:
        gaps = gaps - gaps.mean(axis=1, keepdims=True)
    omega = weigh(gaps, present, np.full(batch, before * unit_ridge**2))
    difference = treated - np.einsum("bn,bnt->bt", omega, donors)
    level = np.einsum("bt,bt->b", lambdas, difference[:, :before])
    return Solution(omega, lambdas, difference[:, block.after :] - level[:, None])


def without_donors(block: Block, found: Solution, weighted: Array, part: slice) -> Array:
    """(n, T1) effect paths with each of some donors left out and the weights held fixed.

    Not a number where the donor has all the weight. ``weighted`` is (T,), the weighted mean of all donors.
    """
    omega, some = found.omega[0], block.donors[part]
    rest = 1 - omega[part]
    with np.errstate(divide="ignore", invalid="ignore"):
        without = np.where(rest > 1e-12, 1 / rest, np.nan)
        donors = (weighted - omega[part, None] * some) * without[:, None]
    return _paths(block, found, block.mean - donors)


def without_treated(block: Block, found: Solution, weighted: Array, part: slice) -> Array:
    """(n, T1) effect paths with each of some treated units left out and the weights held fixed.

    Not a number where there is one treated unit. ``weighted`` is as in `without_donors`.
    """
    number = len(block.treated)
    treated = (number * block.mean - block.treated[part]) / (number - 1 if number > 1 else np.nan)
    return _paths(block, found, treated - weighted)


def _paths(block: Block, found: Solution, difference: Array) -> Array:
    """(n, T1) differences (n, T) from the start on, less their weighted means before it."""
    level = difference[:, : block.before] @ found.lambdas[0]
    paths: Array = difference[:, block.after :] - level[:, None]
    return paths
