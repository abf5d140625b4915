"""Rows that come twice: the same order, the same claim, a later state of a claim.

Orders have an id, and a repeated one is a fault. Claims may have one: then a repeat is set aside
and counted, and of different states of a claim the latest counts. Without an id nobody can tell a
repeat from a second claim: equal rows of one file stay and are counted, equal rows of two files are
a fault, because that is what overlapping deliveries look like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.records.checks import EXAMPLES, MASK, Fault, id_checks, make_fault
from analysis.records.fingerprints import Suspects, narrow
from analysis.records.rows import Rows, true, union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.records.checks import Counts
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


def look_at_ids(session: Session, orders: Rows, per_platform: bool, rows: int) -> Suspects:
    """Whether an order's id is odd, and which rows have ids that may occur more than once.

    ``per_platform`` when each platform numbers its orders by itself; ``rows`` is about their number.
    """
    return narrow(session, orders, _key(per_platform), rows, id_checks(orders))


def _key(per_platform: bool) -> list[str]:
    return ["platform_id", "order_id"] if per_platform else ["order_id"]


def find_duplicates(
    session: Session, table: Table, orders: Rows, per_platform: bool, suspects: Suspects
) -> tuple[Rows, list[Fault]]:
    """Find order ids that occur more than once; of each, the earliest row is sound.

    ``suspects`` are those of the same ``orders``, none of which has an odd id.
    """
    if suspects.odd:
        raise ValueError("odd ids must be sorted out before repeated ones are looked for")
    if suspects.rows is None:
        return orders, []
    key = _key(per_platform)
    listed = ", ".join(key)
    several = f"GROUP BY {listed} HAVING count(*) > 1"
    twice = session.keep(f"SELECT {listed} FROM {suspects.rows} {several}", "twice")
    if not session.count(twice):
        return orders, []
    repeated = orders.of(twice, key)
    order = "completed, worker_id, province_code, platform_id, contribution, source_file"
    ranked = repeated.add(turn=f"row_number() OVER (PARTITION BY {listed} ORDER BY {order})")
    counts = _by_file(session, ranked.where("turn > 1"))
    sound = union([orders.of(twice, key, apart=True), ranked.where("turn = 1")])
    shared = f"(SELECT 1 FROM {repeated} GROUP BY order_id HAVING count(DISTINCT platform_id) > 1)"
    alone = "" if per_platform or not session.count(shared) else "; some on two platforms"
    hint = f"{DUPLICATE}{alone}"
    return sound, [make_fault(table.name, "order_id", hint, counts, _masks(counts))]


def settle_claims(session: Session, table: Table, claims: Rows) -> tuple[Rows, list[Fault], list[Fault]]:
    """Set repeats of a claim aside.

    Returns
    -------
    sound, faults, repeats
        ``faults`` stop a run that is not tolerant; ``repeats`` are counted and said.
    """
    if "claim_id" not in claims.columns:
        return _without_id(session, table, claims)
    twice = session.keep(
        "SELECT claim_id, count(DISTINCT worker_id) AS people, count(DISTINCT province_code) AS provinces, "
        f"count(DISTINCT accident) AS days FROM {claims} WHERE claim_id IS NOT NULL "
        "GROUP BY claim_id HAVING count(*) > 1",
        "claims_twice",
    )
    if not session.count(twice):
        return claims, [], []
    differ = "(people > 1) OR (provinces > 1) OR (days > 1)"
    other = claims.of(f"(SELECT claim_id FROM {twice} WHERE {differ})", ["claim_id"])
    alike = claims.of(f"(SELECT claim_id FROM {twice} WHERE NOT ({differ}))", ["claim_id"])
    # The latest state: decided before open, the later decision, the larger payment.
    missing = {"decided": 0, "paid": -1, "confirmed": -1, "grade": -1, "filed": 0}
    latest = ", ".join(f"coalesce({name}, {least}) DESC" for name, least in missing.items())
    latest = f"CASE WHEN decided IS NULL THEN 1 ELSE 0 END, {latest}, source_file"
    ranked = alike.add(
        turn=f"row_number() OVER (PARTITION BY claim_id ORDER BY {latest})",
        again=f"row_number() OVER (PARTITION BY claim_id, {', '.join(CLAIM)} ORDER BY source_file)",
    )
    repeats = [
        *_count(session, table, ranked.where("(turn > 1) AND (again > 1)"), SAME_CLAIM),
        *_count(session, table, ranked.where("(turn > 1) AND (again = 1)"), EARLIER_STATE),
    ]
    sound = union([claims.of(twice, ["claim_id"], apart=True), ranked.where("turn = 1")])
    return sound, _count(session, table, other, OTHER_CLAIM), repeats


def _without_id(session: Session, table: Table, claims: Rows) -> tuple[Rows, list[Fault], list[Fault]]:
    listed = ", ".join(CLAIM)
    equal = session.keep(
        f"SELECT {listed}, count(DISTINCT source_file) AS files, min(source_file) AS home FROM {claims} "
        f"GROUP BY {listed} HAVING count(*) > 1",
        "claims_equal",
    )
    if not session.count(equal):
        return claims, [], []
    same = " AND ".join(f"(claims.{name} IS NOT DISTINCT FROM equal.{name})" for name in CLAIM)
    away = true("(equal.files > 1) AND (claims.source_file <> equal.home)")
    marked = Rows(
        f"(SELECT claims.*, {away} AS away, equal.home IS NOT NULL AS repeated FROM {claims} AS claims "
        f"LEFT JOIN {equal} AS equal ON {same})",
        claims.columns,
        claims.texts,
    )
    kept = marked.where("NOT away")
    again = kept.where("repeated").add(
        again=f"row_number() OVER (PARTITION BY {listed} ORDER BY source_file)"
    )
    faults = _count(session, table, marked.where("away"), IN_TWO_FILES)
    return kept, faults, _count(session, table, again.where("again > 1"), KEPT)


def _by_file(session: Session, rows: Rows) -> Counts:
    found = session.answer(f"SELECT source_file, count(*) AS rows FROM {rows} GROUP BY source_file")
    return [(of["source_file"], of["rows"]) for of in found.to_pylist()]


def _masks(counts: Counts) -> Sequence[str]:
    return (MASK,) * min(EXAMPLES, sum(rows for _path, rows in counts))


def _count(session: Session, table: Table, rows: Rows, reason: str) -> list[Fault]:
    counts = _by_file(session, rows)
    column = "claim_id" if reason in (SAME_CLAIM, EARLIER_STATE, OTHER_CLAIM) else "all columns"
    return [make_fault(table.name, column, reason, counts, _masks(counts))] if counts else []
