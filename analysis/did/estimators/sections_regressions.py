"""Imputation and the two-way regression on repeated cross-sections, with effects of areas, not of units.

Borusyak, Jaravel and Spiess (2024) with groups of rows in place of units; on two-way regressions see `twfe`.
Leaves out the pre-trend regression, which `group_time` has in another form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from ..errors import InputError
from ..fitted import Fitted, from_matrix, from_scores
from ..panel.comparison import comparable
from ..panel.gate import counted
from ..panel.sections import Sections
from ..results import Estimate
from .averages import averages, by_cluster, cr1_factor, interval, report, root
from .cell_weights import tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

MOST_EFFECTS = 4_000  # areas and periods whose cross products are inverted in seconds
RANK = 1e-9


@dataclass(frozen=True)
class Fit:
    """Weighted least squares on some rows.

    Parameters
    ----------
    design
        (N, P) areas, periods but the first, covariates.
    inverse
        (P, P) generalised inverse of the weighted cross products.
    residual
        (N,) outcomes less predictions, of all rows.
    spanned
        (N,) whether the rows of the fit identify a row's prediction.
    rank
        Parameters, areas among them.
    """

    design: sparse.csr_array
    inverse: Array
    residual: Array
    spanned: NDArray[np.bool_]
    rank: int


def fit_areas(data: Sections, used: NDArray[np.bool_]) -> Fit:
    """Regress outcomes on area and period effects and covariates over the rows ``used``."""
    number, areas = data.n_units, data.n_areas
    if areas + data.n_periods > MOST_EFFECTS:
        raise InputError(
            f"{areas} area effects are too many for this regression",
            expected=f"at most {MOST_EFFECTS - data.n_periods}",
            action="name as unit a coarser column of areas, in which treatment starts together",
        )
    rows = np.arange(number)
    ones = np.ones(number)
    later = data.period > 0
    columns = [
        sparse.csr_array((ones, (rows, data.area)), shape=(number, areas)),
        sparse.csr_array(
            (ones[later], (rows[later], data.period[later] - 1)), shape=(number, data.n_periods - 1)
        ),
        *([sparse.csr_array(data.regressors)] if data.covariate_names else []),
    ]
    design = sparse.csr_array(sparse.hstack(columns, format="csr"))
    mass = np.where(used, data.weights, 0.0)
    product = (design.T @ (design * mass[:, None])).toarray()
    scale = np.sqrt(np.maximum(np.diag(product), 1e-300))
    scale[np.diag(product) == 0] = 1.0
    values, vectors = np.linalg.eigh(product / np.outer(scale, scale))
    kept = values > RANK * values.max()
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(scale, scale)
    slopes = inverse @ (design.T @ (mass * data.response))
    # A row is identified where the projection onto the fitted rows gives it back.
    back = inverse @ product
    apart = np.abs(design @ back - design.toarray()).max(axis=1)
    return Fit(design, inverse, data.response - design @ slopes, apart < 1e-6, int(kept.sum()))


def imputation(panel: Panel, options: Options) -> Fitted:
    r"""Effects by imputation where every row is another person.

    Parameters
    ----------
    panel
        `Sections`.
    options
        ``anticipation``, ``window``, ``balance``, ``level``.

    Returns
    -------
    Fitted
        All averages of `averages.averages`, from the start on.

    Raises
    ------
    InputError
        Nothing is identified, or there are too many areas.

    Notes
    -----
    :math:`Y_i(0) = a_{area(i)} + b_{t(i)} + x_i'd` is fitted to untreated rows;
    :math:`\hat\tau_i` is what is left of a treated one. Averages are over treated rows, each with its weight;
    ``att_simple`` weights cells by the weight of all the cohort's rows. Errors as on a panel (their
    Theorem 3), with treated deviations from the mean of cohort and period: with one row for each area and
    period everything equals `imputation.imputation`.
    """
    assert isinstance(panel, Sections)
    comparison = comparable(panel, options)
    data = comparison.panel
    assert isinstance(data, Sections)
    free = data.period < data.starts - options.anticipation
    fit = fit_areas(data, free)
    cohorts = np.array(data.cohorts)
    treated = (data.cohort < data.n_periods) & (data.period >= data.cohort)
    target = treated & fit.spanned
    row = np.where(treated, np.searchsorted(cohorts, np.minimum(data.cohort, data.n_periods)), 0)
    row = np.minimum(row, len(cohorts) - 1)
    shape = (len(cohorts), data.n_periods)
    cell = row * data.n_periods + data.period

    def per_cell(values: Array) -> Array:
        found = np.bincount(cell[target], values[target], shape[0] * shape[1])
        return np.asarray(found, dtype=np.float64).reshape(shape)

    size, count = per_cell(data.weights), per_cell(np.ones(data.n_units)).astype(np.int64)
    whole = np.array([data.weights[data.cohort == g].sum() for g in cohorts.tolist()])
    found = averages(size, whole, data, options)
    deviation = _deviations(data, fit.residual, target, cell, shape[0] * shape[1])
    weight = tensor(found).reshape(len(found), -1)[:, cell].T
    weight *= (target * data.weights)[:, None]
    values = weight.T @ np.where(target, fit.residual, 0)
    # Weights on untreated outcomes: what the fit makes of the predictions of treated rows.
    carried = fit.design @ (fit.inverse @ (fit.design.T @ weight))
    scores = -np.where(free, data.weights * fit.residual, 0)[:, None] * carried + weight * deviation[:, None]
    clustered = by_cluster(scores, data.cluster, data.n_clusters)
    note = comparison.note
    if lost := int((treated & ~fit.spanned).sum()):
        words = counted(lost, "treated row is", "treated rows are")
        note = f"{note} {words} left out, because no untreated row identifies the untreated outcome.".strip()
    rows = report(
        "imputation", found, values, root((clustered**2).sum(axis=0)), data, options,
        inference="cluster, conservative, normal", control_group="not_yet", units=int((free | target).sum()),
        comparison_cells=int(free.sum()), observed=count, standing=count.sum(axis=1), note=note,
    )  # fmt: skip
    return from_scores(rows, clustered)


def _deviations(
    data: Sections, effect: Array, target: NDArray[np.bool_], cell: NDArray[np.int64], cells: int
) -> Array:
    """(N,) effects less the mean of their cell, weighted by squared cluster weights; zero elsewhere."""
    rows = np.flatnonzero(target)
    pair = cell[rows] * data.n_clusters + data.cluster[rows]
    pairs, place = np.unique(pair, return_inverse=True)
    mass = np.bincount(place, data.weights[rows])
    total = np.bincount(place, data.weights[rows] * effect[rows])
    of_cell = pairs // data.n_clusters
    scale = np.bincount(of_cell, mass**2, minlength=cells)
    mean = np.bincount(of_cell, mass * total, minlength=cells) / np.where(scale > 0, scale, 1)
    found = np.zeros(len(effect))
    found[rows] = effect[rows] - mean[cell[rows]]
    return found


def twfe(panel: Panel, options: Options) -> Fitted:
    r"""Static coefficient of :math:`Y_i = a_{area(i)} + b_{t(i)} + \tau D_i + x_i'd + e_i`.

    Parameters
    ----------
    panel
        `Sections`.
    options
        ``anticipation`` (those rows are left out), ``level``, ``count_effects``.

    Returns
    -------
    Fitted
        One ``att``.

    Raises
    ------
    InputError
        Treatment is collinear with area and period effects, or there are too many areas.

    Notes
    -----
    Weighted least squares; errors clustered with the factor :math:`\frac{G}{G-1}\frac{n-1}{n-K}`, K
    without the area effects where they are nested in clusters, unless ``count_effects``; Student with G - 1
    degrees of freedom. With one row for each area and period this is `twfe.twfe`; a covariate has one slope.
    """
    assert isinstance(panel, Sections)
    treated = (panel.cohort < panel.n_periods) & (panel.period >= panel.cohort)
    used = treated | (panel.period < panel.starts - options.anticipation)
    data = panel if used.all() else panel.of_units(used)
    on = treated[used].astype(float)
    fit = fit_areas(data, np.ones(data.n_units, dtype=bool))
    left = on - fit.design @ (fit.inverse @ (fit.design.T @ (data.weights * on)))
    mass = float(data.weights @ left**2)
    if mass <= RANK * float(data.weights.sum()):
        raise InputError("treatment is collinear with area and period effects")
    value = float((data.weights * left) @ fit.residual) / mass
    scores = data.weights * left * (fit.residual - value * left) / mass
    areas = data.n_areas
    nested = len(np.unique(data.area * data.n_clusters + data.cluster)) == areas
    parameters = fit.rank + 1 - (areas if nested and not options.count_effects else 0)
    factor = cr1_factor(data.n_clusters, data.n_units, parameters)
    variance = factor * float((by_cluster(scores[:, None], data.cluster, data.n_clusters) ** 2).sum())
    freedom = data.n_clusters - 1
    error = root(np.array(variance))
    low, high, p_value = interval(np.array(value), error, options.level, freedom)
    notes = list(data.notes)
    if dropped := int((~used).sum()):
        notes.append(f"{counted(dropped, 'anticipation row is', 'anticipation rows are')} left out.")
    record = Estimate(
        "twfe", "att", value, std_error=float(error), ci_low=float(low), ci_high=float(high),
        p_value=float(p_value), inference=f"cluster CR1, t({freedom})", control_group="all",
        n_units=data.n_units, n_treated=int(on.sum()), n_observations=data.n_units, freedom=freedom,
        note=" ".join(notes),
    )  # fmt: skip
    return from_matrix([record], np.array([[variance]]))
