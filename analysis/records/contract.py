"""What the records must look like: the Table Schemas in ``schema/`` held against each file.

Only names and types are looked at here, from the footers of Parquet files and the first line of
CSV files, so that a wrong delivery is refused before any row is read.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMAS = Path(__file__).parent / "schema"
DELIMITERS = ",;\t|"
IDENTIFIERS = frozenset({"order_id", "worker_id"})


@dataclass(frozen=True)
class Table:
    """One of the two tables of the contract.

    Parameters
    ----------
    name
        ``orders`` or ``claims``.
    types
        Table Schema type by column.
    required
        Columns that may not be empty.
    words
        Spellings of true and of false.
    """

    name: str
    types: dict[str, str]
    required: tuple[str, ...]
    words: tuple[tuple[str, ...], tuple[str, ...]]


def read_contract(name: str) -> Table:
    """Load the contract of ``orders`` or ``claims``."""
    schema: dict[str, Any] = yaml.safe_load((SCHEMAS / f"{name}.yaml").read_text(encoding="utf-8"))
    fields = schema["fields"]
    words: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    for field in fields:
        if field["type"] == "boolean":
            words = tuple(field["trueValues"]), tuple(field["falseValues"])
    return Table(
        name=name,
        types={field["name"]: field["type"] for field in fields},
        required=tuple(field["name"] for field in fields if field.get("constraints", {}).get("required")),
        words=words,
    )


def check_columns(table: Table, found: Iterable[str], file: object) -> None:
    """Refuse a file that lacks a column.

    Raises
    ------
    InputError
        The first missing column.
    """
    present = set(found)
    for column in table.types:
        if column not in present:
            raise InputError(f"the {table.name} lack a column", file=file, column=column)


def check_parquet(table: Table, file: Path, keys: Iterable[str]) -> tuple[int, bool]:
    """Hold a Parquet file against the contract.

    Returns
    -------
    rows, synthetic
        ``synthetic`` when the file says of itself that it is simulated.

    Parameters
    ----------
    table
        The contract.
    file
        The file.
    keys
        Columns that stand in the folder names, read as text.

    Raises
    ------
    InputError
        Damaged file, missing column or wrong type.
    """
    try:
        with pq.ParquetFile(file) as parquet:
            schema, rows = parquet.schema_arrow, parquet.metadata.num_rows
            synthetic = (schema.metadata or {}).get(b"evidence") == b"simulated"
    except (pa.ArrowException, OSError):
        raise InputError(
            "a Parquet file is truncated or damaged", file=file, action="deliver it again"
        ) from None
    partition = set(keys)
    check_columns(table, [*schema.names, *partition], file)
    for column, wanted in table.types.items():
        if column not in partition:
            check_type(file, column, wanted, schema.field(column).type)
    return rows, synthetic


def check_type(file: object, column: str, wanted: str, found: pa.DataType) -> None:
    """Refuse an Arrow type that cannot carry the Table Schema type.

    Raises
    ------
    InputError
        Wrong type, or an instant without a time zone.
    """
    if pa.types.is_dictionary(found):
        found = found.value_type
    text = pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found)
    number = pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found)
    if wanted == "datetime" and pa.types.is_timestamp(found) and found.tz is None:
        raise InputError(
            "the clock has no time zone",
            file=file,
            column=column,
            expected="timestamp with time zone",
            action="store instants, not wall-clock times",
        )
    allowed = {
        "string": text or (column in IDENTIFIERS and pa.types.is_integer(found)),
        "datetime": pa.types.is_timestamp(found),
        "date": pa.types.is_date(found),
        "boolean": pa.types.is_boolean(found) or text,
        "integer": pa.types.is_integer(found),
        "number": number,
    }
    # An all-empty column carries no type; it is only acceptable where empty is.
    if not (allowed[wanted] or pa.types.is_null(found)):
        raise InputError(
            "a column has the wrong type", file=file, column=column, value=str(found), expected=wanted
        )


def check_csv(table: Table, file: Path) -> tuple[str, bool]:
    """Hold the header of a CSV file against the contract.

    Returns
    -------
    delimiter, has_rows

    Raises
    ------
    InputError
        Not UTF-8, or a missing column.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            header, second = stream.readline(), stream.readline()
    except UnicodeDecodeError:
        raise InputError("a CSV file is not UTF-8 text", file=file) from None
    if not header.strip():
        return "", False
    delimiter = max(DELIMITERS, key=header.count)
    check_columns(table, next(csv.reader([header], delimiter=delimiter)), file)
    return delimiter, bool(second.strip())
