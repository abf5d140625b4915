"""Results on standard output: tables for people, JSON or CSV for programs; the same figures in all three."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 110  # of a table that is not on a terminal


@dataclass(frozen=True)
class Section:
    """One table. The first column names the row; amounts stand as text with the digits they have."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def show(sections: Sequence[Section], notes: Sequence[str], *, as_json: bool, as_csv: bool) -> None:
    """Print the sections and, under them or in JSON beside them, the notes.

    CSV is long (``section, item, measure, value``), because sections differ in columns.

    Raises
    ------
    InputError
        Both JSON and CSV were asked for.
    """
    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other", expected="at most one of them")
    if as_json:
        tables = [
            {
                "title": s.title,
                "rows": [dict(zip(s.columns, map(plain, row), strict=True)) for row in s.rows],
            }
            for s in sections
        ]
        print(json.dumps({"sections": tables, "notes": list(notes)}, ensure_ascii=False, indent=1))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(("section", "item", "measure", "value"))
        for section in sections:
            for row in section.rows:
                for name, value in zip(section.columns[1:], row[1:], strict=True):
                    writer.writerow((section.title, row[0], name, plain(value)))
    else:
        _print(sections, notes)


def _print(sections: Sequence[Section], notes: Sequence[str]) -> None:
    # Names of the user's workers are printed as they are: brackets are no markup, colons no emoji.
    console = Console(width=None if sys.stdout.isatty() else WIDTH, markup=False, emoji=False)
    for section in sections:
        table = Table(title=section.title, title_justify="left", title_style="bold")
        for place, column in enumerate(section.columns):
            figures = all(is_figure(row[place]) for row in section.rows)
            table.add_column(column, justify="right" if figures else "left", overflow="fold")
        for row in section.rows:
            table.add_row(*row)
        console.print(table)
    for note in notes:
        console.print(f"Note: {note}", highlight=False, markup=False)


def is_figure(cell: str) -> bool:
    """Whether the cell is a number, or blank where a number would stand."""
    try:
        float(cell.replace(",", "").rstrip(" %") or "0")
    except ValueError:
        return False
    return True


def plain(cell: str) -> str:
    """A figure without the commas that help people only; any other cell as it is."""
    return cell.replace(",", "") if is_figure(cell) else cell
