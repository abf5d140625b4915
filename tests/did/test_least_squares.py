"""Our kernel against PanelOLS of linearmodels and against dummy variables, on whatever panels come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.panel import PanelOLS

from analysis.base.errors import InputError
from analysis.did import NEVER, Panel, estimate
from analysis.did.numerics import inverse
from analysis.did.numerics.cell_dummies import fit_dummies
from analysis.did.numerics.design import Design
from analysis.did.numerics.inverse import invert
from analysis.did.numerics.least_squares import fit, fit_fast


def design(
    seed: int = 0, *, units: int = 12, periods: int = 6, gaps: float = 0.0, weighted: bool = False,
    clusters: int | None = None, slopes: int = 2, counted: int = 0,
) -> Design:  # fmt: skip
    """Regressors of each unit's own, some of them period dummies."""
    rng = np.random.default_rng(seed)
    calendar = np.broadcast_to(np.eye(periods)[:, 1:], (units, periods, periods - 1))
    own = rng.normal(size=(units, periods, slopes)) * 10.0 ** rng.integers(-2, 3, slopes)
    cluster = np.arange(units) if clusters is None else rng.permutation(np.arange(units) % clusters)
    return Design(
        rng.normal(size=(units, periods)) + own.sum(axis=2),
        np.concatenate([own, calendar], axis=2),
        np.arange(units),
        rng.random((units, periods)) >= gaps,
        rng.uniform(0.2, 5, units) if weighted else np.ones(units),
        cluster,
        counted,
        tuple(f"x{k}" for k in range(slopes + periods - 1)),
    )


def changed(given: Design, regressors: np.ndarray, names: tuple[str, ...]) -> Design:
    """The same observations on other regressors."""
    d = given
    return Design(d.outcome, regressors, d.kind, d.observed, d.weights, d.cluster, d.counted, names)


def by_dummies(given: Design) -> np.ndarray:
    """(K,) slopes from a dense regression with a dummy for every unit."""
    unit, period = np.nonzero(given.observed)
    wide = np.hstack(
        [given.regressors[given.kind[unit], period], unit[:, None] == np.arange(len(given.kind))]
    )
    root = np.sqrt(given.weights[unit])
    outcome = given.outcome[unit, period] * root
    return np.linalg.lstsq(wide * root[:, None], outcome, rcond=None)[0][: given.regressors.shape[2]]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(5, 14), st.integers(2, 6), st.sampled_from([0.0, 0.15]),
    st.booleans(), st.sampled_from([None, 3, 4]), st.booleans(),
)  # fmt: skip
def test_the_two_kernels_agree_with_gaps_weights_clusters_and_covariates(
    seed, units, periods, gaps, weighted, clusters, count
):
    one = design(seed, units=units, periods=periods, gaps=gaps, weighted=weighted, clusters=clusters)
    if count:
        one = design(
            seed, units=units, periods=periods, gaps=gaps, weighted=weighted, clusters=clusters,
            counted=int(one.used.any(axis=1).sum()),
        )  # fmt: skip
    quick = fit_fast(one)
    slow = fit(one, "linearmodels")
    if slow.model is None:  # too few observations for any error
        assert not np.isfinite(quick.covariance).all()
        return
    known = np.flatnonzero(quick.identifies(np.eye(len(quick.slopes))))
    scale = np.sqrt(np.diag(quick.covariance)[known])
    assert np.abs(slow.slopes - quick.slopes)[known] == pytest.approx(
        0, abs=1e-9 * (1 + scale.max(initial=0))
    )
    ours, theirs = (found.covariance[np.ix_(known, known)] for found in (quick, slow))
    nothing = error_of_rounding(one)[known]  # five units can be fitted exactly
    apart = 1e-8 * np.abs(ours) + 1e-9 * np.abs(ours).max(initial=0) + np.outer(nothing, nothing)
    assert (np.abs(theirs - ours) <= apart).all()


def error_of_rounding(given: Design) -> np.ndarray:
    """(K,) standard errors that a fit without residuals has where it should have none."""
    unit, period = np.nonzero(given.observed)
    wide = given.regressors[given.kind[unit], period]
    wide = (wide - pd.DataFrame(wide).groupby(unit).transform("mean").to_numpy()) * np.sqrt(
        given.weights[unit]
    )[:, None]
    size = np.abs(given.outcome[given.observed]).max() * np.sqrt(given.weights.max())
    return 1e-12 * size * np.linalg.norm(np.linalg.pinv(wide), axis=1)


