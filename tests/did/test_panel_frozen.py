"""A panel cannot be changed, can be compared, and says in three lines what it holds."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from did.peers import small_panel, with_outcome

from analysis.did import NEVER, Panel

ARRAYS = ("outcome", "cohort", "starts", "covariates", "weights", "cluster", "observed")


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    "made", [lambda p: p, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p)), replace]
)
def test_no_array_of_a_panel_can_be_written_to(name, made):
    panel = made(small_panel(1))
    with pytest.raises(ValueError, match="read-only"):
        getattr(panel, name)[0] = 1
    with pytest.raises(FrozenInstanceError):
        panel.outcome = np.zeros((2, 2))


def test_array_given_stays_the_callers_own():
    outcome, starts = np.random.default_rng(0).normal(size=(6, 4)), np.array([2, 2, 2, NEVER, NEVER, NEVER])
    weights = np.ones(6)
    panel = Panel.from_arrays(outcome, starts, weights=weights)
    outcome[0, 0], starts[0], weights[0] = 99.0, NEVER, 99.0
    assert panel.outcome[0, 0] != 99.0
    assert panel.starts[0] == 2
    assert panel.weights[0] == 1.0


def test_panels_are_equal_where_all_fields_are():
    panel, same = small_panel(3), small_panel(3)
    assert panel == same
    gapped = with_outcome(panel, (0, 0), np.nan)
    assert gapped == with_outcome(same, (0, 0), np.nan)  # what is missing in both is equal
    assert panel != gapped
    assert panel != replace(panel, weights=panel.weights * 2)
    assert panel != replace(panel, notes=("another",))
    assert panel != "a panel"


def test_panel_is_no_key():
    with pytest.raises(TypeError, match="unhashable"):
        hash(small_panel(1))


def test_panel_shows_itself_in_three_lines():
    outcome = np.zeros((9, 5))
    outcome[0, 0] = np.nan
    starts = np.array([0, 2, 2, 3, NEVER, NEVER, NEVER, NEVER, NEVER])
    panel = Panel.from_arrays(outcome, starts, times=range(2001, 2006), cluster=np.repeat([0, 1, 2], 3))
    assert repr(panel).splitlines() == [
        "Panel of 9 units over 5 periods, 2001 to 2005",
        "  first treated (units): 2003 (2), 2004 (1), never in the panel (5), from the first period on (1)",
        "  44 of 45 outcomes; 3 clusters",
    ]
