"""Numbers of the policy chapters: rates, stated questions, published cases, lags and rule differences.

Only what follows from the record. The labelled examples are simulated; no text may name their figures.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.constants import NATION
from analysis.report.lineage import Lineage, Number, RawRows, trace
from analysis.report.text import LANGUAGES, plain, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.report.results import Results

MILLION, TEN_THOUSAND = 1_000_000, 10_000
RATES = {  # key: tier row of the nation in contribution_rates.csv
    "ride_hailing": ("ride_hailing", "base"),
    "delivery_lower": ("instant_delivery", "lower"),
    "delivery_higher": ("instant_delivery", "higher"),
    "freight": ("same_city_freight", "base"),
    "food_2022": ("food_delivery", "base"),
}


def policy_numbers(results: Results) -> Iterator[Number]:
    """Every number that the policy chapters name."""
    yield from rate_numbers(results)
    yield from question_numbers(results)
    yield from programme_numbers(results)
    yield from lag_numbers(results)
    yield from rule_numbers(results)


def rate_numbers(results: Results) -> Iterator[Number]:
    """National rates per order, and the one cut-off on record."""
    table = results.rates
    for name, (industry, tier) in RATES.items():
        rows = table[(table["province_code"] == NATION) & (table["industry"] == industry)]
        rows = rows[rows["tier"] == tier]
        words = f"{rows['yuan_per_order'].iloc[0]:g}"
        value = float(rows["yuan_per_order"].iloc[0])
        lineage = from_rows("contribution_rates.csv", rows, "rate_id", "as printed")
        yield Number(f"policy_rate_{name}", value, "yuan per order", words, words, "published", lineage)
    rows = table[table["support_ratio_min"].notna()]
    percent = 100 * float(rows["support_ratio_min"].iloc[0])
    lineage = from_rows("contribution_rates.csv", rows, "rate_id", "support_ratio_min, in percent")
    yield number("policy_cut_off", percent, "percent", lineage)


def question_numbers(results: Results) -> Iterator[Number]:
    """What the two delivery bases come to for a stated number of orders."""
    rows = of(results, "contribution", "question")
    rates = results.rates
    base = rates[(rates["province_code"] == NATION) & (rates["industry"] == "instant_delivery")]
    for row in rows.to_dict("records"):
        result = f"policy.csv: contribution, question, {row['case']}, {row['unit']}"
        lineage = from_rows("contribution_rates.csv", base, "rate_id", row["text"], result)
        name = f"policy_{row['case'].replace('/', '_')}"
        if row["unit"] == "share":
            yield number("policy_fund_ratio", 100 * row["value"], "percent", lineage)
        else:
            unit = str(row["unit"]).removeprefix("yuan_a_")
            digits = 0 if float(row["value"]).is_integer() else 2
            yield replace(number(f"{name}_{unit}", row["value"], "yuan", lineage, digits), evidence="example")
    for party in ("rider", "platform"):
        text = rows.loc[rows["case"] == f"{party}/lower", "text"].iloc[0]
        orders, days = (int(part.split(" ")[0].replace(",", "")) for part in text.split(", "))
        asked = Lineage("policy.csv: contribution, question", "the question's own number; an assumption")
        for key, value, unit in (("orders", orders, "orders a day"), ("days", days, "days a month")):
            yield replace(number(f"policy_{party}_{key}", value, unit, asked), evidence="example")


def programme_numbers(results: Results) -> Iterator[Number]:
    """Cases of the subsidy that the rule reproduces, and JD's statements."""
    rows = of(results, "programme", "case")
    wide = rows.pivot(index="case", columns="unit", values="value")
    raw = results.platforms[results.platforms["record_type"] == "programme_example"]
    lineage = from_rows("platforms.csv", raw, "record_id", "published cases", "policy.csv: programme, case")
    checked = wide["computed_yuan"].notna()
    yield number("policy_cases", len(wide), "count", lineage)
    yield number("policy_cases_checked", int(checked.sum()), "count", lineage)
    same = int((wide["computed_yuan"] == wide["printed_yuan"]).sum())
    yield number("policy_cases_same", same, "count", lineage)
    jd = results.platforms[results.platforms["platform_en"] == "JD.com"]
    for name, unit in (("cost_a_month", "yuan per month"), ("riders", "persons")):
        said = jd[(jd["unit"] == unit) & jd["value"].notna()].sort_values(["start_date", "value"]).tail(1)
        value = float(said["value"].iloc[0])
        lineage = from_rows("platforms.csv", said, "record_id", f"as printed: {said['printed'].iloc[0]}")
        yield number(f"policy_jd_{name}", value, unit, lineage)


