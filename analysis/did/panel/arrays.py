"""Arrays inside a record: kept from being written to, and compared whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
