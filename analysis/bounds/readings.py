"""Published figures become restrictions on enrolment at quarter-ends.

The idea: a cumulative count never falls. A count that held on some day in the window from
``as_of_first`` to ``as_of_last`` is therefore a floor for every quarter-end on or after the window
and a ceiling for every quarter-end on or before it. A figure dated inside a quarter bounds the
quarter before from above and its own quarter from below. A window without a first day ("to date")
gives a floor only. What the print leaves open is decided by a named `config.Reading`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.constants import NATION
from analysis.panel.build import COVERAGE

if TYPE_CHECKING:
    from analysis.config import Reading


@dataclass(frozen=True)
class Restriction:
    """``lower <= count(place, floor_from)`` and ``count(place, ceiling_until) <= upper``, in persons.

    ``floor_from`` and ``ceiling_until`` are quarter-ends; missing means that side restricts nothing.
    """

    figure_id: str
    province_code: str
    lower: float
    upper: float
    floor_from: pd.Period | None
    ceiling_until: pd.Period | None


def last_quarter_end_by(day: pd.Timestamp) -> pd.Period:
    """Newest quarter that has ended on ``day`` or before."""
    quarter = pd.Period(day, freq="Q")
    return quarter if day.normalize() == quarter.end_time.normalize() else quarter - 1


def days_to_quarter_end(day: pd.Timestamp) -> int:
    """Days from ``day`` to the end of its quarter; zero on the last day."""
    return int((pd.Period(day, freq="Q").end_time.normalize() - day.normalize()).days)


def window(row: pd.Series, reading: Reading) -> tuple[pd.Timestamp | None, pd.Timestamp]:
    """First (or missing) and last day on which the count of this row may have held."""
    first, last = row["as_of_first"], row["as_of_last"]
    if row["date_precision"] == "year_end_implied" and not reading.implied_year_end:
        first, last = pd.NaT, max(last, row["date_published"])
    if pd.isna(first):
        if reading.freshness_days is None:
            return None, last
        first = last - pd.Timedelta(days=reading.freshness_days)
    return first, last


def read_ledger(ledger: pd.DataFrame, reading: Reading) -> list[Restriction]:
    """Translate the enrolment figures of the ledger under one reading.

    Parameters
    ----------
    ledger
        As `analysis.inputs.load_ledger` returns it, with ``date_published`` of each row's source.
    reading
        The switches; the headline leaves grade D figures out.

    Returns
    -------
    list of Restriction
        In the order of ``figure_id``. A city's count is a floor for its province and no ceiling.
    """
    rows = ledger[ledger["measure"] == COVERAGE].sort_values("figure_id")
    rows = rows[rows["grade"].isin(reading.grades)]
    restrictions = []
    for _, row in rows.iterrows():
        first, last = window(row, reading)
        upper = row["upper"]
        if row["qualifier"] == "more_than" and reading.more_than_slack is not None:
            upper = row["lower"] * (1 + reading.more_than_slack)
        if row["qualifier"] == "more_than" and reading.more_than_below_next:
            upper = row["lower"] + float(row["printed_unit"])
        open_above = first is None or math.isinf(upper) or row["level"] == "city"
        until = None if first is None else last_quarter_end_by(first)
        if first is not None and (days := days_to_quarter_end(first)) <= reading.days_ahead:
            until, upper = pd.Period(first, freq="Q"), upper * (1 + reading.daily_growth * days)
        restrictions.append(
            Restriction(
                figure_id=row["figure_id"],
                province_code=NATION if row["level"] == "national" else row["province_code"],
                lower=float(row["lower"]),
                upper=math.inf if open_above else float(upper),
                floor_from=pd.Period(last, freq="Q"),
                ceiling_until=None if open_above else until,
            )
        )
    return restrictions
