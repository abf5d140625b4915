"""Effects of units and periods in the untreated fit, solved for periods or, where these are many, for units.

What a fit adds to the score of an average is linear in the average's weights. Both classes give it, as
coefficients on residuals by period (`carries`) or at once for the weight of each cell alone (`of_cells`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array

TOLERANCE = 1e-9  # share of a regressor's mass below which a direction carries no information


def inverted(moment: Array, mass: Array) -> tuple[Array, Array]:
    """Generalised inverse (Q, Q) of moments and (Q, R) directions without information.

    ``mass`` (Q,) is the sum of weighted squares of each regressor before effects were taken off. Moments are
    divided by it, so that a unit of small weight is told from one that nothing identifies.
    """
    size = np.sqrt(np.where(mass > 0, mass, 1.0))
    values, vectors = np.linalg.eigh(moment / np.outer(size, size))
    alive, vectors = values > TOLERANCE, vectors / size[:, None]
    return (vectors[:, alive] / values[alive]) @ vectors[:, alive].T, vectors[:, ~alive] * size.max()


@dataclass(frozen=True)
class ByPeriods:
    """A fit solved for its Q regressors beyond unit effects.

    Parameters
    ----------
    inverse
        (Q, Q) of the moments of regressors less their unit means.
    shift
        (C, T, Q) sum of weighted, unit-demeaned regressors over the target observations.
    """

    inverse: Array
    shift: Array

    def carries(self, weights: Array) -> Array:
        """(Q, K) coefficients of K averages with weights (K, C, T)."""
        count, cohorts, periods = weights.shape
        flat = weights.reshape(count, cohorts * periods) @ self.shift.reshape(cohorts * periods, -1)
        found: Array = -self.inverse @ flat.T
        return found

    def of_cells(self, spread: Array) -> Array:
        """(N, C * T) products of residuals (N, Q) with the coefficients of each cell alone."""
        found: Array = -(spread @ self.inverse) @ self.shift.reshape(-1, len(self.inverse)).T
        return found


@dataclass(frozen=True)
class ByUnits:
    """A fit of unit and period effects alone, solved for the units.

    Period effects are means of what unit effects leave, so that what is solved is N x N, not T x T.

    Parameters
    ----------
    weighted
        (N, T) weights of the observations fitted; zero elsewhere.
    inverse
        (N, N) of the moments of unit dummies less their period means.
    mass
        (N, T) weights of the target observations; zero elsewhere.
    index, cohorts
        (N,) cohort of each unit, -1 for none; C.
    """

    weighted: Array
    inverse: Array
    mass: Array
    index: NDArray[np.int64]
    cohorts: int

    @property
    def total(self) -> Array:
        """(T,) weight fitted in each period, one where there is none."""
        total = self.weighted.sum(axis=0)
        found: Array = np.where(total > 0, total, 1.0)
        return found

    def left(self, values: Array) -> Array:
        """(N, T) values less the unit and period effects that are fitted to them."""
        rest = values - (self.weighted * values).sum(axis=0) / self.total
        effects = self.inverse @ (self.weighted * rest).sum(axis=1)
        found: Array = rest - effects[:, None] + (effects @ self.weighted) / self.total
        return found

    def carries(self, weights: Array) -> Array:
        """(T, K) coefficients of K averages with weights (K, C, T)."""
        own = np.concatenate([weights, np.zeros_like(weights[:, :1])], axis=1)[:, self.index]  # (K, N, T)
        by_period = np.einsum("nt,knt->tk", self.mass, own)
        by_unit = np.einsum("nt,knt->nk", self.mass, own)
        effects = self.inverse @ (by_unit - (self.weighted / self.total) @ by_period)
        found: Array = -(by_period - self.weighted.T @ effects) / self.total[:, None]
        return found

    def of_cells(self, spread: Array) -> Array:
        """(N, C * T) products of residuals (N, T) with the coefficients of each cell alone."""
        share, rest = self.weighted / self.total, spread / self.total
        through = (rest @ self.weighted.T) @ self.inverse
        found = np.empty((len(spread), self.cohorts, spread.shape[1]))
        for c in range(self.cohorts):
            own = self.index == c
            size = self.mass[own].sum(axis=0)
            found[:, c] = through[:, own] @ self.mass[own] - (through @ share + rest) * size
        return found.reshape(len(spread), -1)
