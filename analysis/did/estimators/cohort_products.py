"""Errors of many averages from one matrix of cross products for each cohort.

Where every unit is a cluster of its own, a unit's score for an average is a row of numbers of the unit times
coefficients that its cohort shares. Squared scores then sum to a quadratic form in the cross products of
those rows, and a large panel needs no units x averages matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..panel.panel import Panel

MANY = 4_096  # units from which the short way is taken


def by_products(panel: Panel) -> bool:
    """Whether a panel has many units, each a cluster of its own."""
    return panel.n_clusters == panel.n_units > MANY


def cohort_products(numbers: Sequence[Array], index: NDArray[np.int64], cohorts: int) -> Array:
    """(C + 1, R, R) cross products of rows: those of each cohort, last those of units in none.

    Parameters
    ----------
    numbers
        Arrays (N, R1), (N, R2), ... side by side, R in sum.
    index
        (N,) cohort, -1 for none.
    """
    found = []
    for c in (*range(cohorts), -1):
        own = np.flatnonzero(index == c)
        rows = np.hstack([part[own] for part in numbers])
        found.append(rows.T @ rows)
    return np.stack(found)


def quadratic(products: Array, coefficients: Array) -> Array:
    """(K,) sums of squared scores; products (C + 1, R, R), coefficients (C + 1, R, K)."""
    found: Array = np.einsum("crk,crk->k", products @ coefficients, coefficients)
    return found
