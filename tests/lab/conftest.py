"""A small made-up country for the laboratory: no file, known parameters."""

from dataclasses import dataclass

import numpy as np
import pytest

from analysis.did import Panel
from analysis.lab.calibrate import Calibration
from analysis.lab.catalogue import annual
from analysis.lab.design import Calendar, Design, Draws, simulate
from analysis.lab.forms import find_forms, own_scores, scores
from analysis.lab.methods import spread_of


@dataclass(frozen=True)
class Case:
    """One simulated panel as the laboratory and as the engine see it; the static two-way coefficient.

    ``values`` (1, 1, 2, N) scores, ``own`` (1, 1, N) those in the own groups, ``value`` (1, 1) their sum,
    ``spread`` (2, 1, 1).
    """

    panel: Panel
    draws: Draws
    calendar: Calendar
    values: np.ndarray
    own: np.ndarray
    value: np.ndarray
    spread: np.ndarray


def make_cases(model: Calibration, calendar: Calendar, number: int = 3) -> list[Case]:
    """Panels with an effect, so that p-values differ."""
    found = []
    forms, _ = find_forms(calendar, "twfe", events=False)
    for k in range(number):
        draws = simulate(Design("d", calendar, effect="constant", size=0.7), model, range(k, k + 1))
        panel = Panel.from_arrays(draws.outcome[0], np.array(calendar.starts)[draws.member[0]])
        values = scores(forms, draws.outcome, calendar.sizes)
        own = own_scores(values, draws.member)
        spread = spread_of(own, draws.member, 2)
        found.append(Case(panel, draws, calendar, values, own, own.sum(axis=-1), spread))
    return found


@pytest.fixture
def model() -> Calibration:
    """Fifteen provinces, unequal scales, persistent errors, trends; the five richest come first.

    Three regions of 4, 5 and 6 provinces; the noisiest provinces are the smallest.
    """
    scale = np.linspace(0.5, 1.5, 15)
    income = np.linspace(1.5, -1.5, 15)
    return Calibration(
        "toy", 0.6, 0.0, scale, 0.1 * scale, 0.1 * income, 0.05, income / income.std(), np.arange(15) < 5,
        residents=1e6 * np.linspace(60.0, 4.0, 15), region=np.repeat([0, 1, 2], [4, 5, 6]),
        level=2.0 * income,
    )  # fmt: skip


@pytest.fixture
def calendar() -> Calendar:
    """Five of fifteen treated after six years, for three years."""
    return annual("toy", 6, 3, 5, 15)


@pytest.fixture
def staggered() -> Calendar:
    """Three waves, all treated in the end."""
    return Calendar("toy_staggered", 12, (4, 7, 10), (5, 5, 5))


@pytest.fixture
def cases(model, calendar) -> list[Case]:
    """Three panels with five of fifteen treated."""
    return make_cases(model, calendar)
