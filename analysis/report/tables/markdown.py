"""A table in two languages, and how it becomes Markdown that book and paper read alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd

from analysis.report.text import LANGUAGES

if TYPE_CHECKING:
    from analysis.report.results import Results

Cell = Callable[[pd.Series, str], str]


@dataclass(frozen=True)
class Column:
    """One displayed column: its heads and what a row shows in it.

    ``cell`` takes a row and a language; ``right`` aligns numbers.
    """

    english: str
    chinese: str
    cell: Cell
    right: bool = False


@dataclass(frozen=True)
class Table:
    """A table before it is written.

    Parameters
    ----------
    data
        Machine-readable rows with their ``evidence`` class; written as CSV.
    columns
        What the reader sees.
    """

    data: pd.DataFrame
    columns: list[Column]

    def markdown(self, language: str) -> str:
        """Pipe table; an empty cell stays empty."""
        assert language in LANGUAGES
        heads = [column.english if language == "en" else column.chinese for column in self.columns]
        lines = [heads, ["---:" if column.right else ":---" for column in self.columns]]
        rows = [row for _, row in self.data.iterrows()]
        lines += [[clean(column.cell(row, language)) for column in self.columns] for row in rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def clean(text: str) -> str:
    """One line without the sign that separates cells."""
    return " ".join(text.split()).replace("|", "\\|")


def escape(text: str) -> str:
    """Text whose signs Markdown would read as markup."""
    for sign in "\\[]*_<>$@~^`":
        text = text.replace(sign, "\\" + sign)
    return text


def link(text: str, url: str) -> str:
    """A link, or the text alone where the source has no address."""
    if not url.startswith("http"):
        return escape(text)
    return f"[{escape(text)}](<{quote(url, safe=':/?&=#%,;+@!~._-')}>)"


def field(name: str) -> Cell:
    """The value of a text column as it stands in the record."""
    return lambda row, language: escape(str(row[name])) if not pd.isna(row[name]) else ""


def worded(results: Results, name: str) -> Cell:
    """The value of a text column in the reader's language, by ``wording.csv``."""
    return lambda row, language: "" if pd.isna(row[name]) else escape(results.said(str(row[name]), language))


def number(name: str, words: Callable[[float, str], str]) -> Cell:
    """The value of a numeric column in words; empty where missing."""
    return lambda row, language: "" if pd.isna(row[name]) else words(float(row[name]), language)


def translated(name: str, words: dict[str, tuple[str, str]]) -> Cell:
    """A coded value in the reader's language.

    A code without translation is a defect, and raises ``KeyError``.
    """
    return lambda row, language: "" if not row[name] else words[str(row[name])][language == "zh"]
