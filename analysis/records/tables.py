"""Raw columns to comparable ones: integers for time and money, text for codes.

Money becomes 1/10,000 yuan and time becomes microseconds or days, so that sums do not depend on
the order of addition and both engines give the same panel to the last digit. Files whose columns
have other types are brought to these one group after the other, never through the type of the
first file. What cannot be read is marked in a column ``broken_...`` for the checks.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from analysis.records import contract
from analysis.records.contract import IDENTIFIERS, MONEY_UNIT, MOST_YUAN, TEXT
from analysis.records.identifiers import is_padded
from analysis.records.rows import NO_NUMBER, NO_TEXT, Rows, among, named, true, union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.records.engine import Session
    from analysis.records.sources import Source

MICROS_PER_DAY = 86_400_000_000
CODES = ("worker_id", "province_code", "platform_id")
BLANKS = " \t\n\r\v\f"  # taken off both ends of a code
SHORT = {  # columns of the contract -> of the comparable table
    "completed_at": "completed",
    "contribution_yuan": "contribution",
    "accident_date": "accident",
    "filed_date": "filed",
    "decided_date": "decided",
    "disability_grade": "grade",
    "paid_yuan": "paid",
}


def read_table(session: Session, source: Source, as_text: bool, *, trimmed: bool = True) -> Rows:
    """The rows of ``source`` in comparable columns.

    Parameters
    ----------
    session
        An open engine.
    source
        Checked files.
    as_text
        Whether the worker's identifier is turned into text, to meet the other table.
    trimmed
        Whether the codes of `CODES` come without blanks at their ends, and empty ones as missing. To trim
        them row by row costs a quarter of the counting: groups of rows are trimmed at next to no cost.

    Returns
    -------
    Rows
        Orders: ``order_id, worker_id, province_code, platform_id, completed, contribution``. Claims:
        ``worker_id, province_code, accident, filed, decided, confirmed, grade, paid`` and, where
        delivered, ``claim_id``; days count from 1970-01-01, ``confirmed`` is 1, 0 or empty. Both:
        ``source_file, broken_*, seen_*``.
    """
    if source.texts:
        raw = session.read_text(source)
        columns = {SHORT.get(name, name): name for name in raw.columns}
        if "claim_id" not in source.columns:
            columns.pop("claim_id", None)
        return Rows(f"(SELECT {named(columns)} FROM {raw})", tuple(columns), raw.texts & set(columns))
    name, mixed = source.table.name, _mixed(source)
    rows = union(
        _comparable(source, session.read(group, f"{name}_{number}"), dict(group.forms), as_text, mixed)
        for number, group in enumerate(source.groups)
    )
    return trim_codes(rows) if trimmed else rows


def trim_codes(rows: Rows) -> Rows:
    """The rows with the codes of `CODES` trimmed, and empty ones missing."""
    columns = {name: _trim(name) if name in CODES and name in rows.texts else name for name in rows.columns}
    return Rows(f"(SELECT {named(columns)} FROM {rows})", rows.columns, rows.texts)


def find_untrimmed(rows: Rows) -> str:
    """Whether a code of `CODES` has blanks at its ends or is empty."""
    stray = [f"({name} = '' OR {name} <> btrim({name}, '{BLANKS}'))" for name in CODES if name in rows.texts]
    return true(" OR ".join(stray) or "FALSE")


def _trim(text: str) -> str:
    return f"nullif(btrim({text}, '{BLANKS}'), '')"


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


def _comparable(source: Source, raw: str, forms: dict[str, str], as_text: bool, mixed: set[str]) -> Rows:
    columns, texts, wholes = {"source_file": "source_file"}, {"source_file"}, {}
    for column in source.columns:
        kind, form = source.table.types[column], forms.get(column, TEXT)
        if column == "industry":
            continue
        if kind == "string":
            whole = column in IDENTIFIERS and source.numbered(column)
            number = whole and not (column == "worker_id" and as_text)
            value = f"CAST({column} AS {'BIGINT' if number else 'STRING'})"
            columns[column] = value if whole or column in CODES else _trim(value)
            texts |= set() if number else {column}
            if column in mixed:
                padded = is_padded(_trim(value)) if form == TEXT else "FALSE"
                columns[f"broken_zeros_{column}"] = padded
            continue
        if kind in ("integer", "number") and form != contract.NOTHING:
            wholes[f"whole_{column}"], value, seen = _read_number(column, kind)
            broken = f"({column} IS NOT NULL) AND ({value} IS NULL)"
        else:
            value, broken, seen = _read(column, kind, form, source.table.words)
        columns[SHORT.get(column, column)] = value
        columns[f"broken_{column}"] = broken
        columns[f"seen_{column}"] = seen
    if "completed" in columns:
        columns["broken_clock"] = "FALSE"
    inner = f"(SELECT *, {named(wholes)} FROM {raw})" if wholes else raw
    return Rows(f"(SELECT {named(columns)} FROM {inner})", tuple(columns), frozenset(texts))


def _read(
    column: str, kind: str, form: str, words: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[str, str, str]:
    """Of a moment, a day or a verdict: value, whether it is broken, and the shape of a broken one, in SQL."""
    if form == contract.NOTHING:
        return NO_NUMBER, "FALSE", NO_TEXT
    if kind == "datetime" or form == "date":
        return f"CAST({column} AS BIGINT)", "FALSE", NO_TEXT  # made integers on reading
    if kind == "date":
        sound = f"{column} % {MICROS_PER_DAY} = 0"
        day = f"CASE WHEN {sound} THEN CAST(floor({column} / {MICROS_PER_DAY}) AS BIGINT) END"
        return day, f"NOT ({sound})", "'a day with a clock'"
    if form == "boolean":
        return f"CAST({column} AS BIGINT)", "FALSE", NO_TEXT
    word = f"lower({_trim(column)})"
    yes, no = (among(word, spellings) for spellings in words)
    value = f"CAST(CASE WHEN {yes} THEN 1 WHEN {no} THEN 0 END AS BIGINT)"
    return value, f"({word} IS NOT NULL) AND ({value} IS NULL)", "'another word'"


def _read_number(column: str, kind: str) -> tuple[str, str, str]:
    """The nearest whole number of 1 or of 1/10,000, the value, and the shape of a broken one, in SQL.

    What is not a number (NaN) becomes no whole number: Spark's floor would make it 0, and DuckDB, which
    simplifies comparisons by the extremes in a Parquet footer that leave it out, could let it pass for one.
    """
    amount, whole = f"CAST({column} AS DOUBLE)", f"whole_{column}"
    if kind == "integer":
        nearest, most, odd = amount, MOST_YUAN, "not whole, or too large"
        also = f" AND {amount} = {whole}"
    else:
        # Floor of x + 1/2 instead of round: the engines round halves differently.
        nearest, most = f"floor({amount} * {MONEY_UNIT} + 0.5e0)", MOST_YUAN * MONEY_UNIT
        odd, also = "infinite or too large", ""
    value = f"CASE WHEN {whole} > {-most:.0f} AND {whole} < {most:.0f}{also} THEN {whole} END"
    written = f"lower(CAST({amount} AS STRING))"  # of a text DuckDB draws no conclusion
    shape = f"CASE WHEN {written} = 'nan' THEN 'not a number (NaN)' ELSE '{odd}' END"
    return f"try_cast(CASE WHEN NOT isnan({amount}) THEN {nearest} END AS BIGINT)", value, shape


def power_of_quarter(value: str, edges: Sequence[int]) -> str:
    """``2 ** i`` for the i-th interval ``[edges[i], edges[i + 1])`` that holds ``value``.

    A tree of comparisons: five for thirty quarters. Powers, because the union of a person's
    quarters is then one bitwise or.
    """

    def branch(low: int, high: int) -> str:
        if high - low == 1:
            return str(1 << low)
        middle = (low + high) // 2
        return (
            f"CASE WHEN {value} < {edges[middle]} THEN {branch(low, middle)} ELSE {branch(middle, high)} END"
        )

    return branch(0, len(edges) - 1)


def days_since_1970(day: dt.date) -> int:
    """Integer that stands for ``day`` in the claims."""
    return (day - dt.date(1970, 1, 1)).days
