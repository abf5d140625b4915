"""The data package's own record, ``datapackage.yaml``: which files there are and what they hold.

Reads the descriptor and the CSV files as text, exactly as stored. Checks live in `package` and
`checks`, types in `tables`.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.base.errors import InputError
from analysis.base.named import parse_yaml
from analysis.inputs.record import check_record

if TYPE_CHECKING:
    from pathlib import Path

DESCRIPTOR = "datapackage.yaml"
HEADER_LINES = 1  # a data row with position 0 stands on line 2 of its file


def read_descriptor(folder: Path) -> dict[str, Any]:
    """Parse ``folder/datapackage.yaml``.

    Raises
    ------
    InputError
        The folder or the descriptor is absent, is no YAML, or `check_record` refuses it.
    """
    path = folder / DESCRIPTOR
    if not path.is_file():
        raise InputError(
            "no data package here",
            file=path,
            expected=f"a folder with {DESCRIPTOR} and the files it names",
            action="give the folder with --raw, or restore the file",
        )
    stamp = path.stat()
    return _parse(path, stamp.st_mtime_ns, stamp.st_size)


@functools.lru_cache(maxsize=8)
def _parse(path: Path, *state: int) -> dict[str, Any]:
    """Parse once for each ``state`` (time of change, size) of the file: every loader asks for it."""
    assert state, "the cache needs the file's state"
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"the data package's record cannot be read: {error}", file=path) from error
    descriptor = parse_yaml(text, path, "the data package's record")
    check_record(path, descriptor)
    found: dict[str, Any] = descriptor
    return found


def resource_of(folder: Path, file: str) -> dict[str, Any]:
    """The descriptor's entry for one file of the package."""
    for resource in read_descriptor(folder)["resources"]:
        if resource["path"] == file:
            found: dict[str, Any] = resource
            return found
    raise InputError("the data package does not name this file", file=folder / file)


def record_searched(folder: Path) -> pd.Timestamp:
    """Day up to which the record was searched: no fact may be younger. Declared: the clock plays no part."""
    stated = read_descriptor(folder).get("record_searched")
    try:
        return pd.Timestamp(datetime.date.fromisoformat(str(stated)))
    except ValueError as error:
        raise InputError(
            "the day of the last search is missing or no date",
            file=folder / DESCRIPTOR,
            column="record_searched",
            value=stated,
            expected="a day such as 2026-11-28",
        ) from error


def read_text(folder: Path, file: str) -> pd.DataFrame:
    """Every cell of a CSV file as text; blank cells are empty strings."""
    path = folder / file
    try:
        # Blank lines and short rows are kept, so that positions are lines; the schema check names them,
        # as it names a first row that is too long, of which pandas only warns.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.ParserWarning)
            table = pd.read_csv(
                path,
                dtype=str,
                keep_default_na=False,
                encoding="utf-8",
                index_col=False,
                skip_blank_lines=False,
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"this is no table: {error}", file=path, expected="a comma-separated file with one header row"
        ) from error
    return table.fillna("")


def line_of(position: object) -> int:
    """Line in the file of the data row with this position, the header being line 1."""
    return int(str(position)) + HEADER_LINES + 1


def digest(content: bytes) -> str:
    """SHA-256 as a Data Package writes it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
