"""Least squares with unit effects removed, on any set of observations, with clustered errors.

The regressors are few and dense: period dummies, cells, leads. Unit effects are taken out by
subtracting each unit's mean, which is exact with any pattern of missing observations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..estimators.averages import Array, by_cluster, cr1_factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_NUMBERS = 250_000_000  # regressors held at once: 2 GB, of which a few copies are made
RANK_TOLERANCE = 1e-10  # relative size of an eigenvalue below which a direction is not identified


def check_size(units: int, periods: int, columns: int) -> None:
    """Refuse a regression whose regressors do not fit into memory.

    Raises
    ------
    InputError
        More than `MOST_NUMBERS` numbers.
    """
    if units * periods * columns > MOST_NUMBERS:
        raise InputError(
            f"a regression with {columns} columns on {units * periods} unit-periods does not fit into memory",
            action="use group_time, imputation or two_stage, which do not need it",
        )


@dataclass(frozen=True)
class WithinFit:
    """Coefficients and clustered covariance of a regression with unit effects.

    Parameters
    ----------
    slopes, covariance
        (K,) and (K, K); directions outside the row space are set to zero, so only contrasts for
        which `identifies` holds have a meaning.
    null
        (K, R) basis of the directions that the data do not identify.
    freedom
        G - 1, the degrees of freedom of clustered tests.
    """

    slopes: Array
    covariance: Array
    null: Array
    freedom: int

    def identifies(self, contrasts: Array) -> NDArray[np.bool_]:
        """(M,) whether each row of contrasts (M, K) is identified."""
        scale = np.maximum(np.abs(contrasts).max(axis=1), 1e-300)
        known: NDArray[np.bool_] = np.abs(contrasts @ self.null).max(axis=1, initial=0) < 1e-7 * scale
        return known


def within_regression(
    outcome: Array,
    regressors: Array,
    used: NDArray[np.bool_],
    weights: Array,
    cluster: NDArray[np.int64],
    *,
    counted: int = 1,
    design: NDArray[np.int64] | None = None,
) -> WithinFit:
    r"""Weighted least squares of an outcome on regressors and unit effects.

    Parameters
    ----------
    outcome
        (N, T).
    regressors
        (N, T, K), or (D, T, K) where units share designs; any value where not used.
    used
        (N, T) observations in the regression. Units with one observation say nothing about slopes
        and count neither as observations nor as clusters.
    weights
        (N,) unit weights.
    cluster
        (N,) 0..G-1.
    counted
        Parameters counted in K beyond the regressors: 1 for the constant, as fixest does; 0 as the
        software of Borusyak, Jaravel and Spiess does.
    design
        (N,) row of ``regressors`` that each unit has; missing: its own. Units with the same row and
        the same observations are treated at once, so that a large panel needs no large design.

    Notes
    -----
    Covariance: :math:`A^{-1} (\sum_c s_c s_c') A^{-1}` times
    :math:`\frac{G}{G-1} \frac{n-1}{n-K}` (CR1). K counts the regressors that are not collinear and
    ``counted``, but not the unit effects, which are nested in clusters. This is the default of fixest
    and of Stata's reghdfe.
    """
    used = used & (used.sum(axis=1) > 1)[:, None]
    rows = np.flatnonzero(used.any(axis=1))
    columns = regressors.shape[2]
    design = np.arange(len(used)) if design is None else design
    parts = []
    moment, cross = np.zeros((columns, columns)), np.zeros(columns)
    for members in _alike(design[rows], used[rows]):
        own = rows[members]
        seen = used[own[0]]
        wide = regressors[design[own[0]]][seen]
        wide = wide - wide.mean(axis=0)
        y = outcome[np.ix_(own, seen)]
        y = y - y.mean(axis=1, keepdims=True)
        moment += weights[own].sum() * (wide.T @ wide)
        cross += wide.T @ (weights[own] @ y)
        parts.append((members, wide, y, weights[own, None]))
    size = np.sqrt(np.maximum(np.diag(moment), 1e-300))
    size = np.where(size > 1e-10 * size.max(), size, 1.0)
    values, vectors = np.linalg.eigh(moment / np.outer(size, size))
    alive = values > RANK_TOLERANCE * values[-1]
    inverse = (vectors[:, alive] / values[alive]) @ vectors[:, alive].T / np.outer(size, size)
    slopes = inverse @ cross
    scores = np.empty((len(rows), columns))
    for members, wide, y, weight in parts:
        scores[members] = ((y - wide @ slopes) * weight) @ wide
    labels, group = np.unique(cluster[rows], return_inverse=True)
    clusters = len(labels)
    summed = by_cluster(scores, group, clusters)
    observations = int(used.sum())
    spent = int(alive.sum()) + counted
    factor = cr1_factor(clusters, observations, spent)
    covariance = factor * inverse @ (summed.T @ summed) @ inverse
    return WithinFit(slopes, covariance, vectors[:, ~alive] / size[:, None], clusters - 1)


def _alike(design: NDArray[np.int64], used: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Positions of units that share design and observations, one array for each kind."""
    key = np.hstack([design[:, None].astype(np.int64), np.packbits(used, axis=1).astype(np.int64)])
    kind = np.unique(key, axis=0, return_inverse=True)[1].ravel()
    order = np.argsort(kind, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(kind[order])) + 1) if len(order) else []
