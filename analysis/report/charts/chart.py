"""A chart as data: marks with sentences, the choices that show or hide them, and the words around them.

A chart is drawn in the reader's browser by ``book/_static/charts.js``, which computes nothing: it places
marks, shows those that the choices ask for and says the sentence of the one that is pointed at. Numbers
become words here, with the same rounding as everywhere in the book.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from analysis.report.results import Results

LOOKS = ("range", "wide", "point", "about", "floor", "ring", "segment")


@dataclass(frozen=True)
class Mark:
    """One thing to see and to hear.

    Parameters
    ----------
    x
        Place on the horizontal axis.
    low, high
        Ends on the vertical axis, equal for a point; ``high`` is None where nothing limits it.
    look
        One of `LOOKS`.
    say
        Sentence with the value; a mark without one is drawn and cannot be pointed at.
    row
        The mark's line in the table view, in the order of the chart's ``head``.
    only
        Choices under which the mark is shown: name of a control and the values that show it.
    sources
        Ids of the sources that decide the value.
    label
        Short text beside the mark.
    series
        Marks of one series carry its colour and pattern; "" for none.
    """

    x: float
    low: float
    high: float | None
    look: str
    say: str = ""
    row: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    label: str = ""
    series: str = ""


@dataclass(frozen=True)
class Control:
    """A choice of the reader: a menu of ``options`` (value and label), or a box to tick where there are none.

    ``chooses`` names the control in `Mark.only` if it is another one: then either choice shows a mark.
    """

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    chooses: str = ""


@dataclass(frozen=True)
class Axis:
    """An axis: its title, its marks (none: round numbers), and whether it must hold zero.

    ``titles`` gives another title for each value of the control ``by``.
    """

    title: str
    ticks: tuple[tuple[float, str], ...] = ()
    ends: tuple[float, float] | None = None
    zero: bool = False
    by: str = ""
    titles: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chart:
    """A whole chart in one language.

    ``table`` holds the values that it shows, free of language, for its CSV. ``more`` are marks that the
    browser makes from short rows, because written out they would weigh a megabyte: see `chart_marks.js`.
    """

    title: str
    x: Axis
    y: Axis
    head: tuple[str, ...]
    marks: list[Mark]
    controls: tuple[Control, ...]
    table: pd.DataFrame
    lines: tuple[tuple[float, str], ...] = ()  # upright lines and their labels
    key: tuple[tuple[str, str], ...] = ()  # look or series, and what it means
    more: dict[str, Any] = field(default_factory=dict)

    def record(self, results: Results, language: str) -> dict[str, Any]:
        """What the browser reads; empty fields of marks are left out."""
        marks = [
            {k: v for k, v in asdict(mark).items() if v or not isinstance(v, str | tuple | dict)}
            for mark in self.marks
        ]
        used = {source for mark in self.marks for source in mark.sources}
        used |= set(self.more.get("sources", ()))
        return {
            "title": self.title,
            "x": asdict(self.x),
            "y": asdict(self.y),
            "head": self.head,
            "controls": [asdict(control) for control in self.controls],
            "lines": self.lines,
            "key": self.key,
            "marks": marks,
            "more": self.more,
            "sources": source_words(results, used, language),
        }


def source_words(results: Results, ids: Iterable[str], language: str) -> dict[str, tuple[str, str]]:
    """Name, day and grade of each source in a line, and its address."""
    register = results.sources.set_index("source_id")
    unknown = sorted(set(ids) - set(register.index))
    if unknown:
        raise InputError(
            "a chart names a source that is not in the register",
            file="sources.csv",
            value=unknown[0],
            expected="a source_id",
        )
    grade = "grade " if language == "en" else "等级"
    found = {}
    for source in sorted(set(ids)):
        row = register.loc[source]
        day = "" if str(row["date_published"]) in ("", "NaT", "nan") else str(row["date_published"])[:10]
        parts = [results.said(str(row["title"]), language), day, f"{grade}{row['grade']}"]
        text = (", " if language == "en" else "，").join(part for part in parts if part)
        url = str(row["url"])
        found[source] = (text, url if url.startswith("http") else "")
    return found


def deciding(results: Results, rows: pd.DataFrame) -> tuple[tuple[str, ...], str]:
    """Sources of the figures that fix the ends of an interval, heaviest first, and their worst grade."""
    prices = zip(rows["shadow_price"].abs(), rows["figure_id"], strict=True)
    ordered = dict.fromkeys(figure for _, figure in sorted(prices, reverse=True))
    used = results.graded.loc[list(ordered)]
    return tuple(dict.fromkeys(used["source_id"])), max(used["grade"], default="")
