"""Counts and shares: the extended two-way regression with a Poisson or a logit mean.

Wooldridge (2023), "Simple approaches to nonlinear difference-in-differences with panel data", Econometrics
Journal 26(3). Trends are parallel in the logarithm, or in the log odds, and effects are differences of means
in the outcome's own unit. Covariates are not used.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..fitted import Fitted, from_scores
from ..panel.comparison import comparable
from ..panel.gate import listing
from .averages import averages, by_cluster, cell_sums, cohort_index, cr1_factor, members, report, tensor
from .extended_twfe import cells_of

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
        A negative outcome, covariates, or a cohort or period whose untreated outcomes are all zero.

    Notes
    -----
    Model: :math:`E[Y_{it} \mid g_i = g] = \exp(\beta_g + \gamma_t + \sum \tau_{gt} 1[\text{cell } g,t])`,
    by quasi-likelihood, so that only the mean need be right. Estimand and estimate:
    :math:`E[Y_t(g) - Y_t(\infty) \mid G = g] = E[Y_t \mid g] - \exp(\beta_g + \gamma_t)`. A cell with a
    coefficient of its own is fitted exactly, so that the other coefficients are those of `GLM` of
    statsmodels on untreated cells. Errors: sandwich summed within clusters with the factor
    :math:`\frac{G}{G-1} \frac{n-1}{n-K}` and the delta method; cells and their sizes are taken as given.
    Student with G - 1 degrees of freedom.
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
        An outcome outside 0 to 1, covariates, or a cohort or period whose untreated outcomes are all alike.

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
    mass = cell_sums(observed * panel.weights[:, None], member, cohorts + 1)
    total = cell_sums(np.where(observed, panel.outcome, 0.0) * panel.weights[:, None], member, cohorts + 1)
    mean = total / np.where(mass > 0, mass, 1.0)
    cells = cells_of(panel, options, cell_sums(observed.astype(np.int64), index, cohorts))
    own = np.zeros(mass.shape, dtype=bool)
    own[tuple(cells.T)] = True
    design = _design(mass.shape)
    fitted = (mass > 0) & ~own
    _check_spread(name, panel, total, mass, fitted)
    inverse, predicted, slope_at = _fit(name, design, mean, mass, fitted)
    basis = np.linalg.svd(design[fitted], full_matrices=False)
    space = basis[2][basis[1] > WITHIN * basis[1][0]]
    reach = np.abs(design - (design @ space.T) @ space).max(axis=2) < WITHIN
    keep = (own & reach)[:cohorts]
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
    effect = np.where(keep, mean[:cohorts] - predicted[:cohorts], 0.0)
    values = np.einsum("kct,ct->k", weights * size, effect)
    residual = np.where(observed, panel.outcome - np.where(own, mean, predicted)[member], 0.0)
    residual *= panel.weights[:, None]
    on_fit = np.einsum("nt,ntp->np", residual * fitted[member], design[member])
    moved = np.einsum("kct,ct,ctp->kp", weights, size * slope_at[:cohorts], design[:cohorts])
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
    rows = report(
        name, found, values, np.sqrt((scores**2).sum(axis=0)), panel, options,
        inference=f"cluster CR1, delta method, t({clusters - 1})", control_group=comparison.control,
        units=int(observed.any(axis=1).sum()), comparison_cells=int((observed & fitted[member]).sum()),
        observed=in_cells, standing=standing, note=note, freedom=float(clusters - 1),
    )  # fmt: skip
    return from_scores(rows, scores)


def _design(shape: tuple[int, ...]) -> Array:
    """(H, T, H + T - 1) group dummies, then period dummies but the first."""
    groups, periods = shape
    own = np.broadcast_to(np.eye(groups)[:, None, :], (groups, periods, groups))
    when = np.broadcast_to(np.eye(periods)[None, :, 1:], (groups, periods, periods - 1))
    return np.concatenate([own, when], axis=2)


def _fit(
    name: str, design: Array, mean: Array, mass: Array, fitted: NDArray[np.bool_]
) -> tuple[Array, Array, Array]:
    """Inverse information, and (H, T) predicted means and their derivatives, from untreated cells."""
    import statsmodels.api as sm

    family = sm.families.Poisson() if name == "extended_poisson" else sm.families.Binomial()
    rows, weight = design[fitted], mass[fitted] / mass[fitted].mean()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model: Any = sm.GLM(mean[fitted], rows, family=family, var_weights=weight)
        result = model.fit(tol=1e-12, tol_criterion="params", maxiter=200)
    index = design @ np.asarray(result.params)
    predicted = np.asarray(family.link.inverse(index))
    slope_at = np.asarray(family.link.inverse_deriv(index))
    if not result.converged or (slope_at[fitted] < LEAST * slope_at[fitted].max()).any():
        raise InputError(
            "no finite mean fits untreated outcomes: in some group and period they are all alike"
        )
    inverse = np.linalg.pinv((rows * (mass * slope_at)[fitted][:, None]).T @ rows, hermitian=True)
    return inverse, predicted, slope_at


def _check(name: str, panel: Panel) -> None:
    """Refuse outcomes that the mean cannot take, and covariates."""
    if panel.covariate_names:
        raise InputError(f"{name} has no covariates here", action="leave them out")
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
