"""What an annual outcome of the exports owes to choices: own trends, pre-periods, every specification.

The same tables as `analysis.study.sensitivity` makes for the study's own outcomes. What the exported
years do not allow is said on the terminal and left out, and an earlier file of it goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.base.errors import InputError
from analysis.base.files import save_table
from analysis.base.progress import say
from analysis.did import Panel
from analysis.did.digits import ESTIMATED
from analysis.exports.outcomes import base_values
from analysis.study.own_trends import own_trend_table, window_table
from analysis.study.sensitivity import joint_table
from analysis.study.specification_curve import COLUMNS, curve_table, specification_curve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from analysis.did import Options

TRENDS, CURVE, JOINT = "own_trends.csv", "specification_curve.csv", "specification_joint.csv"


def write_sensitivity(
    name: str, frame: pd.DataFrame, data: Panel, panel: pd.DataFrame, options: Options, out: Path
) -> None:
    """Write ``own_trends.csv``, ``specification_curve.csv`` and ``specification_joint.csv``.

    Parameters
    ----------
    name
        Of the outcome.
    frame
        From `outcome_frame`, with the start of every wave.
    data
        Its panel, with the first wave as the only cohort.
    panel
        ``panel.csv``, for what the curve adjusts for.
    options
        Of the study.
    out
        Folder of the outcome.
    """

    def trends() -> None:
        tables = [own_trend_table(data, options), window_table(data, options)]
        table = pd.concat(tables, ignore_index=True).assign(evidence="statistics")
        save_table(table, ["analysis", "variant"], out / TRENDS, ESTIMATED)

    def curve() -> None:
        check_years(data)
        waves = Panel.from_frame(frame, unit="province_code", time="period", outcome=name, cohort="cohort")
        units = list(waves.units)
        covariates = {
            "log_gdp_per_head": base_values(panel, "log_gdp_per_head", units),
            "log_residents": np.log(base_values(panel, config.RESIDENTS, units)),
        }
        found = specification_curve(waves, covariates, config.CURVE_DRAWS, config.SEED)
        table = curve_table(found).assign(evidence="statistics")
        save_table(table, list(COLUMNS), out / CURVE, ESTIMATED)
        save_table(joint_table(found).assign(evidence="statistics"), ["variant"], out / JOINT, ESTIMATED)

    attempt(trends, "own trends", [out / TRENDS])
    attempt(curve, "specification curve", [out / CURVE, out / JOINT])


def attempt(write: Callable[[], None], what: str, files: list[Path]) -> None:
    """Write some files, or say why not and remove earlier ones."""
    try:
        write()
    except InputError as error:
        for file in files:
            file.unlink(missing_ok=True)
        say(f"coverage: no {what}: {error.problem}")


def check_years(data: Panel) -> None:
    """Refuse a panel without the years that specifications choose among."""
    needed = [str(year) for year in range(config.ESTIMATION_START, config.PILOT_START.year + 3)]
    absent = sorted(set(needed) - set(map(str, data.times)))
    if absent:
        raise InputError(
            f"specifications choose among the years {needed[0]} to {needed[-1]}, and the exports lack "
            f"{', '.join(absent)}"
        )
