"""Admissible assignments counted by hand; p-values and confidence sets against the slow way."""

from itertools import combinations

import numpy as np
import pytest
from did.peers import overall, small_panel

from analysis.base.errors import InputError
from analysis.did import Options, Panel, estimate
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.randomization import randomization_tests
from analysis.did.inference.schemes import (
    bands,
    check_enough,
    count_admissible,
    drawn_sums,
    level_bands,
    list_assignments,
)
from analysis.did.panel.panel import NEVER


def one_cohort(seed=0, units=10, treated=4, effect=1.0):
    outcome = np.random.default_rng(seed).normal(size=(units, 5))
    outcome[:treated, 3:] += effect
    return Panel.from_arrays(outcome, np.array([3] * treated + [NEVER] * (units - treated)))


def slow_p_value(panel, tau, allowed):
    """Every admissible assignment, each with its own run of the estimator, less their mean."""
    treated = np.arange(panel.n_periods) >= panel.cohort[:, None]
    outcome = panel.outcome - tau * treated
    fast = Options(kernel="fast")
    actual = overall(estimate(Panel.from_arrays(outcome, panel.starts), "twfe", fast)).estimate
    found = []
    for chosen in combinations(range(panel.n_units), int((panel.cohort < NEVER).sum())):
        if not allowed(chosen):
            continue
        starts = np.full(panel.n_units, NEVER)
        starts[list(chosen)] = 3
        found.append(overall(estimate(Panel.from_arrays(outcome, starts), "twfe", fast)).estimate)
    mean = np.mean(found)
    return np.mean(np.abs(found - mean) >= abs(actual - mean) * (1 - 1e-9))


def test_assignments_within_strata_are_counted_by_hand():
    member = np.array([0, 0, 1, 1, 1, 0, 1, 2])
    strata = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    assert count_admissible(member, strata) == 10 * 6  # C(5,2) x 3!


def test_each_admissible_assignment_is_listed_once():
    member = np.array([0, 0, 1, 1, 1, 0, 1, 2])
    strata = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    listed, exact = list_assignments(member, strata, 10, 0)
    assert exact and len(np.unique(listed, axis=0)) == len(listed) == 60
    assert (np.sort(listed[:, :5]) == [0, 0, 1, 1, 1]).all()


def test_drawn_assignments_keep_the_groups_of_each_stratum():
    member, strata = np.repeat([0, 1], 20), np.tile([0, 1], 20)
    listed, exact = list_assignments(member, strata, 50, 0)
    assert not exact and len(listed) == 50
    assert (listed[:, strata == 0].sum(axis=1) == 10).all()


@pytest.mark.parametrize("strata", [np.zeros(40, dtype=int), np.tile([0, 1], 20)])
def test_sums_of_drawn_assignments_are_those_of_the_assignments_listed(strata):
    member = np.repeat([0, 1, 2, 1], [6, 10, 20, 4])
    scores = np.random.default_rng(1).normal(size=(2, 3, 40))
    listed, exact = list_assignments(member, strata, 50, 3)
    assert not exact
    by_hand = [[sum(part[m, i] for i, m in enumerate(row)) for row in listed] for part in scores]
    assert drawn_sums(scores, member, strata, 50, 3) == pytest.approx(np.array(by_hand), rel=1e-12)


def test_estimates_handed_on_give_what_running_the_estimator_gives():
    panel = small_panel(4)
    own = [row for row in estimate(panel, "group_time") if row.term == "att"]
    asked = {"draws": 99, "seed": 1}
    handed = randomization_inference(panel, "group_time", Options(), estimates=own, **asked)
    assert handed == randomization_inference(panel, "group_time", Options(), **asked)


@pytest.mark.parametrize("tau", [0.0, 0.7])
def test_p_value_within_strata_is_that_of_running_every_assignment(tau):
    panel = one_cohort()
    strata = np.array([0, 0, 0, 1, 0, 0, 1, 1, 1, 1])
    moved = Panel.from_arrays(panel.outcome - tau * (np.arange(5) >= panel.cohort[:, None]), panel.starts)
    (found,) = randomization_inference(moved, "twfe", Options(), strata=strata)
    assert found.comparisons == 50  # C(5,3) x C(5,1)
    expected = slow_p_value(panel, tau, lambda chosen: sum(strata[list(chosen)]) == 1)
    assert found.p_value == pytest.approx(expected)


