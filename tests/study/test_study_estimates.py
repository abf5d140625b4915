"""The study's estimates against plain means of the panel, and the shape of the annual sample."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import config
from analysis.study.estimates import estimate_one
from analysis.study.outcomes import annual_panel

PANEL = Path(__file__).resolve().parents[2] / "data/processed/panel.csv"
MAIN = config.SPECIFICATIONS[0]


@pytest.fixture(scope="module")
def panel():
    return pd.read_csv(PANEL, dtype={"province_code": str})


@pytest.fixture(scope="module", params=config.OUTCOMES, ids=lambda outcome: outcome.name)
def case(request, panel):
    outcome = request.param
    return outcome, annual_panel(panel, outcome), estimate_one(panel, outcome, MAIN)


def row(table, estimator, term, event_time=pd.NA):
    hits = table[(table["estimator"] == estimator) & (table["term"] == term)]
    hits = hits[hits["event_time"].isna() if pd.isna(event_time) else hits["event_time"] == event_time]
    (only,) = hits.itertuples()
    return only


def test_the_sample_is_31_provinces_by_year_without_gaps_and_seven_are_treated(case):
    outcome, annual, _ = case
    years = range(config.ESTIMATION_START, outcome.last_year + 1)
    assert len(annual) == 31 * len(years)
    assert annual[outcome.name].notna().all()
    assert annual[annual["cohort"] == 2022]["province_code"].nunique() == 7
    assert (annual[annual["cohort"] != 2022]["cohort"] > outcome.last_year).all()


def test_each_event_effect_is_the_difference_of_two_mean_changes_since_2021(case):
    outcome, annual, estimates = case
    wide = annual.pivot(index="province_code", columns="year", values=outcome.name)
    treated = annual.drop_duplicates("province_code").set_index("province_code")["cohort"] == 2022
    change = wide.sub(wide[2021], axis=0)
    by_hand = change[treated].mean() - change[~treated].mean()
    for year in (2015, 2019, 2022, 2023, 2024):
        found = row(estimates, "group_time", "event", year - 2022)
        assert found.estimate == pytest.approx(by_hand[year], rel=1e-9, abs=1e-12)
    overall = row(estimates, "group_time", "att")
    assert overall.estimate == pytest.approx(by_hand[[2022, 2023, 2024]].mean(), rel=1e-9)


def test_the_two_way_effect_is_the_double_difference_of_period_means(case):
    outcome, annual, estimates = case
    after, treated = annual["year"] >= 2022, annual["cohort"] == 2022
    mean = annual.groupby([treated, after])[outcome.name].mean()
    by_hand = (mean[True, True] - mean[True, False]) - (mean[False, True] - mean[False, False])
    assert row(estimates, "twfe", "att").estimate == pytest.approx(by_hand, rel=1e-8)


def test_effects_carry_their_class_and_the_p_value_over_all_assignments_of_seven_in_31(case):
    _, _, estimates = case
    assert set(estimates["evidence"]) == {"statistics"}
    overall = row(estimates, "group_time", "att")
    assert "2629575 all assignments" in overall.inference
    assert 0 < overall.p_randomization <= 1
    assert overall.n_units == 31
    assert overall.n_treated == 7
