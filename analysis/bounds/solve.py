"""From skeleton and ledger to ``bounds.csv``: one row per estimand and reading, ends by linear program."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from analysis import config
from analysis.bounds.contrasts import compare_waves, rank_signing
from analysis.bounds.estimands import list_estimands
from analysis.bounds.missing import rank_missing
from analysis.bounds.model import EnrolmentSet, Solution
from analysis.bounds.readings import read_ledger
from analysis.panel.build import first_quarter, start_dates

KEYS = ("estimand", "scope", "province_code", "quarter", "event_time", "unit", "assumptions")
COLUMNS = ("evidence", *KEYS[:6], "lower", "upper", "assumptions", "note")
COMPARED = ("pooled", "pooled_registrations", "province_average")  # under every reading
BY_PROVINCE = ("province", "per_1000_residents")
SIDES = ("lower", "upper")
UNBOUNDED = "no published figure limits it from above"


@dataclass(frozen=True)
class Bounds:
    """The tables of the step: intervals, the figures that hold them, what is missing, waves compared."""

    intervals: pd.DataFrame
    support: pd.DataFrame
    missing: pd.DataFrame
    contrasts: pd.DataFrame
    signing: pd.DataFrame


def pilot_cells(skeleton: pd.DataFrame, rollout: pd.DataFrame) -> pd.DataFrame:
    """Every province and quarter in the pilot, the Corps included (without denominators)."""
    treated = skeleton[skeleton["treated"] == 1]
    columns = {
        "residents_last_year_end": "residents",
        "urban_employees_last_year_end": "urban_employees",
    }
    cells = treated[["province_code", "quarter", "cohort", "event_time", *columns]].rename(columns=columns)
    starts = start_dates(rollout)
    last = skeleton["quarter"].max()
    extra = []
    for code in sorted(set(starts.index) - set(skeleton["province_code"])):
        first = first_quarter(starts[code])
        for event, quarter in enumerate(pd.period_range(first, last, freq="Q")):
            extra.append((code, quarter, str(first), event, np.nan, np.nan))
    if extra:
        cells = pd.concat([cells, pd.DataFrame(extra, columns=cells.columns)])
    return cells.sort_values(["province_code", "quarter"], ignore_index=True)


def enrolment_set(
    skeleton: pd.DataFrame,
    rollout: pd.DataFrame,
    ledger: pd.DataFrame,
    reading: config.Reading = config.HEADLINE,
) -> EnrolmentSet:
    """The identified set of the enrolment panel under one reading of the ledger."""
    return EnrolmentSet(pilot_cells(skeleton, rollout), read_ledger(ledger, reading), reading)


def province_bounds(skeleton: pd.DataFrame, rollout: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Headline interval of each province and bounded quarter, for the panel; upper missing if open."""
    panel = enrolment_set(skeleton, rollout, ledger)
    rows = []
    for position, cell in panel.cells[panel.cells["quarter"] <= config.BOUNDS_END].iterrows():
        if math.isnan(cell["residents"]):
            continue
        one = np.zeros(panel.size)
        one[position] = 1.0
        lower, upper = (panel.value(one, side) for side in ("lower", "upper"))
        rows.append(
            (cell["province_code"], cell["quarter"], lower, upper if math.isfinite(upper) else np.nan)
        )
    columns = ["province_code", "quarter", "enrolled_lower", "enrolled_upper"]
    return pd.DataFrame(rows, columns=columns)


def solve_bounds(skeleton: pd.DataFrame, rollout: pd.DataFrame, ledger: pd.DataFrame) -> Bounds:
    """Bound every estimand under the headline, and under each reading those that a reader compares.

    These are the pooled ones and the province average; each province where the reading is about provinces.

    Parameters
    ----------
    skeleton
        From `analysis.panel.build.build_skeleton`.
    rollout, ledger
        As `analysis.inputs` loads them; the ledger with ``date_published`` of each source.

    Returns
    -------
    Bounds
        ``intervals`` in the columns of bounds.csv; ``support`` with one row per printed figure that
        holds an end in place (shadow price: change of the end, in its unit, per person);
        ``missing`` from `rank_missing`; ``contrasts`` and ``signing`` from `analysis.bounds.contrasts`.

    Raises
    ------
    InputError
        When the figures contradict each other.
    """
    intervals: list[tuple[object, ...]] = []
    support: list[tuple[object, ...]] = []
    contrasts = []
    for reading in config.READINGS:
        panel = enrolment_set(skeleton, rollout, ledger, reading)
        headline = reading is config.HEADLINE
        asked = list(list_estimands(panel, config.BOUNDS_END, partial(wanted, reading)))
        keys = [(i.estimand, i.scope, i.province_code, i.quarter, i.event_time, i.unit) for i in asked]
        if headline:
            pairs = [[panel.extreme(item.weights, side) for side in SIDES] for item in asked]
            support = [
                row for key, pair in zip(keys, pairs, strict=True) for row in holds(key, reading.name, *pair)
            ]
            ends = [(low.value, high.value) for low, high in pairs]
        else:
            each = ([panel.value(item.weights, side) for item in asked] for side in SIDES)
            ends = list(zip(*each, strict=True))
        intervals += [interval_row(key, reading.name, *end) for key, end in zip(keys, ends, strict=True)]
        contrasts.append(compare_waves(panel, reading.name))
        if headline:
            signing = rank_signing(panel)
            missing = rank_missing(panel, list(panel.quarters[panel.quarters <= config.BOUNDS_END]))
    table = pd.DataFrame(intervals, columns=list(COLUMNS))
    table["event_time"] = table["event_time"].astype("Int64")
    return Bounds(table, support_table(support), missing, pd.concat(contrasts, ignore_index=True), signing)


def wanted(reading: config.Reading, estimand: str, unit: str) -> bool:
    """Whether bounds.csv has an estimand under a reading."""
    single = reading.name in config.PROVINCE_READINGS and (estimand, unit) == BY_PROVINCE
    return reading is config.HEADLINE or estimand in COMPARED or single


def interval_row(
    keys: tuple[object, ...], assumptions: str, lower: float, upper: float
) -> tuple[object, ...]:
    """One row of bounds.csv."""
    bounded = math.isfinite(upper)
    note = "" if bounded else UNBOUNDED
    return ("bounds", *keys, lower, upper if bounded else np.nan, assumptions, note)


def holds(
    keys: tuple[object, ...], assumptions: str, low: Solution, high: Solution
) -> list[tuple[object, ...]]:
    """The figures that hold the two ends of an interval."""
    return [
        (*keys, assumptions, side, figure, price)
        for side, end in (("lower", low), ("upper", high))
        for figure, price in sorted(end.shadow_prices.items())
    ]


def support_table(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    """The figures that hold each end in place, as a table."""
    table = pd.DataFrame(rows, columns=[*KEYS, "side", "figure_id", "shadow_price"])
    table["event_time"] = table["event_time"].astype("Int64")
    return table
