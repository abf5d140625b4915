"""Waves compared: enrolment at the same age, growth after July 2025, and the pace of the first wave.

Each contrast is one linear function of the enrolment panel, so its interval comes from one program over
all published figures at once. (For growth it equals two intervals subtracted: what one wave lacks of the
national count the other has, so the far ends hold together.) Rates are people per 1,000 residents of the
wave; the untreated rate is zero by the scheme's rules, so a difference of growth between waves is a
difference-in-differences of enrolment, bounded.

Left out: why the waves differ. The second began with eleven platforms, the first with seven.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.bounds.estimands import pooled, spread

if TYPE_CHECKING:
    from analysis.bounds.model import EnrolmentSet

UNIT = "per_1000_residents"
FIRST, SECOND = "2022Q3", "2025Q3"
BEFORE, LAST = pd.Period("2025Q2", freq="Q"), pd.Period("2025Q4", freq="Q")
HALF_YEAR_EARLIER = pd.Period("2024Q4", freq="Q")
FASTEST = 50.0  # times the earlier pace: beyond anything printed
KEY = ["contrast", "wave", "event_time", "assumptions"]
COLUMNS = ("evidence", "contrast", "wave", "event_time", "unit", "lower", "upper", "assumptions")
GRID = 9  # hypothetical values tried across the interval of a missing count


def rate(panel: EnrolmentSet, cohort: str, quarter: pd.Period, unit: str = UNIT) -> np.ndarray:
    """Weights of a wave's enrolment at a quarter-end, in ``unit``."""
    members = panel.units.iloc[panel.waves.get((cohort, quarter), [])]
    return spread(pooled(members, unit), panel)


def interval(panel: EnrolmentSet, weights: np.ndarray) -> tuple[float, float]:
    """Both ends of a linear function of the panel."""
    return panel.value(weights, "lower"), panel.value(weights, "upper")


def compare_waves(panel: EnrolmentSet, assumptions: str) -> pd.DataFrame:
    """Contrasts of the first two waves under one reading.

    Returns
    -------
    DataFrame
        `COLUMNS`. ``same_age``: the rate ``event_time`` quarters after the quarter of the start, of each
        wave and second less first (``difference``). ``growth``: the rise of the rate from June to
        December 2025. ``pace``: growth of the first wave in these six months over its growth in the six
        before, as a ratio. Ends are missing where open. Empty where the record has no such waves.
    """
    quarters = {
        cohort: sorted(panel.cells.loc[panel.cells["cohort"] == cohort, "quarter"].unique())
        for cohort in (FIRST, SECOND)
    }
    if not all(quarters.values()):
        return pd.DataFrame(columns=list(COLUMNS))
    rows: list[tuple[object, ...]] = []
    ages = [age for age in range(len(quarters[SECOND])) if quarters[SECOND][age] <= config.BOUNDS_END]
    for age in ages:
        waves = [rate(panel, cohort, quarters[cohort][age]) for cohort in (FIRST, SECOND)]
        rows += [("same_age", name, str(age), UNIT, *interval(panel, w)) for name, w in pairs(waves)]
    waves = [growth(panel, cohort) for cohort in (FIRST, SECOND)]
    rows += [("growth", name, "", UNIT, *interval(panel, weights)) for name, weights in pairs(waves)]
    rows.append(("pace", "first", "", "ratio", *pace(panel)))
    table = pd.DataFrame(rows, columns=["contrast", "wave", "event_time", "unit", "lower", "upper"])
    table[["lower", "upper"]] = table[["lower", "upper"]].replace([math.inf, -math.inf], np.nan)
    return table.assign(evidence="bounds", assumptions=assumptions)[list(COLUMNS)]


def pairs(waves: list[np.ndarray]) -> list[tuple[str, np.ndarray]]:
    """First wave, second wave, and second less first."""
    return [("first", waves[0]), ("second", waves[1]), ("difference", waves[1] - waves[0])]


def growth(panel: EnrolmentSet, cohort: str, unit: str = UNIT) -> np.ndarray:
    """Weights of a wave's rise from June to December 2025; a wave not yet begun stands at zero."""
    late = rate(panel, cohort, LAST, unit)
    return late if cohort == SECOND else late - rate(panel, cohort, BEFORE, unit)


def pace(panel: EnrolmentSet) -> tuple[float, float]:
    """Ends of (growth June to December 2025) / (growth December 2024 to June 2025) of the first wave.

    The lower end is the largest ``k`` for which growth less ``k`` times the earlier growth cannot be
    negative; the upper end the least for which it cannot be positive (Dinkelbach, 1967). Open (infinite)
    where the earlier growth may be next to nothing.
    """
    from scipy.optimize import brentq

    late = growth(panel, FIRST, "persons")
    early = rate(panel, FIRST, BEFORE, "persons") - rate(panel, FIRST, HALF_YEAR_EARLIER, "persons")

    def excess(ratio: float, side: str) -> float:
        return panel.value(late - ratio * early, side)

    low = brentq(excess, 0.0, FASTEST, args=("lower",)) if excess(0.0, "lower") > 0 else 0.0
    open_above = not excess(FASTEST, "upper") < 0
    return low, math.inf if open_above else brentq(excess, 0.0, FASTEST, args=("upper",))


def rank_signing(panel: EnrolmentSet) -> pd.DataFrame:
    """Which single province count of December 2025 would sign the difference of growth between waves.

    Returns
    -------
    DataFrame
        ``province_code, quarter, signing, tried, narrowest_lower, narrowest_upper``: of the ``tried``
        values that the record allows for the missing count, how many would leave no zero in the interval;
        the interval at the value that would narrow it most. Most signing first; counts known already
        (one value) are left out.
    """
    columns = ["province_code", "quarter", "signing", "tried", "narrowest_lower", "narrowest_upper"]
    if not {FIRST, SECOND} <= set(panel.cells["cohort"]):
        return pd.DataFrame(columns=["evidence", *columns])
    difference = growth(panel, SECOND) - growth(panel, FIRST)
    now = panel.units[panel.units["quarter"] == LAST]
    rows = []
    for position, cell in now.iterrows():
        one = np.zeros(panel.size)
        one[position] = 1.0
        low, high = interval(panel, one)
        if not math.isfinite(high) or high - low < 1.0:
            continue
        place, counts = (cell["province_code"], LAST), np.linspace(low, high, GRID)
        ends = [panel.values_at(difference, side, *place, counts).tolist() for side in ("lower", "upper")]
        found = list(zip(*ends, strict=True))
        narrowest = min(found, key=lambda ends: ends[1] - ends[0])
        signing = sum(lower > 0 or upper < 0 for lower, upper in found)
        rows.append((cell["province_code"], str(LAST), signing, GRID, *narrowest))
    table = pd.DataFrame(rows, columns=columns).assign(evidence="bounds")
    table = table.sort_values(["signing", "province_code"], ascending=[False, True], ignore_index=True)
    return table[["evidence", *columns]]
