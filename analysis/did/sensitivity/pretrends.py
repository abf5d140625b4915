"""What a passed pre-trend test is worth, and what passing it does to the estimate (Roth 2022).

A test that no coefficient before the start is significant misses trends that would matter. And
estimates that are looked at only after the test was passed are biased by that choice, usually
towards the trend that the test was meant to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from ..errors import InputError
from ..numerics.sobol import sobol
from .event_study import EventStudy

if TYPE_CHECKING:
    from ..numerics.types import Array

SEED = 0  # of the scrambled points that rectangles are integrated on
POINTS = 13  # 2^13 of them: probabilities are then right to about 1e-5


@dataclass(frozen=True)
class PassedTest:
    """What the coefficients after the start are expected to be under a trend and no effect.

    Parameters
    ----------
    passed
        Probability that no coefficient before the start is significant.
    unconditional, conditional
        (Q,) bias of the coefficients over all samples, and over those that pass.
    """

    passed: float
    unconditional: Array
    conditional: Array


def pass_probability(study: EventStudy, slope: float, *, level: float = 0.95) -> float:
    """Probability that every |coefficient before| is below its critical value under a linear trend.

    Parameters
    ----------
    study
        Its covariance is taken as known.
    slope
        Trend difference per period.
    level
        Each coefficient is tested at 1 - level against the normal distribution.
    """
    early = len(study.before)
    own = study.covariance[:early, :early]
    return _box(
        slope * study.times[:early].astype(float), own, ndtri(0.5 + level / 2) * np.sqrt(np.diag(own))
    )


def slope_with_power(study: EventStudy, power: float, *, level: float = 0.95) -> float:
    """Slope of the linear trend that the pre-trend test finds with probability ``power``.

    Raises
    ------
    InputError
        ``power`` is not between the test's size without a trend and one.
    """

    @cache  # the search begins at both ends of the bracket, which are known then
    def found(slope: float) -> float:
        return 1 - pass_probability(study, slope, level=level)

    size = found(0.0)
    if not size < power < 1:
        raise InputError(f"power is {power}", expected=f"between the test's size {size:.3f} and 1")
    high = float(np.sqrt(np.diag(study.covariance)).max())
    while found(high) < power:
        high *= 2
    return float(brentq(lambda slope: found(slope) - power, 0.0, high, xtol=1e-7 * high))


def after_passing(study: EventStudy, slope: float, *, level: float = 0.95) -> PassedTest:
    r"""Bias under a linear trend among samples that pass the pre-trend test.

    Notes
    -----
    :math:`E[\hat\beta_{post} | B] - \tau = \delta_{post} + \Sigma_{21} \Sigma_{11}^{-1}
    (E[\hat\beta_{pre} | B] - \delta_{pre})` (Roth 2022, proposition 1). The mean of the truncated normal is
    :math:`\mu + \Sigma (f(-c) - f(c))`, f_j the density of coefficient j at the edge of the box given
    that the others are inside.
    """
    early = len(study.before)
    own = study.covariance[:early, :early]
    mean = slope * study.times[:early].astype(float)
    edge = ndtri(0.5 + level / 2) * np.sqrt(np.diag(own))
    passed = _box(mean, own, edge)
    flow = np.array([_edge(mean, own, edge, j, -1.0) - _edge(mean, own, edge, j, 1.0) for j in range(early)])
    shift = own @ flow / passed  # E[pre | passed] - mean
    moved = study.covariance[early:, :early] @ np.linalg.solve(own, shift)
    trend = slope * study.times[early:].astype(float)
    return PassedTest(passed, trend, trend + moved)


def without_trend(study: EventStudy) -> EventStudy:
    """Subtract the straight line fitted through the coefficients before and the reference.

    Returns
    -------
    EventStudy
        The coefficients before are left as they are; those after are less the line, and the
        covariance carries the line's own error.

    Notes
    -----
    The slope is least squares through the origin at the reference, sum t b_t / sum t^2. It is right
    if the trend difference is a straight line, and worse than no adjustment if pre-period
    differences are noise.
    """
    early = len(study.before)
    t = study.times.astype(float)
    moved = np.eye(len(t))
    moved[early:, :early] -= np.outer(t[early:], t[:early] / (t[:early] @ t[:early]))
    values = moved @ study.coefficients
    return EventStudy(values[:early], values[early:], moved @ study.covariance @ moved.T)


def _box(mean: Array, covariance: Array, edge: Array) -> float:
    """P(-edge <= x <= edge) for x normal: one conditional at a time, on fixed points (Genz 1992).

    Fixed points make the result smooth in the mean, so that roots can be found.
    """
    size = len(mean)
    if not size:
        return 1.0
    root = np.linalg.cholesky(covariance)
    points = _points(size)
    chance, drawn = np.ones(points.shape[1]), np.zeros(points.shape)
    for k in range(size):
        centre = mean[k] + (root[k, :k] @ drawn[:k] if k else 0.0)  # one number in the first dimension
        low, high = ndtr((-edge[k] - centre) / root[k, k]), ndtr((edge[k] - centre) / root[k, k])
        chance *= high - low
        if k < size - 1:
            drawn[k] = ndtri(np.clip(low + points[k] * (high - low), 1e-300, 1 - 1e-16))
    return float(chance.mean())


@lru_cache(maxsize=16)
def _points(size: int) -> Array:
    """(size, 2^POINTS) fixed points of the unit cube."""
    found = sobol(size, POINTS, SEED)
    found.flags.writeable = False  # shared by all rectangles
    return found


def _edge(mean: Array, covariance: Array, edge: Array, j: int, side: float) -> float:
    """Density of coefficient j at side * edge, times the chance that the others are in the box."""
    value = side * edge[j]
    error = float(np.sqrt(covariance[j, j]))
    density = float(np.exp(-(((value - mean[j]) / error) ** 2) / 2) / (np.sqrt(2 * np.pi) * error))
    others = np.arange(len(mean)) != j
    slope = covariance[others, j] / covariance[j, j]
    rest = covariance[np.ix_(others, others)] - np.outer(slope, covariance[j, others])
    return density * _box(mean[others] + slope * (value - mean[j]), rest, edge[others])
