"""A small made-up country for the laboratory: no file, known parameters."""

import numpy as np
import pytest

from analysis.lab.calibrate import Calibration
from analysis.lab.catalogue import annual
from analysis.lab.design import Calendar


@pytest.fixture
def model() -> Calibration:
    """Fifteen provinces, unequal scales, persistent errors, trends; the five richest come first."""
    scale = np.linspace(0.5, 1.5, 15)
    income = np.linspace(1.5, -1.5, 15)
    return Calibration(
        "toy", 0.6, 0.0, scale, 0.1 * scale, 0.1 * income, 0.05, income / income.std(), np.arange(15) < 5
    )


@pytest.fixture
def calendar() -> Calendar:
    """Five of fifteen treated after six years, for three years."""
    return annual("toy", 6, 3, 5, 15)


@pytest.fixture
def staggered() -> Calendar:
    """Three waves, all treated in the end."""
    return Calendar("toy_staggered", 12, (4, 7, 10), (5, 5, 5))
