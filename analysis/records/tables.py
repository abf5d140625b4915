"""Raw columns to comparable ones: integers for time and money, text for codes.

Money becomes 1/10,000 yuan and time becomes microseconds or days, so that sums do not depend on
the order of addition and both engines give the same panel to the last digit. CSV arrives as text;
a field that does not read as its type is marked in a column ``broken_...`` for the checks.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from analysis.records.sources import CSV, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.records.engine import Session

MONEY_UNIT = 10_000
CLOCK = r"([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)$"


def read_orders(session: Session, source: Source, as_text: bool) -> ir.Table:
    """Orders with ``order_id, worker_id, province_code, platform_id, completed, contribution``.

    Parameters
    ----------
    session
        An open engine.
    source
        Checked files.
    as_text
        Whether the worker's identifier is turned into text, to meet the claims.
    """
    raw = session.read(source, "orders_raw")
    text = source.kind == CSV
    moment = raw.completed_at
    broken: dict[str, ir.Value] = {}
    if text:
        moment = _blank(raw.completed_at).try_cast("timestamp('UTC')")
        zoned = _blank(raw.completed_at).re_search(CLOCK)
        broken["broken_clock"] = _blank(raw.completed_at).notnull() & ~zoned
        broken["broken_completed_at"] = _blank(raw.completed_at).notnull() & moment.isnull()
        amount = _blank(raw.contribution_yuan).try_cast("float64")
        broken["broken_contribution_yuan"] = _blank(raw.contribution_yuan).notnull() & amount.isnull()
    else:
        amount = raw.contribution_yuan
    return raw.select(
        order_id=_identifier(raw.order_id, text),
        worker_id=_identifier(raw.worker_id, text, as_text),
        province_code=_code(raw.province_code, text),
        platform_id=_code(raw.platform_id, text),
        completed=session.micros(moment),
        contribution=_money(amount),
        source_file=raw.source_file,
        **broken,
    )


def read_claims(session: Session, source: Source, as_text: bool) -> ir.Table:
    """Claims with ``worker_id, province_code, accident, filed, decided, confirmed, grade, paid``.

    Days count from 1970-01-01; ``confirmed`` is 1, 0 or empty. See `read_orders`.
    """
    raw = session.read(source, "claims_raw")
    text = source.kind == CSV
    broken: dict[str, ir.Value] = {}
    days: dict[str, ir.Value] = {}
    for name in ("accident", "filed", "decided"):
        column = raw[f"{name}_date"]
        day = _blank(column).try_cast("date") if text else column.cast("date")
        days[name] = day.epoch_days().cast("int64")
        if text:
            broken[f"broken_{name}_date"] = _blank(column).notnull() & day.isnull()
    amount, grade = raw.paid_yuan, raw.disability_grade
    if text:
        amount, grade = _blank(amount).try_cast("float64"), _blank(grade).try_cast("int64")
        broken["broken_paid_yuan"] = _blank(raw.paid_yuan).notnull() & amount.isnull()
        broken["broken_disability_grade"] = _blank(raw.disability_grade).notnull() & grade.isnull()
    verdict = raw.confirmed
    if verdict.type().is_boolean():
        confirmed = verdict.cast("int64")
    else:
        yes, no = source.table.words
        word = _blank(verdict.cast("string")).lower()
        confirmed = ibis.cases((word.isin(yes), 1), (word.isin(no), 0), else_=ibis.null("int64")).cast(
            "int64"
        )
        broken["broken_confirmed"] = word.notnull() & confirmed.isnull()
    return raw.select(
        worker_id=_identifier(raw.worker_id, text, as_text),
        province_code=_code(raw.province_code, text),
        confirmed=confirmed,
        grade=grade.cast("int64"),
        paid=_money(amount),
        source_file=raw.source_file,
        **days,
        **broken,
    )


def identifiers_differ(session: Session, orders: Source, claims: Source) -> bool:
    """Whether the two tables store the worker's identifier in different types."""
    types = {
        str(session.read(source, f"{source.table.name}_types").worker_id.type().copy(nullable=True))
        for source in (orders, claims)
    }
    return len(types) > 1


def power_of_quarter(value: ir.IntegerValue, edges: Sequence[int]) -> ir.IntegerValue:
    """``2 ** i`` for the i-th interval ``[edges[i], edges[i + 1])`` that holds ``value``.

    A tree of comparisons: five for thirty quarters. Powers, because the union of a person's
    quarters is then one bitwise or.
    """

    def branch(low: int, high: int) -> ir.IntegerValue:
        if high - low == 1:
            return ibis.literal(1 << low, "int64")
        middle = (low + high) // 2
        return ibis.ifelse(value < edges[middle], branch(low, middle), branch(middle, high))

    return branch(0, len(edges) - 1)


def days_since_1970(day: dt.date) -> int:
    """Integer that stands for ``day`` in the claims."""
    return (day - dt.date(1970, 1, 1)).days


def _blank(column: ir.StringValue) -> ir.StringValue:
    return column.strip().nullif("")


def _identifier(column: ir.Value, text: bool, as_text: bool = False) -> ir.Value:
    if text:
        return _blank(column)
    return column.cast("string") if as_text or column.type().is_string() else column.cast("int64")


def _code(column: ir.Value, text: bool) -> ir.Value:
    return _blank(column) if text else column.cast("string")


def _money(amount: ir.Value) -> ir.Value:
    # Floor of x + 1/2 instead of round: the engines round halves differently.
    return (amount.cast("float64") * MONEY_UNIT + 0.5).floor().cast("int64")
