"""Step-down p-values by hand, and their error rate when nothing is there."""

import numpy as np
import pytest
from did.peers import small_panel

from analysis.base.errors import InputError
from analysis.did import Options, Panel
from analysis.did.inference.multiple import romano_wolf, step_down
from analysis.did.panel.panel import NEVER


def noise(rng, outcomes=4, units=14):
    starts = np.array([3] * 5 + [NEVER] * (units - 5))
    return {f"y{k}": Panel.from_arrays(rng.normal(size=(units, 5)), starts) for k in range(outcomes)}


def test_step_down_by_hand():
    actual = np.array([2.0, 5.0, 1.0])
    drawn = np.array([[1.0, 1, 1], [3, 0, 0], [0, 6, 0], [0, 0, 1.5]])
    # 5 against the largest of each draw 1, 3, 6, 1.5: one reaches it, (1+1)/5.
    # 2 against the largest without the second, 1, 3, 0, 1.5: one, 2/5. 1 against 1, 0, 0, 1.5: two, 3/5.
    assert step_down(actual, drawn) == pytest.approx([0.4, 0.4, 0.6])


def test_adjusted_p_values_never_fall_below_single_ones():
    panels = {"a": small_panel(1), "b": small_panel(2)}
    found = romano_wolf(panels, "group_time", Options(), draws=499)
    assert {r.outcome for r in found} == {"a", "b"}
    assert all(r.p_adjusted >= r.p_single for r in found)
    assert all(r.estimate.event_time is None or r.estimate.event_time >= 0 for r in found)


def test_the_same_outcome_twice_costs_nothing():
    panel = noise(np.random.default_rng(1), 1)["y0"]
    (alone,) = romano_wolf({"a": panel}, "twfe", Options(), draws=999)
    twice = romano_wolf({"a": panel, "b": panel}, "twfe", Options(), draws=999)
    assert [r.p_adjusted for r in twice] == pytest.approx([alone.p_adjusted] * 2)


def test_any_false_rejection_among_four_outcomes_stays_at_the_level():
    rng = np.random.default_rng(7)
    single = family = 0
    for _ in range(200):
        found = romano_wolf(noise(rng), "twfe", Options(), draws=99, seed=int(rng.integers(1 << 30)))
        single += min(r.p_single for r in found) <= 0.1
        family += min(r.p_adjusted for r in found) <= 0.1
    assert single / 200 > 0.22  # 1 - 0.9^4 = 0.34 in expectation
    assert family / 200 == pytest.approx(0.1, abs=3.5 * np.sqrt(0.09 / 200))


def test_panels_with_other_starts_are_refused():
    first = noise(np.random.default_rng(0), 1)["y0"]
    other = Panel.from_arrays(first.outcome, np.roll(first.starts, 1))
    with pytest.raises(InputError, match="other has other units or starts than first"):
        romano_wolf({"first": first, "other": other}, "twfe", Options())
