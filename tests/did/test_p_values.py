"""One rule for ties, on ties made by hand, and the same answer in any unit."""

import math
from fractions import Fraction

import numpy as np
import pytest

from analysis.did import NEVER, Options, Panel
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.randomization import randomization_p_value
from analysis.did.numerics.p_values import TIE, edge, p_values, reached, reached_ratio, share

SCALES = 10.0 ** np.arange(-12, 13, 4)
THIRD = 0.1 + 0.2  # 0.30000000000000004: equal to 0.3 on paper
STATISTICS = {"plain": False, "studentised": True}


def test_a_share_counts_the_actual_assignment_once() -> None:
    assert share(0, 99) == pytest.approx(1 / 100)
    assert share(4, 99) == pytest.approx(5 / 100)
    assert share(5, 100, exact=True) == pytest.approx(5 / 100)  # it is one of the five
    assert share(np.array([0, 19]), 19).tolist() == pytest.approx([1 / 20, 1])


@pytest.mark.parametrize("scale", SCALES)
def test_equal_statistics_count_whatever_their_rounding_and_unit(scale: float) -> None:
    drawn = np.array([0.3, THIRD, 0.3 - 1e-15, 0.3 * (1 - 1e-6), 0.2, 0.5]) * scale
    for seen in (0.3 * scale, THIRD * scale):
        assert reached(drawn, seen).tolist() == [True, True, True, False, False, True]
        assert p_values(drawn, seen) == pytest.approx((1 + 4) / (1 + 6))


@pytest.mark.parametrize("scale", SCALES)
def test_what_is_left_of_equal_numbers_ties_with_zero(scale: float) -> None:
    # 1/3 - 1/3 in other orders leaves 5e-17 or nothing; draws of size one say what that is.
    drawn = np.array([0.0, 5e-17, -5e-17, -1.0, 1.0, 2.0, -0.9]) * scale
    for seen in (0.0, 5e-17 * scale, -5e-17 * scale):
        assert reached(drawn, seen).tolist() == [True, True, True, False, True, True, False]


def test_near_misses_stay_misses() -> None:
    drawn = np.array([1 - 0.5 * TIE, 1 - 2 * TIE, 1.0])
    assert reached(drawn, 1.0).tolist() == [True, False, True]
    assert reached(-drawn, -1.0).tolist() == [True, True, True]
    assert reached(np.array([-1 - 0.5 * TIE, -1 - 2 * TIE]), -1.0).tolist() == [True, False]


def test_infinite_and_missing_statistics() -> None:
    drawn = np.array([np.inf, 3.0, np.nan, 1e300])
    assert reached(drawn, 2.0).tolist() == [True, True, False, True]
    assert reached(drawn, np.inf).tolist() == [True, False, False, False]
    assert edge(1.0, np.inf) == 1 - TIE


def test_hardly_any_variance_in_a_few_draws_makes_no_ties() -> None:
    drawn = np.r_[np.full(97, 0.5), 1e14, 1e15, 1e16]
    assert p_values(drawn, 1.0) == pytest.approx(4 / 101)


@pytest.mark.parametrize("scale", SCALES)
def test_squared_ratios_agree_with_ratios(scale: float) -> None:
    rng = np.random.default_rng(3)
    top, error = rng.normal(size=500) * scale, rng.gamma(2.0, size=500) * scale
    top[:50], error[:50] = 3 * top[0] * np.arange(1, 51), 3 * error[0] * np.arange(1, 51)  # ties with draw 0
    for k in range(40, 60):
        seen = abs(top[k] / error[k])
        by_ratio = reached(np.abs(top / error), seen, 1.0)
        assert by_ratio[:50].all() if k < 50 else by_ratio[k]
        assert np.array_equal(reached_ratio(top**2, error**2, top[k] ** 2, error[k] ** 2), by_ratio)


def test_ratios_without_a_denominator() -> None:
    top, square = np.array([4.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
    assert reached_ratio(top, square, 9.0, 1.0).tolist() == [False, True, True]
    assert reached_ratio(top, square, 9.0, 0.0).tolist() == [False, True, True]
    assert reached_ratio(top, square, 0.0, 0.0).tolist() == [True, True, True]


def tied_panel(scale: float) -> Panel:
    """Changes 0.3, 0.3, 0.1 + 0.2, 0.1, 0.1, 0.3 - 0.2 of six units, two of them treated: full of ties."""
    after = np.array([0.3, THIRD, 0.3, 0.1, 0.3 - 0.2, 0.1])
    outcome = np.column_stack([np.zeros(6), after]) * scale
    return Panel.from_arrays(outcome, np.array([1, 1, NEVER, NEVER, NEVER, NEVER]))


@pytest.mark.parametrize("scale", SCALES)
def test_every_permutation_test_counts_ties_alike_in_any_unit(scale: float) -> None:
    # Treated pairs: of 15, those of two large changes (3) have 3/10 - 3/20 = 15/100 on the one side, those of
    # two small ones (3) as much on the other, the nine mixed ones zero.
    large, small = Fraction(3, 10), Fraction(1, 10)
    changes = [large] * 3 + [small] * 3
    total = sum(changes)
    sizes = [abs((a + b) / 2 - (total - a - b) / 4) for i, a in enumerate(changes) for b in changes[:i]]
    expected = sum(size >= sizes[0] for size in sizes) / math.comb(6, 2)
    assert expected == pytest.approx(6 / 15)
    panel = tied_panel(scale)
    test = randomization_p_value(panel, "group_time", Options(level=0.8))
    (inverted,) = randomization_inference(panel, "group_time", Options(level=0.8))
    assert test.exact and inverted.exact
    assert test.p_value == pytest.approx(expected)
    assert inverted.p_value == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(20))
def test_the_median_decides_wherever_it_could(seed):
    """As with the median always taken: ties a rounding apart, a statistic near zero, outliers, gaps."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(3, 50)) * 10.0 ** rng.integers(-3, 4, size=(3, 1))
    seen = np.array([drawn[0, 7] * (1 + 1e-12), 1e-13, drawn[2, 3]])
    drawn[1, ::5] = 0.0
    drawn[2, :4] = [1e9, drawn[2, 3] * (1 - 1e-10), np.nan if seed % 2 else 0.0, drawn[2, 3]]
    always = drawn >= edge(seen, np.median(np.abs(drawn), axis=-1))[..., None]
    np.testing.assert_array_equal(reached(drawn, seen), always)
