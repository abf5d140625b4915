"""Clustered errors against clubSandwich and summclust, and against leaving clusters out one by one."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from did.peers import reference_panel, small_panel
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.base.errors import InputError
from analysis.did import Options, Panel, estimate
from analysis.did.inference.regression import read_regression
from analysis.did.inference.robust import cluster_covariance, robust_tests

VALUES = pd.read_csv(Path(__file__).parents[2] / "data/reference/did/inference_reference.csv")
SIMULATED = ("sim_never", "sim_nyt")


def theirs(estimator, dataset, parameter="att"):
    chosen = VALUES[(VALUES["estimator"] == estimator) & (VALUES["dataset"] == dataset)]
    return chosen.set_index("parameter").loc[parameter]


def error_of(panel, kind, name="twfe"):
    return float(np.sqrt(cluster_covariance(read_regression(panel, name, Options()), kind).covariance[0, 0]))


@pytest.mark.parametrize("dataset", SIMULATED)
@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_error_and_degrees_of_freedom_agree_with_clubsandwich(dataset, kind):
    found = cluster_covariance(read_regression(reference_panel(dataset), "twfe", Options()), kind)
    expected = theirs(f"TWFE_{kind}", dataset)["se"]
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(expected, rel=1e-6)
    freedom = theirs(f"TWFE_{kind}", dataset, "satterthwaite_df")["estimate"]
    assert found.satterthwaite[0] == pytest.approx(freedom, rel=1e-6)


@pytest.mark.parametrize("dataset", SIMULATED)
def test_cr3_agrees_with_summclust(dataset):
    found = error_of(reference_panel(dataset), "CR3")
    assert found == pytest.approx(theirs("TWFE_CR3J", dataset)["se"], rel=1e-6)


@pytest.mark.parametrize("dataset", SIMULATED)
def test_cr3_is_clubsandwich_times_the_jackknife_factor(dataset):
    found = error_of(reference_panel(dataset), "CR3")
    assert found == pytest.approx(theirs("TWFE_CR3", dataset)["se"] * np.sqrt(30 / 31), rel=1e-6)


@pytest.mark.parametrize("dataset", SIMULATED)
def test_cr1_is_cr0_times_the_factor_of_treatment_and_period_effects(dataset):
    cr0 = theirs("TWFE_CR0", dataset)["se"]
    factor = 31 / 30 * 929 / (930 - 30)
    assert error_of(reference_panel(dataset), "CR1") == pytest.approx(cr0 * np.sqrt(factor), rel=1e-6)
    counted = read_regression(reference_panel(dataset), "twfe", Options(count_effects=True))
    all_counted = np.sqrt(cluster_covariance(counted, "CR1").covariance[0, 0])
    assert all_counted == pytest.approx(cr0 * np.sqrt(31 / 30 * 929 / (930 - 30 - 31)), rel=1e-6)


@pytest.mark.parametrize("dataset", SIMULATED)
def test_cr2_p_value_agrees_with_clubsandwich(dataset):
    (found,) = robust_tests(reference_panel(dataset), "twfe", Options(), ("CR2",))
    expected = theirs("TWFE_CR2", dataset, "p_satterthwaite")["estimate"]
    assert found.p_value == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", ["twfe", "event_study_twfe"])
def test_cr1_is_the_error_the_estimator_reports_with_gaps_and_weights(name):
    panel = small_panel(3, gaps=0.05, weighted=True)
    reported = [r for r in estimate(panel, name, Options()) if r.std_error > 0]
    found = robust_tests(panel, name, Options(), ("CR1",))
    assert [r.std_error for r in found] == pytest.approx([r.std_error for r in reported], rel=1e-9)


def test_cr3_is_the_spread_of_estimates_that_leave_one_unit_out():
    panel = small_panel(5, gaps=0.05)
    fit = read_regression(panel, "event_study_twfe", Options())
    left_out = []
    for k in range(panel.n_units):
        without = panel.of_units(np.arange(panel.n_units) != k)
        rows = estimate(without, "event_study_twfe", Options(kernel="fast"))
        left_out.append(next(r.estimate for r in rows if r.term == "att"))
    spread = np.sqrt(23 / 24 * ((np.array(left_out) - fit.values[0]) ** 2).sum())
    assert error_of(panel, "CR3", "event_study_twfe") == pytest.approx(spread, rel=1e-8)


def test_cr3_is_had_where_statsmodels_refuses_unit_dummies_in_the_design():
    """Without a unit its dummy is zero throughout; taking unit means out first avoids that."""
    panel = small_panel(5)
    n, periods = panel.outcome.shape
    unit, time = np.repeat(np.arange(n), periods), np.tile(np.arange(periods), n)
    treated = (time >= np.repeat(panel.cohort, periods)).astype(float)
    dummies = [unit == k for k in range(n)] + [time == t for t in range(1, periods)]
    model = sm.OLS(panel.outcome.ravel(), np.column_stack([treated, *dummies]).astype(float))
    with pytest.raises(ValueError, match="rank-deficient"):
        model.fit(cov_type="cluster-crv3", cov_kwds={"groups": unit})
    # A least-squares refit without each unit, with the dummies of the others, is what CR3 means.
    left_out = []
    for k in range(n):
        kept = unit != k
        design = np.delete(model.exog[kept], 1 + k, axis=1)
        left_out.append(np.linalg.lstsq(design, model.endog[kept], rcond=None)[0][0])
    spread = np.sqrt((n - 1) / n * ((np.array(left_out) - model.fit().params[0]) ** 2).sum())
    assert error_of(panel, "CR3") == pytest.approx(spread, rel=1e-8)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 0.1]),
    st.booleans(),
    st.sampled_from(["twfe", "event_study_twfe"]),
)
def test_errors_of_statsmodels_and_ours_are_the_formulas_on_whatever_panel(seed, gaps, weighted, name):
    """By their definitions: clusters' scores, and the inverse of I - H for CR3."""
    fit = read_regression(small_panel(seed, gaps=gaps, weighted=weighted), name, Options())
    bread = np.linalg.inv(fit.rows.T @ fit.rows)
    plain, jackknife = [], []
    for block in fit.blocks:
        rows, residual = fit.rows[block], fit.residual[block]
        form = rows @ bread @ fit.contrasts.T
        plain.append(form.T @ residual)
        hat = np.eye(len(rows)) - rows @ bread @ rows.T
        jackknife.append(form.T @ np.linalg.solve(hat, residual))
    cr0, cr3 = (np.array(scores).T @ np.array(scores) for scores in (plain, jackknife))
    g, (n, k) = fit.n_clusters, fit.rows.shape
    expected = {"CR0": cr0, "CR1": cr0 * g / (g - 1) * (n - 1) / (n - k), "CR3": cr3 * (g - 1) / g}
    for own, (kind, covariance) in product((False, True), expected.items()):
        found = cluster_covariance(replace(fit, own=own), kind).covariance
        assert found == pytest.approx(covariance, rel=1e-8, abs=1e-9 * np.abs(covariance).max()), kind


def test_p_values_are_student_with_clusters_less_one_not_the_normal_ones_of_the_package():
    panel = small_panel(2)
    (found,) = robust_tests(panel, "twfe", Options(), ("CR1",))
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(found.estimate / found.std_error), 23), rel=1e-9)


def test_cr3_of_an_effect_that_hangs_on_one_unit_is_not_a_number():
    outcome = np.random.default_rng(0).normal(size=(10, 6))
    panel = Panel.from_arrays(outcome, np.array([3] + [10**6] * 9))
    assert np.isnan(error_of(panel, "CR3"))
    assert error_of(panel, "CR2") > 0


def test_cr2_refuses_weights():
    fit = read_regression(small_panel(1, weighted=True), "twfe", Options())
    with pytest.raises(InputError, match="CR2 is defined here for unweighted"):
        cluster_covariance(fit, "CR2")


def test_an_estimator_without_a_regression_is_refused():
    with pytest.raises(InputError, match="group_time is not a two-way regression"):
        read_regression(small_panel(1), "group_time", Options())
