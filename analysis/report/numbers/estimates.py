"""Numbers from the difference-in-differences estimates on official statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from analysis import config
from analysis.report.effects import shown
from analysis.report.lineage import Lineage, Number, RawRows, outcome_rows, starts, trace
from analysis.report.tables.inference import ESTIMATOR
from analysis.report.text import LANGUAGES, p_text, plain, range_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.report.certainty import Interval
    from analysis.report.results import Results

# Unit and digits of each outcome; logs also as percent.
UNITS = {
    "formal_employment_rate": ("employees per 100 urban residents", 2),
    "log_income_per_head": ("log points", 3),
    "log_gdp_per_head": ("log points", 3),
}
MAIN = "main"  # the sample of the headline
COUNTS = ("n_units", "n_treated", "n_observations")


def estimate_numbers(results: Results) -> Iterator[Number]:
    """Overall effects: estimate, interval, p-values, counts.

    Keys name outcome and estimator, and the sample unless it is the main one; p-values and counts are of
    that one, those of the others stand in estimates.csv.
    """
    reasons = {item.name: item.reason for item in config.SPECIFICATIONS}
    raw = raw_rows(results)
    for _, row in results.estimates[results.estimates["term"] == "att"].iterrows():
        outcome, estimator, sample = (str(row[name]) for name in ("outcome", "estimator", "specification"))
        result = f"estimates.csv: {outcome}, {estimator}, att, {sample}"
        specification = (
            f"sample {sample}: {reasons[sample]}; control group {row['control_group']}; {row['inference']}"
        )
        name = f"{outcome}_{estimator}" if sample == MAIN else f"{outcome}_{estimator}_{sample}"
        lineage = trace(result, specification, *raw[outcome])
        main = estimator == "group_time" and sample == MAIN
        default = default_interval(results, outcome) if main else None
        yield from effect_numbers(f"{name}_att", outcome, row, lineage, default)
        if sample == MAIN:
            yield from p_values_and_counts(f"{name}_att", row, lineage)


def default_interval(results: Results, outcome: str) -> Interval:
    """The main estimate's interval by the way of inference named in advance, in the outcome's own unit."""
    rows = results.inference
    rows = rows[(rows["outcome"] == outcome) & (rows["estimator"] == ESTIMATOR) & (rows["term"] == "att")]
    row = rows[rows["method"] == config.INFERENCE].iloc[0]
    return float(row["ci_low"]), float(row["ci_high"])


def raw_rows(results: Results) -> dict[str, tuple[RawRows, RawRows]]:
    """By outcome, the annual series it is computed from and the starts that treat provinces within it."""
    began = results.rollout[results.rollout["event"] == "starts"]
    year = pd.to_datetime(began["date"]).dt.year
    return {
        outcome.name: (
            outcome_rows(results, outcome.name),
            starts(results, began.loc[year <= outcome.last_year, "province_code"]),
        )
        for outcome in config.OUTCOMES
    }


def effect_numbers(
    name: str,
    outcome: str,
    row: pd.Series,
    lineage: Lineage,
    default: Interval | None,
) -> Iterator[Number]:
    """Estimate and interval of one row of estimates.csv; a missing value gives no number.

    ``default`` is the interval that the study defends, from which the certainty of the main estimate is read.
    """
    unit, decimals = UNITS[outcome]
    evidence = str(row["evidence"])
    estimate, low, high = (float(row[column]) for column in ("estimate", "ci_low", "ci_high"))

    judged = default or ((low, high) if math.isfinite(low) and math.isfinite(high) else None)

    def number(end: str, value: object, unit: str, words: list[str]) -> Number:
        interval = judged if end in ("estimate", "percent") else None
        return Number(f"{name}_{end}", value, unit, words[0], words[1], evidence, lineage, interval=interval)

    known = math.isfinite(low) and math.isfinite(high)
    keys = ("estimate", "ci")
    if unit == "log points":
        keys, unit, decimals = ("percent", "ci_percent"), "percent", 1
        estimate, low, high = (float(shown(value, outcome)) for value in (estimate, low, high))
    words = [value_text(estimate, plain(decimals), language) for language in LANGUAGES]
    yield number(keys[0], estimate, unit, words)
    if known:
        words = [range_text(low, high, decimals, language) for language in LANGUAGES]
        yield number(keys[1], [low, high], unit, words)


def p_values_and_counts(name: str, row: pd.Series, lineage: Lineage) -> Iterator[Number]:
    """P-values and counts of one row of estimates.csv; a missing value gives no number."""
    evidence = str(row["evidence"])
    for end, column in (("p", "p_value"), ("p_randomization", "p_randomization")):
        if not pd.isna(row[column]):
            value = float(row[column])
            words = [p_text(value, language) for language in LANGUAGES]
            yield Number(f"{name}_{end}", value, "probability", words[0], words[1], evidence, lineage)
    for column in COUNTS:
        if not pd.isna(row[column]):
            value = int(row[column])
            words = [value_text(value, plain(0), language) for language in LANGUAGES]
            yield Number(f"{name}_{column}", value, "count", words[0], words[1], evidence, lineage)
