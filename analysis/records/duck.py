"""DuckDB: the connection, Parquet as views and CSV as tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from analysis.base.errors import InputError
from analysis.records import contract
from analysis.records.inventory import ABSENT

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.records.sources import Group, Source

FAR_INSTANT, FAR_DAY = (1 << 63) - 1, (1 << 31) - 1  # as Spark reads them


def _far(value: str, most: int) -> str:
    """``value``, far away where it is infinite, as some write for an open end: DuckDB would find none."""
    far = f"CASE WHEN {{0}} > '1970-01-01' THEN {most} WHEN {{0}} IS NOT NULL THEN -{most} END"
    return f"coalesce({value}, {far})"


READERS = {  # how a column of each form becomes microseconds or days
    contract.INSTANT: _far("epoch_us({0})", FAR_INSTANT),
    contract.INSTANT_NS: _far("epoch_us(CAST({0} AS TIMESTAMPTZ))", FAR_INSTANT),
    contract.INSTANT_96: _far("epoch_us(CAST({0} AS TIMESTAMP))", FAR_INSTANT),
    contract.DAY_CLOCK: _far("epoch_us({0})", FAR_INSTANT),
    contract.DAY_CLOCK_NS: _far("epoch_us({0})", FAR_INSTANT),
    contract.DAY: _far("datediff('day', DATE '1970-01-01', {0})", FAR_DAY),
    contract.NOTHING: "NULL",
}
# The column of a folder name, from the last folder of that name. DuckDB's own reading would stumble over a
# sign = in a value, and would take columns from the folders above the delivery.
KEY = "nullif(url_decode(regexp_extract({0}, '.*/{1}=([^/]*)/', 1)), '{2}')"
FILE = "records_file_name"  # a column that no delivery has
MACROS = {  # what Spark calls otherwise
    "btrim(text, signs)": "trim(text, signs)",
    "regexp_like(text, pattern)": "regexp_matches(text, pattern)",
    "is_valid_utf8(text)": "TRUE",  # DuckDB reads no other
}


def open_duckdb(memory: str, folder: Path) -> Any:
    """A connection that encrypts what it spills to ``folder``.

    Raises
    ------
    InputError
        ``memory`` is not a size.
    """
    if not re.fullmatch(r"[1-9][0-9]*(\.[0-9]+)?\s*[KMGT]i?B", memory, flags=re.IGNORECASE):
        raise InputError("the memory limit is not a size", value=memory, expected="such as 3GB")
    connection = duckdb.connect(
        config={
            "memory_limit": memory,
            "temp_directory": str(folder / "duckdb"),
            # The cipher that comes with DuckDB hides spilled rows; its makers do not vouch for its random
            # numbers, so the book asks for an encrypted disk as well.
            "force_mbedtls_unsafe": "true",
            "temp_file_encryption": True,
            "preserve_insertion_order": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    for ours, theirs in MACROS.items():
        connection.execute(f"CREATE TEMP MACRO {ours} AS {theirs}")
    return connection


def view_parquet(session: Any, group: Group, name: str) -> None:
    """Make a view ``name`` of files whose columns have the same forms."""
    columns = [f"{READERS.get(form, '{0}').format(column)} AS {column}" for column, form in group.forms]
    columns += [f"{KEY.format(FILE, key, ABSENT)} AS {key}" for key in group.keys]
    listed = ", ".join(map(_literal, group.files))
    session.execute(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {', '.join(columns)}, {FILE} AS source_file "
        f"FROM read_parquet([{listed}], filename = '{FILE}', hive_partitioning = false)"
    )


def view_text(session: Any, source: Source, name: str) -> None:
    """Read CSV files into table ``name``, which may spill."""
    from analysis.records.text import read_rows, text_schema  # not for Parquet: it takes a while

    batches = (
        batch
        for text in source.texts
        for batch in read_rows(source.table, text.path, text.dialect, text.keys)
    )
    reader = pa.RecordBatchReader.from_batches(text_schema(source.table), batches)
    session.register("delivered", reader)
    session.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM delivered")
    session.unregister("delivered")


def _literal(path: str) -> str:
    """A path in SQL; DuckDB takes the signs of a glob for a pattern."""
    return "'" + re.sub(r"[*?\[]", r"[\g<0>]", path).replace("'", "''") + "'"
