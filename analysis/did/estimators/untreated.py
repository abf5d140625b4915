"""The untreated outcome, fitted to untreated observations only.

Model, on observations that treatment cannot have reached: Y_it = a_i + b_t + x_it'd + e_it. What it
predicts for a treated observation is that observation's missing untreated outcome. Imputation
(Borusyak, Jaravel and Spiess 2024) and the two-stage estimator (Gardner 2022) both stand on this
fit; they differ in the errors only.

Covariates that never change within a unit are absorbed by a_i. They enter as x_i b_t, a slope of
their own in each period, so that units of like x are compared; this is also what the extended
two-way regression does. Covariates that change over time enter with one common slope.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .averages import cell_sums, cohort_index
from .two_effects import ByPeriods, ByUnits, inverted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel


@dataclass(frozen=True)
class Untreated:
    """Fit of the untreated outcome and what it leaves of the treated observations.

    Parameters
    ----------
    effect
        (N, T) outcome less fitted untreated outcome where ``target``; zero elsewhere.
    residual
        (N, T) residuals of the observations fitted; zero elsewhere.
    fitted, target
        (N, T) observations used in the fit; treated observations whose untreated outcome the fit
        identifies.
    index
        (N,) row of each unit's cohort in ``panel.cohorts``; -1 for none.
    size, observed
        (C, T) total weight and number of target observations per cell.
    lost
        Treated observations that are observed but not identified.
    rank
        Independent regressors of the fit, unit effects aside.
    """

    effect: Array
    residual: Array
    fitted: NDArray[np.bool_]
    target: NDArray[np.bool_]
    index: NDArray[np.int64]
    size: Array
    observed: NDArray[np.int64]
    lost: NDArray[np.bool_]
    rank: int
    effects: ByPeriods | ByUnits
    spread: Array  # (N, Q) weighted sum over fitted observations of residual x regressor

    def carried(self, weights: Array) -> Array:
        """(N, K) part of each unit's score that comes from estimating the untreated outcome.

        ``weights`` is (K, C, T), see `analysis.did.estimators.averages`. For an average with weights w the
        estimate is a sum of v_it Y_it; on fitted observations v'e sums within unit i to
        -w_i (sum_t e_it R_it)' M^- d, where d is the average's own sum of demeaned regressors.
        """
        if self.wide:
            return self.of_cells @ weights.reshape(len(weights), -1).T
        found: Array = self.spread @ self.carries(weights)
        return found

    @property
    def wide(self) -> bool:
        """Whether there are fewer units than regressors: `of_cells` is then soonest made once."""
        units, regressors = self.spread.shape
        return bool(units < regressors)

    @cached_property
    def of_cells(self) -> Array:
        """(N, C * T) what `carried` gives for a weight of one in each cell alone."""
        return self.effects.of_cells(self.spread)

    def carries(self, weights: Array) -> Array:
        """(Q, K) what ``spread`` is multiplied by in `carried`."""
        return self.effects.carries(weights)


def _extra(panel: Panel) -> Array:
    """(N, T, P) regressors beyond period effects; zero where the outcome is missing."""
    periods = panel.n_periods
    columns = []
    for k, name in enumerate(panel.covariate_names):
        x = np.where(panel.observed, panel.covariates[:, :, k], np.nan)
        centred = x - np.nanmean(x)
        scale = np.nanstd(x)
        if scale == 0:
            raise InputError(f"covariate {name!r} is constant", action="leave it out")
        x = np.nan_to_num(centred / scale)
        if constant_within_units(panel, k):
            columns += [x * (np.arange(periods) == t) for t in range(1, periods)]
        else:
            columns.append(x)
    return np.stack(columns, axis=2) if columns else np.empty((*panel.outcome.shape, 0))


def constant_within_units(panel: Panel, covariate: int) -> bool:
    """Whether a covariate never changes within a unit where the outcome is observed."""
    x, known = panel.covariates[:, :, covariate], panel.observed
    spread = np.where(known, x, -np.inf).max(axis=1) - np.where(known, x, np.inf).min(axis=1)
    return bool((spread <= 1e-12 * np.abs(x[known]).max()).all())


def fit_untreated(panel: Panel, options: Options) -> Untreated:
    """Fit unit and period effects (and covariates) on untreated observations, weighted.

    Parameters
    ----------
    panel
        N units, T periods, C cohorts.
    options
        ``anticipation`` takes that many periods before the start out of the fit; their effects are
        then estimated like treated ones.

    Raises
    ------
    InputError
        No treated observation has an identified untreated outcome.
    """
    return fit_outside(panel, panel.untreated(options.anticipation))


def fit_outside(panel: Panel, untreated: NDArray[np.bool_]) -> Untreated:
    """Fit as `fit_untreated` does, on the observations marked (N, T) as untreated."""
    observed = panel.observed
    fitted = observed & untreated
    index = cohort_index(panel)
    treated = observed & ~untreated & (index >= 0)[:, None]
    possible = treated & fitted.any(axis=1, keepdims=True)
    extra = _extra(panel)
    effects: ByPeriods | ByUnits
    if not panel.covariate_names and panel.n_units < panel.n_periods:
        gap, target, effects, rank = _by_units(panel, fitted, possible, index)
    else:
        gap, target, effects, rank = _by_periods(panel, fitted, possible, index, extra)
    cohorts = len(panel.cohorts)
    spread = np.where(fitted, gap, 0.0) * panel.mass
    return Untreated(
        effect=np.where(target, gap, 0.0),
        residual=np.where(fitted, gap, 0.0),
        fitted=fitted,
        target=target,
        index=index,
        size=cell_sums(target * panel.mass, index, cohorts),
        observed=cell_sums(target.astype(np.int64), index, cohorts),
        lost=treated & ~target,
        rank=rank,
        effects=effects,
        spread=np.hstack([spread, np.einsum("nt,ntp->np", spread, extra)]),
    )


def _by_units(
    panel: Panel, fitted: NDArray[np.bool_], possible: NDArray[np.bool_], index: NDArray[np.int64]
) -> tuple[Array, NDArray[np.bool_], ByUnits, int]:
    """What unit and period effects leave (N, T), targets (N, T), the effects, the rank: for many periods."""
    weighted = fitted * panel.mass
    total = weighted.sum(axis=0)
    share = weighted / np.where(total > 0, total, 1.0)  # (N, T): the period's mean of each unit dummy
    mass = weighted.sum(axis=1)
    inverse, null = inverted(np.diag(mass) - weighted @ share.T, mass)
    target = _identified(possible, (direction[:, None] - direction @ share for direction in null.T))
    effects = ByUnits(weighted, inverse, target * panel.mass, index, len(panel.cohorts))
    # Once more on what is left: weights far apart lose as many digits in the inverse, a far level the rest.
    gap = effects.left(effects.left(np.where(panel.observed, panel.outcome, 0.0)))
    beyond = int((total > 0).sum()) - int(fitted.any(axis=1).sum())  # period effects beyond unit effects
    return gap, target, effects, len(inverse) - null.shape[1] + beyond


def _by_periods(
    panel: Panel,
    fitted: NDArray[np.bool_],
    possible: NDArray[np.bool_],
    index: NDArray[np.int64],
    extra: Array,
) -> tuple[Array, NDArray[np.bool_], ByPeriods, int]:
    """As `_by_units`, for many units and with further regressors (N, T, P)."""
    periods = panel.n_periods
    outcome = np.where(panel.observed, panel.outcome, 0.0)
    mask = fitted.astype(float)
    even = mask if panel.period_weights is None else mask * panel.mass
    count = even.sum(axis=1)
    share = even / np.where(count > 0, count, 1)[:, None]  # (N, T): the unit's mean of each period dummy
    weighted = mask * panel.mass
    size = weighted.sum(axis=0)
    moment = np.diag(size) - weighted.T @ share
    demeaned = extra
    if panel.covariate_names:
        demeaned = extra - np.einsum("nt,ntp->np", share, extra)[:, None, :]
        weighted_extra = demeaned * weighted[:, :, None]
        corner = np.tensordot(weighted_extra, demeaned, axes=([0, 1], [0, 1]))
        side = weighted_extra.sum(axis=0)
        moment = np.block([[moment, side], [side.T, corner]])
        size = np.append(size, np.einsum("nt,ntp->p", weighted, extra**2))
    inverse, null = inverted(moment, size)

    def motion(direction: Array) -> Array:
        """(N, T) what a vector of slopes predicts, less the unit's untreated mean of it."""
        calendar = direction[:periods]
        found: Array = calendar - (share @ calendar)[:, None] + demeaned @ direction[periods:]
        return found

    def left(values: Array) -> Array:
        """(N, T) values less the effects and slopes that are fitted to them."""
        centred = values - (share * values).sum(axis=1)[:, None]
        held = centred * weighted
        score = held.sum(axis=0)
        if panel.covariate_names:
            score = np.concatenate([score, np.einsum("ntp,nt->p", demeaned, held)])
        found: Array = centred - motion(inverse @ score)
        return found

    gap = left(left(outcome))  # as in `_by_units`
    target = _identified(possible, (motion(direction) for direction in null.T))
    cohorts = len(panel.cohorts)
    mass = target * panel.mass
    size = cell_sums(mass, index, cohorts)
    shift = np.zeros((cohorts, periods, len(moment)))
    for c in range(cohorts):
        own = index == c
        shift[c, :, :periods] = np.diag(size[c]) - mass[own].T @ share[own]
        shift[c, :, periods:] = np.einsum("nt,ntp->tp", mass[own], demeaned[own])
    return gap, target, ByPeriods(inverse, shift), len(moment) - null.shape[1]


def _identified(possible: NDArray[np.bool_], motions: Iterable[Array]) -> NDArray[np.bool_]:
    """Treated observations that no direction which the fit says nothing about moves."""
    target = possible
    for motion in motions:
        target = target & (np.abs(motion) < 1e-6)
    if not target.any():
        raise InputError("no treated observation has an untreated outcome that the controls identify")
    return target
