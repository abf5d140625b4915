"""Identifiers that are none: words for nothing, and numbers that a program has rewritten.

They look like text, so that no type gives them away, and many people would be counted as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from analysis.records.contract import IDENTIFIERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import ibis.expr.types as ir

    from analysis.records.engine import Session

# What programs write into a column of text where there was nothing.
NOTHING = ("nan", "na", "<na>", "n/a", "#n/a", "null", "none", "nil", "nat")
FLOAT_ID = r"^[0-9]+\.0+$"
SPREADSHEET_ID = r"^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$"
# Characters that nobody sees, and blanks that are no space: no-break, zero-width, ideographic, marks of
# direction and of byte order.
UNSEEN = "[\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]"
CONTROLS = (0, 9, 10, 13)  # NUL, tab and line breaks, inside a text: of a byte each
PADDED = r"^0[0-9]+$"


@ibis.udf.scalar.builtin(name="strlen")  # type: ignore[untyped-decorator]
def _bytes_in_duckdb(text: str) -> int:  # type: ignore[empty-body]
    """Length in bytes."""


@ibis.udf.scalar.builtin(name="octet_length")  # type: ignore[untyped-decorator]
def _bytes_in_spark(text: str) -> int:  # type: ignore[empty-body]
    """Length in bytes."""


@ibis.udf.scalar.builtin(name="chr")  # type: ignore[untyped-decorator]
def _character(number: int) -> str:  # type: ignore[empty-body]
    """The character of a code, which SQL cannot spell."""


def _texts(rows: ir.Table, names: Iterable[str]) -> dict[str, ir.StringValue]:
    return {
        name: rows[name] for name in sorted(names) if name in rows.columns and rows[name].type().is_string()
    }


def find_words_for_nothing(rows: ir.Table) -> dict[str, ir.BooleanValue]:
    """Codes that say in a word that there is none: as many people would be counted as one."""
    texts = _texts(rows, IDENTIFIERS | {"platform_id"})
    return {name: text.lower().isin(NOTHING) for name, text in texts.items()}


def find_rewritten(rows: ir.Table) -> dict[str, ir.BooleanValue]:
    """Identifiers such as ``17.0``, which elsewhere is ``17``, or ``1.7E+16``, which many share."""
    found = {}
    for name, text in _texts(rows, IDENTIFIERS).items():
        # The pattern is asked of few: it costs more than the scan.
        whole = ibis.ifelse(text.endswith(".0"), text.re_search(FLOAT_ID), False)
        found[name] = ibis.ifelse(text.contains("+"), text.re_search(SPREADSHEET_ID), whole)
    return found


def find_unseen(rows: ir.Table) -> dict[str, ir.BooleanValue]:
    """Codes with a mark that nobody sees: the same person, platform or order would be counted twice."""
    size = _bytes_in_spark if rows.get_backend().name == "pyspark" else _bytes_in_duckdb
    texts = _texts(rows, IDENTIFIERS | {"platform_id"})
    # Most are plain letters and digits, of a byte each; the pattern is asked of the others.
    found = {}
    for name, text in texts.items():
        unseen = ibis.ifelse(size(text) != text.length(), text.re_search(UNSEEN), False)
        for number in CONTROLS:
            unseen |= text.contains(_character(number))
        found[name] = unseen
    return found


def count_alike(session: Session, people: ir.Table) -> int:
    """People whose identifiers differ from another's in capitals only."""
    if not people.worker_id.type().is_string():
        return 0
    alike = people.select("worker_id").distinct().group_by(small=people.worker_id.lower())
    groups = alike.agg(people=ibis._.count()).filter(ibis._.people > 1)
    return int(session.answer(groups.agg(n=ibis._.people.sum().fill_null(0)))["n"].iloc[0])


def is_padded(text: ir.StringValue) -> ir.BooleanValue:
    """Whether an identifier begins with zeros that another file, which holds numbers, has lost."""
    return ibis.ifelse(text.startswith("0"), text.re_search(PADDED), False)
