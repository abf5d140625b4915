"""Printed figures restrict the quarter-ends that a cumulative count allows, and no others."""

import math

import pandas as pd
import pytest

from analysis.bounds.readings import last_quarter_end_by, read_ledger
from analysis.config import HEADLINE, Reading


def figure(**changes):
    row = {
        "figure_id": "00_20250630_cumulative_participants",
        "measure": "cumulative_participants",
        "level": "national",
        "province_code": "00",
        "grade": "B",
        "qualifier": "exact",
        "date_precision": "quarter_end",
        "as_of_first": pd.Timestamp("2025-06-30"),
        "as_of_last": pd.Timestamp("2025-06-30"),
        "date_published": pd.Timestamp("2025-07-08"),
        "lower": 12_345_650.0,
        "upper": 12_345_750.0,
    }
    return pd.DataFrame([row | changes])


def read(reading=HEADLINE, **changes):
    (restriction,) = read_ledger(figure(**changes), reading)
    return restriction


def quarter(text):
    return pd.Period(text, freq="Q")


@pytest.mark.parametrize(
    ("day", "ended"), [("2025-06-30", "2025Q2"), ("2025-06-29", "2025Q1"), ("2025-07-01", "2025Q2")]
)
def test_a_quarter_has_ended_on_its_last_day_and_not_before(day, ended):
    assert last_quarter_end_by(pd.Timestamp(day)) == quarter(ended)


def test_a_quarter_end_count_binds_that_quarter_from_both_sides():
    item = read()
    assert (item.floor_from, item.ceiling_until) == (quarter("2025Q2"), quarter("2025Q2"))


def test_a_count_inside_a_quarter_is_a_floor_for_it_and_a_ceiling_for_the_quarter_before():
    day = pd.Timestamp("2025-10-31")
    item = read(as_of_first=day, as_of_last=day, date_precision="month_end")
    assert (item.floor_from, item.ceiling_until) == (quarter("2025Q4"), quarter("2025Q3"))


def test_more_than_is_a_floor_only():
    item = read(qualifier="more_than", lower=2.2e7, upper=math.inf)
    assert item.ceiling_until is None
    assert item.upper == math.inf


def test_more_than_gets_a_ceiling_only_under_its_named_reading():
    item = read(Reading("slack", "-", more_than_slack=0.05), qualifier="more_than", lower=2e7, upper=math.inf)
    assert item.upper == pytest.approx(2.1e7)
    assert item.ceiling_until == quarter("2025Q2")


@pytest.mark.parametrize(
    ("days", "until"),
    [(0, "2025Q3"), (92, "2025Q2"), (363, "2024Q4"), (364, "2024Q3")],
    ids=["as printed", "headline", "to the last day of 2024", "to the day before it"],
)
def test_a_count_to_date_is_a_ceiling_as_far_back_as_its_age_allows(days, until):
    item = read(
        Reading("age", "-", freshness_days=days),
        as_of_first=pd.NaT,
        as_of_last=pd.Timestamp("2025-12-29"),
        date_precision="publication_date_proxy",
    )
    assert (item.floor_from, item.ceiling_until) == (quarter("2025Q4"), quarter(until))


def test_a_count_of_unknown_age_is_no_ceiling():
    item = read(
        Reading("undated", "-", freshness_days=None),
        as_of_first=pd.NaT,
        date_precision="publication_date_proxy",
    )
    assert item.ceiling_until is None
    assert item.floor_from == quarter("2025Q2")


def test_a_speech_read_as_to_date_floors_the_quarter_of_its_publication_only():
    day = pd.Timestamp("2025-12-31")
    changes = {
        "as_of_first": day,
        "as_of_last": day,
        "date_precision": "year_end_implied",
        "date_published": pd.Timestamp("2026-01-27"),
    }
    assert read(**changes).floor_from == quarter("2025Q4")
    assert read(Reading("speech", "-", implied_year_end=False), **changes).floor_from == quarter("2026Q1")


def test_a_city_count_is_a_floor_for_its_province_and_no_ceiling():
    item = read(level="city", province_code="32")
    assert (item.province_code, item.ceiling_until) == ("32", None)


def test_second_hand_figures_stay_out_of_the_headline():
    assert read_ledger(figure(grade="D"), HEADLINE) == []
    assert len(read_ledger(figure(grade="D"), Reading("all", "-", grades=("A", "B", "C", "D")))) == 1


def test_more_than_below_the_next_number_in_print():
    # 192万余: 1,920,000 and less than 1,930,000
    changes = {"qualifier": "more_than", "lower": 1.92e6, "upper": math.inf, "printed_unit": 10_000}
    assert read(Reading("next", "-", more_than_below_next=True), **changes).upper == 1.93e6


def test_a_count_of_the_last_week_limits_the_quarters_end_with_growth_of_two_days():
    near = Reading("near", "-", freshness_days=0, days_ahead=7, daily_growth=0.01)
    day = {
        "as_of_first": pd.Timestamp("2025-12-29"),
        "as_of_last": pd.Timestamp("2025-12-29"),
        "upper": 100.0,
    }
    item = read(near, **day)
    assert (item.ceiling_until, item.upper) == (quarter("2025Q4"), pytest.approx(102.0))
    early = day | {"as_of_first": pd.Timestamp("2025-12-23"), "as_of_last": pd.Timestamp("2025-12-23")}
    item = read(near, **early)
    assert (item.ceiling_until, item.upper) == (quarter("2025Q3"), 100.0)


def test_a_count_of_the_quarters_last_day_does_not_grow():
    near = Reading("near", "-", freshness_days=0, days_ahead=7, daily_growth=0.01)
    assert read(near).upper == 12_345_750.0


def test_grades_a_and_b_only_leave_a_repost_out():
    assert read_ledger(figure(grade="C"), Reading("ab", "-", grades=("A", "B"))) == []


def test_other_measures_do_not_restrict_enrolment():
    assert read_ledger(figure(measure="confirmed_injuries"), HEADLINE) == []
