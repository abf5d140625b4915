"""The table of cases through the package. The same table goes through the page in test_policy_page.py.

Expected values are published or calculated by hand; the column ``source`` shows how.
"""

import csv
import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from analysis import inputs
from analysis.base.errors import InputError
from analysis.policy.contribution import contribution, support_ratio_at
from analysis.policy.incomes import read_list
from analysis.policy.money import basis_points, decimal_of, whole_units
from analysis.policy.programmes import city_floor
from analysis.policy.rates import Query, UnknownRuleError, find_rate
from analysis.policy.sharing import Scheme, Tier, share_cost
from analysis.policy.sharing_report import fund_balance
from analysis.policy.subsidy import ENTITLED, NOT_ENTITLED, NOT_KNOWN, entitlement, subsidy_amounts

with (Path(__file__).parent / "cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def percent(text):
    return decimal_of(text, "percent") / 100


def rates_of(book, given):
    code, draft = given["province"].removesuffix("-draft"), given["province"].endswith("-draft")
    kase = given.get("kase") if given["industry"] == "instant_delivery" else None
    group = None if kase is None else "new" if kase == "new" else "first_pilot"
    tier = kase if kase in ("lower", "higher") else None
    ratio = Fraction(percent(given["ratio"])) if kase == "ratio" else None
    steps = int(given.get("steps", "0"))
    day = date.fromisoformat(given["date"])
    query = Query(day, book.province(code), given["industry"], group, tier, ratio, draft, steps)
    rates = [find_rate(book, query)]
    if group == "first_pilot":
        other = "higher" if rates[0].tier == "lower" else "lower"
        rates.append(find_rate(book, Query(day, query.province_code, query.industry, group, other)))
    return rates


def run_contribution(given, book):
    rates = rates_of(book, given)
    counts = [int(given[name]) for name in ("orders", "days")]
    more = {name: int(given[name]) for name in ("months", "workers")}
    pay = whole_units(given["pay"], 1000, "pay") if "pay" in given else None
    sums = [contribution(rate.li, *counts, **more, income_li_per_order=pay) for rate in rates]
    out = {}
    for place, (rate, total) in enumerate(zip(rates, sums, strict=True)):
        end = f"_{place}" if place else ""
        out[f"rate{end}"] = rate.li / 1000
        for name in ("day", "month", "year"):
            out[f"{name}{end}"] = getattr(total, name) / 1000
        out[f"per{end}"] = float(total.month_per_person / 1000)
        if pay:
            out[f"share{end}"] = float(total.share)
        if "fund" in given:
            ratio = support_ratio_at(Fraction(percent(given["fund"])), rates[0].li, rate.li)
            out[f"support{end}"] = float(ratio)
            out[f"balance{end}"] = float(total.month * (1 - ratio) / 1000)
    if len(sums) == 2:
        out["month_2"] = out["month_1"] - out["month"]
    return out


def run_subsidy(given, platforms):
    floor = (
        city_floor(platforms, given["city"]) if "city" in given else whole_units(given["floor"], 100, "floor")
    )
    insured = whole_units(given["insured"], 100, "floor") if "insured" in given else floor
    amounts = subsidy_amounts(insured)
    incomes = read_list(given["incomes"]).incomes
    status = entitlement(
        incomes, floor, window=given.get("window", "including"), before=given.get("before", "unknown")
    )
    entitled, unknown = int((status == ENTITLED).sum()), int((status == NOT_KNOWN).sum())
    return {
        "contribution": amounts.contribution / 100,
        "subsidy": amounts.subsidy / 100,
        "own_part": amounts.own_part / 100,
        "entitled": entitled,
        "not_entitled": int((status == NOT_ENTITLED).sum()),
        "not_known": unknown,
        "vain": int((incomes >= floor).sum()) - entitled - unknown,
        "paid": entitled * amounts.subsidy / 100,
    }


def run_sharing(given):
    scheme = Scheme(
        total=basis_points(percent(given["total"]), "total"),
        platform=basis_points(percent(given["platform"]), "platform"),
        tiers=tuple(
            Tier(whole_units(start, 100, "from"), *(basis_points(percent(rate), "rate") for rate in rates))
            for start, *rates in given["tiers"]
        ),
        minimum_wage_fen=whole_units(given["wage"], 100, "wage"),
        subsidy=basis_points(percent(given["subsidy"]), "subsidy"),
    )
    shares = share_cost(read_list(given["incomes"]).incomes, scheme)
    names = ("contribution", "platform", "government", "individual", "subsidised")
    out = {name: int(getattr(shares, name).sum()) / 100 for name in names}
    if "benefits" in given:
        fund = fund_balance(
            np.array([shares.contribution.sum()]),
            np.array([whole_units(given["benefits"], 100, "benefits")]),
            opening_fen=whole_units(given["opening"], 100, "opening"),
            administration=basis_points(percent(given["administration"]), "administration"),
        )
        out |= {"closing": fund.closing / 100, "support": fund.support_ratio}
        out |= {"break_even": fund.break_even_support_ratio}
    return out


@pytest.mark.parametrize("case", CASES, ids=[case["case_id"] for case in CASES])
def test_the_package_gives_the_hand_calculated_value(case, rulebook, raw):
    given = json.loads(case["inputs"])
    runs = {
        "contribution": lambda: run_contribution(given, rulebook),
        "subsidy": lambda: run_subsidy(given, inputs.load_platforms(raw)),
        "sharing": lambda: run_sharing(given),
    }
    run = runs[case["calculator"].split("_")[0]]
    if case["expected"].startswith("error"):
        with pytest.raises(InputError) as caught:
            run()
        code = caught.value.code if isinstance(caught.value, UnknownRuleError) else ""
        assert case["expected"] == f"error:{code}".rstrip(":")
        return
    found, expected = run(), json.loads(case["expected"])
    # seven digits are printed of the one repeating decimal; everything else is exact in the table
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-9)
