"""The studentised randomisation test and its confidence set against the slow way."""

from fractions import Fraction
from itertools import combinations
from math import comb, inf

import numpy as np
import pytest
from did.peers import small_panel

import analysis.did as did
from analysis.did import Options, Panel, estimate
from analysis.did.inference.randomization import randomization_tests
from analysis.did.inference.studentised import Judge, Polynomials, studentised_inference
from analysis.did.panel.panel import NEVER


def one_cohort(seed=0, units=10, treated=4, effect=1.0):
    outcome = np.random.default_rng(seed).normal(size=(units, 5))
    outcome[:treated, 3:] += effect
    return Panel.from_arrays(outcome, np.array([3] * treated + [NEVER] * (units - treated)))


def slow_p_value(panel, tau):
    """Every assignment, each with its own run of the estimator, on outcomes less tau."""
    outcome = panel.outcome - tau * (np.arange(panel.n_periods) >= panel.cohort[:, None])

    def statistic(starts):
        row = estimate(Panel.from_arrays(outcome, starts), "group_time", Options())[0]
        assert row.term == "att"
        return abs(row.estimate / row.std_error)

    actual, found = statistic(panel.starts), []
    for chosen in combinations(range(panel.n_units), int((panel.cohort < NEVER).sum())):
        starts = np.full(panel.n_units, NEVER)
        starts[list(chosen)] = 3
        found.append(statistic(starts))
    return np.mean(np.array(found) >= actual * (1 - 1e-9))


def test_the_p_value_is_that_of_running_every_assignment():
    panel = one_cohort(units=8, treated=3)
    (found,) = studentised_inference(panel, "group_time", Options(level=0.9))
    assert found.exact and found.comparisons == 56 and found.mc_error == 0
    assert found.p_value == pytest.approx(slow_p_value(panel, 0.0))


def test_the_set_ends_where_the_slow_p_value_first_reaches_the_level():
    panel = one_cohort(seed=3, units=8, treated=3)
    (found,) = studentised_inference(panel, "group_time", Options(level=0.9))
    error = found.ci_high - found.ci_low
    for inside, outside in ((1e-4, -1e-4), (0.2, -0.01)):
        assert slow_p_value(panel, found.ci_low + inside * error) > 0.1
        assert slow_p_value(panel, found.ci_high - inside * error) > 0.1
        assert slow_p_value(panel, found.ci_low + outside * error) <= 0.1
        assert slow_p_value(panel, found.ci_high - outside * error) <= 0.1


def test_at_every_horizon_the_p_value_is_that_of_the_test_without_a_set():
    panel = one_cohort(seed=5, units=12)
    tests = randomization_tests(panel, "group_time", Options(), studentised=True)
    found = studentised_inference(panel, "group_time", Options(), terms=("att", "event"))
    assert [row.p_value for row in found] == pytest.approx([test.p_value for test in tests])


def test_adding_an_effect_moves_the_set_by_as_much():
    before, after = one_cohort(6, effect=0.0), one_cohort(6, effect=3.0)
    (a,) = studentised_inference(before, "twfe", Options(level=0.9))
    (b,) = studentised_inference(after, "twfe", Options(level=0.9))
    assert (b.ci_low, b.ci_high) == pytest.approx((a.ci_low + 3, a.ci_high + 3), abs=1e-4)


def test_staggered_starts_are_drawn_and_the_error_of_drawing_is_told():
    (found,) = studentised_inference(small_panel(3), "group_time", Options(), draws=999)
    assert not found.exact and found.comparisons == 1_000
    assert found.mc_error == pytest.approx(np.sqrt(found.p_value * (1 - found.p_value) / 1_000))
    assert found.ci_low < found.estimate < found.ci_high


def test_with_noisy_treated_units_it_rejects_a_true_null_less_often_than_the_plain_test():
    """Four treated of 16, three times as noisy: the plain test compares them with quiet units."""
    rng, plain, divided = np.random.default_rng(9), 0, 0
    for _ in range(200):
        outcome = rng.normal(size=(16, 4)) * np.where(np.arange(16) < 4, 3.0, 1.0)[:, None]
        panel = Panel.from_arrays(outcome, np.array([2] * 4 + [NEVER] * 12))
        (first,) = randomization_tests(panel, "group_time", Options(), terms=("att",))
        (second,) = randomization_tests(panel, "group_time", Options(), terms=("att",), studentised=True)
        plain += first.p_value <= 0.05
        divided += second.p_value <= 0.05
    assert plain / 200 > 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    assert divided < plain


