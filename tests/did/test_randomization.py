"""Randomisation inference and the batched path against the slow, obvious way."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from analysis.base.errors import InputError
from analysis.did import NEVER, Options, Panel, estimate
from analysis.did.inference import randomization_p_value, randomization_tests, with_randomization
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.schemes import count_assignments
from analysis.did.numerics.batch import make_plan

LINEAR = ("group_time", "twfe", "event_study_twfe", "sun_abraham", "imputation", "two_stage")


def single_cohort(units: int, treated: int, periods: int, seed: int = 1) -> Panel:
    outcome = np.random.default_rng(seed).normal(size=(units, periods)).cumsum(axis=1)
    return Panel.from_arrays(outcome, np.r_[np.full(treated, periods - 3), np.full(units - treated, NEVER)])


def overall(panel: Panel, name: str, studentised: bool) -> float:
    row = estimate(panel, name)[0]
    assert row.term == "att"
    return abs(row.estimate / row.std_error if studentised else row.estimate)


@pytest.mark.parametrize("studentised", [False, True])
def test_exact_p_value_equals_running_the_estimator_on_every_assignment(studentised) -> None:
    panel = single_cohort(9, 3, 6)
    seen = overall(panel, "group_time", studentised)
    as_large = 0
    for chosen in combinations(range(9), 3):
        starts = np.full(9, NEVER)
        starts[list(chosen)] = 3
        as_large += overall(Panel.from_arrays(panel.outcome, starts), "group_time", studentised) >= seen * (
            1 - 1e-9
        )
    test = randomization_p_value(panel, "group_time", Options(), studentised=studentised)
    assert test.exact and test.assignments == 84 and test.error == 0
    assert test.p_value == pytest.approx(as_large / 84, abs=1e-12)


def test_exact_p_value_by_hand() -> None:
    # Changes 9, 2, 1, 0 with one treated unit: |9 - 1|, |2 - 10/3|, |1 - 11/3|, |0 - 4|: one is as large.
    panel = Panel.from_arrays(
        np.array([[0.0, 9], [0, 2], [0, 1], [0, 0]]), np.array([1, NEVER, NEVER, NEVER])
    )
    test = randomization_p_value(panel, "group_time", Options(), term="event", event_time=0)
    assert test.p_value == pytest.approx(1 / 4)
    assert test.statistic == pytest.approx(8.0)


def test_more_treated_than_untreated_units_are_enumerated_alike() -> None:
    outcome = np.random.default_rng(4).normal(size=(7, 4))
    starts = np.array([2, 2, 2, 2, 2, NEVER, NEVER])
    panel = Panel.from_arrays(outcome, starts)
    seen = overall(panel, "twfe", False)
    larger = 0
    for rest in combinations(range(7), 2):
        other = np.full(7, 2)
        other[list(rest)] = NEVER
        larger += overall(Panel.from_arrays(outcome, other), "twfe", False) >= seen * (1 - 1e-9)
    assert randomization_p_value(panel, "twfe", Options()).p_value == pytest.approx(larger / 21)


def test_all_assignments_of_seven_in_31_are_gone_through_where_errors_are_studentised() -> None:
    panel = single_cohort(31, 7, 10)
    tests = randomization_tests(panel, "group_time", Options(), studentised=True)
    assert {t.assignments for t in tests} == {2_629_575}
    assert all(t.exact and 0 < t.p_value <= 1 for t in tests)


def test_studentised_statistic_is_the_estimate_over_its_own_error() -> None:
    panel = single_cohort(12, 5, 7)
    test = randomization_p_value(panel, "group_time", Options(), term="event", event_time=1, studentised=True)
    assert test.statistic == pytest.approx(test.estimate.estimate / test.estimate.std_error, rel=1e-9)


def test_p_values_are_uniform_under_the_sharp_null() -> None:
    # Over all assignments of one outcome matrix the exact p-value must be at most a in at most a of them.
    outcome = np.random.default_rng(8).normal(size=(8, 4))
    p_values = []
    for chosen in combinations(range(8), 3):
        starts = np.full(8, NEVER)
        starts[list(chosen)] = 2
        p_values.append(
            randomization_p_value(Panel.from_arrays(outcome, starts), "group_time", Options()).p_value
        )
    for level in (0.05, 0.1, 0.25, 0.5):
        share = np.mean(np.array(p_values) <= level + 1e-12)
        assert level - 1 / 56 - 1e-9 <= share <= level + 1e-9


def test_drawn_p_value_agrees_with_the_exact_one_within_its_error(monkeypatch) -> None:
    from analysis.did.inference import randomization

    panel = single_cohort(20, 6, 8, seed=11)
    exact = randomization_p_value(panel, "group_time", Options())
    monkeypatch.setattr(randomization, "EXACT_LIMIT", 0)
    monkeypatch.setattr(randomization, "ENUMERATED", 0)
    drawn = randomization_p_value(panel, "group_time", Options(), draws=20_000, seed=5)
    assert not drawn.exact and drawn.assignments == 20_001
    assert drawn.error == pytest.approx(np.sqrt(exact.p_value * (1 - exact.p_value) / 20_000), rel=0.1)
    assert abs(drawn.p_value - exact.p_value) < 4 * drawn.error


def test_staggered_starts_are_drawn_with_a_seed(panel_of) -> None:
    first = randomization_p_value(panel_of("sim_nyt"), "group_time", Options(), draws=999, seed=1)
    again = randomization_p_value(panel_of("sim_nyt"), "group_time", Options(), draws=999, seed=1)
    assert not first.exact and first.p_value == again.p_value
    assert count_assignments([7, 10, 14]) == 2_629_575 * 1_961_256


def test_an_effect_larger_than_any_noise_has_the_smallest_p_value() -> None:
    panel = single_cohort(10, 3, 6)
    outcome = panel.outcome.copy()
    outcome[:3, 3:] += 1e3
    test = randomization_p_value(Panel.from_arrays(outcome, panel.starts), "twfe", Options())
    assert test.p_value == pytest.approx(1 / 120)


def test_p_values_are_written_beside_the_estimates() -> None:
    panel = single_cohort(12, 4, 6)
    rows = with_randomization(panel, estimate(panel, ["twfe", "group_time"]), Options())
    for row in rows:
        tested = row.term in ("att", "att_simple", "event") and not np.isnan(row.std_error)
        assert (row.p_randomization == row.p_randomization) == tested
    assert "495 all assignments" in rows[0].inference


def test_a_panel_without_a_linear_form_says_why(frames) -> None:
    panel = Panel.from_frame(
        frames["sim_never"], unit="unit", time="time", outcome="y", cohort="g", weights="w"
    )
    rows = with_randomization(panel, estimate(panel, "group_time"), Options())
    assert np.isnan(rows[0].p_randomization)
    assert "No randomisation p-value" in rows[0].note
    with pytest.raises(InputError, match="balanced panel"):
        randomization_tests(panel, "group_time", Options())


@pytest.mark.parametrize("name", LINEAR)
def test_the_batched_path_equals_one_run_for_each_outcome(name, panel_of) -> None:
    panel = panel_of("sim_never")
    plan = make_plan(panel, name, Options())
    outcomes = np.random.default_rng(2).normal(size=(3, 31, 30))
    found = plan.of_outcomes(outcomes)
    for b, outcome in enumerate(outcomes):
        rows = estimate(Panel.from_arrays(outcome, panel.starts), name)
        expected = [r.estimate for r in rows if r.term in ("att", "event")]
        np.testing.assert_allclose(found[b], expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", ["group_time", "twfe"])
def test_the_batched_path_equals_one_run_for_each_assignment(name, panel_of) -> None:
    panel = panel_of("sim_nyt")
    plan = make_plan(panel, name, Options())
    rng = np.random.default_rng(2)
    members = rng.permuted(np.tile(plan.member, (3, 1)), axis=1)
    scores = plan.scores(panel.outcome)
    for member in members:
        found = scores[:, member, np.arange(len(member))].sum(axis=1)
        rows = estimate(Panel.from_arrays(panel.outcome, plan.starts[member]), name)
        expected = [r.estimate for r in rows if r.term in ("att", "event")]
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10)


def test_few_staggered_assignments_are_all_gone_through_as_for_the_confidence_set() -> None:
    # 3 + 2 + 4 units: 9! / (3! 2! 4!) = 1260 assignments.
    cohorts = np.array([2] * 3 + [4] * 2 + [NEVER] * 4)
    panel = Panel.from_arrays(np.random.default_rng(8).normal(size=(9, 6)), cohorts)
    for name in ("twfe", "group_time"):
        test = randomization_p_value(panel, name, Options())
        (judged,) = randomization_inference(panel, name, Options())
        assert test.exact and test.assignments == 1260 and test.error == 0
        assert test.p_value == pytest.approx(judged.p_value, abs=1e-12)
