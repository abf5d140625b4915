"""Averages of group-time cells: which cells each reported effect averages, and with what weights.

Several estimators give an effect for every treated cell (cohort g, period t) first. Whatever they
report after that is a weighted average of those cells, so the weights are computed here once.
"""

from __future__ import annotations

from math import erfc, inf, nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..results import NO_ERROR, NO_NOISE, Estimate, critical_value, of_columns
from .cell_weights import Average, cells_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel


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
    periods = panel.n_periods
    cohort, period = np.nonzero(size > 0)
    cell, mass = cohort * periods + period, size[cohort, period]
    distance = period - np.array(panel.cohorts)[cohort]
    post = distance >= 0
    if not post.any():
        raise InputError("no effect from the start of treatment on is identified")

    def over(own: NDArray[np.int64], shares: Array) -> tuple[NDArray[np.int64], Array]:
        """Chosen cells and weights proportional to ``shares`` per unit of size."""
        return cell[own], shares / (shares * mass[own]).sum()

    def alike(
        key: NDArray[np.int64], chosen: NDArray[np.bool_]
    ) -> Iterator[tuple[int, NDArray[np.int64], Array]]:
        """Key, cells and even weights of the chosen cells with the same key, by key."""
        own = np.flatnonzero(chosen)
        own = own[np.argsort(key[own], kind="stable")]
        first = np.append(0, np.flatnonzero(np.diff(key[own])) + 1)
        ends = np.append(first[1:], len(own))
        even = np.repeat(1 / np.add.reduceat(mass[own], first), ends - first)
        own_cell, named = cell[own], key[own[first]].tolist()
        for value, a, z in zip(named, first.tolist(), ends.tolist(), strict=True):
            yield value, own_cell[a:z], even[a:z]

    shape, first_on = (len(size), periods), np.flatnonzero(post)
    per_cell = (np.asarray(cohort_size)[cohort] / mass)[first_on]
    found = [
        Average("att", *over(first_on, np.ones(len(first_on))), shape),
        Average("att_simple", *over(first_on, per_cell), shape),
    ]
    for c, own, weights in alike(cohort, post):
        found.append(Average("cohort", own, weights, shape, cohort=panel.cohorts[c]))
    for t, own, weights in alike(period, post):
        found.append(Average("calendar", own, weights, shape, period=t))
    low, high = options.window or (-periods, periods)
    shown = (distance >= low) & (distance <= high)
    if options.balance is not None:
        long_enough = np.bincount(cohort[post & (distance == options.balance)], minlength=len(size)) > 0
        shown &= long_enough[cohort] & (distance <= options.balance)
    options.check_events_left(bool(shown.any()))
    for e, own, weights in alike(distance, shown):
        found.append(Average("event", own, weights, shape, event_time=e))
    every = np.ones(len(cell), dtype=bool)
    for (_, own, weights), c, t in zip(alike(cell, every), cohort.tolist(), period.tolist(), strict=True):
        start = panel.cohorts[c]
        found.append(Average("group_time", own, weights, shape, cohort=start, period=t, event_time=t - start))
    return found


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
        reach = critical_value(level, inf) * usable
        ratio = np.abs(estimate) / usable / sqrt(2)
        p_value = np.reshape([erfc(one) for one in ratio.ravel().tolist()], ratio.shape)
    else:
        from scipy.special import stdtr, stdtrit  # loading it takes 20 MB

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
        (K,) estimates and standard errors; not a number where there is none for a reason in ``note``.
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
    without = f"{note} {NO_ERROR}{NO_NOISE}".strip()
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
        note=[without if zero else note for zero in (errors == 0).tolist()],
    )


def behind(
    found: Sequence[Average], observed: NDArray[np.int64], standing: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(K,) treated units and treated unit-periods behind each average; see `report`."""
    listed = cells_of(found)
    seen, cohort = observed.ravel()[listed.cell], listed.cell // observed.shape[1]
    change = (np.diff(listed.row) != 0) | (np.diff(cohort) != 0)
    first = np.append(0, np.flatnonzero(change) + 1)  # of the cells of one cohort in one average
    counts = np.diff(np.append(first, len(seen)))
    # An average has one cell of a cohort, or all of them from the start on.
    treated = np.where(counts > 1, standing[cohort[first]], np.maximum.reduceat(seen, first))
    owner = np.searchsorted(listed.row[first], np.arange(len(found)))
    return np.add.reduceat(treated, owner), np.add.reduceat(seen, listed.first)
