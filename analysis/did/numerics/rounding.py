"""What is rounding and what is noise, whatever unit the outcome is in and however far from zero it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_POWER = 1023  # of two, in a float
STEPS = 32  # neighbouring floats by which sums of outcomes may miss


def rounding(outcome: NDArray[np.float64], share: float) -> float:
    """Size below which a number made of outcomes is rounding.

    Parameters
    ----------
    outcome
        Any shape, NaN where missing.
    share
        Part of the outcomes' spread that a computation may miss.

    Notes
    -----
    The larger of ``share`` times the largest distance from the mean, and some steps between neighbouring
    floats at the size of the outcomes: those were lost before anything was computed.
    """
    seen, low, high = _ends(outcome)
    if not seen.size:
        return 0.0
    within = max(high, -low) * seen.size < np.finfo(float).max  # the sum is a number
    middle = float(seen.sum()) / seen.size if within else float((seen / seen.size).sum())
    spread, largest = max(high - middle, middle - low), max(high, -low)
    return max(share * spread, STEPS * float(np.finfo(float).eps) * largest)


def _ends(outcome: NDArray[np.float64]) -> tuple[NDArray[np.float64], float, float]:
    """Return the known outcomes, the smallest and the largest of them."""
    seen = outcome
    low, high = float(seen.min(initial=np.inf)), float(seen.max(initial=-np.inf))
    if not (low > -np.inf and high < np.inf):
        seen = outcome[np.isfinite(outcome)]
        low, high = float(seen.min(initial=np.inf)), float(seen.max(initial=-np.inf))
    return seen, low, high


def power_of_two(outcome: NDArray[np.float64]) -> float:
    """Return the power of two by which outcomes come close to one; dividing by it changes no digit."""
    _, low, high = _ends(outcome)
    largest = max(high, -low)
    if largest == 0:
        return 1.0
    return math.ldexp(1.0, min(math.frexp(largest)[1], LARGEST_POWER))