@pytest.mark.parametrize("seed", range(5))
def test_the_assignments_that_matter_within_an_interval_give_the_p_values_of_all(seed):
    rng = np.random.default_rng(seed)
    estimate, error = rng.normal(size=(2, 400)), rng.normal(size=(2, 400))
    # Squares of y - tau d have the coefficients yy, yd, dd; some assignments have no variance.
    error[:, :7] = 0
    variance = np.stack([error[0] ** 2, error[0] * error[1], error[1] ** 2])
    variance += np.array([1.0, 0.3, 0.2])[:, None] * (rng.random(400) > 0.1)
    variance[:, 0] = [1.0, 0.1, 0.2]  # the actual one
    estimate[:, -5:], variance[:, -5:] = estimate[:, :1], variance[:, :1]  # and ties with it
    drawn = Polynomials(estimate, variance)
    judge = Judge(drawn, Polynomials(estimate[:, :1], variance[:, :1]), exact=True)
    for low, high in ((-1e-6, 1e-6), (-0.5, 0.4), (0.1, 0.2), (3.0, 40.0), (-7.0, 9.0)):
        inside = judge.within(low, high)
        again = inside.within(low, (low + high) / 2)
        for tau in np.linspace(low, high, 41):
            assert inside.p_value(tau) == judge.p_value(tau)
            if tau <= (low + high) / 2:
                assert again.p_value(tau) == judge.p_value(tau)
    assert judge.within(0.1, 0.1001).settled > 350


def exact_share(changes: list[Fraction], treated: int) -> Fraction:
    """P-value of a studentised difference in means by rational numbers, the first units being treated."""

    def statistic(chosen: tuple[int, ...]) -> Fraction | float:
        groups = [changes[k] for k in chosen], [c for k, c in enumerate(changes) if k not in chosen]
        means = [sum(own) / len(own) for own in groups]
        variance = sum(
            sum((c - mean) ** 2 for c in own) / len(own) ** 2 for own, mean in zip(groups, means, strict=True)
        )
        gap = means[0] - means[1]
        return gap**2 / variance if variance else (inf if gap else Fraction(0))

    every = [statistic(chosen) for chosen in combinations(range(len(changes)), treated)]
    return Fraction(sum(own >= every[0] for own in every), len(every))


@pytest.mark.parametrize(
    ("thirds", "treated"),
    [
        ([4, 4, 4, 1, 1, 1, 1], 3),
        ([7, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1),
        ([4, 4, 1, 1, 1, 1, 1, 1, 1, 4], 2),
        ([1, 1, 4, 4, 1, 1, 4, 4], 4),
        ([1, 2, 5, 4, 1, 2, 5, 4, 3], 4),
        ([4 * 10**6, 4 * 10**6 + 1, 4 * 10**6 + 1, 4, 5, 6, 5, 4], 3),
    ],
)
@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_assignment_without_variance_reaches_itself_and_those_like_it(thirds, treated, scale):
    changes = scale * np.array(thirds) / 3
    number = len(thirds)
    level = np.random.default_rng(5).normal(size=number)
    panel = Panel.from_arrays(
        np.column_stack([level, level + changes]), np.where(np.arange(number) < treated, 1, NEVER)
    )
    expected = exact_share([Fraction(c, 3) for c in thirds], treated)
    result = did.estimate(panel, "group_time")
    table = did.randomization(result, studentised=True, terms=("att",))
    assert round(table["p_value"][0] * comb(number, treated)) == expected * comb(number, treated)
    (judged,) = studentised_inference(panel, "group_time", Options(level=0.6))
    assert round(judged.p_value * comb(number, treated)) == expected * comb(number, treated)


@pytest.mark.parametrize("seed", range(12))
def test_set_has_no_end_where_the_smallest_p_value_is_above_its_level(seed):
    """The actual assignment and its mirror image tie at any null value: of 20 assignments at least 2."""
    outcome = np.round(np.random.default_rng(seed).normal(size=(6, 5)) * 2) / 2
    panel = Panel.from_arrays(outcome, np.repeat([2, NEVER], 3))
    for name in ("group_time", "imputation", "twfe"):
        (found,) = studentised_inference(panel, name, Options(level=0.95))
        assert found.p_value >= 0.1
        assert (found.ci_low, found.ci_high) == (-inf, inf)
