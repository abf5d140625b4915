"""The study's outcomes as panels for the engine, and what is known of the provinces beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.base.errors import InputError
from analysis.did import Options, Panel

if TYPE_CHECKING:
    from collections.abc import Sequence


def annual_panel(panel: pd.DataFrame, outcome: config.Outcome) -> pd.DataFrame:
    """Fourth quarters as years: ``province_code, year, cohort`` (first treated year) and the outcome.

    ``panel`` is ``panel.csv``; quarters and cohorts are written ``YYYYQn``.
    """
    quarter, first = panel["quarter"], panel["cohort"]
    table = pd.DataFrame(
        {
            "province_code": panel["province_code"],
            "year": quarter.str[:4].astype(int),
            "cohort": first.str[:4].astype(int),
            outcome.name: panel[outcome.name],
        }
    )
    used = (quarter.str[-2:] == "Q4") & table["year"].between(config.ESTIMATION_START, outcome.last_year)
    return table[used].reset_index(drop=True)


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
    found: np.ndarray = count.to_numpy(dtype=float)
    return found


def regions(units: Sequence[str]) -> np.ndarray:
    """(N,) region of each province."""
    region = {code: k for k, codes in enumerate(config.REGIONS) for code in codes}
    return np.array([region[unit] for unit in units])
