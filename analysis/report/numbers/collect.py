"""Collect every number that a text may name into numbers.json, each with its lineage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import config
from analysis.base.files import write_entries
from analysis.base.shares import in_shares
from analysis.report.lineage import Lineage, Number, RawRows, figures, trace
from analysis.report.numbers.bounds import all_bound_numbers
from analysis.report.numbers.estimates import estimate_numbers
from analysis.report.numbers.further import further_numbers
from analysis.report.numbers.inference import inference_numbers
from analysis.report.numbers.lab import lab_numbers
from analysis.report.numbers.policy import policy_numbers
from analysis.report.numbers.pre_periods import pre_period_numbers
from analysis.report.results import CORPS, Results, from_products, load_results
from analysis.report.tables.methods import ASSUMPTIONS
from analysis.report.text import (
    LANGUAGES,
    PERSONS,
    date_text,
    interval_text,
    plain,
    printed_text,
    value_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

OFFICIAL = "official"
ORDINALS = {1: "first", 2: "second", 3: "third"}
BEIJING = "11"  # more platforms than elsewhere from July 2025


def build(raw: Path, processed: Path, jobs: int = 1) -> None:
    """Write ``numbers.json`` into ``processed``; ``jobs`` processes share the work, with the same bytes.

    Raises
    ------
    InputError
        A computed table is missing, or a row of it that a number needs.
    """
    write_numbers(load_results(raw, processed), processed, jobs)


def write_numbers(results: Results, processed: Path, jobs: int = 1) -> None:
    """As `build`, for results that are loaded."""
    with from_products("a number"):
        numbers = collect(results, jobs)
    write_entries(numbers, processed / "numbers.json")


def collect(results: Results, jobs: int = 1) -> dict[str, Any]:
    """All numbers by key.

    Raises
    ------
    AssertionError
        Two numbers share a key, or a headline number rests on a grade D source.
    """
    makers: dict[Callable[[Results], Iterable[Number]], float] = {  # with the time that each takes
        ledger_numbers: 1,
        lambda _: certainty_numbers(): 0,
        lambda results: [search_number(results)]: 0,
        count_numbers: 0,
        platform_numbers: 0,
        all_bound_numbers: 8,
        further_numbers: 2,
        estimate_numbers: 2,
        inference_numbers: 3,
        pre_period_numbers: 1,
        lab_numbers: 2,
        promise_numbers: 0,
        policy_numbers: 1,
    }
    made = in_shares(lambda maker: list(maker(results)), [*makers], [*makers.values()], jobs)
    numbers = [number for part in made for number in part]
    keys = [number.key for number in numbers]
    twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    assert not twice, f"numbers with the same key: {twice}"
    for number in numbers:
        check_number(number)
    return {number.key: number.record() for number in sorted(numbers, key=lambda number: number.key)}


def check_number(number: Number) -> None:
    """No result rests on grade D, none is infinite, and a simulated number is one by its name.

    Texts refuse ``lab_`` numbers wherever they do not say that they are simulated.
    """
    named = number.key.startswith("lab_")
    assert (number.evidence == "simulated") == named, f"{number.key} is {number.evidence}"
    headline = number.evidence in ("bounds", "statistics")
    assert not (headline and number.lineage.grade == "D"), f"{number.key} rests on a grade D source"
    ends = number.value if isinstance(number.value, list) else [number.value]
    assert all(math.isfinite(end) for end in ends if isinstance(end, float)), f"{number.key} is not finite"


def ledger_numbers(results: Results) -> Iterator[Number]:
    """Each published figure in words, with its printed digits and its qualifier."""
    for row in results.ledger.itertuples():
        figure = (row.value, row.printed_unit, row.qualifier)
        words = [printed_text(*figure, language, row.printed) for language in LANGUAGES]
        lineage = trace(
            f"published_figures.csv: {row.figure_id}",
            f"as printed: {row.printed}" if row.printed else "as printed",
            figures(results, [row.figure_id]),
        )
        name, value = f"figure_{row.figure_id}", float(row.value)
        interval = (float(row.lower), float(row.upper))  # what the print leaves open; an open end is missing
        yield Number(name, value, row.unit, words[0], words[1], "published", lineage, interval=interval)


def search_number(results: Results) -> Number:
    """Day up to which the record was searched: "data to" wherever a text or an exhibit dates the record."""
    words = [date_text(results.searched, language) for language in LANGUAGES]
    lineage = Lineage("datapackage.yaml: record_searched", "as declared")
    day = f"{results.searched:%Y-%m-%d}"
    return Number("record_searched", day, "date", words[0], words[1], "check", lineage)


def certainty_numbers() -> Iterator[Number]:
    """The thresholds of the scale of certainty, in percent of the middle of an interval."""
    for step in config.CERTAINTIES:
        if step.largest_width is not None:
            width = 100 * step.largest_width
            words = [value_text(width, plain(1), language) for language in LANGUAGES]
            lineage = Lineage(f"config.CERTAINTIES: {step.name}", step.reason)
            yield Number(
                f"certainty_{step.name}_percent", width, "percent", words[0], words[1], "check", lineage
            )


def count_numbers(results: Results) -> Iterator[Number]:
    """How many provinces, figures, sources and documents the record holds."""
    waves = results.waves
    corps = results.provinces[results.provinces["kind"] == CORPS]["code"]
    in_panel = waves[~waves.index.isin(corps)]
    kinds = results.ledger["source_id"].map(results.sources.set_index("source_id")["kind"])
    participants = results.platforms[results.platforms["record_type"] == "participant"]
    counts: dict[str, tuple[int, str, str]] = {
        "n_provinces": (len(results.units), "provinces.csv", "rows of the panel: kind is not corps"),
        "n_ledger_rows": (len(results.ledger), "published_figures.csv", "rows"),
        "n_ledger_official": (int((kinds == OFFICIAL).sum()), "published_figures.csv", "source is official"),
        "n_ledger_enrolment": (
            int((results.ledger["measure"] == "cumulative_participants").sum()),
            "published_figures.csv",
            "measure is cumulative_participants",
        ),
        "n_sources": (len(results.sources), "sources.csv", "rows"),
        "n_policies": (len(results.policies), "policies.csv", "rows"),
        "n_platforms_named": (len(participants), "platforms.csv", "record_type is participant"),
    }
    for wave, ordinal in ORDINALS.items():
        joined = int((in_panel == wave).sum())
        counts[f"n_{ordinal}_wave"] = (joined, "rollout.csv", f"starts of wave {wave}, without the Corps")
    for level in ("national", "local"):
        rows = int((results.policies["level"] == level).sum())
        counts[f"n_policies_{level}"] = (rows, "policies.csv", f"level is {level}")
    for grade in "ABCD":
        rows = int((results.ledger["grade"] == grade).sum())
        counts[f"n_ledger_grade_{grade.lower()}"] = (rows, "published_figures.csv", f"grade is {grade}")
    for name, (value, file, rule) in counts.items():
        words = [value_text(value, plain(0), language) for language in LANGUAGES]
        yield Number(
            name, value, "count", words[0], words[1], "published", Lineage(file, f"count of rows: {rule}")
        )


def platform_numbers(results: Results) -> Iterator[Number]:
    """Platforms in force at each change of the dose: the number most provinces print, and Beijing's."""
    stated = results.rollout.dropna(subset=["platforms"])
    stated = stated[stated["event"] != "announced"]
    for day, rows in stated.groupby("date"):
        number = int(rows["platforms"].mode().iloc[0])
        quarter = str(pd.Period(day, freq="Q")).lower()
        usual = rows[rows["platforms"] == number]
        groups = {f"n_platforms_{quarter}": usual}
        beijing = rows[(rows["province_code"] == BEIJING) & (rows["platforms"] != number)]
        if len(beijing):
            groups[f"n_platforms_{quarter}_beijing"] = beijing
        for name, group in groups.items():
            value = int(group["platforms"].iloc[0])
            parts = RawRows.of("rollout.csv", group, sorted(group["event_id"]))
            lineage = trace(f"rollout.csv: platforms, {pd.Timestamp(str(day)):%Y-%m-%d}", "as printed", parts)
            yield Number(name, value, "platforms", str(value), str(value), "published", lineage)


