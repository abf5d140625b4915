"""Covariances of a result against independent computations: libraries, derivatives, moments by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from did.peers import reference_panel, small_panel, with_outcome
from linearmodels.panel import PanelOLS

import analysis.did as did
from analysis.did import NEVER, Panel
from analysis.did.errors import InputError
from analysis.did.registry import ESTIMATORS

WITHOUT = {"bacon", "synthetic_did", "synthetic_control"}
EQUAL_ONLY = {"efficient"}  # takes neither gaps, weights nor clusters


def awkward(seed: int) -> Panel:
    """Gaps, unit weights and clusters of two units."""
    panel = small_panel(seed, gaps=0.1, weighted=True)
    return did.Panel.from_arrays(
        panel.outcome, panel.starts, weights=panel.weights, cluster=np.arange(panel.n_units) // 2
    )


CASES = [(name, small_panel) for name in ESTIMATORS if name not in WITHOUT]
CASES += [(name, awkward) for name, _ in CASES if name not in EQUAL_ONLY]


@pytest.mark.parametrize(("name", "make"), CASES)
def test_diagonal_of_every_covariance_is_the_squared_errors(name, make):
    result = did.estimate(make(7), name)
    compared = 0
    for term in dict.fromkeys(row.term for row in result):
        known = [row for row in result if row.term == term and row.std_error == row.std_error]
        if not known or (name == "imputation" and term == "event"):
            continue
        known = sorted(known, key=lambda row: row.event_time or 0) if term == "event" else known
        matrix = result.covariance(term).to_numpy()
        assert np.diag(matrix) == pytest.approx([row.std_error**2 for row in known], rel=1e-9)
        assert matrix == pytest.approx(matrix.T, rel=1e-12)
        assert np.linalg.eigvalsh(matrix).min() > -1e-12 * matrix.max()
        compared += len(known)
    assert compared >= (1 if name == "twfe" else 5)


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_estimator_with_single_errors_says_that_it_has_no_covariance(name):
    with pytest.raises(InputError, match="no covariance"):
        did.estimate(small_panel(2), name).covariance("att")


def one_cohort(seed: int) -> tuple[Panel, np.ndarray]:
    """Nine treated and fifteen untreated units over seven periods, start in the fourth."""
    outcome = np.random.default_rng(seed).normal(size=(24, 7)).cumsum(axis=1)
    starts = np.where(np.arange(24) < 9, 3, NEVER)
    return Panel.from_arrays(outcome, starts), outcome


@pytest.mark.parametrize(
    ("name", "lost"), [("group_time", 0), ("dynamic_dcdh", 1), ("local_projection_reweighted", None)]
)
def test_event_study_of_one_cohort_has_the_covariance_of_two_means(name, lost):
    panel, outcome = one_cohort(1)
    found = did.estimate(panel, name).covariance("event")
    change = np.delete(outcome - outcome[:, [2]], 2, axis=1)
    assert found.index.tolist() == [-3, -2, 0, 1, 2, 3]
    if lost is None:  # CR1 with the constant and one period: G / (G - 1) x (n - 1) / (n - 2), n = G = 24
        expected = 24 / 22 * sum(np.cov(g.T, ddof=0) / len(g) for g in (change[:9], change[9:]))
    else:
        expected = sum(np.cov(g.T, ddof=lost) / len(g) for g in (change[:9], change[9:]))
    assert found.to_numpy() == pytest.approx(expected, rel=1e-9)


def test_efficient_estimates_have_the_covariance_of_adjusted_means():
    panel, outcome = one_cohort(3)
    found = did.efficient(panel).covariance("event")
    after, base = outcome[:, 3:], outcome[:, 2]
    groups = (slice(0, 9), slice(9, 24))
    variance = sum(base[g].var(ddof=1) / base[g].size for g in groups)
    slope = (
        sum(np.array([np.cov(base[g], after[g, k])[0, 1] for k in range(4)]) / base[g].size for g in groups)
        / variance
    )
    adjusted = after - base[:, None] * slope
    assert found.to_numpy() == pytest.approx(
        sum(np.cov(adjusted[g].T) / base[g].size for g in groups), rel=1e-9
    )


def derivative_covariance(panel: Panel, name: str, term: str, **choices) -> np.ndarray:
    """Infinitesimal jackknife: cross products of the derivatives of the estimates in unit weights."""
    step, derivatives = 1e-5, []
    for unit in range(panel.n_units):
        values = []
        for sign in (1, -1):
            weights = np.ones(panel.n_units)
            weights[unit] += sign * step
            other = Panel.from_arrays(
                panel.outcome, panel.starts, weights=weights, covariates=panel.covariates
            )
            rows = [row for row in did.estimate(other, name, **choices) if row.term == term]
            if term == "event":
                rows = sorted(rows, key=lambda row: row.event_time or 0)
            values.append([row.estimate for row in rows if row.std_error == row.std_error])
        derivatives.append((np.array(values[0]) - np.array(values[1])) / (2 * step))
    return np.array(derivatives).T @ np.array(derivatives)


@pytest.mark.parametrize("term", ["event", "calendar", "cohort"])
@pytest.mark.parametrize("name", ["group_time", "two_stage"])
def test_influence_functions_are_derivatives_in_unit_weights(name, term):
    panel = small_panel(11, gaps=0.05)
    found = did.estimate(panel, name).covariance(term).to_numpy()
    assert found == pytest.approx(derivative_covariance(panel, name, term), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("method", ["reg", "ipw", "dr"])
def test_influence_functions_with_a_covariate_are_derivatives_too(method):
    rng = np.random.default_rng(5)
    x = rng.normal(size=40)
    starts = np.where(np.arange(40) < 18, 2, NEVER)
    outcome = np.cumsum(0.3 * x[:, None] + rng.normal(size=(40, 5)), axis=1)
    panel = Panel.from_arrays(outcome, starts, covariates=np.repeat(x[:, None, None], 5, axis=1))
    found = did.group_time(panel, method=method).covariance("event").to_numpy()
    expected = derivative_covariance(panel, "group_time", "event", method=method)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-8)


def test_event_study_regression_has_the_covariance_of_linearmodels():
    panel = awkward(4)
    periods = panel.n_periods
    unit, period = np.nonzero(panel.observed)
    distance = period - panel.cohort[unit]
    events = [e for e in np.unique(distance[panel.cohort[unit] < NEVER]) if e != -1]
    index = pd.MultiIndex.from_arrays([unit, period])
    columns = {f"e{e}": (distance == e).astype(float) for e in events}
    columns |= {f"t{t}": (period == t).astype(float) for t in range(1, periods)}
    fit = PanelOLS(
        pd.Series(panel.outcome[unit, period], index=index), pd.DataFrame(columns, index=index),
        entity_effects=True, weights=pd.Series(panel.weights[unit], index=index),
    )  # fmt: skip
    clusters = pd.Series(panel.cluster[unit], index=index)
    fit = fit.fit(cov_type="clustered", clusters=clusters, group_debias=True)
    theirs = fit.cov.loc[[f"e{e}" for e in events], [f"e{e}" for e in events]].to_numpy()
    ours = did.event_study_twfe(panel).covariance("event")
    assert ours.index.tolist() == events
    ratio = ours.to_numpy() / theirs  # the conventions differ in the count of parameters, one factor for all
    assert ratio == pytest.approx(np.full_like(ratio, ratio[0, 0]), rel=1e-7)
    assert 0.8 < ratio[0, 0] < 1.3


def test_saturated_regression_has_the_covariance_of_linearmodels():
    panel = with_outcome(small_panel(9), (3, 4), np.nan)
    unit, period = np.nonzero(panel.observed)
    index = pd.MultiIndex.from_arrays([unit, period])
    result = did.sun_abraham(panel)
    cells = [(g, t) for g in panel.cohorts for t in range(panel.n_periods) if t != g - 1]
    columns = {f"{g} {t}": ((panel.cohort[unit] == g) & (period == t)).astype(float) for g, t in cells}
    columns |= {f"t{t}": (period == t).astype(float) for t in range(1, panel.n_periods)}
    fit = PanelOLS(
        pd.Series(panel.outcome[unit, period], index=index), pd.DataFrame(columns, index=index),
        entity_effects=True,
    )  # fmt: skip
    fit = fit.fit(
        cov_type="clustered", cluster_entity=True, group_debias=True, auto_df=False, count_effects=False
    )
    names = [f"{g} {t}" for g, t in cells]
    ours = result.covariance("group_time").loc[cells, cells].to_numpy()
    ratio = ours / fit.cov.loc[names, names].to_numpy()
    size, spent = panel.observed.sum(), len(columns)
    assert ratio == pytest.approx(np.full_like(ratio, (size - spent) / (size - spent - 1)), rel=1e-6)


def test_static_coefficient_has_its_variance_and_no_more():
    result = did.twfe(reference_panel("mpdta"))
    assert result.covariance("att").to_numpy() == pytest.approx(np.array([[result.att.std_error**2]]))


def test_effects_and_leads_of_imputation_have_no_joint_covariance():
    result = did.imputation(small_panel(3))
    with pytest.raises(InputError, match="two regressions"):
        result.covariance("event")
    assert result.covariance("calendar").shape == (len(result.covariance("calendar")),) * 2
