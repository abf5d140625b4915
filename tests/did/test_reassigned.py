"""Permutation of the synthetic estimators against the slow way and against theory."""

import numpy as np
import pytest
from did.peers import small_panel

from analysis.base.errors import InputError
from analysis.did import Options, Panel, estimate
from analysis.did.estimators.synthetic_block import Block, solve_batch
from analysis.did.inference.reassigned import overall_effects, reassigned_inference
from analysis.did.panel.panel import NEVER


def one_cohort(seed, effect=0.0, units=14, treated=3):
    rng = np.random.default_rng(seed)
    outcome = rng.normal(size=(units, 1)) + rng.normal(size=(units, 8)).cumsum(axis=1)
    outcome[:treated, 6:] += effect
    return Panel.from_arrays(outcome, np.array([6] * treated + [NEVER] * (units - treated)))


@pytest.mark.parametrize("control_only", [False, True])
def test_a_reassignment_gives_what_solving_it_alone_gives(control_only):
    panel = one_cohort(1)
    marked = np.random.default_rng(2).permuted(np.tile(panel.cohort < NEVER, (4, 1)), axis=1)
    block = Block(panel.outcome, panel.outcome[:3], 6, 6, control_only)
    found = overall_effects(block, panel.outcome, marked)
    for row, value in zip(marked, found, strict=True):
        donors, treated = panel.outcome[~row][None], panel.outcome[row].mean(axis=0)[None]
        alone = solve_batch(block, donors, np.ones((1, 11), dtype=bool), treated)
        assert alone.path[0].mean() == pytest.approx(value, rel=1e-9)


def test_the_estimate_is_the_estimators_own():
    panel = one_cohort(3, effect=1.0)
    own = next(r for r in estimate(panel, "synthetic_did", Options()) if r.term == "att").estimate
    found = reassigned_inference(panel, "synthetic_did", Options(), draws=99)
    assert found.estimate == pytest.approx(own)
    assert found.comparisons == 100


@pytest.mark.parametrize("name", ["synthetic_did", "synthetic_control"])
def test_a_large_effect_is_found(name):
    found = reassigned_inference(one_cohort(3, effect=40.0), name, Options(), draws=99)
    assert found.p_value <= 2 / 100  # the actual assignment is one of 364 and may be drawn again


def test_without_an_effect_it_rejects_one_time_in_ten_at_ten_per_cent():
    hits = sum(
        reassigned_inference(one_cohort(seed), "synthetic_did", Options(), draws=19, seed=seed).p_value <= 0.1
        for seed in range(100)
    )
    assert hits / 100 == pytest.approx(0.1, abs=3.5 * np.sqrt(0.09 / 100))


def test_another_estimator_and_several_cohorts_are_refused():
    with pytest.raises(InputError, match="no synthetic estimator"):
        reassigned_inference(one_cohort(0), "twfe", Options())
    with pytest.raises(InputError, match="2 cohorts start"):
        reassigned_inference(small_panel(0), "synthetic_did", Options())
