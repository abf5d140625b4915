"""Read a data frame that R saved with saveRDS; what cannot be carried over is refused by name."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FRAMES = ("tbl_df", "tbl", "data.table", "grouped_df", "spec_tbl_df", "pdata.frame")
HINT = "in R, save a plain data frame with arrow::write_parquet or write.csv"


def read_rds(path: Path) -> pd.DataFrame:
    """Read a data frame, tibble or data.table; factors, dates and 64-bit integers keep their meaning.

    Raises
    ------
    InputError
        The file holds no data frame, or a column of a class that is not read.
    """
    import rdata
    from rdata.conversion import DEFAULT_CLASS_MAP

    frame = DEFAULT_CLASS_MAP["data.frame"]
    known: dict[str | bytes, Any] = {
        **DEFAULT_CLASS_MAP, **dict.fromkeys(FRAMES, frame), "factor": _factor, "ordered": _factor,
        "Date": _date, "POSIXct": _instant, "integer64": _whole,
    }  # fmt: skip
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = rdata.read_rds(path, constructor_dict=known)
    lost = [
        m[1] for w in said if (m := re.search(r'Missing constructor for R class "(.+?)"', str(w.message)))
    ]
    if lost:
        raise InputError(f"the file holds an object of R's class {lost[0]}", file=path, action=HINT)
    if not isinstance(found, pd.DataFrame):
        raise InputError("the file holds no data frame", file=path, value=type(found).__name__, action=HINT)
    return found.reset_index(drop=True)


def _plain(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Numbers, NaN where R has NA."""
    return np.ma.filled(np.ma.asarray(values).astype(float), np.nan)


def _factor(values: Any, attrs: Mapping[str, Any]) -> pd.Categorical:
    codes = np.nan_to_num(_plain(values), nan=0).astype(int) - 1
    return pd.Categorical.from_codes(codes, list(attrs["levels"]))


def _date(values: Any, _: Mapping[str, Any]) -> pd.DatetimeIndex:
    return pd.to_datetime(_plain(values), unit="D")


def _instant(values: Any, attrs: Mapping[str, Any]) -> pd.DatetimeIndex:
    zone = str((attrs.get("tzone") or ["UTC"])[0] or "UTC")
    return pd.to_datetime(_plain(values), unit="s", utc=True).tz_convert(zone)


def _whole(values: Any, _: Mapping[str, Any]) -> pd.arrays.IntegerArray:
    """Integers of 64 bits, which R keeps in the bytes of a double."""
    bits = np.ascontiguousarray(np.ma.getdata(values), dtype=float).view(np.int64)
    return pd.arrays.IntegerArray(bits.copy(), bits == np.iinfo(np.int64).min)
