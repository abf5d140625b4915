"""Meituan's pension subsidy: the sum, and which months of an income path earn it.

Rule as announced on 2025-04-03: a rider whose income of the month reaches the contribution-base floor, and
did so in 3 of the last 6 months, gets half of a pension contribution of 20 % of the floor. Income is held
against the floor of the place of work; the sum follows the floor of the place where the rider is insured.
The announcement does not say whether "the last 6 months" include the current one: both readings are here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.base.errors import InputError
from analysis.policy.money import BASIS_POINTS, half_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

Window = Literal["including", "preceding"]
Before = Literal["unknown", "none"]
WINDOWS = ("including", "preceding")
BEFORES = ("unknown", "none")
NOT_ENTITLED, ENTITLED, NOT_KNOWN = 0, 1, 2
STATUS_NAMES = ("not entitled", "entitled", "not known")


@dataclass(frozen=True)
class Rule:
    """The subsidy's parameters; the defaults are the published ones (rates in basis points)."""

    contribution_rate: int = 2000
    subsidy_share: int = 5000
    months_needed: int = 3
    months_window: int = 6


MEITUAN = Rule()


@dataclass(frozen=True)
class Amounts:
    """One month's sums in fen."""

    contribution: int
    subsidy: int
    own_part: int


def subsidy_amounts(floor_fen: int, rule: Rule = MEITUAN) -> Amounts:
    """Contribution, subsidy and what is left to the rider, for a contribution-base floor in fen.

    Notes
    -----
    contribution = floor x 20 %, subsidy = contribution x 50 %, each to the cent, halves up.

    Raises
    ------
    InputError
        The floor is missing, zero or negative.
    """
    if floor_fen <= 0:
        raise InputError(
            "the contribution-base floor is missing or not above zero",
            value=floor_fen / 100,
            expected="the local floor in yuan a month, such as 4433",
        )
    contribution = half_up(floor_fen * rule.contribution_rate, BASIS_POINTS)
    subsidy = half_up(contribution * rule.subsidy_share, BASIS_POINTS)
    return Amounts(contribution, subsidy, contribution - subsidy)


def entitlement(
    incomes: NDArray[np.int64],
    floor_fen: int,
    *,
    window: Window = "including",
    before: Before = "unknown",
    rule: Rule = MEITUAN,
) -> NDArray[np.int8]:
    """Which months earn the subsidy.

    Parameters
    ----------
    incomes
        (workers, months) in fen, consecutive months.
    floor_fen
        Floor at the place of work.
    window
        ``including``: the 6 months end with the current one; ``preceding``: they end before it.
    before
        Months before the path: ``unknown``, or ``none`` for a rider who had no income then.

    Returns
    -------
    array of int8, (workers, months)
        `ENTITLED`, `NOT_ENTITLED`, or `NOT_KNOWN` where months before the path would decide.

    Raises
    ------
    InputError
        A negative income, an array without months, an unknown window or history.
    """
    incomes = np.asarray(incomes)
    _check(incomes, floor_fen, window, before)
    reached = incomes >= floor_fen
    workers, months = reached.shape
    shift = 0 if window == "including" else 1
    # counts[:, t] = months of the path up to t - shift, at most months_window of them, that reach the floor
    total = np.zeros((workers, months + 1), np.int32)  # short numbers: a population's months fit the memory
    np.cumsum(reached, axis=1, out=total[:, 1:])
    last = np.maximum(np.arange(months) + 1 - shift, 0)
    first = np.maximum(last - rule.months_window, 0)
    counts = total[:, last] - total[:, first]
    unseen = rule.months_window - (last - first)
    enough = counts >= rule.months_needed
    could = counts + unseen >= rule.months_needed
    status = np.full(reached.shape, NOT_ENTITLED, np.int8)
    status[reached & enough] = ENTITLED
    if before == "unknown":
        status[reached & ~enough & could] = NOT_KNOWN
    return status


def _check(incomes: NDArray[np.int64], floor_fen: int, window: str, before: str) -> None:
    subsidy_amounts(floor_fen)
    if incomes.ndim != 2 or incomes.shape[1] == 0:
        raise InputError("incomes need one row per worker and one column per month", value=incomes.shape)
    if not np.issubdtype(incomes.dtype, np.integer) or (incomes.size and incomes.min() < 0):
        raise InputError("a monthly income is negative or not in whole fen", expected="yuan, zero or more")
    if window not in WINDOWS:
        raise InputError("unknown window", value=window, expected=" or ".join(WINDOWS))
    if before not in BEFORES:
        raise InputError("unknown history", value=before, expected=" or ".join(BEFORES))
