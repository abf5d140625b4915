"""Hiding further cells so that sums do not give the small ones away.

A primary cell is safe when it can move over its whole range while every total stays: around a
rectangle of hidden cells, or, where its province publishes nothing in this layer that a total over
time could be compared with, against one partner in its row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Grid = NDArray[np.int64]
FAR = 10**15  # cost of a corner that should stay published when another will do


@dataclass
class Layer:
    """Measures that are published and suppressed together.

    Parameters
    ----------
    measures
        Names of panel columns.
    weights
        Additive quantities of the layer (people first), each (U, Q); the last row is the nation.
    primary
        Cells too small to publish.
    roomy
        Cells that can absorb any movement of a primary cell in both directions.
    across_time
        Whether a total over quarters means something, so that it must not give a cell away.

    ``reach`` says by which part of its own value a primary cell must be able to move: twice its value
    where it counts few people, p % where one has nearly all of it.
    """

    measures: tuple[str, ...]
    weights: tuple[Grid, ...]
    primary: Mask
    roomy: Mask
    across_time: bool
    hidden: Mask = field(init=False)
    dear: Mask = field(init=False)
    reach: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.hidden = self.primary.copy()
        self.dear = np.zeros_like(self.primary)
        self.reach = np.full(self.primary.shape, 2.0)

    def withhold(self, cells: Mask, reach: float) -> None:
        """Make ``cells`` primary for another reason than their number of people."""
        self.reach[cells & ~self.primary] = reach
        self.primary |= cells
        self.hidden |= cells


def protect(layer: Layer, cells: Mask, also: Mask | None = None) -> None:
    """Hide further cells of ``layer`` until every primary cell can move over its whole range.

    Parameters
    ----------
    layer
        Changed in place.
    cells
        Cells that exist.
    also
        Cells hidden for another layer's sake that need the same protection.
    """
    guarded = layer.primary | (also if also is not None else False)
    for unit, t in zip(*np.nonzero(guarded[:-1]), strict=True):
        if not layer.across_time or layer.hidden[unit][cells[unit]].all():
            _pair(layer, cells, int(unit), int(t))
        elif not _rectangle(layer, cells, int(unit), int(t)):
            # Nothing to compare a total with: the province leaves this layer altogether.
            layer.hidden[unit] |= cells[unit]
            for quarter in np.flatnonzero(guarded[unit]):
                _pair(layer, cells, int(unit), int(quarter))
    # A nation that small leaves no province large enough to show.
    layer.hidden |= cells & guarded[-1]
    # Where a whole quarter is hidden, the nation's reason would tell its size: it is not given away.
    layer.primary[-1] &= ~(layer.hidden | ~cells).all(axis=0)


def _able(layer: Layer, unit: int, t: int) -> Mask:
    """Cells with room for the movement of cell (unit, t): of people, and of money where it is small."""
    able = layer.roomy & ~layer.primary
    if layer.primary[unit, t]:
        for weight in layer.weights[1:]:
            able = able & (weight >= layer.reach[unit, t] * weight[unit, t])
    return able


def _cost(layer: Layer) -> Grid:
    """People lost by hiding a cell; the nation goes last, dear cells last but one."""
    cost = np.where(layer.dear, FAR // 1000, 0) + layer.weights[0] + 1
    cost[-1] += FAR
    return np.where(layer.hidden, 0, cost)


def _rectangle(layer: Layer, cells: Mask, unit: int, t: int) -> bool:
    """Hide three more corners, around which the cell moves while every total stays."""
    able, cost = _able(layer, unit, t) & cells, _cost(layer)
    price = cost + cost[:, [t]] + cost[[unit], :]
    possible = able & able[:, [t]] & able[[unit], :]
    possible[unit], possible[:, t] = False, False
    if not possible.any():
        return False
    partner, other = np.unravel_index(np.where(possible, price, 9 * FAR).argmin(), price.shape)
    for corner in ((partner, other), (partner, t), (unit, other)):
        layer.hidden[corner] = True
    return True


def _pair(layer: Layer, cells: Mask, unit: int, t: int) -> None:
    """Hide a partner in the row; the same in every quarter if possible, against its own total."""
    able = _able(layer, unit, t)[:, t] & cells[:, t]
    able[unit] = False
    if not able.any():
        layer.hidden[:, t] |= cells[:, t]
        return
    together = (layer.hidden & ~layer.primary & layer.hidden[[unit], :]).any(axis=1)
    price = 2 * _cost(layer)[:, t] - together
    layer.hidden[int(np.where(able, price, 9 * FAR).argmin()), t] = True
