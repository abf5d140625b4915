"""Triple difference: places start at different times, and only some of the units in them are eligible.

Units of a place that has started are compared with units of places that have not, the eligible less those
who are not. Trends of places may differ, and trends of the eligible, as long as the eligible differ from
others in the same way in all places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted
from ..numerics.adjustment import adjusted_cell
from ..numerics.influence import DenseInfluence, sum_within
from ..panel.comparison import comparable
from ..weighting import check_weights
from .aggregate import average_cells
from .cell_effects import CellEffects
from .cells import Grid, make_grid
from .group_time import Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

NAME = "triple_difference"


def triple_difference(panel: Panel, eligible: NDArray[np.bool_], options: Options) -> Fitted:
    r"""Effects on eligible units by the period in which their place starts.

    Parameters
    ----------
    panel
        Its cohort is the first treated period of the unit's place, for eligible units and others alike.
    eligible
        (N,) who is treated from that period on.
    options
        As for `group_time.group_time`.

    Returns
    -------
    Fitted
        Terms of `group_time.group_time`; all averages weigh by eligible units.

    Raises
    ------
    InputError
        No cell has eligible and other units on both sides.

    Notes
    -----
    With places that start in g, others that start in c (later than t, or never), eligible Q and base b,

    .. math:: \theta_{g,c}(t) = \Delta(g, 1) - \Delta(g, 0) - \Delta(c, 1) + \Delta(c, 0), \quad
        \Delta(s, q) = E[Y_t - Y_b \mid S = s, Q = q].

    It is the mean effect on the eligible of g in t if :math:`\Delta(g,1) - \Delta(g,0)` without treatment
    would have been that of c (Olden and Moen 2022). With covariates each difference from (g, 1) is adjusted
    as in `adjustment.adjusted_cell`. Several c are not pooled into one group: shares of the eligible differ
    between them, and a pooled comparison would mix their trends. Each gives an estimate, and these are
    averaged with the weights :math:`\Omega^{-1} 1 / 1' \Omega^{-1} 1` of least variance, :math:`\Omega` the
    covariance of their influence functions (Ortiz-Villavicencio and Sant'Anna 2025). Errors: influence
    functions summed within clusters, these weights taken as given.
    """
    if panel.ways is not None:
        raise InputError("the triple difference has errors in one kind of clusters", action="give one column")
    check_weights(NAME, panel)
    comparison = comparable(panel, options)
    place = {unit: k for k, unit in enumerate(panel.units)}
    eligible = eligible[[place[unit] for unit in comparison.panel.units]]
    grid = make_grid(comparison.panel, options)
    effects = _effects(comparison.panel, eligible, grid, options.method)
    if not (~np.isnan(effects.effect) & (grid.event_time >= 0)).any():
        raise InputError(
            f"no triple difference is identified: {'; '.join(sorted(set(effects.reasons.values())))}"
        )
    averages = average_cells(grid, effects, options, comparison.panel.n_periods - 1)
    report = Report(comparison, grid, effects, averages, options)
    rows = tuple(row.changed(estimator=NAME) for row in report.rows())
    return Fitted(rows, report.covariance, influence=report.influence_of)


def _effects(panel: Panel, eligible: NDArray[np.bool_], grid: Grid, method: str) -> CellEffects:
    number, groups = panel.n_units, np.arange(len(grid.groups))
    weights = panel.weights / panel.weights.mean()
    effect = np.full(grid.size, np.nan)
    influence = np.zeros((number, grid.size))
    stands = np.zeros((number, grid.size), dtype=bool)
    units = np.zeros(number, dtype=bool)
    controls = np.zeros(grid.size, dtype=np.int64)
    reasons: dict[int, str] = {}
    for c in range(grid.size):
        change = panel.outcome[:, grid.period[c]] - panel.outcome[:, grid.base[c]]
        known = ~np.isnan(change)
        own = known & (grid.member == grid.group[c])
        others = known & grid.controls[c][grid.member]
        stands[:, c], controls[c] = own & eligible, others.sum() + (own & ~eligible).sum()
        if grid.reference[c]:
            effect[c] = 0.0
            continue
        found = [
            part
            for h in groups[grid.controls[c]]
            if not isinstance(
                part := _against(
                    panel, change, own, others & (grid.member == h), eligible, grid.base[c], method
                ),
                str,
            )
        ]
        if not found:
            reasons[c] = (
                "eligible and other units are not observed on both sides, or covariates tell them apart"
            )
            continue
        values, psi = np.array([value for value, _ in found]), np.column_stack([p for _, p in found])
        share = _least_variance(sum_within(psi, panel.cluster))
        effect[c], influence[:, c] = values @ share, psi @ share
        units |= own | others
    after = np.asarray(stands[:, ~np.isnan(effect) & (grid.event_time >= 0)].any(axis=1))
    sets = after[:, None] & (grid.member[:, None] == groups)
    differs = np.array([(stands[:, c] != sets[:, g]).any() for c, g in enumerate(grid.group)], dtype=bool)
    cell_share = grid.group.copy()
    cell_share[differs] = len(groups) + np.arange(differs.sum())
    indicators = weights[:, None] * np.hstack([sets, stands[:, differs]])
    return CellEffects(
        effect=effect,
        influence=DenseInfluence(sum_within(np.hstack([influence, indicators]) / number, panel.cluster)),
        shares=indicators.sum(axis=0) / number,
        group_share=groups,
        cell_share=cell_share,
        treated=stands.sum(axis=0),
        controls=controls,
        standing=np.bincount(grid.member[after], minlength=len(groups)),
        units=units,
        reasons=reasons,
    )


def _against(
    panel: Panel,
    change: Array,
    own: NDArray[np.bool_],
    others: NDArray[np.bool_],
    eligible: NDArray[np.bool_],
    base: int,
    method: str,
) -> tuple[float, Array] | str:
    """Triple difference of one cell against one group of places, and its (N,) influence times N."""
    value, influence = 0.0, np.zeros(panel.n_units)
    treated = own & eligible
    for sign, compared in ((1, own & ~eligible), (1, others & eligible), (-1, others & ~eligible)):
        rows = np.flatnonzero(treated | compared)
        if not treated.any() or not compared.any():
            return "a group is not observed"
        found = adjusted_cell(
            change[rows], treated[rows], panel.covariates[rows, base], panel.weights[rows], method
        )
        if isinstance(found, str):
            return found
        value += sign * found[0]
        influence[rows] += sign * found[1] * (panel.n_units / len(rows))
    return value, influence


def _least_variance(psi: Array) -> Array:
    """Weights of K estimates, adding to one, whose average varies least; (G, K) influence given."""
    count = psi.shape[1]
    if count == 1:
        return np.ones(1)
    weights = np.linalg.pinv(psi.T @ psi, rcond=1e-10, hermitian=True) @ np.ones(count)
    total = weights.sum()
    return weights / total if total > 0 else np.full(count, 1 / count)
