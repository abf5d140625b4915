"""Faults of the rows: found, counted and shown without a single identifier.

One cheap scan finds out whether anything is wrong. Only then is each row given the first reason
that applies to it, to be reported (the run stops) or set aside (the quarantine).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import numpy as np

from analysis.base.errors import InputError
from analysis.records.calendar import instant
from analysis.records.contract import IDENTIFIERS, MONEY_UNIT
from analysis.records.identifiers import (
    find_rewritten,
    find_undecoded,
    find_unseen,
    find_words_for_nothing,
)
from analysis.records.rows import NO_TEXT, Rows, number_where, total, true
from analysis.records.tables import MICROS_PER_DAY, SHORT, find_untrimmed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from analysis.records.calendar import Rollout
    from analysis.records.contract import Table
    from analysis.records.engine import Session
    from analysis.records.rules import Rule
    from analysis.records.sources import Source

    Counts = Sequence[tuple[str, int]]

MASK = "****"
EXAMPLES = 3
CODE_LENGTH = 6  # a longer code may be something else in the wrong column
CAPITALS = "people who differ from another in capitals only; each counted by itself"
LEAST_CLOCKS = 100  # so many orders cannot all be completed at the same time of the day


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
        Shapes of the values, ``****`` for an identifier; never a person's value.
    """

    table: str
    column: str
    reason: str
    rows: int
    files: tuple[tuple[str, int], ...]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Survey:
    """What the first scan of the orders tells: rows, the last quarter if all is well, and whether it is."""

    rows: int
    last: int | None
    sound: bool


def order_checks(orders: Rows, end: int) -> str:
    """Whether an order is odd, asked of each while orders are grouped; `survey_orders` asks of the groups.

    Columns by which orders are grouped are not among what is asked: a group shows these as they are. Nor is
    the order's identifier, of which `id_checks` asks. What cannot be read is missing, so that money and
    moments need no further look.

    Parameters
    ----------
    orders
        Comparable orders.
    end
        The first moment that lies too far ahead, in microseconds.
    """
    odd = ["completed IS NULL", "contribution IS NULL", "contribution < 0", f"completed >= {end}"]
    odd += [name for name in orders.columns if name == "broken_zeros_worker_id"]
    return _any(odd)


def id_checks(orders: Rows) -> str:
    """Whether the identifier of an order is odd, asked of each where repeated ones are looked for."""
    odd = ["order_id IS NULL", *_oddities(orders, "order_id")]
    odd += [name for name in orders.columns if name == "broken_zeros_order_id"]
    return _any(odd)


