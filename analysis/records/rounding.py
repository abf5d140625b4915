"""Rounding to a base instead of exact numbers, after suppression, so that parts still sum to totals.

Only released cells decide how released cells are rounded: what an outsider learns from the rounded
panel could be learned from the exact one, whose cells are already safe. What rounding adds is that
small changes between two releases stay in the dark, and that no payment is published to the fen.

Orders, contributions, claims, confirmed claims and payments add up over provinces. They are rounded
together: the sums over provinces are cut at multiples of the base, shifted by one random number per
measure and quarter. Each cell moves by less than the base, in expectation not at all, and the
provinces sum to the nation. Numbers of people do not add up (some work in two provinces); they go to
the nearest multiple, which keeps them in order.

Source: Cox (1987), "A constructive procedure for unbiased controlled rounding", Journal of the
American Statistical Association 82(398), for one-way tables.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.base.errors import InputError
from analysis.records.contract import MONEY_UNIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.records.disclosure import Release
    from analysis.records.measures import Totals

    Counts = NDArray[np.int64]
    Mask = NDArray[np.bool_]

BASES = (5, 10)
MONEY = 100 * MONEY_UNIT  # money is rounded to the base times 100 yuan
NEAREST = ("enrolled", "active", "both", "mixed", "stayed")
ADDITIVE = {  # field of the totals -> panel column, unit of the base
    "orders": ("orders", 1),
    "contributions": ("contributions_yuan", MONEY),
    "claims": ("claims", 1),
    "confirmed": ("confirmed", 1),
    "paid": ("paid_yuan", MONEY),
}


def check_base(base: int, minimum: int) -> None:
    """Refuse a base that is not offered or too wide for the smallest cell.

    Raises
    ------
    InputError
        See above.
    """
    if base and base not in BASES:
        raise InputError("numbers are rounded to 5 or 10", value=base, expected="5, 10 or 0 for none")
    if base > minimum:
        raise InputError(
            "the base of rounding is wider than the smallest cell",
            value=base,
            expected=f"a base of {minimum} or less, or a larger --min-cell",
        )


def round_totals(totals: Totals, releases: dict[str, Release], base: int, seed: int) -> Totals:
    """Round everything that is released.

    Parameters
    ----------
    totals
        Exact counts, shape (U, Q) with the nation last.
    releases
        Suppression, final.
    base
        5 or 10.
    seed
        Of the shifts; the same records and seed give the same numbers.
    """
    rounded: dict[str, Any] = {name: nearest(getattr(totals, name), base) for name in NEAREST}
    for name, (measure, unit) in ADDITIVE.items():
        exact, hidden = getattr(totals, name), releases[measure].hidden
        rounded[name] = np.zeros_like(exact)
        for t in range(exact.shape[1]):
            shift = np.random.default_rng([seed, zlib.crc32(measure.encode()), t]).random()
            rounded[name][:, t] = controlled(exact[:, t], hidden[:-1, t], base * unit, shift)
    days = np.floor(totals.median_days / base + 0.5) * base
    return replace(totals, median_days=days, **rounded)


def nearest(exact: Counts, base: int) -> Counts:
    """The nearest multiple of ``base``, halves up; larger numbers never come out smaller."""
    return (2 * exact + base) // (2 * base) * base


def controlled(exact: Counts, hidden: Mask, base: int, shift: float) -> Counts:
    """Round parts and their total to multiples of ``base`` that add up.

    Parameters
    ----------
    exact
        The parts, then their total; shape (U,).
    hidden
        Parts that are not released; shape (U - 1,). They come last, so that the released ones do not
        depend on how the hidden ones share what is left.
    base
        Each number moves by less than this.
    shift
        Between 0 and 1; uniform shifts leave every number unchanged in expectation.
    """
    order = np.argsort(hidden, kind="stable")
    start = int(np.floor(shift * base))
    edges = np.concatenate([[start], start + exact[:-1][order].cumsum()]) // base
    rounded = np.empty_like(exact)
    rounded[:-1][order] = np.diff(edges) * base
    rounded[-1] = (edges[-1] - edges[0]) * base
    return rounded
