"""Every way of judging the study's estimates, beside each other, with the one named in advance marked.

With one treated cohort the two-way event study averaged over its years after the start equals the
group-time effect, so that regression-based and permutation-based methods judge the same number.
Product: ``inference.csv``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis import config
from analysis.did.inference import battery
from analysis.did.inference.schemes import bands, level_bands
from analysis.study.outcomes import read_outcome, regions, residents, study_options

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from analysis.did import Panel
    from analysis.did.inference.record import Inference

KEY = ("outcome", "estimator", "term", "event_time", "method")
ESTIMATORS = ("event_study_twfe", "twfe")


def judge(data: Panel, estimator: str, sizes: np.ndarray) -> list[Inference]:
    """The overall effect of one outcome by every method."""
    strata = {
        "randomization_region": regions(data.units),
        "randomization_size": bands(sizes, config.SIZE_BANDS),
        "randomization_level": level_bands(data, config.LEVEL_BANDS),
    }
    return battery.judge(
        data, estimator, study_options(), strata=strata, sizes=sizes, draws=config.BOOTSTRAP_DRAWS
    )


def infer_outcomes(panel: pd.DataFrame) -> pd.DataFrame:
    """Table of all outcomes, estimators and methods; rows of `romano_wolf` cover outcomes and years.

    Raises
    ------
    InputError
        A method cannot be computed.
    """
    rows, panels = [], {}
    for outcome in config.OUTCOMES:
        data = read_outcome(panel, outcome)
        panels[outcome.name] = data
        sizes = residents(panel, data.units)
        for estimator in ESTIMATORS:
            rows += [(outcome.name, estimator, row) for row in judge(data, estimator, sizes)]
    for estimator in ESTIMATORS:
        family = battery.family(
            panels, estimator, study_options(), over="outcomes and years", draws=config.BOOTSTRAP_DRAWS
        )
        rows += [(outcome, estimator, row) for outcome, row in family]
    table = battery.inference_table(rows, evidence="statistics", named=config.INFERENCE)
    battery.refuse_gaps(table["assumes"])
    return table
