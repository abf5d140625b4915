"""Numbers on how sure the estimates are: p-values by method, what the estimates lean on, all choices."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis import config
from analysis.report.effects import shown
from analysis.report.lineage import Lineage, Number, RawRows, trace
from analysis.report.numbers.estimates import UNITS, raw_rows
from analysis.report.tables.inference import ESTIMATOR
from analysis.report.tables.words import METHODS
from analysis.report.text import LANGUAGES, p_text, plain, range_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from analysis.report.certainty import Interval
    from analysis.report.results import Results

LEVEL = 0.05
WITHIN = ("randomization_region", "randomization_size", "randomization_level")
Raw = tuple[RawRows, ...]


def inference_numbers(results: Results) -> Iterator[Number]:
    """All numbers of inference.csv, sensitivity.csv and specification_curve.csv that texts may name."""
    for outcome, raw in raw_rows(results).items():
        yield from method_numbers(results, outcome, raw)
        yield from refit_numbers(results, outcome, raw)
        yield from trend_numbers(results, outcome, raw)
        yield from diagnostic_numbers(results, outcome, raw)
        yield from curve_numbers(results, outcome, raw)
    yield from family_numbers(results)
    rows = results.inference[results.inference["method"] == config.INFERENCE]
    count = int(rows["comparisons"].iloc[0])
    lineage = Lineage(f"inference.csv: {config.INFERENCE}", "number of assignments compared")
    yield written("n_assignments", count, "count", 0, lineage)


def written(
    key: str, value: float, unit: str, decimals: int, lineage: Lineage, evidence: str = "statistics"
) -> Number:
    """One number in both languages."""
    words = [value_text(value, plain(decimals), language) for language in LANGUAGES]
    return Number(key, value, unit, words[0], words[1], evidence, lineage)


def probability(key: str, value: float, lineage: Lineage) -> Number:
    """A p-value."""
    words = [p_text(value, language) for language in LANGUAGES]
    return Number(key, value, "probability", words[0], words[1], "statistics", lineage)


def span(key: str, low: float, high: float, unit: str, decimals: int, lineage: Lineage) -> Number:
    """Two ends, nearest rounding."""
    words = [range_text(low, high, decimals, language) for language in LANGUAGES]
    return Number(key, [low, high], unit, words[0], words[1], "statistics", lineage)


def effects(
    key: str, outcome: str, values: list[float], lineage: Lineage, interval: Interval | None = None
) -> Iterator[Number]:
    """An effect, or the two ends of a range of effects, in the outcome's unit; logs in percent alone.

    ``interval`` is that of the effect; its certainty is read from it.
    """
    unit, digits = UNITS[outcome]
    ends = values
    if unit == "log points":
        key, unit, digits = f"{key}_percent", "percent", 1
        ends = [float(shown(value, outcome)) for value in values]
    if len(ends) == 1:
        yield replace(written(key, ends[0], unit, digits, lineage), interval=interval)
    else:
        yield span(key, ends[0], ends[1], unit, digits, lineage)


def method_numbers(results: Results, outcome: str, raw: Raw) -> Iterator[Number]:
    """P-value and interval of every way of inference, and how many of them reject."""
    rows = results.inference
    rows = rows[(rows["outcome"] == outcome) & (rows["estimator"] == ESTIMATOR) & (rows["term"] == "att")]
    for row in rows.itertuples():
        lineage = trace(
            f"inference.csv: {outcome}, {ESTIMATOR}, att, {row.method}", f"right if: {row.assumes}", *raw
        )
        key = f"{outcome}_{row.method.lower()}"
        yield probability(f"{key}_p", float(row.p_value), lineage)
        if row.method in WITHIN:  # the others judge the same estimate
            limits = (float(row.ci_low), float(row.ci_high))
            known = limits if all(math.isfinite(end) for end in limits) else None
            yield from effects(f"{key}_estimate", outcome, [float(row.estimate)], lineage, known)
        ends = [float(row.ci_low), float(row.ci_high)]
        if all(math.isfinite(end) for end in ends):
            yield from effects(f"{key}_set", outcome, ends, lineage)
    events = results.inference
    events = events[(events["outcome"] == outcome) & (events["estimator"] == ESTIMATOR)]
    events = events[(events["term"] == "event") & (events["method"] == "romano_wolf")]
    for row in events.itertuples():
        year = config.PILOT_START.year + int(row.event_time)
        lineage = trace(f"inference.csv: {outcome}, {ESTIMATOR}, {year}, romano_wolf", row.assumes, *raw)
        yield probability(f"{outcome}_romano_wolf_{year}_p", float(row.p_value), lineage)
    assert set(rows["method"]) == set(METHODS), f"{outcome}: ways of inference without a name"
    lineage = trace(f"inference.csv: {outcome}, {ESTIMATOR}, att", f"p-value at most {LEVEL}", *raw)
    yield written(f"{outcome}_n_methods", len(rows), "count", 0, lineage)
    rejecting = int((rows["p_value"] <= LEVEL).sum())
    yield written(f"{outcome}_n_methods_rejecting", rejecting, "count", 0, lineage)


def part(results: Results, outcome: str, analysis: str, variant: str = "", setting: str = "") -> pd.DataFrame:
    """Rows of sensitivity.csv; blank arguments do not select."""
    rows = results.sensitivity
    rows = rows[(rows["outcome"] == outcome) & (rows["analysis"] == analysis)]
    for name, value in (("variant", variant), ("setting", setting)):
        if value:
            rows = rows[rows[name].astype(str) == value]
    assert len(rows), f"sensitivity.csv has no {analysis}, {variant}, {setting} of {outcome}"
    return rows


def refit_numbers(results: Results, outcome: str, raw: Raw) -> Iterator[Number]:
    """Leave-one-out and placebo estimates, and the synthetic estimators."""
    for analysis, name in (
        ("leave_one_unit_out", "leave_one_out"),
        ("leave_one_cohort_out", "leave_cohort_out"),
        ("placebo_date", "placebo_dates"),
    ):
        rows = part(results, outcome, analysis)
        lineage = trace(f"sensitivity.csv: {outcome}, {analysis}", "group_time, one change at a time", *raw)
        ends = [float(rows["estimate"].min()), float(rows["estimate"].max())]
        yield from effects(f"{outcome}_{name}", outcome, ends, lineage)
        low, high = float(rows["p_value"].min()), float(rows["p_value"].max())
        yield span(f"{outcome}_{name}_p", low, high, "probability", 3, lineage)
        yield written(f"{outcome}_{name}_n", len(rows), "count", 0, lineage)
        rejecting = int((rows["p_value"] <= LEVEL).sum())
        yield written(f"{outcome}_{name}_rejecting", rejecting, "count", 0, lineage)
    yield from band_numbers(results, outcome, raw)
    if outcome in config.CURVE_FAMILY:
        for name in ("planned_family", "planned_family_holm"):
            row = part(results, outcome, name).iloc[0]
            lineage = trace(f"sensitivity.csv: {outcome}, {name}", str(row["note"]), *raw)
            yield probability(f"{outcome}_{name}_p", float(row["p_value"]), lineage)
    for name in ("synthetic_did", "synthetic_control", "efficient"):
        row = part(results, outcome, "estimator", name).iloc[0]
        lineage = trace(f"sensitivity.csv: {outcome}, estimator, {name}", str(row["note"]), *raw)
        yield from effects(f"{outcome}_{name}_estimate", outcome, [float(row["estimate"])], lineage)
        yield probability(f"{outcome}_{name}_p", float(row["p_value"]), lineage)


def band_numbers(results: Results, outcome: str, raw: Raw) -> Iterator[Number]:
    """Effects within level bands, against the last year and against the own trend; the placebo."""
    own = part(results, outcome, "own_trend").set_index("variant", drop=False)
    for variant, name in (("none", "own_trend"), ("placebo", "own_trend_placebo")):
        row = own.loc[variant]
        lineage = trace(f"sensitivity.csv: {outcome}, own_trend, {variant}", str(row["note"]), *raw)
        limits = float(row["ci_low"]), float(row["ci_high"])
        yield from effects(f"{outcome}_{name}_estimate", outcome, [float(row["estimate"])], lineage, limits)
        yield from effects(f"{outcome}_{name}_set", outcome, list(limits), lineage)
        yield probability(f"{outcome}_{name}_p", float(row["p_value"]), lineage)
    for name, rows in (
        ("level_bands", part(results, outcome, "level_bands")),
        ("own_trend_bands", own.drop(["none", "placebo"])),
    ):
        lineage = trace(f"sensitivity.csv: {outcome}, {name}", "within bands of the level before", *raw)
        ends = [float(rows["estimate"].min()), float(rows["estimate"].max())]
        yield from effects(f"{outcome}_{name}_estimate", outcome, ends, lineage)
        low, high = float(rows["p_value"].min()), float(rows["p_value"].max())
        yield span(f"{outcome}_{name}_p", low, high, "probability", 3, lineage)


def trend_numbers(results: Results, outcome: str, raw: Raw) -> Iterator[Number]:
    """Breakdown values, the estimate less a straight trend, and the worth of the pre-trend test."""
    for analysis in ("relative_breakdown", "smoothness_breakdown"):
        for variant in ("average", "first"):
            value = float(part(results, outcome, analysis, variant)["estimate"].iloc[0])
            lineage = trace(
                f"sensitivity.csv: {outcome}, {analysis}, {variant}",
                "Rambachan-Roth bounds on the event study with jackknife covariance",
                *raw,
            )
            if math.isfinite(value):
                yield written(f"{outcome}_{analysis}_{variant}", value, "multiple", 2, lineage)
    row = part(results, outcome, "linear_trend", "average").iloc[0]
    lineage = trace(f"sensitivity.csv: {outcome}, linear_trend, average", "straight trend taken out", *raw)
    yield from effects(f"{outcome}_linear_trend_estimate", outcome, [float(row["estimate"])], lineage)
    ends = [float(row["ci_low"]), float(row["ci_high"])]
    yield from effects(f"{outcome}_linear_trend_ci", outcome, ends, lineage)
    for analysis, variant, name in (
        ("pretest_slope", "", "pretest_slope"),
        ("pretest_bias", "all samples", "pretest_bias"),
        ("pretest_bias", "samples that pass", "pretest_bias_passed"),
    ):
        value = float(part(results, outcome, analysis, variant, "0.8")["estimate"].iloc[0])
        lineage = trace(f"sensitivity.csv: {outcome}, {analysis}, 0.8", "power of the pre-trend test", *raw)
        yield from effects(f"{outcome}_{name}", outcome, [value], lineage)


def diagnostic_numbers(results: Results, outcome: str, raw: Raw) -> Iterator[Number]:
    """Influence, outliers, unequal spread and serial correlation of the regression behind the effect."""

    def lineage(analysis: str, rows: pd.DataFrame) -> Lineage:
        return trace(f"sensitivity.csv: {outcome}, {analysis}", str(rows["note"].iloc[0]), *raw)

    rows = part(results, outcome, "influence")
    largest = float(rows["estimate"].abs().max())
    yield written(f"{outcome}_influence_largest", largest, "standard errors", 2, lineage("influence", rows))
    rows = part(results, outcome, "outlier")
    yield probability(f"{outcome}_outlier_least_p", float(rows["p_value"].min()), lineage("outlier", rows))
    for variant in ("treated", "residents"):
        rows = part(results, outcome, "unequal_spread", variant)
        key = f"{outcome}_unequal_spread_{variant}_p"
        yield probability(key, float(rows["p_value"].iloc[0]), lineage(f"unequal_spread, {variant}", rows))
    rows = part(results, outcome, "serial_correlation")
    source = lineage("serial_correlation", rows)
    yield written(f"{outcome}_serial_correlation", float(rows["estimate"].iloc[0]), "slope", 2, source)
    yield probability(f"{outcome}_serial_correlation_p", float(rows["p_value"].iloc[0]), source)


def curve_numbers(results: Results, outcome: str, raw: Raw) -> Iterator[Number]:
    """How many specifications, where they lie, how many are significant, and the joint tests."""
    rows = results.curve[results.curve["outcome"] == outcome]
    lineage = trace(
        f"specification_curve.csv: {outcome}", "every combination of the choices in config.CURVE_*", *raw
    )
    key = f"{outcome}_specifications"
    yield written(f"{key}_n", len(rows), "count", 0, lineage)
    yield from effects(f"{key}_median", outcome, [float(rows["estimate"].median())], lineage)
    ends = [float(rows["estimate"].min()), float(rows["estimate"].max())]
    yield from effects(f"{key}_range", outcome, ends, lineage)
    for name, share in (
        ("significant", (rows["p_value"] <= LEVEL).mean()),
        ("negative", (rows["estimate"] < 0).mean()),
    ):
        yield written(f"{key}_{name}_percent", 100 * float(share), "percent", 1, lineage)
    for reference, group in rows.groupby("estimator"):
        share = 100 * float((group["p_value"] <= LEVEL).mean())
        yield written(f"{key}_{reference}_significant_percent", share, "percent", 1, lineage)
    for covariate, group in rows.groupby("covariate"):
        name = f"{key}_{covariate}_median"
        yield from effects(name, outcome, [float(group["estimate"].median())], lineage)
    for covariate, group in rows[rows["estimator"] == "unit_trends"].groupby("covariate"):
        name = f"{key}_unit_trends_{covariate}_median"
        yield from effects(name, outcome, [float(group["estimate"].median())], lineage)
    for variant, name in (("median", "median_p"), ("share", "share_p")):
        row = part(results, outcome, "specification_joint", variant).iloc[0]
        yield probability(f"{key}_{name}", float(row["p_value"]), lineage)


def family_numbers(results: Results) -> Iterator[Number]:
    """The joint test over the curves of both outcomes."""
    row = results.sensitivity[results.sensitivity["analysis"] == "specification_family"].iloc[0]
    raw = [rows for outcome in config.CURVE_FAMILY for rows in raw_rows(results)[outcome]]
    lineage = trace("sensitivity.csv: specification_family", str(row["note"]), *raw)
    yield probability("specifications_family_p", float(row["p_value"]), lineage)
