"""How much provinces differ, drift and fluctuate: read off the official series before the pilot.

The model is a level, a trend and an autoregression for each province, and a scale of its own,

    Y_it = a_i + d_t + f_i (b_i t + e_it),    e_it = rho e_i,t-1 + v_it,    sd(v) = s,  sd(b) = w.

Seven years a province are few: a regression on the lagged value finds too little persistence, because
removed levels and trends take it along (Nickell 1981). The likelihood of what is left after removing
levels and years has no such bias. Left out: breaks, tails, shocks shared by neighbours. Trends and
persistence are hard to tell apart; their sum, which matters here, is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import polygamma

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.did.numerics.types import Array

RHO_RANGE = (-0.9, 0.95)  # beyond, seven years cannot tell an autoregression from a random walk
TREND_RANGE = (0.0, 10.0)  # of trend variance over innovation variance
ROUNDS = 5  # scales and serial correlation are fitted in turn; further rounds change nothing printed


@dataclass(frozen=True)
class Calibration:
    """The model of one outcome.

    Parameters
    ----------
    outcome
        Name of the outcome.
    rho, rho_uncorrected
        Serial correlation by year, and what a regression on the lagged residual shows.
    sigma
        (N,) sd of the yearly innovation, f_i s.
    trend_sd
        (N,) sd of the trend per year, f_i w.
    trends
        (N,) each province's own trend: its expectation given the series.
    income_slope
        Fitted trend per standard deviation of income level.
    income
        (N,) standardised log output per head in the last year before the pilot.
    first_wave
        (N,) whether the province was in the first wave.
    residents
        (N,) at the last year-end before the pilot.
    region
        (N,) number of the region.
    level
        (N,) mean over the years before the pilot, less the mean of all provinces: a_i.
    """

    outcome: str
    rho: float
    rho_uncorrected: float
    sigma: Array
    trend_sd: Array
    trends: Array
    income_slope: float
    income: Array
    first_wave: NDArray[np.bool_]
    residents: Array
    region: NDArray[np.int64]
    level: Array

    @property
    def noise_sd(self) -> float:
        """Root mean square of the yearly innovation: the unit in which effects are stated."""
        return float(np.sqrt((self.sigma**2).mean()))

    @property
    def drift_sd(self) -> float:
        """Root mean square of the trends' sd, per year: the unit in which violations are stated."""
        return float(np.sqrt((self.trend_sd**2).mean()))

    def contrast_sd(self, weights: Array, sizes: tuple[int, ...], year: float = 1.0) -> float:
        r"""Sd over random assignments of a weighted sum of group means.

        Parameters
        ----------
        weights
            (H, T) of the mean outcomes of the groups; they add up to zero in each period.
        sizes
            (H,) provinces in each group.
        year
            Length of a period in years.

        Notes
        -----
        :math:`\{\sum_h w_h'(s^2 G + \omega^2 tt') w_h / n_h\}^{1/2}`, t in years, with root mean
        squares over provinces of the innovations' and the trends' sd.
        """
        time = np.arange(weights.shape[1]) * year
        noise = np.einsum("ht,tu,hu->h", weights, serial_covariance(self.rho, len(time), year), weights)
        variance = noise * self.noise_sd**2 + (weights @ time) ** 2 * self.drift_sd**2
        return float(np.sqrt((variance / np.array(sizes)).sum()))


def serial_covariance(rho: float, periods: int, year: float = 1.0) -> Array:
    """(T, T) covariance of a stationary autoregression with yearly innovations of variance one.

    Within a year the correlation is rho^year, zero if rho is negative, and the variance stays.
    """
    distance = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    inner = rho if year == 1 else max(rho, 0.0) ** year
    return np.asarray(inner**distance / (1 - rho**2))


def fit_persistence(contrasts: Array, basis: Array) -> tuple[float, float, float]:
    r"""Restricted likelihood of serial correlation and trends.

    Parameters
    ----------
    contrasts
        (N, T-1) series without level and year effects, x_i = Q'Y_i.
    basis
        (T, T-1) Q, orthonormal and orthogonal to a constant.

    Returns
    -------
    tuple of float
        rho, innovation variance, trend variance. They maximise
        :math:`-\frac{N-1}{2} \log|V| - \frac12 \sum_i x_i'V^{-1}x_i`,
        :math:`V = s^2 Q'\{G(\rho) + \lambda tt'\}Q`, with s concentrated out.
    """
    number, periods = len(contrasts), len(basis)
    time = basis.T @ np.arange(periods)
    moment = contrasts.T @ contrasts

    def profile(point: Array) -> tuple[float, float]:
        shape = basis.T @ serial_covariance(float(point[0]), periods) @ basis
        shape += point[1] * np.outer(time, time)
        scale = float(np.trace(np.linalg.solve(shape, moment))) / ((number - 1) * len(shape))
        return float(np.linalg.slogdet(shape)[1]) + len(shape) * np.log(scale), scale

    starts = [(rho, ratio) for rho in (0.0, 0.5, 0.9) for ratio in (0.01, 0.5)]
    bounds = [RHO_RANGE, TREND_RANGE]
    settings = {"xatol": 1e-8, "fatol": 1e-10, "maxiter": 2_000}
    found = [
        minimize(lambda p: profile(p)[0], s, method="Nelder-Mead", bounds=bounds, options=settings)
        for s in starts
    ]
    best = min(found, key=lambda result: float(result.fun)).x
    scale = profile(best)[1]
    return float(best[0]), scale, float(best[1]) * scale