def test_the_estimate_within_strata_is_that_of_a_regression_on_stratum_dummies():
    panel = one_cohort(seed=6, effect=2.0)
    strata = np.array([0, 0, 0, 1, 0, 0, 1, 1, 1, 1])
    panel = Panel.from_arrays(
        panel.outcome + 5.0 * strata[:, None] * np.arange(5), panel.starts
    )  # strata drift
    (found,) = randomization_inference(panel, "twfe", Options(), strata=strata)
    change = panel.outcome[:, 3:].mean(axis=1) - panel.outcome[:, :3].mean(axis=1)
    regressors = np.column_stack([panel.cohort < NEVER, strata == 0, strata == 1]).astype(float)
    expected = np.linalg.lstsq(regressors, change, rcond=None)[0][0]
    assert found.estimate == pytest.approx(expected)
    assert found.ci_low <= expected <= found.ci_high
    # The plain estimate takes the drift of the stratum with more treated units for an effect.
    assert abs(overall(estimate(panel, "twfe", Options(kernel="fast"))).estimate - expected) > 1


def test_strata_that_start_as_a_whole_leave_nothing_to_compare():
    strata = np.array([0] * 4 + [1] * 6)  # the four treated units are a stratum
    with pytest.raises(InputError, match="only 1 admissible"):
        randomization_inference(one_cohort(), "twfe", Options(), strata=strata)


def test_the_set_ends_where_the_slow_p_value_crosses_the_level():
    panel = one_cohort(seed=3)
    (found,) = randomization_inference(panel, "twfe", Options(level=0.9))
    assert found.exact and found.comparisons == 210
    for inside, outside in (
        (found.ci_low + 1e-6, found.ci_low - 1e-6),
        (found.ci_high - 1e-6, found.ci_high + 1e-6),
    ):
        assert slow_p_value(panel, inside, lambda _: True) > 0.1
        assert slow_p_value(panel, outside, lambda _: True) <= 0.1


def test_listing_and_halving_give_the_same_set():
    panel = one_cohort(seed=4, units=12)
    (halves,) = randomization_inference(panel, "group_time", Options())
    (listed,) = randomization_inference(panel, "group_time", Options(), strata=np.zeros(12, dtype=int))
    assert (listed.ci_low, listed.ci_high, listed.p_value) == pytest.approx(
        (halves.ci_low, halves.ci_high, halves.p_value)
    )


def test_p_values_are_those_of_the_unrestricted_test_at_every_horizon():
    panel = one_cohort(seed=5, units=12)
    tests = randomization_tests(panel, "group_time", Options())
    found = randomization_inference(panel, "group_time", Options(), terms=("att", "event"))
    assert [r.p_value for r in found] == pytest.approx([t.p_value for t in tests])


def test_adding_an_effect_moves_the_set_by_as_much():
    before, after = one_cohort(6, effect=0.0), one_cohort(6, effect=3.0)
    (a,) = randomization_inference(before, "twfe", Options(level=0.9))
    (b,) = randomization_inference(after, "twfe", Options(level=0.9))
    assert (b.ci_low, b.ci_high) == pytest.approx((a.ci_low + 3, a.ci_high + 3))


def test_the_set_covers_the_true_effect_nine_times_in_ten():
    rng, hits = np.random.default_rng(8), 0
    for _ in range(300):
        panel = one_cohort(int(rng.integers(1 << 30)), effect=0.5)
        (found,) = randomization_inference(panel, "twfe", Options(level=0.9))
        hits += found.ci_low <= 0.5 <= found.ci_high
    assert hits / 300 == pytest.approx(0.9, abs=3.5 * np.sqrt(0.09 / 300))


def test_staggered_starts_are_drawn_and_the_set_holds_the_estimate():
    panel = small_panel(3)
    (found,) = randomization_inference(panel, "group_time", Options(), draws=999)
    assert not found.exact and found.comparisons == 1_000
    assert found.ci_low < found.estimate < found.ci_high


def test_a_scheme_that_cannot_reject_is_refused_with_its_count():
    panel = one_cohort()
    strata = np.array([0, 1, 2, 3, 0, 1, 2, 3, 4, 4])
    with pytest.raises(InputError, match="only 16 admissible assignments"):
        randomization_inference(panel, "twfe", Options(), strata=strata)


