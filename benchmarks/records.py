"""Speed and memory of the records room against hand-written DuckDB SQL, Polars and pandas.

``python benchmarks/records.py --former FOLDER_OF_AN_EARLIER_BUILD`` makes synthetic records of four sizes,
lets every peer return the same table in a process of its own, checks that all tables are equal, and writes
``benchmarks/results/records.json``. Only ratios within one run mean anything, and on a busy machine only
those of processor time. Peers with ``_checked`` make the checks as well. The two largest sizes but one
compare programs; 10 and 100 million orders tell how time and memory grow.
"""

from __future__ import annotations

import argparse
import compileall
import importlib
import importlib.util
import json
import math
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis.records.calendar import read_rollout  # noqa: E402
from analysis.records.synthetic import make_records  # noqa: E402
from benchmarks.records_frames import frames  # noqa: E402
from benchmarks.records_peers import MEMORY, NAMES, QUARTERS, ZONE, edges, group_only, sql  # noqa: E402

PEERS = {  # orders -> who is measured
    5_000_000: ("ours", "ours_checked", "pandas", "pandas_checked", "grouping"),
    10_000_000: ("ours_checked",),
    20_000_000: ("ours", "ours_checked", "sql", "sql_checked", "polars"),
    100_000_000: ("ours_checked",),
}
LIBRARIES = "duckdb, highspy, pyarrow.parquet, typer.main, typer._adapters, yaml"  # of the command


def ours(folder: Path, checked: bool) -> dict[str, np.ndarray]:
    from analysis.records import panel
    from analysis.records.contract import read_contract
    from analysis.records.engine import Session, workspace
    from analysis.records.measures import Orders, assemble, group_orders
    from analysis.records.request import Request
    from analysis.records.sources import find_source
    from analysis.records.tables import power_of_quarter, read_table

    plan = read_rollout(folder / "rollout.csv")
    request = Request(
        str(folder / "orders"), str(folder / "claims"), folder / "rollout.csv", Path("x.csv"), memory=MEMORY
    )
    if checked:
        totals = panel.count_records(request, plan, ZONE).totals
    else:
        sources = [
            find_source(read_contract(name), str(folder / name), tolerant=False)
            for name in ("orders", "claims")
        ]
        with workspace(None) as place:
            session = Session("duckdb", MEMORY, place)
            orders = read_table(session, sources[0], False, trimmed=False)
            claims = read_table(session, sources[1], False)
            dated = orders.add(power=power_of_quarter("completed", edges(folder)))
            workers = Orders(session, group_orders(session, dated, "parts", {}))
            claims = claims.add(power=power_of_quarter("accident", edges(folder, True)))
            totals = assemble(workers, claims, list(plan.starts), QUARTERS)
            session.close()
    return {name: getattr(totals, name) for name in (*NAMES, "median_days")}


def child(peer: str, folder: Path, result: Path) -> None:
    # Loading a library takes a second whatever the size: it is not what is compared.
    program = peer.removesuffix("_checked")
    library = {"ours": "analysis.records.panel", "sql": "duckdb", "grouping": "duckdb"}
    for name in (library.get(program, program), "pandas"):
        importlib.import_module(name)
    start, busy = time.perf_counter(), time.process_time()
    checked = peer.endswith("_checked")
    if program == "grouping":
        table = group_only(folder)
    elif program == "ours":
        table = ours(folder, checked)
    else:
        table = sql(folder, checked) if program == "sql" else frames(folder, program, checked)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    np.savez(result, allow_pickle=False, **table)
    # At most: what the parent held when it started this process counts too.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "cpu_seconds": busy, "peak_bytes": peak}))


def measure(peer: str, folder: Path, repeats: int) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    runs = []
    with tempfile.TemporaryDirectory() as place:
        result = Path(place) / "table.npz"
        for _ in range(repeats):
            command = [
                sys.executable,
                __file__,
                "--child",
                peer,
                "--data",
                str(folder),
                "--result",
                str(result),
            ]
            done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
            runs.append(json.loads(done.stdout.strip().splitlines()[-1]))
        with np.load(result) as stored:
            table = {name: stored[name] for name in stored.files}
    figures = {name: statistics.median(run[name] for run in runs) for name in ("seconds", "cpu_seconds")}
    return figures | {"peak_bytes": max(run["peak_bytes"] for run in runs)}, table


