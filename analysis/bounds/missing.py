"""Which unpublished count would narrow the answer most: what an agency should release next.

For a province's enrolment at a quarter-end that nobody has printed, suppose it were: at each value
its identified interval allows, the estimand's interval would shrink to some width. The list gives the
widest of these, so the reduction is what the release is sure to bring, whatever the number.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.bounds.estimands import average, spread

if TYPE_CHECKING:
    from analysis.bounds.model import EnrolmentSet

GRID = 9  # hypothetical values tried across the interval of the missing figure
UNIT = "per_1000_residents"
COLUMNS = ("quarter", "province_code", "estimand", "unit", "width_before", "width_after", "reduction")


def width(panel: EnrolmentSet, weights: np.ndarray) -> float:
    """Length of the estimand's identified interval."""
    return panel.value(weights, "upper") - panel.value(weights, "lower")


def rank_missing(panel: EnrolmentSet, quarters: list[pd.Period]) -> pd.DataFrame:
    """Rank the province counts missing at ``quarters`` by how far each is sure to narrow the average.

    Parameters
    ----------
    panel
        The identified set under the headline reading.
    quarters
        Quarters whose province average (per 1,000 residents) should be narrowed. A quarter whose
        average is not bounded from above has no width and is left out.

    Returns
    -------
    DataFrame
        `COLUMNS`; widths in people per 1,000 residents; largest reduction first within a quarter.
    """
    rows = []
    for quarter in quarters:
        now = panel.units[panel.units["quarter"] == quarter]
        weights = spread(average(now, UNIT), panel)
        before = width(panel, weights)
        if not math.isfinite(before):
            continue
        for position, row in now.iterrows():
            one = np.zeros(panel.size)
            one[position] = 1.0
            low, high = panel.value(one, "lower"), panel.value(one, "upper")
            counts = np.linspace(low, high, GRID if high > low else 1)
            place = (row["province_code"], quarter)
            top, bottom = (panel.values_at(weights, side, *place, counts) for side in ("upper", "lower"))
            after = max(0.0, float((top - bottom).max()))
            narrowed = max(before - after, 0.0)
            values = (str(quarter), row["province_code"], "province_average", UNIT, before, after, narrowed)
            rows.append(values)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["quarter", "reduction", "province_code"], ascending=[True, False, True])
