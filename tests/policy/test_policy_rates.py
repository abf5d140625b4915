"""Which rate is in force: evidence, marks, and refusals that say what is known."""

import csv
from datetime import date
from fractions import Fraction

import pytest

from analysis.base.errors import InputError
from analysis.policy.contribution import contribution, support_ratio_at
from analysis.policy.rates import GROUPS, INDUSTRIES, TIERS, Query, UnknownRuleError, find_rate


def ask(book, day, province, industry, group=None, **more):
    return find_rate(book, Query(date.fromisoformat(day), book.province(province), industry, group, **more))


def test_a_province_may_be_named_by_code_name_abbreviation_or_chinese(rulebook):
    assert {rulebook.province(name) for name in ("50", "Chongqing", "chongqing", "CQ", "重庆市", "重庆")} == {
        "50"
    }


def test_an_unknown_province_is_refused_with_the_known_ones(rulebook):
    with pytest.raises(InputError, match="50 Chongqing"):
        rulebook.province("Mars")


def test_a_printed_rate_of_the_province_itself_carries_no_mark(rulebook):
    rate = ask(rulebook, "2025-07-01", "50", "instant_delivery", "first_pilot", tier="higher")
    assert rate.marks == ()
    assert rate.source_ids[0] == "chongqing-notice-2025"


def test_a_ratio_that_picks_the_base_is_marked_weak_with_grade_d(rulebook):
    rate = ask(rulebook, "2025-07-01", "50", "instant_delivery", "first_pilot", support_ratio=Fraction(3))
    assert "cut_off" in rate.marks
    assert rate.grade == "D"
    assert "seed-study" in rate.source_ids


def test_a_borrowed_national_base_is_marked(rulebook):
    rate = ask(rulebook, "2025-07-01", "12", "ride_hailing")
    assert rate.marks == ("national_base",)
    assert rate.row.province_code == "00"


def test_a_second_hand_start_day_lowers_the_grade(rulebook):
    rate = ask(rulebook, "2026-07-01", "14", "ride_hailing")
    assert rate.grade == "D"
    assert "second_hand" in rate.marks


def test_a_day_after_the_record_is_marked(rulebook):
    assert "beyond_record" in ask(rulebook, "2029-01-01", "00", "ride_hailing").marks


def test_a_draft_is_used_only_on_request_and_marked(rulebook):
    plain = ask(rulebook, "2026-07-01", "62", "ride_hailing")
    draft = ask(rulebook, "2026-07-01", "62", "ride_hailing", draft=True)
    assert plain.row.status == "in_force"
    assert (draft.row.status, "draft" in draft.marks) == ("draft", True)


def test_a_missing_rate_is_refused_with_what_is_known_date_and_source(rulebook):
    with pytest.raises(UnknownRuleError, match=r"0\.01 yuan from 2025-07-01 \(chongqing-interpretation-2025"):
        ask(rulebook, "2023-01-01", "44", "ride_hailing")


def test_first_pilot_delivery_without_base_or_ratio_is_refused_with_the_cut_off_and_its_grade(rulebook):
    with pytest.raises(InputError, match="grade D"):
        ask(rulebook, "2025-07-01", "00", "instant_delivery", "first_pilot")


@pytest.mark.parametrize(
    ("industry", "more"),
    [
        ("drones", {}),
        ("ride_hailing", {"tier": "lower"}),
        ("ride_hailing", {"support_ratio": Fraction(1)}),
        ("instant_delivery", {}),
        ("instant_delivery", {"group": "old"}),
        ("instant_delivery", {"group": "new", "tier": "higher"}),
        ("instant_delivery", {"group": "first_pilot", "tier": "middle"}),
        ("instant_delivery", {"group": "first_pilot", "tier": "lower", "support_ratio": Fraction(1)}),
        ("instant_delivery", {"group": "first_pilot", "support_ratio": Fraction(-1)}),
        ("same_city_freight", {"float_steps": 1}),
    ],
)
def test_a_question_that_cannot_be_put_is_refused(rulebook, industry, more):
    with pytest.raises(InputError):
        ask(rulebook, "2025-07-01", "00", industry, **more)


def test_every_printed_rate_is_found_on_its_first_day(rulebook, raw):
    """Each row of the raw file, read independently, against the search."""
    with (raw / "contribution_rates.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "in_force"]
    assert len(rows) > 20
    for row in rows:
        code, tier = row["province_code"], row["tier"]
        tiered = row["industry"] == "instant_delivery"
        new = row["platform_group"] == "new" or (tiered and tier == "lower" and code not in FIRST_WAVE)
        if tiered and tier == "higher" and code not in FIRST_WAVE:
            continue  # Shandong lists the higher base, which first-time platforms do not pay
        group = ("new" if new else "first_pilot") if tiered else None
        rate = ask(
            rulebook,
            row["effective_from"],
            code,
            row["industry"],
            group,
            tier=tier if tiered and not new else None,
        )
        assert rate.li == round(float(row["yuan_per_order"]) * 1000), row["rate_id"]


FIRST_WAVE = ("00", "11", "31", "32", "44", "46", "50", "51")


def test_no_answer_is_ever_given_before_the_pilot(rulebook):
    for industry in INDUSTRIES:
        for group in GROUPS if industry == "instant_delivery" else [None]:
            tiers = TIERS if group == "first_pilot" else [None]
            for tier in tiers:
                with pytest.raises(UnknownRuleError) as caught:
                    ask(rulebook, "2022-06-30", "00", industry, group, tier=tier)
                assert caught.value.code == "before_start"


@pytest.mark.parametrize(
    "counts",
    [
        {"orders_per_day": -1},
        {"orders_per_day": 1.5},
        {"days_per_month": 32},
        {"months": 13},
        {"workers": 0},
        {"income_li_per_order": 0},
    ],
)
def test_impossible_counts_are_refused(counts):
    given = {"orders_per_day": 1, "days_per_month": 1} | counts
    with pytest.raises(InputError):
        contribution(70, **given)


def test_the_support_ratio_scales_with_the_inverse_of_the_rate():
    assert support_ratio_at(Fraction(2), 70, 250) == Fraction(56, 100)
    with pytest.raises(InputError):
        support_ratio_at(Fraction(-1), 70, 250)
