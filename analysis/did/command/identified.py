"""The report's table of what is identified, made of the cells that were estimated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..panel.comparison import comparable
from ..panel.gate import listing
from ..panel.panel import NEVER, Panel
from ..registry import estimate
from ..results import to_frame

if TYPE_CHECKING:
    import pandas as pd

    from ..options import Options

CELLS = "group_time"  # whose cells the table shows, and the term of cells


@dataclass(frozen=True)
class Identified:
    """Effects that were estimated, by cohort and period.

    Parameters
    ----------
    rows
        One per cohort: first treated, units, periods with an effect, periods from the start on without.
    treated
        Units whose effect is estimated.
    notes
        What was left out, and cells that single estimators lack.
    """

    rows: list[list[str]]
    treated: int
    notes: list[str]


def identified(panel: Panel, options: Options, frame: pd.DataFrame) -> Identified:
    """List the cells from the start on that have an estimate.

    Parameters
    ----------
    frame
        Table of `results.to_frame`. Cells of group_time are shown; where it was not asked for, those of
        another estimator, and where none gives cells, group_time is run for its cells alone.
    """
    try:
        note = comparable(panel, options).note
        cells, name = _cells(panel, options, frame)
    except InputError as error:
        return Identified([], 0, [f"No cell is identified: {error.problem}."])
    place = {str(label): t for t, label in enumerate(panel.times)}
    periods = {
        place[str(cohort)]: sorted(place[str(period)] for period in own["period"])
        for cohort, own in cells[cells["term"] == CELLS].groupby("cohort")
    }
    standing = {
        place[str(row.cohort)]: int(row.n_treated) for row in cells[cells["term"] == "cohort"].itertuples()
    }
    rows = []
    for cohort in np.unique(panel.cohort).tolist():
        members = np.flatnonzero(panel.cohort == cohort)
        if cohort >= NEVER:
            labels = sorted({panel.cohort_labels[k] or "never" for k in members})
            rows.append([", ".join(labels), str(len(members)), "control in all periods", ""])
            continue
        found = periods.get(cohort, [])
        lost = [t for t in range(cohort, panel.n_periods) if t not in found]
        count = standing.get(cohort, len(members))
        units = str(count) if count == len(members) else f"{count} of {len(members)}"
        rows.append([str(panel.label(cohort)), units, spans(panel, found), spans(panel, lost)])
    notes = [note, *_lacking(frame, cells, name)]
    return Identified(rows, sum(standing.values()), [text for text in notes if text])


def spans(panel: Panel, positions: list[int]) -> str:
    """Write periods in runs, such as ``2004, 2006 to 2008``; ``none`` where there is none."""
    if not positions:
        return "none"
    cuts = np.flatnonzero(np.diff(positions) > 1) + 1
    runs = [part.tolist() for part in np.split(np.array(positions), cuts)]
    return ", ".join(
        str(panel.label(run[0])) + (f" to {panel.label(run[-1])}" if len(run) > 1 else "") for run in runs
    )


def _cells(panel: Panel, options: Options, frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Cells from the start on and cohort effects of one estimator, and its name."""
    after = frame[frame["estimate"].notna() & ~(frame["event_time"] < 0).fillna(False)]
    names = list(dict.fromkeys(after.loc[after["term"] == CELLS, "estimator"]))
    if not names:
        rows = estimate(panel, CELLS, replace(options, draws=0))
        return _cells(panel, options, to_frame(rows, evidence="records", outcome="", specification=""))
    name = CELLS if CELLS in names else names[0]
    return after[after["estimator"] == name], name


def _lacking(frame: pd.DataFrame, cells: pd.DataFrame, name: str) -> list[str]:
    """Say which estimators lack cells that the table shows."""
    shown = cells[cells["term"] == CELLS]
    wanted = list(zip(shown["cohort"], shown["period"], strict=True))
    notes = []
    for other, own in frame[(frame["term"] == CELLS) & frame["estimate"].notna()].groupby(
        "estimator", sort=False
    ):
        has = set(zip(own["cohort"], own["period"], strict=True))
        lost = [f"{cohort} in {period}" for cohort, period in wanted if (cohort, period) not in has]
        if other != name and lost:
            notes.append(f"{other} has no effect for cohort {listing(lost)}.")
    return notes
