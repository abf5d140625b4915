"""Saturated regression of a balanced panel, from the fit of its untreated part alone.

A dummy for every treated cell leaves nothing of the cell to be fitted, so that unit and period effects come
from the other observations, as in imputation, and no matrix of dummies is needed. The score of a unit is that
of imputation with the regression's own residuals: a treated observation deviates from the mean of its cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..panel.arrays import distinct
from .averages import averages, cr1_factor, members
from .cell_weights import cells_of
from .imputation import cell_totals, cross_products, scored_errors
from .untreated import Untreated, fit_outside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..fitted import Covariance
    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel
    from .cell_weights import Average


@dataclass(frozen=True, eq=False)
class Averaged:
    """Averages of cell effects with their errors.

    Parameters
    ----------
    found, values, errors
        K averages, their (K,) values and (K,) CR1 errors.
    covariance
        As in `Fitted`.
    observed
        (C, T) observations in each cell.
    standing
        (C,) units of each cohort that stand in some cell from the start on.
    freedom
        Degrees of freedom of clustered tests.
    note
        Which cells are left out, in words.
    """

    found: list[Average]
    values: Array
    errors: Array
    covariance: Covariance
    observed: NDArray[np.int64]
    standing: NDArray[np.int64]
    freedom: int
    note: str = ""


def fit_rest(panel: Panel, cells: NDArray[np.int64], index: NDArray[np.int64]) -> Untreated | None:
    """Fit unit and period effects outside the cells; nothing where the dummies must be regressed on.

    Parameters
    ----------
    panel
        N units over T periods.
    cells
        (M, 2) cohort row and period of each dummy.
    index
        (N,) cohort row of each unit, -1 for none.

    Returns
    -------
    Untreated or None
        None with covariates, missing outcomes, weights that change, or where a cell is not identified.
    """
    if panel.covariate_names or not panel.observed.all() or panel.period_weights is not None:
        return None
    rest = np.ones((len(panel.cohorts) + 1, panel.n_periods), dtype=bool)  # last: units of no cohort
    rest[tuple(cells.T)] = False
    untreated = rest[index]
    if not untreated.any(axis=1).all() or not untreated.any(axis=0).all():
        return None
    fit = fit_outside(panel, untreated)
    return None if fit.lost.any() or fit.rank < panel.n_periods - 1 else fit


def by_rest(panel: Panel, options: Options, fit: Untreated) -> Averaged:
    """Averages of the cells from what `fit_rest` found."""
    sizes, standing = members(fit.target, fit.index, panel)
    found = averages(fit.size, sizes, panel, options)
    totals = cell_totals(fit, panel)
    mean = np.append(totals / np.where(fit.size > 0, fit.size, 1.0), np.zeros((1, panel.n_periods)), axis=0)
    deviation = np.where(fit.target, fit.effect - mean[fit.index], 0.0)
    clusters = distinct(panel.cluster)
    parameters = int((fit.observed > 0).sum()) + panel.n_periods  # the constant is counted, as fixest does
    factor = cr1_factor(clusters, panel.observed.size, parameters)

    def covariance(pick: NDArray[np.int64]) -> Array:
        return factor * cross_products(fit, panel, [found[k] for k in pick], deviation)

    return Averaged(
        found=found,
        values=cells_of(found).sums(totals.ravel()),
        errors=np.sqrt(factor) * scored_errors(fit, panel, found, deviation),
        covariance=covariance,
        observed=fit.observed,
        standing=standing,
        freedom=clusters - 1,
    )
