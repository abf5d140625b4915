"""Counts and shares: the extended two-way regression with a Poisson or a logit mean.

Wooldridge (2023), "Simple approaches to nonlinear difference-in-differences with panel data", Econometrics
Journal 26(3). Trends are parallel in the logarithm, or in the log odds, and effects are differences of means
in the outcome's own unit.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..fitted import Fitted, from_scores
from ..panel.comparison import comparable
from ..panel.gate import listing
from .averages import averages, by_cluster, cell_sums, cohort_index, cr1_factor, members, report
from .cell_weights import tensor
from .extended_twfe import cells_of
from .mean_rows import Rows, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

LEAST = 1e-9  # variance of a fitted mean, relative to the largest, below which the mean is at its limit
WITHIN = 1e-8


def extended_poisson(panel: Panel, options: Options) -> Fitted:
    r"""Effects on counts and other outcomes that are never negative.

    Parameters
    ----------
    panel
        Outcomes of 0 or more; they need be no counts.
    options
        As for `extended_twfe.extended_twfe`.

    Returns
    -------
    Fitted
        All averages of `averages`, in the outcome's unit.

    Raises
    ------
    InputError
        A negative outcome, or a cohort or period whose untreated outcomes are all zero.

    Notes
    -----
    Model: :math:`E[Y_{it} \mid g_i = g] = \exp(\beta_g + \gamma_t + \sum \tau_{gt} 1[\text{cell } g,t])`,
    by quasi-likelihood, so that only the mean need be right. Estimand and estimate:
    :math:`E[Y_t(g) - Y_t(\infty) \mid G = g] = E[Y_t \mid g] - \exp(\beta_g + \gamma_t)`. A cell with a
    coefficient of its own is fitted exactly, so that the other coefficients are those of `GLM` of
    statsmodels on untreated cells. Errors: sandwich summed within clusters with the factor
    :math:`\frac{G}{G-1} \frac{n-1}{n-K}` and the delta method; cells and their sizes are taken as given.
    Student with G - 1 degrees of freedom.

    With a covariate x that is constant within units the untreated index is
    :math:`\beta_g + \gamma_t + x_i'(\kappa + \eta_g + \pi_t)`, and the effect of a cell is the mean over its
    units of :math:`Y_{it} - \exp(\text{index}_{it})`. That is the full regression in which treated cells have
    :math:`(x_i - \bar x_g)` times a slope of their own too, because the
    Poisson and the logit mean are canonical. One that changes over time has one slope, and must not
    respond to treatment. Errors then also count that units of a cell differ in x.
    """
    return _extended("extended_poisson", panel, options)


def extended_logit(panel: Panel, options: Options) -> Fitted:
    r"""Effects on probabilities and shares: outcomes from 0 to 1.

    Parameters
    ----------
    panel
        Outcomes of 0 and 1, or shares between.
    options
        As for `extended_twfe.extended_twfe`.

    Returns
    -------
    Fitted
        All averages of `averages`, as differences of probabilities.

    Raises
    ------
    InputError
        An outcome outside 0 to 1, or a cohort or period whose untreated outcomes are all alike.

    Notes
    -----
    As `extended_poisson` with :math:`\Lambda(x) = 1 / (1 + e^{-x})` in place of the exponential: trends are
    parallel in log odds.
    """
    return _extended("extended_logit", panel, options)


def _extended(name: str, panel: Panel, options: Options) -> Fitted:
    _check(name, panel)
    comparison = comparable(panel, options)
    panel = comparison.panel
    index, cohorts, observed = cohort_index(panel), len(panel.cohorts), panel.observed
    member = np.where(index < 0, cohorts, index)  # the last group is never treated
    rows = rows_of(panel, member, cohorts + 1)
    mass = rows.per_cell(rows.mass, cohorts + 1)
    total = rows.per_cell(rows.mass * rows.mean, cohorts + 1)
    cells = cells_of(panel, options, cell_sums(observed.astype(np.int64), index, cohorts))
    own = np.zeros(mass.shape, dtype=bool)
    own[tuple(cells.T)] = True
    _check_spread(name, panel, total, mass, (mass > 0) & ~own)
    fitted = (rows.mass > 0) & ~own.ravel()[rows.cell]
    inverse, predicted, slope_at = _fit(name, rows, fitted)
    basis = np.linalg.svd(rows.design[fitted], full_matrices=False)
    space = basis[2][basis[1] > WITHIN * basis[1][0]]
    apart = np.abs(rows.design - (rows.design @ space.T) @ space).max(axis=1) >= WITHIN
    beyond = rows.per_cell((apart & (rows.mass > 0)).astype(float), cohorts + 1) > 0
    keep = (own & ~beyond)[:cohorts]
    if not keep.any():
        raise InputError("no cell has untreated outcomes that say what it would have been")
    lost = [
        f"cohort {panel.label(panel.cohorts[c])} in {panel.label(t)}"
        for c, t in cells.tolist()
        if not keep[c, t]
    ]
    size = np.where(keep, mass[:cohorts], 0.0)
    stands = observed & (index >= 0)[:, None] & keep[index]
    sizes, standing = members(stands, index, panel)
    found = averages(size, sizes, panel, options)
    weights = tensor(found)  # (K, C, T)
    without = rows.per_cell(rows.mass * predicted, cohorts + 1)
    gain = np.where(own, total - without, 0.0) / np.where(mass > 0, mass, 1.0)
    values = np.einsum("kct,ct->k", weights * size, np.where(keep, gain[:cohorts], 0.0))
    residual = np.where(observed, panel.outcome - predicted[rows.row] - gain[member], 0.0)
    residual *= panel.weights[:, None]
    on_fit = np.einsum("nt,ntp->np", residual * fitted[rows.row], rows.design[rows.row])
    in_cell = np.zeros((len(found), cohorts + 1, panel.n_periods))
    in_cell[:, :cohorts] = weights * keep
    steep = rows.mass * slope_at
    moved = (in_cell.reshape(len(found), -1)[:, rows.cell] * steep) @ rows.design
    scores = np.stack(
        [(residual * keep[index] * (index >= 0)[:, None] * w[index]).sum(axis=1) for w in weights], axis=1
    )
    scores -= on_fit @ inverse @ moved.T
    clusters = panel.n_clusters
    factor = cr1_factor(clusters, int(observed.sum()), len(space) + len(cells))
    scores = by_cluster(scores, panel.cluster, clusters) * np.sqrt(factor)
    in_cells = cell_sums(stands.astype(np.int64), index, cohorts)
    note = comparison.note
    if lost:
        note = (
            f"{note} Cells that untreated outcomes say nothing about are left out: {listing(lost)}.".strip()
        )
    records = report(
        name, found, values, np.sqrt((scores**2).sum(axis=0)), panel, options,
        inference=f"cluster CR1, delta method, t({clusters - 1})", control_group=comparison.control,
        units=int(observed.any(axis=1).sum()), comparison_cells=int((observed & fitted[rows.row]).sum()),
        observed=in_cells, standing=standing, note=note, freedom=float(clusters - 1),
    )  # fmt: skip
    return from_scores(records, scores)


def _fit(name: str, rows: Rows, fitted: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Inverse information, and (R,) predicted means and their derivatives, from untreated rows."""
    from statsmodels.genmod.families import Binomial, Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    family = Poisson() if name == "extended_poisson" else Binomial()
    design, mass = rows.design[fitted], rows.mass[fitted]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model: Any = GLM(rows.mean[fitted], design, family=family, var_weights=mass / mass.mean())
        result = model.fit(tol=1e-12, tol_criterion="params", maxiter=200)
    index = rows.design @ np.asarray(result.params)
    predicted = np.asarray(family.link.inverse(index))
    slope_at = np.asarray(family.link.inverse_deriv(index))
    if not result.converged or (slope_at[fitted] < LEAST * slope_at[fitted].max()).any():
        raise InputError(
            "no finite mean fits untreated outcomes: for some group, period or value of a covariate they are "
            "all alike"
        )
    inverse = np.linalg.pinv((design * (mass * slope_at[fitted])[:, None]).T @ design, hermitian=True)
    return inverse, predicted, slope_at


