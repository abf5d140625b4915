"""The measures as Ibis expressions: sums of integers, the same on every engine.

Orders are grouped once, to (worker, province, platform, quarter); what the checks ask of each row
comes along. Who was active when is then a bit mask per worker and province, from which first
quarters, stays and the nation's people follow without going back. Only people in two or more
provinces need a second look, and they are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _
from numpy.typing import NDArray

from analysis.base.constants import NATION
from analysis.records.claims import claim_frames, medians
from analysis.records.concentration import check_platforms, few_platforms, violates_p_rule

if TYPE_CHECKING:
    import pandas as pd

    from analysis.records.engine import Session

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Totals:
    """Exact integers by unit (provinces in order, then the nation) and quarter, shape (U, Q).

    ``enrolled`` to ``stayed`` and ``claimants`` to ``decided_people`` count people; money is in
    1/10,000 yuan; ``paid_first`` and ``paid_second`` are what the two people with most were paid;
    ``median_days`` is missing where nothing was decided. ``business_held`` and ``claims_held`` mark
    orders and claims that too few platforms or people make; see `concentration`.
    """

    units: tuple[str, ...]
    enrolled: Counts
    active: Counts
    both: Counts
    mixed: Counts
    stayed: Counts
    orders: Counts
    contributions: Counts
    claims: Counts
    confirmed: Counts
    paid: Counts
    paid_first: Counts
    paid_second: Counts
    claimants: Counts
    confirmed_people: Counts
    unconfirmed_people: Counts
    decided_people: Counts
    median_days: NDArray[np.float64]
    business_held: NDArray[np.bool_]
    claims_held: NDArray[np.bool_]


def group_orders(session: Session, orders: ir.Table, name: str, checks: dict[str, ir.Value]) -> ir.Table:
    """Orders by worker, province, platform and quarter, kept as table ``name``.

    Parameters
    ----------
    session
        An open engine.
    orders
        Comparable orders with a column ``power``, 2 to the position of the quarter.
    checks
        Further columns, asked of the rows of each group.
    """
    grouped = orders.group_by("worker_id", "province_code", "platform_id", "power")
    sums = {"orders": _.count(), "contribution": _.contribution.sum()}
    return session.keep(grouped.agg(**sums, **checks), name)


class Orders:
    """Orders grouped to workers; everything about people is asked here.

    Parameters
    ----------
    session
        An open engine.
    parts
        What `group_orders` returns, of clean orders.
    """

    def __init__(self, session: Session, parts: ir.Table) -> None:
        self.session = session
        self.by_platform = parts.group_by("province_code", "platform_id", "power").agg(
            orders=_.orders.sum(), contributions=_.contribution.sum()
        )
        self.cells = session.keep(
            parts.group_by("worker_id", "province_code", "power").agg(
                orders=_.orders.sum(),
                contribution=_.contribution.sum(),
                low=_.platform_id.min(),
                high=_.platform_id.max(),
            ),
            "cells",
        )
        # The powers of a worker's quarters in a province differ, so their sum is their union.
        self.places = session.keep(
            self.cells.group_by("worker_id", "province_code").agg(mask=_.power.sum()),
            "places",
        )
        known = self.places.group_by("worker_id").agg(places=_.count()).filter(_.places > 1)
        self.mover_cells = session.keep(self.cells.semi_join(known, "worker_id"), "mover_cells")
        self.movers = session.keep(
            self.mover_cells.group_by("worker_id", "power").agg(
                places=_.count(),
                low=_.low.min(),
                high=_.high.max(),
                mixed_cells=(_.low != _.high).cast("int64").sum(),
                orders=_.orders.sum(),
                contribution=_.contribution.sum(),
            ),
            "movers",
        )

    def by_cell(self) -> pd.DataFrame:
        """People, orders, contributions and people on several platforms, by province and quarter."""
        return self.session.answer(
            self.cells.group_by("province_code", "power").agg(
                active=_.count(),
                orders=_.orders.sum(),
                contributions=_.contribution.sum(),
                mixed=(_.low != _.high).cast("int64").sum(),
                orders_first=_.orders.max(),
                contributions_first=_.contribution.max(),
            )
        )

    def by_mask(self, quarters: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """New and staying people by province, and new, active and staying people of the nation."""
        settled = self.places.anti_join(self.movers, "worker_id").select("mask")
        moving = self.movers.group_by("worker_id").agg(mask=_.power.sum()).select("mask")
        people = settled.union(moving)
        nation = people.mutate(province_code=ibis.literal(NATION))
        return (
            self.session.answer(_unfold(self.places, quarters)),
            self.session.answer(_unfold(nation, quarters)),
        )

    def in_several(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """People in several provinces in a quarter, by province, and what the nation needs of them."""
        both = (
            self.mover_cells.semi_join(self.movers.filter(_.places > 1), ["worker_id", "power"])
            .group_by("province_code", "power")
            .agg(both=_.count())
        )
        nation = self.movers.group_by("power").agg(
            both=(_.places > 1).cast("int64").sum(),
            mixed=(_.low != _.high).cast("int64").sum(),
            mixed_cells=_.mixed_cells.sum(),
            orders_first=_.orders.max(),
            contributions_first=_.contribution.max(),
        )
        return self.session.answer(both), self.session.answer(nation)


def _unfold(people: ir.Table, quarters: int) -> ir.Table:
    """Per unit and quarter t: masks whose lowest bit is t, that hold t, that hold t and t - 1."""
    masks = people.group_by("province_code", "mask").agg(people=_.count())
    sums: dict[str, ir.Value] = {}
    for t in range(quarters):
        held = masks.mask & (1 << t)
        sums[f"active_{t}"] = ibis.ifelse(held != 0, masks.people, 0).sum()
        fresh = (masks.mask & ((1 << (t + 1)) - 1)) == (1 << t)
        sums[f"new_{t}"] = ibis.ifelse(fresh, masks.people, 0).sum()
        pair = (3 << t) >> 1
        stays = (masks.mask & pair) == pair if t else ibis.literal(False)
        sums[f"stayed_{t}"] = ibis.ifelse(stays, masks.people, 0).sum()
    return masks.group_by("province_code").agg(**sums)


def assemble(orders: Orders, claims: ir.Table, provinces: list[str], quarters: int) -> Totals:
    """Ask every question and lay the answers out by unit and quarter.

    Parameters
    ----------
    orders
        Orders grouped to workers.
    claims
        Clean claims with ``power``.
    provinces
        Codes in the order wanted.
    quarters
        Number of quarters.
    """
    units = (*provinces, NATION)
    row = {unit: position for position, unit in enumerate(units)}
    grid: dict[str, Counts] = {}

    def put(frame: pd.DataFrame, names: list[str], nation: bool = False) -> None:
        at = np.full(len(frame), row[NATION]) if nation else frame["province_code"].map(row).to_numpy(int)
        when = np.array([int(power).bit_length() - 1 for power in frame["power"]], dtype=int)
        for name in names:
            grid.setdefault(name, np.zeros((len(units), quarters), np.int64))
            grid[name][at, when] = frame[name].to_numpy(np.int64)

    cells = orders.by_cell()
    put(cells, ["active", "orders", "contributions", "mixed", "orders_first", "contributions_first"])
    both, movers = orders.in_several()
    put(both, ["both"])
    put(movers, ["both", "orders_first", "contributions_first"], nation=True)
    for name in ("orders_first", "contributions_first"):  # of the nation, one who moves or one who does not
        grid[name][-1] = grid[name].max(axis=0)
    extra = movers.set_index(movers["power"].map(lambda power: int(power).bit_length() - 1))
    new, stayed = (np.zeros((len(units), quarters), np.int64) for _name in range(2))
    for frame in orders.by_mask(quarters):
        at = frame["province_code"].map(row).to_numpy(int)
        for t in range(quarters):
            new[at, t] = frame[f"new_{t}"]
            stayed[at, t] = frame[f"stayed_{t}"]
            grid["active"][at, t] = frame[f"active_{t}"]
    for name in ("orders", "contributions"):
        grid[name][-1] = grid[name][:-1].sum(axis=0)
    # A person on two platforms counts once in the nation however many provinces show it.
    change = (extra["mixed"] - extra["mixed_cells"]).reindex(range(quarters), fill_value=0)
    grid["mixed"][-1] = grid["mixed"][:-1].sum(axis=0) + change.to_numpy(np.int64)
    by_province, nation, days, most, most_of_nation = claim_frames(orders.session, claims)
    names = [
        "claims",
        "confirmed",
        "paid",
        "claimants",
        "claims_first",
        "confirmed_people",
        "unconfirmed_people",
        "decided_people",
    ]
    put(by_province, names)
    put(nation, names, nation=True)
    put(most, ["paid_first", "paid_second"])
    put(most_of_nation, ["paid_first", "paid_second"], nation=True)
    platforms = orders.session.answer(orders.by_platform)
    check_platforms(platforms)
    platforms["quarter"] = [int(power).bit_length() - 1 for power in platforms["power"]]
    business = few_platforms(platforms, units, quarters, ("orders", "contributions"))
    for name in ("orders", "contributions"):
        business |= violates_p_rule(grid[name], grid.pop(f"{name}_first"))
    return Totals(
        units=units,
        business_held=business,
        claims_held=violates_p_rule(grid["claims"], grid.pop("claims_first")),
        enrolled=new.cumsum(axis=1),
        stayed=stayed,
        median_days=medians(days, row, quarters),
        **grid,
    )
