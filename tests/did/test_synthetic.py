"""Synthetic difference-in-differences against the R package, an optimiser and exact cases."""

from __future__ import annotations

import numpy as np
import pytest
from did.peers import assert_agreement, at, expected, overall, reference_panel, small_panel
from scipy import optimize

from analysis.base.errors import InputError
from analysis.did.estimators import synthetic_block
from analysis.did.estimators.synthetic import synthetic_control, synthetic_did
from analysis.did.estimators.synthetic_block import Block, solve
from analysis.did.estimators.synthetic_errors import placebo
from analysis.did.numerics.frank_wolfe import simplex_weights, sparse
from analysis.did.options import Options
from analysis.did.panel.panel import NEVER, Panel

WITH_NEVER = ("mpdta", "sim_never")
MANY = 1_000


def block(start: int = 10, *, control_only: bool = False) -> Block:
    """One cohort of the simulated panel."""
    panel = reference_panel("sim_never")
    treated = panel.outcome[panel.cohort == start]
    return Block(panel.outcome[panel.cohort == NEVER], treated, start, start, control_only)


@pytest.mark.parametrize("dataset", WITH_NEVER)
def test_cohort_effects_and_jackknife_errors_agree_with_the_r_package(dataset):
    rows = list(synthetic_did(reference_panel(dataset), Options(), errors="jackknife"))
    theirs = expected("SDID_jackknife", "synthdid", dataset)
    assert_agreement([row for row in rows if row.term == "cohort"], theirs, least=2)
    average = expected("SDID", "synthdid", dataset)
    assert_agreement(rows, average, least=1, names={"att": "att_cohort_weighted"}, errors=False)


@pytest.mark.parametrize("dataset", WITH_NEVER)
def test_synthetic_control_agrees_with_the_r_package(dataset):
    rows = synthetic_control(reference_panel(dataset), Options(), errors="jackknife")
    theirs = expected("SC", "synthdid", dataset)
    assert_agreement([row for row in rows if row.term == "cohort"], theirs, least=2, errors=False)


def test_placebo_errors_agree_with_the_r_package_up_to_its_two_hundred_draws():
    """An error from 200 draws is itself off by 5 %; three times that is allowed."""
    rows = synthetic_did(reference_panel("sim_never"), Options(draws=MANY))
    theirs = expected("SDID_placebo200", "synthdid", "sim_never")
    for row in rows:
        if row.term == "cohort":
            assert row.std_error == pytest.approx(theirs.at[f"group_{row.cohort}", "se"], rel=0.15)


def test_short_search_of_replicates_moves_the_placebo_error_by_under_one_per_cent(monkeypatch):
    """The size stated where `REPLICATE_STEPS` is set, on the same 200 draws."""
    one = block()
    found = [solve(one)]
    short = placebo([one], found, 200, 0, jointly=False).effects[:, 0, 10:].mean(axis=1).std()
    solver = synthetic_block.solve_batch

    def thorough(*arguments):
        return solver(*arguments[:6], synthetic_block.MOST_STEPS)

    monkeypatch.setattr("analysis.did.estimators.synthetic_errors.solve_batch", thorough)
    long = placebo([one], found, 200, 0, jointly=False).effects[:, 0, 10:].mean(axis=1).std()
    assert short != long
    assert short == pytest.approx(long, rel=0.01)


def test_unit_weights_are_near_the_optimum_of_the_stated_problem():
    """A general optimiser finds an objective lower by no more than the stopping rule allows."""
    one = block()
    early = one.donors[:, :10].T - one.donors[:, :10].mean(axis=1)
    target = one.treated[:, :10].mean(axis=0)
    target = target - target.mean()
    ridge = 10 * one.ridge[0] ** 2

    def loss(w: np.ndarray) -> float:
        return float(((early @ w - target) ** 2).sum() + ridge * (w**2).sum())

    number = early.shape[1]
    best = optimize.minimize(
        loss,
        np.full(number, 1 / number),
        bounds=[(0, 1)] * number,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"maxiter": 1000, "ftol": 1e-14},
    )
    omega = solve(one).omega[0]
    assert omega.sum() == pytest.approx(1)
    assert omega.min() >= 0
    assert loss(omega) == pytest.approx(best.fun, rel=1e-3)


def test_treated_that_mixes_two_donors_is_recovered_by_synthetic_control():
    rng = np.random.default_rng(0)
    donors = rng.normal(size=(6, 30)).cumsum(axis=1)
    treated = 0.3 * donors[1] + 0.7 * donors[4] + 2.0 * (np.arange(30) >= 25)
    panel = Panel.from_arrays(np.vstack([donors, treated]), np.array([NEVER] * 6 + [25]))
    att = overall(synthetic_control(panel, Options()))
    assert att.estimate == pytest.approx(2.0, abs=0.02)


