"""How far two comparisons stray by chance, from the model alone: against the last year, and own trends.

Also detectable effects in units of noise, for outcomes whose noise is not known yet.

No panel is drawn: both are weighted sums of group means, whose spread over lotteries `Calibration` knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis import config

if TYPE_CHECKING:
    import pandas as pd

    from analysis.did.numerics.types import Array
    from analysis.lab.calibrate import Calibration

ESTIMATOR = "group_time"
AFTER = (3, 5, 8)  # years after the start


def against_last_year(before: int, after: int) -> Array:
    """(T,) weights of the mean after the start less the last year before."""
    weights = np.zeros(before + after)
    weights[before:], weights[before - 1] = 1 / after, -1.0
    return weights


def against_own_trend(before: int, after: int) -> Array:
    """(T,) weights of the mean after the start less the line through the years before."""
    time = np.arange(before + after, dtype=float)
    line = np.column_stack([np.ones(before), time[:before]])
    weights = np.full(before + after, 1 / after)
    weights[:before] = -np.array([1.0, time[before:].mean()]) @ np.linalg.pinv(line)
    return weights


def spreads(model: Calibration, before: int, sizes: tuple[int, int]) -> dict[tuple[str, int], float]:
    """Sd of both comparisons without an effect, by name and years after the start."""
    found = {}
    for after in AFTER:
        for name, build in (("last_year", against_last_year), ("own_trend", against_own_trend)):
            own = build(before, after)
            found[name, after] = model.contrast_sd(np.stack([own, -own]), sizes)
    return found


def in_innovations(lab: pd.DataFrame) -> tuple[float, float]:
    """Detectable effects of the study's present outcomes in units of their yearly noise, least and most.

    Parameters
    ----------
    lab
        ``lab.csv``. The unit makes designs comparable whose outcome has no data yet.
    """
    rows = lab[(lab["calendar"] == "annual") & (lab["design"] == "null_random")]
    rows = rows[(rows["estimator"] == ESTIMATOR) & (rows["metric"] == "minimum_detectable_effect")]
    rows = rows[
        (rows["inference"] == config.INFERENCE) & rows["event_time"].astype("string").fillna("").eq("")
    ]
    noise = lab[lab["metric"] == "calibration_innovation_sd"].set_index("outcome")["value"]
    ratio = rows.set_index("outcome")["value"] / noise
    return float(ratio.min()), float(ratio.max())
