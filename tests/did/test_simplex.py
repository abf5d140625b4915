"""Weights on the simplex against the conditions of optimality and against every possible support."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from analysis.did.numerics import simplex
from analysis.did.numerics.simplex import simplex_weights, violation

RIDGES = (0.0, 1e-12, 1.0)
seeds = st.integers(0, 2**32 - 1)


def one(gaps: np.ndarray, ridge: float) -> np.ndarray:
    """Weights of a single problem."""
    allowed = np.ones((1, gaps.shape[1]), dtype=bool)
    return simplex_weights(gaps[None], allowed, np.array([ridge]))[0]


def by_enumeration(gaps: np.ndarray, ridge: float) -> float:
    """Lowest value of the objective: the best of the solutions with equality on each support."""
    gram = gaps.T @ gaps + ridge * np.eye(gaps.shape[1])
    values = []
    for size in range(1, len(gram) + 1):
        for support in map(list, combinations(range(len(gram)), size)):
            free = np.linalg.lstsq(gram[np.ix_(support, support)], np.ones(size), rcond=None)[0]
            if free.sum() > 0 and free.min() >= 0:
                x = free / free.sum()
                values.append(float(x @ gram[np.ix_(support, support)] @ x))
    return min(values)


@settings(deadline=None)
@given(seeds, st.integers(1, 25), st.integers(1, 90), st.sampled_from(RIDGES), st.sampled_from([0.0, 3.0]))
def test_conditions_of_optimality_hold(seed, rows, columns, ridge, apart):
    """With the target inside the columns' hull (``apart`` zero) and far outside it."""
    gaps = np.random.default_rng(seed).normal(size=(rows, columns)) + apart
    x = one(gaps, ridge)
    assert x.min() >= 0
    assert x.sum() == pytest.approx(1, abs=1e-14)
    assert violation(gaps, x, ridge) < 1e-8


@settings(deadline=None)
@given(seeds, st.integers(1, 4), st.integers(1, 6), st.sampled_from([1e-3, 1.0]))
def test_no_support_gives_a_lower_objective(seed, rows, columns, ridge):
    gaps = np.random.default_rng(seed).normal(size=(rows, columns))
    x = one(gaps, ridge)
    value = float(((gaps @ x) ** 2).sum() + ridge * (x**2).sum())
    assert value == pytest.approx(by_enumeration(gaps, ridge), rel=1e-9)


@settings(deadline=None)
@given(seeds, st.sampled_from([1e-3, 1e3, 1e6]))
def test_units_of_the_outcome_change_no_weight(seed, factor):
    gaps = np.random.default_rng(seed).normal(size=(8, 12)) + 1
    assert one(factor * gaps, factor**2 * 0.1) == pytest.approx(one(gaps, 0.1), abs=1e-10)


def test_two_columns_are_mixed_as_calculated_by_hand():
    """|1 - 4 x|^2 with x the second weight, columns 1 and -3: zero at a quarter."""
    assert one(np.array([[1.0, -3.0]]), 0.0) == pytest.approx([0.75, 0.25], abs=1e-15)
    # With ridge r: (1 - 4 x)^2 + r ((1 - x)^2 + x^2), lowest at x = (4 + r) / (16 + 2 r).
    assert one(np.array([[1.0, -3.0]]), 2.0) == pytest.approx([0.7, 0.3], abs=1e-15)


@pytest.mark.parametrize("ridge", [1e-12, 1e-6, 1.0])
@pytest.mark.parametrize("apart", [0.0, 3.0])
def test_many_columns_give_the_same_weights_by_either_way(monkeypatch, ridge, apart):
    gaps = np.random.default_rng(3).normal(size=(10, 100)) + apart
    quick = one(gaps, ridge)
    monkeypatch.setattr(simplex, "WIDE", 1000)
    assert quick == pytest.approx(one(gaps, ridge), abs=1e-12)


@pytest.mark.parametrize("ridge", [0.0, 1.0])
def test_series_that_all_equal_the_target_get_weights_that_add_up(ridge):
    x = one(np.zeros((3, 70)), ridge)
    assert x.sum() == pytest.approx(1)
    assert x.min() >= 0


def test_columns_not_allowed_get_no_weight_and_the_rest_are_solved_alone():
    gaps = np.random.default_rng(6).normal(size=(2, 4, 5))
    allowed = np.array([[True, False, True, False, True], [True] * 5])
    found = simplex_weights(gaps, allowed, np.array([0.5, 0.1]))
    assert found[0, [1, 3]].tolist() == [0, 0]
    assert found[0, [0, 2, 4]] == pytest.approx(one(gaps[0][:, [0, 2, 4]], 0.5), abs=1e-15)
    assert found[1] == pytest.approx(one(gaps[1], 0.1), abs=1e-15)


def test_weights_off_the_optimum_violate_the_conditions():
    gaps = np.random.default_rng(7).normal(size=(6, 5))
    assert violation(gaps, np.full(5, 0.2), 0.1) > 1e-2


@pytest.mark.parametrize(
    ("rows", "columns", "ridge"), [(12, 6, 0.0), (12, 6, 1.0), (4, 9, 1.0), (4, 9, 1e-6)]
)
def test_problems_solved_together_have_the_weights_of_non_negative_least_squares(rows, columns, ridge):
    """By scipy on the system of the first lines of the module, among them one with columns alike."""
    gaps = np.random.default_rng(4).normal(size=(40, rows, columns)) + 0.5
    gaps[0, :, 1] = gaps[0, :, 0] * (1 + 1e-9)
    found = simplex_weights(gaps, np.ones((40, columns), dtype=bool), np.full(40, ridge))
    for weights, one_gaps in zip(found[1:], gaps[1:], strict=True):
        system = np.vstack([one_gaps, np.ones(columns), np.sqrt(ridge) * np.eye(columns)])
        expected = nnls(system, np.eye(1, len(system), rows)[0])[0]
        assert weights == pytest.approx(expected / expected.sum(), abs=1e-10)
    assert violation(gaps[0], found[0], ridge) < 1e-8
