"""Pre-trend test of Borusyak, Jaravel and Spiess: a regression on untreated observations alone.

Residuals of the imputation fit before treatment are no test: the fit has already used them and
shrinks them. The paper's test regresses the untreated outcome on leads of the start, with unit and
period effects, on untreated observations only, so that it is independent of the estimate itself
when errors are spherical.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import fdtrc

from ..fitted import Fitted, from_matrix
from ..numerics.design import Design, weights_of
from ..numerics.least_squares import WithinFit, fit_fast, fit_left
from ..results import Estimate
from .averages import interval, root
from .two_effects import ByPeriods

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel
    from .untreated import Untreated

COLLINEAR = 1e-10  # what unit and period effects leave of a lead that they explain
MOST_LEADS = 5  # the paper advises few leads: power falls with each that is added


def pretrend(panel: Panel, options: Options, fit: Untreated) -> Fitted:
    r"""Coefficients on leads of the start and the test that all are zero.

    Parameters
    ----------
    panel, fit
        As in `imputation`.
    options
        ``window`` sets how far back the leads go; missing: five periods, or fewer where the
        cohorts are not observed long enough for a period before the leads to compare with.

    Returns
    -------
    Fitted
        One ``event`` row for each lead and ``pretrend_joint``: the Wald statistic divided by the
        number of leads, and its p-value. Empty where no lead is identified.

    Notes
    -----
    :math:`Y_{it} = a_i + b_t + \sum_k \gamma_k 1[t = g_i - k] + e_{it}` on untreated observations.
    The reference is everything before the leads, not the last period before the start. Clustered
    errors as in `fit_fast`; Student with G - 1 degrees of freedom, F for the joint test.
    """
    periods = panel.n_periods
    # One row for each cohort and, last, one for units without a start.
    by_cohort = np.arange(periods)[None, :] - np.array([*panel.cohorts, -periods])[:, None]
    distance = by_cohort[fit.index]
    first = -1 - options.anticipation
    reach = MOST_LEADS if options.window is None else max(-options.window[0] + first + 1, 0)
    farthest = int(distance[fit.fitted].min(initial=0))
    count = min(reach, first - farthest)  # the earliest event time stays as the reference
    while count > 0:
        times = [first - k for k in range(count)]
        leads = np.stack([(by_cohort == e).astype(float) for e in times], axis=2)
        kind = np.where(fit.index < 0, len(panel.cohorts), fit.index)
        found = _beside_effects(panel, fit, leads, kind)
        contrasts = np.eye(count, len(found.slopes))
        if found.identifies(contrasts).all():
            break
        count -= 1
    if count <= 0:
        return Fitted(())
    values, covariance = found.slopes[:count], found.covariance[:count, :count]
    errors = root(np.diag(covariance))
    low, high, p_value = interval(values, errors, options.level, found.freedom)
    held: dict[str, Any] = {
        "inference": f"cluster CR1, t({found.freedom})",
        "control_group": "not_yet",
        "n_units": int(fit.fitted.any(axis=1).sum()),
        "n_observations": int(fit.fitted.sum()),
        "note": "Lead regression on untreated observations; reference: more than "
        f"{count + options.anticipation} periods before the start.",
    }
    rows = [
        Estimate(
            "imputation",
            "event",
            float(values[k]),
            event_time=times[k],
            std_error=float(errors[k]),
            ci_low=float(low[k]),
            ci_high=float(high[k]),
            p_value=float(p_value[k]),
            freedom=found.freedom,
            n_treated=int(((distance == times[k]) & fit.fitted).sum()),
            **held,
        )
        for k in reversed(range(count))
    ]
    if np.linalg.matrix_rank(covariance) < count or not np.isfinite(covariance).all():
        return from_matrix(rows, covariance[::-1, ::-1])
    wald = float(values @ np.linalg.solve(covariance, values)) / count
    joint = dict(held, inference=f"cluster CR1, F({count}, {found.freedom})")
    test = Estimate(
        "imputation",
        "pretrend_joint",
        wald,
        p_value=float(fdtrc(count, found.freedom, wald)),
        n_treated=int((fit.index >= 0).sum()),
        **joint,
    )
    return from_matrix([*rows, test], covariance[::-1, ::-1])


def _beside_effects(panel: Panel, fit: Untreated, leads: Array, kind: NDArray[np.int64]) -> WithinFit:
    """Regress untreated outcomes on leads (D, T, K), of which ``kind`` (N,) has each unit's row, and effects.

    With more periods than units the effects are taken out of the leads first (Frisch, Waugh and Lovell), and
    no period has a dummy.
    """
    weights, effects = weights_of(panel), fit.effects
    if isinstance(effects, ByPeriods):
        calendar = np.eye(panel.n_periods)[:, 1:]
        dummies = np.broadcast_to(calendar, (len(leads), *calendar.shape))
        regressors = np.concatenate([leads, dummies], axis=2)
        return fit_fast(Design(panel.outcome, regressors, kind, fit.fitted, weights, panel.cluster))
    left = np.stack([effects.left(column) * fit.fitted for column in np.moveaxis(leads[kind], 2, 0)])
    left[np.abs(left).max(axis=(1, 2)) < COLLINEAR] = 0.0
    design = Design(fit.residual, leads, kind, fit.fitted, weights, panel.cluster, counted=fit.rank)
    return fit_left(design, np.moveaxis(left, 0, 2))
