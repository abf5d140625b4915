"""Averages of group-time cells: which cells each reported effect averages, and with what weights.

Several estimators give an effect for every treated cell (cohort g, period t) first. Whatever they
report after that is a weighted average of those cells, so the weights are computed here once.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from ..errors import InputError
from ..results import Estimate, of_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

BLOCK = 256  # averages looked at together


@dataclass(frozen=True)
class Average:
    """One reported effect, sum over cells of ``weights`` x ``size`` x cell effect.

    Parameters
    ----------
    term
        As in `Estimate`.
    cohort, period, event_time
        Positions in the panel; missing where the term has none.
    weights
        (C, T) weight of one unit of mass (a unit's weight, observed in the cell); with the masses
        ``size`` given to `averages` they sum to one.
    """

    term: str
    weights: Array
    cohort: int | None = None
    period: int | None = None
    event_time: int | None = None


def averages(size: Array, cohort_size: Array, panel: Panel, options: Options) -> list[Average]:
    """List the averages that the identified cells allow.

    Parameters
    ----------
    size
        (C, T) total weight of the units observed in each identified cell; zero elsewhere. Row c is
        ``panel.cohorts[c]``.
    cohort_size
        (C,) total weight of each cohort's units that stand in some cell from the start on.
    panel, options
        ``window`` limits the event times; ``balance`` limits event times to cohorts observed long
        enough.

    Returns
    -------
    list of Average
        ``att`` (mean over treated observations from the start on), ``att_simple`` (mean over cells
        weighted by cohort size), ``cohort``, ``calendar``, ``event`` and ``group_time``. Cells
        before the start (placebos, anticipation) enter ``event`` and ``group_time`` only.

    Raises
    ------
    InputError
        No cell from the start on is identified.
    """
    starts = np.array(panel.cohorts)[:, None]
    distance = np.arange(panel.n_periods)[None, :] - starts
    cells = size > 0
    post = cells & (distance >= 0)
    if not post.any():
        raise InputError("no effect from the start of treatment on is identified")
    per_cell = np.where(cells, np.asarray(cohort_size)[:, None] / np.where(cells, size, 1), 0)

    def over(chosen: NDArray[np.bool_], mass: Array) -> Array:
        """Weights proportional to ``mass`` per unit of size over the chosen cells."""
        found: Array = np.where(chosen, mass, 0) / (mass * size)[chosen].sum()
        return found

    even = np.ones_like(size)
    found = [Average("att", over(post, even)), Average("att_simple", over(post, per_cell))]
    for start in panel.cohorts:
        own = post & (starts == start)
        if own.any():
            found.append(Average("cohort", over(own, even), cohort=start))
    periods = np.flatnonzero(post.any(axis=0))
    shares = _even(post & (np.arange(panel.n_periods) == periods[:, None, None]), size)
    found += [Average("calendar", own, period=t) for t, own in zip(periods.tolist(), shares, strict=True)]
    low, high = options.window or (-panel.n_periods, panel.n_periods)
    event_cells = cells & (distance >= low) & (distance <= high)
    if options.balance is not None:
        long_enough = (post & (distance == options.balance)).any(axis=1)
        event_cells &= long_enough[:, None] & (distance <= options.balance)
    options.check_events_left(bool(event_cells.any()))
    events = np.unique(distance[event_cells])
    shares = _even(event_cells & (distance == events[:, None, None]), size)
    found += [Average("event", own, event_time=e) for e, own in zip(events.tolist(), shares, strict=True)]
    listed = np.argwhere(cells)
    single = np.zeros((len(listed), *size.shape))
    single[np.arange(len(listed)), *listed.T] = 1 / size[cells]
    for own, (c, t) in zip(single, listed.tolist(), strict=True):
        start = panel.cohorts[c]
        found.append(Average("group_time", own, cohort=start, period=t, event_time=t - start))
    return found


def _even(chosen: NDArray[np.bool_], size: Array) -> Array:
    """(K, C, T) equal weights of every unit of mass in the chosen cells, (K, C, T)."""
    return np.asarray(chosen / (chosen * size).sum(axis=(1, 2))[:, None, None])


def tensor(found: Sequence[Average]) -> Array:
    """(K, C, T) weights of K averages."""
    return np.stack([average.weights for average in found])


def cohort_index(panel: Panel) -> NDArray[np.int64]:
    """(N,) row of each unit's cohort in ``panel.cohorts``; -1 for units of no such cohort."""
    known = np.array(panel.cohorts)
    place = np.searchsorted(known, panel.cohort)
    inside = place < len(known)
    inside[inside] = known[place[inside]] == panel.cohort[inside]
    return np.where(inside, place, -1)


def cell_sums(values: NDArray[Any], index: NDArray[np.int64], cohorts: int) -> NDArray[Any]:
    """(C, ...) sums over the units of each cohort."""
    return np.stack([values[index == c].sum(axis=0) for c in range(cohorts)])


def members(
    stands: NDArray[np.bool_], index: NDArray[np.int64], panel: Panel
) -> tuple[Array, NDArray[np.int64]]:
    """(C,) total weight and number of each cohort's units that stand in some cell from the start on.

    Parameters
    ----------
    stands
        (N, T) whether a unit's outcome in a period is one of those whose effects are averaged.
    index
        (N,) as from `cohort_index`.
    """
    after = np.arange(panel.n_periods) >= panel.cohort[:, None]
    some = np.asarray((stands & after).any(axis=1))
    cohorts = len(panel.cohorts)
    return cell_sums(some * panel.weights, index, cohorts), cell_sums(some.astype(np.int64), index, cohorts)


def by_cluster(scores: Array, cluster: NDArray[np.int64], clusters: int) -> Array:
    """(G, ...) sums of unit scores within clusters."""
    if clusters == len(cluster):
        return scores
    if scores.ndim == 1:
        return np.asarray(np.bincount(cluster, scores, minlength=clusters), dtype=np.float64)
    return np.stack([np.bincount(cluster, column, minlength=clusters) for column in scores.T], axis=1)


def cr1_factor(clusters: int, observations: int, parameters: int) -> float:
    """G / (G - 1) x (n - 1) / (n - K); not a number where nothing is left to estimate an error from."""
    if clusters < 2 or observations <= parameters:
        return float("nan")
    return clusters / (clusters - 1) * (observations - 1) / (observations - parameters)


def root(variance: Array) -> Array:
    """Square root of variances, zero where rounding left a trace below zero."""
    return np.sqrt(np.maximum(variance, 0))


def interval(
    estimate: Array, error: Array, level: float, freedom: float | NDArray[Any] | None = None
) -> tuple[Array, Array, Array]:
    """Confidence limits and two-sided p-values, normal or Student with ``freedom`` degrees.

    A standard error of zero or none gives no interval and no p-value.
    """
    usable = np.where(error > 0, error, np.nan)
    tail = 0.5 + level / 2
    if freedom is None:
        reach, p_value = ndtri(tail) * usable, 2 * ndtr(-np.abs(estimate) / usable)
    else:
        reach = stdtrit(freedom, tail) * usable
        p_value = 2 * stdtr(freedom, -np.abs(estimate) / usable)
    return estimate - reach, estimate + reach, p_value


def report(
    estimator: str,
    found: Sequence[Average],
    values: Array,
    errors: Array,
    panel: Panel,
    options: Options,
    *,
    inference: str,
    control_group: str,
    units: int,
    comparison_cells: int,
    observed: NDArray[np.int64],
    standing: NDArray[np.int64],
    note: str,
    freedom: float | None = None,
) -> list[Estimate]:
    """Turn averages and their values into records.

    Parameters
    ----------
    values, errors
        (K,) estimates and standard errors.
    units, comparison_cells
        Units in the sample, and the untreated unit-periods every estimate rests on.
    observed
        (C, T) units observed in each treated cell.
    standing
        (C,) units of each cohort that stand in some cell from the start on.
    """
    low, high, p_value = interval(values, errors, options.level, freedom)
    alike = Estimate(
        estimator,
        "",
        nan,
        inference=inference,
        control_group=control_group,
        n_units=units,
        note=note,
        freedom=inf if freedom is None else freedom,
    )
    treated, cells = behind(found, observed, standing)
    return of_columns(
        alike,
        term=[average.term for average in found],
        estimate=values.tolist(),
        cohort=[panel.label(average.cohort) for average in found],
        period=[panel.label(average.period) for average in found],
        event_time=[average.event_time for average in found],
        std_error=np.where(errors > 0, errors, nan).tolist(),
        ci_low=low.tolist(),
        ci_high=high.tolist(),
        p_value=p_value.tolist(),
        n_treated=treated.tolist(),
        n_observations=(comparison_cells + cells).tolist(),
    )


def behind(
    found: Sequence[Average], observed: NDArray[np.int64], standing: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(K,) treated units and treated unit-periods behind each average; see `report`."""
    parts = []
    for first in range(0, len(found), BLOCK):
        used = tensor(found[first : first + BLOCK]) != 0
        seen = used * observed
        # An average has one cell of a cohort, or all of them from the start on.
        treated = np.where(used.sum(axis=2) > 1, standing, seen.max(axis=2))
        parts.append((treated.sum(axis=1), seen.sum(axis=(1, 2))))
    units, cells = zip(*parts, strict=True)
    return np.concatenate(units), np.concatenate(cells)
