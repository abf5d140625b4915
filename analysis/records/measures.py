"""The measures as plain SQL: sums of integers, the same on every engine.

Orders are grouped once, to (worker, province, platform, quarter); what the checks ask of each row
comes along. Who was active when is then a bit mask per worker and province, from which first
quarters, stays and the nation's people follow without going back. Only people in two or more
provinces need a second look, and they are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.base.constants import NATION
from analysis.records.claims import claim_frames, medians
from analysis.records.concentration import check_platforms, few_platforms, violates_p_rule
from analysis.records.grid import quarters_of, units_of, whole
from analysis.records.rows import Rows, named, number_where, total

if TYPE_CHECKING:
    import pyarrow as pa

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


def group_orders(session: Session, orders: Rows, name: str, checks: dict[str, str]) -> Rows:
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
    keys = ("worker_id", "province_code", "platform_id", "power")
    sums = {"orders": "count(*)", "contribution": total("contribution"), **checks}
    listed = ", ".join(keys)
    session.keep(f"SELECT {listed}, {named(sums)} FROM {orders} GROUP BY {listed}", name)
    return Rows(name, (*keys, *sums), orders.texts & set(keys))


class Orders:
    """Orders grouped to workers; everything about people is asked here.

    Parameters
    ----------
    session
        An open engine.
    parts
        What `group_orders` returns, of clean orders.
    """

    def __init__(self, session: Session, parts: Rows) -> None:
        self.session = session
        sums = f"{total('orders')} AS orders, {total('contribution')} AS contribution"
        self.by_platform = (
            f"SELECT province_code, platform_id, power, {total('orders')} AS orders, "
            f"{total('contribution')} AS contributions FROM {parts} "
            "GROUP BY province_code, platform_id, power"
        )
        # A part is a platform: to count them is cheaper than their first and last name, which few need.
        self.cells = session.keep(
            f"SELECT worker_id, province_code, power, {sums}, count(*) AS platforms FROM {parts} "
            "GROUP BY worker_id, province_code, power",
            "cells",
        )
        session.keep(
            f"SELECT worker_id, province_code, bit_or(power) AS mask FROM {self.cells} "
            "GROUP BY worker_id, province_code",
            "places",
        )
        texts = parts.texts & {"worker_id", "province_code"}
        self.places = Rows("places", ("worker_id", "province_code", "mask"), texts)
        several = f"(SELECT worker_id FROM {self.places} GROUP BY worker_id HAVING count(*) > 1)"
        moving = parts.of(several, ["worker_id"])
        self.mover_cells = session.keep(
            f"SELECT worker_id, province_code, power, {sums}, min(platform_id) AS low, "
            f"max(platform_id) AS high FROM {moving} GROUP BY worker_id, province_code, power",
            "mover_cells",
        )
        self.movers = session.keep(
            f"SELECT worker_id, power, count(*) AS places, min(low) AS low, max(high) AS high, "
            f"{number_where('low <> high')} AS mixed_cells, {sums} "
            f"FROM {self.mover_cells} GROUP BY worker_id, power",
            "movers",
        )

    def by_cell(self) -> pa.Table:
        """People, orders, contributions and people on several platforms, by province and quarter."""
        return self.session.answer(
            f"SELECT province_code, power, count(*) AS active, {total('orders')} AS orders, "
            f"{total('contribution')} AS contributions, {number_where('platforms > 1')} AS mixed, "
            "max(orders) AS orders_first, max(contribution) AS contributions_first "
            f"FROM {self.cells} GROUP BY province_code, power"
        )

    def by_mask(self, quarters: int) -> pa.Table:
        """New and staying people by quarter, of each province and of the nation."""
        settled = self.places.of(self.movers, ["worker_id"], apart=True)
        moving = f"SELECT bit_or(power) AS mask FROM {self.movers} GROUP BY worker_id"
        everyone = f"SELECT mask FROM {settled} UNION ALL {moving}"
        nation = f"SELECT '{NATION}' AS province_code, mask FROM ({everyone})"
        people = f"SELECT province_code, mask FROM {self.places} UNION ALL {nation}"
        masks = f"SELECT province_code, mask, count(*) AS people FROM ({people}) GROUP BY province_code, mask"
        powers = ", ".join(f"({1 << t}, {(1 << t) >> 1})" for t in range(quarters))
        new, stayed = "(mask & (power - 1)) = 0", "(mask & before) > 0"
        return self.session.answer(
            f"SELECT province_code, power, {total(f'CASE WHEN {new} THEN people ELSE 0 END')} AS new, "
            f"{total(f'CASE WHEN {stayed} THEN people ELSE 0 END')} AS stayed "
            f"FROM ({masks}) AS masks, (VALUES {powers}) AS quarters(power, before) "
            "WHERE (mask & power) > 0 GROUP BY province_code, power"
        )

    def in_several(self) -> tuple[pa.Table, pa.Table]:
        """People in several provinces in a quarter, by province, and what the nation needs of them."""
        cells = Rows(self.mover_cells, ("worker_id", "province_code", "power"))
        several = cells.of(f"(SELECT * FROM {self.movers} WHERE places > 1)", ["worker_id", "power"])
        by_province = (
            f"SELECT province_code, power, count(*) AS in_several FROM {several} "
            "GROUP BY province_code, power"
        )
        nation = (
            f"SELECT power, {number_where('places > 1')} AS in_several, "
            f"{total('places - 1')} AS elsewhere, "
            f"{number_where('low <> high')} AS mixed, {total('mixed_cells')} AS mixed_cells, "
            "max(orders) AS orders_first, max(contribution) AS contributions_first "
            f"FROM {self.movers} GROUP BY power"
        )
        return self.session.answer(by_province), self.session.answer(nation)


def assemble(orders: Orders, claims: Rows, provinces: list[str], quarters: int) -> Totals:
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

    def put(answer: pa.Table, names: list[str], nation: bool = False) -> None:
        at = row[NATION] if nation else units_of(answer, row)
        when = quarters_of(answer)
        for name in names:
            grid.setdefault(name, np.zeros((len(units), quarters), np.int64))
            grid[name][at, when] = whole(answer, name)

    cells = orders.by_cell()
    put(cells, ["active", "orders", "contributions", "mixed", "orders_first", "contributions_first"])
    both, movers = orders.in_several()
    put(both, ["in_several"])
    put(movers, ["in_several", "orders_first", "contributions_first"], nation=True)
    for name in ("orders_first", "contributions_first"):  # of the nation, one who moves or one who does not
        grid[name][-1] = grid[name].max(axis=0)
    put(orders.by_mask(quarters), ["new", "stayed"])
    for name in ("orders", "contributions"):
        grid[name][-1] = grid[name][:-1].sum(axis=0)
    # A person counts once in the nation, and so does one on two platforms, however many provinces show it.
    for name in ("active", "mixed"):
        grid[name][-1] = grid[name][:-1].sum(axis=0)
    grid["active"][-1, quarters_of(movers)] -= whole(movers, "elsewhere")
    grid["mixed"][-1, quarters_of(movers)] += whole(movers, "mixed") - whole(movers, "mixed_cells")
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
    business = few_platforms(platforms, row, quarters, ("orders", "contributions"))
    for name in ("orders", "contributions"):
        business |= violates_p_rule(grid[name], grid.pop(f"{name}_first"))
    return Totals(
        units=units,
        business_held=business,
        claims_held=violates_p_rule(grid["claims"], grid.pop("claims_first")),
        enrolled=grid.pop("new").cumsum(axis=1),
        both=grid.pop("in_several"),
        median_days=medians(days, row, quarters),
        **grid,
    )
