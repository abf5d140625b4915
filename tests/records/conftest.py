"""Small synthetic records, made once, and a folder of them that a test may spoil."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.records.engine import Session, workspace
from analysis.records.panel import build_panel
from analysis.records.request import Request
from analysis.records.synthetic import make_records
from tests.records.deliveries import draw_claims, draw_orders, write_base

# Spark's many short questions gain nothing from the compiler that makes long loops fast.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic records of 1,500 people under the pilot's rollout."""
    folder = tmp_path_factory.mktemp("made") / "records"
    make_records(workers=1500, orders=30_000, seed=3, out=folder)
    return folder


@pytest.fixture(scope="session")
def session_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Session]]:
    """One session of each engine for all tests of a process, opened when first asked for.

    A process has one Spark: a panel that a test builds on it stops it for the others, too.
    """
    with workspace(tmp_path_factory.mktemp("spill")) as folder:
        opened: dict[str, Session] = {}

        def find(name: str) -> Session:
            spark = opened["spark"].connection.sparkContext if "spark" in opened else None
            if name not in opened or (name == "spark" and spark._jsc is None):
                opened[name] = Session(name, "1GB", folder)
            return opened[name]

        yield find
        for session in opened.values():
            session.close()


@pytest.fixture
def delivered(tmp_path: Path) -> tuple[Path, pd.DataFrame, pd.DataFrame]:
    """A folder with the plain delivery, and the frames it was written from."""
    orders, claims = draw_orders(), draw_claims()
    write_base(tmp_path / "delivered", orders, claims)
    return tmp_path / "delivered", orders, claims


@pytest.fixture(scope="session")
def published(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The panel of ``made`` with its other files beside it, written once; copy it to change it."""
    out = tmp_path_factory.mktemp("published") / "panel.csv"
    build_panel(Request(str(made / "orders"), str(made / "claims"), made / "rollout.csv", out))
    return out


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A copy of ``made`` with one file of orders and one of claims per folder, to be spoilt."""
    folder = tmp_path / "copy"
    for name in ("orders", "claims"):
        (folder / name).mkdir(parents=True)
        pq.write_table(pq.read_table(made / name), folder / name / "all.parquet")
    shutil.copy(made / "rollout.csv", folder)
    return folder


@pytest.fixture
def request_for(tmp_path: Path):
    """Build a request on a folder of records, with its output and temporary folders apart."""

    def build(folder: Path, **changes: object) -> Request:
        (tmp_path / "temporary").mkdir(exist_ok=True)
        given = {
            "orders": str(folder / "orders"),
            "claims": str(folder / "claims"),
            "rollout": folder / "rollout.csv",
            "out": tmp_path / "out" / "panel.csv",
            "temporary": tmp_path / "temporary",
        }
        return Request(**(given | changes))  # type: ignore[arg-type]

    return build


@pytest.fixture
def rewrite():
    """Change one column of a Parquet file in place with a function from list to list."""

    def change(file: Path, column: str, function, kind: pa.DataType | None = None) -> None:
        table = pq.read_table(file)
        place = table.schema.get_field_index(column)
        values = function(table.column(column).to_pylist())
        array = pa.array(values, type=kind or table.schema.field(column).type)
        pq.write_table(table.set_column(place, column, array), file)

    return change
