"""Effects of group-time cells and their influence functions.

Without covariates all cells of a balanced panel follow from sums by cohort and period. With missing
outcomes a unit enters a cell when both of the cell's outcomes are known (pairwise balance): no unit
leaves the panel because of one missing period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from ..numerics.adjustment import adjusted_cell
from ..numerics.influence import (
    DenseInfluence,
    Influence,
    LinearInfluence,
    Matrix,
    products_by_group,
    sum_within,
)
from ..numerics.section_cell import two_sections

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..panel.panel import Panel
    from .cells import Grid

DENSE_LIMIT = 4_000_000  # influence values held in one matrix; beyond, the linear form is kept


@dataclass(frozen=True)
class CellEffects:
    """Effects of C cells.

    Parameters
    ----------
    effect
        (C,) NaN where no comparison identifies the cell.
    influence
        Over C + S columns: cells, then shares (for weights that are estimated).
    shares
        (S,) weighted shares of sets of treated units; only their ratios matter.
    group_share
        (H,) which share is that of a group's units that stand in some cell from the start on.
    cell_share
        (C,) which share is that of the treated units that stand in the cell.
    treated, controls
        (C,) units behind each cell.
    standing
        (H,) units of each group that stand in some cell from the start on.
    units
        (N,) whether a unit stands in any cell, treated or control.
    reasons
        Cell index to the reason why it is not identified.
    """

    effect: NDArray[np.float64]
    influence: Influence
    shares: NDArray[np.float64]
    group_share: NDArray[np.int64]
    cell_share: NDArray[np.int64]
    treated: NDArray[np.int64]
    controls: NDArray[np.int64]
    standing: NDArray[np.int64]
    units: NDArray[np.bool_]
    reasons: dict[int, str]


def cell_effects(panel: Panel, grid: Grid, method: str, fix_weights: str) -> CellEffects:
    """Compute every cell of a grid; see the estimand in `group_time.group_time`."""
    if panel.balanced and not panel.covariate_names and panel.period_weights is None:
        return _balanced(panel, grid)
    return _pairwise(panel, grid, method, fix_weights)


def group_sums(
    outcome: Matrix, weights: NDArray[np.float64], grid: Grid
) -> tuple[Matrix, NDArray[np.float64]]:
    """(H, T) weighted outcome sums and (H,) weight sums of each group."""
    count = len(grid.groups)
    totals: Matrix = np.bincount(grid.member, weights, minlength=count).astype(np.float64)
    if len(weights) <= 4096:
        indicator = (grid.member == np.arange(count)[:, None]) * weights
        return indicator @ outcome, totals
    sums = np.stack([weights[grid.member == h] @ outcome[grid.member == h] for h in range(count)])
    return sums, totals


def _balanced(panel: Panel, grid: Grid) -> CellEffects:
    # Unit and period means drop out of every comparison; removing them first keeps sums small and exact.
    centred = panel.outcome - panel.outcome.sum(axis=1, keepdims=True) / panel.n_periods
    centred -= centred.sum(axis=0) / panel.n_units
    weights = panel.weights / panel.weights.mean()
    number, groups = panel.n_units, len(grid.groups)
    sums, totals = group_sums(centred, weights, grid)
    by_period = sums.T
    changes = by_period[grid.period] - by_period[grid.base]  # (C, H)
    cells = np.arange(grid.size)
    control_total = grid.controls @ totals
    identified = control_total > 0
    divisor = np.where(identified, control_total, 1.0)
    treated_mean = changes[cells, grid.group] / totals[grid.group]
    control_mean = (changes * grid.controls).sum(axis=1) / divisor
    effect = np.where(identified, treated_mean - control_mean, np.nan)

    # psi of a unit of group h on cell c: slope[h, c] x (change of the unit) + constant[h, c]
    own = (np.arange(groups)[:, None] == grid.group) * (number / totals[grid.group])
    others = grid.controls.T * (number / divisor)
    slope, constant = own - others, others * control_mean - own * treated_mean
    if not identified.all():
        slope[:, ~identified] = 0.0
        constant[:, ~identified] = 0.0
    rows = np.empty((number, panel.n_periods + 1))
    rows[:, 0], rows[:, 1:] = weights / number, centred * (weights / number)[:, None]
    influence: Influence
    if number * (grid.size + groups) <= DENSE_LIMIT or panel.n_clusters < number:
        values = _values(grid, rows, slope, constant)
        influence = DenseInfluence(sum_within(values, panel.cluster))
    else:
        coefficients = _few_coefficients(grid, slope, constant, rows.shape[1])
        products = products_by_group(rows, grid.member, groups)
        influence = LinearInfluence(rows, grid.member, coefficients, products)
    sizes = np.bincount(grid.member, minlength=groups)
    reasons = dict.fromkeys((~identified).nonzero()[0].tolist(), "no unit is left as control")
    return CellEffects(
        effect=effect,
        influence=influence,
        shares=totals / number,
        group_share=np.arange(groups),
        cell_share=grid.group,
        treated=sizes[grid.group],
        controls=grid.controls @ sizes,
        standing=sizes,
        units=np.ones(number, dtype=bool),
        reasons=reasons,
    )


def _values(grid: Grid, rows: Matrix, slope: Matrix, constant: Matrix) -> Matrix:
    """(N, C + H) influence of units on cells and shares.

    psi of a unit on the share of group h is weight x 1{member} - share; the constant share cancels in
    every weighted average, whose derivatives with respect to its weights sum to zero.
    """
    found = np.zeros((len(rows), grid.size + len(grid.groups)))
    cells = found[:, : grid.size]
    np.subtract(rows[:, 1 + grid.period], rows[:, 1 + grid.base], out=cells)
    cells *= slope[grid.member]
    cells += rows[:, :1] * constant[grid.member]
    found[np.arange(len(rows)), grid.size + grid.member] = rows[:, 0]
    return found


def _few_coefficients(grid: Grid, slope: Matrix, constant: Matrix, width: int) -> csr_array:
    """(C + H, H x (T + 1)) coefficients of a one and a unit's outcomes in `_values`, sparse.

    A group has three in a cell that compares it, else none.
    """
    groups = len(grid.groups)
    group, cell = np.nonzero(slope)
    own, value = np.arange(groups), slope[group, cell]
    first = group * width
    rows = np.concatenate([cell, cell, cell, grid.size + own])
    columns = np.concatenate([first, first + 1 + grid.period[cell], first + 1 + grid.base[cell], own * width])
    values = np.concatenate([constant[group, cell], value, -value, np.ones(groups)])
    return csr_array((values, (rows, columns)), shape=(grid.size + groups, groups * width))


def _pairwise(panel: Panel, grid: Grid, method: str, fix_weights: str) -> CellEffects:
    number = panel.n_units
    weights = panel.weights / panel.weights.mean()
    effect = np.full(grid.size, np.nan)
    influence = np.zeros((number, grid.size))
    stands = np.zeros((number, grid.size), dtype=bool)  # treated units
    units = np.zeros(number, dtype=bool)
    controls = np.zeros(grid.size, dtype=np.int64)
    reasons: dict[int, str] = {}
    for c in range(grid.size):
        change = panel.outcome[:, grid.period[c]] - panel.outcome[:, grid.base[c]]
        early, late = cell_weights(panel, grid, c, fix_weights)
        known = ~np.isnan(change) & (early > 0) & (late > 0)
        own = known & (grid.member == grid.group[c])
        others = known & grid.controls[c][grid.member]
        stands[:, c], controls[c] = own, others.sum()
        if grid.reference[c]:
            effect[c] = 0.0
            continue
        if not own.any() or not others.any():
            reasons[c] = "no treated unit is observed" if not own.any() else "no unit is left as control"
            continue
        rows = np.flatnonzero(own | others)
        x = panel.covariates[rows, grid.base[c]]
        if late is early:
            result = adjusted_cell(change[rows], own[rows], x, early[rows], method)
        else:
            before, after = panel.outcome[rows, grid.base[c]], panel.outcome[rows, grid.period[c]]
            result = two_sections(before, after, own[rows], x, early[rows], late[rows], method)
        if isinstance(result, str):
            reasons[c] = result
            continue
        effect[c], psi = result
        influence[rows, c] = psi * (number / len(rows))
        units[rows] = True
    after = np.asarray(stands[:, ~np.isnan(effect) & (grid.event_time >= 0)].any(axis=1))
    sets, group_share, cell_share = _sets(stands, after, grid)
    indicators = weights[:, None] * sets
    return CellEffects(
        effect=effect,
        influence=DenseInfluence(sum_within(np.hstack([influence, indicators]) / number, panel.cluster)),
        shares=indicators.sum(axis=0) / number,
        group_share=group_share,
        cell_share=cell_share,
        treated=stands.sum(axis=0),
        controls=controls,
        standing=np.bincount(grid.member[after], minlength=len(grid.groups)),
        units=units,
        reasons=reasons,
    )


def cell_weights(
    panel: Panel, grid: Grid, cell: int, fix_weights: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(N,) weights of the units in a cell's base and later period; the same array where one counts.

    They have a mean of about one. Zero where a unit has none in the period whose weight counts.
    """
    scale = panel.weights.mean()
    base, period = int(grid.base[cell]), int(grid.period[cell])
    if panel.period_weights is None or fix_weights == "first_period":
        found = panel.weights / scale
    elif fix_weights == "varying":
        return panel.mass[:, base] / scale, panel.mass[:, period] / scale
    elif fix_weights == "base_period":
        found = panel.mass[:, int(grid.before[cell])] / scale
    else:
        found = panel.mass[:, min(base, period)] / scale
    return found, found


def _sets(
    stands: NDArray[np.bool_], after: NDArray[np.bool_], grid: Grid
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """(N, S) sets of treated units that weigh in averages, and which one is each group's and each cell's.

    A group's set are its units that stand in some cell from the start on. A cell has a set of its own
    only where other units stand in it.
    """
    groups = np.arange(len(grid.groups))
    whole = after[:, None] & (grid.member[:, None] == groups)
    differs = np.array([(stands[:, c] != whole[:, g]).any() for c, g in enumerate(grid.group)], dtype=bool)
    cell_share = grid.group.copy()
    cell_share[differs] = len(groups) + np.arange(differs.sum())
    return np.hstack([whole, stands[:, differs]]), groups, cell_share
