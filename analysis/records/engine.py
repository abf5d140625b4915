"""DuckDB in this process or Spark on a cluster, behind one door.

A session opens an engine whose spilled data are encrypted and whose errors are silent about rows:
an engine likes to print the value that it could not read, and that value may be an identifier.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import ibis
import ibis.expr.types as ir

from analysis.base.errors import InputError
from analysis.records.sources import CSV, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

Answer = TypeVar("Answer")
FULL = ("no space left", "disk full", "out of memory", "max_temp_directory_size")
BROKEN = (
    "csv",
    "malformed",
    "parquet",
    "snappy",
    "zstd",
    "corrupt",
    "not read",
    "io error",
    "footer",
    "cast",
)


class EngineError(RuntimeError):
    """The engine failed for a reason that is not the user's; its own words are withheld."""


@ibis.udf.scalar.builtin(name="epoch_us", signature=(("timestamp('UTC')",), "int64"))
def _epoch_us(moment):  # type: ignore[no-untyped-def]
    """Microseconds since 1970 UTC, DuckDB's name."""


@ibis.udf.scalar.builtin(name="unix_micros", signature=(("timestamp('UTC')",), "int64"))
def _unix_micros(moment):  # type: ignore[no-untyped-def]
    """Microseconds since 1970 UTC, Spark's name."""


class Session:
    """An open engine.

    Parameters
    ----------
    name
        ``duckdb`` or ``spark``.
    memory
        DuckDB's memory limit, such as ``3GB``; Spark takes its own from its configuration.
    workspace
        Folder for spilled data, emptied by the caller.
    """

    def __init__(self, name: str, memory: str, workspace: Path) -> None:
        self.name = name
        self.connection: Any = _duckdb(memory, workspace) if name == "duckdb" else _spark(workspace)
        self._worker = ThreadPoolExecutor(max_workers=1)

    def micros(self, moment: ir.TimestampValue) -> ir.IntegerValue:
        """Microseconds since 1970 UTC, whatever zone the session is in."""
        return _epoch_us(moment) if self.name == "duckdb" else _unix_micros(moment)

    def read(self, source: Source, name: str) -> ir.Table:
        """Open the files of ``source`` lazily, with a column ``source_file``."""
        return self.run(lambda: self._read(source, name))

    def _read(self, source: Source, name: str) -> ir.Table:
        files = list(source.files)
        if self.name == "duckdb":
            if source.kind == CSV:
                options: dict[str, Any] = {"all_varchar": True, "header": True, "delim": source.delimiter}
                return self.connection.read_csv(
                    files, table_name=name, filename="source_file", hive_types_autocast=False, **options
                )
            return self.connection.read_parquet(
                files, table_name=name, filename="source_file", hive_types_autocast=False
            )
        reader = self.connection._session.read
        if source.keys:
            reader = reader.option("basePath", source.given)
        if source.kind == CSV:
            options = {"header": True, "sep": source.delimiter, "mode": "FAILFAST", "enforceSchema": False}
            frame = reader.options(**options).csv(files)
        else:
            frame = reader.parquet(*files)
        frame.select("*", "_metadata.file_path").withColumnRenamed(
            "file_path", "source_file"
        ).createOrReplaceTempView(name)
        return self.connection.table(name)

    def answer(self, question: ir.Table) -> Any:
        """Run an expression and return a pandas frame."""
        return self.run(lambda: question.to_pandas())

    def keep(self, question: ir.Table, name: str) -> ir.Table:
        """Keep the rows of an expression as table ``name`` for the next ones, spilling if need be."""
        return self.run(lambda: self._keep(question, name))

    def _keep(self, question: ir.Table, name: str) -> ir.Table:
        query = self.connection.compile(question)
        if self.name == "duckdb":
            self.connection.raw_sql(f"CREATE TEMP TABLE {name} AS {query}")
        else:
            self.connection._session.sql(query).persist().createOrReplaceTempView(name)
        # DuckDB adds integers up in 128 bits.
        return self.connection.table(name).cast(question.schema())

    def run(self, work: Callable[[], Answer]) -> Answer:
        """Let the engine work in a thread of its own and stop it when this thread is interrupted.

        A signal is only heard between two steps of Python, and a query is one step.
        """
        pending = self._worker.submit(guarded, work)
        try:
            while not wait([pending], timeout=0.2).done:
                pass
        except (KeyboardInterrupt, SystemExit):
            if self.name == "duckdb":
                self.connection.con.interrupt()
            else:
                self.connection._session.sparkContext.cancelAllJobs()
            wait([pending])
            raise
        return pending.result()

    def close(self) -> None:
        """Give the engine's memory and files back."""
        self._worker.shutdown()
        self.connection.disconnect()


