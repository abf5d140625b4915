"""Per-order contributions (按单计费): from a rate and a number of orders to yuan, for one side or the fund.

The platform pays all of it; a worker pays nothing. Amounts are whole li (0.001 yuan), hence exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from analysis.base.errors import InputError
from analysis.policy.money import HIGHEST

MONTHS_PER_YEAR = 12
LONGEST_MONTH = 31


@dataclass(frozen=True)
class Contribution:
    """Contributions of one flow of orders, in li. ``share`` is of order income, missing when not given."""

    day: int
    month: int
    year: int
    month_per_person: Fraction
    share: Fraction | None


def contribution(
    li_per_order: int,
    orders_per_day: int,
    days_per_month: int,
    *,
    months: int = MONTHS_PER_YEAR,
    workers: int = 1,
    income_li_per_order: int | None = None,
) -> Contribution:
    """Contributions by day, month and year.

    Parameters
    ----------
    li_per_order
        Rate in li (0.07 yuan is 70).
    orders_per_day
        Orders of all ``workers`` together on a working day.
    days_per_month, months
        Days with orders in a month; months with orders in a year.
    workers
        People behind these orders.
    income_li_per_order
        What an order earns the worker, in li; gives the contribution as a share of order income.

    Raises
    ------
    InputError
        Negative or fractional counts, more days than a month or months than a year has, no worker,
        or an income per order that is not above zero.
    """
    limits = {
        "orders per day": (orders_per_day, 0, HIGHEST),
        "days per month": (days_per_month, 0, LONGEST_MONTH),
    }
    limits |= {"months": (months, 0, MONTHS_PER_YEAR), "workers": (workers, 1, HIGHEST)}
    for name, (value, low, high) in limits.items():
        _check_count(name, value, low, high)
    if income_li_per_order is not None and income_li_per_order <= 0:
        raise InputError("income per order is not above zero", value=income_li_per_order / 1000)
    day = li_per_order * orders_per_day
    month = day * days_per_month
    share = None if income_li_per_order is None else Fraction(li_per_order, income_li_per_order)
    return Contribution(day, month, month * months, Fraction(month, workers), share)


def support_ratio_at(ratio: Fraction, measured_li: int, new_li: int) -> Fraction:
    """Support ratio (支缴率, benefits over contributions) when only the rate per order changes.

    Benefits per order stay at ``ratio * measured_li``, so the ratio scales with ``measured_li / new_li``:
    200 % measured at 0.07 yuan is 56 % at 0.25 yuan.

    Raises
    ------
    InputError
        A negative ratio or a rate that is not above zero.
    """
    if ratio < 0:
        raise InputError("support ratio is negative", value=float(ratio), expected="2 for 200 %")
    if measured_li <= 0 or new_li <= 0:
        raise InputError("a rate per order is not above zero", value=(measured_li / 1000, new_li / 1000))
    return ratio * measured_li / new_li


def _check_count(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{name} is not a whole number", value=value)
    if not low <= value <= high:
        shown = str(value) if abs(value) < 10**60 else f"a number of {len(str(abs(value)))} digits"
        raise InputError(
            f"{name} is out of range", value=shown, expected=f"a whole number from {low} to {high}"
        )
