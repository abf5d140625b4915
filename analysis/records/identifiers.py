"""Identifiers that are none: words for nothing, and numbers that a program has rewritten.

They look like text, so that no type gives them away, and many people would be counted as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.records.contract import IDENTIFIERS
from analysis.records.rows import among, literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.records.engine import Session
    from analysis.records.rows import Rows

# What programs write into a column of text where there was nothing.
NOTHING = ("nan", "na", "<na>", "n/a", "#n/a", "null", "none", "nil", "nat")
FLOAT_ID = "^[0-9]+[.]0+$"
SPREADSHEET_ID = "^[0-9]([.,][0-9]+)?[eE][+][0-9]+$"
# Characters that nobody sees, and blanks that are no space: no-break, zero-width, ideographic, marks of
# direction and of byte order.
UNSEEN = "[\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]"
CONTROLS = (0, 9, 10, 13)  # NUL, tab and line breaks, inside a text: of a byte each
PADDED = "^0[0-9]+$"


def _texts(rows: Rows, names: Iterable[str]) -> list[str]:
    return sorted(set(names) & rows.texts)


def find_words_for_nothing(rows: Rows) -> dict[str, str]:
    """Codes that say in a word that there is none: as many people would be counted as one."""
    return {name: among(f"lower({name})", NOTHING) for name in _texts(rows, IDENTIFIERS | {"platform_id"})}


def find_rewritten(rows: Rows) -> dict[str, str]:
    """Identifiers such as ``17.0``, which elsewhere is ``17``, or ``1.7E+16``, which many share."""
    # The patterns are asked of few: they cost more than the scan.
    return {
        name: f"CASE WHEN {name} LIKE '%+%' THEN {matches(name, SPREADSHEET_ID)} "
        f"WHEN {name} LIKE '%.0' THEN {matches(name, FLOAT_ID)} ELSE FALSE END"
        for name in _texts(rows, IDENTIFIERS)
    }


def find_unseen(rows: Rows) -> dict[str, str]:
    """Codes with a mark that nobody sees: the same person, platform or order would be counted twice."""
    # Most are plain letters and digits, of a byte each; the pattern is asked of the others.
    return {
        name: f"(CASE WHEN bit_length({name}) <> 8 * length({name}) THEN {matches(name, UNSEEN)} "
        f"ELSE FALSE END OR {' OR '.join(f'contains({name}, chr({number}))' for number in CONTROLS)})"
        for name in _texts(rows, IDENTIFIERS | {"platform_id"})
    }


def count_alike(session: Session, people: Rows) -> int:
    """People whose identifiers differ from another's in capitals only."""
    if "worker_id" not in people.texts:
        return 0
    alike = f"SELECT lower(worker_id) AS small, count(DISTINCT worker_id) AS people FROM {people} GROUP BY 1"
    return session.number(f"SELECT sum(people) FROM ({alike}) WHERE people > 1")


def matches(text: str, pattern: str) -> str:
    """Whether a text holds a pattern, which has no sign that a text in SQL would change."""
    return f"regexp_like({text}, {literal(pattern)})"


def is_padded(text: str) -> str:
    """Whether an identifier begins with zeros that another file, which holds numbers, has lost."""
    return f"CASE WHEN {text} LIKE '0%' THEN {matches(text, PADDED)} ELSE FALSE END"
