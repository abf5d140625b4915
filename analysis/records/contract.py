"""What the records must look like: the Table Schemas in ``schema/`` held against each file.

Only names and types are looked at here, so that a wrong delivery is refused before any row is read.
A type is accepted where every value keeps its meaning; otherwise the refusal says how to cast it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import yaml

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMAS = Path(__file__).parent / "schema"
UNREAD = "industry"  # must be there, for the agency's own use; nothing is counted by it
IDENTIFIERS = frozenset({"order_id", "worker_id", "claim_id"})
# Forms a column may have in a Parquet file, apart from the names of Arrow's number types.
TEXT, NOTHING = "text", "null"
INSTANT, INSTANT_NS, INSTANT_96 = "instant", "instant in nanoseconds", "instant as INT96"
DAY, DAY_CLOCK, DAY_CLOCK_NS = "date", "day with a clock", "day with a clock in nanoseconds"
MONEY_UNIT = 10_000  # money is counted in 1/10,000 yuan
MOST_YUAN = 9e11  # beyond it 1/10,000 yuan are not exact in a float
SPARK_SETTING = 'spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")'


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
    optional
        Columns that a delivery may lack altogether.
    words
        Spellings of true and of false.
    """

    name: str
    types: dict[str, str]
    required: tuple[str, ...]
    optional: tuple[str, ...]
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
        optional=tuple(field["name"] for field in fields if field.get("presence") == "optional"),
        words=words,
    )


def check_columns(table: Table, found: Iterable[str], file: object) -> None:
    """Refuse a file that lacks a column or has one twice, capitals apart.

    Raises
    ------
    InputError
        The first such column.
    """
    names = list(found)
    for name in names:
        # An engine that does not tell capitals apart would take the first of the two.
        if name not in table.types and name.lower() in table.types and name.lower() in names:
            raise InputError(
                f"two columns of the {table.name} differ in capitals only",
                file=file,
                column=name,
                action=f"leave out the one that is not {name.lower()}",
            )
    alike = {name.strip().lower(): name for name in names}
    for column in table.types:
        if column not in names and column not in table.optional:
            raise InputError(
                f"the {table.name} lack a column",
                file=file,
                column=column,
                action=f"rename {alike[column]} to {column}" if column in alike else _why_none(table, names),
            )
        if names.count(column) > 1:
            raise InputError(f"the {table.name} have a column twice", file=file, column=column)


def _why_none(table: Table, names: Iterable[str]) -> str:
    """What to do when a file has none of the columns, whose names are not told: they may be a first row."""
    if set(table.types) & {name.strip().lower() for name in names}:
        return ""
    return "let the first line or the schema hold these names: " + ", ".join(table.types)


def form_of(
    file: object, column: str, wanted: str, found: pa.DataType, spark96: bool | None, empty: bool = False
) -> str:
    """The form in which a Parquet file holds a column.

    Parameters
    ----------
    file, column
        For the message.
    wanted
        Table Schema type.
    found
        Arrow type of the file's footer.
    spark96
        For an INT96 column, whether Spark wrote it (then it holds instants); otherwise None.
    empty
        Whether the column holds no value at all: then its type does not matter.

    Returns
    -------
    str
        One of the forms above, or the name of an Arrow number type. Files whose columns have equal
        forms can be read together.

    Raises
    ------
    InputError
        A type that cannot carry the meaning without loss, with the cast that mends it.
    """
    if pa.types.is_dictionary(found):
        found = found.value_type
    kind = _kind(found)
    if kind == NOTHING or empty or column == UNREAD:
        return NOTHING
    if wanted == "datetime" and kind == "timestamp":
        return _instant(file, column, found, spark96)
    if wanted == "date" and kind == "timestamp" and found.tz is None and spark96 is None:
        return DAY_CLOCK_NS if found.unit == "ns" else DAY_CLOCK
    accepted = {
        "string": {TEXT, "integer"} if column in IDENTIFIERS else {TEXT},
        "datetime": set(),
        "date": {"date"},
        "boolean": {"boolean", TEXT},
        "integer": {"integer", "float"},
        "number": {"integer", "float", "decimal"},
    }
    if kind not in accepted[wanted]:
        raise InputError(
            "a column has the wrong type",
            file=file,
            column=column,
            value=str(found),
            expected=wanted,
            action=cast_for(column, wanted, kind),
        )
    return kind if kind in (TEXT, "date", "boolean") else str(found)


def _instant(file: object, column: str, found: pa.DataType, spark96: bool | None) -> str:
    if spark96:
        return INSTANT_96
    if spark96 is False:
        raise InputError(
            "a clock is stored as INT96, which does not say whether it is an instant",
            file=file,
            column=column,
            expected="timestamp with time zone",
            action=f"in Spark: {SPARK_SETTING}",
        )
    if found.tz is None:
        raise InputError(
            "the clock has no time zone",
            file=file,
            column=column,
            expected="timestamp with time zone",
            action=f"store instants, not wall-clock times: {cast_for(column, 'datetime', 'timestamp')}",
        )
    return INSTANT_NS if found.unit == "ns" else INSTANT


def _kind(found: pa.DataType) -> str:
    tests = {
        NOTHING: pa.types.is_null,
        "timestamp": pa.types.is_timestamp,
        "date": pa.types.is_date,
        "boolean": pa.types.is_boolean,
        "integer": pa.types.is_integer,
        "half a float": pa.types.is_float16,
        "float": pa.types.is_floating,
        "decimal": pa.types.is_decimal,
    }
    for name, test in tests.items():
        if test(found):
            return name
    text = pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found)
    binary = pa.types.is_binary(found) or pa.types.is_large_binary(found)
    return TEXT if text else "bytes" if binary else "other"


def cast_for(column: str, wanted: str, kind: str) -> str:
    """One line of pandas that turns a frequent wrong type into the right one."""
    cell = f'frame["{column}"]'
    digits = ".str.zfill(2), with as many digits as the rollout" if column == "province_code" else ""
    casts = {
        ("string", "integer"): f'{cell}.astype("string"){digits}',
        ("string", "float"): "read it as text from the start: a float has lost leading zeros and long digits",
        ("string", "decimal"): f"{cell}.map(str)",
        ("string", "bytes"): f"{cell}.map({'bytes.hex' if column in IDENTIFIERS else 'bytes.decode'})",
        ("string", "other"): f"{cell}.map(str)",
        ("datetime", "timestamp"): f'{cell}.dt.tz_localize("Asia/Shanghai"), in the zone of the clock',
        ("datetime", TEXT): f"pd.to_datetime({cell}, utc=True), if each value names its zone",
        ("datetime", "date"): "a day is not an instant: export the moment of completion",
        ("date", "timestamp"): f'{cell}.dt.tz_convert("Asia/Shanghai").dt.date',
        ("date", TEXT): f"pd.to_datetime({cell}).dt.date",
        ("boolean", "integer"): f'{cell}.astype("boolean")',
        ("boolean", "float"): f'{cell}.astype("boolean")',
        ("integer", TEXT): f'pd.to_numeric({cell}).astype("Int64")',
        ("integer", "decimal"): f'pd.to_numeric({cell}).astype("Int64")',
        ("number", TEXT): f"pd.to_numeric({cell})",
        ("number", "half a float"): "export the amounts again: half a float holds three digits",
    }
    line = casts.get((wanted, kind), "")
    return f"{cell} = {line}" if line.startswith(("frame", "pd.")) else line
