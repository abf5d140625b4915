"""Averages of group-time cells: overall, by cohort, by calendar period, by event time.

Averages weight cells by the share of their cohort, counting only units that stand in the cells averaged:
in those of one period or event time the units of each cell, in those of several periods the cohort's
units that stand in some cell from the start on. The shares are estimated, so an average's influence
function has a part for the cells and a part for the shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..options import Options
    from .cell_effects import CellEffects
    from .cells import Grid

OVERALL = {
    "att": "average of the cohort effects, weighted by cohort size",
    "att_simple": "average of all post-treatment cells, weighted by cohort size",
    "att_event": "plain average of the event-time effects from 0 on",
    "att_calendar": "plain average of the calendar effects",
}


@dataclass(frozen=True)
class Averages:
    """Q averages of cells.

    Parameters
    ----------
    term
        (Q,) names as in `results.Estimate`.
    key
        (Q,) cohort position, period position or event time; 0 for overall effects.
    estimate
        (Q,).
    weights
        (C + S, Q) derivatives of each average with respect to cells and shares.
    treated
        (Q,) treated units behind each average.
    reference
        (Q,) whether all cells averaged are their own base period: zero by construction.
    """

    term: tuple[str, ...]
    key: tuple[int, ...]
    estimate: NDArray[np.float64]
    weights: NDArray[np.float64]
    treated: NDArray[np.int64]
    reference: NDArray[np.bool_]


def select_events(grid: Grid, options: Options, last: int) -> NDArray[np.bool_]:
    """(C,) cells that enter event-time averages, by the window and the balance asked for."""
    event = grid.event_time
    chosen = np.ones(grid.size, dtype=bool)
    if options.balance is not None:
        chosen &= last - grid.cohort >= options.balance
        chosen &= (event <= options.balance) & (event >= options.balance - last)
    if options.window is not None:
        chosen &= (event >= options.window[0]) & (event <= options.window[1])
    return chosen


def average_cells(grid: Grid, effects: CellEffects, options: Options, last: int) -> Averages:
    """All averages of a grid; ``last`` is the position of the last period.

    Notes
    -----
    With shares p, an average over cells K is sum p ATT(g,t) / sum p. The overall effect ``att``
    is the average of cohort effects (Callaway and Sant'Anna 2021, theta_sel^O), their recommended
    summary; the other overall effects are in `OVERALL`.
    """
    known = ~np.isnan(effects.effect)
    post = known & (grid.event_time >= 0)
    eventful = known & select_events(grid, options, last)
    options.check_events_left(bool(eventful.any()))
    cohorts = np.unique(grid.cohort[post])
    periods = np.unique(grid.period[post])
    events = np.unique(grid.event_time[eventful])
    pooled = np.vstack([post, post & (grid.cohort == cohorts[:, None])])
    single = np.vstack(
        [
            post & (grid.period == periods[:, None]),
            eventful & (grid.event_time == events[:, None]),
        ]
    )
    parts = (
        _weighted(pooled, effects.group_share[grid.group], effects),
        _weighted(single, effects.cell_share, effects),
    )
    estimate = np.concatenate([values for values, _ in parts])
    weights = np.vstack([derivatives for _, derivatives in parts])
    by_group = grid.group[:, None] == np.arange(len(grid.groups))  # (C, H)
    rows = np.vstack([pooled, single])
    members, own_base = rows @ by_group, np.asarray(~(rows & ~grid.reference).any(axis=1))
    treated = np.concatenate([members[: len(pooled)] @ effects.standing, single @ effects.treated])

    first = 1 + len(cohorts)
    cohort_rows, calendar_rows = slice(1, first), slice(first, first + len(periods))
    event_rows = first + len(periods) + np.flatnonzero(events >= 0)
    place = effects.group_share[np.searchsorted(grid.groups, cohorts)]
    sizes = effects.shares[place]
    att = float(sizes @ estimate[cohort_rows] / sizes.sum())
    att_weights = sizes @ weights[cohort_rows] / sizes.sum()
    att_weights[grid.size + place] += (estimate[cohort_rows] - att) / sizes.sum()
    overall = [(att, att_weights, treated[0]), (float(estimate[0]), weights[0], treated[0])]
    names = ["att", "att_simple"]
    if len(event_rows):
        behind = members[event_rows].any(axis=0) @ effects.standing
        overall.append((float(estimate[event_rows].mean()), weights[event_rows].mean(axis=0), behind))
        names.append("att_event")
    overall.append((float(estimate[calendar_rows].mean()), weights[calendar_rows].mean(axis=0), treated[0]))
    names.append("att_calendar")
    return Averages(
        term=(
            *names,
            *["cohort"] * len(cohorts),
            *["calendar"] * len(periods),
            *["event"] * len(events),
        ),
        key=(*[0] * len(names), *cohorts.tolist(), *periods.tolist(), *events.tolist()),
        estimate=np.concatenate([[row[0] for row in overall], estimate[1:]]),
        weights=np.vstack([*[row[1] for row in overall], weights[1:]]).T,
        treated=np.concatenate([[row[2] for row in overall], treated[1:]]).astype(np.int64),
        reference=np.concatenate([np.zeros(len(names), dtype=bool), own_base[1:]]),
    )


def _weighted(
    rows: NDArray[np.bool_], share_of: NDArray[np.int64], effects: CellEffects
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(Q,) averages over the cells of each row, and their (Q, C + S) derivatives; ``share_of`` is (C,)."""
    share = effects.shares[share_of]
    effect = np.nan_to_num(effects.effect)
    mass = rows @ share
    mass[mass == 0] = np.nan
    estimate = rows @ (share * effect) / mass
    which = share_of[:, None] == np.arange(len(effects.shares))  # (C, S)
    on_cells = rows * share / mass[:, None]
    on_shares = ((rows * effect) @ which - (rows.astype(float) @ which) * estimate[:, None]) / mass[:, None]
    return estimate, np.hstack([on_cells, on_shares])
