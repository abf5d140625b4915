"""The laboratory on an outcome whose detectable effect is known: independent noise of one size."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.did import NEVER, Panel
from analysis.exports.power import detectable, simulated_power

SIGMA = 2.0
FIRST_WAVE = ("31", "32", "44", "46", "50", "51", "11")


@pytest.mark.parametrize(("before", "after"), [(7, 3), (30, 12)], ids=["years", "quarters"])
def test_the_detectable_effect_is_that_of_independent_noise(panel, before: int, after: int) -> None:
    """A contrast of a mean with the last period before has variance s^2 (1 + 1/after).

    Found four times in five at five percent: 1.96 + 0.84 errors of a difference of means of 7 and 24.
    """
    codes = sorted(set(panel["province_code"]))
    starts = np.where(np.isin(codes, FIRST_WAVE), before, NEVER)
    outcome = SIGMA * np.random.default_rng(3).normal(size=(len(codes), before + after))
    data = Panel.from_arrays(outcome, starts, units=codes)
    found = detectable(simulated_power("noise", data, panel, replications=400))
    error = SIGMA * np.sqrt((1 + 1 / after) * (1 / 7 + 1 / 24))
    assert found == pytest.approx(2.8 * error, rel=0.2)
