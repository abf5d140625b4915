"""The study's inference and sensitivity tables against the engine, the estimates and plain means."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import config
from analysis.base.errors import InputError
from analysis.did import estimate
from analysis.did.inference.multiple import Adjusted
from analysis.did.results import Estimate
from analysis.study import sensitivity
from analysis.study.inference import judge
from analysis.study.outcomes import read_outcome, regions, residents, study_options
from analysis.study.sensitivity import planned_table, refit_table, trend_table

PANEL = Path(__file__).resolve().parents[2] / "data/processed/panel.csv"
INCOME = config.OUTCOMES[1]
WITHIN = ("randomization_region", "randomization_size", "randomization_level")


@pytest.fixture(scope="module")
def panel():
    return pd.read_csv(PANEL, dtype={"province_code": str})


@pytest.fixture(scope="module")
def data(panel):
    return read_outcome(panel, INCOME)


@pytest.fixture(scope="module")
def judged(panel, data):
    rows = judge(data, "event_study_twfe", residents(panel, data.units))
    return {row.method: row for row in rows}


def only(rows, term="att"):
    return next(row for row in rows if row.term == term)


def test_the_method_named_in_advance_is_among_the_methods(judged):
    assert config.INFERENCE in judged
    assert judged[config.INFERENCE].exact
    assert judged[config.INFERENCE].comparisons == 2_629_575


def test_all_methods_judge_the_same_number(judged, data):
    effect = only(estimate(data, "group_time", study_options())).estimate
    whole = [row for name, row in judged.items() if name not in WITHIN]
    assert all(row.estimate == pytest.approx(effect) for row in whole)


@pytest.mark.parametrize("method", WITHIN)
def test_a_scheme_within_strata_compares_within_them(panel, data, judged, method):
    # Regression of the change from 2021 to the mean of 2022 to 2024 on the first wave and stratum dummies.
    sizes = residents(panel, data.units)
    strata = {
        "randomization_region": regions(data.units),
        "randomization_size": np.argsort(np.argsort(sizes)) * 3 // 31,
        "randomization_level": np.argsort(np.argsort(data.outcome[:, :7].mean(axis=1))) * 4 // 31,
    }[method]
    change = data.outcome[:, 7:].mean(axis=1) - data.outcome[:, 6]
    regressors = np.column_stack([data.cohort == 7, *(strata == k for k in np.unique(strata))]).astype(float)
    expected = np.linalg.lstsq(regressors, change, rcond=None)[0][0]
    assert judged[method].estimate == pytest.approx(expected)


def test_an_interval_excludes_zero_exactly_where_its_p_value_is_below_the_level(judged):
    for row in judged.values():
        if np.isfinite(row.ci_low):
            assert (row.ci_low > 0 or row.ci_high < 0) == (row.p_value < 0.05), row.method


def test_assignments_within_regions_are_counted_by_hand(judged):
    # East: 5 of 10 provinces in the first wave; west: 2 of 12; none in the centre and the north-east.
    assert judged["randomization_region"].comparisons == 252 * 66


def test_each_province_has_one_region(data):
    assert sorted(code for region in config.REGIONS for code in region) == sorted(data.units)
    assert np.bincount(regions(data.units)).tolist() == [10, 6, 12, 3]


def test_a_province_without_residents_is_named(panel):
    gap = panel.copy()
    gap.loc[(gap["province_code"] == "46") & (gap["quarter"] == "2021Q4"), config.RESIDENTS] = np.nan
    with pytest.raises(InputError, match="no residents at 2021Q4 in 46"):
        residents(gap, ["11", "46"])


def test_each_province_and_each_later_wave_is_left_out_once(data):
    table = refit_table(data, study_options())
    counts = table["analysis"].value_counts()
    assert counts.to_dict() == {
        "leave_one_unit_out": 31,
        "placebo_unit": 24,
        "placebo_date": 6,
        "leave_one_cohort_out": 2,
    }
    placebo = table[table["analysis"] == "placebo_unit"]
    assert placebo["estimate"].sum() == pytest.approx(0, abs=1e-9)
    assert placebo["p_value"].min() == pytest.approx(1 / 24)


def test_bounds_widen_with_the_violation_and_breakdown_is_where_they_reach_zero(data):
    from analysis.did.sensitivity import read_event_study

    table = trend_table(read_event_study(data, study_options()))
    bounds = table[(table["analysis"] == "relative_magnitude") & (table["variant"] == "average")]
    length = (bounds["ci_high"] - bounds["ci_low"]).to_numpy()
    assert (np.diff(length) > 0).all()
    (found,) = table[(table["analysis"] == "relative_breakdown") & (table["variant"] == "average")][
        "estimate"
    ]
    excluded = bounds[(bounds["ci_low"] > 0) | (bounds["ci_high"] < 0)]["setting"].astype(float)
    included = bounds[(bounds["ci_low"] <= 0) & (bounds["ci_high"] >= 0)]["setting"].astype(float)
    assert excluded.max() <= found <= included.min() + 1e-3


def test_holm_multiplies_each_p_value_by_the_hypotheses_left_and_never_decreases(panel, monkeypatch):
    planned = [outcome for outcome in config.OUTCOMES if outcome.name in config.CURVE_FAMILY]
    panels = {outcome.name: read_outcome(panel, outcome) for outcome in planned}
    # Effect and three years of each outcome: 0.01 x 8, 0.012 x 7 and so on, capped at one.
    single = [0.02, 0.3, 0.4, 0.5, 0.01, 0.012, 0.6, 0.7]
    found = [
        Adjusted(name, Estimate("group_time", term, 0.0, event_time=None), p_value, 0.5)
        for (name, term), p_value in zip(
            [(name, term) for name in panels for term in ("att", "event", "event", "event")],
            single,
            strict=True,
        )
    ]
    monkeypatch.setattr(sensitivity, "romano_wolf", lambda *_, **__: found)
    table = planned_table(panels, study_options())
    holm = table[table["analysis"] == "planned_family_holm"].set_index("outcome")["p_value"]
    assert holm.to_dict() == pytest.approx(dict(zip(panels, (0.02 * 6, 0.01 * 8), strict=True)))
    stepped = table[table["analysis"] == "planned_family"]["p_value"]
    assert stepped.tolist() == [0.5, 0.5]
