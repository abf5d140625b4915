"""Two-stage difference-in-differences: remove unit and period effects, then average what is left.

Gardner (2022), "Two-stage differences in differences", arXiv:2207.05943. The first stage is the
untreated fit of imputation, so the estimates are identical; the errors are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..fitted import Fitted
from ..panel.comparison import comparable
from .averages import averages, by_cluster, members, report, root
from .cell_weights import Average, by_cell, cells_of, tensor
from .cohort_products import by_products, cohort_products, quadratic
from .imputation import cell_totals, remarks
from .untreated import Untreated, fit_untreated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel


def two_stage(panel: Panel, options: Options) -> Fitted:
    r"""Average effects on the treated by two stages, with generalised-method-of-moments errors.

    Parameters
    ----------
    panel, options
        As in `analysis.did.estimators.imputation.imputation`.

    Returns
    -------
    Fitted
        All averages of `analysis.did.estimators.averages`. Second-stage coefficients before the start are not
        reported: they are averages of first-stage residuals, shrunk towards zero by the fit that
        used them, and must not be read as pre-trends. `imputation` gives the test.

    Raises
    ------
    InputError
        Nothing is identified.

    Notes
    -----
    Estimand: as imputation, but for the population the units were drawn from.

    Both stages are one system of moments. The score of cluster c for one average is
    :math:`\psi_c = \sum_{it \in c} w_{it} (\hat\tau_{it} - \hat\tau_w) + \sum_{it \in c} v_{it}
    \hat e_{it}`: effects deviate from the *overall* average (each reported average is its own
    second stage), where imputation deviates from the cell mean. Effects that differ between cohorts
    and periods therefore count as sampling noise, and the error is larger. Variance: sum of squared
    scores, without a small-sample factor, as in did2s; intervals are normal.
    """
    comparison = comparable(panel, options)
    panel = comparison.panel
    fit = fit_untreated(panel, options)
    sizes, standing = members(fit.target, fit.index, panel)
    found = averages(fit.size, sizes, panel, options)
    totals = cell_totals(fit, panel)
    values = cells_of(found).sums(totals.ravel())
    rows = report(
        "two_stage",
        found,
        values,
        stage_errors(fit, panel, found, values),
        panel,
        options,
        inference="cluster, two-stage moments, normal",
        control_group="not_yet",
        units=int((fit.fitted | fit.target).any(axis=1).sum()),
        comparison_cells=int(fit.fitted.sum()),
        observed=fit.observed,
        standing=standing,
        note=f"{comparison.note} {remarks(fit, panel)}".strip(),
    )

    def covariance(pick: NDArray[np.int64]) -> Array:
        scores = stage_scores(fit, panel, [found[k] for k in pick], values[pick])
        return scores.T @ scores

    return Fitted(tuple(rows), covariance)


def stage_errors(fit: Untreated, panel: Panel, found: list[Average], values: Array) -> Array:
    """(K,) standard errors that treat both stages as one system of moments."""
    short, cohorts = by_products(panel), len(panel.cohorts)
    if short:
        mass = fit.target * panel.mass
        mean = cell_totals(fit, panel) / np.where(fit.size > 0, fit.size, 1.0)  # (C, T)
        # Deviations from cell means, so that squares of the effects' level are never subtracted.
        deviation = mass * (fit.effect - mean[fit.index])
        products = cohort_products([fit.spread, deviation, mass], fit.index, cohorts)
    errors = []
    for first in range(0, len(found), 64):  # bounds memory on panels with many units and cells
        some = slice(first, first + 64)
        if short:
            weights = tensor(found[some])
            shared = np.broadcast_to(fit.carries(weights), (cohorts + 1, fit.spread.shape[1], len(weights)))
            parts = [weights, weights * (mean - values[some, None, None])]
            held = [np.append(part, np.zeros_like(part[:, :1]), axis=1).transpose(1, 2, 0) for part in parts]
            squares = quadratic(products, np.concatenate([shared, *held], axis=1))
        else:
            squares = (stage_scores(fit, panel, found[some], values[some]) ** 2).sum(axis=0)
        errors.append(root(squares))
    return np.concatenate(errors)


def stage_scores(fit: Untreated, panel: Panel, found: list[Average], values: Array) -> Array:
    """(G, K) scores of clusters for each average."""
    mass = fit.target * panel.mass
    if fit.wide:
        listed = cells_of(found)
        effects, held = (by_cell(part, fit.index, len(panel.cohorts)) for part in (mass * fit.effect, mass))
        scores = listed.sums(fit.of_cells + effects) - listed.sums(held) * values
        return by_cluster(scores, panel.cluster, panel.n_clusters)
    weights = tensor(found)
    scores = fit.carried(weights)
    for c in range(len(panel.cohorts)):
        own = fit.index == c
        held = mass[own] @ weights[:, c].T
        scores[own] += (mass[own] * fit.effect[own]) @ weights[:, c].T
        scores[own] -= held * values
    return by_cluster(scores, panel.cluster, panel.n_clusters)
