"""Outcomes that no method can judge are refused by every one of them."""

import numpy as np
import pytest

from analysis.base.errors import InputError
from analysis.did import Options, Panel
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.few_treated import conley_taber, ferman_pinto
from analysis.did.inference.multiple import romano_wolf
from analysis.did.inference.randomization import randomization_tests
from analysis.did.inference.robust import robust_tests
from analysis.did.inference.studentised import studentised_inference
from analysis.did.inference.wild import wild_tests
from analysis.did.panel.panel import NEVER

STARTS = np.array([3] * 4 + [NEVER] * 12)
METHODS = {
    "randomization": lambda p: randomization_inference(p, "group_time", Options()),
    "randomization_tests": lambda p: randomization_tests(p, "group_time", Options()),
    "studentised": lambda p: studentised_inference(p, "group_time", Options()),
    "robust": lambda p: robust_tests(p, "twfe", Options()),
    "wild": lambda p: wild_tests(p, "twfe", Options()),
    "conley_taber": lambda p: conley_taber(p, "group_time", Options()),
    "ferman_pinto": lambda p: ferman_pinto(p, "group_time", Options(), np.arange(1.0, 17)),
    "romano_wolf": lambda p: romano_wolf({"y": p}, "group_time", Options()),
}
WITHOUT_VARIATION = {
    "zero": np.zeros((16, 6)),
    "one number": np.full((16, 6), 7.3),
    "unit and period effects only": np.arange(16.0)[:, None] ** 2 + np.sin(np.arange(6.0)),
}


@pytest.mark.parametrize("kind", WITHOUT_VARIATION)
@pytest.mark.parametrize("method", METHODS)
def test_an_outcome_without_variation_is_refused(method, kind):
    panel = Panel.from_arrays(WITHOUT_VARIATION[kind], STARTS)
    with pytest.raises(InputError, match="does not vary between units over time"):
        METHODS[method](panel)


def test_an_outcome_without_variation_is_found_despite_gaps():
    outcome = np.arange(16.0)[:, None] + np.arange(6.0)
    outcome[np.arange(3), [0, 4, 2]] = np.nan
    with pytest.raises(InputError, match="does not vary between units over time"):
        robust_tests(Panel.from_arrays(outcome, STARTS), "twfe", Options())


@pytest.mark.parametrize(
    "method", ["randomization", "randomization_tests", "studentised", "conley_taber", "romano_wolf"]
)
def test_draws_that_are_all_equal_are_refused(method):
    """Units differ in the first period only, which the estimate does not use."""
    outcome = np.zeros((16, 6))
    outcome[:, 0] = np.random.default_rng(0).normal(size=16)
    with pytest.raises(InputError, match="give the same estimate"):
        METHODS[method](Panel.from_arrays(outcome, STARTS))
