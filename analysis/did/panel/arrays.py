"""Arrays inside a record: kept from being written to, and compared whole."""

from __future__ import annotations

from dataclasses import fields
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