def guarded(work: Callable[[], Answer]) -> Answer:
    """Call ``work`` and translate the engine's failures without repeating their words.

    Raises
    ------
    InputError
        The storage is full or a file cannot be read.
    EngineError
        Anything else.
    """
    failed: tuple[str, str] | None = None
    try:
        return work()
    except (InputError, KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        failed = type(error).__name__, str(error).lower()
    # Raised outside the handler, so that no traceback carries the engine's error along.
    raise _explained(*failed)


def _explained(kind: str, words: str) -> InputError | EngineError:
    if "interrupt" in words:
        raise KeyboardInterrupt
    if any(mark in words for mark in FULL):
        return InputError(
            "no space left for temporary data",
            action="name a larger folder with --temporary, or a larger --memory",
        )
    if any(mark in words for mark in BROKEN):
        return InputError(
            f"the engine could not read the records ({kind})",
            expected="undamaged files; in CSV files as many fields in each line as in the header",
            action="the line is not repeated here because it may hold an identifier",
        )
    return EngineError(f"{kind}; its message is withheld because it may hold an identifier")


@contextmanager
def workspace(parent: Path | None) -> Iterator[Path]:
    """A temporary folder that is gone afterwards: on success, on failure and when interrupted.

    While the folder is there, a termination signal is turned into an exception, so that it takes the same
    way out. Only the main thread may ask for that; in another thread signals stay with the host.
    """

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    if parent is not None and not parent.is_dir():
        raise InputError("the folder for temporary data does not exist", file=parent)
    ours = threading.current_thread() is threading.main_thread()
    earlier = {name: signal.signal(name, stop) for name in (signal.SIGTERM, signal.SIGHUP) if ours}
    folder = Path(tempfile.mkdtemp(prefix="records-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for name, handler in earlier.items():
            signal.signal(name, handler)


def _duckdb(memory: str, folder: Path) -> Any:
    if not re.fullmatch(r"[1-9][0-9]*(\.[0-9]+)?\s*[KMGT]i?B", memory, flags=re.IGNORECASE):
        raise InputError("the memory limit is not a size", value=memory, expected="such as 3GB")
    connection = ibis.duckdb.connect(
        memory_limit=memory,
        temp_directory=str(folder / "duckdb"),
        # The cipher that comes with DuckDB hides spilled rows; its makers do not vouch for its random
        # numbers, so the book asks for an encrypted disk as well.
        force_mbedtls_unsafe="true",
        temp_file_encryption=True,
        preserve_insertion_order=False,
    )
    connection.raw_sql("SET TimeZone = 'UTC'")
    return connection


def _spark(folder: Path) -> Any:
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise InputError("Spark needs Java, which is not on this machine", action="install Java 17")
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError("PySpark is not installed", action="run make env-spark") from None
    builder = (
        SparkSession.builder.appName("records")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.io.encryption.enabled", "true")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.debug.maxToStringFields", "0")
    )
    if not (os.environ.get("SPARK_CONF_DIR") or os.environ.get("PYSPARK_GATEWAY_PORT")):
        # Neither a configuration nor spark-submit: stay on this machine and in the temporary folder.
        cores = os.cpu_count() or 1
        builder = (
            builder.master(f"local[{cores}]")
            .config("spark.local.dir", str(folder / "spark"))
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.sql.shuffle.partitions", str(4 * cores))
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.extraJavaOptions", f"-Djava.io.tmpdir={folder}")
        )
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return ibis.pyspark.connect(session)
