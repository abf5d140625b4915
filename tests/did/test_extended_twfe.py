"""The saturated regression against three packages and against dummies written out."""

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

from analysis.base.errors import InputError
from analysis.did.estimators.extended_twfe import extended_twfe
from analysis.did.estimators.imputation import imputation
from analysis.did.options import Options
from analysis.did.panel.panel import NEVER, Panel


def dummies(panel: Panel) -> tuple[float, float]:
    """Overall effect and CR1 error from the regression with all dummies, unit dummies too."""
    number, periods = panel.outcome.shape
    rows, columns = np.nonzero(~np.isnan(panel.outcome))
    y = panel.outcome[rows, columns]
    cells = [(g, t) for g in panel.cohorts for t in range(g, periods)]
    inside = np.stack([(panel.cohort[rows] == g) & (columns == t) for g, t in cells], axis=1).astype(float)
    design = np.hstack([inside, np.eye(periods)[columns][:, 1:], np.eye(number)[rows]])
    root = np.sqrt(panel.weights[rows])[:, None]
    inverse = np.linalg.pinv((design * root).T @ (design * root))
    slopes = inverse @ (design * root**2).T @ y
    scores = np.zeros((number, design.shape[1]))
    np.add.at(scores, rows, design * (root[:, 0] ** 2 * (y - design @ slopes))[:, None])
    n, k = len(y), len(cells) + periods
    covariance = number / (number - 1) * (n - 1) / (n - k) * inverse @ scores.T @ scores @ inverse
    share = np.zeros(design.shape[1])
    mass = (inside * root**2).sum(axis=0)
    share[: len(cells)] = mass / mass.sum()
    return float(share @ slopes), float(np.sqrt(share @ covariance @ share))


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("software", ["diff-diff", "moderndid"])
def test_agrees_with_packages_that_use_unit_effects(dataset, software):
    rows = [row for row in extended_twfe(reference_panel(dataset), Options()) if row.term != "att"]
    assert_agreement(rows, expected("ETWFE_notyet", software, dataset), least=8)


@pytest.mark.parametrize("dataset", ["mpdta", "sim_never"])
def test_never_treated_comparison_agrees_with_its_placebos(dataset):
    rows = extended_twfe(reference_panel(dataset), Options(control="never"))
    rows = [row for row in rows if row.term != "att"]
    assert_agreement(rows, expected("ETWFE_never", "diff-diff", dataset), least=10)


@pytest.mark.parametrize(
    ("dataset", "control"),
    [(name, "not_yet") for name in DATASETS] + [("mpdta", "never"), ("sim_never", "never")],
)
def test_r_package_differs_by_its_count_of_parameters_only(dataset, control):
    """etwfe has cohort effects, not unit effects, and counts them: the ratio of errors is exact."""
    panel = reference_panel(dataset)
    rows = [row for row in extended_twfe(panel, Options(control=control)) if row.term != "att"]
    theirs = expected("ETWFE_" + control.replace("_", ""), "etwfe", dataset)
    assert_agreement(rows, theirs, least=12, errors=False)
    ours = next(row for row in rows if row.term == "att_simple")
    ratio = theirs.at["simple", "se"] / ours.std_error
    # Both factors are (n - 1) / (n - K); theirs counts one effect more for each further cohort.
    periods = panel.n_periods if dataset != "sim_nyt" else 23
    n = panel.n_units * periods
    starts = [g for g in panel.cohorts if g < periods]
    cells = sum(periods - g for g in starts) if control == "not_yet" else len(starts) * (periods - 1)
    mine = cells + periods
    assert ratio == pytest.approx(np.sqrt((n - mine) / (n - mine - len(starts))), rel=1e-6)


@pytest.mark.parametrize("dataset", DATASETS)
def test_covariate_with_its_own_slopes_agrees(dataset):
    rows = [row for row in extended_twfe(reference_panel(dataset, ("x",)), Options()) if row.term != "att"]
    assert_agreement(rows, expected("ETWFE_notyet_exovar_x", "diff-diff", dataset), least=1)
    theirs = expected("ETWFE_notyet_x", "etwfe", dataset)
    assert_agreement(rows, theirs, least=1, errors=False)
    ours = next(row for row in rows if row.term == "att_simple")
    assert 1 < theirs.at["simple", "se"] / ours.std_error < 1.005


@pytest.mark.parametrize(("gaps", "weighted"), [(0.0, True), (0.15, False), (0.15, True)])
def test_equals_dummies_written_out(gaps, weighted):
    panel = small_panel(21, gaps=gaps, weighted=weighted)
    att = overall(extended_twfe(panel, Options()))
    assert (att.estimate, att.std_error) == pytest.approx(dummies(panel), rel=1e-8)


@pytest.mark.parametrize("covariates", [(), ("x",)])
@pytest.mark.parametrize("dataset", DATASETS)
def test_estimates_equal_imputation_on_balanced_panels(dataset, covariates):
    panel = reference_panel(dataset, covariates)
    first, second = extended_twfe(panel, Options()), imputation(panel, Options())
    for event in range(3):
        assert at(first, event).estimate == pytest.approx(at(second, event).estimate, rel=1e-9)
    assert overall(first).estimate == pytest.approx(overall(second).estimate, rel=1e-9)


def test_estimates_differ_from_imputation_when_outcomes_are_missing():
    panel = small_panel(22, gaps=0.15)
    first, second = overall(extended_twfe(panel, Options())), overall(imputation(panel, Options()))
    assert abs(first.estimate - second.estimate) > 1e-3


def test_cell_that_nothing_identifies_is_named():
    panel = small_panel(23)
    panel = with_outcome(panel, (panel.cohort == NEVER, 8), np.nan)
    rows = extended_twfe(panel, Options())
    assert "cohort 4 in 8" in rows[0].note
    assert not [row for row in rows if row.period == 8]


def test_intervals_are_students_with_one_degree_less_than_clusters():
    att = overall(extended_twfe(small_panel(24), Options()))
    assert att.ci_high == pytest.approx(att.estimate + stats.t(23).ppf(0.975) * att.std_error)
    assert att.p_value == pytest.approx(2 * stats.t(23).sf(abs(att.estimate) / att.std_error))


def test_only_covariates_need_a_row_of_regressors_for_each_unit(monkeypatch):
    monkeypatch.setattr("analysis.did.numerics.least_squares.MOST_NUMBERS", 1000)
    extended_twfe(reference_panel("sim_never"), Options())
    with pytest.raises(InputError, match="does not fit into memory"):
        extended_twfe(reference_panel("sim_never", ("x",)), Options())
