"""The effect measured against each province's own straight trend before the start, and within level bands.

Against the last year before, a province that was slowing down anyway looks like one that was slowed. A
line through all years before takes that out, at the price of trusting the line. The same is done at
an earlier date, where no effect can be. Rows ``own_trend`` of ``sensitivity.csv``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.did import NEVER, Options, Panel
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.schemes import Labels, level_bands

if TYPE_CHECKING:
    from analysis.did.numerics.types import Array

ESTIMATOR = "group_time"
PLACEBO_YEARS = 3  # years before the start that the placebo treats as if they came after


def beyond_trend(outcome: Array, first: int) -> Array:
    """(N,) mean distance of (N, T) outcomes from period ``first`` on from the line through those before."""
    time = np.arange(outcome.shape[1], dtype=float)
    line = np.column_stack([np.ones(first), time[:first]])
    fitted = np.linalg.lstsq(line, outcome[:, :first].T, rcond=None)[0]
    late = time[first:].mean()
    return np.asarray(outcome[:, first:].mean(axis=1) - fitted[0] - fitted[1] * late)


def own_trend_table(data: Panel, options: Options) -> pd.DataFrame:
    """Rows by number of level bands, ``none`` among them, and the placebo of `PLACEBO_YEARS` earlier.

    Notes
    -----
    With z the distances of `beyond_trend`, the estimate is the difference in mean z between treated and
    other provinces, within bands weighted by :math:`n_1 n_0 / n`; p-values and sets are those of
    `randomization_inference`. Every province has its line from the same years, whoever is treated, so
    that reassigning treatment moves nothing else.
    """
    (first,) = data.cohorts
    starts = np.where(data.cohort < NEVER, 1, NEVER)

    def panel(outcome: Array, start: int) -> Panel:
        beyond = beyond_trend(outcome, start)
        return Panel.from_arrays(np.column_stack([np.zeros(len(beyond)), beyond]), starts)

    whole = panel(data.outcome, first)
    ways: list[tuple[str, Panel, Labels | None]] = [("none", whole, None)]
    ways += [(str(count), whole, level_bands(data, count)) for count in config.LEVEL_BANDS_TRIED]
    ways.append(("placebo", panel(data.outcome[:, :first], first - PLACEBO_YEARS), None))
    rows = []
    for variant, changed, strata in ways:
        (test,) = randomization_inference(
            changed, ESTIMATOR, options, strata=strata, draws=config.BOOTSTRAP_DRAWS, seed=config.SEED
        )
        rows.append(
            {
                "analysis": "own_trend", "variant": variant, "estimator": "own_trend",
                "estimate": test.estimate, "ci_low": test.ci_low, "ci_high": test.ci_high,
                "p_value": test.p_value, "n_units": data.n_units,
                "note": f"{test.comparisons} {'' if test.exact else 'drawn '}assignments",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
