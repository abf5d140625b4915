"""Averages of group-time cells: overall, by cohort, by calendar period, by event time.

Every average weights cells by the share of their cohort among units. The shares are estimated, so an
average's influence function has a part for the cells and a part for the shares.
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
        (C + H, Q) derivatives of each average with respect to cells and group shares.
    members
        (Q, H) groups whose treated units stand behind each average.
    """

    term: tuple[str, ...]
    key: tuple[int, ...]
    estimate: NDArray[np.float64]
    weights: NDArray[np.float64]
    members: NDArray[np.bool_]


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
    With shares p_g, an average over cells K is sum p_g ATT(g,t) / sum p_g. The overall effect ``att``
    is the average of cohort effects (Callaway and Sant'Anna 2021, theta_sel^O), their recommended
    summary; the other overall effects are in `OVERALL`.
    """
    known = ~np.isnan(effects.effect)
    post = known & (grid.event_time >= 0)
    eventful = known & select_events(grid, options, last)
    cohorts = np.unique(grid.cohort[post])
    periods = np.unique(grid.period[post])
    events = np.unique(grid.event_time[eventful])
    rows = np.vstack(
        [
            post,
            post & (grid.cohort == cohorts[:, None]),
            post & (grid.period == periods[:, None]),
            eventful & (grid.event_time == events[:, None]),
        ]
    ).astype(float)
    share = effects.shares[grid.group]
    effect = np.where(known, effects.effect, 0.0)
    mass = rows @ share
    mass[mass == 0] = np.nan
    estimate = rows @ (share * effect) / mass
    by_group = grid.group[:, None] == np.arange(len(grid.groups))  # (C, H)
    on_cells = rows * share / mass[:, None]
    on_shares = ((rows * effect) @ by_group - (rows @ by_group) * estimate[:, None]) / mass[:, None]
    weights = np.hstack([on_cells, on_shares])
    members = rows @ by_group > 0

    first = 1 + len(cohorts)
    cohort_rows, calendar_rows = slice(1, first), slice(first, first + len(periods))
    event_rows = first + len(periods) + np.flatnonzero(events >= 0)
    sizes = effects.shares[np.searchsorted(grid.groups, cohorts)]
    att = float(sizes @ estimate[cohort_rows] / sizes.sum())
    att_weights = sizes @ weights[cohort_rows] / sizes.sum()
    att_weights[grid.size + np.searchsorted(grid.groups, cohorts)] += (
        estimate[cohort_rows] - att
    ) / sizes.sum()
    overall = [(att, att_weights, members[0])]
    overall.append((float(estimate[0]), weights[0], members[0]))
    names = ["att", "att_simple"]
    if len(event_rows):
        behind = members[event_rows].any(axis=0)
        overall.append((float(estimate[event_rows].mean()), weights[event_rows].mean(axis=0), behind))
        names.append("att_event")
    overall.append((float(estimate[calendar_rows].mean()), weights[calendar_rows].mean(axis=0), members[0]))
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
        members=np.vstack([*[row[2] for row in overall], members[1:]]),
    )