def _any(conditions: Sequence[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)


def survey_orders(session: Session, orders: Rows, parts: Rows, plan: Rollout, zone: ZoneInfo) -> Survey:
    """Whether anything is wrong with orders that are grouped, odd ones as of the power 0; ids apart.

    Parameters
    ----------
    session
        An open engine.
    orders
        The orders, for a question that is seldom asked.
    parts
        These by worker, province, platform and quarter, codes not trimmed, each with its ``first`` moment.
    plan, zone
        Starts, and whose midnight they begin at.
    """
    clock = f"first % {MICROS_PER_DAY}"
    table = session.answer(
        f"SELECT province_code, {total('orders')} AS rows, min(first) AS first, max(power) AS last, "
        f"min(power) AS least, min({clock}) AS earliest, max({clock}) AS latest "
        f"FROM {parts} GROUP BY province_code"
    )
    of_provinces = table.to_pylist()
    rows = sum(of["rows"] for of in of_provinces)
    starts = {code: instant(day, zone) for code, day in plan.starts.items()}
    sound = bool(rows) and all(
        of["province_code"] in starts
        and of["first"] is not None
        and of["first"] >= starts[of["province_code"]]
        and of["least"] > 0
        for of in of_provinces
    )
    # The first of each group tells nearly always; only if it does not is each order asked.
    clocks = [(of["earliest"], of["latest"]) for of in of_provinces if of["latest"] is not None]
    if rows >= LEAST_CLOCKS and clocks and min(clocks)[0] == max(latest for _earliest, latest in clocks):
        _check_clocks(session, orders)
    sound = sound and not any(_has_odd(session, parts, name) for name in ("platform_id", "worker_id"))
    if not sound:
        return Survey(rows, None, False)
    return Survey(rows, plan.first_quarter + max(of["last"] for of in of_provinces).bit_length() - 1, True)


def _has_odd(session: Session, parts: Rows, column: str) -> bool:
    """Whether a column by which orders are grouped holds an odd value, or one with blanks at its ends."""
    values = Rows(f"(SELECT DISTINCT {column} FROM {parts})", (column,), parts.texts & {column})
    odd = [f"{column} IS NULL", find_untrimmed(values), *_oddities(values, column)]
    # Not as a filter, which an engine would ask of every row before it looks for different values.
    return session.number(f"SELECT {number_where(_any(odd))} FROM {values}") > 0


def _check_clocks(session: Session, orders: Rows) -> None:
    clocks = f"(SELECT DISTINCT completed % {MICROS_PER_DAY} FROM {orders} WHERE completed IS NOT NULL)"
    if session.count(clocks) == 1:
        raise InputError(
            "all orders were completed at the same time of the day: these are days, not instants",
            column="completed_at",
            action="export the moment of completion",
        )


def _oddities(rows: Rows, column: str) -> list[str]:
    finders = (find_rewritten, find_undecoded, find_unseen, find_words_for_nothing)
    found = [find(rows).get(column) for find in finders]
    return [true(odd) for odd in found if odd is not None]


def sort_out(session: Session, table: Table, rows: Rows, rules: Sequence[Rule]) -> tuple[Rows, list[Fault]]:
    """Split ``rows`` by ``rules``: the sound ones, and the faults counted.

    Returns
    -------
    sound, faults
        ``sound`` is lazy; ``faults`` holds one entry per reason that occurs.
    """
    branches = " ".join(f"WHEN {rule.broken} THEN {position}" for position, rule in enumerate(rules))
    marked = rows.add(reason=f"CASE {branches} END")
    broken = marked.where("reason IS NOT NULL")
    counts = session.answer(
        f"SELECT reason, source_file, count(*) AS rows FROM {broken} GROUP BY reason, source_file"
    ).to_pylist()
    faults = []
    for position, rule in enumerate(rules):
        of_rule = [(of["source_file"], of["rows"]) for of in counts if of["reason"] == position]
        if of_rule:
            examples = _examples(session, broken.where(f"reason = {position}"), rule.column)
            faults.append(make_fault(table.name, rule.column, rule.reason, of_rule, examples))
    return Rows(str(marked.where("reason IS NULL")), rows.columns, rows.texts), faults


def _examples(session: Session, rows: Rows, column: str) -> tuple[str, ...]:
    shown = SHORT.get(column, column)
    if column in IDENTIFIERS:
        return (MASK,) * min(EXAMPLES, session.count(str(rows)))
    seen = f"seen_{column}" if f"seen_{column}" in rows.columns else NO_TEXT
    few = session.answer(
        f"SELECT DISTINCT {shown} AS value, {seen} AS seen FROM {rows} "
        f"ORDER BY value NULLS LAST, seen NULLS LAST LIMIT {EXAMPLES * 4}"
    )
    shapes = [_shape(column, each["value"], each["seen"]) for each in few.to_pylist()]
    return tuple(dict.fromkeys(shapes))[:EXAMPLES]


def _shape(column: str, value: object, seen: object) -> str:
    """What an example shows: a month, digits as 9, a short code; no value of a person."""
    if value is None:
        return "empty" if seen is None else str(seen)
    if column == "completed_at":
        return str(np.datetime64(int(value), "us").astype("M8[M]"))  # type: ignore[call-overload]
    if column.endswith("_date"):
        return str(np.datetime64(int(value), "D").astype("M8[M]"))  # type: ignore[call-overload]
    text = f"{int(value) / MONEY_UNIT:g}" if column.endswith("_yuan") else str(value)  # type: ignore[call-overload]
    if column == "province_code" and len(text) <= CODE_LENGTH:
        return text
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))[:20]


def broken_lines(source: Source) -> list[Fault]:
    """The fault of CSV rows with more or fewer fields than their header."""
    torn = [text for text in source.texts if text.lines.broken]
    if not torn:
        return []
    counts = [(text.path, text.lines.broken) for text in torn]
    examples = tuple(example for text in torn for example in text.lines.examples)[:EXAMPLES]
    return [
        make_fault(
            source.table.name, "the whole row", "more or fewer fields than the header", counts, examples
        )
    ]


def make_fault(table: str, column: str, reason: str, counts: Counts, examples: Sequence[str]) -> Fault:
    """A fault from ``counts``: paths of files, and how many rows of each."""
    by_name: Counter[str] = Counter()
    for path, rows in counts:
        by_name[_file_name(path)] += rows
    files = tuple(sorted(by_name.items(), key=lambda of: (-of[1], of[0])))
    return Fault(table, column, reason, by_name.total(), files[:3], tuple(examples))


def _file_name(path: str) -> str:
    """The name of a file, with its folder where that holds a column."""
    parts = (unquote(urlsplit(path).path) if "://" in path or path.startswith("file:/") else path).split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 and "=" in parts[-2] else parts[-1]


def at_least(number: int, minimum: int) -> int | str:
    """A number of rows, which are somebody's, unless it is below ``minimum``."""
    return number if number >= minimum else f"fewer than {minimum}"


def refuse(faults: Sequence[Fault], minimum: int) -> None:
    """Stop at the first delivery that is not sound; numbers of rows below ``minimum`` are not told.

    Raises
    ------
    InputError
        With file, column, count and examples of every fault.
    """
    if not faults:
        return
    lines = [f"the records break their contract in {len(faults)} way(s)"]
    for fault in faults:
        # If one of several files has few of them, the total less the others would tell how few.
        shown = [rows for _name, rows in fault.files]
        few = min(shown) < minimum or 0 < fault.rows - sum(shown) < minimum
        untold = few and fault.rows >= minimum
        files = ", ".join(
            name if untold else f"{name} ({at_least(rows, minimum)})" for name, rows in fault.files
        )
        number = at_least(fault.rows, minimum)
        lines.append(f"  {fault.table}, column {fault.column}: {fault.reason}, {number} rows")
        lines.append(f"    files: {files}; examples: {', '.join(fault.examples)}")
    raise InputError(
        "\n".join(lines), action="correct the delivery, or set such rows aside with --quarantine"
    )
