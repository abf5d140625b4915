"""From an engine's answers to arrays by unit and quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]


def whole(answer: pa.Table, name: str) -> Counts:
    """A column of whole numbers, of which none is missing."""
    return np.array(answer[name].to_pylist(), np.int64)


def units_of(answer: pa.Table, row: dict[str, int]) -> Counts:
    """The rows of a table by unit in which the provinces of an answer stand."""
    return np.array([row[code] for code in answer["province_code"].to_pylist()], np.int64)


def quarters_of(answer: pa.Table) -> Counts:
    """Positions of the quarters that an answer names by powers of two."""
    return np.array([power.bit_length() - 1 for power in answer["power"].to_pylist()], np.int64)
