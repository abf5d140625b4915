"""Numbers on the years before: insurance counts of 2008 and 2011, and the path over pre-periods."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.report.lineage import Number, RawRows, trace
from analysis.report.numbers.estimates import raw_rows
from analysis.report.numbers.inference import effects, part, probability, span, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.report.results import Results

COUNTS = ("work_injury_insurance_contributors_year_end", "unemployment_insurance_contributors_year_end")
YEARS = (2008, 2011)


def pre_period_numbers(results: Results) -> Iterator[Number]:
    """Everything of this module."""
    yield from before_numbers(results)
    for outcome, raw in raw_rows(results).items():
        yield from window_numbers(results, outcome, raw)


def before_numbers(results: Results) -> Iterator[Number]:
    """Growth of insurance before the pilot, in percent, and the shares of the first wave."""
    if results.before.empty:
        return
    rows = results.statistics
    rows = rows[rows["indicator"].isin(COUNTS) & rows["year"].isin(YEARS)]
    keys = sorted({f"*,{r.year},{r.indicator}" for r in rows.itertuples()})
    raw = RawRows.of("province_annual.csv", rows, keys)
    for row in results.before.itertuples():
        key = f"before_{row.quantity}_{row.group}"
        lineage = trace(f"coverage_before.csv: {row.quantity}, {row.group}", "mean of log growth", raw)
        if row.unit == "percent":
            yield written(key, float(row.value), "percent", 1, lineage)
            continue
        yield written(f"{key}_percent", 100 * math.expm1(row.value), "percent", 1, lineage)
        if row.group == "difference":
            ends = [100 * math.expm1(end) for end in (row.ci_low, row.ci_high)]
            yield span(f"{key}_set_percent", ends[0], ends[1], "percent", 1, lineage)
            yield probability(f"{key}_p", float(row.p_value), lineage)


def window_numbers(results: Results, outcome: str, raw: tuple[RawRows, ...]) -> Iterator[Number]:
    """Least and most over pre-periods of the estimate and its p-value; the p-value that counts them all."""
    rows = part(results, outcome, "own_trend_window")
    if rows.empty:
        return
    lines = rows[rows["variant"].str.isdigit()]
    for name, these in (("windows", rows), ("lines", lines)):
        lineage = trace(
            f"sensitivity.csv: {outcome}, own_trend_window", f"least and most of {len(these)}", *raw
        )
        ends = [float(these["estimate"].min()), float(these["estimate"].max())]
        yield from effects(f"{outcome}_own_trend_{name}_estimate", outcome, ends, lineage)
        low, high = float(these["p_value"].min()), float(these["p_value"].max())
        yield span(f"{outcome}_own_trend_{name}_p", low, high, "probability", 3, lineage)
        yield written(f"{outcome}_own_trend_{name}_n", len(these), "count", 0, lineage)
    adjusted = part(results, outcome, "own_trend_window_adjusted").iloc[0]  # through every year before
    lineage = trace(f"sensitivity.csv: {outcome}, own_trend_window_adjusted", str(adjusted["note"]), *raw)
    yield probability(f"{outcome}_own_trend_adjusted_p", float(adjusted["p_value"]), lineage)