def test_a_fit_without_residuals_has_errors_of_rounding_by_both_kernels():
    one = design(1, units=5, periods=2, gaps=0.15)
    nothing = error_of_rounding(one)
    for found in (fit_fast(one), fit(one, "linearmodels")):
        assert (np.sqrt(np.abs(np.diag(found.covariance))) < nothing).all()


@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_slopes_are_those_of_a_dummy_for_every_unit(gaps):
    one = design(3, gaps=gaps, weighted=True)
    assert fit_fast(one).slopes == pytest.approx(by_dummies(one), rel=1e-9)


def test_units_that_share_regressors_give_what_each_alone_gives():
    one = design(4, gaps=0.2, weighted=True)
    kind = np.arange(12) % 3
    shared = changed(one, one.regressors[:3], one.names)
    shared = Design(one.outcome, one.regressors[:3], kind, one.observed, one.weights, one.cluster)
    alone = changed(one, one.regressors[kind], one.names)
    assert fit_fast(shared).slopes == pytest.approx(fit_fast(alone).slopes, rel=1e-10)
    assert fit_fast(shared).covariance == pytest.approx(fit_fast(alone).covariance, rel=1e-9, abs=1e-18)


@pytest.mark.parametrize("kernel", ["linearmodels", "fast"])
def test_regressors_that_add_up_to_a_constant_are_not_identified(kernel):
    """linearmodels alone takes them without a word and prints a coefficient for each."""
    one = design(5)
    treated = (np.random.default_rng(5).random((12, 6)) < 0.5)[:, :, None].astype(float)
    wide = np.concatenate([treated, 1 - treated, one.regressors[:, :, 2:]], axis=2)
    names = ("treated", "untreated", *one.names[2:])
    both = fit(changed(one, wide, names), kernel)
    assert not both.identifies(np.eye(2, wide.shape[2])).any()
    contrast = np.array([[1.0, -1.0, *np.zeros(5)]])  # their difference is identified
    assert both.identifies(contrast)[0]
    alone = fit(changed(one, np.delete(wide, 1, axis=2), (names[0], *names[2:])), kernel)
    assert (contrast @ both.slopes)[0] == pytest.approx(alone.slopes[0], rel=1e-9)


def test_linearmodels_is_never_asked_for_clustered_errors_without_clusters():
    """Without clusters its errors would be White's, under the same name."""
    one = design(6, clusters=4)
    model = fit(one, "linearmodels").model
    unit, period = np.nonzero(one.observed)
    index = pd.MultiIndex.from_arrays([unit, period])
    wide = pd.DataFrame(one.regressors[unit, period], index=index, columns=one.names)
    outcome = pd.Series(one.outcome[unit, period], index=index)
    robust = PanelOLS(outcome, wide, entity_effects=True).fit(
        cov_type="robust", auto_df=False, count_effects=False
    )
    assert (np.abs(model.std_errors / robust.std_errors - 1) > 0.01).any()
    with pytest.raises(ValueError, match="cluster for each unit"):
        Design(one.outcome, one.regressors, one.kind, one.observed, one.weights, np.arange(3))


def test_the_model_shows_the_digits_that_are_reported():
    found = fit(design(7), "auto")
    assert found.model.params.to_numpy() == pytest.approx(found.slopes, rel=1e-15)
    assert found.model.std_errors.to_numpy() == pytest.approx(np.sqrt(np.diag(found.covariance)), rel=1e-15)
    assert "PanelOLS" in str(found.model.summary)


def test_covariates_too_far_apart_in_size_are_refused_not_dropped_in_silence():
    one = design(8)
    wide = one.regressors.copy()
    wide[:, :, 0] *= 1e17
    with pytest.raises(InputError, match="linearmodels"):
        fit(changed(one, wide, one.names), "linearmodels")


