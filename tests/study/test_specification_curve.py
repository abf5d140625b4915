"""The specification curve against the engine, a plain regression and hand calculation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import config
from analysis.did import Options, Panel, estimate
from analysis.did.panel.panel import NEVER
from analysis.study.outcomes import read_outcome, residents, study_options
from analysis.study.specification_curve import (
    Contrast,
    Curve,
    adjusted_differences,
    contrasts,
    curve_table,
    specification_curve,
)

PANEL = Path(__file__).resolve().parents[2] / "data/processed/panel.csv"
YEARS = np.arange(2015, 2025, dtype=float)
FIRST = 2022


@pytest.fixture(scope="module")
def data():
    return read_outcome(pd.read_csv(PANEL, dtype={"province_code": str}), config.OUTCOMES[1])


@pytest.fixture(scope="module")
def covariates(data):
    panel = pd.read_csv(PANEL, dtype={"province_code": str})
    output = read_outcome(panel, config.OUTCOMES[2]).outcome[:, data.cohorts[0] - 1]
    return {"log_gdp_per_head": output, "log_residents": np.log(residents(panel, data.units))}


@pytest.fixture(scope="module")
def curve(data, covariates):
    return specification_curve(data, covariates, 499, 0)


def estimate_of(curve, **wanted):
    usual = {
        "control": "all", "covariate": "none", "start": 2015, "end": 2024, "left_out": "",
        "rule": "any_day", "sample": "main",
    }  # fmt: skip
    table = curve_table(curve)
    for name, value in (usual | wanted).items():
        table = table[table[name] == value]
    assert len(table) == 1
    return float(table["estimate"].iloc[0])


def overall(panel, estimator):
    return next(row for row in estimate(panel, estimator, study_options()) if row.term == "att").estimate


@pytest.mark.parametrize("estimator", ["twfe", "group_time"])
def test_the_main_specifications_are_the_engines_estimates(curve, data, estimator):
    assert estimate_of(curve, estimator=estimator) == pytest.approx(overall(data, estimator))


def part_of(data, kept, years):
    """Panel of some provinces and of some years, in order."""
    part = data.of_units(kept)
    place = np.flatnonzero(np.isin(YEARS, years))
    start = int(np.flatnonzero(YEARS[place] >= FIRST)[0])
    return Panel.from_arrays(part.outcome[:, place], np.where(part.cohort < NEVER, start, NEVER))


def test_a_specification_without_a_province_and_a_wave_is_the_engines(curve, data):
    kept = np.array([w != "2025" and u != "44" for w, u in zip(data.cohort_labels, data.units, strict=True)])
    small = part_of(data, kept, range(2018, 2024))
    found = estimate_of(
        curve, estimator="twfe", control="third_wave", start=2018, end=2023, sample="without_44"
    )
    assert found == pytest.approx(overall(small, "twfe"))


@pytest.mark.parametrize(
    ("years", "left_out", "rule"),
    [
        ([y for y in range(2015, 2025) if y != 2022], "", "first_full"),
        ([y for y in range(2015, 2025) if y not in (2020, 2021, 2022)], "2020 2021 2022", "any_day"),
    ],
)
def test_leaving_years_out_is_the_engine_without_them(curve, data, years, left_out, rule):
    small = part_of(data, np.ones(data.n_units, dtype=bool), years)
    found = estimate_of(curve, estimator="twfe", left_out=left_out, rule=rule)
    assert found == pytest.approx(overall(small, "twfe"))


def regress(outcome, columns):
    """Least-squares coefficient of the first column."""
    return np.linalg.lstsq(np.column_stack(columns), outcome, rcond=None)[0][0]


def test_a_half_treated_year_is_a_dose_of_one_half_in_a_plain_regression(curve, data):
    treated = (data.cohort < NEVER).astype(float)
    dose = np.outer(treated, np.where(YEARS > FIRST, 1.0, np.where(YEARS == FIRST, 0.5, 0.0)))
    unit, year = (np.kron(np.eye(31), np.ones((10, 1))), np.kron(np.ones((31, 1)), np.eye(10)))
    expected = regress(data.outcome.ravel(), [dose.ravel(), unit, year[:, 1:]])
    assert estimate_of(curve, estimator="twfe", rule="share_of_days") == pytest.approx(expected)


@pytest.mark.parametrize("name", ["log_gdp_per_head", "log_residents"])
def test_the_adjusted_estimate_is_a_regression_of_changes_on_treatment_and_covariate(
    curve, data, covariates, name
):
    change = data.outcome[:, YEARS >= FIRST].mean(axis=1) - data.outcome[:, YEARS == FIRST - 1][:, 0]
    treated = (data.cohort < NEVER).astype(float)
    expected = regress(change, [treated, np.ones(31), covariates[name]])
    assert estimate_of(curve, estimator="group_time", covariate=name) == pytest.approx(expected)


def test_the_adjusted_estimate_is_that_of_the_engines_outcome_regression_with_equal_slopes():
    """One treated unit: slopes within groups are those of the controls, as in outcome regression."""
    rng = np.random.default_rng(0)
    x, outcome = rng.normal(size=12), rng.normal(size=(12, 2))
    panel = Panel.from_arrays(
        outcome, np.array([1] + [NEVER] * 11), covariates=np.repeat(x[:, None, None], 2, axis=1)
    )
    rows = estimate(panel, "group_time", Options(method="reg", draws=0))
    expected = next(row for row in rows if row.term == "att").estimate
    treated = np.eye(12)[:1]
    (found,) = adjusted_differences(treated, 1 - treated, (outcome[:, 1] - outcome[:, 0])[:, None], [x])
    assert found[0, 0] == pytest.approx(expected)


def test_a_straight_line_has_no_effect_with_unit_trends():
    weights = Contrast("unit_trends", 2015, 2024, (2020,), "any_day").weights(YEARS, FIRST)
    assert weights @ (3 + 0.5 * YEARS) == pytest.approx(0, abs=1e-9)
    assert weights[YEARS == 2020] == pytest.approx(0)


@pytest.mark.parametrize("rule", config.CURVE_RULES)
@pytest.mark.parametrize("estimator", ["twfe", "group_time", "group_time_2019", "unit_trends"])
def test_an_effect_that_follows_the_rules_dose_is_found_whole(estimator, rule):
    share = config.CURVE_RULES[rule]
    dose = np.where(YEARS > FIRST, 1.0, np.where(YEARS == FIRST, 99.0 if share is None else share, 0.0))
    weights = Contrast(estimator, 2015, 2024, (), rule).weights(YEARS, FIRST)
    assert weights @ dose == pytest.approx(1)


def test_every_contrast_ignores_levels_and_no_two_are_alike():
    found = np.stack([form.weights(YEARS, FIRST) for form in contrasts(2024, FIRST)])
    assert found.sum(axis=1) == pytest.approx(0, abs=1e-9)
    assert len(np.unique(found.round(9), axis=0)) == len(found)


def test_the_joint_tests_by_hand():
    drawn = np.array([[1.0, -2], [-1, 2], [3, 1], [-3, -1]])  # errors: sqrt 5, sqrt 2.5
    curve = Curve([], np.array([2.9, 1.9]), drawn)
    # Medians in errors: 1.25 observed; of the draws 0.41, 0.41, 0.99, 0.99 in absolute value.
    median, p_value = curve.median_test()
    assert median == pytest.approx((2.9 / 5**0.5 + 1.9 / 2.5**0.5) / 2)
    assert p_value == pytest.approx(1 / 5)
    assert curve.p_values() == pytest.approx([3 / 5, 3 / 5])
