"""The joint test against the object of linearmodels that carries its null and distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.shared.hypotheses import WaldTestStatistic

from analysis.did.numerics.joint import largest_t_test, wald_test


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_wald_test_is_that_of_linearmodels(seed, size):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size + 3))
    covariance, estimates = root @ root.T, 3 * rng.normal(size=size)
    found = wald_test(estimates, covariance)
    statistic = float(np.linalg.lstsq(covariance, estimates, rcond=None)[0] @ estimates)
    theirs = WaldTestStatistic(statistic, "all effects are zero", size)
    assert found.statistic == pytest.approx(theirs.stat, rel=1e-9)
    assert found.p_value == pytest.approx(theirs.pval, rel=1e-9, abs=1e-300)
    assert found.restrictions == theirs.df


def test_fewer_clusters_than_restrictions_give_the_draws_that_the_covariance_gives():
    """150 estimates from 20 clusters whose scores sum to zero: the same p-value from either matrix."""
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(20, 150))
    scores -= scores.mean(axis=0)
    covariance = scores.T @ scores
    for size in (1.5, 2.0, 2.5, 3.0):
        estimates = rng.normal(size=150) * size * np.sqrt(np.diag(covariance)) / 3
        long = largest_t_test(estimates, covariance, 0)
        short = largest_t_test(estimates, covariance, 0, scores)
        assert 0 < long.p_value < 1
        assert short == long
