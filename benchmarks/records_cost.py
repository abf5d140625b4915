"""What a national run costs: the committed benchmark, scaled to thirty billion orders.

Bytes per order are those of the benchmark's files, read once a scan. The shuffle is the measured number
of (worker, province, quarter) cells times the width of a cell, and every order id with its count, as the
check for repeated ids groups by it; both before compression. Processor time follows the measured line.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.base.files import save_table, write_text

if TYPE_CHECKING:
    from pathlib import Path

NATIONAL_ORDERS = 30_000_000_000
CELL_BYTES = 8 + 8 + 8 + 8 + 8 + 3 * 16  # worker, quarter, orders, money, row header; three short texts
ID_BYTES = 8 + 8 + 8  # order id, count, row header; ids hardly repeat, so that nothing is added up before
SCANS = 4  # survey, repeated ids, cells, platforms; none reads every column, so this is the most
EXECUTOR_CORES = 4
TASKS_PER_CORE = 3  # three waves of tasks even out slow ones
TASK_BYTES = 512 * 2**20  # a partition that a core holds without spilling


def summary(sizes: dict[str, Any]) -> dict[str, float]:
    """Ratios within one run, and the exponent of time in the number of orders.

    Parameters
    ----------
    sizes
        Seconds and peak bytes by peer, by number of orders (as text).
    """
    small, large = (sizes[key] for key in (min(sizes, key=int), max(sizes, key=int)))
    result = {
        "bytes_per_order": large["bytes"] / float(max(sizes, key=int)),
        "cells_per_order": large["cells"] / float(max(sizes, key=int)),
        "checks_ratio": large["ours_checked"]["cpu_seconds"] / large["ours"]["cpu_seconds"],
        "peak_gib": max(large[peer]["peak_bytes"] for peer in ("ours", "ours_checked")) / 2**30,
        "make_seconds": large["make_seconds"],
    }
    growth = float(max(sizes, key=int)) / float(min(sizes, key=int))
    for clock, name in (("seconds", ""), ("cpu_seconds", "_cpu")):
        result[f"sql_ratio{name}"] = large["ours"][clock] / large["sql"][clock]
        for peer, size in (("polars", large), ("pandas", small)):
            if peer in size:
                result[f"{peer}_ratio{name}"] = size[peer][clock] / size["ours"][clock]
        if growth > 1:
            result[f"exponent{name}"] = math.log(large["ours"][clock] / small["ours"][clock]) / math.log(
                growth
            )
    return result


def cost_table(results: Path) -> pd.DataFrame:
    """Needs of a run by number of orders, with the columns of ``tbl-records-cost``.

    Parameters
    ----------
    results
        ``benchmarks/results/records.json``.
    """
    record = json.loads(results.read_text(encoding="utf-8"))
    figures = record["summary"]
    largest = max(record["sizes"], key=int)
    pace = record["sizes"][largest]["ours_checked"]["cpu_seconds"] / float(largest)
    rows = []
    for orders in (int(largest), 1_000_000_000, NATIONAL_ORDERS):
        scanned = orders * figures["bytes_per_order"] * SCANS
        cells, ids = orders * figures["cells_per_order"] * CELL_BYTES, orders * ID_BYTES
        rows.append(
            {
                "orders": orders,
                "scanned_gb": scanned / 1e9,
                "cells_gb": cells / 1e9,
                "ids_gb": ids / 1e9,
                "partitions": math.ceil(max(cells, ids) / TASK_BYTES),
                "executor_memory_gb": EXECUTOR_CORES * TASK_BYTES * 2 / 1e9,
                "core_hours": orders * pace / 3600,
            }
        )
    return pd.DataFrame(rows)


def write_tables(results: Path, folder: Path) -> None:
    """Write ``tbl-records-cost`` and ``tbl-records-speed`` (csv, md, zh.md) into ``folder``.

    Parameters
    ----------
    results
        ``benchmarks/results/records.json``.
    folder
        ``benchmarks/results``, from where the book includes the tables.
    """
    _write_cost(cost_table(results), folder)
    _write_speed(json.loads(results.read_text(encoding="utf-8")), folder)


def _write_speed(record: dict[str, Any], folder: Path) -> None:
    figures = record["summary"]
    wording = {
        "sql_ratio": ("Wall time over hand-written DuckDB SQL", "耗时与手写 DuckDB SQL 之比", "{:.2f}"),
        "sql_ratio_cpu": ("The same in processor time", "同上，按处理器时间", "{:.2f}"),
        "polars_ratio": ("Polars' streaming engine over ours", "Polars 流式引擎耗时与本程序之比", "{:.2f}"),
        "polars_ratio_cpu": ("The same in processor time", "同上，按处理器时间", "{:.2f}"),
        "pandas_ratio": ("pandas over ours, smaller size", "pandas 耗时与本程序之比（较小规模）", "{:.1f}"),
        "pandas_ratio_cpu": ("The same in processor time", "同上，按处理器时间", "{:.1f}"),
        "checks_ratio": ("With all checks over measures alone", "含全部检查与仅计算指标之比", "{:.2f}"),
        "exponent": ("Exponent of time in orders", "耗时对订单数的指数", "{:.2f}"),
        "exponent_cpu": ("The same in processor time", "同上，按处理器时间", "{:.2f}"),
        "peak_gib": ("Peak memory, GiB", "内存峰值（GiB）", "{:.2f}"),
        "make_seconds": ("Making the synthetic orders, seconds", "生成模拟订单（秒）", "{:.0f}"),
        "bytes_per_order": ("Bytes per order in Parquet", "每笔订单的 Parquet 字节数", "{:.1f}"),
    }
    present = {key: words for key, words in wording.items() if key in figures}
    frame = pd.DataFrame({"figure": list(present), "value": [figures[key] for key in present]})
    save_table(frame, ["figure"], folder / "tbl-records-speed.csv")
    for language, position, head in (("", 0, "| Figure | Value |"), (".zh", 1, "| 指标 | 数值 |")):
        lines = [head, "|---|---:|"]
        lines += [
            f"| {words[position]} | {words[2].format(figures[key])} |" for key, words in present.items()
        ]
        write_text("\n".join(lines) + "\n", folder / f"tbl-records-speed{language}.md")


def _write_cost(table: pd.DataFrame, folder: Path) -> None:
    save_table(table, ["orders"], folder / "tbl-records-cost.csv")
    heads = {
        "": [
            "Orders",
            "Scanned at most, GB",
            "Cells shuffled, GB",
            "Order ids shuffled, GB",
            "Partitions",
            "Memory per executor, GB",
            "Core hours",
        ],
        ".zh": [
            "订单数",
            "扫描量上限（GB）",
            "单元混洗量（GB）",
            "订单号混洗量（GB）",
            "分区数",
            "每个执行器内存（GB）",
            "核小时",
        ],
    }
    for language, head in heads.items():
        lines = ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
        for row in table.itertuples(index=False):
            cells = [
                f"{row.orders:,}",
                f"{row.scanned_gb:,.1f}",
                f"{row.cells_gb:,.1f}",
                f"{row.ids_gb:,.1f}",
                f"{row.partitions:,}",
            ]
            cells += [f"{row.executor_memory_gb:,.1f}", f"{row.core_hours:,.2f}"]
            lines.append("| " + " | ".join(cells) + " |")
        write_text("\n".join(lines) + "\n", folder / f"tbl-records-cost{language}.md")
