"""One file of a delivery held against the contract: its columns, types, rows and folder names."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.base.errors import InputError
from analysis.records.contract import Table, check_columns, form_of
from analysis.records.delimited import Dialect, Lines, find_dialect, scan_lines
from analysis.records.inventory import ABSENT, CSV, Found, Store

Forms = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TextFile:
    """One CSV file, how it is written, and the columns that its folder names give."""

    path: str
    dialect: Dialect
    keys: dict[str, str]
    lines: Lines


@dataclass(frozen=True)
class Look:
    """What the look into one file gave."""

    file: Found
    rows: int
    columns: tuple[str, ...]
    note: str
    keys: dict[str, str]
    forms: Forms = ()
    synthetic: bool = False
    text: TextFile | None = None

    @property
    def broken(self) -> int:
        """CSV rows with more or fewer fields than their header."""
        return self.text.lines.broken if self.text else 0


def look_at(table: Table, file: Found, store: Store) -> Look:
    """Hold one file against the contract.

    Raises
    ------
    InputError
        A damaged file, a missing column, a wrong type, or a folder name that contradicts its file.
    """
    keys = {name: value for name, value in file.keys.items() if name in table.types}
    twice = [name for name, _value in file.folders if name in keys]
    for column in keys:
        if twice.count(column) > 1:
            raise InputError("two folders of a file name the same column", file=file.path, column=column)
        if not keys[column].strip():
            raise InputError("a folder name holds no value", file=file.path, column=column)
        if table.types[column] != "string":
            raise InputError(
                "only a code can stand in a folder name",
                file=file.path,
                column=column,
                expected="in the file",
            )
    if file.size == 0:
        return Look(file, 0, (), "", keys)
    return (
        _look_at_text(table, file, keys) if file.kind == CSV else _look_at_parquet(table, file, keys, store)
    )


def _look_at_text(table: Table, file: Found, keys: dict[str, str]) -> Look:
    dialect = find_dialect(table, file.path, file.compression, keys)
    if dialect is None:
        return Look(file, 0, (), "", keys)
    lines = scan_lines(file.path, dialect, [name for name in keys if name in dialect.header])
    for column, values in lines.values.items():
        _check_key(file, column, keys[column], tuple(value.strip() for value in values))
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
    notes = [dialect.encoding.upper(), names[dialect.delimiter], dialect.compression or ""]
    notes.append(f"{lines.folded} line breaks inside quotes" if lines.folded else "")
    absent = {name: value for name, value in keys.items() if name not in dialect.header and value != ABSENT}
    return Look(
        file,
        lines.rows,
        (*dialect.header, *(name for name in keys if name not in dialect.header)),
        ", ".join(filter(None, notes)),
        keys,
        text=TextFile(file.path, dialect, absent, lines),
    )


def _look_at_parquet(table: Table, file: Found, keys: dict[str, str], store: Store) -> Look:
    forms: list[tuple[str, str]] = []
    try:
        with pq.ParquetFile(store.open(file.path)) as parquet:
            schema, metadata = parquet.schema_arrow, parquet.metadata
            check_columns(
                table, [*schema.names, *(name for name in keys if name not in schema.names)], file.path
            )
            said = metadata.metadata or {}
            synthetic = (schema.metadata or {}).get(b"evidence", said.get(b"evidence")) == b"simulated"
            spark = any(name.startswith(b"org.apache.spark") for name in said)
            physical = {
                metadata.schema.column(position).path: metadata.schema.column(position).physical_type
                for position in range(metadata.num_columns)
            }
            empty = _empty_columns(metadata)
            for column, wanted in table.types.items():
                if column in schema.names:
                    int96 = spark if physical.get(column) == "INT96" else None
                    kind = schema.field(column).type
                    form = form_of(file.path, column, wanted, kind, int96, column in empty)
                    forms.append((column, form))
            for column in set(keys) & set(schema.names):
                values: set[str] = set()
                for batch in parquet.iter_batches(columns=[column]):
                    values |= {str(value) for value in batch.column(0).unique().to_pylist()}
                _check_key(file, column, keys[column], tuple(sorted(values)))
            rows = metadata.num_rows
    except (pa.ArrowException, OSError):
        raise InputError(
            "a Parquet file is truncated or damaged", file=file.path, action="deliver it again"
        ) from None
    held = (*schema.names, *(name for name in keys if name not in schema.names))
    return Look(file, rows, held, "", keys, tuple(forms), synthetic)


def _empty_columns(metadata: pq.FileMetaData) -> set[str]:
    """Columns without a single value, by the counts in the footer: programs give them any type."""
    empty = set(metadata.schema.names)
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for chunk in map(group.column, range(group.num_columns) if empty else ()):
            counts = chunk.statistics if chunk.path_in_schema in empty else None
            if not (counts and counts.has_null_count and counts.null_count == group.num_rows):
                empty.discard(chunk.path_in_schema)
    return empty


def _check_key(file: Found, column: str, key: str, values: tuple[str, ...]) -> None:
    for value in values:
        if value != key:
            raise InputError(
                "a folder name contradicts the column in its file",
                file=file.path,
                column=column,
                value=value if len(value) <= 6 else "****",
                expected=f"{key}, as the folder says",
                action="correct the one or the other; the rows are not in doubt by themselves",
            )
