"""Checks on a user's table before any estimator sees it: each names the units and periods at fault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import InputError

SHOWN = 5  # how many offenders a message names


def listing(items: Sequence[Any]) -> str:
    """Name the first few items and say how many more there are."""
    shown = ", ".join(str(item) for item in items[:SHOWN])
    return shown if len(items) <= SHOWN else f"{shown} and {len(items) - SHOWN} more"


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Every named column is there, once."""
    for name in names:
        found = int((frame.columns == name).sum())
        if found == 0:
            raise InputError(
                f"there is no column {name!r}", expected=f"one of {', '.join(map(str, frame.columns))}"
            )
        if found > 1:
            raise InputError(f"{found} columns are called {name!r}")
    if frame.empty:
        raise InputError("the table has no rows")


def number_units(values: pd.Series, column: str) -> tuple[NDArray[np.int64], tuple[Any, ...]]:
    """Code units 0..N-1 in sorted order of their labels."""
    codes, labels = pd.factorize(values)
    if (codes < 0).any():
        raise InputError("a row has no unit", row=int(np.flatnonzero(codes < 0)[0]) + 2, column=column)
    plain = [label.item() if hasattr(label, "item") else label for label in labels]
    digits = all(isinstance(label, str) and label.isdecimal() for label in plain)

    def key(k: int) -> Any:
        """Numbers read as text stay in number order, so that CSV and Parquet give the same rows."""
        return (int(plain[k]), plain[k]) if digits else plain[k]

    try:
        order = sorted(range(len(plain)), key=key)
    except TypeError:  # numbers and words mixed
        order = sorted(range(len(plain)), key=lambda k: str(plain[k]))
    rank = np.empty(len(plain), dtype=np.int64)
    rank[order] = np.arange(len(plain))
    return rank[codes], tuple(plain[k] for k in order)


def check_no_duplicates(
    unit: NDArray[np.int64], time: NDArray[np.int64], units: Sequence[Any], times: Sequence[Any]
) -> None:
    """One row per unit and period."""
    cell = unit * len(times) + time
    counts = np.bincount(cell, minlength=1)
    twice = np.flatnonzero(counts > 1)
    if twice.size:
        pairs = [f"{units[c // len(times)]} in {times[c % len(times)]}" for c in twice.tolist()]
        raise InputError(f"{twice.size} unit-periods occur more than once: {listing(pairs)}")


