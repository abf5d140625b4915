"""Spark: the session, and Parquet and CSV as views."""

from __future__ import annotations

import os
import re
import secrets
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.base.errors import InputError
from analysis.base.progress import say
from analysis.records import contract
from analysis.records.java import find_java
from analysis.records.text import read_rows, text_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from analysis.records.sources import Group, Source

READERS = {  # how a column of each form becomes microseconds or days
    contract.INSTANT: "unix_micros({})",
    contract.INSTANT_NS: "({0} - pmod({0}, 1000)) div 1000",
    contract.INSTANT_96: "unix_micros({})",
    contract.DAY_CLOCK: "unix_micros(CAST({} AS TIMESTAMP))",
    contract.DAY_CLOCK_NS: "({0} - pmod({0}, 1000)) div 1000",
    contract.DAY: "unix_date({})",
    contract.NOTHING: "NULL",
}
PACKAGE = Path(__file__).parents[1]
# Ten times Java's own thresholds: a session plans many queries, each once. Thorough compiling, much of it
# of that planning, took a third of all processor time.
COMPILED = {
    "InvocationThreshold": 50_000,
    "MinInvocationThreshold": 6_000,
    "CompileThreshold": 150_000,
    "BackEdgeThreshold": 400_000,
}
PARQUET_TYPES = {
    **{
        contract.TEXT: "STRING",
        "boolean": "BOOLEAN",
        contract.DAY: "DATE",
        contract.DAY_CLOCK: "TIMESTAMP_NTZ",
    },
    **dict.fromkeys((contract.INSTANT, contract.INSTANT_96), "TIMESTAMP"),
    **dict.fromkeys((contract.INSTANT_NS, contract.DAY_CLOCK_NS, "int64", "uint32"), "BIGINT"),
    **{"int8": "TINYINT", "int16": "SMALLINT", "uint8": "SMALLINT", "int32": "INT", "uint16": "INT"},
    **{"uint64": "DECIMAL(20, 0)", "float": "FLOAT", "double": "DOUBLE"},
}
MOST_DIGITS = 38
TYPES = {"string": "STRING", "int64": "BIGINT", "bool": "BOOLEAN"}


def open_spark(folder: Path) -> Any:
    """A session that stays quiet about rows and encrypts what it spills or shuffles.

    Raises
    ------
    InputError
        PySpark or a suitable Java is missing.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError("PySpark is not installed", action="run make env-spark") from None
    if not os.environ.get("PYSPARK_GATEWAY_PORT") and (java := find_java(folder)):
        os.environ["JAVA_HOME"] = str(java)
    builder = (
        SparkSession.builder.appName("records")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
        .config("spark.sql.legacy.parquet.nanosAsLong", "true")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.io.encryption.enabled", "true")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.debug.maxToStringFields", "0")
        # A table of 65,536 groups before the real one is looked up in vain where groups are more.
        .config("spark.sql.codegen.aggregate.map.twolevel.enabled", "false")
        # Rows for Python are counted, 10,000 a batch; to weigh the batch after each row as well costs more.
        .config("spark.sql.execution.arrow.maxBytesPerBatch", str(2**31 - 1))
    )
    if places := os.environ.get("SPARK_LOCAL_DIRS"):  # Spark puts it before any setting of ours
        say(f"Spark spills to {places}, as SPARK_LOCAL_DIRS says; what a killed run leaves there stays")
    at_home = not (os.environ.get("SPARK_CONF_DIR") or os.environ.get("PYSPARK_GATEWAY_PORT"))
    if at_home:
        # Neither a configuration nor spark-submit: stay on this machine and in the temporary folder.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        cores = os.cpu_count() or 1
        options = f"-Djava.io.tmpdir={folder} {_silence(folder)}"
        if "GC" not in os.environ.get("JDK_JAVA_OPTIONS", "") + os.environ.get("JAVA_TOOL_OPTIONS", ""):
            options += " -XX:+UseParallelGC"  # it works least; that it pauses matters to nobody here
        if _has_large_pages():
            options += " -XX:+UseTransparentHugePages"  # groups are looked up all over the memory
        options += "".join(f" -XX:Tier4{name}={runs}" for name, runs in COMPILED.items())
        builder = (
            builder.master(f"local[{cores}]")
            .config("spark.local.dir", str(folder / "spark"))
            # Workers start in the folder of the command, where this package need not be.
            .config("spark.executorEnv.PYTHONPATH", str(PACKAGE.parent))
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.sql.shuffle.partitions", str(4 * cores))
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.extraJavaOptions", options)
            .config("spark.driver.memory", "2g")
            # The keys of the encrypted shuffle travel over connections that are encrypted too.
            .config("spark.authenticate", "true")
            .config("spark.authenticate.secret", secrets.token_hex(32))
            .config("spark.network.crypto.enabled", "true")
        )
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    _check_connections(session)
    if not at_home:
        session.sparkContext.addPyFile(str(_zipped(folder)))
    return session


def _zipped(folder: Path) -> Path:
    """Write the package into one file, which Spark brings to the workers: they need not have it installed."""
    archive = folder / "package.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for file in sorted(PACKAGE.rglob("*.py")):
            written.write(file, file.relative_to(PACKAGE.parent))
    return archive


def _has_large_pages() -> bool:
    """Whether this machine gives large pages to who asks for them; Java says so aloud where it does not."""
    setting = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    return setting.is_file() and "[never]" not in setting.read_text(encoding="ascii")


def _silence(folder: Path) -> str:
    """Java's option for a log that stays empty from the first line."""
    settings = folder / "log4j2.properties"
    # Without an appender Spark takes its own settings, which talk.
    lines = ("appender.none.type = Null", "appender.none.name = none")
    root = ("rootLogger.level = off", "rootLogger.appenderRef.none.ref = none")
    settings.write_text("\n".join((*lines, *root, "")), encoding="utf-8")
    return f"-Dlog4j2.configurationFile=file:{settings}"


