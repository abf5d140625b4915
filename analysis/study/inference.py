"""Every way of judging the study's estimates, beside each other, with the one named in advance marked.

With one treated cohort the two-way event study averaged over its years after the start equals the
group-time effect, so that regression-based and permutation-based methods judge the same number.
Product: ``inference.csv``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.base.errors import InputError
from analysis.base.files import save_table
from analysis.did import Options, Panel
from analysis.did.inference import battery
from analysis.did.inference.schemes import bands, level_bands
from analysis.study.estimates import annual_panel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from analysis.did.inference.record import Inference

KEY = ("outcome", "estimator", "term", "event_time", "method")
ESTIMATORS = ("event_study_twfe", "twfe")


def study_options() -> Options:
    """Options of the study's estimates, without bootstrap bands."""
    return Options(level=config.CONFIDENCE_LEVEL, seed=config.SEED, base="universal")


def read_outcome(panel: pd.DataFrame, outcome: config.Outcome) -> Panel:
    """Annual panel of one outcome on all provinces."""
    return Panel.from_frame(
        annual_panel(panel, outcome),
        unit="province_code",
        time="year",
        outcome=outcome.name,
        cohort="cohort",
    )


def residents(panel: pd.DataFrame, units: Sequence[str]) -> np.ndarray:
    """(N,) residents of each province at the last year-end before the pilot.

    Raises
    ------
    InputError
        A province has no count.
    """
    year_end = f"{config.PILOT_START.year - 1}Q4"
    count = panel[panel["quarter"] == year_end].set_index("province_code")[config.RESIDENTS].reindex(units)
    if count.isna().any():
        raise InputError(f"no residents at {year_end} in {', '.join(count[count.isna()].index)}")
    return count.to_numpy(dtype=float)


def regions(units: Sequence[str]) -> np.ndarray:
    """(N,) region of each province."""
    region = {code: k for k, codes in enumerate(config.REGIONS) for code in codes}
    return np.array([region[unit] for unit in units])


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


def build(processed: Path) -> None:
    """``inference.csv`` from ``panel.csv``."""
    panel = pd.read_csv(processed / "panel.csv", dtype={"province_code": str})
    save_table(infer_outcomes(panel), KEY, processed / "inference.csv")
