"""The short ways taken by large panels give what the long ways give, on panels small enough for both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array
from statsmodels.regression.linear_model import WLS

from analysis.did import Options, Panel
from analysis.did.estimators import aggregate, by_start
from analysis.did.estimators.averages import averages, behind
from analysis.did.estimators.cell_weights import cells_of, tensor
from analysis.did.estimators.dynamic import dynamic_dcdh
from analysis.did.estimators.extended_twfe import extended_twfe
from analysis.did.estimators.group_time import group_time
from analysis.did.estimators.imputation import imputation
from analysis.did.estimators.local_projection import local_projection, local_projection_reweighted
from analysis.did.estimators.saturated import fit_rest
from analysis.did.estimators.sun_abraham import sun_abraham
from analysis.did.estimators.two_stage import two_stage
from analysis.did.estimators.untreated import fit_untreated
from analysis.did.numerics.influence import LinearInfluence, dense, products_by_group
from analysis.did.numerics.joint import wald_is_usable
from analysis.did.numerics.least_squares import _alike
from analysis.did.panel.arrays import distinct, renumbered
from analysis.did.panel.panel import NEVER


def panel(clusters: int = 0, weights: bool = False) -> Panel:
    rng = np.random.default_rng(5)
    starts = np.resize([3, 5, NEVER, 6, NEVER], 40)
    outcome = 30 + rng.normal(size=(40, 9)).cumsum(axis=1) + rng.normal(size=(40, 1))
    return Panel.from_arrays(
        outcome,
        starts,
        weights=rng.uniform(0.5, 2, 40) if weights else None,
        cluster=rng.integers(0, clusters, 40) if clusters else None,
    )


@pytest.mark.parametrize("estimator", [local_projection, local_projection_reweighted, dynamic_dcdh])
@pytest.mark.parametrize(("clusters", "weights"), [(0, False), (0, True), (8, True)])
def test_cohorts_as_rows_give_what_units_as_rows_give(estimator, clusters, weights, monkeypatch):
    found = panel(clusters, weights)
    short = estimator(found, Options())
    ones, everyone = np.ones(40, dtype=np.int64), np.arange(40)
    monkeypatch.setattr(
        f"{estimator.__module__}.rows_by_start",
        lambda p: by_start.Rows(
            p.outcome, p.cohort, p.starts, p.weights, ones, p.outcome, everyone, np.arange(41)
        ),
    )
    long = estimator(found, Options())
    assert len(short) == len(long) > 5
    for one, two in zip(short, long, strict=True):
        assert one.estimate == pytest.approx(two.estimate, rel=1e-10, abs=1e-12)
        assert one.std_error == pytest.approx(two.std_error, rel=1e-10)
        same = dict.fromkeys(("estimate", "std_error", "ci_low", "ci_high", "p_value"), 0.0)
        assert str(replace(one, **same)) == str(replace(two, **same))  # counts and notes


@pytest.mark.parametrize("estimator", [extended_twfe, sun_abraham])
@pytest.mark.parametrize("options", [Options(), Options(control="never"), Options(anticipation=1)], ids=str)
@pytest.mark.parametrize(("clusters", "weights"), [(0, False), (0, True), (8, True)])
def test_saturated_cells_from_the_rest_are_those_of_the_regression_on_dummies(
    estimator, options, clusters, weights, monkeypatch
):
    found = panel(clusters, weights)
    asked = []

    def by_dummies(*given):
        asked.append(given)

    short = estimator(found, options)
    monkeypatch.setattr("analysis.did.estimators.extended_twfe.fit_rest", by_dummies)
    long = estimator(found, options)
    assert asked
    assert len(short) == len(long) > 20
    for one, two in zip(short, long, strict=True):
        assert one.estimate == pytest.approx(two.estimate, rel=1e-10, abs=1e-11)
        assert one.std_error == pytest.approx(two.std_error, rel=1e-9)
        same = dict.fromkeys(("estimate", "std_error", "ci_low", "ci_high", "p_value"), 0.0)
        assert str(replace(one, **same)) == str(replace(two, **same))  # counts and notes
    pick = np.arange(0, len(short), 3)
    assert short.covariance(pick) == pytest.approx(long.covariance(pick), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(("anticipation", "left_out"), [(0, False), (1, True)])
def test_cells_that_no_other_observation_tells_are_left_to_the_regression(
    anticipation, left_out, monkeypatch
):
    """Cohort 1 has one period before its start; with one of anticipation nothing is left to compare with."""
    rests = []

    def fit(*given):
        rests.append(fit_rest(*given))
        return rests[-1]

    monkeypatch.setattr("analysis.did.estimators.extended_twfe.fit_rest", fit)
    outcome = np.random.default_rng(3).normal(size=(12, 6))
    found = extended_twfe(
        Panel.from_arrays(outcome, np.resize([1, 3, NEVER], 12)), Options(anticipation=anticipation)
    )
    assert [rest is None for rest in rests] == [left_out]
    assert {row.cohort for row in found if row.term == "cohort"} == ({3} if left_out else {1, 3})
    assert ("cohort 1 in 1, cohort 1 in 2" in found[0].note) == left_out


def test_scores_are_the_same_with_more_periods_than_units():
    rng = np.random.default_rng(8)
    wide = Panel.from_arrays(rng.normal(size=(9, 30)).cumsum(axis=1), np.resize([10, 20, NEVER], 9))
    fit = fit_untreated(wide, Options())
    weights = rng.normal(size=(5, 2, 30))
    assert fit.carried(weights) == pytest.approx(fit.spread @ fit.carries(weights), rel=1e-9, abs=1e-12)


def dummies_of_untreated(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """(N, T, N + T) unit and period dummies, and which observations are observed and untreated."""
    number, periods = panel.outcome.shape
    design = np.zeros((number, periods, number + periods))
    design[np.arange(number), :, np.arange(number)] = 1
    design[:, np.arange(periods), number + np.arange(periods)] = 1
    return design, panel.observed & panel.untreated(0)


@pytest.fixture(params=["even", "weights", "weights that change"])
def wide_with_gaps(request) -> Panel:
    """More periods than units, in one of which nobody is observed untreated."""
    rng = np.random.default_rng(9)
    outcome = rng.normal(size=(11, 25)).cumsum(axis=1)
    outcome[rng.random(outcome.shape) < 0.15] = np.nan
    start = np.resize([8, 14, 14, NEVER], 11)
    outcome[start > 20, 20] = np.nan
    weights = {
        "even": None,
        "weights": rng.uniform(0.5, 2, 11),
        "weights that change": rng.uniform(0.5, 2, outcome.shape),
    }
    return Panel.from_arrays(outcome, start, weights=weights[request.param])


def test_effects_of_more_periods_than_units_are_those_of_dummies(wide_with_gaps):
    """By least squares of numpy on a dummy for each unit and period, its minimum-norm inverse for scores."""
    panel = wide_with_gaps
    design, used = dummies_of_untreated(panel)
    fit = fit_untreated(panel, Options())
    mass = np.broadcast_to(panel.mass, panel.outcome.shape)
    root = np.sqrt(mass[used])
    slopes = np.linalg.lstsq(design[used] * root[:, None], panel.outcome[used] * root, rcond=None)[0]
    gap = panel.outcome - design @ slopes
    assert fit.target.any() and not fit.target[:, 20].any()  # nobody is untreated then
    assert fit.effect[fit.target] == pytest.approx(gap[fit.target], abs=1e-10)
    weights = np.random.default_rng(2).normal(size=(3, len(panel.cohorts), panel.n_periods))
    inverse = np.linalg.pinv((design[used] * mass[used][:, None]).T @ design[used])
    for own, carried in zip(weights, fit.carried(weights).T, strict=True):
        moved = np.where(fit.target, mass * np.append(own, 0 * own[:1], axis=0)[fit.index], 0)
        # The average is the moved outcomes less their predictions, which are linear in untreated outcomes.
        linear = mass * (design @ (inverse @ np.einsum("nt,ntk->k", moved, design)))
        expected = -np.where(used, linear * gap, 0).sum(axis=1)
        assert carried == pytest.approx(expected, abs=1e-9)


def test_leads_of_more_periods_than_units_are_those_of_dummies(wide_with_gaps):
    """By statsmodels, whose factor counts unit effects too."""
    panel = wide_with_gaps
    design, used = dummies_of_untreated(panel)
    used &= used.sum(axis=1, keepdims=True) > 1
    distance = np.arange(panel.n_periods) - panel.cohort[:, None]
    rows = {row.event_time: row for row in imputation(panel, Options()) if row.term == "event"}
    times = sorted(e for e in rows if e < 0)
    assert len(times) == 5
    leads = np.stack([distance == e for e in times], axis=2)
    independent = np.delete(design, [11, 11 + 20], axis=2)  # less a first period and one without outcomes
    regressors = np.concatenate([leads, independent], axis=2)[used]
    mass = np.broadcast_to(panel.mass, panel.outcome.shape)[used]
    unit = np.nonzero(used)[0]
    model = WLS(panel.outcome[used], regressors, mass)
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False})
    groups, count = len(np.unique(unit)), len(unit)
    parameters = regressors.shape[1] - groups
    factor = groups / (groups - 1) * (count - 1) / (count - parameters)
    for k, e in enumerate(times):
        assert rows[e].estimate == pytest.approx(fitted.params[k], abs=1e-9)
        assert rows[e].std_error == pytest.approx(np.sqrt(factor) * fitted.bse[k], rel=1e-8)


@pytest.mark.parametrize("periods", [5, 70])
def test_units_are_alike_where_regressors_and_observations_are_the_same(periods):
    rng = np.random.default_rng(1)
    kind, used = rng.integers(0, 4, 200), rng.random((200, 3)) < 0.5
    used = np.repeat(used, -(-periods // 3), axis=1)[:, :periods]
    by_hand: dict[tuple[int, bytes], list[int]] = {}
    for unit in range(200):
        by_hand.setdefault((int(kind[unit]), used[unit].tobytes()), []).append(unit)
    found = [group.tolist() for group in _alike(kind, used)]
    assert sorted(found) == sorted(by_hand.values())
    assert sorted(map(len, _alike(kind, np.ones_like(used)))) == sorted(np.bincount(kind))


def test_labels_are_renumbered_in_order():
    labels = np.array([7, 2, 2, 9, 0])
    assert renumbered(labels).tolist() == [2, 1, 1, 3, 0]
    assert distinct(labels) == 4


def test_products_without_zeros_give_the_covariance_of_the_values():
    rng = np.random.default_rng(2)
    rows, member = rng.normal(size=(30, 41)), np.arange(30) % 3
    coefficients = np.zeros((3, 300, 41))
    for cell in range(300):
        coefficients[:, cell, rng.choice(41, 3, replace=False)] = rng.normal(size=(3, 3))
    sparse = csr_array(np.concatenate(list(coefficients), axis=1))
    short = LinearInfluence(rows, member, sparse, products_by_group(rows, member, 3))
    long = dense(rows, member, coefficients, np.arange(30))
    np.testing.assert_allclose(short.covariance(), long.values.T @ long.values, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(short.variances(), (long.values**2).sum(axis=0), rtol=1e-10)
    np.testing.assert_allclose(short.dense().values, long.values, rtol=1e-12)
    drawn = rng.choice([-1.0, 1.0], size=(5, 30))
    np.testing.assert_allclose(short.multiply(drawn), (drawn @ long.values).T, rtol=1e-9, atol=1e-9)
    weights, pick = rng.normal(size=(300, 4)), np.array([5, 1])
    some = np.hstack([long.values @ weights, long.values[:, pick]])
    np.testing.assert_allclose(
        short.with_own(weights, pick).covariance(), some.T @ some, rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize("size", [30, 150])
@pytest.mark.parametrize(
    ("smallest", "usable"), [(1e-2, True), (1e-8, True), (1e-9 * 0.5, True), (1e-11, False), (0.0, False)]
)
def test_a_covariance_is_usable_up_to_a_condition_number_of_ten_billion(size, smallest, usable):
    basis = np.linalg.qr(np.random.default_rng(3).normal(size=(size, size)))[0]
    values = np.ones(size)
    values[0] = smallest
    assert wald_is_usable(basis * values @ basis.T, 2 * size) is usable
    assert not wald_is_usable(basis * values @ basis.T, 2 * size - 1)


@pytest.mark.parametrize("estimator", [imputation, two_stage])
@pytest.mark.parametrize("gaps", [False, True])
def test_products_of_cohorts_give_the_errors_that_scores_of_units_give(estimator, gaps, monkeypatch):
    found = panel(weights=True)
    if gaps:
        outcome = found.outcome.copy()
        outcome[::7, 2], outcome[1::9, 6] = np.nan, np.nan
        found = replace(found, outcome=outcome)
    long = estimator(found, Options())
    monkeypatch.setattr("analysis.did.estimators.cohort_products.MANY", 10)
    short = estimator(found, Options())
    errors = np.array([[row.std_error for row in rows] for rows in (long, short)])
    assert np.isfinite(errors).sum() > 20
    np.testing.assert_allclose(errors[1], errors[0], rtol=1e-10)


@pytest.mark.parametrize("weights", [False, True])
def test_products_of_cohorts_give_dynamic_effects_the_errors_that_their_scores_give(weights, monkeypatch):
    monkeypatch.setattr("analysis.did.estimators.cohort_products.MANY", 10)
    found = dynamic_dcdh(panel(weights=weights), Options())
    assert found.covariance is not None
    by_scores = found.covariance(np.arange(len(found)))
    errors = [row.std_error for row in found]
    np.testing.assert_allclose(errors, np.sqrt(np.diag(by_scores)), rtol=1e-10)


@pytest.mark.parametrize("clusters", [0, 8])
def test_sparse_derivatives_of_averages_give_the_numbers_that_full_ones_give(clusters, monkeypatch):
    found = panel(clusters, weights=True)
    options = Options(base="varying", draws=99)
    full = group_time(found, options)
    monkeypatch.setattr(aggregate, "DENSE", 0)
    sparse = group_time(found, options)
    assert len(full.rows) == len(sparse.rows) > 40
    for name in ("estimate", "std_error", "band_high"):
        wanted, given = ([getattr(row, name) for row in made.rows] for made in (full, sparse))
        np.testing.assert_allclose(given, wanted, rtol=1e-12, atol=1e-13)
    pick = np.arange(12)
    np.testing.assert_allclose(sparse.covariance(pick), full.covariance(pick), rtol=1e-12, atol=1e-14)


def test_averages_hold_the_cells_they_average_and_no_others():
    """Against weights written out: observations count alike in ``att``, cohorts by size in ``att_simple``."""
    rng = np.random.default_rng(4)
    size = rng.uniform(0.5, 3, (3, 8)) * (np.arange(8) >= np.array([[1], [3], [4]]))
    size[1, 6] = 0.0  # a cell without an effect
    starts = np.repeat([2, 3, 4, NEVER], 3)
    found = averages(size, np.array([2.0, 1.0, 4.0]), Panel.from_arrays(np.zeros((12, 8)), starts), Options())
    after = (size > 0) & (np.arange(8) >= np.array([[2], [3], [4]]))
    effects = rng.normal(size=(3, 8))
    values = cells_of(found).sums((size * effects).ravel())
    assert values == pytest.approx((tensor(found) * size * effects).sum(axis=(1, 2)), rel=1e-13)
    assert (tensor(found) * size).sum(axis=(1, 2)) == pytest.approx(1)
    chosen = {
        "att": lambda a: (after, size),
        "att_simple": lambda a: (after, np.broadcast_to(np.array([[2.0], [1.0], [4.0]]), size.shape)),
        "cohort": lambda a: (after & (np.array([[2], [3], [4]]) == a.cohort), size),
        "calendar": lambda a: (after & (np.arange(8) == a.period), size),
        "event": lambda a: ((size > 0) & (np.arange(8) - np.array([[2], [3], [4]]) == a.event_time), size),
        "group_time": lambda a: ((np.array([[2], [3], [4]]) == a.cohort) & (np.arange(8) == a.period), size),
    }
    for average, value in zip(found, values, strict=True):
        own, mass = chosen[average.term](average)
        assert value == pytest.approx(np.average(effects[own], weights=mass[own]), rel=1e-12)
    assert [sum(a.term == term for a in found) for term in chosen] == [1, 1, 3, 6, 7, int((size > 0).sum())]
    units, cells = behind(found, np.ones((3, 8), int) * [[2], [3], [5]] * (size > 0), np.array([2, 3, 5]))
    assert units[0] == 10 and cells[0] == 6 * 2 + 4 * 3 + 4 * 5