def test_twenty_assignments_are_enough_at_five_per_cent():
    check_enough(20, 0.95)
    with pytest.raises(InputError, match=r"smallest possible p-value is 0\.0526"):
        check_enough(19, 0.95)


def test_bands_by_rank():
    assert bands(np.array([5.0, 1, 9, 3, 7, 2]), 3).tolist() == [1, 0, 2, 1, 2, 0]
    with pytest.raises(InputError, match="no value"):
        bands(np.array([1.0, np.nan]), 2)


def test_bands_by_level_look_at_the_time_before_any_start_only():
    outcome = np.repeat(np.array([[1.0], [5.0], [0.9], [1.3], [5.2], [4.9]]), 4, axis=1)
    outcome[:2, 2:] = 100  # after the start: must not matter
    outcome[3, 0] = np.nan  # a gap: the mean of the rest
    starts = np.array([2, 2] + [NEVER] * 4)
    assert level_bands(Panel.from_arrays(outcome, starts), 2).tolist() == [0, 1, 0, 0, 1, 1]
    outcome[3, 1] = np.nan
    with pytest.raises(InputError, match="no value to be ranked by"):
        level_bands(Panel.from_arrays(outcome, starts), 2)


def test_bands_by_level_do_not_depend_on_who_is_treated():
    outcome = np.random.default_rng(3).normal(size=(8, 5))
    cohorts = (np.array([3, 3] + [NEVER] * 6), np.array([NEVER] * 6 + [3, 3]))
    first, second = (level_bands(Panel.from_arrays(outcome, cohort), 3) for cohort in cohorts)
    assert first.tolist() == second.tolist()


def test_a_list_of_all_assignments_gives_the_set_of_the_whole_scheme():
    panel = one_cohort(seed=4, units=9, treated=3)
    every = np.full((84, 9), NEVER)
    for row, chosen in zip(every, combinations(range(9), 3), strict=True):
        row[list(chosen)] = 3
    (listed,) = randomization_inference(panel, "twfe", Options(), admissible=every)
    (whole,) = randomization_inference(panel, "twfe", Options())
    assert listed.exact and listed.comparisons == 84 and listed.mc_error == 0
    assert (listed.p_value, listed.ci_low, listed.ci_high) == pytest.approx(
        (whole.p_value, whole.ci_low, whole.ci_high)
    )


def neighbours(panel):
    """The actual assignment and those in which it is moved along, once around."""
    return np.stack([np.roll(panel.cohort, k) for k in range(panel.n_units)])


def test_an_assignment_that_stands_twice_counts_twice():
    panel = one_cohort(seed=2, units=24, treated=4)
    (once,) = randomization_inference(panel, "twfe", Options(), admissible=neighbours(panel))
    more = np.concatenate([neighbours(panel), neighbours(panel)])
    (twice,) = randomization_inference(panel, "twfe", Options(), admissible=more)
    assert twice.comparisons == 2 * once.comparisons
    assert (twice.p_value, twice.ci_low) == pytest.approx((once.p_value, once.ci_low))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda rows: rows[1:], "the actual assignment is not among the 23 listed"),
        (lambda rows: rows[:, :-1], r"shape \(24, 23\)"),
        (lambda rows: np.where(rows == rows[5], 3, rows), "assignment 1 of the list starts"),
        (lambda rows: rows[:10], "only 10 admissible assignments"),
    ],
)
def test_a_list_that_cannot_be_the_scheme_is_refused(spoil, message):
    panel = one_cohort(seed=2, units=24, treated=4)
    with pytest.raises(InputError, match=message):
        randomization_inference(panel, "twfe", Options(), admissible=spoil(neighbours(panel)))


def test_the_error_of_a_drawn_p_value_is_told_and_an_exact_one_has_none():
    (drawn,) = randomization_inference(small_panel(3), "group_time", Options(), draws=999)
    assert drawn.mc_error == pytest.approx(np.sqrt(drawn.p_value * (1 - drawn.p_value) / 1_000))
    (exact,) = randomization_inference(one_cohort(), "twfe", Options())
    assert exact.mc_error == 0
