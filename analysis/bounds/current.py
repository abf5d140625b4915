"""How many people the ministry counted as insured under the pilot at the end of June 2026.

From that day the ministry prints work-injury insurance *including* the pilot, with the change on a year
before; until then it printed work-injury insurance alone. What it adds for the pilot is the new count
less work-injury insurance alone, which is no longer printed. Named assumptions on that part give an
interval. Quantities, at the ends of June (persons):

    total_2026 = alone_2026 + pilot_2026,  total_2025 = alone_2025 + pilot_2025    two kinds of insurance
    total_2026 - total_2025 = change printed                                       the sentence of July 2026
    alone_2024 = alone_2023 + change printed                                       that of July 2024

Left out: what the added number is. A number insured on the day is the plain reading of a count that
stands beside other stocks; the ministry has not said so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.bounds.program import Relation, ends

if TYPE_CHECKING:
    from collections.abc import Iterator

ALONE = "work_injury_insurance_participants"
TOTAL = "work_injury_incl_occupational_injury_protection"
LEVEL_FROM = pd.Timestamp("2024-07-01")  # prints of work-injury insurance alone in the two years before
KEY = ["quantity", "assumptions"]
COLUMNS = ("evidence", "quantity", "quarter", "unit", "lower", "upper", "assumptions")
QUARTER = "2026Q2"


def current_cover(ledger: pd.DataFrame, ever_enrolled: float) -> pd.DataFrame:
    """Intervals for the number that the ministry adds, and what they rest on.

    Parameters
    ----------
    ledger
        As `analysis.inputs.load_ledger` returns it.
    ever_enrolled
        Least number of people ever enrolled by then, in persons, from the published cumulative counts.

    Returns
    -------
    DataFrame
        `COLUMNS`; persons. Quantities: ``pilot_2026`` under each of `config.STOCK_READINGS`;
        ``pilot_2025``, what the count of a year before can have held of the pilot;
        ``alone_growth_2025``, the growth of work-injury insurance alone in the year to June 2025; and
        ``alone_change_if_all``, its change in the year to June 2026 if everybody ever enrolled were
        counted. Empty where the record lacks the figures.
    """
    figures = ledger.set_index("figure_id")
    if not set(config.STOCK_FIGURES.values()) <= set(figures.index):
        return pd.DataFrame(columns=list(COLUMNS))
    printed = {
        name: (float(figures.loc[row, "lower"]), float(figures.loc[row, "upper"]))
        for name, row in config.STOCK_FIGURES.items()
    }
    rows = [*stock_rows(ledger, printed)]
    change = printed["change"]
    rows.append(("alone_change_if_all", np.nan, change[1] - ever_enrolled, "base_alone"))
    table = pd.DataFrame(rows, columns=["quantity", "lower", "upper", "assumptions"])
    return table.assign(evidence="bounds", quarter=QUARTER, unit="persons")[list(COLUMNS)]


def stock_rows(
    ledger: pd.DataFrame, printed: dict[str, tuple[float, float]]
) -> Iterator[tuple[str, float, float, str]]:
    """Rows of each reading: the pilot in 2026, and, where the reading speaks of it, the year before."""
    for reading in config.STOCK_READINGS:
        limits, relations = program(ledger, printed, reading)
        yield "pilot_2026", *ends({"pilot_2026": 1.0}, limits, relations), reading.name
        if reading.largest_growth is not None:
            growth = {"alone_2025": 1.0, "alone_2024": -1.0}
            yield "pilot_2025", *ends({"pilot_2025": 1.0}, limits, relations), reading.name
            yield "alone_growth_2025", *ends(growth, limits, relations), reading.name


def program(
    ledger: pd.DataFrame, printed: dict[str, tuple[float, float]], reading: config.StockReading
) -> tuple[dict[str, tuple[float, float]], list[Relation]]:
    """Limits and relations of one reading; see the module."""
    anything = (0.0, math.inf)
    names = ("alone_2023", "alone_2024", "alone_2025", "alone_2026", "pilot_2025", "pilot_2026")
    limits = dict.fromkeys(names, anything) | {"alone_2023": printed["alone_2023"]}
    total = {"alone_2026": 1.0, "pilot_2026": 1.0}
    relations: list[Relation] = [
        (total, *printed["total"]),
        (total | {"alone_2025": -1.0, "pilot_2025": -1.0}, *printed["change"]),
        ({"alone_2024": 1.0, "alone_2023": -1.0}, *printed["change_2024"]),
    ]
    if reading.base_alone:
        limits["pilot_2025"] = (0.0, 0.0)
    if reading.largest_growth is not None:
        most = float(ledger.set_index("figure_id").loc[reading.largest_growth, "upper"])
        relations += [({f"alone_{y}": 1.0, f"alone_{y - 1}": -1.0}, 0.0, most) for y in (2025, 2026)]
    if reading.level_as_printed:
        rows = ledger[(ledger["measure"] == ALONE) & (ledger["level"] == "national")]
        rows = rows[(rows["as_of_last"] >= LEVEL_FROM) & (rows["grade"] != "D")]
        limits["alone_2026"] = (float(rows["lower"].min()), float(rows["upper"].max()))
    return limits, relations
