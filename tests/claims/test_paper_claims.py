"""Sentences of the article that state a direction or a rank, against the computed tables.

The article takes its numbers by key, so they cannot go stale; its words can. Each test quotes the
sentence it guards. A test that fails asks for another sentence, not for another table.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.bounds import enrolment_set
from analysis.pipeline.steps import load_record

ROOT = Path(__file__).resolve().parents[2]
TEXT = " ".join((ROOT / "paper" / "paper.qmd").read_text(encoding="utf-8").split())
BOUNDS = pd.read_csv(ROOT / "data" / "processed" / "bounds.csv", dtype={"province_code": str})
ESTIMATES = pd.read_csv(ROOT / "data" / "processed" / "estimates.csv")
LEDGER = pd.read_csv(ROOT / "data" / "raw" / "published_figures.csv", dtype={"province_code": str})
SECOND_WAVE = {"12", "13", "21", "33", "34", "35", "37", "42", "45", "64"}  # the notice of 2025


def ends(
    quarter: str,
    estimand: str = "province_average",
    reading: str = "headline",
    unit: str = "per_1000_residents",
    scope: str = "in_force",
) -> tuple[float, float]:
    wanted = {"quarter": quarter, "estimand": estimand, "assumptions": reading, "unit": unit, "scope": scope}
    rows = BOUNDS
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return float(rows["lower"].iloc[0]), float(rows["upper"].iloc[0])


def effect(outcome: str, estimator: str = "group_time") -> pd.Series:
    rows = ESTIMATES[(ESTIMATES["specification"] == "main") & (ESTIMATES["term"] == "att")]
    rows = rows[(rows["outcome"] == outcome) & (rows["estimator"] == estimator)]
    assert len(rows) == 1
    return rows.iloc[0]


def readings() -> list[str]:
    return sorted(set(BOUNDS["assumptions"]))


def says(sentence: str) -> None:
    assert sentence in TEXT, "the article no longer says so: drop or change this test"


def test_the_count_rose_and_the_ratio_fell_in_2025():
    says("The count rose and the ratio fell")
    assert ends("2025Q4", "pooled", unit="persons")[0] > ends("2025Q2", "pooled", unit="persons")[1]
    assert ends("2025Q4", "pooled")[1] < ends("2025Q2", "pooled")[0]


def test_2026_has_no_ceiling_in_the_headline():
    says("For 2026 the record gives no ceiling")
    assert all(pd.isna(ends(quarter, "pooled")[1]) for quarter in ("2026Q1", "2026Q2"))


def test_the_average_is_less_certain_than_the_pooled_effect():
    says("The average over the same provinces is less certain")
    low, high = ends("2025Q2")
    pooled_low, pooled_high = ends("2025Q2", "pooled")
    assert high - low > 10 * (pooled_high - pooled_low)


def test_september_could_be_nearly_all_scope_or_nearly_all_uptake():
    says("the growth could be nearly all scope or nearly all uptake")
    says("the record allows new provinces to account for all of it or for none")
    _, base = ends("2025Q2", "pooled", unit="persons")
    floor = ends("2025Q3", "pooled", unit="persons")[0] - base
    scope = ends("2025Q3", "cohort_pooled", unit="persons", scope="2025Q3")
    uptake = [end - base for end in ends("2025Q3", "cohort_pooled", unit="persons", scope="2022Q3")]
    assert scope[0] == 0
    assert uptake[0] <= 0
    assert scope[1] >= floor
    assert uptake[1] >= floor


def test_by_december_both_parts_are_positive():
    says("Both parts are then positive")
    _, base = ends("2025Q2", "pooled", unit="persons")
    assert ends("2025Q4", "cohort_pooled", unit="persons", scope="2025Q3")[0] > 0
    assert ends("2025Q4", "cohort_pooled", unit="persons", scope="2022Q3")[0] > base


def test_second_wave_counts_begin_in_december_with_three_provinces():
    says("By December, counts of Shandong, Hubei and Liaoning")
    rows = LEDGER[(LEDGER["measure"] == "cumulative_participants") & (LEDGER["level"] == "province")]
    rows = rows[rows["province_code"].isin(SECOND_WAVE)]
    assert set(rows["province_code"]) == {"37", "42", "21"}
    assert rows["as_of_date"].min() >= "2025-12"


def test_guangdong_printed_the_largest_provincial_count():
    says("is the largest printed by a province")
    rows = LEDGER[(LEDGER["measure"] == "cumulative_participants") & (LEDGER["level"] == "province")]
    assert rows.loc[rows["value"].idxmax(), "province_code"] == "44"


def test_the_width_that_counts_as_known_is_the_one_in_the_text():
    says("are known to within two people per 1,000 residents")
    from analysis.report.numbers.bounds import PINNED

    assert PINNED == 2


def test_two_national_counts_of_2026_are_of_grade_d():
    says("Two national counts of 2026 are of grade D")
    rows = LEDGER[(LEDGER["measure"] == "cumulative_participants") & (LEDGER["level"] == "national")]
    assert len(rows[rows["as_of_date"].str.startswith("2026") & (rows["grade"] == "D")]) == 2


@pytest.mark.parametrize("reading", readings())
@pytest.mark.parametrize("quarter", ["2025Q2", "2025Q4"])
def test_only_the_grade_of_the_national_count_moves_the_pooled_effect(quarter, reading):
    says("rests on one national count and moves with the grade of that count only")
    says("For June 2025 the pooled effect is the same under every reading but one")
    same = ends(quarter, "pooled", reading) == pytest.approx(ends(quarter, "pooled"), abs=0.01)
    assert same == (reading != "a_b_only")


def test_without_reposts_no_ceiling_is_left_for_the_end_of_2025():
    says("without reposts no ceiling is left for that day")
    assert pd.isna(ends("2025Q4", "pooled", "a_b_only")[1])


def test_provinces_may_register_a_tenth_more_people_than_there_are():
    says("Summed over what the provinces register, it may be higher")
    low, high = ends("2025Q4", "pooled_registrations", "overlap_10")
    assert low == pytest.approx(ends("2025Q4", "pooled")[0])
    assert high == pytest.approx(1.1 * ends("2025Q4", "pooled")[1])


def test_a_cap_at_all_residents_changes_little_and_a_lower_one_more():
    says("beyond dispute and changes little")
    upper = [ends("2025Q4", reading=f"cap_{share}")[1] for share in (100, 50, 30, 20, 10)]
    assert upper == sorted(upper, reverse=True)
    assert upper[0] > 0.98 * ends("2025Q4")[1]


def test_speeches_to_date_move_both_ends_of_2025():
    says("loosens the year-end counts of the second wave and moves both ends")
    low, high = ends("2025Q4", reading="speech_to_date")
    assert low < ends("2025Q4")[0]
    assert high > ends("2025Q4")[1]


def test_overlap_raises_and_a_cap_lowers_the_upper_end_of_2025():
    says("Letting provinces add up to more than the nation raises the upper end, and a cap")
    assert ends("2025Q4", reading="overlap_10")[1] > ends("2025Q4")[1]
    assert ends("2025Q4", reading="cap_20")[1] < ends("2025Q4")[1]


def test_the_remaining_readings_leave_the_end_of_2025_as_it_is():
    says("The remaining readings leave the end of 2025 as it is")
    moved = {"headline", "speech_to_date", "overlap_10", "a_b_only"}
    moved |= {reading for reading in readings() if reading.startswith("cap_")}
    for reading in set(readings()) - moved:
        assert ends("2025Q4", reading=reading) == pytest.approx(ends("2025Q4"), abs=0.05)


def test_counts_of_any_age_raise_the_upper_end_of_june_2025_most():
    says("the upper end of the average rises more than under any other reading of the same figures")
    same = set(readings()) - {"a_b_only", "second_hand"}
    upper = {reading: ends("2025Q2", reading=reading)[1] for reading in same}
    assert max(upper, key=upper.__getitem__) == "undated"


def test_a_limit_on_more_than_lowers_the_upper_end_of_june_2025_a_little():
    says("lowers that end a little")
    headline = ends("2025Q2")[1]
    assert 0.8 * headline < ends("2025Q2", reading="more_than_5")[1] < headline


def test_no_province_printed_a_count_for_the_end_of_june_2025():
    says("no province printed a count for that day")
    rows = LEDGER[(LEDGER["measure"] == "cumulative_participants") & (LEDGER["level"] == "province")]
    assert not (rows["as_of_date"] == "2025-06-30").any()


def test_second_hand_figures_lift_the_floor_of_2026_and_give_its_first_quarter_a_ceiling():
    says("they lift the floor and give the first quarter a ceiling")
    assert ends("2026Q2", "pooled", "second_hand")[0] > ends("2026Q2", "pooled")[0]
    assert not pd.isna(ends("2026Q1", "pooled", "second_hand")[1])


def test_the_interval_of_formal_employment_contains_zero():
    says("The interval for formal employment contains zero")
    assert effect("formal_employment_rate")["ci_low"] < 0 < effect("formal_employment_rate")["ci_high"]


@pytest.mark.parametrize("outcome", ["log_income_per_head", "log_gdp_per_head"])
def test_income_and_the_near_placebo_lie_below_zero(outcome):
    says("The randomisation intervals for income and for product per head reach zero")
    says("clustered intervals lie below it")
    assert effect(outcome)["ci_high"] < 0


def test_formal_employment_was_gaining_before_the_start_and_income_was_flat():
    says("the point estimates have the first wave gaining on the rest long before 2022")
    says("Income (@fig-event-income) was flat before")
    rows = ESTIMATES[(ESTIMATES["specification"] == "main") & (ESTIMATES["estimator"] == "group_time")]
    rows = rows[(rows["term"] == "event") & (rows["event_time"] < -1)].sort_values("event_time")
    formal = rows[rows["outcome"] == "formal_employment_rate"]["estimate"]
    income = rows[rows["outcome"] == "log_income_per_head"]["estimate"]
    assert formal.iloc[0] < formal.iloc[-1] < 0  # relative to the year before the start
    assert income.abs().max() < 0.5 * abs(effect("log_income_per_head")["estimate"])


def test_the_joint_test_does_not_tell_the_earlier_gain_from_chance():
    says("though a joint test does not tell this from chance")
    rows = ESTIMATES[(ESTIMATES["specification"] == "main") & (ESTIMATES["term"] == "pretrend_joint")]
    rows = rows[rows["outcome"] == "formal_employment_rate"]
    assert len(rows) >= 1
    assert (rows["p_value"] > 0.10).all()


def test_no_two_provinces_with_overlapping_intervals_are_ranked_by_the_record():
    says("We checked each such pair for the end of 2025: the record allows either order")
    record = load_record(ROOT / "data" / "raw")
    panel = enrolment_set(record.skeleton, record.rollout, record.ledger)
    cells = panel.cells[(panel.cells["quarter"] == pd.Period("2025Q4")) & panel.cells["residents"].notna()]

    def span(weights: dict[int, float]) -> tuple[float, float]:
        vector = np.zeros(panel.size)
        vector[list(weights)] = list(weights.values())
        return panel.extreme(vector, "lower").value, panel.extreme(vector, "upper").value

    rate = {cell: 1_000 / residents for cell, residents in cells["residents"].items()}
    own = {cell: span({cell: rate[cell]}) for cell in rate}
    pairs = [(a, b) for a, b in combinations(rate, 2) if own[a][0] < own[b][1] and own[b][0] < own[a][1]]
    assert pairs
    for a, b in pairs:
        low, high = span({a: rate[a], b: -rate[b]})
        assert low < 0 < high


def test_the_series_used_end_with_2024_and_one_treated_cohort():
    says("All three end with 2024")
    from analysis import config

    assert {outcome.last_year for outcome in config.OUTCOMES} == {2024}
    assert set(ESTIMATES["n_treated"].dropna()) <= {6, 7}  # the first wave, or all but one of it


def test_no_group_time_estimate_is_unusual_by_permutation_and_income_comes_close():
    says("By permutation no group-time estimate is unusual at the conventional level")
    says("though income comes close")
    outcomes = ("formal_employment_rate", "log_income_per_head", "log_gdp_per_head")
    p_values = {outcome: effect(outcome)["p_randomization"] for outcome in outcomes}
    assert all(value > 0.05 for value in p_values.values())
    assert p_values["log_income_per_head"] < 0.10


def test_every_choice_of_the_first_wave_was_gone_through():
    says("All choices are gone through")
    assert "2629575 all assignments" in effect("log_gdp_per_head")["inference"]  # 31 choose 7