def _check_connections(session: Any) -> None:
    """Say it when a cluster sends the keys of the shuffle in clear: its secret is not ours to choose."""
    settings = session.sparkContext.getConf()
    ways = ("spark.network.crypto.enabled", "spark.ssl.enabled", "spark.ssl.rpc.enabled")
    if not any(settings.get(way, "false").lower() == "true" for way in ways):
        say(
            "the cluster's connections are not encrypted, and the keys of the shuffle travel on them: set "
            "spark.authenticate and spark.network.crypto.enabled to true in its configuration"
        )


def view_parquet(session: Any, group: Group, name: str) -> None:
    """Make a view ``name`` of files whose columns have the same forms."""
    for file in group.files:
        odd = re.search(r"[:\\]|^[._]", file.rsplit("/", 1)[-1])
        if odd:
            raise InputError(
                "Spark does not open a file of such a name",
                file=file,
                value=odd[0],
                expected="no colon or backslash in it, and no point or underscore at its start",
                action="rename it, or use --engine duckdb",
            )
    # Only our columns: Spark refuses a file for the type, or for the name, of one that nobody asks for.
    types = [
        f"`{column}` {_type_of(form, group)}" for column, form in group.forms if form != contract.NOTHING
    ]
    reader = session.read.schema(", ".join(types))
    reader = reader.option("basePath", group.base) if group.keys else reader
    columns = [
        f"{READERS.get(form, '{}').format(f'`{column}`')} AS `{column}`" for column, form in group.forms
    ]
    # Spark takes the signs of a glob for a pattern.
    frame = reader.parquet(*[re.sub(r"[*?\[\]{}]", r"\\\g<0>", file) for file in group.files])
    frame.selectExpr(*columns, *group.keys, "_metadata.file_path AS source_file").createOrReplaceTempView(
        name
    )


def _type_of(form: str, group: Group) -> str:
    """Spark's type of a column in a Parquet file."""
    if not form.startswith("decimal"):
        return PARQUET_TYPES[form]
    precision, scale = map(int, re.findall(r"[0-9]+", form)[-2:])
    if precision > MOST_DIGITS:
        raise InputError(
            "Spark does not read decimals of so many digits",
            file=group.files[0],
            value=form,
            expected=f"{MOST_DIGITS} digits or fewer",
            action="export them with fewer, or use --engine duckdb",
        )
    return f"DECIMAL({precision}, {scale})"


def view_text(session: Any, source: Source, name: str) -> None:
    """Make a view ``name`` of CSV files, each read as on the other engine, by one task per file."""
    fields = text_schema(source.table)
    schema = ", ".join(f"{field.name} {TYPES[str(field.type)]}" for field in fields)
    numbers = session.range(0, len(source.texts), 1, len(source.texts))
    # Sent to the workers by its name: code that is measured or traced cannot be sent itself.
    read = partial(_read_texts, source)
    numbers.mapInArrow(read, schema).persist().createOrReplaceTempView(name)


def _read_texts(source: Source, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for number in batch.column(0).to_pylist():
            text = source.texts[number]
            yield from read_rows(source.table, text.path, text.dialect, text.keys)
