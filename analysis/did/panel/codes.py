"""Numbers that are codes: Stata's missing values, 9999, -9.

What can mean one thing only is read as that and said. What may be a code or a value stays a value, and
is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .arrays import floats, plain_numbers
from .gate import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STATA_DOUBLE = 8.9e307  # its missing values of type double are 2^1023 and a little more
STATA_FLOAT = (1.7014e38, 1.7127e38)  # those of type float: 2^127 to 2^127 x (1 + 26/4096)
STATA_TEXT = re.compile(r"\s*\.[a-z]?\s*")
CODES = (-9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999, 2147483621, 2147483647)
GLANCE = 1_000  # values looked at before all are
FAR = 100  # times the distance of all other values from each other
LARGEST_WHOLE = (2147483621, 2147483647, 32741, 32767, 101, 127)  # of types of Stata and others


def as_pandas(frame: Any) -> pd.DataFrame:
    """Return a table of pandas, Polars, pyarrow or anything else that speaks Arrow as one of pandas.

    Raises
    ------
    InputError
        It is no table.
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    if not hasattr(frame, "__arrow_c_stream__"):
        raise InputError(
            f"a {type(frame).__name__} is no table",
            expected="a data frame of pandas or Polars, or a table of pyarrow",
            action="make a data frame of it",
        )
    import pyarrow as pa  # an extra of the distribution: pandas tables do not need it

    return pa.table(frame).to_pandas()


def is_stata_missing(values: pd.Series) -> NDArray[np.bool_]:
    """Which cells hold a missing value as Stata writes it: ``.``, ``.a``, 8.99e307 or 1.7014e38."""
    if plain_numbers(values) or pd.api.types.is_numeric_dtype(values):
        return _large(floats(values))
    codes, distinct = pd.factorize(values)
    numbers = pd.to_numeric(pd.Series(distinct, dtype=object), errors="coerce").to_numpy(dtype=float)
    text = [isinstance(value, str) and bool(STATA_TEXT.fullmatch(value)) for value in distinct]
    found = np.append(_large(numbers) | np.array(text, dtype=bool), False)
    result: NDArray[np.bool_] = found[codes]
    return result


def _large(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    low, high = STATA_FLOAT
    if numbers.max(initial=-np.inf) < low or not np.fmax.reduce(numbers, initial=-np.inf) >= low:
        return np.zeros(len(numbers), dtype=bool)
    found: NDArray[np.bool_] = np.isfinite(numbers) & (
        (numbers >= STATA_DOUBLE) | ((numbers >= low) & (numbers <= high))
    )
    return found


def without_stata_missing(
    frame: pd.DataFrame, columns: Sequence[str], others: Sequence[str] = ()
) -> tuple[pd.DataFrame, dict[str, pd.Series], list[str]]:
    """Empty the cells that hold Stata's missing value, and say how many there are in which column.

    The columns themselves come beside the table, and the ``others``, which stay as they are: taking a
    column out takes longer than reading a short one.
    """
    notes, changed = [], {}
    table = {name: frame[name] for name in dict.fromkeys([*columns, *others])}
    for name in dict.fromkeys(columns):
        values = table[name]
        if values.dtype.kind in "biumMc":  # whole numbers end long before
            continue
        missing = is_stata_missing(values)
        if missing.any():
            changed[name] = values.mask(missing)
            what = counted(int(missing.sum()), "cell holds", "cells hold")
            notes.append(
                f"Column {name}: {what} a missing value as Stata writes it "
                f"({plain_text(values.to_numpy()[missing][0])}), read as empty."
            )
    return frame.assign(**changed) if changed else frame, table | changed, notes


def plain_text(value: Any) -> str:
    """Quote a value; a float in six digits."""
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def suspects(values: NDArray[np.float64], column: str) -> list[str]:
    """Say that numbers may be codes for missing, such as 9999, -9 or -1; they stay numbers.

    Those at an end of the values, written as such codes are, count where they are far from all others
    (further than the others from each other), or negative while no other is; any other number where it is
    a hundred times as far.
    """
    seen, ends = values, (float(values.min(initial=np.inf)), float(values.max(initial=-np.inf)))
    if not (ends[0] > -np.inf and ends[1] < np.inf):  # some are missing, or all
        seen = values[np.isfinite(values)]
        if not seen.size:
            return []
        ends = float(seen.min()), float(seen.max())
    below, low = _coded_end(seen, 1, *ends)
    above, high = _coded_end(seen, -1, -ends[1], -ends[0])
    if low is None or high is None:
        return []
    odd = [value for value in below if low - value > high - low or (value < 0 <= low)]
    odd += [value for value in reversed(above) if value - high > high - low]
    return [
        f"Column {column} holds {value:.16g} in {counted(int((seen == value).sum()), 'row')}, apart from all "
        f"other values ({low:.6g} to {high:.6g}). It is read as a number; if it is a code for missing, empty "
        "these cells."
        for value in odd
    ]


def _coded_end(
    values: NDArray[np.float64], sign: int, least: float, largest: float
) -> tuple[list[float], float | None]:
    """Numbers from one end of the values inwards that may be codes, and the first that is none.

    A pass over the values for each number that is taken off, so that nothing is sorted. ``least`` and
    ``largest`` are those of the values times the sign.
    """
    if not _is_code(sign * least) and _is_near(sign * values[:GLANCE], least, largest):
        return [], sign * least
    found: list[float] = []
    rest = sign * values
    while rest.size:
        least = float(rest.min())
        if found and not _is_code(sign * least):
            return found, sign * least
        beyond = rest[rest > least]
        following = float(beyond.min()) if beyond.size else least
        span = float(beyond.max()) - following if beyond.size else 0.0
        far = not found and span > 0 and following - least > FAR * span
        if not (far or _is_code(sign * least)):
            return found, sign * least
        found.append(sign * least)
        rest = beyond
    return found, None


def _is_near(few: NDArray[np.float64], least: float, largest: float) -> bool:
    """Whether some of the values show that the smallest is not far from the others.

    The next one is no larger than any of them, and further from the largest.
    """
    few = few[few > least]
    if not few.size:
        return False
    other = float(few.min())
    return other - least <= FAR * (largest - other)


def _is_code(value: float) -> bool:
    """Whether a number is written as surveys write missing: -1 to -10, 7 to 9, 97 to 99, 77, 888, -99, ..."""
    if value != np.floor(value) or value == 0 or abs(value) > 1e15:
        return False
    digits = str(abs(int(value)))
    if int(value) in LARGEST_WHOLE or (value < 0 and (len(digits) == 1 or digits == "10")):
        return True
    same = len(set(digits)) == 1 and digits[0] in "789"
    return same or (set(digits[:-1]) == {"9"} and digits[-1] in "5678")
