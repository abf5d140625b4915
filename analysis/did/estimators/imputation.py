"""Imputation: predict each treated observation's untreated outcome, average the differences.

Borusyak, Jaravel and Spiess (2024), "Revisiting event-study designs: robust and efficient
estimation", Review of Economic Studies 91(6). Leaves out: their leave-one-out errors, and
treatment that switches off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..fitted import Fitted, side_by_side
from ..panel.comparison import comparable
from ..panel.gate import counted, listing
from .averages import averages, by_cluster, members, report, root
from .cell_weights import Average, by_cell, cells_of, tensor
from .cohort_products import by_products, cohort_products, quadratic
from .leads import pretrend
from .untreated import Untreated, fit_untreated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel


def imputation(panel: Panel, options: Options) -> Fitted:
    r"""Average effects on the treated by imputation, with conservative errors and a pre-trend test.

    Parameters
    ----------
    panel
        N units over T periods; missing outcomes are left out of the fit and of the averages, and a
        treated observation counts only where the fit identifies its untreated outcome.
    options
        Uses ``anticipation``, ``window``, ``balance`` and ``level``. ``control`` does not matter:
        every untreated observation is used.

    Returns
    -------
    Fitted
        All averages of `analysis.did.estimators.averages`, the leads of the pre-trend regression (``event``
        before the start) and their joint test (``pretrend_joint``).

    Raises
    ------
    InputError
        Nothing is identified.

    Notes
    -----
    Estimand: the mean of Y_it - Y_it(0) over chosen treated observations, for the units at hand.
    The untreated model :math:`Y_{it}(0) = a_i + b_t + x_{it}'d` is fitted to untreated observations;
    :math:`\hat\tau_{it}` is what is left of a treated one, and
    :math:`\hat\tau_w = \sum w_{it} \hat\tau_{it} = \sum v_{it} Y_{it}` over all observations.

    Errors (their Theorem 3, equations 7 and 8):
    :math:`\hat\sigma^2 = \sum_c (\sum_{it \in c} v_{it} \tilde e_{it})^2`, where
    :math:`\tilde e` is the residual of untreated and :math:`\hat\tau_{it} - \tilde\tau_{g,t}` of
    treated observations, with :math:`\tilde\tau_{g,t}` the cell's mean weighted by squared cluster
    weights. Differences of effects *within* a cell count as noise, differences *between* cells do
    not: the cells and their shares are those of the panel at hand. The two-stage errors count both
    and are larger. Intervals are normal, without a small-sample factor, as in the paper's software.
    A cell with a single cluster has no deviation, so its own noise is missing from the error.
    """
    comparison = comparable(panel, options)
    panel = comparison.panel
    fit = fit_untreated(panel, options)
    sizes, standing = members(fit.target, fit.index, panel)
    found = averages(fit.size, sizes, panel, options)
    totals = cell_totals(fit, panel)
    values = cells_of(found).sums(totals.ravel())
    deviation = cell_deviations(fit, panel)
    errors = scored_errors(fit, panel, found, deviation)
    note = f"{comparison.note} {remarks(fit, panel)}".strip()
    single = (fit.observed > 0) & (clusters_by_cell(fit, panel) == 1)
    if single.any():
        note += " Cells with one cluster add nothing to the error, which is then too small."
    rows = report(
        "imputation",
        found,
        values,
        errors,
        panel,
        options,
        inference="cluster, conservative, normal",
        control_group="not_yet",
        units=int((fit.fitted | fit.target).any(axis=1).sum()),
        comparison_cells=int(fit.fitted.sum()),
        observed=fit.observed,
        standing=standing,
        note=note.strip(),
    )
    effects = Fitted(
        tuple(rows), lambda pick: cross_products(fit, panel, [found[k] for k in pick], deviation)
    )
    return side_by_side(effects, pretrend(panel, options, fit), "effects and leads come from two regressions")


def cell_totals(fit: Untreated, panel: Panel) -> Array:
    """(C, T) weighted sum of the effects in each cell."""
    weighted = fit.effect * panel.mass
    return np.stack([weighted[fit.index == c].sum(axis=0) for c in range(len(panel.cohorts))])


def cell_deviations(fit: Untreated, panel: Panel) -> Array:
    """(N, T) effects less the mean of their cohort and period, weighted by squared cluster weights."""
    deviation = np.zeros_like(fit.effect)
    clustered = panel.n_clusters < panel.n_units
    for c in range(len(panel.cohorts)):
        own = np.flatnonzero(fit.index == c)
        mass = fit.target[own] * panel.mass[own]
        total = mass * fit.effect[own]
        if clustered:
            mass, total = (by_cluster(part, panel.cluster[own], panel.n_clusters) for part in (mass, total))
        scale = (mass**2).sum(axis=0)
        mean = (mass * total).sum(axis=0) / np.where(scale > 0, scale, 1)
        deviation[own] = np.where(fit.target[own], fit.effect[own] - mean, 0)
    return deviation


def scored_errors(fit: Untreated, panel: Panel, found: list[Average], deviation: Array) -> Array:
    """(K,) root of the summed squares of cluster scores, given treated deviations (N, T)."""
    short, cohorts = by_products(panel), len(panel.cohorts)
    if short:
        own = deviation * panel.mass
        products = cohort_products([fit.spread, own], fit.index, cohorts)
    errors = []
    for first in range(0, len(found), 64):  # bounds memory on panels with many units and cells
        some = found[first : first + 64]
        if short:
            weights = tensor(some)
            shared = np.broadcast_to(fit.carries(weights), (cohorts + 1, fit.spread.shape[1], len(some)))
            held = np.concatenate([weights, np.zeros_like(weights[:, :1])], axis=1).transpose(1, 2, 0)
            squares = quadratic(products, np.concatenate([shared, held], axis=1))
        else:
            squares = (cluster_scores(fit, panel, some, deviation) ** 2).sum(axis=0)
        errors.append(root(squares))
    return np.concatenate(errors)


def cross_products(fit: Untreated, panel: Panel, found: list[Average], deviation: Array) -> Array:
    """(K, K) covariance of averages: cross products of their cluster scores."""
    scores = cluster_scores(fit, panel, found, deviation)
    return scores.T @ scores


def cluster_scores(fit: Untreated, panel: Panel, found: list[Average], deviation: Array) -> Array:
    """(G, K) scores of clusters for each average."""
    if fit.wide:
        parts = fit.of_cells + by_cell(deviation * panel.mass, fit.index, len(panel.cohorts))
        return by_cluster(cells_of(found).sums(parts), panel.cluster, panel.n_clusters)
    weights = tensor(found)
    scores = fit.carried(weights)
    for c in range(len(panel.cohorts)):
        own = fit.index == c
        scores[own] += (deviation[own] * panel.mass[own]) @ weights[:, c].T
    return by_cluster(scores, panel.cluster, panel.n_clusters)


def clusters_by_cell(fit: Untreated, panel: Panel) -> NDArray[np.int64]:
    """(C, T) number of clusters with a target observation in each cell."""
    if panel.n_clusters == panel.n_units:
        return fit.observed
    counts = []
    for c in range(len(panel.cohorts)):
        own = (fit.target & (fit.index == c)[:, None]).astype(float)
        counts.append((by_cluster(own, panel.cluster, panel.n_clusters) > 0).sum(axis=0))
    return np.stack(counts)


def remarks(fit: Untreated, panel: Panel) -> str:
    """Say which treated observations have no identified untreated outcome."""
    if not fit.lost.any():
        return ""
    units = [panel.units[k] for k in np.flatnonzero(fit.lost.any(axis=1))]
    periods = [panel.times[k] for k in np.flatnonzero(fit.lost.any(axis=0))]
    return (
        f"{counted(int(fit.lost.sum()), 'treated observation is', 'treated observations are')} left out, "
        "because no untreated observation of the same unit or period identifies the untreated outcome: "
        f"units {listing(units)}; periods {listing(periods)}."
    )