def calibrate(
    outcome: str, before: Array, income_level: Array, first_wave: NDArray[np.bool_], residents: Array,
    region: NDArray[np.int64],
) -> Calibration:  # fmt: skip
    r"""Fit the model to the years before the pilot.

    Parameters
    ----------
    outcome
        Name.
    before
        (N, T) outcome in the years in which nobody was treated; at least five years.
    income_level
        (N,) log output per head.
    first_wave, residents, region
        (N,) as in `Calibration`.

    Notes
    -----
    Scales: :math:`f_i^2 = x_i'V^{-1}x_i / (T-1)`, then :math:`\log f_i^2` shrunk to its mean by
    :math:`1 - \psi_1(\nu/2) / Var(\log f_i^2)`, :math:`\nu = T-1`: the share of the spread that is not
    sampling noise. Series are divided by the scales and the likelihood is maximised again.
    A province's trend is :math:`w^2 t'Q V^{-1} x_i`.

    Raises
    ------
    InputError
        Missing values, too few years, or an outcome without variation.
    """
    number, periods = before.shape
    if periods < 5 or np.isnan(before).any():
        raise InputError(
            f"{outcome} cannot calibrate the laboratory: it needs five complete years before the pilot",
            value=f"{periods} years, {int(np.isnan(before).sum())} missing",
        )
    relative = before - before.mean(axis=0)
    basis = np.linalg.svd(np.ones((1, periods)))[2][1:].T
    contrasts = relative @ basis
    if float((contrasts**2).sum()) <= 1e-20 * float((before**2).sum()):
        raise InputError(f"{outcome} does not move apart between provinces: nothing to simulate")
    time = basis.T @ np.arange(periods)
    scale = np.ones(number)
    for _ in range(ROUNDS):
        rho, innovation, drift = fit_persistence(contrasts / scale[:, None], basis)
        shape = innovation * basis.T @ serial_covariance(rho, periods) @ basis + drift * np.outer(time, time)
        solved = np.linalg.solve(shape, contrasts.T).T
        scale = _shrunk_scales(np.einsum("np,np->n", solved, contrasts) / (periods - 1), periods - 1)
    trends = drift * solved @ time
    income = (income_level - income_level.mean()) / income_level.std()
    slopes = contrasts @ time / (time @ time)
    limit = float(np.sqrt(drift * (scale**2).mean()))
    slope = float(np.clip((income * slopes).mean(), -limit, limit))
    detrended = relative - slopes[:, None] * (np.arange(periods) - (periods - 1) / 2)
    detrended = detrended - detrended.mean(axis=1, keepdims=True)
    ratio = float((detrended[:, 1:] * detrended[:, :-1]).sum() / (detrended[:, :-1] ** 2).sum())
    return Calibration(
        outcome,
        rho,
        ratio,
        scale * np.sqrt(innovation),
        scale * np.sqrt(drift),
        trends,
        slope,
        income,
        first_wave,
        residents,
        region,
        relative.mean(axis=1),
    )


def _shrunk_scales(variance: Array, freedom: int) -> Array:
    """(N,) roots of relative variances, shrunk, with mean square one."""
    logs = np.log(np.maximum(variance, 1e-6 * variance.mean()))
    kept = max(0.0, 1 - float(polygamma(1, freedom / 2)) / float(logs.var(ddof=1)))
    shrunk = np.exp(kept * (logs - logs.mean()))
    return np.asarray(np.sqrt(shrunk / shrunk.mean()))


def selection_strength(income: Array, first_wave: NDArray[np.bool_], seed: int, draws: int = 4_000) -> float:
    """Strength s with which a wave chosen by s * income + Gumbel noise is as rich as the real one.

    Returns
    -------
    float
        Zero if the real wave is not richer than average, at most 20.
    """
    noise = np.random.default_rng(seed).gumbel(size=(draws, len(income)))
    size, wanted = int(first_wave.sum()), float(income[first_wave].mean())

    def gap(strength: float) -> float:
        chosen = np.argpartition(-(strength * income + noise), size, axis=1)[:, :size]
        return float(income[chosen].mean()) - wanted

    if gap(0.0) >= 0:
        return 0.0
    return 20.0 if gap(20.0) <= 0 else float(brentq(gap, 0.0, 20.0, xtol=1e-3))
