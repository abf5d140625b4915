"""Weights of group means in an estimate, where the estimator's own matrices give them without a run.

On a balanced panel without covariates or unit weights, group-time effects are differences of group means,
and two-way coefficients are a fixed matrix times them. What is not written here is read off by running
the estimator (`numerics.batch`), which also holds these forms to the estimate of the panel at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..estimators.aggregate import average_cells
from ..estimators.cell_effects import cell_effects
from ..estimators.cells import make_grid
from ..estimators.twfe import event_design, reference_event, static_design
from ..panel.comparison import comparable
from .inverse import invert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..options import Options
    from ..panel.panel import Panel
    from ..results import Estimate
    from .design import Design
    from .types import Array


def known_form(
    panel: Panel, name: str, options: Options, rows: Sequence[Estimate], terms: tuple[str, ...]
) -> Array | None:
    """(Q, H, T) weights of the group means in Q estimates; missing where they must be read off.

    Parameters
    ----------
    panel
        Balanced, without covariates and weights; group h holds the units of the h-th smallest start.
    name, options
        Estimator and its options.
    rows
        All records of the estimator on this panel.
    terms
        Terms of the records that weights are wanted for.
    """
    if name not in FORMS or set(terms) - {"att", "event"} or (panel.starts != panel.cohort).any():
        return None
    kept = panel if name == "twfe" else comparable(panel, options).panel
    if kept.n_units != panel.n_units:
        return None
    listed = [row for row in rows if row.term in ("att", "event")]
    wanted = [row.term in terms for row in listed]
    found = np.zeros((len(listed), len(np.unique(panel.starts)), panel.n_periods))
    found[:, :, : kept.n_periods] = FORMS[name](kept, options, listed)  # periods left out weigh nothing
    return found[wanted]


def _cells(panel: Panel, options: Options, rows: Sequence[Estimate]) -> Array:
    """Weights of averages of group-time cells."""
    grid = make_grid(panel, options)
    found = average_cells(
        grid, cell_effects(panel, grid, options.method, options.fix_weights), options, panel.n_periods - 1
    )
    where = {key: q for q, key in enumerate(zip(found.term, found.key, strict=True))}
    places = [where[row.term, 0 if row.event_time is None else row.event_time] for row in rows]
    sizes = np.bincount(grid.member, minlength=len(grid.groups))
    shares = grid.controls * sizes
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1)
    change = (grid.group[:, None] == np.arange(len(grid.groups))) - shares  # (C, H)
    cells = np.zeros((grid.size, len(grid.groups), panel.n_periods))
    each = np.arange(grid.size)
    cells[each, :, grid.period] = change
    cells[each, :, grid.base] -= change
    chosen = found.weights[: grid.size, places]
    if not isinstance(chosen, np.ndarray):
        chosen = chosen.toarray()
    return np.asarray(np.tensordot(chosen.T, cells, axes=1))


def _coefficient(panel: Panel, options: Options, rows: Sequence[Estimate]) -> Array:
    """Weights of the static coefficient."""
    return _slopes(panel, static_design(panel, options))[: len(rows)]


def _events(panel: Panel, options: Options, rows: Sequence[Estimate]) -> Array:
    """Weights of the coefficients of an event study and of their mean from the start on."""
    design, events = event_design(panel, options)
    slopes = _slopes(panel, design)
    place = {int(e): k for k, e in enumerate(events)}
    after = [place[row.event_time] for row in rows if row.event_time is not None and row.event_time >= 0]
    reference = reference_event(panel, options)
    found = np.zeros((len(rows), *slopes.shape[1:]))
    for q, row in enumerate(rows):
        if row.event_time is None:
            found[q] = slopes[after].mean(axis=0)
        elif row.event_time != reference:
            found[q] = slopes[place[row.event_time]]
    return found


def _slopes(panel: Panel, design: Design) -> Array:
    """(K, H, T) weights of group means in the coefficients of a regression with unit effects."""
    starts, first, sizes = np.unique(panel.starts, return_index=True, return_counts=True)
    columns = design.regressors.shape[2]
    wide = np.zeros((len(starts), panel.n_periods, columns))
    for group, unit in enumerate(first):
        used = design.used[unit]
        own = design.regressors[design.kind[unit]][used]
        wide[group, used] = own - own.mean(axis=0)
    moment = np.tensordot(wide * sizes[:, None, None], wide, axes=([0, 1], [0, 1]))
    weights = (wide * sizes[:, None, None]) @ invert(moment)[0]
    return np.moveaxis(weights, 2, 0)


FORMS = {"group_time": _cells, "twfe": _coefficient, "event_study_twfe": _events}
