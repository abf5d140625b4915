"""Averages of group-time cells: overall, by cohort, by calendar period, by event time.

Averages weight cells by the share of their cohort, counting only units that stand in the cells averaged:
in those of one period or event time the units of each cell, in those of several periods the cohort's
units that stand in some cell from the start on. The shares are estimated, so an average's influence
function has a part for the cells and a part for the shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

if TYPE_CHECKING:
    from ..options import Options
    from .cell_effects import CellEffects
    from .cells import Grid

DENSE = 4_000_000  # derivatives held in one matrix; where there are more, nearly all are zero

Weights: TypeAlias = NDArray[np.float64] | csr_array

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
        (C + S, Q) derivatives of each average with respect to cells and shares; sparse beyond `DENSE`.
    treated
        (Q,) treated units behind each average.
    reference
        (Q,) whether all cells averaged are their own base period: zero by construction.
    """

    term: tuple[str, ...]
    key: tuple[int, ...]
    estimate: NDArray[np.float64]
    weights: Weights
    treated: NDArray[np.int64]
    reference: NDArray[np.bool_]


def select_events(grid: Grid, options: Options, last: int) -> NDArray[np.bool_]:
    """(C,) cells that enter event-time averages, by the window and the balance asked for."""
    event, chosen = grid.event_time, np.ones(grid.size, dtype=bool)
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
    known, event = ~np.isnan(effects.effect), grid.event_time
    post = (known & (event >= 0)).nonzero()[0]
    eventful = (known & select_events(grid, options, last)).nonzero()[0]
    options.check_events_left(len(eventful) > 0)
    cohorts, by_cohort = _values(grid.cohort[post])
    periods, by_period = _values(grid.period[post])
    events, by_event = _values(event[eventful] + last)
    events -= last
    # Which cell stands in which average: all, those of a cohort, of a period, of an event time.
    first = 1 + len(cohorts)
    count = first + len(periods) + len(events)
    row = np.concatenate(
        [np.zeros(len(post), int), 1 + by_cohort, first + by_period, first + len(periods) + by_event]
    )
    cell = np.concatenate([post, post, post, eventful])
    pooled = row < first
    share_of = np.where(pooled, effects.group_share[grid.group[cell]], effects.cell_share[cell])
    estimate, weights = _weighted(row, cell, share_of, count, effects)
    members = np.zeros((count, len(grid.groups)), dtype=bool)
    members[row, grid.group[cell]] = True
    own_base = np.bincount(row, ~grid.reference[cell], count) == 0
    behind = np.bincount(row[~pooled], effects.treated[cell[~pooled]], count)
    treated = np.where(np.arange(count) < first, members @ effects.standing, behind)

    cohort_rows, calendar_rows = slice(1, first), slice(first, first + len(periods))
    event_rows = first + len(periods) + (events >= 0).nonzero()[0]
    place = effects.group_share[grid.groups.searchsorted(cohorts)]
    sizes = effects.shares[place]
    total = sizes.sum()
    att = float(sizes @ estimate[cohort_rows] / total)
    att_weights = sizes @ weights[cohort_rows] / total
    att_weights[grid.size + place] += (estimate[cohort_rows] - att) / total
    overall = [(att, att_weights, treated[0]), (float(estimate[0]), _mean(weights[:1]), treated[0])]
    names = ["att", "att_simple"]
    if len(event_rows):
        units = members[event_rows].any(axis=0) @ effects.standing
        overall.append((_plain(estimate[event_rows]), _mean(weights[event_rows]), units))
        names.append("att_event")
    overall.append((_plain(estimate[calendar_rows]), _mean(weights[calendar_rows]), treated[0]))
    names.append("att_calendar")
    on_top = np.array([derivatives for _, derivatives, _ in overall])
    stacked = (
        np.concatenate([on_top, weights[1:]])
        if isinstance(weights, np.ndarray)
        else vstack([csr_array(on_top), weights[1:]], format="csr")
    )
    return Averages(
        term=(
            *names,
            *["cohort"] * len(cohorts),
            *["calendar"] * len(periods),
            *["event"] * len(events),
        ),
        key=(*[0] * len(names), *cohorts.tolist(), *periods.tolist(), *events.tolist()),
        estimate=np.concatenate([[value for value, _, _ in overall], estimate[1:]]),
        weights=stacked.T,
        treated=np.concatenate([[units for _, _, units in overall], treated[1:]]).astype(np.int64),
        reference=np.concatenate([np.zeros(len(names), dtype=bool), own_base[1:]]),
    )


def _values(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct numbers in order, and the place of each among them; they are few and not negative."""
    present = np.bincount(numbers) > 0
    return present.nonzero()[0], (present.cumsum() - 1)[numbers]


def _weighted(
    row: NDArray[np.int64],
    cell: NDArray[np.int64],
    share_of: NDArray[np.int64],
    count: int,
    effects: CellEffects,
) -> tuple[NDArray[np.float64], Weights]:
    """(Q,) averages of cells, and their (Q, C + S) derivatives.

    Parameters
    ----------
    row, cell, share_of
        (P,) pairs of an average and a cell in it, and the share that the cell has as weight.
    count
        Q.
    """
    share, effect = effects.shares[share_of], effects.effect[cell]
    mass = np.bincount(row, share, count)
    mass[mass == 0] = np.nan
    estimate = np.bincount(row, share * effect, count) / mass
    size = len(effects.effect)
    values = np.concatenate([share / mass[row], (effect - estimate[row]) / mass[row]])
    rows, columns = np.concatenate([row, row]), np.concatenate([cell, size + share_of])
    width = size + len(effects.shares)
    if count * width > DENSE:
        return estimate, csr_array((values, (rows, columns)), shape=(count, width))
    return estimate, np.bincount(rows * width + columns, values, count * width).reshape(count, width)


def _plain(values: NDArray[np.float64]) -> float:
    """Plain mean of numbers."""
    return float(values.sum()) / len(values)


def _mean(rows: Weights) -> NDArray[np.float64]:
    """(C + S,) plain mean of rows."""
    number = rows.shape[0]
    return np.asarray(np.full(number, 1 / number) @ rows)
