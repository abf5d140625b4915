"""The ledger of published figures, read as intervals in value and in time.

A printed count stands for every number that would have been printed so, on some day of a window.
``lower`` and ``upper`` come from the printed digits, ``as_of_first`` and ``as_of_last`` from what
the print says about the date. Which rows a result may use is decided later, by grade and reading.

Value, with ``printed_unit`` the size of the last printed significant digit:

======================  =====================================================================
exact, about            value -+ printed_unit / 2 (157万: 1,565,000 to 1,575,000). In a rounded
                        integer, final zeros are no digits: 2510万 is -+ 50,000.
exact, to the unit      the value itself (5511件)
more_than               value to infinity
======================  =====================================================================

Date, by ``date_precision``:

======================  =====================================================================
month_end, quarter_end, the stated day
year_end
year_end_implied        the stated day; weaker, from a province's annual report
publication_date_proxy  up to the stated day, first day unknown (missing): the page says "to date"
month_approx            some day of that month
undated_within_year     some day of that year
======================  =====================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.inputs.tables import last_day, load_sources, read_table

if TYPE_CHECKING:
    from pathlib import Path

FILE = "published_figures.csv"
# Counts since the start of the pilot: they never fall. The other measures are stocks or in-year counts.
CUMULATIVE = (
    "applications",
    "benefits_paid_yuan",
    "claimants_paid",
    "confirmed_injuries",
    "cumulative_participants",
    "platform_orders_covered",
)
ON_THE_DAY = ("month_end", "quarter_end", "year_end", "year_end_implied")


def load_ledger(folder: Path) -> pd.DataFrame:
    """Every published figure with its interval and window.

    Returns
    -------
    DataFrame
        The file's columns, ordered by ``figure_id``, and: ``lower``, ``upper`` (float, in the row's
        unit; infinite for a floor), ``as_of_first``, ``as_of_last`` (days; the first is missing when
        unknown), ``date_published`` (last possible day of the source's date; missing when undated).
    """
    return read_windows(read_table(folder, FILE), load_sources(folder)).sort_values(
        "figure_id", ignore_index=True
    )


def read_windows(figures: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Add intervals, windows and publication days to the ledger's rows, keeping their order."""
    value = figures["value"].astype("float64")
    half_width = figures["printed_unit"].astype("float64") / 2
    half_width = half_width.where(figures["printed_unit"] != 1, 0.0)  # printed to the person or the case
    floor = figures["qualifier"] == "more_than"
    stated, precision = figures["as_of_date"], figures["date_precision"]
    month, year = precision == "month_approx", precision == "undated_within_year"
    first = stated.where(precision.isin(ON_THE_DAY))
    first = first.mask(month, stated.dt.to_period("M").dt.start_time)
    first = first.mask(year, stated.dt.to_period("Y").dt.start_time)
    last = stated.mask(month, stated + pd.offsets.MonthEnd(0)).mask(year, stated + pd.offsets.YearEnd(0))
    published = sources.set_index("source_id")["date_published"].pipe(last_day)
    return figures.assign(
        lower=value.where(floor, value - half_width).clip(lower=0.0),
        upper=(value + half_width).mask(floor, np.inf),
        as_of_first=first,
        as_of_last=last,
        date_published=figures["source_id"].map(published),
    )
