"""Reasons to refuse a row: each with its column and the predicate that finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.records.calendar import MOST_QUARTERS, Rollout, instant
from analysis.records.contract import IDENTIFIERS, Table
from analysis.records.identifiers import (
    find_rewritten,
    find_undecoded,
    find_unseen,
    find_words_for_nothing,
)
from analysis.records.rows import literal
from analysis.records.tables import SHORT, days_since_1970

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from analysis.records.rows import Rows

TOO_LATE = f"{MOST_QUARTERS} quarters or more after the first start"


@dataclass(frozen=True)
class Rule:
    """A reason to refuse a row, with the condition in SQL that finds it."""

    column: str
    reason: str
    broken: str


def order_rules(table: Table, orders: Rows, plan: Rollout, zone: ZoneInfo) -> list[Rule]:
    """Reasons to refuse an order, first come first served."""
    start = start_of({code: instant(day, zone) for code, day in plan.starts.items()})
    return [
        *_reading_rules(table, orders),
        Rule("province_code", "unknown province", f"{start} IS NULL"),
        Rule("completed_at", "order before the start of its province", f"completed < {start}"),
        Rule("completed_at", TOO_LATE, f"completed >= {instant(plan.end, zone)}"),
        Rule("contribution_yuan", "negative contribution", "contribution < 0"),
    ]


def claim_rules(table: Table, claims: Rows, plan: Rollout) -> list[Rule]:
    """Reasons to refuse a claim. ``claims`` carries ``known``, whether its person has an order."""
    start = start_of({code: days_since_1970(day) for code, day in plan.starts.items()})
    return [
        *_reading_rules(table, claims),
        Rule("province_code", "unknown province", f"{start} IS NULL"),
        Rule("accident_date", "accident before the start of its province", f"accident < {start}"),
        *[
            Rule(f"{name}_date", TOO_LATE, f"{name} >= {days_since_1970(plan.end)}")
            for name in ("accident", "filed", "decided")
        ],
        Rule("filed_date", "filed before the accident", "filed < accident"),
        Rule("decided_date", "decided before it was filed", "decided < filed"),
        Rule(
            "confirmed", "verdict without a day of decision", "(confirmed IS NOT NULL) AND (decided IS NULL)"
        ),
        Rule("disability_grade", "disability grade outside 1 to 10", "grade NOT BETWEEN 1 AND 10"),
        Rule("paid_yuan", "negative payment", "paid < 0"),
        Rule("worker_id", "claim without orders", "NOT known"),
    ]


def start_of(starts: dict[str, int]) -> str:
    """The start of a row's province, nothing for a province that has none."""
    branches = (f"WHEN province_code = {literal(code)} THEN {start}" for code, start in starts.items())
    return f"CASE {' '.join(branches)} END"


def _reading_rules(table: Table, rows: Rows) -> list[Rule]:
    rules = []
    for column, undecoded in find_undecoded(rows).items():
        rules.append(Rule(column, "text that is not UTF-8", undecoded))
    for column, spoilt in find_rewritten(rows).items():
        reason = "a float or a spreadsheet has rewritten the identifier"
        rules.append(Rule(column, reason, spoilt))
    for column, unseen in find_unseen(rows).items():
        rules.append(Rule(column, "a blank that is no space, or a mark that nobody sees", unseen))
    for column in sorted(IDENTIFIERS):
        if f"broken_zeros_{column}" in rows.columns:
            reason = "zeros at the start, and another file holds numbers without them"
            rules.append(Rule(column, reason, f"broken_zeros_{column}"))
    for column, kind in table.types.items():
        if f"broken_{column}" in rows.columns:
            article = "an" if kind == "integer" else "a"
            rules.append(Rule(column, f"not {article} {kind}", f"broken_{column}"))
    if "broken_clock" in rows.columns:
        rules.insert(0, Rule("completed_at", "no clock, or a clock without time zone", "broken_clock"))
    for column in table.required:
        if SHORT.get(column, column) not in rows.columns:
            continue
        rules.append(Rule(column, "empty", f"{SHORT.get(column, column)} IS NULL"))
    rules += [
        Rule(column, "a word for nothing", word) for column, word in find_words_for_nothing(rows).items()
    ]
    return rules
