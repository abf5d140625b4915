"""Influence functions: what each cluster adds to each estimate, and the covariance that follows.

An estimate that is asymptotically a mean of influence values psi_i has variance sum psi_i^2 / n^2,
with the values summed within clusters first. No degrees-of-freedom factor is applied.

On a balanced panel without covariates the influence of unit i on every cell is linear in its own
outcomes, with coefficients that depend on its cohort only. Covariances then need one (T+1) x (T+1)
product per cohort instead of a units x cells matrix, which is why a large panel costs little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class DenseInfluence:
    """Influence values by cluster.

    Parameters
    ----------
    values
        (G, P) summed within clusters, divided by the number of units.
    """

    values: Matrix

    def combine(self, weights: Matrix) -> DenseInfluence:
        """Influence of linear combinations; ``weights`` is (P, Q)."""
        return DenseInfluence(self.values @ weights)

    def covariance(self) -> Matrix:
        """(P, P) covariance of the estimates."""
        return self.values.T @ self.values

    def variances(self) -> NDArray[np.float64]:
        """(P,) variances of the estimates."""
        found: NDArray[np.float64] = np.einsum("gp,gp->p", self.values, self.values)
        return found

    @property
    def n_clusters(self) -> int:
        """G."""
        return len(self.values)

    def multiply(self, multipliers: Matrix) -> Matrix:
        """(B, P) deviations of bootstrap estimates; ``multipliers`` is (B, G)."""
        return multipliers @ self.values


@dataclass(frozen=True)
class LinearInfluence:
    """Influence values that are linear in a unit's own outcomes; every unit is its own cluster.

    Parameters
    ----------
    rows
        (N, T+1) a one and the outcomes, times the unit's weight, divided by the number of units.
    member
        (N,) group of each unit.
    coefficients
        (H, P, T+1).
    """

    rows: Matrix
    member: NDArray[np.int64]
    coefficients: Matrix

    def combine(self, weights: Matrix) -> LinearInfluence:
        """Influence of linear combinations; ``weights`` is (P, Q)."""
        return LinearInfluence(self.rows, self.member, np.swapaxes(weights, 0, 1) @ self.coefficients)

    def covariance(self) -> Matrix:
        """(P, P) covariance of the estimates."""
        size = self.coefficients.shape[1]
        total = np.zeros((size, size))
        for group, coefficients in enumerate(self.coefficients):
            own = self.rows[self.member == group]
            total += coefficients @ (own.T @ own) @ coefficients.T
        return total

    def variances(self) -> NDArray[np.float64]:
        """(P,) variances of the estimates."""
        total = np.zeros(self.coefficients.shape[1])
        for group, coefficients in enumerate(self.coefficients):
            own = self.rows[self.member == group]
            total += np.einsum("pt,pt->p", coefficients @ (own.T @ own), coefficients)
        return total

    @property
    def n_clusters(self) -> int:
        """N."""
        return len(self.rows)

    def multiply(self, multipliers: Matrix) -> Matrix:
        """(B, P) deviations of bootstrap estimates; ``multipliers`` is (B, N)."""
        total = np.zeros((len(multipliers), self.coefficients.shape[1]))
        for group, coefficients in enumerate(self.coefficients):
            own = self.member == group
            total += multipliers[:, own] @ self.rows[own] @ coefficients.T
        return total

    def dense(self, cluster: NDArray[np.int64]) -> DenseInfluence:
        """Sum within clusters."""
        values = np.empty((len(self.rows), self.coefficients.shape[1]))
        for group, coefficients in enumerate(self.coefficients):
            own = self.member == group
            values[own] = self.rows[own] @ coefficients.T
        return DenseInfluence(sum_within(values, cluster))


Influence = DenseInfluence | LinearInfluence


def sum_within(values: Matrix, cluster: NDArray[np.int64]) -> Matrix:
    """Sum rows within clusters 0..G-1."""
    count = int(cluster.max()) + 1
    if count == len(cluster):
        return values
    total = np.zeros((count, values.shape[1]))
    np.add.at(total, cluster, values)
    return total
