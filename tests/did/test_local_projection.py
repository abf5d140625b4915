"""Local projections against packages and against the regression written out."""

from __future__ import annotations

import numpy as np
import pytest
from did.peers import DATASETS, assert_agreement, at, expected, overall, reference_panel, small_panel

import analysis.did as did
from analysis.did.estimators.dynamic import dynamic_dcdh
from analysis.did.estimators.local_projection import local_projection, local_projection_reweighted
from analysis.did.options import Options
from analysis.did.panel.panel import NEVER, Panel

WINDOWS = {"mpdta": (-3, 3), "sim_never": (-5, 8), "sim_nyt": (-5, 8)}


def regression(panel: Panel, h: int) -> tuple[float, float]:
    """Coefficient and CR1 error of one horizon, with a dummy for each period."""
    table = []
    for t in range(1, panel.n_periods):
        if not 0 <= t + h < panel.n_periods:
            continue
        change = panel.outcome[:, t + h] - panel.outcome[:, t - 1]
        new, clean = panel.cohort == t, panel.cohort > max(t + h, t)
        table += [
            (t, i, float(new[i]), panel.weights[i], change[i])
            for i in np.flatnonzero((new | clean) & ~np.isnan(change))
        ]
    period, unit, treated, weight, y = (np.array(column) for column in zip(*table, strict=True))
    design = np.column_stack([treated, period[:, None] == np.unique(period)])
    inverse = np.linalg.inv((design * weight[:, None]).T @ design)
    slopes = inverse @ (design * weight[:, None]).T @ y
    scores = np.zeros((panel.n_units, design.shape[1]))
    np.add.at(scores, unit, design * (weight * (y - design @ slopes))[:, None])
    clusters, (n, k) = len(np.unique(unit)), design.shape
    covariance = clusters / (clusters - 1) * (n - 1) / (n - k) * inverse @ scores.T @ scores @ inverse
    return float(slopes[0]), float(np.sqrt(covariance[0, 0]))


@pytest.mark.parametrize("dataset", DATASETS)
def test_agrees_with_the_r_package(dataset):
    rows = local_projection(reference_panel(dataset), Options(window=WINDOWS[dataset]))
    assert_agreement(rows, expected("LPDID", "lpdid", dataset), least=6)


@pytest.mark.parametrize("dataset", DATASETS)
def test_reweighted_agrees_with_the_r_package(dataset):
    rows = local_projection_reweighted(reference_panel(dataset), Options(window=WINDOWS[dataset]))
    assert_agreement(rows, expected("LPDID_rw", "lpdid", dataset), least=6)


@pytest.mark.parametrize("dataset", DATASETS)
def test_pooled_effect_agrees_with_pyfixest(dataset):
    att = overall(local_projection(reference_panel(dataset), Options(window=WINDOWS[dataset])))
    theirs = expected("LPDID_pooled", "pyfixest", dataset).iloc[0]
    assert (att.estimate, att.std_error) == pytest.approx((theirs["estimate"], theirs["se"]), rel=1e-6)


@pytest.mark.parametrize(("gaps", "weighted"), [(0.0, True), (0.15, False), (0.15, True)])
@pytest.mark.parametrize("h", [-3, 0, 2])
def test_equals_the_regression_written_out(gaps, weighted, h):
    panel = small_panel(41, gaps=gaps, weighted=weighted)
    row = at(local_projection(panel, Options()), h)
    assert (row.estimate, row.std_error) == pytest.approx(regression(panel, h), rel=1e-9)


@pytest.mark.parametrize("dataset", DATASETS)
def test_reweighted_estimates_equal_the_dynamic_estimator(dataset):
    panel = reference_panel(dataset)
    first, second = local_projection_reweighted(panel, Options()), dynamic_dcdh(panel, Options())
    for event in (0, 1, 2):
        assert at(first, event).estimate == pytest.approx(at(second, event).estimate, rel=1e-10)


def test_weights_differ_between_the_two_when_cohorts_differ():
    panel = reference_panel("sim_never")
    first, second = local_projection(panel, Options()), local_projection_reweighted(panel, Options())
    assert abs(at(first, 0).estimate - at(second, 0).estimate) > 1e-3


def test_cohorts_behind_the_pooled_effect_are_named():
    rows = local_projection(reference_panel("mpdta"), Options(window=(-3, 3)))
    assert "cohorts observed that long: 2004" in overall(rows).note


def test_never_treated_controls_only_change_the_answer():
    panel = reference_panel("sim_never")
    some = at(local_projection(panel, Options(control="never")), 0)
    every = at(local_projection(panel, Options()), 0)
    assert some.n_observations < every.n_observations


def test_anticipation_moves_the_base_period():
    panel = small_panel(42)
    rows = local_projection(panel, Options(anticipation=1))
    assert -2 not in [row.event_time for row in rows]
    assert -1 in [row.event_time for row in rows]


@pytest.mark.parametrize("window", [None, (-2, 1)])
def test_covariance_keeps_its_places_where_no_unit_has_all_horizons(window):
    outcome = np.random.default_rng(8).normal(size=(12, 6))
    outcome[:3, 2], outcome[3:6, 3] = np.nan, np.nan  # of six treated units half lack horizon 0, half 1
    panel = Panel.from_arrays(outcome, np.repeat([2, NEVER], 6))
    result = did.estimate(panel, "local_projection", window=window)
    assert np.isnan(result.att.estimate)
    matrix = result.covariance("event")
    assert list(matrix.index) == [-2, 0, 1, 2, 3][: None if window is None else 3]
    expected = [regression(panel, h)[1] ** 2 for h in matrix.index]
    assert np.diag(matrix) == pytest.approx(expected, rel=1e-9)
