"""Budgets of a shared scheme: by income band, by party, and for the fund.

Sums stay in whole fen, so that bands add up to the total and the parties to the contribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.base.errors import InputError
from analysis.policy.money import BASIS_POINTS
from analysis.policy.sharing import Fen, Scheme, Shares, share_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PARTIES = ("platform", "government", "individual")


@dataclass(frozen=True)
class Fund:
    """The fund over the months given, in fen.

    ``support_ratio`` is benefits over contributions; ``break_even_support_ratio`` is the one at which the
    fund ends at zero; ``lowest`` is the lowest balance at the end of a month.
    """

    opening: int
    contributions: int
    administration: int
    benefits: int
    closing: int
    lowest: int
    lowest_month: int
    support_ratio: float
    break_even_support_ratio: float


def bands(incomes: Fen, shares: Shares, edges_fen: Sequence[int], paid_now_fen: int = 0) -> pd.DataFrame:
    """Who pays what, by band of monthly income.

    Parameters
    ----------
    incomes
        Fen, any shape.
    shares
        From `share_cost` on the same incomes.
    edges_fen
        Lower ends of the bands, rising from zero.
    paid_now_fen
        What a worker pays a month today; zero in the injury scheme, where the platform pays all.

    Returns
    -------
    DataFrame
        One row per band: ``from_fen, to_fen`` (missing in the last), ``worker_months, income,
        contribution, platform, government, individual, subsidised`` (sums in fen) and
        ``take_home_change`` (mean fen a month).
    """
    edges = np.asarray(edges_fen, dtype=np.int64)
    if edges.size == 0 or edges[0] != 0 or (np.diff(edges) <= 0).any():
        raise InputError("income bands do not rise from zero", value=[edge / 100 for edge in edges_fen])
    place = np.searchsorted(edges, incomes.ravel(), side="right") - 1
    table = pd.DataFrame({"from_fen": edges, "to_fen": pd.array([*edges[1:], None], dtype="Int64")})
    table["worker_months"] = np.bincount(place, minlength=edges.size)
    columns = {"income": incomes, "contribution": shares.contribution, "platform": shares.platform}
    columns |= {"government": shares.government, "individual": shares.individual}
    columns |= {"subsidised": shares.subsidised}
    for name, values in columns.items():
        table[name] = _sums(values.ravel(), place, edges.size)
    months = table["worker_months"].where(table["worker_months"] > 0)
    table["take_home_change"] = paid_now_fen - table["individual"] / months
    return table


def _sums(values: Fen, place: NDArray[np.intp], groups: int) -> Fen:
    """Exact integer sums by group; ``bincount`` with weights would go through floats."""
    return np.array([values[place == group].sum() for group in range(groups)], dtype=np.int64)


def fund_balance(
    contributions: Fen,
    benefits: Fen,
    *,
    opening_fen: int = 0,
    administration: int = 0,
) -> Fund:
    """The fund from monthly contributions and benefits.

    Parameters
    ----------
    contributions, benefits
        Fen by month, shape (months,).
    opening_fen
        Balance before the first month.
    administration
        Basis points of contributions spent on running the scheme.

    Raises
    ------
    InputError
        Different numbers of months, negative benefits, administration outside 0 to 1, or no contribution.
    """
    if contributions.shape != benefits.shape or contributions.ndim != 1:
        raise InputError(
            "contributions and benefits cover different months", value=(contributions.size, benefits.size)
        )
    if (benefits < 0).any():
        raise InputError("benefits are negative", expected="yuan, zero or more")
    if not 0 <= administration <= BASIS_POINTS:
        raise InputError("administration is not a share between 0 and 1", value=administration / BASIS_POINTS)
    paid = int(contributions.sum())
    if paid == 0:
        raise InputError("no contribution is paid, so no support ratio exists", expected="income above zero")
    costs = (contributions * administration + BASIS_POINTS // 2) // BASIS_POINTS
    path = opening_fen + np.cumsum(contributions - costs - benefits)
    spent = int(benefits.sum())
    return Fund(
        opening=opening_fen,
        contributions=paid,
        administration=int(costs.sum()),
        benefits=spent,
        closing=int(path[-1]),
        lowest=int(path.min()),
        lowest_month=int(path.argmin()) + 1,
        support_ratio=spent / paid,
        break_even_support_ratio=(opening_fen + paid - int(costs.sum())) / paid,
    )


def wage_cliff(scheme: Scheme) -> int:
    """Fen a worker loses by earning the minimum wage instead of one fen less (the subsidy ends)."""
    if scheme.minimum_wage_fen == 0:
        return 0
    edge = scheme.minimum_wage_fen
    paid = share_cost(np.array([edge - 1, edge], dtype=np.int64), scheme).individual
    return int(paid[1] - paid[0]) - 1
