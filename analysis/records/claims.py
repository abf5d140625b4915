"""What is asked of the claims: counts by person, province and quarter, the largest payments, medians."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from analysis.base.constants import NATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.records.engine import Session


def claim_frames(session: Session, claims: ir.Table) -> tuple[pd.DataFrame, ...]:
    """Claims by province and quarter, the same for the nation, counts of decision days, largest payments.

    The last two are the payments of the two people with most, by province and quarter and for the nation.

    ``claims`` carries ``power`` of the quarter of the accident.
    """
    people = session.keep(
        claims.group_by("worker_id", "province_code", "power").agg(
            claims=_.count(),
            confirmed=_.confirmed.sum(),
            decided=_.decided.count(),
            paid=_.paid.sum(),
        ),
        "claim_people",
    ).mutate(confirmed=_.confirmed.fill_null(0))
    everyone = people.group_by("worker_id", "power").agg(
        **{name: people[name].sum() for name in ("claims", "confirmed", "decided", "paid")}
    )
    tallies = [_count_claimants(people, "province_code", "power"), _count_claimants(everyone, "power")]
    days = (
        claims.filter(_.decided.notnull())
        .mutate(days=_.decided - _.filed)
        .group_by("province_code", "power", "days")
        .agg(number=_.count())
    )
    most = [_largest(people, "province_code", "power"), _largest(everyone, "power")]
    return tuple(session.answer(question) for question in (*tallies, days, *most))


def _largest(people: ir.Table, *keys: str) -> ir.Table:
    order = [ibis.desc("paid"), ibis.asc("worker_id")]
    ranked = people.mutate(rank=ibis.row_number().over(group_by=list(keys), order_by=order))
    return ranked.group_by(*keys).agg(
        paid_first=ibis.ifelse(ranked["rank"] == 0, ranked.paid, 0).sum(),
        paid_second=ibis.ifelse(ranked["rank"] == 1, ranked.paid, 0).sum(),
    )


def _count_claimants(people: ir.Table, *keys: str) -> ir.Table:
    return people.group_by(*keys).agg(
        claims=_.claims.sum(),
        confirmed=_.confirmed.sum(),
        paid=_.paid.sum(),
        claimants=_.count(),
        claims_first=_.claims.max(),
        confirmed_people=(_.confirmed > 0).cast("int64").sum(),
        unconfirmed_people=(_.confirmed < _.claims).cast("int64").sum(),
        decided_people=(_.decided > 0).cast("int64").sum(),
    )


def medians(days: pd.DataFrame, row: dict[str, int], quarters: int) -> NDArray[np.float64]:
    """Median of ``days``, each counted ``number`` times, by unit and quarter."""
    median = np.full((len(row), quarters), np.nan)
    if days.empty:
        return median
    keys = ["province_code", "power"]
    nation = days.assign(province_code=NATION)
    counts = pd.concat([days, nation]).groupby([*keys, "days"], as_index=False)["number"].sum()
    begins = np.flatnonzero(~counts.duplicated(keys))
    number, value = counts["number"].to_numpy(np.int64), counts["days"].to_numpy(float)
    reached, total = number.cumsum(), np.add.reduceat(number, begins)
    before = reached[begins] - number[begins]
    middle = [
        np.searchsorted(reached, before + half, side="right") for half in ((total - 1) // 2, total // 2)
    ]
    first = counts.iloc[begins]
    at = first["province_code"].map(row).to_numpy(int)
    when = [int(power).bit_length() - 1 for power in first["power"]]
    median[at, when] = (value[middle[0]] + value[middle[1]]) / 2
    return median
