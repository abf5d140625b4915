"""Weighted averages of cells (cohort, period): each holds its own cells only.

With thousands of periods there are thousands of averages of a few cells each, and a weight for every cell in
every average would be millions of zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..numerics.types import Array


@dataclass(frozen=True, slots=True)
class Average:
    """One reported effect, sum over cells of weight x ``size`` x cell effect.

    Parameters
    ----------
    term
        As in `Estimate`.
    cells, weights
        (M,) positions in a flat (C, T) of the cells averaged, ascending, and the weight of one unit of mass
        (a unit's weight, observed in the cell); with the masses ``size`` given to `averages` they sum to one.
    shape
        (C, T).
    cohort, period, event_time
        Positions in the panel; missing where the term has none.
    """

    term: str
    cells: NDArray[np.int64]
    weights: Array
    shape: tuple[int, int]
    cohort: int | None = None
    period: int | None = None
    event_time: int | None = None


@dataclass(frozen=True)
class Cells:
    """The cells of K averages one after the other, M in sum; a cell of no weight is left out.

    Parameters
    ----------
    row, cell, weight
        (M,) average, position in a flat (C, T), weight.
    first
        (K,) where each average begins.
    """

    row: NDArray[np.int64]
    cell: NDArray[np.int64]
    weight: Array
    first: NDArray[np.int64]

    def sums(self, values: Array) -> Array:
        """(..., K) weighted sums over each average's cells of values (..., C * T)."""
        found: Array = np.add.reduceat(values[..., self.cell] * self.weight, self.first, axis=-1)
        return found


def cells_of(found: Sequence[Average]) -> Cells:
    """Cells of averages one after the other, so that no weight of zero is held."""
    weight = np.concatenate([average.weights for average in found])
    cell = np.concatenate([average.cells for average in found])
    row = np.repeat(np.arange(len(found)), [average.cells.size for average in found])
    if not (kept := weight != 0).all():
        row, cell, weight = row[kept], cell[kept], weight[kept]
    return Cells(row, cell, weight, np.searchsorted(row, np.arange(len(found))))


def tensor(found: Sequence[Average]) -> Array:
    """(K, C, T) weights of K averages; `cells_of` has them without the zeros."""
    weights = np.zeros((len(found), *found[0].shape))
    flat = weights.reshape(len(found), -1)
    for own, average in zip(flat, found, strict=True):
        own[average.cells] = average.weights
    return weights


def by_cell(values: Array, index: NDArray[np.int64], cohorts: int) -> Array:
    """(N, C * T) values (N, T) of units in the cells of their cohort, zero in those of others.

    ``index`` is (N,), -1 for no cohort.
    """
    found = np.zeros((len(values), cohorts, values.shape[1]))
    some = np.flatnonzero(index >= 0)
    found[some, index[some]] = values[some]
    return found.reshape(len(values), -1)
