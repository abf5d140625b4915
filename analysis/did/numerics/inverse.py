"""Generalised inverses of moments whose columns may be collinear, and what they do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import qr
from scipy.linalg.lapack import dpocon, dpotrf, dpotrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .types import Array

RANK_TOLERANCE = 1e-10  # relative size of an eigenvalue below which a direction is not identified
MANY = 500  # columns from which eigenvalues are not looked for where a bound on the smallest will do
SURE = 1e3  # how far such a bound, rarely more than ten times off, must be from the tolerance


def invert(moment: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Generalised inverse of a (K, K) moment matrix whose columns may be collinear.

    Returns
    -------
    tuple
        (K, K) inverse; (K, R) basis of the directions it does not know; positions of a largest set of
        independent columns.
    """
    size = np.sqrt(np.maximum(np.diag(moment), 1e-300))
    size = np.where(size > 1e-10 * size.max(), size, 1.0)
    values, vectors = np.linalg.eigh(moment / np.outer(size, size))
    alive = values > RANK_TOLERANCE * values[-1]
    inverse = (vectors[:, alive] / values[alive]) @ vectors[:, alive].T / np.outer(size, size)
    independent = np.arange(len(values))
    if not alive.all():
        order = qr(np.sqrt(values[alive])[:, None] * vectors[:, alive].T, mode="r", pivoting=True)[1]
        independent = np.sort(order[: alive.sum()])
    return inverse, vectors[:, ~alive] / size[:, None], independent


def solver(moment: Array) -> tuple[Callable[[Array], Array], Array, NDArray[np.int64]]:
    """As `invert`, with a function that multiplies by the inverse in place of the inverse.

    Many columns that are surely independent need no eigenvalues, only a triangular root.
    """
    size = np.sqrt(np.maximum(moment.diagonal(), 0.0))
    if len(moment) >= MANY and size.min() > 1e-10 * size.max():
        scaled = moment / size[:, None]
        scaled /= size
        largest = np.abs(scaled).sum(axis=0).max()
        root, failed = dpotrf(scaled, lower=True, overwrite_a=True)
        if not failed and dpocon(root, largest, uplo="L")[0] > SURE * RANK_TOLERANCE:
            return (
                lambda b: (dpotrs(root, (b.T / size).T, lower=True)[0].T / size).T,
                np.empty((len(moment), 0)),
                np.arange(len(moment)),
            )
    inverse, null, independent = invert(moment)
    return lambda b: np.asarray(inverse @ b), null, independent
