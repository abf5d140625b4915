"""Rows that come twice: the same order, the same claim, a later state of a claim.

Orders have an id, and a repeated one is a fault. Claims may have one: then a repeat is set aside
and counted, and of different states of a claim the latest counts. Without an id nobody can tell a
repeat from a second claim: equal rows of one file stay and are counted, equal rows of two files are
a fault, because that is what overlapping deliveries look like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
from ibis import _

from analysis.records.checks import EXAMPLES, MASK, Fault, make_fault
from analysis.records.fingerprints import narrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from analysis.records.contract import Table
    from analysis.records.engine import Session

DUPLICATE = "duplicate order id"
SAME_CLAIM = "repeated claim, the same in every column"
EARLIER_STATE = "earlier state of a claim that came again"
OTHER_CLAIM = "one claim id for different people, provinces or accident days"
KEPT = "equal to another row of its file in every column; kept, as two claims may be"
IN_TWO_FILES = "claim that another file holds as well, without a claim_id to tell them apart"
CLAIM = (
    "worker_id",
    "province_code",
    "accident",
    "filed",
    "decided",
    "confirmed",
    "grade",
    "paid",
)


def find_duplicates(
    session: Session, table: Table, orders: ir.Table, per_platform: bool, rows: int
) -> tuple[ir.Table, list[Fault]]:
    """Find order ids that occur more than once; of each, the earliest row is sound.

    ``per_platform`` when each platform numbers its orders by itself; ``rows`` is about their number.
    """
    key = ["platform_id", "order_id"] if per_platform else ["order_id"]
    possible = narrow(session, orders, key, rows)
    if possible is None:
        return orders, []
    twice = session.keep(possible.group_by(key).agg(times=_.count()).filter(_.times > 1).select(key), "twice")
    if not _number(session, twice):
        return orders, []
    suspects = orders.semi_join(twice, key)
    order = ["completed", "worker_id", "province_code", "platform_id", "contribution", "source_file"]
    ranked = suspects.mutate(rank=ibis.row_number().over(group_by=key, order_by=order))
    counts = session.answer(ranked.filter(_.rank > 0).group_by("source_file").agg(rows=_.count()))
    sound = orders.anti_join(twice, key).union(ranked.filter(_.rank == 0).drop("rank"))
    several = suspects.group_by("order_id").agg(platforms=_.platform_id.nunique()).filter(_.platforms > 1)
    alone = "" if per_platform or not _number(session, several) else "; some on two platforms"
    hint = f"{DUPLICATE}{alone}"
    return sound, [make_fault(table.name, "order_id", hint, counts, _masks(counts))]


def settle_claims(
    session: Session, table: Table, claims: ir.Table
) -> tuple[ir.Table, list[Fault], list[Fault]]:
    """Set repeats of a claim aside.

    Returns
    -------
    sound, faults, repeats
        ``faults`` stop a run that is not tolerant; ``repeats`` are counted and said.
    """
    if "claim_id" not in claims.columns:
        return _without_id(session, table, claims)
    twice = session.keep(
        claims.group_by("claim_id")
        .agg(
            times=_.count(),
            people=_.worker_id.nunique(),
            provinces=_.province_code.nunique(),
            days=_.accident.nunique(),
        )
        .filter((_.times > 1) & _.claim_id.notnull()),
        "claims_twice",
    )
    if not _number(session, twice):
        return claims, [], []
    alike = twice.filter((_.people <= 1) & (_.provinces <= 1) & (_.days <= 1)).select("claim_id")
    other = claims.semi_join(
        twice.filter((_.people > 1) | (_.provinces > 1) | (_.days > 1)).select("claim_id"), "claim_id"
    )
    # The latest state: decided before open, the later decision, the larger payment.
    latest = [
        ibis.desc(_.decided.notnull().cast("int64")),
        ibis.desc(_.decided.fill_null(0)),
        ibis.desc(_.paid.fill_null(-1)),
        ibis.desc(_.confirmed.fill_null(-1)),
        ibis.desc(_.grade.fill_null(-1)),
        ibis.desc(_.filed.fill_null(0)),
        _.source_file,
    ]
    ranked = claims.semi_join(alike, "claim_id").mutate(
        rank=ibis.row_number().over(group_by="claim_id", order_by=latest),
        copy=ibis.row_number().over(group_by=["claim_id", *CLAIM], order_by=[_.source_file]),
    )
    repeated = ranked.filter(_.rank > 0)
    repeats = [
        *_count(session, table, repeated.filter(_["copy"] > 0), SAME_CLAIM),
        *_count(session, table, repeated.filter(_["copy"] == 0), EARLIER_STATE),
    ]
    sound = claims.anti_join(twice, "claim_id").union(ranked.filter(_.rank == 0).drop("rank", "copy"))
    return sound, _count(session, table, other, OTHER_CLAIM), repeats


def _without_id(
    session: Session, table: Table, claims: ir.Table
) -> tuple[ir.Table, list[Fault], list[Fault]]:
    equal = session.keep(
        claims.group_by(list(CLAIM))
        .agg(times=_.count(), files=_.source_file.nunique(), home=_.source_file.min())
        .filter(_.times > 1),
        "claims_equal",
    )
    if not _number(session, equal):
        return claims, [], []
    predicates = [claims[name].identical_to(equal[name]) for name in CLAIM]
    marked = claims.left_join(equal, predicates)
    marked = marked.select(
        *[claims[name] for name in claims.columns],
        away=((equal.files > 1) & (claims.source_file != equal.home)).fill_null(False),
        equal=equal.times.notnull(),
    )
    kept = marked.filter(~_.away)
    again = kept.filter(_["equal"]).mutate(
        copy=ibis.row_number().over(group_by=list(CLAIM), order_by=[_.source_file])
    )
    faults = _count(session, table, marked.filter(_.away), IN_TWO_FILES)
    return kept.drop("away", "equal"), faults, _count(session, table, again.filter(_["copy"] > 0), KEPT)


def _number(session: Session, rows: ir.Table) -> int:
    return int(session.answer(rows.agg(n=_.count()))["n"].iloc[0])


def _masks(counts: pd.DataFrame) -> Sequence[str]:
    return (MASK,) * min(EXAMPLES, int(counts["rows"].sum()))


def _count(session: Session, table: Table, rows: ir.Table, reason: str) -> list[Fault]:
    counts = session.answer(rows.group_by("source_file").agg(rows=_.count()))
    column = "claim_id" if reason in (SAME_CLAIM, EARLIER_STATE, OTHER_CLAIM) else "all columns"
    return [make_fault(table.name, column, reason, counts, _masks(counts))] if len(counts) else []
