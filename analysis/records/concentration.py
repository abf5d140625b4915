"""Sums of which one person or one platform has nearly all, or that fewer than three platforms make.

A sum may be published if none of those behind it can work out another one's part to within p %.
The p % rule asks that of the two largest: the rest without them must be at least p % of the
largest. Where only the largest is known the rule is asked with a second one as large, which is
stricter and needs no sorting of people.

Source: Hundepool and others (2012), "Statistical Disclosure Control", Wiley, chapter 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Mask = NDArray[np.bool_]

DOMINANCE = 0.1  # p of the p % rule
LEAST_PLATFORMS = 3  # of two, each could take its own part off the total


def violates_p_rule(total: Counts, first: Counts, second: Counts | None = None) -> Mask:
    """Whether the second largest could guess the largest part of a sum to within p %.

    Parameters
    ----------
    total
        Sums, any shape.
    first, second
        Their two largest parts; without ``second`` it is taken to be as large as ``first``.
    """
    rest = total - first - (first if second is None else second)
    broken: Mask = rest < DOMINANCE * first
    return broken


def check_platforms(parts: pd.DataFrame) -> None:
    """Refuse one platform under two names: people would be on two, and two would pass for three.

    Raises
    ------
    InputError
        Names that differ in capitals only.
    """
    names = pd.Series(parts["platform_id"].unique(), dtype="string")
    if names.str.casefold().duplicated().any():
        raise InputError(
            "some platform ids differ in capitals only",
            column="platform_id",
            expected="one spelling for each platform",
            action="write them alike, such as all in small letters",
        )


def few_platforms(parts: pd.DataFrame, units: tuple[str, ...], quarters: int, sums: tuple[str, ...]) -> Mask:
    """Cells whose sums fewer than three platforms make, or one nearly alone.

    Parameters
    ----------
    parts
        One row per ``province_code``, ``platform_id`` and ``quarter`` (position), with ``sums``.
    units
        Provinces in order, then the nation.
    quarters
        Number of quarters.
    sums
        Columns held against the p % rule.

    Returns
    -------
    numpy.ndarray
        True where the sums must not be published; shape (U, Q). Cells without any order stay False.
    """
    nation = parts.assign(province_code=units[-1])
    cell = ["province_code", "quarter"]
    held = np.zeros((len(units), quarters), dtype=bool)
    frame = pd.concat([parts, nation]).groupby([*cell, "platform_id"], as_index=False)[list(sums)].sum()
    of_cell = frame.groupby(cell)
    few = of_cell.size() < LEAST_PLATFORMS
    for name in sums:
        total, first = of_cell[name].sum(), of_cell[name].max()
        others = frame.drop(index=of_cell[name].idxmax()).groupby(cell)[name].max()
        second = others.reindex(first.index, fill_value=0)
        sizes = (values.to_numpy(np.int64) for values in (total, first, second))
        few |= (total > 0) & violates_p_rule(*sizes)
    at = [units.index(str(code)) for code in few.index.get_level_values("province_code")]
    held[at, few.index.get_level_values("quarter").to_numpy(int)] = few.to_numpy(bool)
    return held
