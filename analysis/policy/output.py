"""Results on standard output: a table for people, JSON or CSV for programs; the same rows in all three."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from analysis.errors import InputError

Row = Sequence[object]


def show(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    notes: Sequence[str],
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Print one result.

    Raises
    ------
    InputError
        Both JSON and CSV were asked for.
    """
    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other", expected="at most one of them")
    if as_json:
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        content = {"title": title, "rows": records, "notes": list(notes)}
        print(json.dumps(content, ensure_ascii=False, indent=1))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        _print_table(title, columns, rows, notes)


def _print_table(title: str, columns: Sequence[str], rows: Sequence[Row], notes: Sequence[str]) -> None:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        numbers = any(isinstance(row[place], int | float) or _is_number(row[place]) for row in rows)
        table.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*["" if cell is None else str(cell) for cell in row])
    console = Console()
    console.print(table)
    for note in notes:
        console.print(f"Note: {note}", highlight=False, markup=False)


def _is_number(cell: object) -> bool:
    try:
        float(str(cell).replace(",", ""))
    except ValueError:
        return False
    return True
