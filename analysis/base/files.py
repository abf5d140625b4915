"""Saving: every product is written beside its place and renamed into it.

A table is saved only with its key: columns present, key complete and unique, rows sorted. Its numbers are
rounded by the rule of `digits`, so that every processor writes the same bytes.
Who may read a product is for the user's umask to say: those of a user's own data may be confidential.
An unchanged product keeps its time stamp, so that make does not rebuild what depends on it.
"""

from __future__ import annotations

import json
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.did.digits import DIGITS, csv_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd


def write_bytes(content: bytes, path: Path) -> None:
    """Put ``content`` at ``path`` whole or not at all; leave an identical file untouched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() == content:
        return
    beside = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with beside.open("xb") as stream:  # with the mode that the user's umask gives to new files
            stream.write(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_text(content: str, path: Path) -> None:
    """Write UTF-8 text with Unix line ends; see `write_bytes`."""
    write_bytes(content.encode("utf-8"), path)


def write_json(content: Any, path: Path) -> None:
    """Write JSON with sorted keys, readable Chinese and a final newline; see `write_bytes`."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    write_text(text + "\n", path)


def write_entries(entries: dict[str, Any], path: Path) -> None:
    """Write a JSON object with an entry on each line: a change of one shows as one; see `write_json`."""
    lines = (
        f"{json.dumps(key, ensure_ascii=False)}: "
        + json.dumps(entries[key], ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
        for key in sorted(entries)
    )
    write_text("{\n" + ",\n".join(lines) + "\n}\n", path)


def in_order(column: pd.Series) -> pd.Series:
    """What to sort by: numbers written as text sort as numbers, blanks first; other text as text."""
    import pandas as pd  # not while texts are written only: it takes half a second

    if pd.api.types.is_numeric_dtype(column):
        return column
    text = column.astype("string")
    number = pd.to_numeric(text.where(text != ""), errors="coerce")
    return text if number[text != ""].isna().any() else number.astype("float64").fillna(-np.inf)


def save_table(frame: pd.DataFrame, key: Sequence[str], path: Path, digits: int = DIGITS) -> None:
    """Save ``frame`` as CSV, sorted by ``key``, its numbers with ``digits`` by the rule of `digits`.

    Raises
    ------
    AssertionError
        A key column is absent, has a missing value, or the key repeats: a defect of the step
        that made the table, never of its input.
    """
    names = list(key)
    absent = [name for name in names if name not in frame.columns]
    assert not absent, f"{path.name}: key columns {absent} are not in the table"
    blank = [name for name in names if frame[name].isna().any()]
    assert not blank, f"{path.name}: key columns {blank} have missing values"
    twice = frame[frame.duplicated(names, keep=False)]
    assert twice.empty, f"{path.name}: key {names} repeats:\n{twice[names].head()}"
    ordered = frame.sort_values(names, kind="stable", key=in_order)
    write_text(csv_text(ordered, digits), path)
