"""Rows that are asked for in SQL which DuckDB and Spark read alike.

Only what both engines spell and mean in the same way is used: sums are cast to 64 bits, a word is a
name for nothing else in either, and ``btrim`` and ``regexp_like``, which DuckDB calls otherwise, are
macros there (see `engine`). Logical operators are put in brackets by whoever joins two of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NO_NUMBER, NO_TEXT = "CAST(NULL AS BIGINT)", "CAST(NULL AS STRING)"


@dataclass(frozen=True)
class Rows:
    """Rows of a table or of a query that has not run yet.

    Parameters
    ----------
    source
        What stands behind ``FROM``: the name of a table, or a query in brackets.
    columns
        Names, in order.
    texts
        Those that hold text.
    """

    source: str
    columns: tuple[str, ...]
    texts: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.source

    @property
    def query(self) -> str:
        """The rows as a query."""
        return f"SELECT {', '.join(self.columns)} FROM {self.source}"

    def add(self, **values: str) -> Rows:
        """The rows with further columns, each a formula."""
        source = f"(SELECT *, {named(values)} FROM {self.source})"
        return Rows(source, (*self.columns, *values), self.texts)

    def where(self, condition: str) -> Rows:
        """The rows that meet a condition."""
        return Rows(f"(SELECT * FROM {self.source} WHERE {condition})", self.columns, self.texts)

    def of(self, other: Rows | str, key: Iterable[str], *, apart: bool = False) -> Rows:
        """The rows whose ``key`` is also one of ``other``, or with ``apart`` those whose key is not."""
        how = "ANTI" if apart else "SEMI"
        query = f"SELECT {', '.join(self.columns)} FROM {self.source} AS ours {how} JOIN {other} AS others"
        return Rows(f"({query} USING ({', '.join(key)}))", self.columns, self.texts)

    def at(self, table: str) -> Rows:
        """The same columns in a table that keeps them."""
        return Rows(table, self.columns, self.texts)


def union(parts: Iterable[Rows]) -> Rows:
    """The rows of all ``parts``, with the columns of the first."""
    first, *others = parts
    if not others:
        return first
    queries = [f"SELECT {', '.join(first.columns)} FROM {part}" for part in (first, *others)]
    return Rows(f"({' UNION ALL '.join(queries)})", first.columns, first.texts)


def named(values: Mapping[str, str]) -> str:
    """Formulas with their names, for ``SELECT``."""
    return ", ".join(f"{formula} AS {name}" for name, formula in values.items())


def literal(text: str) -> str:
    """A text in SQL; the signs that an engine reads in its own way are named by their codes."""
    split = [piece for piece in re.split(r"(['\\]|\$(?={))", text) if piece]
    pieces = [f"chr({ord(piece)})" if piece in "'\\$" else f"'{piece}'" for piece in split]
    return f"concat({', '.join(pieces)})" if len(pieces) > 1 else "".join(pieces) or "''"


def among(text: str, words: Iterable[str]) -> str:
    """Whether a text is one of ``words``."""
    return f"{text} IN ({', '.join(map(literal, words))})"


def true(condition: str) -> str:
    """Whether a condition holds; where it cannot be told, it does not."""
    return f"coalesce({condition}, FALSE)"


def total(value: str) -> str:
    """A sum of whole numbers; DuckDB adds them up in 128 bits."""
    return f"CAST(sum({value}) AS BIGINT)"


def number_where(condition: str) -> str:
    """How many rows of a group meet a condition."""
    return f"count(CASE WHEN {condition} THEN 1 END)"
