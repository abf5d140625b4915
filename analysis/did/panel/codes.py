"""Numbers and names that are codes: Stata's missing values, 9999, -9, names that differ by blanks.

What can mean one thing only is read as that and said. What may be a code or a value stays a value, and
is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .gate import counted, listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STATA_DOUBLE = 8.9e307  # its missing values of type double are 2^1023 and a little more
STATA_FLOAT = (1.7014e38, 1.7127e38)  # those of type float: 2^127 to 2^127 x (1 + 26/4096)
STATA_TEXT = re.compile(r"\s*\.[a-z]?\s*")
CODES = (-9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999, 2147483621, 2147483647)


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
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return np.zeros(len(values), dtype=bool)
    if pd.api.types.is_numeric_dtype(values):
        return _large(values.to_numpy(dtype=float, na_value=np.nan))
    codes, distinct = pd.factorize(values)
    numbers = pd.to_numeric(pd.Series(distinct, dtype=object), errors="coerce").to_numpy(dtype=float)
    text = [isinstance(value, str) and bool(STATA_TEXT.fullmatch(value)) for value in distinct]
    found = np.append(_large(numbers) | np.array(text, dtype=bool), False)
    result: NDArray[np.bool_] = found[codes]
    return result


def _large(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    low, high = STATA_FLOAT
    found: NDArray[np.bool_] = np.isfinite(numbers) & (
        (numbers >= STATA_DOUBLE) | ((numbers >= low) & (numbers <= high))
    )
    return found


def without_stata_missing(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Empty the cells that hold Stata's missing value, and say how many there are in which column."""
    notes, changed = [], {}
    for name in dict.fromkeys(columns):
        missing = is_stata_missing(frame[name])
        if missing.any():
            changed[name] = frame[name].mask(missing)
            what = counted(int(missing.sum()), "cell holds", "cells hold")
            notes.append(
                f"Column {name}: {what} a missing value as Stata writes it "
                f"({plain_text(frame[name].to_numpy()[missing][0])}), read as empty."
            )
    return frame.assign(**changed) if changed else frame, notes


def plain_text(value: Any) -> str:
    """Quote a value; a float in six digits."""
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def without_blanks(values: pd.Series, column: str) -> tuple[pd.Series, list[str]]:
    """Names without blanks around them and with single blanks inside; said where that joins two names."""
    if pd.api.types.is_numeric_dtype(values):
        return values, []
    codes, distinct = pd.factorize(values)
    if not any(isinstance(value, str) for value in distinct):
        return values, []
    tidy = [(" ".join(value.split()) or None) if isinstance(value, str) else value for value in distinct]
    if tidy == list(distinct):
        return values, []
    before: dict[Any, list[Any]] = {}
    for value, name in zip(distinct, tidy, strict=True):
        before.setdefault(name, []).append(value)
    joined = [" and ".join(map(repr, sorted(found))) for found in before.values() if len(found) > 1]
    notes = []
    if joined:
        notes.append(f"Column {column}: names that differ by blanks only are one: {listing(joined)}.")
    cells = np.array([*tidy, None], dtype=object)[codes]
    return pd.Series(cells, index=values.index, name=values.name), notes


def suspects(values: NDArray[np.float64], column: str) -> list[str]:
    """Say that a number far from all others may be a code for missing; it stays a number."""
    notes: list[str] = []
    seen = values[np.isfinite(values)]
    for extreme in (float(seen.min()), float(seen.max())) if seen.size else ():
        if extreme not in CODES or not (rest := seen[seen != extreme]).size:
            continue
        low, high = float(rest.min()), float(rest.max())
        if max(low - extreme, extreme - high) > high - low:
            times = counted(int((seen == extreme).sum()), "row")
            notes.append(
                f"Column {column} holds {extreme:g} in {times}, far from all other values ({low:.6g} to "
                f"{high:.6g}). It is read as a number; if it is a code for missing, empty these cells."
            )
    return notes
