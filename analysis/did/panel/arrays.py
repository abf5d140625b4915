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


def same(one: Any, two: Any) -> bool:
    """Whether two fields are equal; a missing number equals a missing number."""
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        return np.array_equal(one, two, equal_nan=one.dtype.kind == "f")
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return False
    return bool(one == two)
