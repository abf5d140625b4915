"""Joint tests that several estimates are all zero, such as pre-treatment effects.

With few restrictions the Wald test is used. With more restrictions than half the treated clusters
its covariance is close to singular and it rejects far too often; then the largest |t| is compared
with its distribution under a normal vector of the same correlation, which needs no inverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dpocon, dpotrf, dpotrs, dsyevd
from scipy.special import chdtrc

from .p_values import p_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS = 1_999  # p-values then have a Monte Carlo error of at most 1.1 points
CONDITION = 1e10
SURE = 1e3
ROUNDING = 1e-12  # of the largest eigenvalue: below, scores that sum to zero left it
SMALL = 100  # restrictions up to which eigenvalues cost nothing


@dataclass(frozen=True)
class JointTest:
    """Test that ``restrictions`` estimates are zero; ``method`` is ``Wald`` or ``largest |t|``."""

    statistic: float
    p_value: float
    restrictions: int
    method: str


def wald_is_usable(covariance: NDArray[np.float64], treated_clusters: int) -> bool:
    """Whether restrictions are few against treated clusters and the covariance can be inverted."""
    size = len(covariance)
    return 0 < 2 * size <= treated_clusters and _factored(covariance)[0]


def wald_where_usable(
    estimates: NDArray[np.float64], covariance: NDArray[np.float64], treated_clusters: int
) -> JointTest | None:
    """`wald_test` where `wald_is_usable`, of one triangular root for both."""
    if not 0 < 2 * len(covariance) <= treated_clusters:
        return None
    usable, root = _factored(covariance)
    return wald_test(estimates, covariance, root) if usable else None


def _factored(covariance: NDArray[np.float64]) -> tuple[bool, NDArray[np.float64] | None]:
    """Whether the condition number is below `CONDITION`, and the triangular root where it was taken.

    The triangular root gives its size at a small part of the cost of all singular values, but for a factor
    that is rarely more than ten; the eigenvalues decide what lies within `SURE` of the limit.
    """
    if not np.isfinite(covariance).all():
        return False, None
    if len(covariance) > SMALL:
        root, failed = dpotrf(covariance, lower=True)
        if failed:  # not positive definite but for rounding
            return False, None
        inverse, _ = dpocon(root, np.abs(covariance).sum(axis=0).max(), uplo="L")
        if inverse * CONDITION > SURE:
            return True, root
    values = np.abs(np.linalg.eigvalsh(covariance))
    return bool(values.max() / CONDITION < values.min()), None


def wald_test(
    estimates: NDArray[np.float64],
    covariance: NDArray[np.float64],
    root: NDArray[np.float64] | None = None,
) -> JointTest:
    """Wald statistic b' V^-1 b against chi-squared with as many degrees of freedom as restrictions.

    ``root`` is the lower triangular root of the covariance V, where it is known.
    """
    if root is None:
        solved = np.linalg.solve(covariance, estimates)
    else:
        solved, _ = dpotrs(root, estimates, lower=True)
    statistic = float(estimates @ solved)
    return JointTest(statistic, float(chdtrc(len(estimates), statistic)), len(estimates), "Wald")


def largest_t_test(
    estimates: NDArray[np.float64],
    covariance: NDArray[np.float64],
    seed: int,
    scores: NDArray[np.float64] | None = None,
) -> JointTest:
    """Largest |t| against draws of a normal vector with the same correlation.

    Where ``scores`` (G, K), whose product with themselves is the covariance, have fewer rows than columns,
    the root is taken of a matrix of G instead of K: Z' (Z Z')^(-1/2) Z is the symmetric root of Z'Z.
    """
    errors = np.sqrt(np.maximum(covariance.diagonal(), 0.0))  # rounding can fall below zero
    kept = errors > 1e-12 * errors.max(initial=0.0)
    if not kept.any():
        return JointTest(float("nan"), float("nan"), 0, "largest |t|")
    if not kept.all():
        covariance = covariance[np.ix_(kept, kept)]
        scores = None if scores is None else scores[:, kept]
        estimates, errors = estimates[kept], errors[kept]
    size = len(errors)
    statistic = float(np.abs(estimates / errors).max())
    draws = np.random.default_rng(seed).standard_normal((DRAWS, size))
    if scores is not None and SMALL < size > len(scores):
        own = scores / errors
        values, vectors = np.linalg.eigh(own @ own.T)
        alive = values > ROUNDING * values[-1]
        drawn = draws @ own.T @ (vectors[:, alive] / np.sqrt(values[alive])) @ vectors[:, alive].T @ own
        found = drawn.T
    else:
        correlation = covariance / (errors[:, None] * errors)
        values, vectors, _ = dsyevd(correlation, lower=True)
        # The symmetric root: unlike the eigenvectors it does not hang on their signs or on equal eigenvalues.
        root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
        found = root @ draws.T  # long rows: their largest numbers are found sooner
    p_value = float(p_values(np.abs(found, out=found).max(axis=0), statistic, 1.0))
    return JointTest(statistic, p_value, size, "largest |t|")
