"""The truth of synthetic records, added up from the invented people while the files are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.base.constants import NATION
from analysis.base.files import save_table
from analysis.records.calendar import Rollout, quarter_label
from analysis.records.columns import MEASURES, PANEL_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from analysis.records.invention import Cells


class Tally:
    """Sums by province and quarter; the last row of each array is the nation."""

    def __init__(self, plan: Rollout, quarters: int) -> None:
        self.plan, self.quarters = plan, quarters
        self.units = [*plan.starts, NATION]
        self.sums = {
            name: np.zeros((len(self.units), quarters), np.int64)
            for name in (
                "new",
                "active",
                "stayed",
                "both",
                "mixed",
                "orders",
                "fen",
                "claims",
                "confirmed",
                "paid",
            )
        }
        self.expected = np.zeros((len(plan.starts), quarters))
        self.median = np.full((len(self.units), quarters), np.nan)

    def _add(
        self, name: str, quarter: int, province: NDArray[np.int16], values: NDArray[Any] | None = None
    ) -> None:
        by_province = np.bincount(province, weights=values, minlength=len(self.units) - 1)
        self.sums[name][:-1, quarter] += np.rint(by_province).astype(np.int64)

    def add_cells(self, quarter: int, cells: Cells) -> None:
        """Count people. A person is away only while at home, so home cells make up the nation."""
        mixed = cells.second >= 0
        for name, values in (
            ("active", None),
            ("new", cells.fresh),
            ("stayed", cells.stayed),
            ("both", cells.both),
            ("mixed", mixed),
        ):
            self._add(name, quarter, cells.province, values)
            everyone = np.ones(len(cells.worker), bool) if values is None else values
            self.sums[name][-1, quarter] = (everyone & cells.home).sum()
        self.sums["mixed"][-1, quarter] = len(np.unique(cells.worker[mixed]))

    def add_orders(self, quarter: int, province: NDArray[np.int16], fen: NDArray[np.int64]) -> None:
        """Count one slice of orders."""
        self._add("orders", quarter, province)
        self._add("fen", quarter, province, fen)

    def add_claims(
        self,
        quarter: int,
        province: NDArray[np.int16],
        decided: NDArray[np.bool_],
        confirmed: NDArray[np.bool_],
        days: NDArray[np.int64],
        fen: NDArray[np.int64],
    ) -> None:
        """Count the claims of one quarter of accident."""
        for name, values in (("claims", None), ("confirmed", confirmed), ("paid", fen)):
            self._add(name, quarter, province, values)
        for unit in range(len(self.units)):
            here = decided & ((province == unit) | (unit == len(self.units) - 1))
            if here.any():
                self.median[unit, quarter] = np.median(days[here])


def write_truth(tally: Tally, path: Path) -> None:
    """Write the panel of the invented people, with the expected claims and the evidence class."""
    sums = tally.sums
    for name in ("orders", "fen", "claims", "confirmed", "paid"):
        sums[name][-1] = sums[name][:-1].sum(axis=0)
    active = sums["active"].astype(float)
    before = np.concatenate([np.zeros((len(tally.units), 1)), active[:, :-1]], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        table = {
            "enrolled": sums["new"].cumsum(axis=1),
            "active": sums["active"],
            "orders": sums["orders"],
            "contributions_yuan": sums["fen"] / 100,
            "claims": sums["claims"],
            "confirmed": sums["confirmed"],
            "paid_yuan": sums["paid"] / 100,
            "median_decision_days": tally.median,
            "multi_province_share": sums["both"] / active,
            "multi_platform_share": sums["mixed"] / active,
            "persistence": sums["stayed"] / before,
        }
    first = tally.plan.first_quarter
    keys = [(unit, quarter) for unit in range(len(tally.units)) for quarter in range(tally.quarters)]
    frame = pd.DataFrame(
        {
            "province_code": [tally.units[unit] for unit, _ in keys],
            "quarter": [quarter_label(first + quarter) for _, quarter in keys],
        }
    )
    for name in MEASURES:
        frame[name] = table[name].ravel()
    frame["claims_expected"] = np.vstack([tally.expected, tally.expected.sum(axis=0)]).ravel()
    frame["evidence"] = "simulated"
    opening = np.array([tally.plan.quarter(code) for code in tally.plan.starts] + [first]) - first
    in_force = np.array([quarter >= opening[unit] for unit, quarter in keys])
    save_table(
        frame.loc[in_force, [*PANEL_COLUMNS, "claims_expected", "evidence"]],
        ["province_code", "quarter"],
        path,
    )
