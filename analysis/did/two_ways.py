"""Errors clustered in two ways, for every estimator whose errors are sums over clusters."""

from __future__ import annotations

from dataclasses import replace
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtr

from .errors import InputError
from .fitted import Fitted
from .notebook.joint import pretrend
from .results import NAN, Estimate, critical_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from .numerics.types import Array
    from .options import Options
    from .panel.panel import Panel


def clustered_two_ways(
    function: Callable[[Panel, Options], Sequence[Estimate]], panel: Panel, options: Options
) -> Fitted:
    r"""Estimates with errors that allow for clusters of either of two kinds.

    Parameters
    ----------
    function
        An estimator.
    panel
        With ``ways``, (N, 2) clusters of either kind.
    options
        As for the estimator; simultaneous bands are not drawn.

    Returns
    -------
    Fitted
        The estimator's records, those that it has with clusters of either kind and with pairs.

    Raises
    ------
    InputError
        The estimator has no errors that are sums over clusters.

    Notes
    -----
    :math:`V = V_1 + V_2 - V_{12}`, where :math:`V_{12}` clusters by the pairs of both (Cameron, Gelbach and
    Miller 2011), each with the estimator's own factor. Where a difference is not positive, the
    larger of both variances stands. Student intervals have the fewer clusters less one as degrees of freedom.
    """
    assert panel.ways is not None
    words = "two ways, no band drawn" if options.draws else "two ways"
    options = replace(options, draws=0)
    codes = [np.unique(way, return_inverse=True)[1] for way in panel.ways.T]
    fits = [function(replace(panel, cluster=c, ways=None), options) for c in (*codes, panel.cluster)]
    parts = [fit if isinstance(fit, Fitted) else Fitted(tuple(fit)) for fit in fits]
    if all(row.std_error != row.std_error for row in parts[0]):
        return parts[0]  # an identity such as bacon, or clusters too few for any error
    covariances = [part.covariance for part in parts if part.covariance is not None]
    if len(covariances) < len(parts):
        raise InputError("its errors are not sums over clusters", action="give one column of clusters")

    keys = [{(r.term, r.cohort, r.period, r.event_time): k for k, r in enumerate(part)} for part in parts]
    # Some estimators choose by the number of clusters how much they estimate before the start.
    places = np.array(
        [
            found
            for key in keys[0]
            if None not in (found := [own.get(key) for own in keys]) and _same(key, found, parts)
        ],
        dtype=np.int64,
    ).T

    def covariance(pick: NDArray[np.int64]) -> Array:
        first, second, both = (of(place[pick]) for of, place in zip(covariances, places, strict=True))
        return np.asarray(first + second - both)

    treated = min(len(np.unique(c[panel.cohort < panel.n_periods])) for c in codes)
    aligned = ([part[k] for k in place.tolist()] for part, place in zip(parts, places, strict=True))
    rows = [_row(one, two, pair, options.level, words) for one, two, pair in zip(*aligned, strict=True)]
    early = [
        k
        for k, row in enumerate(rows)
        if row.term == "event" and (row.event_time or 0) < -options.anticipation and row.std_error > 0
    ]
    for k, row in enumerate(rows):
        if row.term == "pretrend_joint":
            rows[k] = _joint(row, rows, early, covariance, treated, options.seed)
    return Fitted(tuple(rows), covariance, None)


def _same(key: tuple[object, ...], found: list[int | None], parts: Sequence[Fitted]) -> bool:
    """Whether three records are one estimate; test statistics depend on the clusters."""
    values = [part[k].estimate for part, k in zip(parts, found, strict=True) if k is not None]
    return key[0] == "pretrend_joint" or bool(
        np.allclose(values, values[0], rtol=1e-9, atol=0, equal_nan=True)
    )


def _row(first: Estimate, second: Estimate, both: Estimate, level: float, words: str) -> Estimate:
    variances = [row.std_error**2 for row in (first, second, both)]
    variance = variances[0] + variances[1] - variances[2]
    note = first.note
    if variance <= 0:
        variance = max(variances[:2])
        note = f"{note} The two-way variance is not positive; the larger one-way variance stands.".strip()
    error = sqrt(variance) if variance == variance else NAN
    freedom = min(first.freedom, second.freedom)
    reach = critical_value(level, freedom) * error
    ratio = -abs(first.estimate) / error if error else NAN
    p_value = float(2 * (ndtr(ratio) if freedom == inf else stdtr(freedom, ratio)))
    return replace(
        first, std_error=error, ci_low=first.estimate - reach, ci_high=first.estimate + reach,
        p_value=p_value, freedom=freedom, note=note,
        inference=f"{first.inference}; {words}" if first.inference else "",
    )  # fmt: skip


def _joint(
    row: Estimate,
    rows: Sequence[Estimate],
    early: list[int],
    covariance: Callable[[NDArray[np.int64]], Array],
    treated: int,
    seed: int,
) -> Estimate:
    """Joint test of the event times before the start, with the two-way covariance."""
    note = f"{len(early)} event times before the start are all zero, errors clustered in two ways."
    matrix = covariance(np.array(early, dtype=np.int64)) if early else np.empty((0, 0))
    if not early or np.linalg.eigvalsh(matrix)[0] <= 0:
        note = "Not computed: the two-way covariance of effects before the start is not positive."
        return replace(row, estimate=NAN, p_value=NAN, note=note, std_error=NAN, ci_low=NAN, ci_high=NAN)
    freedom = min(rows[k].freedom for k in early)
    test = pretrend(np.array([rows[k].estimate for k in early]), matrix, freedom, treated, seed)
    return replace(
        row, estimate=test.statistic, p_value=test.p_value, inference=test.distribution, note=note,
        std_error=NAN, ci_low=NAN, ci_high=NAN,
    )  # fmt: skip