def benchmark(data: Path, sizes: list[int], repeats: int) -> dict[str, object]:
    results: dict[str, object] = {}
    for orders in sizes:
        folder = data / f"orders-{orders}"
        shutil.rmtree(folder, ignore_errors=True)
        start = time.perf_counter()
        make_records(workers=max(1000, orders // 100), orders=orders, seed=1, out=folder)
        made = time.perf_counter() - start
        size = sum(file.stat().st_size for file in (folder / "orders").iterdir())
        entry: dict[str, object] = {"make_seconds": made, "bytes": size, "workers": max(1000, orders // 100)}
        reference: dict[str, np.ndarray] = {}
        for peer in PEERS.get(orders, ("ours", "ours_checked")):
            if peer == "polars" and importlib.util.find_spec("polars") is None:
                print("polars is not installed: skipped")
                continue
            figures, table = measure(peer, folder, repeats)
            reference = reference or table
            for name, values in reference.items() if table else ():
                np.testing.assert_array_equal(values, table[name], err_msg=f"{peer} {name}")
            entry[peer] = figures
            print(orders, peer, figures, flush=True)
        entry["load"] = round(os.getloadavg()[1], 1)
        entry["cells"] = int(reference["active"][:-1].sum())
        results[str(orders)] = entry
        shutil.rmtree(folder)
    return results


def start_up(data: Path, builds: dict[str, Path], repeats: int) -> dict[str, float]:
    """Least processor seconds of the whole command on 20,000 orders, by build, and of its imports alone."""
    folder = data / "small"
    make_records(workers=1000, orders=20_000, seed=1, out=folder)
    given = ["--orders", "orders", "--claims", "claims", "--rollout", "rollout.csv"]
    paths = [word if word.startswith("--") else str(folder / word) for word in given]
    for root in builds.values():
        compileall.compile_dir(root / "analysis", quiet=2)  # as an installer does
    least = dict.fromkeys([*builds, "imports"], math.inf)
    for turn in range(repeats):
        for name, root in (*builds.items(), ("imports", ROOT)):
            out = folder / f"{name}{turn}.csv"  # another name each time: no earlier release to read
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-m", "analysis", "records", "panel", *paths, "--out", str(out)]
            if name == "imports":
                command = [sys.executable, "-c", f"import {LIBRARIES}"]
            subprocess.run(command, check=True, capture_output=True, cwd=root)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            least[name] = min(least[name], took)
    shutil.rmtree(folder)
    return least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None, help="folder for the synthetic records")
    parser.add_argument("--sizes", default=",".join(map(str, PEERS)))
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "records.json")
    parser.add_argument("--former", type=Path, help="folder of an earlier build, to compare start-up with")
    parser.add_argument("--child")
    parser.add_argument("--result", type=Path)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.data, given.result)
        return
    data = given.data or Path(tempfile.mkdtemp(prefix="records-bench-"))
    sizes = [int(size) for size in given.sizes.split(",")]
    # Sizes that are not asked for keep what an earlier run measured: all ratios are within one size.
    earlier = json.loads(given.out.read_text(encoding="utf-8"))["sizes"] if given.out.exists() else {}
    measured = earlier | benchmark(data, sizes, given.repeats)
    from analysis.base.files import write_json
    from benchmarks.records_cost import TARGETS, summary, write_tables

    machine: dict[str, object] = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }
    machine["load"] = round(os.getloadavg()[1], 1)  # above the number of cores, trust processor time only
    builds = {"ours": ROOT} | ({"former": given.former} if given.former else {})
    started = start_up(data, builds, 3)
    figures = summary(measured) | {f"start_{name}": seconds for name, seconds in started.items()}
    if "former" in started:
        figures["start_ratio"] = started["ours"] / started["former"]
    write_json({"machine": machine, "sizes": measured, "summary": figures}, given.out)
    write_tables(given.out, given.out.parent)
    if given.data is None:
        shutil.rmtree(data)
    missed = [name for name, (low, high) in TARGETS.items() if not low <= figures.get(name, low) <= high]
    if missed:
        print("missed:", ", ".join(f"{name} {figures[name]:.2f}" for name in missed))
        sys.exit(1)


if __name__ == "__main__":
    main()
