"""Saving what the command makes: whole or not at all, and readable by whom the user's umask allows.

Results on a user's own panel may be confidential, so a file gets the mode that the user's system gives
to new files.
"""

from __future__ import annotations

import json
from secrets import token_hex
from typing import TYPE_CHECKING

from .digits import csv_text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def write_bytes(content: bytes, path: Path) -> None:
    """Put ``content`` at ``path`` by writing beside it and renaming."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with beside.open("xb") as stream:
            stream.write(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_text(content: str, path: Path) -> None:
    """Write UTF-8 text with Unix line ends; see `write_bytes`."""
    write_bytes(content.encode("utf-8"), path)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, in the digits that every processor agrees on; see `write_bytes`."""
    write_text(csv_text(frame), path)


def write_json(content: object, path: Path) -> None:
    """Write JSON with sorted keys, readable letters and a final newline; see `write_bytes`."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    write_text(text + "\n", path)
