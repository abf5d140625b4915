"""The joint test against the object of linearmodels that carries its null and distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.shared.hypotheses import WaldTestStatistic

from analysis.did.numerics.joint import largest_t_test, wald_is_usable, wald_test, wald_where_usable


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


@pytest.mark.parametrize(("size", "least"), [(8, 1.0), (150, 1.0), (150, 1e-8), (150, 1e-12)])
def test_one_root_for_both_gives_the_test_where_it_is_usable(size, least):
    """Eigenvalues from ``least`` to one in drawn directions: b' V^-1 b is a sum over directions."""
    rng = np.random.default_rng(5)
    basis = np.linalg.qr(rng.normal(size=(size, size)))[0]
    values, parts = np.geomspace(least, 1.0, size), rng.normal(size=size)
    covariance = (basis * values) @ basis.T
    found = wald_where_usable(basis @ (np.sqrt(values) * parts), covariance, 2 * size)
    assert (found is not None) == wald_is_usable(covariance, 2 * size) == (least > 1e-10)
    assert wald_where_usable(parts, covariance, 2 * size - 1) is None
    if found is not None:
        assert found.statistic == pytest.approx(float(parts @ parts), rel=1e-14 / least + 1e-9)


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
