"""Raw columns to comparable ones: integers for time and money, text for codes.

Money becomes 1/10,000 yuan and time becomes microseconds or days, so that sums do not depend on
the order of addition and both engines give the same panel to the last digit. Files whose columns
have other types are brought to these one group after the other, never through the type of the
first file. What cannot be read is marked in a column ``broken_...`` for the checks.
"""

from __future__ import annotations

import datetime as dt
from functools import reduce
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from analysis.records import contract
from analysis.records.contract import IDENTIFIERS, TEXT
from analysis.records.identifiers import is_padded
from analysis.records.text import MONEY_UNIT, MOST_YUAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.records.engine import Session
    from analysis.records.sources import Source

MICROS_PER_DAY = 86_400_000_000
SHORT = {  # columns of the contract -> of the comparable table
    "completed_at": "completed",
    "contribution_yuan": "contribution",
    "accident_date": "accident",
    "filed_date": "filed",
    "decided_date": "decided",
    "disability_grade": "grade",
    "paid_yuan": "paid",
}


def read_table(session: Session, source: Source, as_text: bool) -> ir.Table:
    """The rows of ``source`` in comparable columns.

    Parameters
    ----------
    session
        An open engine.
    source
        Checked files.
    as_text
        Whether the worker's identifier is turned into text, to meet the other table.

    Returns
    -------
    ibis.expr.types.Table
        Orders: ``order_id, worker_id, province_code, platform_id, completed, contribution``. Claims:
        ``worker_id, province_code, accident, filed, decided, confirmed, grade, paid`` and, where
        delivered, ``claim_id``; days count from 1970-01-01, ``confirmed`` is 1, 0 or empty. Both:
        ``source_file, broken_*, seen_*``.
    """
    if source.texts:
        raw = session.read_text(source)
        columns = {SHORT.get(name, name): raw[name] for name in raw.columns}
        return raw.select(
            **{
                name: value
                for name, value in columns.items()
                if name != "claim_id" or "claim_id" in source.columns
            }
        )
    name, mixed = source.table.name, _mixed(source)
    parts = [
        _comparable(source, session.read(group, f"{name}_{number}"), dict(group.forms), as_text, mixed)
        for number, group in enumerate(source.groups)
    ]
    return reduce(lambda one, other: one.union(other), parts)


def identifiers_differ(orders: Source, claims: Source) -> bool:
    """Whether the worker's identifier is text, or too large an integer, in one of the tables."""
    return not (orders.numbered("worker_id") and claims.numbered("worker_id"))


def _mixed(source: Source) -> set[str]:
    """Identifiers that some files hold as numbers and others as text."""
    forms = {name: {dict(group.forms).get(name, TEXT) for group in source.groups} for name in IDENTIFIERS}
    return {
        name
        for name, found in forms.items()
        if TEXT in found and any("int" in form for form in found) and name in source.columns
    }


def _comparable(
    source: Source, raw: ir.Table, forms: dict[str, str], as_text: bool, mixed: set[str]
) -> ir.Table:
    columns: dict[str, ir.Value] = {"source_file": raw.source_file}
    for column in source.columns:
        kind, form = source.table.types[column], forms.get(column, TEXT)
        if column == "industry":
            continue
        if kind == "string":
            whole = column in IDENTIFIERS and source.numbered(column)
            number = whole and not (column == "worker_id" and as_text)
            text = raw[column].cast("int64" if number else "string")
            columns[column] = text if whole else text.strip().nullif("")
            if column in mixed:
                columns[f"broken_zeros_{column}"] = (
                    is_padded(columns[column]) if form == TEXT else ibis.literal(False)
                )
            continue
        value, broken, seen = _read(raw[column], kind, form, source.table.words)
        columns[SHORT.get(column, column)] = value
        columns[f"broken_{column}"] = ibis.literal(False) if broken is None else broken
        columns[f"seen_{column}"] = seen
    if "completed" in columns:
        columns["broken_clock"] = ibis.literal(False)
    return raw.select(**columns)


def _read(
    column: ir.Value, kind: str, form: str, words: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[ir.Value, ir.BooleanValue | None, ir.Value]:
    """Value, whether it is broken (None: never), and the shape of a broken one."""
    nothing = ibis.null("string")
    if form == contract.NOTHING:
        return ibis.null("int64"), None, nothing
    if kind == "datetime" or form == "date":
        return column.cast("int64"), None, nothing  # made integers on reading
    if kind == "date":
        day = (column / MICROS_PER_DAY).floor().cast("int64")
        sound = column % MICROS_PER_DAY == 0
        return ibis.ifelse(sound, day, ibis.null("int64")), ~sound, ibis.literal("a day with a clock")
    if kind == "boolean" and form == "boolean":
        return column.cast("int64"), None, nothing
    if kind == "boolean":
        word = column.strip().nullif("").lower()
        value = ibis.cases((word.isin(words[0]), 1), (word.isin(words[1]), 0), else_=ibis.null("int64"))
        return value.cast("int64"), word.notnull() & value.isnull(), ibis.literal("another word")
    amount = column.cast("float64")
    fits = ~amount.isnan() & (amount > -MOST_YUAN) & (amount < MOST_YUAN)
    seen = ibis.ifelse(amount.isnan(), "not a number (NaN)", "infinite or too large")
    amount = ibis.ifelse(fits, amount, ibis.null("float64"))
    if kind == "integer":
        fits = fits & (amount % 1 == 0)
        seen = ibis.ifelse(column.cast("float64").isnan(), "not a number (NaN)", "not whole, or too large")
        return ibis.ifelse(fits, amount, ibis.null("float64")).cast("int64"), ~fits, seen
    # Floor of x + 1/2 instead of round: the engines round halves differently.
    return (amount * MONEY_UNIT + 0.5).floor().cast("int64"), ~fits, seen


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
