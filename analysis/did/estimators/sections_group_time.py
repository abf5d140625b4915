"""Group-time effects from repeated cross-sections.

Callaway and Sant'Anna (2021), "Difference-in-differences with multiple time periods", Journal of
Econometrics 225(2), section on repeated cross-sections, with the two-period estimators of Sant'Anna and
Zhao (2020). Leaves out simultaneous bands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted, from_scores
from ..numerics.joint import largest_t_test, wald_is_usable, wald_test
from ..numerics.section_cell import section_cell
from ..panel.comparison import comparable
from ..panel.gate import listing
from ..panel.sections import Sections
from ..results import Estimate
from .averages import averages, by_cluster, report, root
from .cell_weights import Average, tensor
from .cells import Grid, make_grid

if TYPE_CHECKING:
    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel


def group_time(panel: Panel, options: Options) -> Fitted:
    r"""Effects by cohort and period where every row is another person.

    Parameters
    ----------
    panel
        `Sections`.
    options
        ``control``, ``base``, ``method``, ``anticipation``, ``window``, ``balance``, ``level``, ``seed``.

    Returns
    -------
    Fitted
        As of `group_time.group_time`, without bands.

    Raises
    ------
    InputError
        No cell is identified.

    Notes
    -----
    Estimand: as on a panel, given that the composition of each group does not change over time. Without
    covariates, with means over rows,

    .. math:: ATT(g,t) = (\bar Y_{g,t} - \bar Y_{g,b}) - (\bar Y_{C,t} - \bar Y_{C,b}),

    b being the base period and C the controls; with covariates, as in `numerics.section_cell`. Averages
    weight a cohort by the total weight of its rows over all periods; ``att`` is the mean of cohort effects,
    ``att_simple`` that of all cells from the start on. The error counts that these shares are
    estimated. Errors sum influence values within clusters.
    """
    assert isinstance(panel, Sections)
    comparison = comparable(panel, options)
    data = comparison.panel
    assert isinstance(data, Sections)
    grid = make_grid(data, options)
    effects, scores, reasons = cells(data, grid, options.method)
    cohorts = np.array(data.cohorts)
    row = np.searchsorted(cohorts, grid.cohort)
    share = np.array([data.weights[data.cohort == g].sum() for g in data.cohorts]) / data.weights.sum()
    known = ~np.isnan(effects)
    size = np.zeros((len(cohorts), data.n_periods))
    size[row[known], grid.period[known]] = share[row[known]]
    found = averages(size, share, data, options)
    member = (data.cohort[:, None] == cohorts) * (data.weights / data.weights.sum())[:, None]
    values, summed = np.empty(len(found)), np.empty((data.n_units, len(found)))
    for k, (average, own) in enumerate(zip(found, tensor(found), strict=True)):
        chosen = known & (own[row, grid.period] > 0)
        times = chosen.astype(float)  # how often a cell counts beside its cohort's share
        if average.term == "att":  # the mean of cohort effects
            times /= np.maximum(np.bincount(row[chosen], minlength=len(cohorts)), 1)[row]
        total = float(times @ share[row])
        mass = times * share[row] / total
        values[k] = mass[chosen] @ effects[chosen]
        apart = np.where(chosen, times * (effects - values[k]), 0)
        by_share = np.bincount(row, apart, minlength=len(cohorts)) / total  # shares are estimated too
        summed[:, k] = scores[:, chosen] @ mass[chosen] + (member - share / data.n_units) @ by_share
    clustered = by_cluster(summed, data.cluster, data.n_clusters)
    base = np.array([_is_base(average, grid) for average in found])
    errors = np.where(base, np.nan, root((clustered**2).sum(axis=0)))
    standing = np.array([(data.cohort == g).sum() for g in data.cohorts])
    counts = np.stack([data.observed[data.cohort == g].sum(axis=0) for g in data.cohorts])
    lost = [
        f"{data.label(grid.cohort[c])} in {data.label(grid.period[c])} ({why})" for c, why in reasons.items()
    ]
    note = " ".join([comparison.note, f"Not identified: cohort {listing(lost)}." if lost else ""]).strip()
    rows = report(
        "group_time", found, values, errors, data, options, inference="cluster influence function",
        control_group=comparison.control, units=data.n_units,
        comparison_cells=int(data.n_units - counts.sum()), observed=counts, standing=standing, note=note,
    )  # fmt: skip
    zero = f"Base period, zero by construction. {note}".strip()
    rows = [replace(row, note=zero) if own else row for row, own in zip(rows, base.tolist(), strict=True)]
    test = _pretrend(rows, clustered, data, options)
    return from_scores([*rows, *test], clustered)


def cells(data: Sections, grid: Grid, method: str) -> tuple[Array, Array, dict[int, str]]:
    """(C,) effects, (N, C) scores whose squared cluster sums make the variance, and why cells lack one."""
    effects = np.full(grid.size, np.nan)
    scores = np.zeros((data.n_units, grid.size))
    outcome, regressors, period = data.response, data.regressors, data.period
    reasons: dict[int, str] = {}
    for c in range(grid.size):
        if grid.reference[c]:
            effects[c] = 0.0
            continue
        own = grid.member == grid.group[c]
        rows = np.flatnonzero(
            ((period == grid.period[c]) | (period == grid.base[c])) & (own | grid.controls[c][grid.member])
        )
        answer = section_cell(
            outcome[rows], (period[rows] == grid.period[c]).astype(float), own[rows].astype(float),
            regressors[rows], data.weights[rows], method,
        )  # fmt: skip
        if isinstance(answer, str):
            reasons[c] = answer
            continue
        effects[c] = answer[0]
        scores[rows, c] = answer[1] / len(rows)
    if np.isnan(effects).all():
        raise InputError("no cell is identified: " + next(iter(reasons.values())))
    return effects, scores, reasons


def _is_base(average: Average, grid: Grid) -> bool:
    """Whether an average has base periods alone, which are zero by construction."""
    if average.term not in ("event", "group_time"):
        return False
    own = (grid.event_time == average.event_time) & ~grid.reference
    if average.cohort is not None:
        own &= grid.cohort == average.cohort
    return not own.any()


def _pretrend(rows: list[Estimate], clustered: Array, data: Sections, options: Options) -> list[Estimate]:
    """Test that event effects before the start, less anticipation, are all zero."""
    pick = [
        k
        for k, row in enumerate(rows)
        if row.term == "event" and (row.event_time or 0) < -options.anticipation and row.std_error > 0
    ]
    if not pick:
        return []
    covariance = clustered[:, pick].T @ clustered[:, pick]
    values = np.array([rows[k].estimate for k in pick])
    treated = len(np.unique(data.cluster[data.cohort < data.n_periods]))
    usable = wald_is_usable(covariance, treated)
    test = wald_test(values, covariance) if usable else largest_t_test(values, covariance, options.seed)
    note = f"{test.restrictions} pre-treatment event times are all zero: {test.method} test."
    first = rows[pick[0]]
    return [
        Estimate(
            "group_time", "pretrend_joint", test.statistic, p_value=test.p_value, inference=test.method,
            control_group=first.control_group, n_units=first.n_units, n_treated=first.n_treated,
            n_observations=data.n_units, note=note,
        )
    ]  # fmt: skip
