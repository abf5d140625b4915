"""Least squares with unit effects removed, on any set of observations, with clustered errors.

The regressors are few and dense: period dummies, cells, leads. Unit effects are taken out by
subtracting each unit's mean, which is exact with any pattern of missing observations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.did.averages import Array, by_cluster, cr1_factor

RANK_TOLERANCE = 1e-10  # relative size of an eigenvalue below which a direction is not identified


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
) -> WithinFit:
    r"""Weighted least squares of an outcome on regressors and unit effects.

    Parameters
    ----------
    outcome
        (N, T).
    regressors
        (N, T, K); any value where not used.
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

    Notes
    -----
    Covariance: :math:`A^{-1} (\sum_c s_c s_c') A^{-1}` times
    :math:`\frac{G}{G-1} \frac{n-1}{n-K}` (CR1). K counts the regressors that are not collinear and
    ``counted``, but not the unit effects, which are nested in clusters. This is the default of fixest
    and of Stata's reghdfe.
    """
    used = used & (used.sum(axis=1) > 1)[:, None]
    rows = np.flatnonzero(used.any(axis=1))
    mask = used[rows].astype(float)
    share = mask / mask.sum(axis=1, keepdims=True)
    wide = np.where(used[rows, :, None], regressors[rows], 0.0)
    wide = (wide - np.einsum("nt,ntk->nk", share, wide)[:, None, :]) * mask[:, :, None]
    y = np.where(used[rows], outcome[rows], 0.0)
    y = (y - (share * y).sum(axis=1, keepdims=True)) * mask
    columns = wide.shape[2]
    weight = np.repeat(weights[rows], wide.shape[1])[:, None]
    flat = wide.reshape(-1, columns)
    moment = flat.T @ (flat * weight)
    size = np.sqrt(np.maximum(np.diag(moment), 1e-300))
    size = np.where(size > 1e-10 * size.max(), size, 1.0)
    values, vectors = np.linalg.eigh(moment / np.outer(size, size))
    alive = values > RANK_TOLERANCE * values[-1]
    inverse = (vectors[:, alive] / values[alive]) @ vectors[:, alive].T / np.outer(size, size)
    slopes = inverse @ (flat.T @ (y.reshape(-1) * weight[:, 0]))
    residual = y - wide @ slopes
    scores = np.einsum("ntk,nt->nk", wide, residual * weights[rows, None])
    labels, group = np.unique(cluster[rows], return_inverse=True)
    clusters = len(labels)
    summed = by_cluster(scores, group, clusters)
    observations = int(used.sum())
    spent = int(alive.sum()) + counted
    factor = cr1_factor(clusters, observations, spent)
    covariance = factor * inverse @ (summed.T @ summed) @ inverse
    return WithinFit(slopes, covariance, vectors[:, ~alive] / size[:, None], clusters - 1)
