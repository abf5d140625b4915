"""Read a sheet of an Excel workbook, and say or refuse what a sheet shows and its cells do not hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import InputError
from ..panel.gate import counted, listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ZEROS = re.compile(r"0{2,}")  # a number format that shows leading zeros
MOST_DIGITS = 1e15  # beyond, Excel has rounded a number


def read_excel(path: Path, ids: Sequence[str], empty: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read the first sheet; its first row names the columns.

    Parameters
    ----------
    path
        A file ``.xlsx`` or ``.xlsm``.
    ids
        Columns of ids: read as text, with the leading zeros that the sheet shows.
    empty
        Texts that mean an empty cell in all other columns.

    Raises
    ------
    InputError
        Cells are merged, hold an error such as ``#DIV/0!``, or a formula that nobody has computed.
    """
    from openpyxl import load_workbook

    book = load_workbook(path, data_only=True)
    sheet, *others = book.worksheets
    notes = [f"Of the workbook, the sheet {sheet.title!r} was read."] if others else []
    header, *rows = list(sheet.iter_rows()) or [()]
    while rows and all(cell.value is None for cell in rows[-1]):
        rows.pop()
    _check_merged(sheet, path)
    hidden = [row[0].row for row in rows if row and sheet.row_dimensions[row[0].row].hidden]
    if hidden:
        notes.append(f"{counted(len(hidden), 'row is', 'rows are')} hidden in the sheet, and read.")
    columns: dict[str, pd.Series] = {}
    names: list[str] = []
    for k, top in enumerate(header):
        cells = [row[k] for row in rows]
        if top.value is None and all(cell.value is None for cell in cells):
            continue
        name = f"column {top.column_letter}" if top.value is None else str(top.value)
        _check_errors(cells, name, path)
        if name in ids:
            values, said = _as_shown(cells, name)
            notes += said
        else:
            values = [None if cell.value in empty else cell.value for cell in cells]
        columns[str(k)] = pd.Series(values, dtype=object).infer_objects()
        names.append(name)
    table = pd.DataFrame(columns)
    table.columns = pd.Index(names)
    if table.isna().to_numpy().any():
        _check_computed(path)
    return table, notes


def _as_shown(cells: Sequence[Any], name: str) -> tuple[list[Any], list[str]]:
    """Ids as text, numbers with the leading zeros of their format."""
    values: list[Any] = []
    filled, long = [], []
    for cell in cells:
        value = cell.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            if abs(value) >= MOST_DIGITS:
                long.append(f"{value:.0f}")
            text = f"{value:.0f}" if value == int(value) else str(value)
            if ZEROS.fullmatch(cell.number_format) and len(text) < len(cell.number_format):
                text = text.zfill(len(cell.number_format))
                filled.append(text)
            value = text
        values.append(None if value is None else str(value))
    notes = []
    if filled:
        what = counted(len(filled), "number is", "numbers are")
        notes.append(f"Column {name}: {what} read with the leading zeros that the sheet shows: {filled[0]}.")
    if long:
        notes.append(f"Column {name}: Excel keeps 15 digits of a number, and some have more: {long[0]}.")
    return values, notes


def _check_merged(sheet: Any, path: Path) -> None:
    tall = [str(area) for area in sheet.merged_cells.ranges if area.max_row > max(area.min_row, 1)]
    if tall:
        raise InputError(
            f"cells are merged over rows, and only the first of them holds a value: {listing(tall)}",
            file=path,
            expected="a value in each row",
            action="unmerge these cells in the sheet and fill each row",
        )


def _check_errors(cells: Sequence[Any], name: str, path: Path) -> None:
    wrong = [cell for cell in cells if cell.data_type == "e"]
    if wrong:
        raise InputError(
            f"{counted(len(wrong), 'cell holds', 'cells hold')} an error of the spreadsheet",
            file=path,
            row=wrong[0].row,
            column=name,
            value=wrong[0].value,
            action="correct the formula, or empty the cell where the value is not known",
        )


def _check_computed(path: Path) -> None:
    """A formula without a stored result looks like an empty cell."""
    from openpyxl import load_workbook

    results, formulas = (load_workbook(path, data_only=stored).worksheets[0] for stored in (True, False))
    for row in formulas.iter_rows(min_row=2):
        for cell in row:
            if cell.data_type == "f" and results[cell.coordinate].value is None:
                raise InputError(
                    "a cell holds a formula, and the file does not hold its result",
                    file=path,
                    row=cell.row,
                    column=str(formulas.cell(1, cell.column).value),
                    action="open the workbook in a spreadsheet and save it, or paste values",
                )