def _check(name: str, panel: Panel) -> None:
    """Refuse outcomes that the mean cannot take."""
    top = np.inf if name == "extended_poisson" else 1.0
    wrong = np.argwhere(panel.observed & ~((panel.outcome >= 0) & (panel.outcome <= top)))
    if wrong.size:
        i, t = wrong[0].tolist()
        raise InputError(
            f"{name} takes outcomes of {'0 or more' if top == np.inf else '0 to 1'}; {len(wrong)} are not: "
            f"{panel.units[i]} in {panel.times[t]}",
            value=float(panel.outcome[i, t]),
            action="correct them, or take a linear estimator such as group_time",
        )


def _check_spread(name: str, panel: Panel, total: Array, mass: Array, fitted: NDArray[np.bool_]) -> None:
    """Refuse groups and periods whose untreated outcomes are all zero, or all one."""
    labels = [str(panel.label(g)) for g in panel.cohorts] + ["never"]
    for axis, names, what in ((1, labels, "cohort"), (0, [str(t) for t in panel.times], "period")):
        sums, most = (np.where(fitted, part, 0).sum(axis=axis) for part in (total, mass))
        empty = (most > 0) & ((sums <= 0) | ((name == "extended_logit") & (sums >= most * (1 - 1e-12))))
        if empty.any():
            named = [names[k] for k in np.flatnonzero(empty).tolist()]
            raise InputError(
                f"all untreated outcomes of {what} {listing(named)} are "
                f"{'zero' if name == 'extended_poisson' else 'alike'}: no finite mean fits them",
                action=f"leave this {what} out",
            )