def read_numbers(values: pd.Series, column: str, what: str) -> NDArray[np.float64]:
    """Return a numeric column as floats; empty cells become NaN."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if numeric:
        result = values.to_numpy(dtype=float, na_value=np.nan)
        _check_finite(result, column, what)
        return result
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        raise InputError(f"the {what} is not a number", column=column, expected="numbers")
    numbers = pd.to_numeric(values, errors="coerce")
    bad = numbers.isna() & values.notna() & (values.astype(str).str.strip() != "")
    if bad.any():
        k = int(np.flatnonzero(bad.to_numpy())[0])
        raise InputError(
            f"the {what} is not a number in {int(bad.sum())} rows",
            row=k + 2,
            column=column,
            value=values.iloc[k],
        )
    result = numbers.to_numpy(dtype=float, na_value=np.nan)
    _check_finite(result, column, what)
    return result


def _check_finite(values: NDArray[np.float64], column: str, what: str) -> None:
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        row = int(infinite[0])
        raise InputError(f"the {what} is infinite", row=row + 2, column=column, value=float(values[row]))


def constant_by_unit(
    values: NDArray[Any], unit: NDArray[np.int64], units: Sequence[Any], what: str, hint: str = ""
) -> NDArray[Any]:
    """First value of each unit, after checking that it never changes within a unit."""
    first = np.empty(len(units), dtype=values.dtype)
    first[unit[::-1]] = values[::-1]
    changed = np.unique(unit[values != first[unit]])
    if changed.size:
        named = listing([units[int(k)] for k in changed])
        raise InputError(
            f"{what} changes within a unit: {named}", expected=f"one {what} for each unit", action=hint
        )
    return first


def first_written(
    written: pd.Series, rows: NDArray[np.int64], count: int, starts: NDArray[np.int64], never: int
) -> tuple[str, ...]:
    """First written cohort of each unit; empty for never treated."""
    first = np.empty(count, dtype=np.int64)
    first[rows[::-1]] = np.arange(len(rows))[::-1]
    values = written.to_numpy()[first]
    if values.dtype.kind == "f":  # whole numbers beside empty cells arrive as floats
        return tuple(
            "" if s >= never else f"{v:g}" for v, s in zip(values.tolist(), starts.tolist(), strict=True)
        )
    return tuple("" if s >= never else str(v) for v, s in zip(values.tolist(), starts.tolist(), strict=True))


def check_cohort_column(
    values: pd.Series,
    unit: NDArray[np.int64],
    time: NDArray[np.int64],
    units: Sequence[Any],
    times: Sequence[Any],
    column: str,
) -> None:
    """Refuse a 0/1 treatment indicator given in place of the first treated period."""
    numbers = pd.to_numeric(values, errors="coerce")
    if set(numbers.dropna().unique()) != {0, 1}:
        return
    table = np.full((len(units), len(times)), np.nan)
    table[unit, time] = numbers.fillna(0).to_numpy()
    constant = bool(np.all(np.nanmax(table, axis=1) == np.nanmin(table, axis=1)))
    if constant and 1 in times:  # cohort 1 is a period of this panel
        return
    table = np.nan_to_num(table)
    off = np.argwhere(np.diff(table, axis=1) < 0)
    pairs = [f"{units[i]} in {times[t + 1]}" for i, t in off]
    raise InputError(
        f"column {column!r} holds 0 and 1 only: it looks like a treatment indicator"
        + (f", and treatment switches off: {listing(pairs)}" if pairs else ""),
        expected="the first treated period of each unit; empty, NA, inf or 0 for never treated",
        action="give each unit its first treated period; treatment must then stay on",
    )


def check_covariates(
    covariates: NDArray[np.float64],
    observed: NDArray[np.bool_],
    names: Sequence[str],
    units: Sequence[Any],
    times: Sequence[Any],
) -> None:
    """No covariate is missing where the outcome is observed, and none is collinear in every period."""
    for k, name in enumerate(names):
        gaps = np.argwhere(np.isnan(covariates[:, :, k]) & observed)
        if gaps.size:
            pairs = [f"{units[i]} in {times[t]}" for i, t in gaps]
            raise InputError(f"covariate {name!r} is missing for {len(pairs)} unit-periods: {listing(pairs)}")
    if not names:
        return
    for kept in range(1, len(names) + 1):
        if not any(_full_rank(covariates[:, t, :kept], observed[:, t]) for t in range(len(times))):
            raise InputError(
                f"covariate {names[kept - 1]!r} is collinear with the constant"
                + (f" and {', '.join(names[: kept - 1])}" if kept > 1 else "")
                + " among units in every period",
                action="leave it out",
            )


def _full_rank(values: NDArray[np.float64], rows: NDArray[np.bool_]) -> bool:
    """Whether a constant and the scaled covariates have full column rank over ``rows``."""
    kept = values[rows]
    if len(kept) <= kept.shape[1]:
        return False
    centred = kept - kept.mean(axis=0)
    scale = np.sqrt((centred**2).sum(axis=0))
    if (scale <= 1e-10 * np.abs(kept).max(axis=0).clip(min=1e-300) * len(kept) ** 0.5).any():
        return False
    return bool(np.linalg.matrix_rank(centred / scale, tol=1e-8) == kept.shape[1])


def check_comparisons(starts: NDArray[np.int64], periods: int, never: int, times: Sequence[Any]) -> None:
    """Somebody is treated in the window, after a pre-period, while somebody else is not."""
    inside = starts[(starts > 0) & (starts < periods)]
    if (starts <= 0).all():
        raise InputError(
            f"every unit is treated from the first period {times[0]} on: there is no period before treatment"
        )
    if inside.size == 0 and (starts <= 0).any():
        raise InputError(
            f"every treated unit starts in the first period {times[0]} on: there is no pre-period"
        )
    if inside.size == 0:
        raise InputError(f"no unit is treated between {times[1]} and {times[-1]}")
    later = starts[starts > 0]
    if np.unique(later).size == 1:
        raise InputError(
            f"every unit starts in {times[int(later[0])]}: no unit is left as a control in any treated period"
        )


def check_positive(values: NDArray[np.float64], units: Sequence[Any], what: str) -> None:
    """Every unit's value is a positive number."""
    bad = np.flatnonzero(~(values > 0))
    if bad.size:
        named = listing([f"{units[int(k)]} ({values[k]:g})" for k in bad])
        raise InputError(f"{bad.size} units have {what} that is zero, negative or missing: {named}")
