"""The efficient estimator against the authors' R package and against its definition."""

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
from analysis.did.estimators.efficient import efficient, efficient_averages
from analysis.did.options import Options
from analysis.did.panel.comparison import comparable
from analysis.did.panel.panel import NEVER, Panel


def overall_shares(panel: Panel, kind: str) -> np.ndarray:
    """(1, C, T) cell weights of the authors' cohort and calendar averages."""
    distance = np.arange(panel.n_periods) - np.array(panel.cohorts)[:, None]
    count = np.array([(panel.cohort == g).sum() for g in panel.cohorts])[:, None] * (distance >= 0)
    if kind == "cohort":
        shares = count / (distance >= 0).sum(axis=1, keepdims=True)
    else:
        shares = count / np.maximum(count.sum(axis=0), 1)
    return (shares / shares.sum())[None]


@pytest.mark.parametrize("dataset", DATASETS)
def test_overall_effect_and_neyman_error_agree_with_the_r_package(dataset):
    rows = [row for row in efficient(reference_panel(dataset), Options()) if row.term == "att_simple"]
    assert_agreement(rows, expected("staggered_neyman", "staggered", dataset), least=1)


@pytest.mark.parametrize("kind", ["cohort", "calendar"])
@pytest.mark.parametrize("dataset", DATASETS)
def test_other_averages_agree_with_the_r_package(dataset, kind):
    panel = comparable(reference_panel(dataset), Options()).panel
    values, errors, _ = efficient_averages(panel, Options(), overall_shares(panel, kind))
    theirs = expected("staggered_neyman", "staggered", dataset).loc[kind]
    assert values[0] == pytest.approx(theirs["estimate"], rel=1e-6)
    assert errors[0] == pytest.approx(theirs["se"], rel=1e-6)


@pytest.mark.parametrize("dataset", DATASETS)
def test_event_effects_agree_with_the_r_package(dataset):
    rows = [row for row in efficient(reference_panel(dataset), Options()) if row.term == "event"]
    assert_agreement(rows, expected("staggered", "staggered", dataset), least=4, errors=False)


def test_adjusted_errors_of_the_r_package_are_smaller_by_under_one_per_cent_on_mpdta():
    rows = efficient(reference_panel("mpdta"), Options())
    theirs = expected("staggered", "staggered", "mpdta")
    for event in range(4):
        ratio = at(rows, event).std_error / theirs.at[f"event_{event}", "se"]
        assert 1 <= ratio < 1.01


def test_error_is_the_smallest_over_coefficients():
    """The coefficient minimises the variance: no fixed one does better, one included."""
    panel = comparable(reference_panel("sim_never"), Options()).panel
    values, errors, slopes = efficient_averages(panel, Options(), overall_shares(panel, "cohort"))
    fixed = expected("staggered_cs_neyman", "staggered", "sim_never").loc["cohort"]
    assert errors[0] < fixed["se"]
    assert values[0] != pytest.approx(fixed["estimate"], rel=1e-3)
    assert slopes[0] < 1


def test_two_cohorts_and_two_periods_by_hand():
    outcome = np.array([[1, 4], [2, 6], [0, 1], [1, 3], [2, 2]], dtype=float)
    panel = Panel.from_arrays(outcome, np.array([1, 1, NEVER, NEVER, NEVER]))
    before, after = outcome[:, 0], outcome[:, 1]
    variance = before[:2].var(ddof=1) / 2 + before[2:].var(ddof=1) / 3
    covariance = np.cov(before[:2], after[:2])[0, 1] / 2 + np.cov(before[2:], after[2:])[0, 1] / 3
    slope = covariance / variance
    expectation = (after[:2].mean() - after[2:].mean()) - slope * (before[:2].mean() - before[2:].mean())
    assert overall(efficient(panel, Options())).estimate == pytest.approx(expectation)


def test_missing_outcome_is_refused_with_the_unit():
    panel = with_outcome(small_panel(61), (5, 2), np.nan)
    with pytest.raises(InputError, match="1 unit has gaps: 5"):
        efficient(panel, Options())


def test_unit_weights_are_refused():
    with pytest.raises(InputError, match="unit weights"):
        efficient(small_panel(62, weighted=True), Options())


def test_clusters_of_units_are_refused():
    panel = replace(small_panel(63), cluster=np.arange(24) // 2)
    with pytest.raises(InputError, match="by unit, not by cluster"):
        efficient(panel, Options())


def test_cohort_with_one_unit_is_refused_by_name():
    outcome = np.random.default_rng(0).normal(size=(8, 5))
    with pytest.raises(InputError, match="no variance: 3"):
        efficient(Panel.from_arrays(outcome, np.array([3] + [NEVER] * 7)), Options())
