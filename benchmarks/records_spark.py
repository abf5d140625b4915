"""What Spark shuffles and how long it works, beside DuckDB on the same orders.

``python benchmarks/records_spark.py`` makes synthetic records of both sizes, counts them on both engines in
processes of their own, checks that the numbers agree, and writes ``benchmarks/results/records_spark.json``.
Bytes are those of Spark's own counters: after compression, as they go over the wire. Processor time of Spark
is that of its Java and of Python; starting a session is reported apart.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

SIZES = (3_000_000, 20_000_000)
MEMORY = "3GB"


def stages(spark: Any) -> list[dict[str, Any]]:
    """Finished stages in order: name, bytes read and written for the shuffle, rows, processor seconds."""
    context, jvm = spark.sparkContext, spark._jvm
    context._jsc.sc().listenerBus().waitUntilEmpty()  # counters arrive a little after the work
    nobody = jvm.java.util.ArrayList()
    listed = (
        context._jsc.sc()
        .statusStore()
        .stageList(None, False, False, context._gateway.new_array(jvm.double, 0), nobody)
    )
    found = [listed.apply(number) for number in range(listed.size())]
    return [
        {
            "number": stage.stageId(),
            "input_bytes": stage.inputBytes(),
            "shuffle_bytes": stage.shuffleWriteBytes(),
            "shuffle_rows": stage.shuffleWriteRecords(),
            "spilled_bytes": stage.diskBytesSpilled(),
            "cpu_seconds": stage.executorCpuTime() / 1e9,
        }
        for stage in sorted(found, key=lambda stage: stage.stageId())
    ]


def busy(process: int) -> float:
    """Processor seconds of a process so far, and of all that it started: Spark's Python workers too."""
    place = Path(f"/proc/{process}")
    try:
        fields = (place / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        lists = [(task / "children").read_text(encoding="ascii") for task in (place / "task").iterdir()]
    except OSError:  # ended meanwhile: its parent has its time
        return 0.0
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # with children that have ended
    return own + sum(busy(int(child)) for listed in lists for child in listed.split())


def child(engine: str, folder: Path) -> dict[str, Any]:
    """Count the records of ``folder``; what it took, and a checksum of the numbers."""
    from zoneinfo import ZoneInfo

    from analysis.records import panel
    from analysis.records.calendar import read_rollout
    from analysis.records.engine import Session
    from analysis.records.request import Request

    result: dict[str, Any] = {}
    java: list[int] = []

    def clock() -> float:
        return time.process_time() + sum(busy(process) for process in java)

    class Measured(Session):
        def __init__(self, *given: Any) -> None:
            before, start = clock(), time.perf_counter()
            super().__init__(*given)
            if engine == "spark":
                spark = self.connection
                java.append(spark.sparkContext._gateway.proc.pid)
                spark.range(1).count()
            result["start_cpu_seconds"] = clock() - before
            result["start_seconds"] = time.perf_counter() - start
            self.begun = clock(), time.perf_counter()

        def close(self) -> None:
            result["cpu_seconds"] = clock() - self.begun[0]
            result["seconds"] = time.perf_counter() - self.begun[1]
            if engine == "spark":
                result["stages"] = [
                    stage
                    for stage in stages(self.connection)
                    if stage["input_bytes"] or stage["shuffle_bytes"]
                ]
            super().close()

    panel.Session = Measured  # type: ignore[attr-defined, assignment]
    request = Request(
        str(folder / "orders"),
        str(folder / "claims"),
        folder / "rollout.csv",
        Path("x.csv"),
        engine,
        memory=MEMORY,
    )
    totals = panel.count_records(
        request, read_rollout(folder / "rollout.csv"), ZoneInfo("Asia/Shanghai")
    ).totals
    result["cells"] = int(totals.active[:-1].sum())
    result["orders"] = int(totals.orders[-1].sum())
    result["numbers"] = [
        int(np.nansum(getattr(totals, name)))
        for name in ("enrolled", "stayed", "mixed", "both", "contributions", "paid")
    ]
    return result


def of_ids(entry: dict[str, Any]) -> int:
    """Shuffle bytes of the check for repeated ids: the largest, as ids outnumber all else."""
    return int(max(stage["shuffle_bytes"] for stage in entry["stages"]))


def of_cells(entry: dict[str, Any]) -> int:
    """Shuffle bytes of all else: the grouping of the orders, and what is asked of the cells."""
    return int(sum(stage["shuffle_bytes"] for stage in entry["stages"])) - of_ids(entry)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "records_spark.json")
    parser.add_argument("--child")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(child(given.child, given.data)))
        return
    if importlib.util.find_spec("pyspark") is None:
        print("PySpark is not installed: skipped")
        return
    from analysis.base.files import write_json
    from analysis.records.synthetic import make_records
    from benchmarks.records_cost import TARGETS

    sizes = [int(size) for size in given.sizes.split(",")]
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="records-spark-", dir=given.data) as place:
        for orders in sizes:
            folder = Path(place) / str(orders)
            make_records(workers=orders // 100, orders=orders, seed=1, out=folder)
            entry = {}
            for engine in ("duckdb", "spark"):
                command = [sys.executable, __file__, "--child", engine, "--data", str(folder)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
                entry[engine] = json.loads(done.stdout.strip().splitlines()[-1])
                print(orders, engine, entry[engine], flush=True)
            if entry["duckdb"]["numbers"] != entry["spark"]["numbers"]:
                raise SystemExit("the engines do not agree")
            measured[str(orders)] = entry
    small, large = (measured[str(size)] for size in (min(sizes), max(sizes)))
    growth = {
        engine: large[engine]["cpu_seconds"] - small[engine]["cpu_seconds"] for engine in ("duckdb", "spark")
    }
    last = large["spark"]
    summary = {
        "cpu_times": growth["spark"] / growth["duckdb"],
        "start_cpu_seconds": small["spark"]["start_cpu_seconds"],
        "id_bytes": of_ids(last) / last["orders"],
        "cell_bytes": of_cells(last) / last["cells"],
    }
    machine = {"cores": os.cpu_count(), "load": round(os.getloadavg()[1], 1)}
    write_json({"machine": machine, "sizes": measured, "summary": summary}, given.out)
    print(summary)
    if summary["cpu_times"] > TARGETS["spark_cpu_times"][1]:
        print(f"missed: cpu_times {summary['cpu_times']:.2f}")
        sys.exit(1)


if __name__ == "__main__":
    main()