@pytest.mark.parametrize("name", ["twfe", "event_study_twfe"])
@pytest.mark.parametrize("count", [False, True])
def test_a_balanced_panel_has_the_same_fit_without_its_period_dummies(name, count):
    """Our kernel takes period means off first; linearmodels has a dummy for each period."""
    rng = np.random.default_rng(11)
    starts = np.repeat([3, 5, NEVER], 6)
    outcome = rng.normal(size=(18, 9)) + rng.normal(size=9) + 0.5 * (np.arange(9) >= starts[:, None])
    panel = Panel.from_arrays(outcome, starts, weights=rng.uniform(0.5, 2.0, 18), cluster=np.arange(18) // 2)
    ours, theirs = (
        estimate(panel, name, kernel=kernel, count_effects=count).frame()
        for kernel in ("fast", "linearmodels")
    )
    for column in ("estimate", "std_error", "p_value", "n_observations"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-8, atol=1e-10)


def test_treatment_that_periods_explain_is_refused_without_dummies():
    panel = Panel.from_arrays(np.random.default_rng(1).normal(size=(6, 8)), np.full(6, 3))
    with pytest.raises(InputError, match="collinear with unit and period effects"):
        estimate(panel, "twfe", kernel="fast")


def test_with_thousands_of_periods_the_default_is_our_own_kernel():
    rng = np.random.default_rng(2)
    starts = np.repeat([300, NEVER], 5)
    outcome = rng.normal(size=(10, 2_000))
    row = estimate(Panel.from_arrays(outcome, starts), "twfe").att
    assert row.inference.endswith("own kernel")
    change = outcome[:, 300:].mean(axis=1) - outcome[:, :300].mean(axis=1)  # one start: four means decide
    assert row.estimate == pytest.approx(change[:5].mean() - change[5:].mean(), rel=1e-9)


@pytest.mark.parametrize("many", [1, 1_000_000])
@pytest.mark.parametrize("clusters", [3, 12])
@pytest.mark.parametrize("everywhere", [False, True])
def test_dummies_of_cells_have_the_coefficients_and_errors_of_linearmodels(
    monkeypatch, many, clusters, everywhere
):
    """Five dummies, in some kinds in several periods; one that everybody has in one period is no slope."""
    monkeypatch.setattr(inverse, "MANY", many)
    rng = np.random.default_rng(11)
    column = rng.integers(-1, 5, (4, 9))
    column[column == 4] = -1
    if everywhere:
        column[:, 3] = 4
    else:
        column[0, 3] = 4
    d = design(units=14, periods=9, weighted=True, clusters=clusters)
    kind = np.resize(np.arange(4), 14)
    calendar = np.broadcast_to(np.eye(9)[:, 1:], (4, 9, 8))
    wide = np.concatenate([(column[:, :, None] == np.arange(5)).astype(float), calendar], axis=2)
    names = tuple(f"x{k}" for k in range(13))
    given = Design(d.outcome, wide, kind, np.ones((14, 9), bool), d.weights, d.cluster, 14, names)
    expected = fit(given, "linearmodels")
    found = fit_dummies(d.outcome, column, kind, d.weights, d.cluster, 5, 14)
    assert found.known.tolist() == [True] * 4 + [not everywhere]
    known = np.flatnonzero(found.known)
    assert found.slopes[known] == pytest.approx(expected.slopes[known], rel=1e-9)
    theirs = expected.covariance[np.ix_(known, known)]
    assert found.covariance[np.ix_(known, known)] == pytest.approx(theirs, rel=1e-8, abs=1e-12)
    assert len(found.independent) == len(known)


@pytest.mark.parametrize("apart", [1.0, 1e-7, 0.0])
def test_many_columns_are_inverted_alike_and_those_nearly_alike_by_eigenvalues(monkeypatch, apart):
    """The last column is the first but for ``apart``; at zero it is none of its own."""
    rng = np.random.default_rng(12)
    wide = rng.normal(size=(60, 8)) * 10.0 ** np.arange(-3, 5)
    wide[:, 7] = wide[:, 0] * (1 + apart * rng.normal(size=60))
    moment, right = wide.T @ wide, rng.normal(size=8)
    asked = []
    monkeypatch.setattr(inverse, "invert", lambda m: asked.append(m) or invert(m))
    monkeypatch.setattr(inverse, "MANY", 1)
    by_inverse, null, independent = inverse.solver(moment)
    assert bool(asked) == (apart < 1)
    assert null.shape[1] == 8 - len(independent) == (apart < 1e-5)
    if apart == 1:
        assert by_inverse(right) == pytest.approx(np.linalg.solve(moment, right), rel=1e-9)


@pytest.mark.parametrize("name", ["twfe", "event_study_twfe", "sun_abraham", "extended_twfe", "imputation"])
def test_a_far_level_loses_no_digits(name):
    draws = np.random.default_rng(2).normal(size=(20, 25))
    outcome = np.round(1024 * draws) / 1024  # a level is added exactly
    starts = np.repeat([8, 15, NEVER, NEVER], 5)
    choices = {"kernel": "fast"} if name in ("twfe", "event_study_twfe") else {}
    plain, far = (
        estimate(Panel.from_arrays(outcome + level, starts), name, **choices) for level in (0.0, 2.0**30)
    )
    for row, other in zip(plain, far, strict=True):
        if row.term != "pretrend_joint":
            assert other.estimate == pytest.approx(row.estimate, rel=1e-11, abs=1e-11)
            assert other.std_error == pytest.approx(row.std_error, rel=1e-11, nan_ok=True)
