"""Covariates of treatment paths: what changes of covariates go with, among units still at their status quo.

de Chaisemartin and D'Haultfoeuille (2026), section on covariates of their web appendix: trends are parallel
once linear effects of changing covariates are taken out, which are learnt where treatment has not changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..panel.gate import listing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..panel.panel import Panel

RANK = 1e-10  # of cross products of scaled changes, below which covariates are collinear


@dataclass(frozen=True)
class Slopes:
    """Slopes of K covariates by status quo.

    Parameters
    ----------
    effect
        (N, T) what covariates add to a unit's outcome, by the slopes of its status quo.
    scores
        (N, K) what each unit contributes to the error of the slopes of its status quo.
    note
        Which covariates say nothing.
    """

    effect: Array
    scores: Array
    note: str


def slopes_of(panel: Panel, quo: Array) -> Slopes:
    r"""Regress changes of the outcome on changes of covariates before units switch.

    Parameters
    ----------
    panel
        N units over T periods with K covariates.
    quo
        (N,) status quo.

    Raises
    ------
    InputError
        Covariates are collinear among units at a status quo, or change only after units switch.

    Notes
    -----
    For each status quo d, by least squares with period effects and unit weights over :math:`t < F_g`, whoever
    the controls are,

    .. math:: Y_{g,t} - Y_{g,t-1} = \lambda_{d,t} + (X_{g,t} - X_{g,t-1})'\theta_d + e_{g,t}.
    """
    number, periods, count = panel.covariates.shape
    x = np.where(panel.observed[:, :, None], panel.covariates, np.nan)
    change, moves = np.diff(panel.outcome, axis=1), np.diff(x, axis=1)
    before = np.arange(1, periods) < panel.cohort[:, None]
    used = before & ~np.isnan(change)
    scores, effect = np.zeros((number, count)), np.zeros((number, periods))
    still = np.array([not np.nan_to_num(moves[:, :, k]).any() for k in range(count)], dtype=bool)
    moving = np.flatnonzero(~still)
    for d in np.unique(quo[(panel.cohort > 0) & (panel.cohort < periods)]).tolist():
        rows = np.flatnonzero(quo == d)
        theta, psi = _fit(
            panel, change[rows], moves[rows][:, :, moving], used[rows], panel.weights[rows], moving
        )
        scores[np.ix_(rows, moving)] = psi
        effect[rows] = np.nan_to_num(x[rows][:, :, moving]) @ theta
    names = [panel.covariate_names[k] for k in np.flatnonzero(still).tolist()]
    note = f"Covariates that never change within a unit adjust nothing: {listing(names)}." if names else ""
    return Slopes(effect, scores, note)


def _fit(
    panel: Panel,
    change: Array,
    moves: Array,
    used: NDArray[np.bool_],
    weights: Array,
    moving: NDArray[np.int64],
) -> tuple[Array, Array]:
    """(K,) slopes and (n, K) scores of the units of one status quo."""
    mass = np.where(used, weights[:, None], 0.0)
    total = np.maximum(mass.sum(axis=0), np.finfo(float).tiny)
    y, x = np.where(used, change, 0.0), np.where(used[:, :, None], moves, 0.0)
    y = np.where(used, y - (mass * y).sum(axis=0) / total, 0.0)
    x = np.where(used[:, :, None], x - np.einsum("nt,ntk->tk", mass, x) / total[:, None], 0.0)
    product = np.einsum("nt,ntk,ntl->kl", mass, x, x)
    scale = np.sqrt(np.diag(product))
    if (scale == 0).any() or (
        len(scale) and np.linalg.eigvalsh(product / np.outer(scale, scale)).min() < RANK * len(scale)
    ):
        names = [panel.covariate_names[k] for k in moving.tolist()]
        raise InputError(
            f"changes of {listing(names)} cannot be told apart among units of a status quo that have not "
            "switched yet",
            expected="covariates that change in several units before treatment does",
            action="leave covariates out, or join rare levels of treatment",
        )
    inverse = np.linalg.inv(product / np.outer(scale, scale)) / np.outer(scale, scale)
    theta = inverse @ np.einsum("nt,ntk,nt->k", mass, x, y)
    residual = mass * (y - x @ theta)
    return theta, np.einsum("nt,ntk->nk", residual, x) @ inverse
