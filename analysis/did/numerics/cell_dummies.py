"""Least squares on dummies of cells, beside unit and period effects, in a balanced panel.

A cell has one dummy or none, as with event times. Moments of the dummies less their period means are then
counts less products of few numbers, and no table of regressors is laid out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..estimators.averages import by_cluster, cr1_factor
from ..panel.arrays import renumbered
from .inverse import solver
from .least_squares import WithinFit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .types import Array

COLLINEAR = 1e-10  # share of a dummy's mass that period effects leave of it, below which it is rounding


def fit_dummies(
    outcome: Array,
    column: NDArray[np.int64],
    kind: NDArray[np.int64],
    weights: Array,
    cluster: NDArray[np.int64],
    number: int,
    counted: int,
) -> WithinFit:
    r"""Coefficients of dummies with clustered errors, as of `fit_fast` on the dummies of all periods too.

    Parameters
    ----------
    outcome
        (N, T), every one observed.
    column
        (D, T) dummy that a cell has, -1 for none.
    kind
        (N,) row of ``column`` that each unit has.
    weights, cluster
        (N,) unit weights and clusters 0..G-1.
    number, counted
        K dummies; parameters beyond dummies and period effects that are counted.

    Notes
    -----
    In a balanced panel dummies and outcomes less their weighted means by period, then by unit, are what
    regressions on unit and period effects leave (Frisch, Waugh and Lovell). With E the dummies of a kind,
    (T, K), M their mean over kinds, weighted by mass m, and J taking means over periods off, moments are
    :math:`\sum_d m_d E_d' J E_d - m M' J M`.
    """
    kinds, periods = column.shape
    members = [np.flatnonzero(kind == d) for d in range(kinds)]
    mass = np.array([weights[own].sum() for own in members])
    share, has = mass / mass.sum(), column >= 0
    mean, times = np.zeros((periods, number)), np.zeros((kinds, number))
    for d, (own, inside) in enumerate(zip(column, has, strict=True)):
        mean[np.flatnonzero(inside), own[inside]] += share[d]
        np.add.at(times[d], own[inside], 1.0)
    raw = mass @ times
    apart = (times - share @ times) * np.sqrt(mass / periods)[:, None]
    moment = -(apart.T @ apart)
    for d, (own, inside) in enumerate(zip(column, has, strict=True)):
        np.subtract.at(moment, own[inside], mass[d] * mean[inside])
    moment.flat[:: number + 1] += raw
    none = moment.diagonal() < COLLINEAR * raw
    moment[none] = 0.0
    moment[:, none] = 0.0

    y = outcome - outcome.mean(axis=1, keepdims=True)  # a far level first: what its mean misses goes below
    y -= weights @ y / weights.sum()
    y -= y.mean(axis=1, keepdims=True)
    cross = np.zeros(number)
    for own, place, inside in zip(members, column, has, strict=True):
        np.add.at(cross, place[inside], (weights[own] @ y[own])[inside])
    cross[none] = 0.0
    by_inverse, null, independent = solver(moment)
    slopes = by_inverse(cross)

    fitted = np.append(slopes, 0.0)[column] - mean @ slopes
    fitted -= fitted.mean(axis=1, keepdims=True)
    scores = np.empty((len(y), number))
    for own, place, inside, values in zip(members, column, has, fitted, strict=True):
        dummies = -mean
        dummies[np.flatnonzero(inside), place[inside]] += 1.0
        scores[own] = ((y[own] - values) * weights[own, None]) @ dummies
    scores[:, none] = 0.0
    group = renumbered(cluster)
    clusters = int(group.max()) + 1
    summed = by_cluster(scores, group, clusters)
    factor = cr1_factor(clusters, outcome.size, len(independent) + periods - 1 + counted)
    if clusters < number:
        influence = np.sqrt(factor) * by_inverse(summed.T).T
        covariance = influence.T @ influence
        return WithinFit(slopes, covariance, null, clusters - 1, independent, scores=influence)
    covariance = factor * by_inverse(by_inverse(summed.T @ summed).T)
    return WithinFit(slopes, covariance, null, clusters - 1, independent)
