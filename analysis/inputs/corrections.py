"""Declared corrections: ``corrections.csv`` says where the record is wrong and what is handed on.

The raw file keeps what was read. ``replace`` hands on another value for one cell and expects the
cell to read as before; ``left_out`` names rows that were left out on purpose and expects them to
stay absent. When the source is repaired the expectation fails, the build stops, and the correction
can go. This is no place for choices between sources: those are grades.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.errors import InputError
from analysis.inputs.descriptor import line_of, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FILE = "corrections.csv"


def apply_corrections(frame: pd.DataFrame, folder: Path, file: str) -> pd.DataFrame:
    """Apply the corrections declared for ``file`` to its cells, still text.

    Raises
    ------
    InputError
        An expectation no longer holds; names the correction's line and what was found.
    """
    if file == FILE:
        return frame
    declared = read_text(folder, FILE)
    for position, row in declared[declared["file"] == file].iterrows():
        hits = select_rows(frame, row["row"], folder, line_of(position))
        if row["kind"] == "left_out":
            if hits.any():
                raise stale(folder, position, row, f"{int(hits.sum())} such rows in {file}")
        else:
            cells = list(frame.loc[hits, row["column"]]) if row["column"] in frame else []
            if cells != [row["printed"]]:
                raise stale(folder, position, row, f"{cells or 'no such cell'} in {file}")
            frame.loc[hits, row["column"]] = row["corrected"]
    return frame


def check_corrections_name_something(folder: Path, columns: Mapping[str, Sequence[str]]) -> None:
    """Every correction names a file of the record and, to replace a cell, a column of it.

    Parameters
    ----------
    folder
        Folder of the data package.
    columns
        Columns of every file of the record.
    """
    declared = read_text(folder, FILE)
    for position, row in declared.iterrows():
        known = columns.get(row["file"])
        if known is None or row["file"] == FILE:
            column, value, expected = (
                "file",
                row["file"],
                f"one of {', '.join(c for c in columns if c != FILE)}",
            )
        elif row["kind"] == "replace" and row["column"] not in known:
            column, value, expected = (
                "column",
                row["column"],
                f"a column of {row['file']}: {', '.join(known)}",
            )
        else:
            continue
        raise InputError(
            f"correction {row['correction_id']} names a {column} that the record does not have",
            file=folder / FILE,
            row=line_of(position),
            column=column,
            value=value,
            expected=expected,
            action="a correction that names nothing corrects nothing: restate it or remove it",
        )


def select_rows(frame: pd.DataFrame, condition: str, folder: Path, line: int) -> pd.Series:
    """Rows that meet ``column=value;column=value``."""
    hits = pd.Series(True, index=frame.index)
    for part in condition.split(";"):
        column, equals, value = part.partition("=")
        if not equals or column not in frame:
            raise InputError(
                "a correction names a column that the file does not have",
                file=folder / FILE,
                row=line,
                column="row",
                value=condition,
                expected="column=value, separated by semicolons",
            )
        hits &= frame[column] == value
    return hits


def stale(folder: Path, position: object, row: pd.Series, found: str) -> InputError:
    """The error for a correction whose expectation no longer holds."""
    return InputError(
        f"correction {row['correction_id']} no longer fits {row['file']} ({row['row']}): found {found}",
        file=folder / FILE,
        row=line_of(position),
        column=row["column"] or "row",
        value=row["printed"] or row["row"],
        expected=row["expectation"],
        action="the source was changed: remove the correction or restate it",
    )
