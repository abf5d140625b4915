"""Faults of the rows: found, counted and shown without a single identifier.

One cheap scan finds out whether anything is wrong. Only then is each row given the first reason
that applies to it, to be reported (the run stops) or set aside (the quarantine).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from analysis.base.errors import InputError
from analysis.records.calendar import Rollout, instant
from analysis.records.contract import IDENTIFIERS, Table
from analysis.records.tables import MONEY_UNIT, days_since_1970

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from analysis.records.engine import Session

MASK = "****"
EXAMPLES = 3
COLUMNS = {  # of the contract -> of the normalised table
    "completed_at": "completed",
    "contribution_yuan": "contribution",
    "accident_date": "accident",
    "filed_date": "filed",
    "decided_date": "decided",
    "disability_grade": "grade",
    "paid_yuan": "paid",
}
DUPLICATE = "duplicate order id"


@dataclass(frozen=True)
class Fault:
    """Rows of one table that share a reason.

    Parameters
    ----------
    table, column, reason
        What is wrong, where.
    rows
        How many rows.
    files
        Rows by file name, the three fullest.
    examples
        Values of the column, or ``****`` for an identifier.
    """

    table: str
    column: str
    reason: str
    rows: int
    files: tuple[tuple[str, int], ...]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """A reason to refuse a row, with the predicate that finds it."""

    column: str
    reason: str
    broken: ir.BooleanValue


@dataclass(frozen=True)
class Survey:
    """What one scan of a table tells: rows, the last moment or day, and whether all is well."""

    rows: int
    last: int | None
    sound: bool


def order_rules(table: Table, orders: ir.Table, plan: Rollout, zone: ZoneInfo) -> list[Rule]:
    """Reasons to refuse an order, first come first served."""
    start = _starts(orders, {code: instant(day, zone) for code, day in plan.starts.items()})
    return [
        *_reading_rules(table, orders),
        Rule("province_code", "unknown province", start.isnull()),
        Rule("completed_at", "order before the start of its province", orders.completed < start),
        Rule("contribution_yuan", "negative contribution", orders.contribution < 0),
    ]


def claim_rules(table: Table, claims: ir.Table, plan: Rollout) -> list[Rule]:
    """Reasons to refuse a claim. ``claims`` carries ``known``, whether its person has an order."""
    start = _starts(claims, {code: days_since_1970(day) for code, day in plan.starts.items()})
    return [
        *_reading_rules(table, claims),
        Rule("province_code", "unknown province", start.isnull()),
        Rule("accident_date", "accident before the start of its province", claims.accident < start),
        Rule("filed_date", "filed before the accident", claims.filed < claims.accident),
        Rule("decided_date", "decided before it was filed", claims.decided < claims.filed),
        Rule(
            "confirmed",
            "verdict without a day of decision",
            claims.confirmed.notnull() & claims.decided.isnull(),
        ),
        Rule("disability_grade", "disability grade outside 1 to 10", ~claims.grade.between(1, 10)),
        Rule("paid_yuan", "negative payment", claims.paid < 0),
        Rule("worker_id", "claim without orders", ~claims.known),
    ]


def _starts(rows: ir.Table, starts: dict[str, int]) -> ir.IntegerValue:
    branches = [(rows.province_code == code, ibis.literal(start, "int64")) for code, start in starts.items()]
    return ibis.cases(*branches, else_=ibis.null("int64"))


def _reading_rules(table: Table, rows: ir.Table) -> list[Rule]:
    rules = []
    for column, kind in table.types.items():
        if f"broken_{column}" in rows.columns:
            rules.append(Rule(column, f"not a {kind}", rows[f"broken_{column}"]))
    if "broken_clock" in rows.columns:
        rules.insert(0, Rule("completed_at", "clock without time zone", rows.broken_clock))
    for column in table.required:
        rules.append(Rule(column, "empty", rows[COLUMNS.get(column, column)].isnull()))
    return rules


def survey_orders(session: Session, orders: ir.Table, plan: Rollout, zone: ZoneInfo) -> Survey:
    """Scan the orders once, by province, without looking at who took them."""
    broken = [name for name in orders.columns if name.startswith("broken_")]
    needed = ("order_id", "worker_id", "platform_id", "completed", "contribution")
    table = session.answer(
        orders.group_by("province_code").agg(
            rows=_.count(),
            first=_.completed.min(),
            last=_.completed.max(),
            least=_.contribution.min(),
            **{f"has_{name}": _[name].count() for name in needed},
            **{name: _[name].cast("int64").sum() for name in broken},
        )
    )
    rows = int(table["rows"].sum())
    known = table["province_code"].map({code: instant(day, zone) for code, day in plan.starts.items()})
    sound = bool(
        known.notna().all()
        and (table["first"] >= known).all()
        and (table["least"] >= 0).all()
        and all((table[f"has_{name}"] == table["rows"]).all() for name in needed)
        and not any(table[name].fillna(0).any() for name in broken)
    )
    last = table["last"].max()
    return Survey(rows, None if pd.isna(last) else int(last), sound)


def sort_out(
    session: Session, table: Table, rows: ir.Table, rules: Sequence[Rule]
) -> tuple[ir.Table, list[Fault]]:
    """Split ``rows`` by ``rules``: the sound ones, and the faults counted.

    Returns
    -------
    sound, faults
        ``sound`` is lazy; ``faults`` holds one entry per reason that occurs.
    """
    reason = ibis.cases(
        *[(rule.broken.fill_null(False), position) for position, rule in enumerate(rules)],
        else_=ibis.null("int64"),
    )
    marked = rows.mutate(reason=reason.cast("int64"))
    broken = marked.filter(_.reason.notnull())
    counts = session.answer(broken.group_by("reason", "source_file").agg(rows=_.count()))
    faults = []
    for position, rule in enumerate(rules):
        of_rule = counts[counts["reason"] == position]
        if len(of_rule):
            examples = _examples(session, broken.filter(_.reason == position), rule.column)
            faults.append(_fault(table.name, rule.column, rule.reason, of_rule, examples))
    return marked.filter(_.reason.isnull()).drop("reason"), faults


def find_duplicates(session: Session, table: Table, orders: ir.Table) -> tuple[ir.Table, list[Fault]]:
    """Find order ids that occur more than once; of each, the earliest row is sound."""
    twice = session.keep(
        orders.group_by("order_id").agg(times=_.count()).filter(_.times > 1).select("order_id"), "twice"
    )
    if not int(session.answer(twice.agg(n=_.count()))["n"].iloc[0]):
        return orders, []
    suspects = orders.semi_join(twice, "order_id")
    order = ["completed", "worker_id", "province_code", "platform_id", "contribution", "source_file"]
    ranked = suspects.mutate(rank=ibis.row_number().over(group_by="order_id", order_by=order))
    counts = session.answer(ranked.filter(_.rank > 0).group_by("source_file").agg(rows=_.count()))
    sound = orders.anti_join(twice, "order_id").union(ranked.filter(_.rank == 0).drop("rank"))
    return sound, [
        _fault(table.name, "order_id", DUPLICATE, counts, (MASK,) * min(EXAMPLES, int(counts["rows"].sum())))
    ]


def _examples(session: Session, rows: ir.Table, column: str) -> tuple[str, ...]:
    shown = COLUMNS.get(column, column)
    if column in IDENTIFIERS:
        number = int(session.answer(rows.agg(n=_.count()))["n"].iloc[0])
        return (MASK,) * min(EXAMPLES, number)
    few = session.answer(rows.select(shown).distinct().order_by(shown).limit(EXAMPLES))
    return tuple(_print(column, value) for value in few[shown])


def _print(column: str, value: object) -> str:
    if pd.isna(value):
        return "(empty or not readable)"
    if column == "completed_at":
        return pd.Timestamp(int(value), unit="us", tz="UTC").isoformat()  # type: ignore[call-overload]
    if column.endswith("_date"):
        return pd.Timestamp(int(value), unit="D").date().isoformat()  # type: ignore[call-overload]
    if column.endswith("_yuan"):
        return f"{int(value) / MONEY_UNIT:g}"  # type: ignore[call-overload]
    return str(value)[:20]


def _fault(table: str, column: str, reason: str, counts: pd.DataFrame, examples: tuple[str, ...]) -> Fault:
    by_file = counts.assign(name=counts["source_file"].map(lambda path: str(path).rsplit("/", 1)[-1]))
    ordered = (
        by_file.groupby("name")["rows"]
        .sum()
        .reset_index()
        .sort_values(["rows", "name"], ascending=[False, True])
    )
    files = tuple((str(name), int(rows)) for name, rows in zip(ordered["name"], ordered["rows"], strict=True))
    return Fault(table, column, reason, int(counts["rows"].sum()), files[:3], examples)


def refuse(faults: Sequence[Fault]) -> None:
    """Stop at the first delivery that is not sound.

    Raises
    ------
    InputError
        With file, column, count and examples of every fault.
    """
    if not faults:
        return
    lines = [f"the records break their contract in {len(faults)} way(s)"]
    for fault in faults:
        files = ", ".join(f"{name} ({rows})" for name, rows in fault.files)
        lines.append(f"  {fault.table}, column {fault.column}: {fault.reason}, {fault.rows} rows")
        lines.append(f"    files: {files}; examples: {', '.join(fault.examples)}")
    raise InputError(
        "\n".join(lines), action="correct the delivery, or set such rows aside with --quarantine"
    )
