"""Imputation against independent software, against dense linear algebra, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from did.peers import (
    DATASETS,
    assert_agreement,
    at,
    expected,
    overall,
    reference_panel,
    small_panel,
    with_outcome,
)
from scipy import stats

import analysis.did as did
from analysis.base.errors import InputError
from analysis.did.estimators.imputation import imputation
from analysis.did.options import Options
from analysis.did.panel.panel import NEVER, Panel


def dense(panel: Panel, chosen: np.ndarray) -> tuple[float, float]:
    """Average effect over ``chosen`` cells and its conservative error, by plain matrices.

    Dummies for units and periods, least squares on untreated observations, the weights v of the
    estimate as a sum of outcomes, and the variance formula of the paper, with units as clusters.
    """
    number, periods = panel.outcome.shape
    rows, columns = np.nonzero(~np.isnan(panel.outcome))
    y = panel.outcome[rows, columns]
    design = np.hstack([np.eye(number)[rows], np.eye(periods)[columns]])
    untreated = columns < panel.cohort[rows]
    weight = panel.weights[rows]
    root = np.sqrt(weight[untreated])[:, None]
    inverse = np.linalg.pinv(root * design[untreated])
    coefficients = inverse @ (root[:, 0] * y[untreated])
    effect = y - design @ coefficients
    w = chosen[rows, columns] * weight
    w = w / w.sum()
    v = w.copy()
    v[untreated] = -root[:, 0] * (inverse.T @ (design[~untreated].T @ w[~untreated]))
    residual = effect.copy()
    for g in panel.cohorts:
        for t in range(g, periods):
            cell = (panel.cohort[rows] == g) & (columns == t)
            if (v[cell] ** 2).sum() > 0:
                residual[cell] -= (v[cell] ** 2 @ effect[cell]) / (v[cell] ** 2).sum()
    scores = np.bincount(rows, v * residual, number)
    return float(w @ effect), float(np.sqrt(scores @ scores))


@pytest.mark.parametrize("dataset", DATASETS)
def test_agrees_with_the_python_package_of_the_method(dataset):
    theirs = expected("BJS", "did-imputation", dataset)
    rows = [row for row in imputation(reference_panel(dataset), Options()) if row.term != "pretrend_joint"]
    assert_agreement(rows, theirs, least=8)


@pytest.mark.parametrize("dataset", DATASETS)
def test_effects_agree_with_the_r_package_that_keeps_single_observations(dataset):
    theirs = expected("BJS", "didimputation (fixef.rm=none)", dataset)
    rows = [
        row
        for row in imputation(reference_panel(dataset), Options())
        if row.term in ("att", "event") and (row.event_time is None or row.event_time >= 0)
    ]
    assert_agreement(rows, theirs, least=5)


@pytest.mark.parametrize(("gaps", "weighted"), [(0.0, False), (0.0, True), (0.15, False), (0.15, True)])
def test_equals_plain_matrices_with_gaps_and_weights(gaps, weighted):
    panel = small_panel(3, gaps=gaps, weighted=weighted)
    rows = imputation(panel, Options())
    everywhere = np.arange(panel.n_periods) >= panel.cohort[:, None]
    after_two = np.arange(panel.n_periods) == panel.cohort[:, None] + 2
    att, second = overall(rows), at(rows, 2)
    assert (att.estimate, att.std_error) == pytest.approx(dense(panel, everywhere), rel=1e-9)
    assert (second.estimate, second.std_error) == pytest.approx(dense(panel, after_two), rel=1e-9)


def test_two_units_and_two_periods_give_the_difference_of_differences():
    panel = Panel.from_arrays(np.array([[1.0, 4.0], [2.0, 3.0]]), np.array([1, NEVER]))
    att = imputation(panel, Options())[0]
    assert att.estimate == pytest.approx((4 - 1) - (3 - 2))


def test_single_treated_unit_is_noted_because_its_error_is_too_small():
    outcome = np.random.default_rng(0).normal(size=(8, 5))
    panel = Panel.from_arrays(outcome, np.array([3] + [NEVER] * 7))
    assert "one cluster" in imputation(panel, Options())[0].note


def test_clusters_of_several_units_sum_scores_within_clusters():
    panel = small_panel(5)
    doubled = Panel.from_arrays(
        np.repeat(panel.outcome, 2, axis=0),
        np.repeat(panel.starts, 2),
        cluster=np.repeat(np.arange(panel.n_units), 2),
    )
    single = imputation(panel, Options())[0]
    copied = imputation(doubled, Options())[0]
    assert copied.std_error == pytest.approx(single.std_error, rel=1e-9)


def test_pretrend_test_is_the_wald_test_of_the_lead_regression():
    panel = small_panel(7)
    rows = imputation(panel, Options(window=(-2, 4)))
    joint = next(row for row in rows if row.term == "pretrend_joint")
    number, periods = panel.outcome.shape
    unit, time = np.nonzero(np.arange(periods) < panel.cohort[:, None])
    distance = time - panel.cohort[unit]
    leads = np.stack([distance == -1, distance == -2], axis=1).astype(float)
    design = np.hstack([leads, np.eye(number)[unit], np.eye(periods)[time][:, 1:]])
    y = panel.outcome[unit, time]
    slopes = np.linalg.lstsq(design, y, rcond=None)[0]
    inverse = np.linalg.pinv(design.T @ design)
    scores = np.zeros((number, design.shape[1]))
    np.add.at(scores, unit, design * (y - design @ slopes)[:, None])
    n, k = len(y), np.linalg.matrix_rank(design) - number
    factor = number / (number - 1) * (n - 1) / (n - k)
    covariance = factor * (inverse @ scores.T @ scores @ inverse)[:2, :2]
    wald = slopes[:2] @ np.linalg.solve(covariance, slopes[:2]) / 2
    assert joint.estimate == pytest.approx(wald, rel=1e-8)
    assert joint.p_value == pytest.approx(stats.f.sf(wald, 2, number - 1), rel=1e-6)


def test_pretrend_test_rejects_a_trend_of_the_treated():
    rng = np.random.default_rng(1)
    starts = np.repeat([6, NEVER], 20)
    trend = np.where(starts[:, None] == 6, 0.5 * np.arange(10), 0)
    panel = Panel.from_arrays(trend + rng.normal(0, 0.1, (40, 10)), starts)
    joint = next(row for row in imputation(panel, Options()) if row.term == "pretrend_joint")
    assert joint.p_value < 1e-6


def test_unit_without_an_untreated_observation_is_left_out_by_name():
    panel = small_panel(2)
    panel = with_outcome(panel, (0, slice(int(panel.cohort[0]))), np.nan)
    att = imputation(panel, Options())[0]
    assert "units 0" in att.note
    assert att.n_treated == 15


def test_periods_after_the_last_start_are_named_not_filled():
    rows = imputation(small_panel(4, everybody=True), Options())
    assert max(row.period for row in rows if row.term == "calendar") == 6
    assert "7 to 8 are left out" in rows[0].note


def test_anticipation_takes_periods_out_of_the_fit():
    panel = small_panel(6)
    place = (np.arange(24), np.minimum(panel.cohort, 8) - 1)
    panel = with_outcome(panel, place, panel.outcome[place] + np.where(panel.cohort < NEVER, 100, 0))
    early = imputation(panel, Options(anticipation=1))
    assert abs(early[0].estimate) < 10
    assert at(early, -1).estimate > 90
    assert imputation(panel, Options())[0].estimate < -5


def test_constant_covariate_is_refused():
    outcome = np.random.default_rng(0).normal(size=(8, 5))
    panel = Panel.from_arrays(outcome, np.array([3] * 4 + [NEVER] * 4), covariates=np.ones((8, 5, 1)))
    with pytest.raises(InputError, match="constant"):
        imputation(panel, Options())


def test_intervals_are_those_of_the_normal_distribution():
    att = overall(imputation(small_panel(8), Options(level=0.9)))
    assert att.ci_low == pytest.approx(att.estimate - stats.norm.ppf(0.95) * att.std_error)
    assert att.p_value == pytest.approx(2 * stats.norm.sf(abs(att.estimate) / att.std_error))


def test_window_without_a_treated_period_identifies_nothing():
    panel = small_panel(9)
    panel = with_outcome(panel, np.arange(9) >= panel.cohort[:, None], np.nan)
    with pytest.raises(InputError, match="identif"):
        imputation(panel, Options())


@pytest.mark.parametrize("name", ["imputation", "two_stage"])
@pytest.mark.parametrize("shape", [(12, 6), (6, 12)])
def test_a_far_level_and_weights_far_apart_lose_no_digits(shape, name):
    units, periods = shape
    outcome = np.round(64 * np.random.default_rng(3).normal(size=shape)) / 64  # a level is added exactly
    outcome[0, 1] = outcome[-1, -1] = np.nan
    starts = np.where(np.arange(units) < units // 2, periods // 2, NEVER)
    weights = np.where(np.arange(units) % 2 == 0, 1e-6, 1.0)
    plain, far = (
        did.estimate(Panel.from_arrays(outcome + level, starts, weights=weights), name)
        for level in (0.0, 1e8)
    )
    for row, other in zip(plain, far, strict=True):
        assert other.estimate == pytest.approx(row.estimate, rel=1e-11, abs=1e-11)
        assert other.std_error == pytest.approx(row.std_error, rel=1e-11, nan_ok=True)


@pytest.mark.parametrize("tiny", [1e-8, 1e-12])
@pytest.mark.parametrize("side", ["treated", "controls", "one treated"])
@pytest.mark.parametrize("shape", [(6, 12), (12, 6)])
def test_units_of_tiny_weight_are_identified_as_others_are(shape, side, tiny):
    units, periods = shape
    outcome = np.random.default_rng(4).normal(size=shape)
    treated, late = np.arange(units) < units // 2, np.arange(periods) >= periods // 2
    small = {"treated": treated, "controls": ~treated, "one treated": np.arange(units) == 0}[side]
    weights = np.where(small, tiny, 1.0)
    change = outcome[:, late].mean(axis=1) - outcome[:, ~late].mean(axis=1)
    by_hand = np.average(change[treated], weights=weights[treated]) - change[~treated].mean()
    starts = np.where(treated, periods // 2, NEVER)
    row = did.estimate(Panel.from_arrays(outcome, starts, weights=weights), "imputation").att
    assert row.estimate == pytest.approx(by_hand, rel=1e-10)
    assert (row.n_treated, row.n_observations) == (treated.sum(), outcome.size)
