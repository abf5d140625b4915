"""Persons or person-times? One platform's own count of riders paid for, beside the national count.

If both count heads, the nation's count less the platform's is the number of people enrolled through other
platforms only. It may fall, when such a person takes an order of this platform too; how far it must have
fallen is then how many people were already enrolled elsewhere. One small linear program: both counts are
cumulative, and the platform's is part of the nation's.

Left out: what the platform's count is. One page prints it as person-times (人次), and then none of this
holds. The platform's figures come from press reports, to the million until 2026.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pandas as pd

from analysis import config
from analysis.bounds.program import Relation, ends

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST, BEFORE, AFTER = "2025-06-30", "2025-09-30", "2025-10-31"
KEY = ["quantity", "day"]
COLUMNS = ("evidence", "quantity", "day", "unit", "lower", "upper")


def printed_interval(value: float, qualifier: str) -> tuple[float, float]:
    """Half the last digit that is not zero either way, as in the ledger; a floor for "more than"."""
    if qualifier == "more_than":
        return value, math.inf
    digits = int(value)
    unit = 10 ** (len(str(digits)) - len(str(digits).rstrip("0")))
    return value - unit / 2, value + unit / 2


def others_only(ledger: pd.DataFrame, platforms: pd.DataFrame) -> pd.DataFrame:
    """People enrolled through other platforms only, if both counts are of heads.

    Parameters
    ----------
    ledger, platforms
        As `analysis.inputs` loads them.

    Returns
    -------
    DataFrame
        `COLUMNS`; persons. ``others_only`` at four days; ``others_rise`` from June to October 2025;
        ``enrolled_elsewhere``: of the people whom the platform's count gained in October 2025, how many
        more than the nation gained, so that they were enrolled already. Empty where figures are absent.
    """
    figures, records = ledger.set_index("figure_id"), platforms.set_index("record_id")
    named = {name for name in config.PLATFORM_RECORDS.values() if name}
    if not (set(config.NATION_DAYS.values()) <= set(figures.index) and named <= set(records.index)):
        return pd.DataFrame(columns=list(COLUMNS))
    limits = {
        f"nation {day}": tuple(figures.loc[row, ["lower", "upper"]])
        for day, row in config.NATION_DAYS.items()
    }
    for day, name in config.PLATFORM_RECORDS.items():
        row = records.loc[name] if name else None
        found = (0.0, math.inf) if row is None else printed_interval(float(row["value"]), row["qualifier"])
        limits[f"platform {day}"] = found
    relations: list[Relation] = [
        *never_fall("nation", config.NATION_DAYS),
        *never_fall("platform", config.PLATFORM_RECORDS),
    ]
    relations += [
        ({f"nation {day}": 1.0, f"platform {day}": -1.0}, 0.0, math.inf) for day in config.NATION_DAYS
    ]
    others = {day: {f"nation {day}": 1.0, f"platform {day}": -1.0} for day in config.NATION_DAYS}
    wanted = {("others_only", day): weights for day, weights in others.items()}
    wanted["others_rise", AFTER] = others[AFTER] | {name: -weight for name, weight in others[FIRST].items()}
    wanted["enrolled_elsewhere", AFTER] = others[BEFORE] | {
        name: -weight for name, weight in others[AFTER].items()
    }
    rows = [(*key, *ends(weights, limits, relations)) for key, weights in wanted.items()]
    table = pd.DataFrame(rows, columns=["quantity", "day", "lower", "upper"])
    return table.assign(evidence="bounds", unit="persons")[list(COLUMNS)]


def never_fall(name: str, days: Mapping[str, str]) -> list[Relation]:
    """A cumulative count at each day is no less than at the day before it."""
    order = list(days)
    return [
        ({f"{name} {late}": 1.0, f"{name} {early}": -1.0}, 0.0, math.inf)
        for early, late in itertools.pairwise(order)
    ]
