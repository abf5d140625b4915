"""Shared cost between platform, government and worker: who pays what of each month's contribution.

The scheme is the seed study's proposal made exact. A contribution of a fixed share of order income is split
three ways; income is cut into slices, and each slice is split by its own tier, as in an income tax, so that
income below a threshold never pays the tier above it. Below the minimum wage the government takes over a
share of the worker's part. Everything is in whole fen: the three shares sum to the contribution exactly.

Left out: behaviour. Orders, incomes and prices stay as they are; nobody passes a cost on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.base.errors import InputError
from analysis.policy.money import BASIS_POINTS

if TYPE_CHECKING:
    from collections.abc import Sequence

Fen = NDArray[np.int64]
# 32-bit products would overflow and floats would round: a month's income times basis points needs this room.
HIGHEST_INCOME_FEN = 10**13
BLOCK = 16_384  # months worked on at a time; larger blocks leave the cache (measured: half as fast)


@dataclass(frozen=True)
class Tier:
    """One slice of monthly income. Rates are in basis points of the income inside the slice."""

    from_fen: int
    individual: int
    government: int


@dataclass(frozen=True)
class Scheme:
    """A three-party scheme.

    Parameters
    ----------
    total
        Contribution in basis points of order income.
    platform
        The platform's part, the same in every tier.
    tiers
        Slices from zero income upward.
    minimum_wage_fen
        Monthly minimum wage. A month with less income is subsidised.
    subsidy
        Basis points of the worker's part that the government takes over in such a month.

    Raises
    ------
    InputError
        A rate is outside 0 to 1, tiers do not rise from zero, or the three rates of a tier do not sum
        to the total.
    """

    total: int
    platform: int
    tiers: tuple[Tier, ...]
    minimum_wage_fen: int = 0
    subsidy: int = 0

    def __post_init__(self) -> None:
        check_scheme(self)


@dataclass(frozen=True)
class Shares:
    """Fen paid by each party, same shape as the incomes. ``subsidised`` is part of ``government``."""

    contribution: Fen
    platform: Fen
    government: Fen
    individual: Fen
    subsidised: Fen


def check_scheme(scheme: Scheme) -> None:
    """Refuse rates outside 0 to 1, tiers out of order and rates that do not sum."""
    rates = [("total", scheme.total), ("platform", scheme.platform), ("subsidy", scheme.subsidy)]
    for tier in scheme.tiers:
        rates += [("individual", tier.individual), ("government", tier.government)]
    for name, rate in rates:
        if not 0 <= rate <= BASIS_POINTS:
            raise InputError(f"{name} share is not between 0 and 1", value=rate / BASIS_POINTS)
    starts = [tier.from_fen for tier in scheme.tiers]
    if not starts or starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
        raise InputError(
            "tiers do not rise from zero",
            value=[start / 100 for start in starts],
            expected="the first tier from 0 yuan, each further one from a higher income",
        )
    if scheme.minimum_wage_fen < 0:
        raise InputError("minimum wage is negative", value=scheme.minimum_wage_fen / 100)
    for tier in scheme.tiers:
        found = scheme.platform + tier.individual + tier.government
        if found != scheme.total:
            raise InputError(
                f"rates do not sum in the tier from {tier.from_fen / 100:g} yuan: platform "
                f"{scheme.platform / 100:g} % + individual {tier.individual / 100:g} % + government "
                f"{tier.government / 100:g} % = {found / 100:g} %",
                expected=f"the total contribution, {scheme.total / 100:g} %",
            )


def check_incomes(incomes: Fen) -> None:
    """Refuse incomes that are not whole fen between zero and the largest number handled exactly."""
    if not np.issubdtype(incomes.dtype, np.integer):
        raise InputError("incomes are not whole fen", value=str(incomes.dtype), expected="an integer array")
    if incomes.size and (incomes.min() < 0 or incomes.max() > HIGHEST_INCOME_FEN):
        raise InputError(
            "a monthly income is negative or too large",
            value=(int(incomes.min()) / 100, int(incomes.max()) / 100),
            expected=f"yuan between 0 and {HIGHEST_INCOME_FEN // 100}",
        )
    check_sum(incomes, 1, "incomes")


def check_sum(values: Fen, factor: int, name: str) -> None:
    """Refuse non-negative whole numbers whose sum times ``factor`` would not fit into 64 bits."""
    if values.size and int(values.max()) * values.size * max(factor, 1) > np.iinfo(np.int64).max:
        raise InputError(
            f"the {name} add up to more than can be counted exactly",
            value=int(values.max()),
            expected="sums of real months; check for a slip of the pen in the largest one",
        )


def share_cost(incomes: Fen, scheme: Scheme) -> Shares:
    r"""Split each month's contribution between the three parties.

    Parameters
    ----------
    incomes
        Order income in fen, any shape, for example (workers, months); integers.
    scheme
        Rates in basis points.

    Returns
    -------
    Shares
        Arrays of the same shape, in fen, with
        ``platform + government + individual == contribution`` in every cell.

    Raises
    ------
    InputError
        An income is negative, not whole or above 10^11 yuan.

    Notes
    -----
    With income :math:`x`, slices :math:`x_k` (:math:`\sum_k x_k = x`), total :math:`c`, platform
    :math:`p`, individual rates :math:`r_k` and :math:`R(\cdot)` rounding to whole fen, halves up,

    .. math:: C = R(cx),\quad P = R(px),\quad D = R(px + \textstyle\sum_k r_k x_k) - P,

    the worker pays :math:`I = D - S` with :math:`S = R(sD)` in months below the minimum wage and zero
    otherwise, and the government pays :math:`G = C - P - I`. Rounding running totals instead of parts
    keeps every share non-negative and the sum exact.
    """
    incomes = np.asarray(incomes)
    check_incomes(incomes)
    flat = incomes.astype(np.int64, copy=False).ravel()
    names = ("contribution", "platform", "government", "individual", "subsidised")
    out = {name: np.empty_like(flat) for name in names}
    for start in range(0, flat.size, BLOCK):
        block = slice(start, start + BLOCK)
        for name, part in zip(names, _split(flat[block], scheme), strict=True):
            out[name][block] = part
    return Shares(**{name: values.reshape(incomes.shape) for name, values in out.items()})


def _split(income: Fen, scheme: Scheme) -> tuple[Fen, Fen, Fen, Fen, Fen]:
    contribution = _rounded(scheme.total * income)
    platform = _rounded(scheme.platform * income)
    due = _rounded(scheme.platform * income + _individual_points(income, scheme.tiers)) - platform
    below = income < scheme.minimum_wage_fen
    subsidised = np.where(below, _rounded(scheme.subsidy * due), 0)
    individual = due - subsidised
    return contribution, platform, contribution - platform - individual, individual, subsidised


def _individual_points(income: Fen, tiers: Sequence[Tier]) -> Fen:
    """Worker's part in fen times basis points: each step in the rate applies to the income above it."""
    points = tiers[0].individual * income
    for lower, upper in pairwise(tiers):
        points = points + (upper.individual - lower.individual) * np.maximum(income - upper.from_fen, 0)
    return points


def _rounded(points: Fen) -> Fen:
    return (points + BASIS_POINTS // 2) // BASIS_POINTS
