"""The laboratory on an exported outcome: how large an effect this design would find four times in five.

The model is fitted to the years before the pilot only. What comes out is simulated and says nothing of
the pilot.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import config
from analysis.base.errors import InputError
from analysis.did import NEVER
from analysis.exports.outcomes import base_values
from analysis.lab.cache import Cache
from analysis.lab.calibrate import calibrate
from analysis.lab.catalogue import Experiment, annual
from analysis.lab.design import Design
from analysis.lab.run import run
from analysis.study.outcomes import regions

if TYPE_CHECKING:
    import pandas as pd

    from analysis.did import Panel

ESTIMATOR = "group_time"
REPLICATIONS = 400  # Monte Carlo error of a size of 5 %: 1.1 points


def simulated_power(
    name: str, data: Panel, panel: pd.DataFrame, replications: int = REPLICATIONS
) -> pd.DataFrame:
    """Rows of the laboratory for one outcome without an effect, size and detectable effect among them.

    Its model has a level, a line and one correlation from period to period, years or quarters. Growth on a
    year before has more than that: neighbouring quarters share three quarters of it.

    Parameters
    ----------
    name
        Of the outcome.
    data
        Its panel; one cohort.
    panel
        ``panel.csv``, for residents and richness before the pilot.

    Raises
    ------
    InputError
        Fewer than five periods precede the pilot, or the outcome does not move.
    """
    units = list(data.units)
    (first,) = data.cohorts
    treated = data.cohort < NEVER
    try:
        model = calibrate(
            name, data.outcome[:, :first], base_values(panel, "log_gdp_per_head", units), treated,
            base_values(panel, config.RESIDENTS, units), regions(units),
        )  # fmt: skip
    except InputError as error:
        raise InputError(f"no simulation of {name}: {error.problem}") from error
    calendar = annual("annual", first, data.n_periods - first, int(treated.sum()), len(units))
    experiment = Experiment(Design("null_random", calendar), model, (ESTIMATOR,), power=True)
    with tempfile.TemporaryDirectory() as folder:
        return run([experiment], replications, 1, Cache(Path(folder), "exports"))


def detectable(rows: pd.DataFrame, method: str = config.INFERENCE) -> float:
    """Smallest mean effect found four times in five by a method; missing where the grid does not reach it."""
    found = rows[(rows["metric"] == "minimum_detectable_effect") & (rows["inference"] == method)]
    found = found[found["event_time"].astype("string").fillna("") == ""]
    return float(found["value"].iloc[0]) if len(found) else float("nan")
