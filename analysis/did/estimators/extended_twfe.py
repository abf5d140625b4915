"""Extended two-way fixed effects: one regression with a dummy for every treated cell.

Wooldridge (2021), "Two-way fixed effects, the two-way Mundlak regression, and
difference-in-differences estimators", SSRN 3906345, since published in Empirical Economics 69(5),
2025. Nonlinear means: `nonlinear`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted
from ..numerics.design import Design, weights_of
from ..numerics.least_squares import check_size, fit_fast
from ..panel.comparison import comparable
from ..panel.gate import listing
from .averages import averages, cell_sums, cohort_index, members, report, root
from .cell_weights import tensor
from .saturated import Averaged, by_rest, fit_rest
from .untreated import constant_within_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel


def extended_twfe(panel: Panel, options: Options) -> Fitted:
    r"""Cell effects from the saturated regression, and their averages.

    Parameters
    ----------
    panel
        N units over T periods; missing outcomes are left out of the regression.
    options
        ``control`` ``not_yet``: cells from the start on; untreated cells of every unit are the
        comparison. ``never``: cells of every period but the last before the start, so that only
        never-treated units (or the last cohort before its own start) are the comparison; cells
        before the start are placebos. Uses ``anticipation``, ``window``, ``balance``, ``level``.

    Returns
    -------
    Fitted
        All averages of `analysis.did.estimators.averages`.

    Raises
    ------
    InputError
        No cell is identified.

    Notes
    -----
    Estimand: as imputation. Model
    :math:`Y_{it} = a_i + b_t + x_i'd_t + \sum_{g,t} 1[g_i = g]\, 1_t (\tau_{gt} +
    (x_i - \bar x_g)'r_{gt}) + e_{it}`, where :math:`\bar x_g` is the mean of x in cohort g, so that
    :math:`\tau_{gt}` is the cohort's mean effect; where weights change, :math:`\bar x_{gt}` of the cell. A
    covariate that changes over time enters with a common slope.

    On a balanced panel the estimates equal imputation and two-stage, and without covariates they are
    computed so (`saturated`). With missing outcomes they do not: here a unit's effect is estimated from its
    treated periods too.

    Errors: clustered as in `fit_fast` (CR1, unit effects not counted), Student with G - 1
    degrees of freedom. Cells, their shares and covariate means are taken as given; the R package
    etwfe counts its cohort effects as parameters and prints errors larger by up to 0.5 %.
    """
    comparison = comparable(panel, options)
    panel = comparison.panel
    index = cohort_index(panel)
    # A unit that is observed once is all in its own effect and says nothing about any cell.
    observed = panel.observed & (panel.observed.sum(axis=1, keepdims=True) > 1)
    cells = cells_of(panel, options, cell_sums(observed.astype(np.int64), index, len(panel.cohorts)))
    rest = fit_rest(panel, cells, index)
    part = by_rest(panel, options, rest) if rest else _by_regression(panel, options, cells, observed, index)
    post = cells[cells[:, 1] >= np.array(panel.cohorts)[cells[:, 0]] - options.anticipation]
    treated = int(part.observed[tuple(post.T)].sum())
    rows = report(
        "extended_twfe",
        part.found,
        part.values,
        part.errors,
        panel,
        options,
        inference=f"cluster CR1, t({part.freedom})",
        control_group=comparison.control,
        units=int(observed.any(axis=1).sum()),
        comparison_cells=int(observed.sum()) - treated,
        observed=part.observed,
        standing=part.standing,
        note=f"{comparison.note}{part.note}".strip(),
        freedom=part.freedom,
    )
    return Fitted(tuple(rows), part.covariance)


def _by_regression(
    panel: Panel,
    options: Options,
    cells: NDArray[np.int64],
    observed: NDArray[np.bool_],
    index: NDArray[np.int64],
) -> Averaged:
    """Averages of the cells from the regression on all dummies."""
    kinds = np.append(np.arange(len(panel.cohorts)), -1)  # without covariates units differ by cohort only
    design = index % len(kinds)
    if panel.covariate_names:
        kinds, design = index, np.arange(panel.n_units)
        columns = (len(cells) + panel.n_periods) * (1 + len(panel.covariate_names))
        check_size(panel.n_units, panel.n_periods, columns)
    regressors = _design(panel, kinds, cells)
    # The constant is counted, as fixest does.
    fit = fit_fast(
        Design(panel.outcome, regressors, design, observed, weights_of(panel), panel.cluster, counted=1)
    )
    known = fit.identifies(np.eye(len(cells), regressors.shape[2]))
    if not known.any():
        raise InputError("no treated cell is identified in the saturated regression")
    lost = [f"cohort {panel.label(panel.cohorts[c])} in {panel.label(t)}" for c, t in cells[~known].tolist()]
    keep = np.zeros((len(panel.cohorts), panel.n_periods), dtype=bool)
    keep[tuple(cells[known].T)] = True
    size = np.where(keep, cell_sums(observed * panel.mass, index, len(panel.cohorts)), 0.0)
    sizes, standing = members(observed & (index >= 0)[:, None] & keep[index], index, panel)
    found = averages(size, sizes, panel, options)
    contrasts = np.zeros((len(found), regressors.shape[2]))
    contrasts[:, : len(cells)] = (tensor(found) * size)[:, cells[:, 0], cells[:, 1]]
    covariance = contrasts @ fit.covariance @ contrasts.T
    return Averaged(
        found=found,
        values=contrasts @ fit.slopes,
        errors=root(np.diag(covariance)),
        covariance=lambda pick: covariance[np.ix_(pick, pick)],
        observed=cell_sums(observed.astype(np.int64), index, len(panel.cohorts)),
        standing=standing,
        freedom=fit.freedom,
        note=f" Cells that the regression does not identify are left out: {listing(lost)}." if lost else "",
    )


def cells_of(panel: Panel, options: Options, count: NDArray[np.int64]) -> NDArray[np.int64]:
    """(M, 2) cohort row and period of each dummy."""
    periods, starts = np.arange(panel.n_periods), np.array(panel.cohorts)
    wanted = periods >= starts[:, None] - options.anticipation
    if options.control == "never":
        wanted = periods != panel.last_observed(starts - 1 - options.anticipation)[:, None]
    return np.argwhere(wanted & (count > 0))


def _design(panel: Panel, index: NDArray[np.int64], cells: NDArray[np.int64]) -> Array:
    """(len(index), T, M + ...) cell dummies first, then period dummies, then what covariates add."""
    number, periods = len(index), panel.n_periods
    dummies = np.zeros((number, periods, len(cells)))
    for m, (c, t) in enumerate(cells.tolist()):
        dummies[index == c, t, m] = 1.0
    calendar = np.broadcast_to(np.eye(periods)[:, 1:], (number, periods, periods - 1))
    parts = [dummies, calendar]
    for k in range(len(panel.covariate_names)):
        x = np.where(panel.observed, panel.covariates[:, :, k], np.nan)
        if not constant_within_units(panel, k):
            parts.append(np.nan_to_num(x - np.nanmean(x))[:, :, None])
            continue
        own = np.nanmax(np.where(np.isnan(x), -np.inf, x), axis=1)
        own = np.where(np.isfinite(own), own, 0.0)  # units without outcomes are not used
        mean = np.empty(len(cells))
        for m, (c, t) in enumerate(cells.tolist()):
            chosen = index == c
            mass = panel.weights
            if panel.period_weights is not None:  # the cell's own, as the cell's effect is averaged
                mass = np.where(panel.observed[:, t], panel.mass[:, t], 0.0)
            mean[m] = np.average(own[chosen], weights=mass[chosen])
        parts += [dummies * (own[:, None, None] - mean), calendar * (own - own.mean())[:, None, None]]
    return np.concatenate(parts, axis=2)
