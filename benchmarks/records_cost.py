"""What a national run costs: the committed benchmarks, scaled to thirty billion orders.

Bytes per order are those of the benchmark's files, read once a scan. Bytes that Spark shuffles, for each
order id and for each (worker, province, quarter) cell, are its own counters after compression, from
`records_spark`. Processor time follows the measured line of DuckDB.
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
SCANS = 3  # cells, fingerprints of ids, ids whose fingerprint repeats; none reads every column: the most
HELD_BYTES = 4 + 8 + 12  # of a fingerprint at most: as sent, in a list, in that list grown by half
EXECUTOR_CORES = 4
TASKS_PER_CORE = 3  # three waves of tasks even out slow ones
TASK_BYTES = 512 * 2**20  # a partition that a core holds without spilling

TARGETS = {  # least and most
    "sql_ratio_cpu": (0.0, 1.15),
    "checks_ratio": (0.0, 1.5),
    "peak_gib": (0.0, 0.75),
    "pandas_ratio_cpu": (3.0, math.inf),
    "exponent_cpu": (0.0, 1.05),
    "peak_gib_largest": (0.0, 2.0),
    "start_ratio": (0.0, 0.5),
    "spark_cpu_times": (0.0, 5.0),
}
CLOCKS = (("seconds", ""), ("cpu_seconds", "_cpu"))
COMPARED = {  # peer -> name of the ratio, which of ours it is held against
    "sql": ("sql_bare", "ours"),
    "sql_checked": ("sql", "ours_checked"),
    "polars": ("polars_bare", "ours"),
    "pandas": ("pandas_bare", "ours"),
    "pandas_checked": ("pandas", "ours_checked"),
}
UNREACHED = "grouping"  # DuckDB's reading and grouping alone: no program on DuckDB takes less


def summary(sizes: dict[str, Any]) -> dict[str, float]:
    """Ratios within one run, and the exponent of time in the number of orders.

    Parameters
    ----------
    sizes
        Seconds and peak bytes by peer, by number of orders (as text).
    """
    largest = max(sizes, key=int)
    large = sizes[largest]
    result = {
        "bytes_per_order": large["bytes"] / float(largest),
        "cells_per_order": large["cells"] / float(largest),
        "peak_gib_largest": large["ours_checked"]["peak_bytes"] / 2**30,
        "make_seconds": large["make_seconds"],
    }
    for size in sizes.values():
        if "sql_checked" in size:
            result["peak_gib"] = size["ours_checked"]["peak_bytes"] / 2**30
            result["checks_ratio"] = size["ours_checked"]["cpu_seconds"] / size["ours"]["cpu_seconds"]
        if UNREACHED in size:
            for clock, name in CLOCKS:
                most = size["pandas_checked"][clock] / size[UNREACHED][clock]
                result[f"pandas_most{name}"] = most
        for peer, (key, own) in COMPARED.items():
            if peer not in size:
                continue
            for clock, name in CLOCKS:
                ratio = size[own][clock] / size[peer][clock]
                result[f"{key}_ratio{name}"] = ratio if "sql" in key else 1 / ratio
    small = next((size for size in sorted(sizes, key=int) if 10 * int(size) == int(largest)), None)
    if small:
        for clock, name in CLOCKS:
            took = [sizes[size]["ours_checked"][clock] for size in (small, largest)]
            result[f"exponent{name}"] = math.log10(took[1] / took[0])
    return result


def cost_table(results: Path) -> pd.DataFrame:
    """Needs of a run by number of orders, with the columns of ``tbl-records-cost``.

    Parameters
    ----------
    results
        ``benchmarks/results/records.json``, with ``records_spark.json`` beside it.
    """
    record = json.loads(results.read_text(encoding="utf-8"))
    figures, spark = record["summary"], _of_spark(results)
    largest = max(record["sizes"], key=int)
    pace = record["sizes"][largest]["ours_checked"]["cpu_seconds"] / float(largest)
    rows = []
    for orders in (int(largest), 1_000_000_000, NATIONAL_ORDERS):
        scanned = orders * figures["bytes_per_order"] * SCANS
        cells = orders * figures["cells_per_order"] * spark["cell_bytes"]
        ids = orders * spark["id_bytes"]
        rows.append(
            {
                "orders": orders,
                "scanned_gb": scanned / 1e9,
                "cells_gb": cells / 1e9,
                "ids_gb": ids / 1e9,
                "partitions": math.ceil(max(cells, orders * HELD_BYTES) / TASK_BYTES),
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
    figures = json.loads(results.read_text(encoding="utf-8"))["summary"]
    _write_speed(figures | {f"spark_{name}": value for name, value in _of_spark(results).items()}, folder)


def _of_spark(results: Path) -> dict[str, float]:
    beside = results.with_name("records_spark.json")
    summary: dict[str, float] = json.loads(beside.read_text(encoding="utf-8"))["summary"]
    return summary


def _write_speed(figures: dict[str, float], folder: Path) -> None:
    wording = {
        "sql_ratio_cpu": (
            "20 million orders, all checks: ours over hand-written DuckDB SQL",
            "2000 万笔订单、含全部检查：本程序与手写 DuckDB SQL 之比",
            "{:.2f}",
        ),
        "sql_bare_ratio_cpu": (
            "The same without checks",
            "同上，不含检查",
            "{:.2f}",
        ),
        "checks_ratio": (
            "20 million orders: with all checks over without",
            "2000 万笔订单：含全部检查与不含检查之比",
            "{:.2f}",
        ),
        "polars_bare_ratio_cpu": (
            "20 million orders, no checks: Polars (streaming) over ours",
            "2000 万笔订单、不含检查：Polars（流式）与本程序之比",
            "{:.2f}",
        ),
        "pandas_ratio_cpu": (
            "5 million orders, all checks: pandas over ours",
            "500 万笔订单、含全部检查：pandas 与本程序之比",
            "{:.2f}",
        ),
        "pandas_bare_ratio_cpu": ("The same without checks", "同上，不含检查", "{:.2f}"),
        "pandas_most_cpu": (
            "5 million orders: pandas with all checks over DuckDB's reading and grouping alone",
            "500 万笔订单：含全部检查的 pandas 与仅由 DuckDB 读取并分组之比",
            "{:.2f}",
        ),
        "peak_gib": (
            "Peak memory at 20 million orders, all checks, GiB at most",
            "2000 万笔订单、含全部检查时的内存峰值（GiB，至多）",
            "{:.2f}",
        ),
        "peak_gib_largest": (
            "The same at 100 million orders",
            "同上，1 亿笔订单",
            "{:.2f}",
        ),
        "exponent_cpu": (
            "Exponent of time in orders, 10 to 100 million, all checks",
            "耗时对订单数的指数（1000 万至 1 亿笔，含全部检查）",
            "{:.2f}",
        ),
        "start_ours": (
            "Whole command on 20,000 orders, seconds",
            "2 万笔订单时整条命令（秒）",
            "{:.1f}",
        ),
        "start_imports": ("Loading its libraries alone, seconds", "仅加载所用的库（秒）", "{:.1f}"),
        "start_ratio": ("Whole command over an earlier build", "整条命令与早期版本之比", "{:.2f}"),
        "spark_cpu_times": (
            "Spark over DuckDB, from 3 to 20 million orders",
            "Spark 与 DuckDB 之比（300 万至 2000 万笔订单的增量）",
            "{:.1f}",
        ),
        "spark_start_cpu_seconds": (
            "Starting a Spark session, seconds",
            "启动一个 Spark 会话（秒）",
            "{:.0f}",
        ),
        "spark_id_bytes": (
            "Bytes that Spark shuffles per order id",
            "Spark 每个订单号的混洗字节数",
            "{:.2f}",
        ),
        "spark_cell_bytes": (
            "Bytes that Spark shuffles per cell of person, province and quarter",
            "Spark 每个“人员—省份—季度”单元的混洗字节数",
            "{:.0f}",
        ),
        "bytes_per_order": ("Bytes per order in Parquet", "每笔订单的 Parquet 字节数", "{:.1f}"),
    }
    present = {key: words for key, words in wording.items() if key in figures}
    frame = pd.DataFrame({"figure": list(present), "value": [figures[key] for key in present]})
    save_table(frame, ["figure"], folder / "tbl-records-speed.csv")
    heads = ("| Figure | Value | Wanted | Reached |", "| 指标 | 数值 | 目标 | 是否达到 |")
    for language, position in (("", 0), (".zh", 1)):
        lines = [heads[position], "|---|---:|---:|---|"]
        for key, words in present.items():
            wanted, reached = _judge(key, figures[key], position)
            lines.append(f"| {words[position]} | {words[2].format(figures[key])} | {wanted} | {reached} |")
        write_text("\n".join(lines) + "\n", folder / f"tbl-records-speed{language}.md")


def _judge(key: str, value: float, language: int) -> tuple[str, str]:
    """What is wanted of a figure, and whether it is so, in English (0) or Chinese (1)."""
    if key not in TARGETS:
        return "", ""
    least, most = TARGETS[key]
    wanted = f"≥ {least:g}" if math.isinf(most) else f"≤ {most:g}"
    return wanted, (("no", "yes"), ("否", "是"))[language][least <= value <= most]


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
