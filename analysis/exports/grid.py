"""A file as exported, into rows of text: CSV in the browser's encodings, or the first sheet of an XLSX.

Nothing is understood here. Left out: the old XLS, HTML saved as XLS, and XML exports.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".csv", ".xlsx")
ENCODINGS = ("utf-8-sig", "gb18030")  # GB18030 reads every GBK file, as the site writes CSV
LARGEST = 5_000_000  # bytes; an export of 31 provinces has a few thousand


def read_grid(path: Path) -> list[list[str]]:
    """Rows of cells, stripped; blank rows stay, so that a row's number is its line.

    Raises
    ------
    InputError
        The file is of another kind, too large, not text, or has merged cells.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            "this kind of file is not read",
            file=path,
            value=path.suffix,
            expected="CSV or XLSX",
            action="choose CSV or Excel 2007 (xlsx) when exporting, or save an XLS as CSV",
        )
    if path.stat().st_size > LARGEST:
        raise InputError("the file is too large to be such an export", file=path, expected="below 5 MB")
    return read_xlsx(path) if suffix == ".xlsx" else read_csv(path)


def read_csv(path: Path) -> list[list[str]]:
    """Rows of a CSV file in UTF-8 or GBK."""
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError("the file is no text in UTF-8 or GBK", file=path, action="export it as CSV again")
    return [[clean(cell) for cell in row] for row in csv.reader(io.StringIO(text))]


def read_xlsx(path: Path) -> list[list[str]]:
    """Rows of the first sheet; needs openpyxl."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise InputError(
            "XLSX needs one more package",
            file=path,
            action="pip install openpyxl, or export the table as CSV",
        ) from error
    try:
        sheet = load_workbook(path, data_only=True).worksheets[0]
    except Exception as error:
        raise InputError("the file is no XLSX workbook", file=path, action="export it again") from error
    merged = [area for area in sheet.merged_cells.ranges if area.max_row > area.min_row]
    merged += [area for area in sheet.merged_cells.ranges if area.min_col > 1 and area not in merged]
    if merged:
        raise InputError(
            "cells are merged in the table",
            file=path,
            row=merged[0].min_row,
            value=str(merged[0]),
            expected="one header row with a cell for each period",
            action="export the table again, or undo the merging in a spreadsheet",
        )
    return [["" if cell is None else clean(str(cell)) for cell in row] for row in sheet.values]


def clean(cell: str) -> str:
    """A cell without blanks at its ends, ideographic ones and tabs among them."""
    return cell.strip(" \t\r\n\u3000\u00a0\ufeff")
