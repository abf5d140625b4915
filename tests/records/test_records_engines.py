"""Spark does what DuckDB does: the same rows of every delivery, the same panel of a million orders.

Few tests with many parts, because each process that runs one of them starts a Java.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.records.contract import read_contract
from analysis.records.engine import Session
from analysis.records.identifiers import (
    find_rewritten,
    find_undecoded,
    find_unseen,
    find_words_for_nothing,
    refuse_spellings,
)
from analysis.records.panel import build_panel
from analysis.records.rows import Rows
from analysis.records.sources import find_source
from analysis.records.synthetic import make_records
from analysis.records.tables import read_table
from tests.records.deliveries import (
    DELIVERIES,
    draw_claims,
    draw_orders,
    save,
    to_text,
    write_base,
    write_csv,
)

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("pyspark") is None, reason="PySpark is not installed: make env-test"
    ),
]


@pytest.fixture
def engines(session_of) -> list[Session]:
    """A session of each engine."""
    return [session_of("duckdb"), session_of("spark")]


def rows(session: Session, folder: Path, name: str) -> pd.DataFrame:
    source = find_source(read_contract(name), str(folder / name), tolerant=True)
    frame = session.answer(read_table(session, source, as_text=False).query).to_pandas()
    frame["source_file"] = frame["source_file"].map(lambda path: path.rsplit("/", 1)[-1][:3])
    frame = frame[sorted(frame.columns)].astype(object)
    return frame.where(frame.notna(), None).sort_values(list(frame.columns[:2]), key=lambda c: c.astype(str))


def same_rows(engines, folder: Path, name: str) -> pd.DataFrame:
    one, other = (rows(session, folder, name) for session in engines)
    keys = [column for column in one if not column.startswith(("seen", "broken"))]
    one, other = (
        frame.sort_values(keys, key=lambda column: column.astype(str)).reset_index(drop=True)
        for frame in (one, other)
    )
    pd.testing.assert_frame_equal(one, other)
    return one


def test_a_delivery_has_the_same_rows_on_both_engines(engines, tmp_path, subtests):
    for name, deliver in DELIVERIES.items():
        folder, orders, claims = tmp_path / name, draw_orders(), draw_claims()
        write_base(folder, orders, claims)
        deliver(folder, orders, claims)
        with subtests.test(name):
            assert len(same_rows(engines, folder, "orders")) == len(orders)
            assert len(same_rows(engines, folder, "claims")) == len(claims)


def test_odd_text_is_read_or_refused_alike(engines, delivered):
    folder, orders, claims = delivered
    money = [
        "7.0",
        "7.5",
        "1_000.5",
        "0.07d",
        "0.07f",
        "1,5",
        "NaN",
        "Infinity",
        "-0",
        ".5",
        "5.",
        "1e2",
        "0x1F",
        " 3 ",
    ]
    clocks = [
        "2024",
        "2024-05-01",
        "2024/05/01",
        "2025-07-15T08:00",
        "2025-07-15T08:00Z",
        "2025-07-15 08:00:00 +0800",
    ]
    grades = ["7.0", "7.5", "7", "07", "+7", "7d", "NULL", "\uff17"]
    days = [
        "2024/05/01",
        "2024",
        "2024-5-1",
        "2024-05",
        "20240501",
        "2024-05-01 00:00:00",
        "2024-05-01T01:00:00",
    ]

    def cycle(values: list[str], frame: pd.DataFrame) -> list[str]:
        return [values[number % len(values)] for number in range(len(frame))]

    odd = to_text(orders, contribution_yuan=cycle(money, orders), completed_at=cycle(clocks, orders))
    write_csv(folder, "orders", odd)
    write_csv(
        folder,
        "claims",
        to_text(claims, disability_grade=cycle(grades, claims), decided_date=cycle(days, claims)),
    )
    of_orders = same_rows(engines, folder, "orders")
    assert of_orders["broken_contribution_yuan"].sum() == sum(
        value in ("1_000.5", "0.07d", "0.07f", "1,5", "NaN", "Infinity", "0x1F")
        for value in cycle(money, orders)
    )
    of_claims = same_rows(engines, folder, "claims")
    assert of_claims["broken_disability_grade"].sum() == 12  # four of the eight spellings, three times each
    assert sorted(set(of_claims["decided"].dropna())) == [(pd.Timestamp("2024-05-01") - pd.Timestamp(0)).days]


def test_numbers_that_are_none_are_marked_on_both_engines(engines, delivered):
    folder, orders, claims = delivered
    orders.loc[[3, 80], "contribution_yuan"] = [np.nan, np.inf]
    save(orders, folder / "orders" / "a.parquet")
    (folder / "orders" / "b.parquet").unlink()
    save(claims.assign(disability_grade=[7.5, np.nan, *[3.0] * 22]), folder / "claims" / "a.parquet")
    assert same_rows(engines, folder, "orders")["broken_contribution_yuan"].sum() == 2
    assert same_rows(engines, folder, "claims")["broken_disability_grade"].sum() == 2


def test_storage_with_an_address_is_held_against_the_contract(engines, delivered, made):
    from analysis.records.hadoop import Hadoop

    spark = engines[1]
    store = Hadoop(spark.connection)
    folder, orders, claims = delivered
    DELIVERIES["leftovers_of_other_programs"](folder, orders, claims)
    found = find_source(read_contract("orders"), f"file:{folder}/orders", tolerant=False)
    assert found.given == str(folder / "orders")
    files = sorted(store.find(f"file:{folder}/orders"))
    assert [name for _path, name, _size in files] == ["_temporary/0/part-1.parquet", "a.parquet", "b.parquet"]
    assert [size for *_rest, size in files] == [
        (folder / "orders" / name).stat().st_size for _path, name, _size in files
    ]

    class Addressed(Hadoop):
        """The same storage, its addresses as an object storage would give them."""

        def find(self, given: str):
            return super().find(given.replace("near://", "file://"))

    source = find_source(
        read_contract("orders"),
        f"near://{made}/orders",
        tolerant=False,
        store=Addressed(spark.connection),
    )
    assert source.synthetic and sum(entry.rows or 0 for entry in source.entries) == 30_000
    save(orders.drop(columns="platform_id"), folder / "orders" / "a.parquet")
    with pytest.raises(InputError, match="lack a column"):
        find_source(
            read_contract("orders"),
            f"near://{folder}/orders",
            tolerant=False,
            store=Addressed(spark.connection),
        )


def test_marks_that_nobody_sees_are_found_by_both_engines(engines, delivered) -> None:
    folder, orders, _claims = delivered
    marks = ["\u00a0", "\u200b", "\ufeff", "\u202e", "\u3000"]
    names = "w" + pd.Series(marks * 14) + orders["worker_id"][:70].astype(str) + "\u5de5"
    plain = "w" + orders["worker_id"][70:].astype(str) + "\u5de5"
    save(orders[:70].assign(worker_id=names), folder / "orders" / "a.parquet")
    save(orders[70:].assign(worker_id=plain), folder / "orders" / "b.parquet")
    for session in engines:
        source = find_source(read_contract("orders"), str(folder / "orders"), tolerant=True)
        read = read_table(session, source, as_text=True)
        assert session.count(str(read.where(find_unseen(read)["worker_id"]))) == 70


def test_spellings_of_other_programs_are_found_by_both_engines(engines, delivered) -> None:
    folder, orders, _claims = delivered
    spelt = ["1,700", '="17"', "'17", '"17', "+17", "1.7E16", "1.7e+16", "-17.0", "17,00", "17."]
    empty = ["\\N", "(null)", "-", "Unknown", "#REF!", "无", "D41D8CD98F00B204E9800998ECF8427E"]
    plain = ["17", "017", "a-b", "a.b", "1.7.2", "17E3", "x,y", "a+b", "N", "unknown1", "1,70"]
    names = [*spelt, *empty, *plain]
    save(orders[: len(names)].assign(worker_id=names), folder / "orders" / "a.parquet")
    (folder / "orders" / "b.parquet").unlink()
    for session in engines:
        source = find_source(read_contract("orders"), str(folder / "orders"), tolerant=True)
        read = read_table(session, source, as_text=True)
        for find, expected in ((find_rewritten, spelt), (find_words_for_nothing, empty)):
            found = session.answer(f"SELECT worker_id FROM {read.where(find(read)['worker_id'])}")
            assert sorted(found["worker_id"].to_pylist()) == sorted(expected)


def test_people_who_differ_in_zeros_or_width_only_are_refused_by_both_engines(engines) -> None:
    for number, (one, other) in enumerate((("0017", "17"), ("\uff117", "17"))):
        for session in engines:
            name = session.keep(f"SELECT '{one}' AS worker_id UNION ALL SELECT '{other}'", f"people{number}")
            with pytest.raises(InputError, match="zeros at the start"):
                rows = Rows(name, ("worker_id",), frozenset({"worker_id"}))
                refuse_spellings(session, rows, "worker_id")


def test_text_that_is_not_utf8_is_found_on_spark(engines) -> None:
    session = engines[1]
    name = session.keep("SELECT CAST(unhex('B9A4') AS STRING) AS worker_id UNION ALL SELECT 'a'", "bytes")
    rows = Rows(name, ("worker_id",), frozenset({"worker_id"}))
    assert session.count(str(rows.where(find_undecoded(rows)["worker_id"]))) == 1


@pytest.mark.parametrize("name", ["_a.parquet", ".a.parquet", "at 08:00.parquet", "a\\b.parquet"])
def test_a_name_that_spark_does_not_open_is_refused(name, engines, delivered) -> None:
    folder, orders, _claims = delivered
    save(orders, folder / name)
    source = find_source(read_contract("orders"), str(folder / name), tolerant=True)
    one, other = engines
    assert one.count(str(read_table(one, source, as_text=False))) == 120
    with pytest.raises(InputError, match="Spark does not open"):
        read_table(other, source, as_text=False)


def test_both_engines_write_the_same_bytes_on_a_million_orders(request_for, tmp_path):
    make_records(workers=30_000, orders=1_000_000, seed=8, out=tmp_path / "records")
    for engine in ("duckdb", "spark"):
        build_panel(request_for(tmp_path / "records", engine=engine, out=tmp_path / engine / "panel.csv"))
    for name in ("panel.csv", "panel.suppressed.csv"):
        assert (tmp_path / "spark" / name).read_bytes() == (tmp_path / "duckdb" / name).read_bytes()


def test_spark_refuses_what_duckdb_refuses(copy, request_for, rewrite):
    rewrite(copy / "orders" / "all.parquet", "contribution_yuan", lambda old: [-1.0, *old[1:]])
    said = []
    for engine in ("duckdb", "spark"):
        with pytest.raises(InputError) as caught:
            build_panel(request_for(copy, engine=engine))
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert not list(request_for(copy).temporary.iterdir())


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from analysis.records.panel import build_panel
from analysis.records.request import Request
folder = Path(sys.argv[2])
orders, claims = (str(folder / name) for name in ("orders", "claims"))
build_panel(Request(orders, claims, folder / "rollout.csv", Path("own.csv"), "spark"))
"""


def test_workers_find_the_package_of_a_script_in_another_folder(made, tmp_path):
    root = str(Path(__file__).parents[2])
    away = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", SCRIPT, root, str(made)]
    done = subprocess.run(command, cwd=tmp_path, env=away, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "own.csv").is_file()
