"""Numbers of the design laboratory. All are simulated, and all their keys begin with ``lab_``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis import config
from analysis.lab.precision import in_innovations
from analysis.report.effects import shown
from analysis.report.figures.laboratory import TREATED, YEARS
from analysis.report.lineage import Lineage, Number, trace
from analysis.report.numbers.estimates import UNITS, raw_rows
from analysis.report.numbers.inference import Raw, written
from analysis.report.tables.laboratory import DESIGNS, LAB_METHODS, NAMES, rows_of
from analysis.report.text import LANGUAGES, range_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from analysis.report.results import Results

NAMED = config.INFERENCE
OWN = {"estimator": "group_time", "event_time": ""}


def lab_numbers(results: Results) -> Iterator[Number]:
    """All numbers of lab.csv that texts may name."""
    raw = raw_rows(results)
    every = tuple(rows for outcome in NAMES for rows in raw[outcome])
    yield from run_numbers(results, every)
    yield from size_numbers(results, every)
    yield from bias_numbers(results, every)
    yield from noise_numbers(results, every)
    for outcome in NAMES:
        yield from detectable_numbers(results, outcome, raw[outcome])
        yield from own_trend_numbers(results, outcome, raw[outcome])


def source(result: str, raw: Raw) -> Lineage:
    """Lineage of a simulated number: the real series enter by calibration only."""
    return trace(f"lab.csv: {result}", "simulated panels, calibrated to the years before the pilot", *raw)


def simulated(key: str, value: float, unit: str, decimals: int, lineage: Lineage) -> Number:
    """One simulated number."""
    return written(f"lab_{key}", value, unit, decimals, lineage, "simulated")


def simulated_span(key: str, values: pd.Series, lineage: Lineage) -> Number:
    """Smallest and largest of some shares, in percent."""
    ends = [100 * float(values.min()), 100 * float(values.max())]
    words = [range_text(ends[0], ends[1], 1, language) for language in LANGUAGES]
    return Number(f"lab_{key}_percent", ends, "percent", words[0], words[1], "simulated", lineage)


def run_numbers(results: Results, raw: Raw) -> Iterator[Number]:
    """How much was simulated."""
    rows = rows_of(results, "size", design="null_random", **OWN)
    count = int(rows["replications"].max())
    yield simulated("replications", count, "count", 0, source("replications", raw))
    error = 100 * 1.96 * math.sqrt(0.05 * 0.95 / count)
    yield simulated("size_error", error, "percentage points", 1, source("size, error", raw))
    shown = rows["inference"].isin(list(LAB_METHODS))
    number = rows[shown]["inference"].nunique()
    yield simulated("n_methods", number, "count", 0, source("inference", raw))


def size_numbers(results: Results, raw: Raw) -> Iterator[Number]:
    """Size of the named test and of its neighbours, smallest to largest over outcomes, by design."""
    rows = rows_of(results, "size", **OWN)
    for design in DESIGNS:
        for method in LAB_METHODS:
            found = rows[(rows["design"] == design) & (rows["inference"] == method)]["value"]
            if len(found):
                lineage = source(f"annual, {design}, group_time, {method}, size", raw)
                yield simulated_span(f"size_{design.removeprefix('null_')}_{method}", found, lineage)
    real = rows[rows["design"].isin([name for name in DESIGNS if name != "null_random"])]
    for method in LAB_METHODS:
        found = real[real["inference"] == method]["value"]
        if len(found):
            lineage = source(f"annual, design!=null_random, group_time, {method}, size", raw)
            yield simulated_span(f"size_elsewhere_{method}", found, lineage)
    for design, name in (("null_violation_50", "half"), ("null_violation_100", "whole")):
        found = rows[(rows["design"] == design) & (rows["inference"] == NAMED)]["value"]
        yield simulated_span(f"size_trend_gap_{name}", found, source(f"annual, {design}, {NAMED}, size", raw))


def bias_numbers(results: Results, raw: Raw) -> Iterator[Number]:
    """Bias of the static two-way coefficient in the rollout, in percent of the true mean effect."""
    rows = results.lab[results.lab["metric"] == "exact_bias_percent"]
    rows = rows[rows["estimator"] == "twfe"]
    for calendar, place in (("quarterly", "rollout"), ("quarterly_all_treated", "all_treated")):
        for design in ("constant", "by_cohort", "dose", "growing", "growing_by_cohort"):
            row = rows[(rows["calendar"] == calendar) & (rows["design"] == design)]
            lineage = source(f"{calendar}, {design}, twfe, exact_bias_percent", raw)
            yield simulated(f"twfe_bias_{place}_{design}", float(row["value"].iloc[0]), "percent", 0, lineage)


def detectable_numbers(results: Results, outcome: str, raw: Raw) -> Iterator[Number]:
    """Smallest effects found four times in five: by quarter, and with more provinces or years."""
    found = rows_of(results, "minimum_detectable_effect", calendar="", design="null_random",
                    estimator="group_time", inference=NAMED)  # fmt: skip
    found = found[found["outcome"] == outcome]
    now = found[found["calendar"] == "annual"]
    unit, decimals = UNITS[outcome]
    for row in now.itertuples():
        when = f"{config.PILOT_START.year + int(row.event_time)}q4" if row.event_time else "mean"
        lineage = source(
            f"annual, null_random, {outcome}, group_time, {when}, minimum_detectable_effect", raw
        )
        key = f"detectable_{outcome}_{when}"
        yield simulated(key, float(row.value), unit, decimals, lineage)
        if unit == "log points":
            yield simulated(f"{key}_percent", float(shown(row.value, outcome)), "percent", 1, lineage)
    whole = found[found["event_time"] == ""].set_index("calendar")["value"]
    for calendar in (*TREATED, *YEARS):
        if calendar == "annual":
            continue
        change = 100 * (float(whole[calendar]) / float(whole["annual"]) - 1)
        lineage = source(f"{calendar}, null_random, {outcome}, group_time, minimum_detectable_effect", raw)
        yield simulated(f"detectable_change_{outcome}_{calendar.removeprefix('annual_')}", change, "percent",
                        0, lineage)  # fmt: skip


def noise_numbers(results: Results, raw: Raw) -> Iterator[Number]:
    """Effects found four times in five, in units of an outcome's yearly noise: least and most."""
    ends = in_innovations(results.lab)
    words = [range_text(ends[0], ends[1], 1, language) for language in LANGUAGES]
    lineage = source("annual, null_random, group_time, minimum_detectable_effect / innovation sd", raw)
    yield Number("lab_detectable_in_noise", list(ends), "ratio", words[0], words[1], "simulated", lineage)


def own_trend_numbers(results: Results, outcome: str, raw: Raw) -> Iterator[Number]:
    """Error of the comparison with own trends, in percent of that with the last year over three years."""
    rows = results.lab[results.lab["outcome"] == outcome].set_index(["metric", "parameter"])["value"]
    now = float(rows["sd_last_year", "3 years"])
    for years in ("3 years", "8 years"):
        value = 100 * float(rows["sd_own_trend", years]) / now
        lineage = source(f"annual, null_random, {outcome}, sd_own_trend, {years}", raw)
        key = f"own_trend_error_{outcome}_{years.replace(' ', '_')}"
        yield simulated(key, value, "percent", 0, lineage)
