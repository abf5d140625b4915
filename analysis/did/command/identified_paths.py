"""The report's table of what is identified where treatment is a path, made of the comparisons themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..estimators.switchers import compared, groups, switching
from ..panel.panel import NEVER, Panel
from .identified import Identified, spans

if TYPE_CHECKING:
    from ..options import Options

PATHS_HEADER = ("Status quo", "First change", "Units", "Effect identified in", "Not identified in")


def identified_paths(panel: Panel, options: Options) -> Identified:
    """List, by status quo and first change, the periods in which some switcher has a control."""
    try:
        found = switching(panel, options)
    except InputError as error:
        return Identified([], 0, [f"No effect is identified: {error.problem}."])
    rows, treated = [], np.zeros(panel.n_units, dtype=bool)
    for group in groups(found):
        quo, start, sign = group
        after = range(start, panel.n_periods)
        sides = {t: both for t in after if (both := compared(found, options, group, t, t))}
        for _, switchers, _ in sides.values():
            treated |= switchers
        count = int(((found.quo == quo) & (panel.cohort == start) & (found.direction == sign)).sum())
        change = f"{panel.label(start)}, {'up' if sign > 0 else 'down'}"
        lost = [t for t in after if t not in sides]
        rows.append([f"{quo:g}", change, str(count), spans(panel, list(sides)), spans(panel, lost)])
    for quo in np.unique(found.quo[panel.cohort == NEVER]).tolist():
        count = int(((found.quo == quo) & (panel.cohort == NEVER)).sum())
        rows.append([f"{quo:g}", "never", str(count), "control in all periods", ""])
    return Identified(rows, int(treated.sum()), [found.note] if found.note else [])
