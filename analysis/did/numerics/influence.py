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

FEW = 256  # estimates up to which a dense product costs nothing
SPARSE = 0.1  # share of coefficients that are not zero, up to which the others are left out


def products_by_group(rows: Matrix, member: NDArray[np.int64], groups: int) -> Matrix:
    """(H, T+1, T+1) cross products of the rows of each group."""
    chosen = [rows[member == group] for group in range(groups)]
    return np.stack([own.T @ own for own in chosen])


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

    def with_own(self, weights: Matrix, pick: NDArray[np.int64]) -> DenseInfluence:
        """Influence of linear combinations, then of the estimates at positions ``pick`` themselves."""
        return DenseInfluence(np.hstack([self.values @ weights, self.values[:, pick]]))

    def select(self, pick: NDArray[np.int64]) -> DenseInfluence:
        """Influence of the estimates at positions ``pick``."""
        return DenseInfluence(self.values[:, pick])

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
    products
        (H, T+1, T+1) cross products of each group's rows.
    """

    rows: Matrix
    member: NDArray[np.int64]
    coefficients: Matrix
    products: Matrix

    def combine(self, weights: Matrix) -> LinearInfluence:
        """Influence of linear combinations; ``weights`` is (P, Q)."""
        return LinearInfluence(self.rows, self.member, weights.T @ self.coefficients, self.products)

    def with_own(self, weights: Matrix, pick: NDArray[np.int64]) -> LinearInfluence:
        """Influence of linear combinations, then of the estimates at positions ``pick`` themselves."""
        groups, _, width = self.coefficients.shape
        count = weights.shape[1]
        found = np.empty((groups, count + len(pick), width))
        np.matmul(weights.T, self.coefficients, out=found[:, :count])
        found[:, count:] = self.coefficients[:, pick]
        return LinearInfluence(self.rows, self.member, found, self.products)

    def select(self, pick: NDArray[np.int64]) -> LinearInfluence:
        """Influence of the estimates at positions ``pick``."""
        return LinearInfluence(self.rows, self.member, self.coefficients[:, pick], self.products)

    def covariance(self) -> Matrix:
        """(P, P) covariance of the estimates.

        A cell compares two periods, so that most coefficients are zero: where they are, products with them
        are left out.
        """
        groups, size, width = self.coefficients.shape
        right = np.matmul(self.coefficients, self.products)  # (H, P, T+1)
        left = self.coefficients.transpose(1, 0, 2).reshape(size, groups * width)
        right = right.transpose(0, 2, 1).reshape(groups * width, size)
        if size > FEW and np.count_nonzero(left) < SPARSE * left.size:
            from scipy.sparse import csr_array

            return np.asarray(csr_array(left) @ right)
        return np.asarray(left @ right)

    def variances(self) -> NDArray[np.float64]:
        """(P,) variances of the estimates."""
        total = np.zeros(self.coefficients.shape[1])
        for coefficients, product in zip(self.coefficients, self.products, strict=True):
            total += np.einsum("pt,pt->p", coefficients @ product, coefficients)
        return total

    @property
    def n_clusters(self) -> int:
        """N."""
        return len(self.rows)

    def dense(self) -> DenseInfluence:
        """The same with a value for each unit, in order of units."""
        return dense(self.rows, self.member, self.coefficients, np.arange(len(self.rows)))

    def multiply(self, multipliers: Matrix) -> Matrix:
        """(B, P) deviations of bootstrap estimates; ``multipliers`` is (B, N)."""
        total = np.zeros((len(multipliers), self.coefficients.shape[1]))
        for group, coefficients in enumerate(self.coefficients):
            own = self.member == group
            total += multipliers[:, own] @ self.rows[own] @ coefficients.T
        return total


Influence = DenseInfluence | LinearInfluence


def dense(
    rows: Matrix, member: NDArray[np.int64], coefficients: Matrix, cluster: NDArray[np.int64]
) -> DenseInfluence:
    """Influence values of units, see `LinearInfluence`, summed within clusters."""
    values = np.empty((len(rows), coefficients.shape[1]))
    for group, own_coefficients in enumerate(coefficients):
        own = member == group
        values[own] = rows[own] @ own_coefficients.T
    return DenseInfluence(sum_within(values, cluster))


def sum_within(values: Matrix, cluster: NDArray[np.int64]) -> Matrix:
    """Sum rows within clusters 0..G-1."""
    count = int(cluster.max()) + 1
    if count == len(cluster):
        return values
    return np.stack([np.bincount(cluster, column, minlength=count) for column in values.T], axis=1)
