"""DuckDB in this process or Spark on a cluster, behind one door.

A session opens an engine whose spilled data are encrypted and whose errors are silent about rows:
an engine likes to print the value that it could not read, and that value may be an identifier.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import pyarrow as pa

from analysis.base.errors import InputError
from analysis.records import duck  # at once: a signal must not reach a library while it loads
from analysis.records.inventory import Disk, Store, local_path
from analysis.records.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from analysis.records.sources import Group, Source

Answer = TypeVar("Answer")
FULL = ("no space left", "disk full", "out of memory", "max_temp_directory_size")
LACKING = ("modulenotfounderror", "cannot run program", "python_version_mismatch")
TOO_LARGE = ("out of range for the destination type int64", "arithmetic_overflow", "long overflow")
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


class UnreadableError(InputError):
    """The engine could not read a file, and does not say which."""


class EngineError(RuntimeError):
    """The engine failed for a reason that is not the user's; its own words are withheld."""


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
        self.connection: Any = _open(name, memory, workspace)
        self._worker = ThreadPoolExecutor(max_workers=1)

    def store(self, given: str) -> Store:
        """Where the files of a delivery are looked for: this machine, or storage with an address.

        Raises
        ------
        InputError
            An address that only Spark can reach.
        """
        if "://" not in local_path(given):
            return Disk()
        if self.name == "duckdb":
            raise InputError("DuckDB reads local files only", value=given, action="use --engine spark")
        from analysis.records.hadoop import Hadoop

        return Hadoop(self.connection)

    def read(self, group: Group, name: str) -> str:
        """Open Parquet files as view ``name``; times become integers, and ``source_file`` is added."""
        self.run(lambda: self._read(group, name))
        return name

    def _read(self, group: Group, name: str) -> None:
        if self.name == "spark":
            from analysis.records.spark import view_parquet
        else:
            view_parquet = duck.view_parquet
        view_parquet(self.connection, group, name)

    def read_text(self, source: Source) -> Rows:
        """Read CSV files: once into DuckDB, which may spill them, or as a view of Spark."""
        from analysis.records.text import text_schema

        name, fields = f"{source.table.name}_text", text_schema(source.table)
        self.run(lambda: self._read_text(source, name))
        texts = frozenset(field.name for field in fields if field.type == pa.string())
        return Rows(name, tuple(fields.names), texts)

    def _read_text(self, source: Source, name: str) -> None:
        if self.name == "spark":
            from analysis.records.spark import view_text
        else:
            view_text = duck.view_text
        view_text(self.connection, source, name)

    def answer(self, question: str) -> pa.Table:
        """Run a query and return a table in memory."""
        return self.run(lambda: self._answer(question))

    def _answer(self, question: str) -> pa.Table:
        if self.name == "spark":
            return self.connection.sql(question).toArrow()
        return self.connection.sql(question).to_arrow_table()

    def number(self, question: str) -> int:
        """The one number that a query answers with; nothing is 0."""
        found = self.answer(question).column(0)[0].as_py()
        return 0 if found is None else int(found)

    def count(self, rows: str) -> int:
        """How many rows a table or a query in brackets has."""
        return self.number(f"SELECT count(*) FROM {rows}")

    def keep(self, question: str, name: str) -> str:
        """Keep the rows of a query as table ``name`` for the next ones, spilling if need be."""
        self.run(lambda: self._keep(question, name))
        return name

    def _keep(self, question: str, name: str) -> None:
        if self.name == "duckdb":
            self.connection.execute(f"CREATE TEMP TABLE {name} AS {question}")
        else:
            self.connection.sql(question).persist().createOrReplaceTempView(name)

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
                self.connection.interrupt()
            else:
                self.connection.sparkContext.cancelAllJobs()
            wait([pending])
            raise
        return pending.result()

    def close(self) -> None:
        """Give the engine's memory and files back."""
        self._worker.shutdown()
        self.connection.close() if self.name == "duckdb" else self.connection.stop()


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
    if any(mark in words for mark in LACKING):
        return InputError(
            "a worker of Spark cannot run the Python of this program",
            expected="on every worker the Python version of the driver, with NumPy, pandas and PyArrow",
            action="install them there, and name that Python in PYSPARK_PYTHON",
        )
    if any(mark in words for mark in TOO_LARGE):
        return InputError(
            "a sum of money is too large to be counted exactly",
            expected="amounts in yuan, whose sums stay below 900 million million",
            action="look for amounts in another unit, or for an error in them",
        )
    if any(mark in words for mark in BROKEN):
        return UnreadableError(
            f"the engine could not read the records ({kind})",
            expected="undamaged files, in a compression that the engine reads",
            action="write them again, with Zstandard or Snappy; what stands in them is not repeated here",
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


def _open(name: str, memory: str, folder: Path) -> Any:
    if name == "spark":
        from analysis.records.spark import open_spark

        return open_spark(folder)
    return duck.open_duckdb(memory, folder)
