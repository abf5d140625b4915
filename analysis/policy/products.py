"""``policy.csv``: every figure of the policy chapters, one row each, with evidence class and grade.

Figures that follow from a printed rule are ``published``; those of the labelled examples are ``simulated``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis import inputs
from analysis.base.constants import NATION
from analysis.base.files import save_table, write_text
from analysis.policy.claims import claims_table
from analysis.policy.contribution import contribution
from analysis.policy.differences import agreement, rule_matrix
from analysis.policy.examples import (
    EXAMPLE_ADMINISTRATION,
    EXAMPLE_BENEFIT_FEN_PER_ORDER,
    EXAMPLE_DAYS,
    EXAMPLE_ORDERS,
    EXAMPLE_PLATFORM_DAYS,
    EXAMPLE_PLATFORM_ORDERS,
    EXAMPLE_SCHEME,
    ExampleWorkers,
    entitlement_by_spread,
    example_incomes,
)
from analysis.policy.lags import EXPANSION, document_lags, lags_by_wave
from analysis.policy.page_rules import DRAFT, queries, script
from analysis.policy.programmes import city_floor, published_cases
from analysis.policy.rates import TIERED, TIERS, Query, UnknownRuleError, find_rate
from analysis.policy.rulebook import Rulebook, load_rulebook
from analysis.policy.sharing import share_cost
from analysis.policy.sharing_report import PARTIES, bands, fund_balance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

COLUMNS = ["evidence", "lever", "item", "case", "province_code", "date", "unit"]
COLUMNS += ["value", "value_upper", "text", "marks", "grade", "source_id"]
KEY = ["lever", "item", "case", "province_code", "date", "unit"]
EXAMPLE_CITY = "泉州"  # the first city of the subsidy; its floor scales the invented incomes
QUESTIONS = {
    "rider": (EXAMPLE_ORDERS, EXAMPLE_DAYS),
    "platform": (EXAMPLE_PLATFORM_ORDERS, EXAMPLE_PLATFORM_DAYS),
}
Row = dict[str, Any]


def build(raw: Path, processed: Path, static: Path | None = None) -> None:
    """Write ``policy.csv`` and, when ``static`` is given, ``policy_rules.js`` for the calculators.

    Raises
    ------
    InputError
        The raw record is at fault; nothing is written.
    """
    inputs.check_package(raw)
    table, rules = policy_table(raw), script(raw)
    save_table(table, KEY, processed / "policy.csv")
    if static is not None:
        write_text(rules, static / "policy_rules.js")


def policy_table(raw: Path) -> pd.DataFrame:
    """All rows, key blank where it does not apply."""
    inputs.read_as_recorded(raw)
    book = load_rulebook(raw)
    policies, rollout, sources = inputs.load_policies(raw), inputs.load_rollout(raw), inputs.load_sources(raw)
    platforms, provinces = inputs.load_platforms(raw), inputs.load_provinces(raw)
    matrix = rule_matrix(policies, inputs.load_rates(raw), rollout, provinces)
    rows = [
        *rate_rows(book),
        *question_rows(book),
        *case_rows(published_cases(platforms)),
        *entitlement_rows(city_floor(platforms, EXAMPLE_CITY)),
        *sharing_rows(),
        *lag_rows(document_lags(policies, rollout, sources)),
        *rule_rows(matrix, agreement(matrix, len(provinces))),
        *claim_rows(claims_table(inputs.load_benefits(raw), policies, sources)),
    ]
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    text = [name for name in COLUMNS if not name.startswith("value")]
    table[text] = table[text].fillna("")
    return table


def rate_rows(book: Rulebook) -> Iterator[Row]:
    """The rate in force in every province on the days on which the pilot widened, and at the record's end."""
    days = sorted({EXPANSION.date(), max(start.day for start in book.starts.values()), book.read_until})
    for key, query in queries(book).items():
        province, industry, case = key.split("|")
        if province.endswith(DRAFT):
            continue
        for day in days:
            row = _row("published", "contribution", "rate", f"{industry}/{case}", "yuan_per_order")
            row |= {"province_code": query.province_code, "date": day.isoformat()}
            try:
                rate = find_rate(book, replace(query, day=day))
            except UnknownRuleError as error:
                yield row | {"text": error.code}
                continue
            row |= {"value": rate.li / 1000, "marks": ";".join(rate.marks), "grade": rate.grade}
            yield row | {"source_id": ";".join(rate.source_ids)}


def question_rows(book: Rulebook) -> Iterator[Row]:
    """What the two delivery bases come to for a stated number of orders, and for the fund."""
    day = EXPANSION.date()
    rates = [find_rate(book, _base(tier, day)) for tier in TIERS]
    common = {"grade": max(rate.grade for rate in rates), "source_id": rates[0].row.source_id}
    common |= {"date": day.isoformat(), "province_code": NATION}
    for name, (orders, days) in QUESTIONS.items():
        sums = [contribution(rate.li, orders, days) for rate in rates]
        for unit in ("day", "month", "year"):
            values = [getattr(one, unit) / 1000 for one in sums]
            values.append((getattr(sums[1], unit) - getattr(sums[0], unit)) / 1000)
            for tier, value in zip((*TIERS, "difference"), values, strict=True):
                row = _row("published", "contribution", "question", f"{name}/{tier}", f"yuan_a_{unit}")
                yield row | common | {"value": value, "text": f"{orders:,} orders a day, {days} days"}
    row = _row("published", "contribution", "question", "fund/ratio_of_ratios", "share")
    text = "support ratio at the higher base over the one at the lower base"
    yield row | common | {"value": rates[0].li / rates[1].li, "text": text}


