"""Spread from the model alone against simulated panels."""

import numpy as np
import pytest

from analysis.lab.design import Design, simulate
from analysis.lab.precision import against_last_year, against_own_trend, spreads
from analysis.study.own_trends import beyond_trend


def test_the_weights_are_those_of_the_study() -> None:
    outcome = np.random.default_rng(0).normal(size=(4, 10))
    assert outcome @ against_own_trend(7, 3) == pytest.approx(beyond_trend(outcome, 7))
    assert outcome @ against_last_year(7, 3) == pytest.approx(outcome[:, 7:].mean(axis=1) - outcome[:, 6])


def test_a_straight_trend_moves_only_the_comparison_with_the_last_year() -> None:
    assert against_own_trend(7, 3) @ np.arange(10) == pytest.approx(0)
    assert against_last_year(7, 3) @ np.arange(10) == pytest.approx(2)


WEIGHTS = {"last_year": against_last_year, "own_trend": against_own_trend}


@pytest.mark.parametrize("name", WEIGHTS)
def test_simulated_panels_stray_as_far_as_the_model_says(model, calendar, name: str) -> None:
    drawn = simulate(Design("d", calendar), model, range(4_000))
    own, treated = drawn.outcome @ WEIGHTS[name](6, 3), drawn.member == 0
    gap = (own * treated).sum(axis=1) / 5 - (own * ~treated).sum(axis=1) / 10
    assert gap.std() == pytest.approx(spreads(model, 6, (5, 10))[name, 3], rel=0.05)
