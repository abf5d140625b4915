"""The weighted stack against a package, against rows written out, and against its relatives."""

from __future__ import annotations

from dataclasses import replace

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

from analysis.base.errors import InputError
from analysis.did.estimators.dynamic import dynamic_dcdh
from analysis.did.estimators.stacked import stacked
from analysis.did.options import Options
from analysis.did.panel.panel import NEVER, Panel

WINDOWS = {"mpdta": (-2, 1), "sim_never": (-5, 5), "sim_nyt": (-5, 5)}


def rows_written_out(panel: Panel, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients on treatment x event time and their CR1 errors from the stacked table itself."""
    table = []
    stacks = []
    for start in panel.cohorts:
        inside = start + low >= 0 and start + high < panel.n_periods
        clean = panel.cohort > start + high
        if inside and clean.any():
            stacks.append((start, np.flatnonzero(panel.cohort == start), np.flatnonzero(clean)))
    mass = [(panel.weights[d].sum(), panel.weights[c].sum()) for _, d, c in stacks]
    total = np.sum(mass, axis=0)
    for (start, treated, controls), (d, c) in zip(stacks, mass, strict=True):
        for units, side, factor in ((treated, 1, 1.0), (controls, 0, (d / total[0]) / (c / total[1]))):
            table += [
                (i, h, side, factor * panel.weights[i], panel.outcome[i, start + h])
                for i in units
                for h in range(low, high + 1)
            ]
    unit, event, side, weight, y = (np.array(column) for column in zip(*table, strict=True))
    times = [h for h in range(low, high + 1) if h != -1]
    by_time = (event[:, None] == times).astype(float)
    design = np.hstack([by_time * side[:, None], side[:, None], by_time, np.ones((len(y), 1))])
    inverse = np.linalg.inv((design * weight[:, None]).T @ design)
    slopes = inverse @ (design * weight[:, None]).T @ y
    scores = np.zeros((panel.n_units, design.shape[1]))
    np.add.at(scores, unit, design * (weight * (y - design @ slopes))[:, None])
    clusters, (n, k) = len(np.unique(unit)), design.shape
    covariance = clusters / (clusters - 1) * (n - 1) / (n - k) * inverse @ scores.T @ scores @ inverse
    return slopes[: len(times)], np.sqrt(np.diag(covariance)[: len(times)])


@pytest.mark.parametrize("dataset", DATASETS)
def test_agrees_with_the_package_that_offers_it(dataset):
    rows = stacked(reference_panel(dataset), Options(window=WINDOWS[dataset]))
    assert_agreement(rows, expected("Stacked", "diff-diff", dataset), least=4)


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_the_stacked_table_written_out(weighted):
    panel = small_panel(31, weighted=weighted)
    rows = [row for row in stacked(panel, Options(window=(-3, 2))) if row.term == "event"]
    values, errors = rows_written_out(panel, -3, 2)
    assert [row.estimate for row in rows] == pytest.approx(values, rel=1e-9)
    assert [row.std_error for row in rows] == pytest.approx(errors, rel=1e-9)


def test_overall_effect_is_the_mean_of_event_times_from_the_start_on():
    rows = stacked(small_panel(32), Options(window=(-3, 2)))
    assert overall(rows).estimate == pytest.approx(np.mean([at(rows, e).estimate for e in (0, 1, 2)]))


@pytest.mark.parametrize("dataset", ["sim_never", "sim_nyt"])
def test_equals_the_dynamic_estimator_where_controls_are_clean_throughout(dataset):
    panel = reference_panel(dataset)
    first = stacked(panel, Options(window=(-5, 5)))
    second = dynamic_dcdh(panel, Options(window=(-5, 5)))
    for event in (0, 3, 5):
        assert at(first, event).estimate == pytest.approx(at(second, event).estimate, rel=1e-10)


def test_window_not_given_is_the_widest_that_trims_nobody():
    note = stacked(reference_panel("sim_nyt"), Options())[0].note
    assert "Window -10 to 6, cohorts 11, 17." in note
    assert "Trimmed" not in note


def test_trimmed_cohorts_are_named():
    assert "cohorts 2004, 2007" in stacked(reference_panel("mpdta"), Options(window=(-2, 1)))[0].note


def test_unit_with_a_gap_in_the_window_leaves_its_sub_experiment_and_is_counted():
    panel = with_outcome(small_panel(33), (23, 4), np.nan)
    rows = stacked(panel, Options(window=(-3, 2)))
    assert "2 times a unit with a missing outcome" in rows[0].note


def test_window_without_clean_controls_is_refused():
    with pytest.raises(InputError, match="no cohort has clean controls"):
        stacked(small_panel(34, everybody=True), Options(window=(-3, 3)))


def test_unweighted_stack_would_give_another_answer():
    """The corrective weights matter: cohorts of unequal size with the same controls."""
    rng = np.random.default_rng(0)
    starts = np.repeat([4, 6, NEVER], [2, 10, 4])
    effect = np.where(np.arange(9) >= starts[:, None], np.where(starts == 4, 10, 1)[:, None], 0)
    panel = Panel.from_arrays(effect + rng.normal(0, 0.01, (16, 9)), starts)
    att = overall(stacked(panel, Options(window=(-2, 1))))
    assert att.estimate == pytest.approx((2 * 10 + 10 * 1) / 12, abs=0.02)


def test_period_effects_move_the_error_but_not_the_estimate():
    """The saturated regression pools sub-experiments over calendar time, as the paper's does."""
    panel = small_panel(35)
    moved = replace(panel, outcome=panel.outcome + np.arange(9.0) ** 2)
    first, second = (overall(stacked(given, Options(window=(-3, 2)))) for given in (panel, moved))
    assert second.estimate == pytest.approx(first.estimate, rel=1e-9)
    assert second.std_error > 1.1 * first.std_error


def test_no_error_is_given_where_nothing_is_left_to_estimate_it_from():
    panel = Panel.from_arrays(np.array([[1.0, 4.0], [2.0, 3.0]]), np.array([1, NEVER]))
    att = overall(stacked(panel, Options()))
    assert att.estimate == pytest.approx(2)
    assert np.isnan(att.std_error)
    assert np.isnan(att.p_value)
