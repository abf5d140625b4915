"""Numbers of what else the record says: people of the pilot in mid-2026, waves, one platform's count."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from analysis import config
from analysis.report.lineage import Lineage, Number, RawRows, figures, starts, trace
from analysis.report.results import HEADLINE, Results
from analysis.report.text import FORMATS, LANGUAGES, interval_text, plain, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

COUNT = "cumulative_participants"
ALONE = "work_injury_insurance_participants"
RATIO = "ratio"
NAMED = {  # what a text names: reading and estimand, with quarters and unit
    ("a_b_only", "pooled"): (("2023Q4", "2024Q4", "2025Q2", "2025Q3", "2025Q4"), "persons"),
    ("overlap_10", "pooled_registrations"): (("2025Q2", "2025Q4"), "per_1000_residents"),
}
NEWEST, RATE = "2025Q4", "per_1000_residents"
BY_READING = (("below_next", "31"), ("near_end", "46"), ("near_end", "11"))  # reading, province


def counts(results: Results, grades: tuple[str, ...], *, national: bool = False) -> RawRows:
    """The published enrolment counts that a reading uses."""
    rows = results.ledger[(results.ledger["measure"] == COUNT) & results.ledger["grade"].isin(grades)]
    rows = rows[rows["level"].isin(["national"] if national else ["national", "province"])]
    return figures(results, rows["figure_id"])


def interval_number(name: str, row: pd.Series, unit: str, lineage: Lineage) -> Number:
    """An interval in words; an open end is null, and said."""
    style = FORMATS.get(unit, plain(1))
    low, high = float(row["lower"]), float(row["upper"])
    value = [None if math.isnan(end) else end for end in (low, high)]
    words = [interval_text(low, high, style, language) for language in LANGUAGES]
    return Number(name, value, unit, words[0], words[1], "bounds", lineage)


def reading_numbers(results: Results) -> Iterator[Number]:
    """The national count on grades A and B only; registrations under overlap; single provinces by reading."""
    for reading in config.READINGS:
        mine = results.bounds[results.bounds["assumptions"] == reading.name]
        used = counts(results, reading.grades)
        for row in mine.to_dict("records"):
            name = reading_name(reading.name, row)
            if name:
                result = f"bounds.csv: {row['estimand']}, {row['scope']}, {row['quarter']}, {row['unit']}"
                lineage = trace(f"{result}, {reading.name}", f"reading: {reading.reason}", used)
                key = f"{name}_{row['quarter'].lower()}_{row['unit']}"
                yield interval_number(key, row, row["unit"], lineage)


def reading_name(reading: str, row: dict[str, Any]) -> str:
    """First part of the key of a row that a text names; empty for the others."""
    estimand, scope = row["estimand"], row["scope"]
    quarters, unit = NAMED.get((reading, estimand), ((), ""))
    if row["quarter"] in quarters and row["unit"] == unit:
        return "a_b_only_pooled" if reading == "a_b_only" else estimand
    if (row["quarter"], row["unit"]) != (NEWEST, RATE):
        return ""
    if estimand == "province" and (reading, scope) in BY_READING:
        return f"{reading}_province_{scope}"
    return f"{reading}_average" if estimand == "province_average" and reading.startswith("cap_") else ""


def cover_numbers(results: Results) -> Iterator[Number]:
    """What the ministry adds for the pilot, by reading, and what that rests on."""
    if results.cover.empty:
        return
    level = results.ledger[(results.ledger["measure"] == ALONE) & (results.ledger["level"] == "national")]
    level = level[level["as_of_last"] >= "2024-07-01"]
    reasons = {reading.name: reading.reason for reading in config.STOCK_READINGS}
    for row in results.cover.to_dict("records"):
        used = set(config.STOCK_FIGURES.values()) | (
            set(level["figure_id"]) if row["assumptions"] == "level" else set()
        )
        if row["quantity"] == "alone_change_if_all":
            used |= set(counts(results, config.HEADLINE_GRADES, national=True).keys)
        lineage = trace(
            f"current_cover.csv: {row['quantity']}, {row['assumptions']}",
            f"linear program; reading: {reasons[row['assumptions']]}",
            figures(results, used),
        )
        name = f"cover_{row['quantity']}_{row['assumptions']}"
        if row["quantity"] == "alone_change_if_all":
            fall = -float(row["upper"])
            words = [value_text(fall, FORMATS["persons"], language, "down") for language in LANGUAGES]
            yield Number("cover_fall_if_all", fall, "persons", words[0], words[1], "bounds", lineage)
        else:
            yield interval_number(name, row, "persons", lineage)


def contrast_numbers(results: Results) -> Iterator[Number]:
    """Waves compared, headline reading; how many values of a missing count would sign the difference."""
    rows = results.contrasts
    rows = rows[(rows["assumptions"] == HEADLINE) & rows["lower"].notna()]
    used = counts(results, config.HEADLINE_GRADES)
    begun = starts(results, results.waves.loc[lambda wave: wave <= 2].index)
    for row in rows.to_dict("records"):
        parts = [row["contrast"], row["wave"], *([row["event_time"]] if row["event_time"] else [])]
        lineage = trace(
            f"wave_contrasts.csv: {', '.join(parts)}, {HEADLINE}",
            f"linear program over the published figures; reading: {config.HEADLINE.reason}",
            used,
            begun,
        )
        yield interval_number("wave_" + "_".join(parts), row, row["unit"], lineage)
    if len(results.signing):
        top = results.signing.loc[results.signing["signing"].idxmax()]
        lineage = trace("wave_signing.csv: signing", "values that leave no zero", used, begun)
        for name, value in (("signing", top["signing"]), ("tried", top["tried"])):
            words = [value_text(float(value), plain(0), language) for language in LANGUAGES]
            yield Number(f"wave_{name}", int(value), "count", words[0], words[1], "bounds", lineage)


def head_numbers(results: Results) -> Iterator[Number]:
    """One platform's count beside the nation's."""
    if results.heads.empty:
        return
    named = sorted(name for name in config.PLATFORM_RECORDS.values() if name)
    records = results.platforms.set_index("record_id").loc[named]
    platform = RawRows.of("platforms.csv", records, named)
    for row in results.heads.to_dict("records"):
        lineage = trace(
            f"platform_counts.csv: {row['quantity']}, {row['day']}",
            "linear program: both counts are cumulative counts of heads, the platform's part of the nation's",
            figures(results, config.NATION_DAYS.values()),
            platform,
        )
        day = str(row["day"]).replace("-", "")
        yield interval_number(f"heads_{row['quantity']}_{day}", row, "persons", lineage)


def further_numbers(results: Results) -> Iterator[Number]:
    """Everything of this module."""
    yield from reading_numbers(results)
    yield from cover_numbers(results)
    yield from contrast_numbers(results)
    yield from head_numbers(results)