def lag_numbers(results: Results) -> Iterator[Number]:
    """Documents on record by wave, and how long they took."""
    rows = of(results, "rollout_lag", "wave")
    documents = of(results, "rollout_lag", "document")
    for row in rows.to_dict("records"):
        step, wave = str(row["case"]).split("/wave ")
        used = documents[(documents["case"] == row["case"]) & (documents["text"] != "")]
        result = f"policy.csv: rollout_lag, wave, {row['case']}, {row['unit']}"
        raw = RawRows.of("policies.csv", used, sorted(used["text"]))
        lineage = trace(result, "days from the national start to the document", raw)
        name = f"policy_lag_{step}_{wave}_{row['unit']}"
        unit = "days" if row["unit"] in ("median", "range") else "count"
        if pd.isna(row["value_upper"]):
            yield number(name, row["value"], unit, lineage)
            continue
        low, high = float(row["value"]), float(row["value_upper"])
        ends = {lang: [value_text(end, plain(0), lang) for end in (low, high)] for lang in LANGUAGES}
        joints = {"en": " to ", "zh": "至"}
        words = [lo if lo == hi else f"{lo}{joints[lang]}{hi}" for lang, (lo, hi) in ends.items()]
        yield Number(name, [low, high], unit, words[0], words[1], "published", lineage)


def rule_numbers(results: Results) -> Iterator[Number]:
    """Provinces and pairs known for the two provisions whose coding can differ."""
    rows = of(results, "rules", "agreement")
    cells = of(results, "rules", "cell")
    for row in rows[rows["case"].isin(["float_rule", "platforms_2025", "commercial_insurer_assist"])].to_dict(
        "records"
    ):
        used = cells[(cells["case"] == row["case"]) & (cells["marks"] == "text")]
        result = f"policy.csv: rules, agreement, {row['case']}, {row['unit']}"
        lineage = trace(result, "over known pairs of provinces", RawRows.of("policy.csv", used, []))
        if row["unit"] != "share":
            yield number(f"policy_rule_{row['case']}_{row['unit']}", row["value"], "count", lineage)


def of(results: Results, lever: str, item: str) -> pd.DataFrame:
    """Rows of policy.csv."""
    table = results.policy
    return table[(table["lever"] == lever) & (table["item"] == item)]


def from_rows(file: str, rows: pd.DataFrame, key: str, specification: str, result: str = "") -> Lineage:
    """Lineage over rows of one raw file."""
    keys = sorted(rows[key])
    return trace(result or f"{file}: {', '.join(keys)}", specification, RawRows.of(file, rows, keys))


def number(key: str, value: float, unit: str, lineage: Lineage, decimals: int = 0) -> Number:
    """One published number with a fixed number of digits."""
    words = [value_text(float(value), plain(decimals), language) for language in LANGUAGES]
    if decimals == 0 and value >= MILLION:  # at most six digits, so nothing is lost in these words
        words[0] = f"{value / MILLION:g} million"
    if decimals == 0 and value >= TEN_THOUSAND:
        words[1] = f"{value / TEN_THOUSAND:g}万"
    return Number(key, float(value), unit, words[0], words[1], "published", lineage)
