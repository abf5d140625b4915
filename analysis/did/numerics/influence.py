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
from scipy.sparse import csr_array, vstack

Matrix = NDArray[np.float64]

COLUMNS = 128  # of a product made at a time
SPARSE = 0.1  # share of coefficients that are not zero, up to which products leave the others out


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

    def combine(self, weights: Matrix | csr_array) -> DenseInfluence:
        """Influence of linear combinations; ``weights`` is (P, Q)."""
        return DenseInfluence(self.values @ weights)

    def with_own(self, weights: Matrix | csr_array, pick: NDArray[np.int64]) -> DenseInfluence:
        """Influence of linear combinations, then of the estimates at positions ``pick`` themselves."""
        return DenseInfluence(np.concatenate([self.values @ weights, self.values[:, pick]], axis=1))

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
        """(P, B) deviations of bootstrap estimates; ``multipliers`` is (B, G)."""
        return self.values.T @ multipliers.T


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
        (P, H x (T+1)), sparse: those of one group beside those of the next. A cell compares two periods of
        few groups, so that most are zero.
    products
        (H, T+1, T+1) cross products of each group's rows.
    """

    rows: Matrix
    member: NDArray[np.int64]
    coefficients: csr_array
    products: Matrix

    def of_groups(self) -> list[csr_array]:
        """(P, T+1) coefficients of each group."""
        width = self.rows.shape[1]
        columns = self.coefficients.tocsc()
        return [columns[:, first : first + width].tocsr() for first in range(0, columns.shape[1], width)]

    def combine(self, weights: Matrix | csr_array) -> LinearInfluence:
        """Influence of linear combinations; ``weights`` is (P, Q)."""
        found = csr_array((self.coefficients.T @ weights).T)
        return LinearInfluence(self.rows, self.member, found, self.products)

    def with_own(self, weights: Matrix | csr_array, pick: NDArray[np.int64]) -> LinearInfluence:
        """Influence of linear combinations, then of the estimates at positions ``pick`` themselves."""
        found = vstack([self.combine(weights).coefficients, self.coefficients[pick]], format="csr")
        return LinearInfluence(self.rows, self.member, found, self.products)

    def select(self, pick: NDArray[np.int64]) -> LinearInfluence:
        """Influence of the estimates at positions ``pick``."""
        return LinearInfluence(self.rows, self.member, self.coefficients[pick], self.products)

    def covariance(self) -> Matrix:
        """(P, P) covariance of the estimates."""
        size = self.coefficients.shape[0]
        right = np.concatenate(
            [(own @ product).T for own, product in zip(self.of_groups(), self.products, strict=True)]
        )
        if self.coefficients.nnz < SPARSE * self.coefficients.shape[1] * size:
            return self._lower_blocks(right)
        return np.asarray(self.coefficients.toarray() @ right)

    def _lower_blocks(self, right: Matrix) -> Matrix:
        """Product of the coefficients with ``right`` (H x (T+1), P), which is symmetric.

        It is computed on and below the diagonal, by blocks of columns that stay in the processor's cache.
        """
        size = self.coefficients.shape[0]
        found = np.empty((size, size))
        for first in range(0, size, COLUMNS):
            own = slice(first, first + COLUMNS)
            found[first:, own] = self.coefficients[first:] @ np.ascontiguousarray(right[:, own])
            found[own, first + COLUMNS :] = found[first + COLUMNS :, own].T
        return found

    def variances(self) -> NDArray[np.float64]:
        """(P,) variances of the estimates."""
        total = np.zeros(self.coefficients.shape[0])
        for own, product in zip(self.of_groups(), self.products, strict=True):
            some = np.flatnonzero(np.diff(own.indptr))
            part = own[some]
            total[some] += part.multiply(part @ product).sum(axis=1)
        return total

    @property
    def n_clusters(self) -> int:
        """N."""
        return len(self.rows)

    def dense(self) -> DenseInfluence:
        """The same with a value for each unit, in order of units."""
        coefficients = [own.toarray() for own in self.of_groups()]
        return dense(self.rows, self.member, np.stack(coefficients), np.arange(len(self.rows)))

    def multiply(self, multipliers: Matrix) -> Matrix:
        """(P, B) deviations of bootstrap estimates; ``multipliers`` is (B, N)."""
        total = np.zeros((self.coefficients.shape[0], len(multipliers)))
        for group, coefficients in enumerate(self.of_groups()):
            own = self.member == group
            total += coefficients @ (multipliers[:, own] @ self.rows[own]).T
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
