"""Where the rows of a table belong: of which unit and which period each one is.

A table that holds all units in all periods, in order, is seen to do so by comparing its columns with their
first rows; nothing then needs to be numbered row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .arrays import ascending, plain_numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from .periods import Times

    Array = NDArray[np.float64]


def rows_of_each(unit: pd.Series, time: pd.Series) -> int:
    """Rows of each unit, where both columns are numbers and all units have the same periods, in order.

    Zero where that is not so, or cannot be seen at a glance.
    """
    if not (plain_numbers(unit) and plain_numbers(time)):
        return 0
    own, when = unit.to_numpy(), time.to_numpy()
    count = int(own.searchsorted(own[0], side="right"))  # right where units are in order; else refuted below
    if count == 0 or len(own) % count:
        return 0
    of_unit, of_period = own.reshape(-1, count), when.reshape(-1, count)
    same = (
        ascending(of_unit[:, 0])
        and ascending(when[:count])
        and (of_unit == of_unit[:, :1]).all()
        and (of_period == of_period[0]).all()
    )
    return count if same else 0


@dataclass(frozen=True)
class Places:
    """Where the R rows of a table belong.

    Parameters
    ----------
    numbers
        (R,) unit of each row, 0..N-1; of each unit once where ``each`` is not zero.
    times
        (R,) periods of the rows; of the first unit's rows where ``each`` is not zero.
    units
        Labels of the N units.
    each
        As from `rows_of_each`.
    """

    numbers: NDArray[np.int64]
    times: Times
    units: tuple[Any, ...]
    each: int

    @cached_property
    def unit(self) -> NDArray[np.int64]:
        """(R,) 0..N-1."""
        return np.repeat(self.numbers, self.each) if self.each else self.numbers

    @cached_property
    def position(self) -> NDArray[np.int64]:
        """(R,) position of each row's period; -1 where it has none."""
        return np.tile(self.times.position, len(self.units)) if self.each else self.times.position

    @cached_property
    def code(self) -> NDArray[np.int64]:
        """(R,) each row's period among all written ones."""
        return np.tile(self.times.code, len(self.units)) if self.each else self.times.code

    @cached_property
    def in_order(self) -> bool:
        """Whether the rows are those of all units in all periods, in order: none can stand twice then."""
        shape = len(self.units), len(self.times.calendar.numbers)
        if self.each:
            return self.each == shape[1] and bool((self.times.position == np.arange(shape[1])).all())
        return len(self.numbers) == shape[0] * shape[1] and bool(
            (self.times.position.reshape(shape) == np.arange(shape[1])).all()
            and (self.numbers.reshape(shape) == np.arange(shape[0])[:, None]).all()
        )

    def count(self, some: NDArray[np.bool_]) -> int:
        """Rows of the units ``some`` in periods of the panel."""
        if self.in_order:
            return int(np.count_nonzero(some)) * len(self.times.calendar.numbers)
        return int(np.count_nonzero((self.position >= 0) & some[self.unit]))

    def wide(self, values: Array) -> Array:
        """(N, T) table of (R,) values, NaN where there is no row."""
        periods = len(self.times.calendar.numbers)
        if self.in_order:
            return np.array(values, dtype=float).reshape(-1, periods)
        place, placed = self.unit * periods + self.position, self.position >= 0
        if not placed.all():
            place, values = place[placed], values[placed]
        table = np.full(len(self.units) * periods, np.nan)
        table[place] = values
        return table.reshape(-1, periods)

    def of_units(self, values: pd.Series) -> NDArray[Any] | None:
        """(N,) numbers of the units, where rows are in order and all of a unit hold the same; else nothing.

        Empty cells are the same as empty cells.
        """
        if not (self.in_order and plain_numbers(values)):
            return None
        table = values.to_numpy().reshape(len(self.units), -1)
        first: NDArray[Any] = table[:, 0]
        same = table == first[:, None]
        if not same.all():
            empty = np.isnan(first)
            same[empty] = np.isnan(table[empty])
        return first if same.all() else None
