"""Weights taken from an estimator's matrices are those read off by raising one group's outcome at a time."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.did.inference import counting, randomization, randomization_tests
from analysis.did.numerics import batch
from analysis.did.options import Options
from analysis.did.panel.panel import NEVER, Panel

PANELS = {
    "two cohorts": ((3, 5, NEVER), (4, 3, 6), 8),
    "one cohort": ((4, NEVER), (3, 7), 9),
    "three cohorts": ((2, 3, 6, NEVER), (2, 3, 2, 4), 8),
    "nobody never treated": ((3, 5, 7), (3, 2, 4), 9),
}
OPTIONS = {
    "defaults": Options(),
    "never treated, base before the start": Options(control="never", base="universal"),
    "anticipation and a window": Options(anticipation=1, window=(-2, 2)),
    "balance": Options(balance=1),
}


@pytest.mark.parametrize("terms", [("att", "event"), ("att",), ("event",)], ids="+".join)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("shape", PANELS.values(), ids=PANELS)
@pytest.mark.parametrize("name", ["group_time", "event_study_twfe"])
def test_weights_from_matrices_are_those_read_off_one_outcome_at_a_time(name, shape, options, terms):
    """Every weight, to rounding."""
    check_weights(name, shape, options, terms)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("shape", PANELS.values(), ids=PANELS)
def test_weights_of_the_one_coefficient_are_those_read_off_too(shape, options):
    check_weights("twfe", shape, options, ("att",))


def check_weights(name, shape, options, terms):
    starts, sizes, periods = shape
    asked = (name, options, terms, starts, sizes, periods)
    noise = np.random.default_rng(0).normal(size=(sum(sizes), periods))
    panel = Panel.from_arrays(noise, np.repeat(starts, sizes))
    rows = batch.estimator(name)(panel, options)
    known = batch.known_form(panel, name, options, rows, terms)
    assert known is not None, "nothing was tested"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "known_form", lambda *_: None)
        read = batch._read_form.__wrapped__(*asked)
    assert known.shape == read.shape
    np.testing.assert_allclose(known, read, rtol=0, atol=1e-12)


def test_starts_after_the_panel_are_read_off_as_groups_of_their_own():
    """Two groups that nobody treats within the panel are controls by their sizes."""
    noise = np.random.default_rng(2).normal(size=(9, 6))
    panel = Panel.from_arrays(noise, np.repeat([3, 8, NEVER], [3, 2, 4]))
    plan = batch.make_plan(panel, "group_time", Options(), ("att",))
    assert plan.weights.shape == (1, 3, 6)
    np.testing.assert_allclose(plan.weights[0, 1] * 4, plan.weights[0, 2] * 2, atol=1e-12)


def test_where_the_last_cohort_is_control_weights_are_read_off():
    """Periods are left out then: the form on all periods has zeros there."""
    noise = np.random.default_rng(1).normal(size=(9, 7))
    panel = Panel.from_arrays(noise, np.repeat([3, 5], [4, 5]))
    plan = batch.make_plan(panel, "group_time", Options())
    assert (plan.weights[:, :, 5:] == 0).all()
    assert np.abs(plan.weights[:, :, :5]).max() > 0


def test_studentised_assignments_counted_by_blocks_are_those_counted_one_by_one(monkeypatch):
    """By halves and blocks, with ties and outcomes that repeat, as by listing every assignment."""
    rng = np.random.default_rng(3)
    outcome = rng.integers(0, 3, size=(9, 4)).astype(float)
    panel = Panel.from_arrays(outcome, np.repeat([2, NEVER], [3, 6]))
    monkeypatch.setattr(counting, "BLOCK", 7)
    by_halves = randomization_tests(panel, "group_time", Options(), studentised=True)
    monkeypatch.setattr(randomization, "EXACT_LIMIT", 0)
    listed = randomization_tests(panel, "group_time", Options(), studentised=True)
    assert [row.assignments for row in by_halves] == [84] * len(by_halves)
    assert [row.p_value for row in by_halves] == [row.p_value for row in listed]