def test_parallel_outcomes_give_the_exact_effect():
    starts = np.array([3, 3, NEVER, NEVER, NEVER])
    wave = np.array([0, 1, 4, 2, 5, 3.0])
    outcome = np.arange(5.0)[:, None] + wave + 7.0 * (np.arange(6) >= starts[:, None])
    rows = synthetic_did(Panel.from_arrays(outcome, starts), Options())
    assert overall(rows).estimate == pytest.approx(7)
    assert at(rows, 2).estimate == pytest.approx(7)


def test_overall_effect_weights_cohorts_by_treated_observations():
    rows = synthetic_did(reference_panel("sim_never"), Options(), errors="jackknife")
    effect = {row.cohort: row.estimate for row in rows if row.term == "cohort"}
    mean = (7 * 20 * effect[11] + 10 * 14 * effect[17]) / (7 * 20 + 10 * 14)
    assert overall(rows).estimate == pytest.approx(mean)


def test_bootstrap_error_is_of_the_size_of_the_jackknife():
    panel = reference_panel("sim_never")
    first = overall(synthetic_did(panel, Options(draws=200), errors="bootstrap")).std_error
    second = overall(synthetic_did(panel, Options(), errors="jackknife")).std_error
    assert 0.7 < first / second < 1.4


def test_last_cohort_is_the_donor_pool_where_nobody_is_never_treated():
    row = overall(synthetic_did(reference_panel("sim_nyt"), Options()))
    assert row.control_group == "last_cohort"
    assert "24 to 30 are left out" in row.note


def test_shared_donors_are_mentioned_where_they_are_too_few():
    assert "share donors" in overall(synthetic_did(reference_panel("sim_never"), Options())).note


def test_same_seed_gives_the_same_error_and_another_seed_another():
    panel = reference_panel("sim_never")
    first, again, other = (
        overall(synthetic_did(panel, Options(seed=seed, draws=50))).std_error for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_fewer_donors_than_treated_falls_back_on_the_jackknife():
    rng = np.random.default_rng(0)
    panel = Panel.from_arrays(rng.normal(size=(9, 8)), np.array([5] * 6 + [NEVER] * 3))
    row = overall(synthetic_did(panel, Options()))
    assert row.inference == "jackknife, normal"
    assert "Too few donors" in row.note


def test_cohort_with_one_earlier_period_is_left_out_by_name():
    rows = synthetic_did(reference_panel("mpdta"), Options(), errors="jackknife")
    assert "left out: 2004" in rows[0].note
    assert {row.cohort for row in rows if row.term == "cohort"} == {2006, 2007}


def test_donors_that_never_change_are_refused():
    outcome = np.vstack([np.ones((4, 6)), np.arange(12.0).reshape(2, 6)])
    with pytest.raises(InputError, match="never changes"):
        synthetic_did(Panel.from_arrays(outcome, np.array([NEVER] * 4 + [3, 3])), Options())


def test_gaps_are_refused_with_the_unit():
    with pytest.raises(InputError, match="units have gaps"):
        synthetic_did(small_panel(72, gaps=0.1), Options())


def test_unknown_kind_of_error_is_refused():
    with pytest.raises(InputError, match="errors is 'magic'"):
        synthetic_did(small_panel(73), Options(), errors="magic")


def test_many_problems_at_once_equal_each_alone():
    rng = np.random.default_rng(4)
    gaps = rng.normal(size=(12, 7, 9))
    start, ridge, least = np.full((12, 9), 1 / 9), np.full(12, 0.1), np.full(12, 1e-9)
    allowed = np.ones((12, 9), dtype=bool)
    together = simplex_weights(gaps, allowed, start, ridge, least, 500)
    for k in range(12):
        part = slice(k, k + 1)
        alone = simplex_weights(gaps[part], allowed[part], start[part], ridge[part], least[part], 500)
        assert together[k] == pytest.approx(alone[0], abs=1e-12)


def test_columns_computed_on_demand_give_the_same_weights(monkeypatch):
    rng = np.random.default_rng(5)
    arguments = (
        rng.normal(size=(3, 6, 8)),
        np.ones((3, 8), dtype=bool),
        np.full((3, 8), 1 / 8),
        np.full(3, 0.1),
        np.full(3, 1e-9),
        300,
    )
    stored = simplex_weights(*arguments)
    monkeypatch.setattr("analysis.did.numerics.frank_wolfe.GRAM_NUMBERS", 0)
    assert simplex_weights(*arguments) == pytest.approx(stored, abs=1e-12)


def test_columns_not_allowed_get_no_weight():
    rng = np.random.default_rng(6)
    allowed = np.array([[True, False, True, False, True]])
    start = allowed / 3
    found = simplex_weights(rng.normal(size=(1, 4, 5)), allowed, start, np.ones(1), np.full(1, 1e-9), 200)
    assert found[0, [1, 3]].tolist() == [0, 0]
    assert found.sum() == pytest.approx(1)


def test_small_weights_are_dropped_and_the_rest_rescaled():
    assert sparse(np.array([[0.6, 0.3, 0.1]])) == pytest.approx(np.array([[2 / 3, 1 / 3, 0]]))
