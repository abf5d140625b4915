"""Arrays inside a record: kept from being written to, and compared whole."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW = 200  # numbers that Python tells apart sooner than a library has begun
MANY = 20_000  # cells from which it pays to look how a column is ordered


def factorized(values: pd.Series | NDArray[Any]) -> tuple[NDArray[np.int64], Any]:
    """Codes and distinct values as of `pandas.factorize`, sooner where a column of numbers is in order.

    A table in order of units, or of periods, has runs of one value or the same values over and over.
    """
    plain = plain_numbers(values)
    given = np.asarray(values) if plain else values
    codes: NDArray[np.int64]
    if plain and len(given) > 1 and ascending(given):
        return np.arange(len(given)), given
    if plain and len(given) <= FEW and (given == given).all():
        place: dict[Any, int] = {}
        found = [place.setdefault(number, len(place)) for number in given.tolist()]
        return np.array(found, dtype=np.int64), np.array(list(place), dtype=given.dtype)
    if plain and len(given) >= MANY:
        heads = np.append(0, np.flatnonzero(given[1:] != given[:-1]) + 1)
        if len(heads) <= len(given) // 4:
            codes, distinct = pd.factorize(given[heads])
            return np.repeat(codes, np.diff(heads, append=len(given))), distinct
        again = int((given[1:] == given[0]).argmax()) + 1
        if again > 1 and not len(given) % again and (given.reshape(-1, again) == given[:again]).all():
            codes, distinct = pd.factorize(given[:again])
            return np.tile(codes, len(given) // again), distinct
    codes, distinct = pd.factorize(given)
    return codes, distinct


def plain_numbers(values: pd.Series | NDArray[Any]) -> bool:
    """Whether a column is an array of numbers of numpy, without cells that pandas alone knows as missing."""
    kind = values.dtype
    return isinstance(kind, np.dtype) and kind.kind in "iuf"


def ascending(values: NDArray[Any]) -> bool:
    """Whether each number is larger than the one before it."""
    return bool((values[1:] > values[:-1]).all())


def ranked(numbers: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Distinct numbers in order and the place of each number among them, as of `numpy.unique`."""
    if ascending(numbers):
        return numbers, np.arange(len(numbers))
    return np.unique(numbers, return_inverse=True)


def floats(values: pd.Series) -> NDArray[np.float64]:
    """Column of numbers as floats, NaN where a cell is empty; not to be written to."""
    if plain_numbers(values):
        return np.asarray(values.to_numpy(), dtype=float)
    found: NDArray[np.float64] = values.to_numpy(dtype=float, na_value=np.nan)
    return found


def recoded(new: NDArray[np.int64], codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """``new[codes]`` for codes that are not negative; the codes themselves where none is changed."""
    return codes if np.array_equal(new, np.arange(len(new))) else new[codes]


def first_rows(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(count,) first row of each label 0..count-1, all of which occur."""
    found = np.empty(count, dtype=np.int64)
    heads = np.append(0, np.flatnonzero(labels[1:] != labels[:-1]) + 1)[::-1]
    found[labels[heads]] = heads  # of a label's several runs the last one written is the first
    return found


def read_only(values: NDArray[Any]) -> NDArray[Any]:
    """View of an array that cannot be written to; the array itself stays as it is."""
    view = values.view()
    view.flags.writeable = False
    return view


def renumbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels 0, 1, ... in the order of the numbers, which are not negative and few beside the labels."""
    place = np.cumsum(np.bincount(labels) > 0) - 1
    return np.asarray(place[labels], dtype=np.int64)


def distinct(labels: NDArray[np.int64]) -> int:
    """How many different numbers there are among labels that are not negative."""
    return int(np.count_nonzero(np.bincount(labels)))


def same(one: Any, two: Any) -> bool:
    """Whether two fields are equal; a missing number equals a missing number."""
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return np.array_equal(one, two, equal_nan=one.dtype.kind == "f")
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return False
    return bool(one == two)


class Frozen:
    """A frozen dataclass whose arrays are read-only, equal to another where all fields are, and no key."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                object.__setattr__(self, name, read_only(value))

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A copy or an unpickled record comes this way, and arrays arrive writable.
        frozen = {k: read_only(v) if isinstance(v, np.ndarray) else v for k, v in state.items()}
        self.__dict__.update(frozen)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        own: Any = self
        return all(same(getattr(self, f.name), getattr(other, f.name)) for f in fields(own))

    __hash__ = None  # type: ignore[assignment]
