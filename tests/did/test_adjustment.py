"""The models of covariates against plain formulas, on whatever data come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from analysis.did.numerics.adjustment import adjusted_cell, propensity


def data(seed: int, number: int = 60) -> tuple[np.ndarray, ...]:
    """Change, treated, two covariates and weights, with overlap."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(number, 2))
    treated = rng.random(number) < 1 / (1 + np.exp(-0.5 * x[:, 0]))
    treated[:4] = [True, True, False, False]
    return rng.normal(size=number) + x @ [1.0, -1.0], treated, x, rng.uniform(0.3, 3, number)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_probabilities_and_their_information_maximise_the_weighted_likelihood(seed):
    """The score is zero and the information is that of the formula X'W p(1 - p)X."""
    _, treated, x, weights = data(seed)
    design = np.column_stack([np.ones(len(x)), x])
    fitted, inverse = propensity(design, treated.astype(float), weights)
    assert design.T @ (weights * (treated - fitted)) == pytest.approx(0, abs=1e-8)
    information = (design * (weights * fitted * (1 - fitted))[:, None]).T @ design
    assert inverse @ information == pytest.approx(np.eye(3), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_outcome_regression_is_the_mean_gap_to_what_weighted_least_squares_predicts(seed):
    change, treated, x, weights = data(seed)
    root = np.sqrt(weights[~treated])[:, None]
    design = np.column_stack([np.ones(len(x)), x])
    slopes = np.linalg.lstsq(design[~treated] * root, change[~treated] * root[:, 0], rcond=None)[0]
    gap = np.average((change - design @ slopes)[treated], weights=weights[treated])
    found, psi = adjusted_cell(change, treated, x, weights, "reg")
    assert found == pytest.approx(gap, rel=1e-9, abs=1e-12)
    assert psi.mean() == pytest.approx(0, abs=1e-9)


def test_inverse_probability_weighting_is_the_formula_with_probabilities_from_an_optimiser():
    change, treated, x, weights = data(1)
    design = np.column_stack([np.ones(len(x)), x])

    def loss(beta: np.ndarray) -> float:
        index = design @ beta
        return float(-weights @ (treated * index - np.logaddexp(0, index)))

    odds = np.exp(design @ optimize.minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-9}).x)
    control = weights * ~treated * odds
    expected = np.average(change, weights=weights * treated) - np.average(change, weights=control)
    assert adjusted_cell(change, treated, x, weights, "ipw")[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("method", ["ipw", "dr"])
def test_covariates_that_separate_are_refused_with_the_reason(method):
    change, treated, x, weights = data(2)
    x[:, 0] = np.where(treated, 1 + x[:, 1] ** 2, -1 - x[:, 1] ** 2)
    assert adjusted_cell(change, treated, x, weights, method) == "covariates separate treated from controls"
