"""From a path, a folder or a glob to the list of files that hold a table, checked one by one."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path

from analysis.base.errors import InputError
from analysis.records.contract import Table, check_csv, check_parquet

PARQUET, CSV = "parquet", "csv"
SUFFIXES = {".parquet": PARQUET, ".pq": PARQUET, ".csv": CSV}


@dataclass(frozen=True)
class Source:
    """Files of one table, all of one kind.

    Parameters
    ----------
    table
        The contract they meet.
    given
        The path as the user wrote it.
    files
        Sorted paths; for object storage the one address.
    kind
        ``parquet`` or ``csv``.
    delimiter
        Of CSV files.
    keys
        Columns in folder names such as ``province_code=31``.
    empty
        Number of files without a row, left out.
    synthetic
        Whether a file says of itself that it is simulated.
    """

    table: Table
    given: str
    files: tuple[str, ...]
    kind: str
    delimiter: str = ","
    keys: tuple[str, ...] = ()
    empty: int = 0
    synthetic: bool = False

    @property
    def remote(self) -> bool:
        """Whether the files lie in object storage, where only Spark can look."""
        return "://" in self.files[0]


def find_source(table: Table, path: str, *, remote: bool, tolerant: bool) -> Source:
    """List and check the files of ``table``.

    Parameters
    ----------
    table
        The contract.
    path
        A file, a folder (searched to any depth) or a glob; an address such as ``s3a://`` if ``remote``.
    remote
        Whether the engine reads object storage.
    tolerant
        Count empty files instead of refusing them.

    Raises
    ------
    InputError
        No file, files of two kinds, CSV files with different delimiters, an empty or damaged file, a
        missing column or a wrong type.
    """
    if "://" in path:
        if not remote:
            raise InputError("DuckDB reads local files only", value=path, action="use --engine spark")
        return Source(table, path, (path,), CSV if path.endswith(".csv") else PARQUET)
    files = _list(path, table.name)
    kinds = {SUFFIXES[file.suffix.lower()] for file in files}
    if len(kinds) > 1:
        raise InputError(f"the {table.name} mix Parquet and CSV files", file=path)
    kind = kinds.pop()
    keys = _folder_keys(files[0], path)
    for file in files:
        if _folder_keys(file, path) != keys:
            raise InputError("a file lies outside the partition folders of the others", file=file)
    kept: list[Path] = []
    synthetic = False
    delimiters: dict[str, Path] = {}
    for file in files:
        if file.stat().st_size == 0:
            filled = False
        elif kind == PARQUET:
            rows, labelled = check_parquet(table, file, keys)
            filled, synthetic = rows > 0, synthetic or labelled
        else:
            delimiter, filled = check_csv(table, file)
            if filled:
                delimiters.setdefault(delimiter, file)
        if filled:
            kept.append(file)
        elif not tolerant:
            raise InputError("a partition is empty", file=file, action="remove it, or use --quarantine")
    if len(delimiters) > 1:
        shown = ", ".join(f"{file.name} {delimiter!r}" for delimiter, file in delimiters.items())
        raise InputError(f"the CSV files of the {table.name} have different delimiters: {shown}", file=path)
    if not kept:
        raise InputError(f"the {table.name} hold no row", file=path)
    return Source(
        table,
        path,
        tuple(map(str, kept)),
        kind,
        next(iter(delimiters), ","),
        keys,
        len(files) - len(kept),
        synthetic,
    )


def _list(path: str, name: str) -> list[Path]:
    place = Path(path)
    if place.is_file():
        found = [place]
    elif place.is_dir():
        found = [item for item in place.rglob("*") if item.is_file()]
    else:
        found = [Path(item) for item in glob.glob(path, recursive=True) if Path(item).is_file()]  # noqa: PTH207
    files = sorted(
        item for item in found if item.suffix.lower() in SUFFIXES and not item.name.startswith((".", "_"))
    )
    if not files:
        raise InputError(f"no Parquet or CSV file with {name} was found", file=path)
    return files


def _folder_keys(file: Path, path: str) -> tuple[str, ...]:
    depth = len(Path(path).parts) if Path(path).is_dir() else 0
    folders = file.parts[depth:-1]
    return tuple(folder.split("=", 1)[0] for folder in folders if "=" in folder)
