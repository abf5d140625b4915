"""How many digits a saved number keeps: as many as every processor agrees on, and no more.

Processors round differently, because their libraries add in other orders: results differ by 1e-16 to
1e-13 of what was added up. Saved in full, a table would have other bytes on each. So a number is
saved on a decimal grid that is coarse against that noise and fine against what a reader needs.

The rule, for each column of a table and a number of ``digits``:

1. Whole numbers and texts are exact. A column of floating-point numbers that are all whole is one of counts.
2. Any other number keeps ``digits`` significant digits of its own.
3. None keeps digits more than ``digits`` + `REACH` places below the first one of the column's
   largest: what is left of a difference of large numbers has their noise, and what is only noise is 0.
   Where the table has a column ``unit``, the largest is that of the rows in the same unit of measurement.
4. The border between two grid points lies `SHIFT` of a step before their middle, seen from zero. Means of
   decimal numbers often lie in the middle exactly, on paper: rounding would then decide by the noise.
5. Zero has no sign.

What is measured, counted or solved without sums of rounded numbers keeps `DIGITS`. What linear algebra
estimates keeps `ESTIMATED`: with noise of 1e-13 a number then lies that close to a border once in a
million times, and if it does, its two versions differ by at most 1e-6 of it, which is what the comparison
with the committed products calls equal. No grid is without borders.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

DIGITS = 10  # more than any source prints
ESTIMATED = 7
SHIFT = math.sqrt(2) / 1000  # far above noise, and at no place where decimal numbers of few digits lie
REACH = 3  # decimal places further down that a column's smaller numbers may go
FULL = "%.15g"  # every decimal number of so many digits survives being a float


def exponent(value: float, digits: int = DIGITS) -> int:
    """Power of ten of the first digit of a number other than 0, after rounding it to ``digits``."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2])


def to_places(value: float, places: int) -> float:
    """A number on the grid of so many decimal places, by rules 4 and 5."""
    return round(value + math.copysign(SHIFT, value) * 10.0**-places, places) + 0.0


def rounded(values: Iterable[float], digits: int = DIGITS) -> list[float]:
    """Numbers of one column by rules 2 to 5; what is missing or infinite stays.

    Parameters
    ----------
    values
        The column.
    digits
        Significant digits of a number by itself.
    """
    column = [float(value) for value in values]
    sizes = [abs(value) for value in column if math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if largest == 0:
        return [value if math.isnan(value) else value + 0.0 for value in column]
    finest = digits + REACH - exponent(largest, digits)  # decimal places, negative left of the point
    return [
        to_places(value, min(digits - 1 - exponent(value, digits), finest))
        if value and math.isfinite(value)
        else value + 0.0
        for value in column
    ]


def rounded_value(value: Any) -> Any:
    """Floats of a number, or of the ends of an interval, by rules 2 to 5; whatever else is as it was."""
    ends = value if isinstance(value, list) else [value]
    if not ends or not all(isinstance(end, float) for end in ends):
        return value
    found = rounded(ends)
    return found if isinstance(value, list) else found[0]


def rounded_table(frame: pd.DataFrame, digits: int = DIGITS) -> pd.DataFrame:
    """A table by all rules, ready to be saved in any format; the table given stays as it is."""
    import pandas as pd  # not for numbers alone: it takes half a second

    found = {}
    units = frame["unit"].astype("string").fillna("") if "unit" in frame else pd.Series("", frame.index)
    rows = [np.flatnonzero(units == unit) for unit in units.unique()]
    for name, column in frame.items():
        if pd.api.types.is_float_dtype(column):
            known = column.to_numpy(dtype=float, na_value=np.nan)
            finite = known[np.isfinite(known)]
            counts = bool((finite == np.rint(finite)).all())
            kept = known + 0.0  # no zero has a sign
            for part in () if counts else rows:
                kept[part] = rounded(known[part], digits)
            found[name] = pd.Series(kept, index=frame.index).astype(column.dtype)
        elif pd.api.types.is_object_dtype(column):
            chosen = [k for k, value in enumerate(column) if isinstance(value, float)]
            mixed = column.to_numpy(dtype=object, copy=True)
            for k, value in zip(chosen, rounded([mixed[k] for k in chosen], digits), strict=True):
                mixed[k] = value
            found[name] = pd.Series(mixed, index=frame.index, dtype=object)
    return frame.assign(**found)


def csv_text(frame: pd.DataFrame, digits: int = DIGITS) -> str:
    """CSV with Unix line ends of a table rounded by `rounded_table`."""
    found: str = rounded_table(frame, digits).to_csv(index=False, float_format=FULL, lineterminator="\n")
    return found
