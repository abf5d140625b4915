"""Which figures should be out by a day and are not in the ledger: what to look for at each quarter.

A series (place and measure) that printed a count of a quarter-end once is expected to print it again in
later years, as long after the quarter-end as it did (the median of its delays). The rhythm is the
ledger's own: a series or a quarter that was never printed is not asked for, and the list does not say
that a figure exists, only that it is time to look. Grade D prints set no rhythm and fill no gap. What was
expected more than two years ago is left out: it was looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

YEARS_BACK = 2
SERIES = ["province_code", "measure"]
COLUMNS = ("as_of", "province_code", "measure", "publisher", "usual_month", "expected")


def quarter_end_prints(ledger: pd.DataFrame) -> pd.DataFrame:
    """Counts of provinces and nation at a quarter-end, with ``quarter`` and ``delay`` in days."""
    rows = ledger[(ledger["grade"] != "D") & ledger["level"].isin(["national", "province"])]
    rows = rows[(rows["as_of_first"] == rows["as_of_last"]) & rows["date_published"].notna()]
    quarter = pd.PeriodIndex(rows["as_of_last"], freq="Q")
    rows = rows.assign(quarter=quarter, delay=(rows["date_published"] - rows["as_of_last"]).dt.days)
    return rows[quarter.end_time.normalize() == rows["as_of_last"]]


def list_due(ledger: pd.DataFrame, sources: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Quarter-end figures that should have been published by ``day`` and are not in the ledger.

    Parameters
    ----------
    ledger, sources
        As `analysis.inputs` loads them.
    day
        The day of asking.

    Returns
    -------
    DataFrame
        `COLUMNS`, oldest first: the quarter-end, the series, who published it last, the month of the year
        in which it usually comes, and the day by which it was expected.
    """
    prints = quarter_end_prints(ledger)
    publishers = sources.set_index("source_id")["publisher"]
    rows: list[tuple[object, ...]] = []
    oldest = day - pd.DateOffset(years=YEARS_BACK)
    for (code, measure), series in prints.groupby(SERIES):
        for quarter, expected, source in expected_prints(series, day):
            if expected < oldest:
                continue
            name = str(publishers[source])
            end = quarter.end_time.normalize()
            rows.append((end, code, measure, name, f"{expected:%B}", expected))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["as_of", *SERIES], ignore_index=True)


def expected_prints(series: pd.DataFrame, day: pd.Timestamp) -> Iterator[tuple[pd.Period, pd.Timestamp, str]]:
    """Quarters of one series that are due on ``day`` and absent, each with its expected day and a source."""
    held = set(series["quarter"])
    for _, same in series.groupby(series["quarter"].dt.quarter):
        delay = pd.Timedelta(days=round(same["delay"].median()))
        source = same.sort_values("quarter")["source_id"].iloc[-1]
        quarter = same["quarter"].min() + 4
        while (expected := quarter.end_time.normalize() + delay) <= day:
            if quarter not in held:
                yield quarter, expected, source
            quarter += 4
