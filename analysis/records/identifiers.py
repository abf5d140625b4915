"""Identifiers that are none, that a program has rewritten, or that differ from another in spelling only.

They look like text, so that no type gives them away: many people would be counted as one, or one as two.
"""

from __future__ import annotations

import hashlib
import unicodedata
from string import ascii_letters, digits
from typing import TYPE_CHECKING

from analysis.base.errors import InputError
from analysis.records.contract import IDENTIFIERS
from analysis.records.rows import among, literal, number_where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.records.engine import Session
    from analysis.records.rows import Rows

CODES = IDENTIFIERS | {"platform_id"}
# What programs write into a column of text where there was nothing, and the hashes of nothing: a
# pseudonym that many share.
NOTHING = (
    *("nan", "na", "<na>", "n/a", "nat", "none", "nil", "nul", "null", "(null)", "[null]", "<null>", "\\n"),
    *("#n/a", "#null!", "#ref!", "#value!", "#name?", "#num!", "#div/0!"),
    *("undefined", "unknown", "missing", "-", "--", "---", ".", "?", "/", "*"),
    *("\u65e0", "\u7a7a", "\u7f3a\u5931", "\u672a\u77e5", "\u4e0d\u8be6"),
    *(hashlib.new(name, b"", usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")),
)
AROUND = ("=%", "'%", '"%')  # before what a spreadsheet is to take for text, ="0017" or '0017
SIGNS = ".,+"
# What floats, spreadsheets and reports make of 17 or 1700: 17.0, 1.7E+3, 1.7E3, 1,700 and +17.
REWRITTEN = (
    "^[+-]?[0-9]+[.,]0*$|^[+-]?[0-9]([.,][0-9]+)?[eE][+][0-9]+$|^[+-]?[0-9][.,][0-9]+[eE]-?[0-9]+$"
    "|^[+-]?[0-9]{1,3}(,[0-9]{3})+$|^[+][0-9]+$"
)
# Characters that nobody sees, and blanks that are no space: no-break, zero-width, ideographic, marks of
# direction and of byte order.
UNSEEN = "[\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]"
CONTROLS = (0, 9, 10, 13)  # NUL, tab and line breaks, inside a text: of a byte each
PADDED = "^0[0-9]+$"
WIDE = "".join(chr(0xFEE0 + ord(sign)) for sign in ascii_letters + digits)  # as wide as a Chinese character


def _texts(rows: Rows, names: Iterable[str]) -> list[str]:
    return sorted(set(names) & rows.texts)


def find_words_for_nothing(rows: Rows) -> dict[str, str]:
    """Codes that say in a word that there is none: as many people would be counted as one."""
    # Few are as long as one of the words.
    lengths = ", ".join(str(length) for length in sorted(set(map(len, NOTHING))))
    return {
        name: f"CASE WHEN length({name}) IN ({lengths}) THEN {among(f'lower({name})', NOTHING)} "
        "ELSE FALSE END"
        for name in _texts(rows, CODES)
    }


def find_rewritten(rows: Rows) -> dict[str, str]:
    """Identifiers such as ``17.0`` or ``="17"``, elsewhere ``17``, or ``1.7E+16``, which many share."""
    # The pattern is asked of few: it costs more than the scan.
    found = {}
    for name in _texts(rows, CODES):
        before = " OR ".join(f"{name} LIKE {literal(sign)}" for sign in AROUND)
        inside = " OR ".join(f"contains({name}, {literal(sign)})" for sign in SIGNS)
        number = f"CASE WHEN {inside} THEN {matches(name, REWRITTEN)} ELSE FALSE END"
        found[name] = f"({before} OR {number})"
    return found


def find_unseen(rows: Rows) -> dict[str, str]:
    """Codes with a mark that nobody sees: the same person, platform or order would be counted twice."""
    # Most are plain letters and digits, of a byte each; the pattern is asked of the others.
    return {
        name: f"(CASE WHEN bit_length({name}) <> 8 * length({name}) THEN {matches(name, UNSEEN)} "
        f"ELSE FALSE END OR {' OR '.join(f'contains({name}, chr({number}))' for number in CONTROLS)})"
        for name in _texts(rows, CODES)
    }


def find_undecoded(rows: Rows) -> dict[str, str]:
    """Codes whose bytes are no UTF-8, which Spark reads as they are; DuckDB refuses the file."""
    return {name: f"NOT is_valid_utf8({name})" for name in _texts(rows, CODES)}


def count_alike(session: Session, people: Rows) -> int:
    """People whose identifiers differ from another's in capitals only."""
    return _count(session, people, "worker_id", "lower(worker_id)") if "worker_id" in people.texts else 0


def refuse_spellings(session: Session, rows: Rows, column: str, capitals: str = "") -> None:
    """Refuse identifiers of one person or claim that are written in two ways.

    Parameters
    ----------
    session
        An open engine.
    rows, column
        Where the identifiers stand.
    capitals
        Said of capitals, if those that differ in capitals only are refused too.

    Raises
    ------
    InputError
        Some differ in zeros at the start or in the width of letters and digits only.
    """
    if column not in rows.texts:
        return
    plain = _plain(f"lower({column})" if capitals else column)
    changed = session.number(f"SELECT {number_where(f'{plain} <> {column}')} FROM {rows}")
    if changed and _count(session, rows, column, plain):
        ways = f"in zeros at the start, in the width of letters and digits{capitals}"
        raise InputError(
            f"some identifiers differ {ways} only",
            column=column,
            expected="one spelling in all files",
            action="write them alike: a spreadsheet takes zeros away where they were not read as text",
        )


def _count(session: Session, rows: Rows, column: str, spelling: str) -> int:
    """Identifiers that share a spelling with another."""
    alike = f"SELECT {spelling} AS alike, count(DISTINCT {column}) AS number FROM {rows} GROUP BY 1"
    return session.number(f"SELECT sum(number) FROM ({alike}) WHERE number > 1")


def _plain(text: str) -> str:
    """A text with narrow letters and digits, and a number without zeros at its start."""
    narrow = f"translate({text}, {literal(WIDE)}, {literal(ascii_letters + digits)})"
    narrow = f"CASE WHEN bit_length({text}) <> 8 * length({text}) THEN {narrow} ELSE {text} END"
    return f"CASE WHEN {is_padded(narrow)} THEN regexp_replace({narrow}, '^0+', '') ELSE {narrow} END"


def plain_name(name: str) -> str:
    """A name without capitals, wide letters, or zeros at the start of a number."""
    narrow = unicodedata.normalize("NFKC", name).casefold()
    return narrow.lstrip("0") if narrow.isdecimal() else narrow


def matches(text: str, pattern: str) -> str:
    """Whether a text holds a pattern, which has no sign that a text in SQL would change."""
    return f"regexp_like({text}, {literal(pattern)})"


def is_padded(text: str) -> str:
    """Whether an identifier begins with zeros that another file, which holds numbers, has lost."""
    return f"CASE WHEN ({text}) LIKE '0%' THEN {matches(text, PADDED)} ELSE FALSE END"
