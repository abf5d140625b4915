"""The cost table is arithmetic on the benchmark's figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.records_cost import cost_table, summary, write_tables
from benchmarks.records_spark import of_cells, of_ids


def record() -> dict:
    def peer(seconds: float) -> dict:
        return {"seconds": seconds, "cpu_seconds": 2 * seconds, "peak_bytes": 2**29}

    def size(orders: int, **seconds: float) -> dict:
        entry = {"bytes": 20 * orders, "cells": orders // 10, "make_seconds": 1.0}
        return entry | {name: peer(each * orders / 1e6) for name, each in seconds.items()}

    sizes = {
        "5000000": size(5_000_000, ours=1, ours_checked=2, pandas=7, pandas_checked=9),
        "10000000": size(10_000_000, ours_checked=1),
        "20000000": size(20_000_000, ours=1, ours_checked=2, sql=0.8, sql_checked=2.5, polars=1.5),
        "100000000": size(100_000_000, ours_checked=2),
    }
    return {"machine": {"cores": 2}, "sizes": sizes, "summary": summary(sizes)}


def test_ratios_and_the_exponent_are_those_of_the_seconds():
    figures = record()["summary"]
    assert figures["sql_bare_ratio_cpu"] == pytest.approx(1.25)  # 1 / 0.8
    assert figures["sql_ratio"] == pytest.approx(0.8)  # 2 / 2.5
    assert figures["checks_ratio"] == pytest.approx(2)
    assert figures["polars_bare_ratio"] == pytest.approx(1.5)
    assert figures["pandas_bare_ratio"] == pytest.approx(7)
    assert figures["pandas_ratio_cpu"] == pytest.approx(4.5)  # 9 / 2
    assert figures["exponent"] == pytest.approx(1.30103)  # 20 times the time: 1 + log10(2)
    assert figures["peak_gib"] == figures["peak_gib_largest"] == 0.5


def test_needs_scale_with_the_orders(tmp_path):
    file = tmp_path / "records.json"
    file.write_text(json.dumps(record()))
    spark = {"id_bytes": 4.5, "cell_bytes": 60.0, "cpu_times": 4.0, "start_cpu_seconds": 9.0}
    (tmp_path / "records_spark.json").write_text(json.dumps({"summary": spark}))
    table = cost_table(file).set_index("orders")
    national = table.loc[30_000_000_000]
    assert national["scanned_gb"] == pytest.approx(3 * 600)  # 20 bytes each, three times
    assert national["cells_gb"] == pytest.approx(180)  # a cell of 60 bytes in ten orders
    assert national["ids_gb"] == pytest.approx(135)
    assert national["partitions"] == 1342  # 24 bytes held of each: 720e9 / 2**29 = 1341.1
    assert national["core_hours"] == pytest.approx(30_000 * 4 / 3600)  # 4 processor seconds a million
    write_tables(file, tmp_path)
    assert (tmp_path / "tbl-records-cost.zh.md").read_text().count("|\n") == 5


def test_the_committed_tables_are_those_of_the_committed_benchmarks(tmp_path):
    results = Path(__file__).parents[2] / "benchmarks" / "results"
    write_tables(results / "records.json", tmp_path)
    made = sorted(tmp_path.iterdir())
    assert len(made) == 6
    for file in made:
        assert file.read_bytes() == (results / file.name).read_bytes(), file.name


def test_what_spark_shuffles_is_parted_into_ids_and_all_else():
    sizes = (10, 4000, 300, 20)
    entry = {"stages": [{"shuffle_bytes": size} for size in sizes]}
    assert of_ids(entry) == 4000
    assert of_cells(entry) == 330