def _base(tier: str, day: date) -> Query:
    return Query(day, NATION, TIERED, "first_pilot", tier)


def case_rows(cases: pd.DataFrame) -> Iterator[Row]:
    """Published cases of the subsidy: printed, and as the rule gives it."""
    for row in cases.to_dict("records"):
        facts = {name: row[name] for name in ("province_code", "date", "grade", "source_id")}
        for unit in ("floor", "printed", "computed"):
            value = row[f"{unit}_fen"]
            cell = _row("published", "programme", "case", row["city"], f"{unit}_yuan") | facts
            text = f"{row['record_id']}: the print allows to check {row['checks']}"
            yield cell | {"value": None if pd.isna(value) else value / 100, "text": text}


def entitlement_rows(floor_fen: int) -> Iterator[Row]:
    """Share of months entitled, by mean and spread of invented incomes."""
    for row in entitlement_by_spread(floor_fen).to_dict("records"):
        case = f"mean={row['mean_over_floor']};spread={row['spread']};window={row['window']}"
        for unit in ("share", "reached"):
            yield _row("simulated", "programme", "entitlement", case, unit) | {"value": row[unit]}


def sharing_rows() -> Iterator[Row]:
    """The example of shared cost: by band, by party, for the fund."""
    incomes, orders = example_incomes(ExampleWorkers())
    scheme = EXAMPLE_SCHEME
    shares = share_cost(incomes, scheme)
    edges = sorted({0, scheme.minimum_wage_fen, *(tier.from_fen for tier in scheme.tiers)})
    for row in bands(incomes, shares, edges).to_dict("records"):
        cell = _row("simulated", "sharing", "band", f"from={row['from_fen'] // 100:05d}", "")
        yield cell | {"unit": "worker_months", "value": row["worker_months"]}
        for name in ("income", "contribution", *PARTIES, "subsidised"):
            mean = row[name] / row["worker_months"] / 100
            yield cell | {"unit": f"{name}_yuan_a_month", "value": mean}
        yield cell | {"unit": "take_home_change_yuan_a_month", "value": row["take_home_change"] / 100}
    total = shares.contribution.sum()
    for name in PARTIES:
        row = _row("simulated", "sharing", "party", name, "share_of_contribution")
        yield row | {"value": getattr(shares, name).sum() / total}
    fund = fund_balance(
        shares.contribution.sum(axis=0),
        np.asarray(orders.sum(axis=0) * EXAMPLE_BENEFIT_FEN_PER_ORDER),
        administration=EXAMPLE_ADMINISTRATION,
    )
    for name in ("support_ratio", "break_even_support_ratio"):
        yield _row("simulated", "sharing", "fund", name, "share") | {"value": getattr(fund, name)}


def lag_rows(lags: pd.DataFrame) -> Iterator[Row]:
    """Days from the national start to each province's document, and by wave."""
    for row in lags.to_dict("records"):
        cell = _row("published", "rollout_lag", "document", f"{row['step']}/wave {row['wave']}", "days")
        cell |= {name: row[name] for name in ("province_code", "grade", "source_id")}
        cell |= {"date": f"{row['national_day']:%Y-%m-%d}", "text": row["policy_id"]}
        yield cell | {"value": row["lag_first"], "value_upper": row["lag_last"]}
    for row in lags_by_wave(lags).to_dict("records"):
        cell = _row("published", "rollout_lag", "wave", f"{row['step']}/wave {row['wave']}", "")
        for name in ("provinces", "known", "dated"):
            yield cell | {"unit": name, "value": row[name]}
        for name, low, high in (("before", "before_first", "before_last"), ("range", "shortest", "longest")):
            yield cell | {"unit": name, "value": row[low], "value_upper": row[high]}
        yield cell | {"unit": "median", "value": row["median_first"], "value_upper": row["median_last"]}


def rule_rows(matrix: pd.DataFrame, table: pd.DataFrame) -> Iterator[Row]:
    """Known cells of the rule matrix, and agreement over known pairs."""
    for row in matrix.to_dict("records"):
        cell = _row("published", "rules", "cell", row["provision"], "value")
        cell |= {name: row[name] for name in ("province_code", "grade", "source_id")}
        yield cell | {"text": row["value"], "marks": row["basis"]}
    for row in table.to_dict("records"):
        cell = _row("published", "rules", "agreement", row["provision"], "")
        marks = "enough" if row["enough"] else "too_thin" if row["can_differ"] else "cannot_differ"
        for name in ("known", "values", "pairs_known", "pairs_possible", "pairs_equal", "share"):
            yield cell | {"unit": name, "value": row[name], "marks": marks}


def claim_rows(table: pd.DataFrame) -> Iterator[Row]:
    """The record on claims handling."""
    for row in table.to_dict("records"):
        cell = _row("published", "claims", row["item"], row["fact_id"], "text")
        cell |= {name: row[name] for name in ("province_code", "date", "grade", "source_id")}
        words = [row["condition"], row["value"]]
        yield cell | {"text": ": ".join(word for word in words if word), "marks": row["basis"]}


def _row(evidence: str, lever: str, item: str, case: str, unit: str) -> Row:
    return {"evidence": evidence, "lever": lever, "item": item, "case": case, "unit": unit}
