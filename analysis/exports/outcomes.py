"""Outcomes named in advance, made of exported tables: rates, growth and the panel that the engine reads.

Denominators are those of the last year-end before the pilot: urban employees move with the pilot's own
spill-overs, and their series breaks in some provinces, so a rate over the current number would mix both.
Quarterly values are sums since January; their growth on the same quarter a year before has no season.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.base.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.exports.folder import Exports

BASE = f"{config.PILOT_START.year - 1}Q4"
LAST_YEAR = max(outcome.last_year for outcome in config.OUTCOMES)  # 7 treated, 24 not yet
LAST_QUARTER = pd.Period("2025Q2", freq="Q")  # before the second wave
FEWEST_BEFORE = 3  # periods; with fewer, nothing is known of trends


@dataclass(frozen=True)
class Outcome:
    """One outcome of the coverage study.

    Parameters
    ----------
    table
        Series of the catalogue.
    role
        ``coverage``, ``spill-over`` or ``check``.
    per
        Column of ``panel.csv`` whose value at `BASE` divides; blank: growth on a year before, in logs.
    with_pilot
        Also as an interval: the rate plus enrolment in the pilot.
    """

    name: str
    table: str
    role: str
    label_en: str
    label_zh: str
    per: str = ""
    with_pilot: bool = False

    @property
    def quarterly(self) -> bool:
        """Whether its periods are quarters."""
        return not self.per


EMPLOYEES_EN = "per 100 employees of urban non-private units at the end of 2021"
EMPLOYEES_ZH = "每百名2021年末城镇非私营单位就业人员"
OUTCOMES = (
    Outcome(
        "work_injury_rate", "work_injury_participants", "coverage",
        f"work-injury insurance participants {EMPLOYEES_EN}", f"{EMPLOYEES_ZH}的工伤保险参保人数",
        config.URBAN_EMPLOYEES, with_pilot=True,
    ),
    Outcome(
        "unemployment_rate", "unemployment_participants", "spill-over",
        f"unemployment insurance participants {EMPLOYEES_EN}", f"{EMPLOYEES_ZH}的失业保险参保人数",
        config.URBAN_EMPLOYEES,
    ),
    Outcome(
        "pension_rate", "pension_participants", "spill-over",
        f"participants in urban employees' pension insurance {EMPLOYEES_EN}",
        f"{EMPLOYEES_ZH}的城镇职工基本养老保险参保人数", config.URBAN_EMPLOYEES,
    ),
    Outcome(
        "quarterly_income_growth", "quarterly_income", "spill-over",
        "log growth on a year before of income per head since January",
        "居民人均可支配收入累计值对数同比增长",
    ),
    Outcome(
        "quarterly_retail_growth", "quarterly_retail", "spill-over",
        "log growth on a year before of retail sales since January", "社会消费品零售总额累计值对数同比增长",
    ),
    Outcome(
        "quarterly_output_growth", "quarterly_output", "check",
        "log growth on a year before of output since January", "地区生产总值累计值对数同比增长",
    ),
)  # fmt: skip
DOSE = "parcels"  # per resident at `BASE`: how much platform work there is


def base_values(panel: pd.DataFrame, column: str, units: list[str]) -> np.ndarray:
    """(N,) a column of ``panel.csv`` at `BASE`.

    Raises
    ------
    InputError
        A province has none.
    """
    found = panel[panel["quarter"] == BASE].set_index("province_code")[column].reindex(units)
    if found.isna().any():
        raise InputError(f"no {column} at {BASE} in {', '.join(found[found.isna()].index)}", file="panel.csv")
    values: np.ndarray = found.to_numpy(dtype=float)
    return values


def outcome_frame(outcome: Outcome, exports: Exports, panel: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """One outcome as a long table for the engine.

    Parameters
    ----------
    outcome, exports
        What to make, and of what.
    panel
        ``panel.csv``: first treated quarters and denominators.
    folder
        Named in messages.

    Returns
    -------
    DataFrame
        ``province_code, period, cohort, NAME`` from the study's first year to the last period in which
        only the first wave is treated; ``period`` and ``cohort`` are years or quarters (``2024Q4``).

    Raises
    ------
    InputError
        A province has a blank in those periods, the years have a gap, or fewer than `FEWEST_BEFORE`
        periods precede the pilot.
    """
    table = exports.tables[outcome.table]
    wide = table.pivot(index="province_code", columns="period", values="value")
    wide = quarterly_growth(wide) if outcome.quarterly else annual_rate(wide, outcome, panel)
    wide = wide.loc[:, wide.notna().any()]
    check_periods(wide, outcome, folder)
    long = wide.reset_index().melt("province_code", var_name="period", value_name=outcome.name)
    starts = panel.drop_duplicates("province_code").set_index("province_code")["cohort"]
    first = starts if outcome.quarterly else starts.str[:4]
    return long.assign(cohort=long["province_code"].map(first))[
        ["province_code", "period", "cohort", outcome.name]
    ]


def annual_rate(wide: pd.DataFrame, outcome: Outcome, panel: pd.DataFrame) -> pd.DataFrame:
    """Persons per 100 of the denominator, from the study's first year to its last."""
    years = [p for p in wide.columns if config.ESTIMATION_START <= int(p) <= LAST_YEAR]
    return 100 * wide[years].div(base_values(panel, outcome.per, list(wide.index)), axis=0)


def quarterly_growth(wide: pd.DataFrame) -> pd.DataFrame:
    """Log growth on the same quarter of the year before, to the last quarter before the second wave."""
    wrong = (wide <= 0).any()
    if wrong.any():
        period = str(wrong.index[wrong][0])
        raise InputError("a value is not positive", column=period, value=float(wide[period].min()),
                         expected="a sum since January above zero")  # fmt: skip
    logs = wide.map(np.log)
    quarters = pd.period_range(config.PANEL_START, LAST_QUARTER, freq="Q")
    named = [str(q) for q in quarters if str(q) in logs.columns and str(q - 4) in logs.columns]
    before = [str(pd.Period(name, freq="Q") - 4) for name in named]
    return pd.DataFrame(logs[named].to_numpy() - logs[before].to_numpy(), logs.index, named)


def check_periods(wide: pd.DataFrame, outcome: Outcome, folder: Path) -> None:
    """Refuse blanks, gaps, and panels that end too early or begin too late."""
    blank = wide.isna().any()
    if blank.any():
        period = str(blank.index[blank][0])
        where = ", ".join(wide.index[wide[period].isna()])
        raise InputError(
            f"{outcome.name}: {where} has no value in {period}", file=folder, column=period,
            expected="every province in every period of the study",
            action="export the table again; a value is never filled in",
        )  # fmt: skip
    periods = [pd.Period(name, freq="Q" if outcome.quarterly else "Y") for name in wide.columns]
    start = config.PILOT_START if outcome.quarterly else pd.Period(str(config.PILOT_START.year), freq="Y")
    before = sum(period < start for period in periods)
    after = sum(period >= start for period in periods)
    if before < FEWEST_BEFORE or not after:
        raise InputError(
            f"{outcome.name}: {before} periods precede the pilot and {after} follow",
            file=folder, expected=f"{FEWEST_BEFORE} or more before {start}, and one from then on",
            action=f"choose 最近20年, or {config.ESTIMATION_START} to now, and export the table again",
        )  # fmt: skip
    gaps = [str(b) for a, b in pairwise(periods) if (b - a).n != 1]
    if gaps:
        raise InputError(f"{outcome.name}: periods are missing before {', '.join(gaps)}", file=folder,
                         action="export every period of the window")  # fmt: skip
