"""Two-stage errors against the R package and against the moments written out."""

from __future__ import annotations

import numpy as np
import pytest
from did.peers import DATASETS, assert_agreement, expected, overall, reference_panel, small_panel

from analysis.did.estimators.imputation import imputation
from analysis.did.estimators.two_stage import two_stage
from analysis.did.options import Options
from analysis.did.panel.panel import Panel


def moments(panel: Panel) -> tuple[float, float]:
    """Static two-stage estimate and error from both stages' moments, with dense matrices."""
    number, periods = panel.outcome.shape
    rows, columns = np.nonzero(~np.isnan(panel.outcome))
    y = panel.outcome[rows, columns]
    first = np.hstack([np.eye(number)[rows], np.eye(periods)[columns]])
    treated = (columns >= panel.cohort[rows]).astype(float)
    root = np.sqrt(panel.weights[rows])
    own = first * (root * (1 - treated))[:, None]
    slopes = np.linalg.lstsq(own, root * (1 - treated) * y, rcond=None)[0]
    left = root * (y - first @ slopes)
    second = (root * treated)[:, None]
    tau = float(np.linalg.lstsq(second, left, rcond=None)[0][0])
    cross = second.T @ (first * root[:, None]) @ np.linalg.pinv(own.T @ own)
    score = second[:, 0] * (left - second[:, 0] * tau) - (own @ cross.T)[:, 0] * left
    summed = np.bincount(rows, score, number)
    return tau, float(np.sqrt(summed @ summed) / (second**2).sum())


@pytest.mark.parametrize("dataset", DATASETS)
def test_agrees_with_the_r_package_did2s(dataset):
    rows = [row for row in two_stage(reference_panel(dataset), Options()) if row.term in ("att", "event")]
    assert_agreement(
        rows,
        expected("did2s", "did2s", dataset).drop(
            [name for name in expected("did2s", "did2s", dataset).index if "_-" in name]
        ),
        least=5,
    )


@pytest.mark.parametrize(("gaps", "weighted"), [(0.0, False), (0.15, True)])
def test_equals_the_moments_written_out(gaps, weighted):
    panel = small_panel(11, gaps=gaps, weighted=weighted)
    att = overall(two_stage(panel, Options()))
    assert (att.estimate, att.std_error) == pytest.approx(moments(panel), rel=1e-8)


@pytest.mark.parametrize("covariates", [(), ("x",)])
@pytest.mark.parametrize("dataset", DATASETS)
def test_estimates_are_those_of_imputation(dataset, covariates):
    panel = reference_panel(dataset, covariates)
    first = {(r.term, r.cohort, r.period, r.event_time): r.estimate for r in two_stage(panel, Options())}
    second = {(r.term, r.cohort, r.period, r.event_time): r.estimate for r in imputation(panel, Options())}
    assert first == {key: second[key] for key in first}


def test_error_exceeds_imputation_where_effects_differ_between_cells():
    panel = reference_panel("sim_never")
    wide, narrow = overall(two_stage(panel, Options())), overall(imputation(panel, Options()))
    assert wide.std_error > 1.5 * narrow.std_error


def test_no_residual_average_is_passed_off_as_a_pretrend():
    rows = two_stage(reference_panel("sim_never"), Options())
    assert min(row.event_time for row in rows if row.term == "event") == 0
