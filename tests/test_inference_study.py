"""The study's inference and sensitivity tables against the engine, the estimates and plain means."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import config
from analysis.did import Panel, estimate
from analysis.did.panel import NEVER
from analysis.errors import InputError
from analysis.inference_study import judge, read_outcome, regions, residents, study_options
from analysis.sensitivity_study import refit_table, trend_table
from analysis.specification_curve import Curve, choices, contrast, specification_curve

PANEL = Path(__file__).resolve().parents[1] / "data/processed/panel.csv"
INCOME = config.OUTCOMES[1]


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


@pytest.fixture(scope="module")
def curve(data):
    return specification_curve(data, 499, 0)


def only(rows, term="att"):
    return next(row for row in rows if row.term == term)


def test_the_method_named_in_advance_is_among_the_methods(judged):
    assert config.INFERENCE in judged
    assert judged[config.INFERENCE].exact
    assert judged[config.INFERENCE].comparisons == 2_629_575


def test_all_methods_judge_the_same_number(judged, data):
    effect = only(estimate(data, "group_time", study_options())).estimate
    assert all(row.estimate == pytest.approx(effect) for row in judged.values())


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


@pytest.mark.parametrize("estimator", ["twfe", "group_time"])
def test_the_main_specifications_are_the_engines_estimates(curve, data, estimator):
    place = next(
        k
        for k, c in enumerate(curve.chosen)
        if (c.estimator, c.control, c.start, c.end, c.dropped, c.sample)
        == (estimator, "all", 2015, 2024, None, "main")
    )
    expected = only(estimate(data, estimator, study_options())).estimate
    assert curve.estimates[place] == pytest.approx(expected)


def test_a_specification_without_a_province_and_a_wave_is_the_engines(curve, data):
    place = next(
        k
        for k, c in enumerate(curve.chosen)
        if (c.estimator, c.control, c.start, c.end, c.dropped, c.sample)
        == ("twfe", "third_wave", 2018, 2023, None, "without_44")
    )
    kept = np.array([w != "2025" and u != "44" for w, u in zip(data.cohort_labels, data.units, strict=True)])
    part = data.of_units(kept)
    small = Panel.from_arrays(part.outcome[:, 3:9], np.where(part.cohort < NEVER, part.cohort - 3, NEVER))
    expected = only(estimate(small, "twfe", study_options())).estimate
    assert curve.estimates[place] == pytest.approx(expected)


def test_a_straight_line_has_no_effect_with_unit_trends():
    years = np.arange(2015, 2025, dtype=float)
    choice = next(c for c in choices(2024) if c.estimator == "unit_trends" and c.dropped == 2020)
    weights = contrast(choice, years, 2022)
    assert weights @ (3 + 0.5 * years) == pytest.approx(0, abs=1e-9)
    assert weights[years == 2020] == pytest.approx(0)


def test_every_contrast_ignores_levels_and_no_two_specifications_are_named_alike():
    chosen = choices(2024)
    years = np.arange(2015, 2025, dtype=float)
    assert np.stack([contrast(c, years, 2022) for c in chosen]).sum(axis=1) == pytest.approx(0, abs=1e-9)
    assert len({c.name for c in chosen}) == len(chosen)


def test_the_joint_tests_by_hand():
    drawn = np.array([[1.0, -2], [-1, 2], [3, 1], [-3, -1]])  # errors: sqrt 5, sqrt 2.5
    curve = Curve([], np.array([2.9, 1.9]), drawn)
    # Medians in errors: 1.25 observed; of the draws 0.41, 0.41, 0.99, 0.99 in absolute value.
    median, p_value = curve.median_test()
    assert median == pytest.approx((2.9 / 5**0.5 + 1.9 / 2.5**0.5) / 2)
    assert p_value == pytest.approx(1 / 5)
    assert curve.p_values() == pytest.approx([3 / 5, 3 / 5])


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
