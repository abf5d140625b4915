"""Checks on a user's table before any estimator sees it: each names the units and periods at fault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .arrays import factorized, first_rows, floats, plain_numbers, ranked, recoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

SHOWN = 5  # how many offenders a message names
# A number with a decimal comma or with marks between thousands, in one of the ways people write it.
MARKED = re.compile(r"[+-]?\d{1,3}(?:[.,'\u2019\s]\d{3})*(?:[.,]\d+)?|[+-]?\d+,\d+")
OTHER_MARKS = (
    "say how numbers are written: --decimal , for 1234,5 and --thousands with the mark for 1,234 or "
    "1.234,5; in Python, give the column as numbers"
)


def listing(items: Sequence[Any]) -> str:
    """Name the first few items and say how many more there are."""
    shown = ", ".join(str(item) for item in items[:SHOWN])
    return shown if len(items) <= SHOWN else f"{shown} and {len(items) - SHOWN} more"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 unit``, ``2 units``; ``many`` where it does not end in s."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def suggestion(name: str, known: Iterable[object], otherwise: str) -> str:
    """Ask for the known name that a misspelt one resembles, or give the other advice."""
    from difflib import get_close_matches  # of use only where a name is wrong

    close = get_close_matches(name.lower(), by_lower := {str(k).lower(): str(k) for k in known}, n=1)
    return f"did you mean {by_lower[close[0]]!r}?" if close else otherwise


def plain(value: Any) -> Any:
    """Return a value as Python's own type, to be quoted in a message."""
    return value.item() if hasattr(value, "item") else value


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Every named column is there, once."""
    known = frame.columns
    columns = [] if known.is_unique and all(name in known for name in names) else list(known)
    for name in names if columns else ():
        found = columns.count(name)
        if found == 0:
            raise InputError(
                f"there is no column {name!r}",
                expected=f"one of {', '.join(map(str, frame.columns))}",
                action=suggestion(name, frame.columns, "name a column of the table"),
            )
        if found > 1:
            raise InputError(f"{found} columns are called {name!r}", action="rename all but one of them")
    if not len(frame):
        raise InputError("the table has no rows", action="check that this is the file you meant")


def check_no_blank(codes: NDArray[np.int64], column: str, what: str) -> None:
    """No row lacks its unit, period, cluster or the like, which has the code -1 then."""
    if codes.min(initial=0) < 0:
        rows = np.flatnonzero(codes < 0)
        raise InputError(
            f"{counted(rows.size, 'row has', 'rows have')} no {what}",
            row=int(rows[0]) + 2,
            column=column,
            action=f"write the {what} there, or take the row out",
        )


def number_units(values: pd.Series | NDArray[Any], column: str) -> tuple[NDArray[np.int64], tuple[Any, ...]]:
    """Code units 0..N-1 in sorted order of their labels."""
    codes, labels = factorized(values)
    check_no_blank(codes, column, "unit")
    if plain_numbers(labels):
        numbers, place = ranked(np.asarray(labels))
        return recoded(place, codes), tuple(numbers.tolist())
    names = [plain(label) for label in labels]
    digits = all(isinstance(label, str) and label.isdecimal() for label in names)

    def key(k: int) -> Any:
        """Numbers read as text stay in number order, so that CSV and Parquet give the same rows."""
        return (int(names[k]), names[k]) if digits else names[k]

    try:
        order = sorted(range(len(names)), key=key)
    except TypeError:  # numbers and words mixed
        order = sorted(range(len(names)), key=lambda k: str(names[k]))
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    return recoded(rank, codes), tuple(names[k] for k in order)


def check_no_duplicates(
    unit: NDArray[np.int64], time: NDArray[np.int64], units: Sequence[Any], times: Sequence[Any]
) -> None:
    """One row per unit and period; the message has the lines of the first pair."""
    cell = unit * len(times) + time
    counts = np.bincount(cell, minlength=1)
    twice = np.flatnonzero(counts > 1)
    if twice.size:
        pairs = [f"{units[c // len(times)]} in {times[c % len(times)]}" for c in twice.tolist()]
        first, second = (np.flatnonzero(cell == twice[0])[:2] + 2).tolist()
        pairs[0] += f" (rows {first} and {second})"
        raise InputError(
            f"{counted(twice.size, 'unit-period occurs', 'unit-periods occur')} more than once: "
            f"{listing(pairs)}",
            row=second,
            expected="one row for each unit and period",
            action="take all but one of the rows out",
        )


def read_numbers(values: pd.Series, column: str, what: str) -> NDArray[np.float64]:
    """Return a numeric column as floats; empty cells become NaN."""
    if plain_numbers(values):
        given = floats(values)
        _check_finite(given, column, what)
        return given
    if pd.api.types.is_bool_dtype(values) or values.dtype.kind in "mMc":
        raise InputError(
            f"the {what} is not a number", column=column, expected="numbers", action="name another column"
        )
    if pd.api.types.is_numeric_dtype(values):
        given = floats(values)
        _check_finite(given, column, what)
        return given
    numbers = pd.to_numeric(values, errors="coerce")
    bad = numbers.isna() & values.notna() & (values.astype(str).str.strip() != "")
    if bad.any():
        k = int(np.flatnonzero(bad.to_numpy())[0])
        raise InputError(
            f"the {what} is not a number in {counted(int(bad.sum()), 'row')}",
            row=k + 2,
            column=column,
            value=plain(values.iloc[k]),
            expected="numbers such as 1234.5",
            action=OTHER_MARKS
            if MARKED.fullmatch(str(values.iloc[k]).strip())
            else "write a number there, or leave the cell empty where it is not known",
        )
    result: NDArray[np.float64] = numbers.to_numpy(dtype=float, na_value=np.nan)
    _check_finite(result, column, what)
    return result


def _check_finite(values: NDArray[np.float64], column: str, what: str) -> None:
    if values.size and not np.isfinite([values.min(), values.max()]).all() and np.isinf(values).any():
        row = int(np.isinf(values).argmax())
        raise InputError(
            f"the {what} is infinite",
            row=row + 2,
            column=column,
            value=float(values[row]),
            action="write a number there, or leave the cell empty where it is not known",
        )


def constant_by_unit(
    values: NDArray[Any],
    unit: NDArray[np.int64],
    units: Sequence[Any],
    what: str,
    hint: str = "",
    *,
    column: str | None = None,
    written: pd.Series | None = None,
) -> NDArray[Any]:
    """First value of each unit, after checking that it never changes within a unit.

    The message names the first row that differs. Its value is quoted from ``written``, or from
    ``values`` where they are numbers as read and not codes.
    """
    first_row = first_rows(unit, len(units))
    first = values[first_row]
    differs = np.flatnonzero(values != first[unit])
    if differs.size:
        named = listing([units[int(k)] for k in np.unique(unit[differs])])
        row = int(differs[0])
        before = int(first_row[unit[row]])
        quoted: Any = written.to_numpy() if written is not None else values
        coded = written is None and values.dtype.kind != "f"
        value, earlier = (None, None) if coded else (plain(quoted[row]), plain(quoted[before]))
        said = "" if coded else f": {'empty' if pd.isna(earlier) else earlier}"
        raise InputError(
            f"{what} changes within a unit: {named}",
            row=row + 2,
            column=column,
            value=value,
            expected=f"the same as in row {before + 2} of that unit{said}",
            action=hint or "give the unit the same value in all its rows",
        )
    return first


def check_positive(values: NDArray[np.float64], units: Sequence[Any], what: str) -> None:
    """Every unit's value is a positive number."""
    bad = np.flatnonzero(~(values > 0))
    if bad.size:
        named = listing([f"{units[int(k)]} ({values[k]:g})" for k in bad])
        raise InputError(
            f"{counted(bad.size, 'unit has', 'units have')} {what} that is zero, negative or missing: "
            f"{named}",
            expected="a positive number for each unit",
            action="correct these values, or leave the units out",
        )


def read_clusters(
    values: pd.Series, column: str, unit: NDArray[np.int64], units: Sequence[Any]
) -> NDArray[np.int64]:
    """(N,) clusters 0..G-1, the same in all rows of a unit."""
    codes = pd.factorize(values)[0]
    check_no_blank(codes, column, "cluster")
    found = constant_by_unit(codes, unit, units, "cluster", column=column, written=values)
    return np.unique(found, return_inverse=True)[1]
