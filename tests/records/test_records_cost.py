"""The cost table is arithmetic on the benchmark's figures."""

from __future__ import annotations

import json

import pytest

from benchmarks.records_cost import CELL_BYTES, cost_table, summary, write_tables


def record() -> dict:
    def peer(seconds: float) -> dict:
        return {"seconds": seconds, "cpu_seconds": 2 * seconds, "peak_bytes": 2**30}

    def size(factor: float) -> dict:
        entry = {"bytes": int(20 * factor), "cells": int(factor / 10), "make_seconds": 1.0}
        peers = {"ours": 1.0, "ours_checked": 2.0, "sql": 0.8, "polars": 1.5, "pandas": 9.0}
        return entry | {name: peer(seconds * factor / 1e6) for name, seconds in peers.items()}

    sizes = {"1000000": size(1e6), "10000000": size(1e7)}
    return {"machine": {"cores": 2}, "sizes": sizes, "summary": summary(sizes)}


def test_ratios_and_the_exponent_are_those_of_the_seconds():
    figures = record()["summary"]
    assert figures["sql_ratio"] == pytest.approx(1.25)
    assert figures["pandas_ratio"] == pytest.approx(9)
    assert figures["exponent"] == pytest.approx(1)


def test_needs_scale_with_the_orders(tmp_path):
    file = tmp_path / "records.json"
    file.write_text(json.dumps(record()))
    table = cost_table(file).set_index("orders")
    national = table.loc[30_000_000_000]
    assert national["scanned_gb"] == pytest.approx(4 * 600)  # 20 bytes each, four times
    assert national["cells_gb"] == pytest.approx(3 * CELL_BYTES)  # a cell in ten orders
    assert national["ids_gb"] == pytest.approx(720)  # id, count and row header, 8 bytes each
    assert national["partitions"] == 1342  # 720e9 / 2**29 = 1341.1, of the larger shuffle
    assert national["core_hours"] == pytest.approx(30_000 * 4 / 3600)  # 4 processor seconds a million
    write_tables(file, tmp_path)
    assert (tmp_path / "tbl-records-cost.zh.md").read_text().count("|\n") == 5
