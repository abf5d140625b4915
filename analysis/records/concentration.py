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

from analysis.base.errors import InputError
from analysis.records.grid import quarters_of, units_of, whole
from analysis.records.identifiers import plain_name

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Amounts = NDArray[np.int64] | NDArray[np.float64]
    Mask = NDArray[np.bool_]

DOMINANCE = 0.1  # p of the p % rule
LEAST_PLATFORMS = 3  # of two, each could take its own part off the total


def violates_p_rule(total: Amounts, first: Amounts, second: Amounts | None = None) -> Mask:
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


def check_platforms(parts: pa.Table) -> None:
    """Refuse one platform under two names: people would be on two, and two would pass for three.

    Raises
    ------
    InputError
        Names that differ in capitals, wide letters or zeros at the start only.
    """
    names = set(parts["platform_id"].to_pylist())
    for spell, alike in ((str.casefold, "capitals"), (plain_name, "wide letters or in zeros at the start")):
        if len({spell(name) for name in names}) < len(names):
            raise InputError(
                f"some platform ids differ in {alike} only",
                column="platform_id",
                expected="one spelling for each platform",
                action="write them alike, such as all in small letters",
            )


def few_platforms(parts: pa.Table, row: dict[str, int], quarters: int, sums: tuple[str, ...]) -> Mask:
    """Cells whose sums fewer than three platforms make, or one nearly alone.

    Parameters
    ----------
    parts
        One row per ``province_code``, ``platform_id`` and quarter (``power`` of two), with ``sums``.
    row
        Position of each province; the nation is the last unit.
    quarters
        Number of quarters.
    sums
        Columns held against the p % rule.

    Returns
    -------
    numpy.ndarray
        True where the sums must not be published; shape (U, Q). Cells without any order stay False.
    """
    shape = len(row), quarters
    platforms = parts["platform_id"].to_pylist()
    names = {name: place for place, name in enumerate(dict.fromkeys(platforms))}
    platform = np.array([names[name] for name in platforms], np.int64)
    when = quarters_of(parts)
    cells = np.concatenate([units_of(parts, row) * quarters + when, (len(row) - 1) * quarters + when])
    keys = cells * len(names) + np.tile(platform, 2)
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=-1))
    cell = cells[order][begins]  # once for each of its platforms
    number = np.bincount(cell, minlength=shape[0] * shape[1])
    held = (number > 0) & (number < LEAST_PLATFORMS)
    for name in sums:
        size = np.add.reduceat(np.tile(whole(parts, name), 2)[order], begins)
        total, first, second = (np.zeros(len(number), np.int64) for _each in range(3))
        np.add.at(total, cell, size)
        by_size = np.lexsort((size, cell))  # the largest of a cell come last
        last = np.cumsum(number)[number > 0] - 1
        first[number > 0] = size[by_size][last]
        second[number > 1] = size[by_size][last[number[number > 0] > 1] - 1]
        held |= (total > 0) & violates_p_rule(total, first, second)
    mask: Mask = held.reshape(shape)
    return mask
