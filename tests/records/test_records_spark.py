"""DuckDB and Spark give the same panel to the last digit, on a million orders."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from analysis.records.panel import build_panel
from analysis.records.synthetic import make_records

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("pyspark") is None, reason="PySpark is not installed: make env-spark"
    ),
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java on the PATH"),
]


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("million") / "records"
    make_records(workers=30_000, orders=1_000_000, seed=8, out=folder)
    return folder


def test_both_engines_write_the_same_bytes_on_a_million_orders(million, request_for, tmp_path):
    for engine in ("duckdb", "spark"):
        build_panel(request_for(million, engine=engine, out=tmp_path / engine / "panel.csv"))
    for name in ("panel.csv", "panel.suppressed.csv"):
        assert (tmp_path / "spark" / name).read_bytes() == (tmp_path / "duckdb" / name).read_bytes()


def test_spark_refuses_what_duckdb_refuses(copy, request_for, rewrite):
    from analysis.base.errors import InputError

    rewrite(copy / "orders" / "all.parquet", "contribution_yuan", lambda old: [-1.0, *old[1:]])
    said = []
    for engine in ("duckdb", "spark"):
        with pytest.raises(InputError) as caught:
            build_panel(request_for(copy, engine=engine))
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert not list(request_for(copy).temporary.iterdir())
