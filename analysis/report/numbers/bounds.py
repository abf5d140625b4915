"""Numbers from the identified sets: enrolment, its spread over provinces, and the growth of 2025."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analysis import config
from analysis.report.figures.national import BASE, ENDS, decompose
from analysis.report.lineage import (
    Lineage,
    Number,
    RawRows,
    counted_year,
    denominators,
    figures,
    starts,
    trace,
)
from analysis.report.results import HEADLINE, Results
from analysis.report.text import (
    FORMATS,
    LANGUAGES,
    end_text,
    interval_text,
    plain,
    quarter_text,
    value_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from analysis.report.certainty import Interval

PREFIXES = {
    "pooled": "pooled_{scope}",
    "province_average": "province_average_{scope}",
    "cohort_pooled": "cohort_pooled_{scope}",
    "cohort_average": "cohort_average_{scope}",
    "province": "province_{scope}",
}
KEY = ["estimand", "scope", "province_code", "quarter", "event_time", "unit", "assumptions"]
PINNED = 2.0  # width in people per 1,000 residents below which a province counts as known
QUOTIENT = "ratio of two published counts"
SEED_FIGURES = ("00_20250630_cumulative_participants", "00_20250930_cumulative_participants")


def interval_number(name: str, lower: float, upper: float, unit: str, lineage: Lineage) -> Number:
    """The interval ``name``; an open upper end has value null."""
    high = None if math.isnan(upper) else upper
    words = {language: interval_text(lower, upper, FORMATS[unit], language) for language in LANGUAGES}
    return Number(name, [lower, high], unit, words["en"], words["zh"], "bounds", lineage)


def interval_numbers(name: str, lower: float, upper: float, unit: str, lineage: Lineage) -> Iterator[Number]:
    """The interval ``name`` and its ends ``name_lower`` and ``name_upper``."""
    yield interval_number(name, lower, upper, unit, lineage)
    style = FORMATS[unit]
    high = None if math.isnan(upper) else upper
    for side, end in (("lower", lower), ("upper", high)):
        words = {language: end_text(lower, upper, side, style, language) for language in LANGUAGES}
        yield Number(f"{name}_{side}", end, unit, words["en"], words["zh"], "bounds", lineage)


def bounds_numbers(results: Results) -> Iterator[Number]:
    """Every headline interval by quarter; provinces and cohorts only per 1,000 residents."""
    rows = results.bounds[(results.bounds["assumptions"] == HEADLINE) & (results.bounds["quarter"] != "")]
    whole = rows["estimand"].isin(["pooled", "province_average"])
    rows = rows[whole | (rows["unit"] == "per_1000_residents")]
    held = figures_by_price(results.support)
    joined: dict[tuple[str, str], tuple[str, ...]] = {}  # these three are the same for many rows
    begun: dict[tuple[str, ...], RawRows] = {}
    divided: dict[tuple[tuple[str, ...], int, str], RawRows] = {}
    for row in rows.itertuples():
        if (row.scope, row.quarter) not in joined:
            joined[row.scope, row.quarter] = tuple(members(results, row.scope, row.quarter))
        codes = joined[row.scope, row.quarter]
        if codes not in begun:
            begun[codes] = starts(results, codes)
        by = (codes, counted_year(row.quarter), row.unit)
        if by not in divided:
            divided[by] = denominators(results, codes, row.quarter, row.unit)
        key = tuple(getattr(row, column) for column in KEY)
        lineage = bound_lineage(results, row, held.get(key, []), (begun[codes], divided[by]))
        prefix = PREFIXES[row.estimand].format(scope=row.scope.lower())
        name = f"{prefix}_{row.quarter.lower()}_{row.unit}"
        yield interval_number(name, row.lower, row.upper, row.unit, lineage)  # no text names single ends


def members(results: Results, scope: str, quarter: str) -> list[str]:
    """Provinces whose enrolment a scope of bounds.csv counts at a quarter."""
    if scope != "in_force" and "Q" not in scope:
        return [scope]
    rows = results.bounds[(results.bounds["estimand"] == "province") & (results.bounds["unit"] == "persons")]
    now = rows[(rows["quarter"] == quarter) & (rows["assumptions"] == HEADLINE)]
    if scope == "in_force":
        return sorted(now["province_code"])
    joined = rows[(rows["event_time"] == "0") & (rows["quarter"] == scope)]["province_code"]
    return sorted(set(now["province_code"]) & set(joined))


def figures_by_price(support: pd.DataFrame) -> dict[Any, list[str]]:
    """Figures that hold the ends of each interval.

    The figure with the largest shadow price comes first: another count there would move an end most.
    """
    ordered = support.assign(weight=-support["shadow_price"].abs()).sort_values(["weight", "figure_id"])
    return {key: list(names) for key, names in ordered.groupby(KEY)["figure_id"]}


def bound_lineage(results: Results, row: Any, held: list[str], shared: tuple[RawRows, RawRows]) -> Lineage:
    """Lineage of an interval; ``held`` are the figures that hold its ends."""
    result = f"bounds.csv: {row.estimand}, {row.scope}, {row.quarter}, {row.unit}, {row.assumptions}"
    specification = f"linear program over the published figures; reading: {config.HEADLINE.reason}"
    return trace(result, specification, figures(results, held), *shared)


def decomposition_numbers(results: Results) -> Iterator[Number]:
    """Growth from June 2025 and what of it is scope or uptake, in percent of the June count.

    The names without a quarter are for September, the comparison that the source article makes.
    """
    names = {"total": "total_growth", "scope": "scope", "uptake": "uptake"}
    rise: Interval | None = None  # of the national count to September
    for row in decompose(results).itertuples():
        if (row.part, row.to_quarter) == ("total", ENDS[0]):
            rise = row.lower_percent, row.upper_percent
        head = "decomposition" if row.to_quarter == ENDS[0] else f"decomposition_{row.to_quarter.lower()}"
        lineage = growth_lineage(results, row.part, row.to_quarter)
        name = f"{head}_{names[row.part]}"
        unit = "percent" if row.part == "total" else "percentage points"  # parts of the rise
        for number in interval_numbers(name, row.lower_percent, row.upper_percent, unit, lineage):
            yield replace(number, key=f"{name}_percent") if number.key == name else number
    if not set(SEED_FIGURES) <= set(results.figures.index):
        return  # another record than the study's own
    first, last = (results.figures.loc[name, "value"] for name in SEED_FIGURES)
    growth = 100 * (last / first - 1)
    words = value_text(growth, plain(0), "en")
    lineage_seed = trace(
        "published_figures.csv: " + ", ".join(SEED_FIGURES),
        QUOTIENT,
        figures(results, SEED_FIGURES),
    )
    # The second count is a lower limit, so the rise is as sure as the interval that this quotient lies in.
    yield Number(
        "seed_growth_percent", growth, "percent", words, words, "published", lineage_seed, interval=rise
    )


def growth_lineage(results: Results, part: str, end: str) -> Lineage:
    """Lineage of one growth term: the figures that hold its end quarter and its base."""
    scope, estimand = {
        "total": ("in_force", "pooled"),
        "scope": ("2025Q3", "cohort_pooled"),
        "uptake": ("2022Q3", "cohort_pooled"),
    }[part]
    rows = results.support[
        (results.support["assumptions"] == HEADLINE) & (results.support["unit"] == "persons")
    ]
    at_end = (rows["estimand"] == estimand) & (rows["scope"] == scope) & (rows["quarter"] == end)
    at_base = (rows["estimand"] == "pooled") & (rows["quarter"] == BASE)
    ids = rows[at_end | at_base]["figure_id"]
    result = f"bounds.csv: {estimand}, {scope}, {end}, persons; pooled, {BASE}, persons"
    specification = "in percent of the base; each end takes the least favourable base"
    return trace(result, specification, figures(results, ids), starts(results, members(results, scope, end)))


def spread_numbers(results: Results) -> Iterator[Number]:
    """How well provinces are known at the newest bounded quarter, and what would help most."""
    quarter = results.newest_bounded()
    rows = results.headline("province", "per_1000_residents")
    rows = rows[rows["quarter"] == quarter]
    result = f"bounds.csv: province, {quarter}, per_1000_residents, headline"
    counted = results.ledger[
        (results.ledger["measure"] == "cumulative_participants")
        & results.ledger["level"].isin(["national", "province"])  # a total is a ceiling for each province
        & results.ledger["grade"].isin(config.HEADLINE_GRADES)
    ]
    parts: RawRows = figures(results, counted["figure_id"])
    known = trace("bounds.csv: pooled, persons, headline", "newest quarter with an upper end")
    label = quarter_text(quarter, "en"), quarter_text(quarter, "zh")
    yield Number("newest_bounded_quarter", quarter, "quarter", *label, "bounds", known)
    counts = {
        "n_provinces_in_force_newest": (len(rows), "provinces in the pilot"),
        "n_provinces_pinned": (
            int((rows["upper"] - rows["lower"] < PINNED).sum()), f"interval narrower than {PINNED:g}"),
        "n_provinces_without_count": (int((rows["lower"] == 0).sum()), "lower end zero: no count published"),
    }  # fmt: skip
    for name, (value, rule) in counts.items():
        yield Number(name, value, "provinces", str(value), str(value), "bounds", trace(result, rule, parts))
    for when, group in results.missing.groupby("quarter"):
        top = group.sort_values(["reduction", "province_code"], ascending=[False, True]).iloc[0]
        inside = set(group["province_code"])  # a row for each province in force
        lineage = trace(
            f"missing_figures.csv: {when}, {top['province_code']}",
            "largest sure reduction",
            parts,
            starts(results, inside),
            denominators(results, inside, str(when), "per_1000_residents"),
        )
        code, size = str(top["province_code"]), float(top["reduction"])
        head = f"missing_top_{str(when).lower()}"
        names = results.name(code, "en"), results.name(code, "zh")
        yield Number(f"{head}_province", code, "province", *names, "bounds", lineage)
        words = [value_text(size, plain(1), language, "down") for language in LANGUAGES]
        yield Number(f"{head}_reduction", size, "per_1000_residents", words[0], words[1], "bounds", lineage)


def all_bound_numbers(results: Results) -> Iterator[Number]:
    """Everything of this module."""
    yield from bounds_numbers(results)
    yield from decomposition_numbers(results)
    yield from spread_numbers(results)