FORECAST = (
    "a forecast from stated assumptions, written down before the count; no evidence about the pilot",
    "依所述假定作出、写在公布数之前的预测，不是关于试点的证据",
)


def promise_numbers(results: Results) -> Iterator[Number]:
    """How many planned choices are kept; the forecasts committed on a date and how many are scored."""
    plan, forecast = results.plan, results.forecast
    scored = forecast["result"].isin(["inside", "outside"])
    for name, value, file, evidence in (
        ("plan_choices", len(plan), "plan.csv", "check"),
        ("plan_kept", int((plan["kept"] == "yes").sum()), "plan.csv", "check"),
        ("forecast_total", len(forecast), "forecast_scores.csv", "scenario"),
        ("forecast_scored", int(scored.sum()), "forecast_scores.csv", "scenario"),
        ("forecast_failed", int((forecast["result"] == "outside").sum()), "forecast_scores.csv", "scenario"),
    ):
        words = [value_text(value, plain(0), language) for language in LANGUAGES]
        yield Number(name, value, "count", words[0], words[1], evidence, Lineage(file, "count of rows"))
    for row in forecast.itertuples():
        said = "; ".join(ASSUMPTIONS[name][0] for name in row.assumptions.split("; "))
        lineage = Lineage(
            f"forecast_scores.csv: {row.registered}, {row.forecast_id}",
            f"committed on that day; assumes {said}",
        )
        words = [interval_text(row.lower, row.upper, PERSONS, language) for language in LANGUAGES]
        key = f"forecast_{row.forecast_id}"
        interval = [row.lower, row.upper]
        yield Number(key, interval, "persons", words[0], words[1], "scenario", lineage, FORECAST)
