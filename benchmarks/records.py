# ruff: noqa: E501
"""Speed and memory of the records room against hand-written DuckDB SQL, Polars and pandas.

``python benchmarks/records.py --data FOLDER`` makes synthetic records of the asked sizes, lets every
peer return the same table in a process of its own, checks that all tables are equal, and writes
``benchmarks/results/records.json``. Only ratios within one run mean anything.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
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
from zoneinfo import ZoneInfo

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis.base.constants import NATION  # noqa: E402
from analysis.records.calendar import first_day, instant, read_rollout  # noqa: E402
from analysis.records.synthetic import make_records  # noqa: E402
from analysis.records.tables import days_since_1970  # noqa: E402

QUARTERS = 17
ZONE = ZoneInfo("Asia/Shanghai")
NAMES = (
    "enrolled",
    "active",
    "both",
    "mixed",
    "stayed",
    "orders",
    "contributions",
    "claims",
    "confirmed",
    "paid",
)
PEERS = ("ours", "ours_checked", "sql", "polars", "pandas")
PANDAS_HOLDS = 20_000_000  # orders; above it the frame does not fit beside the others
MEMORY = "3GB"
TARGETS = {
    "sql_ratio": (0.0, 1.3),
    "polars_ratio": (1.0, np.inf),
    "pandas_ratio": (8.0, np.inf),
    "exponent": (0.0, 1.1),
    "peak_gib": (0.0, 4.0),
    "make_seconds": (0.0, 300.0),
}


def edges(folder: Path, days: bool = False) -> list[int]:
    first = read_rollout(folder / "rollout.csv").first_quarter
    starts = [first_day(first + index) for index in range(QUARTERS + 1)]
    return [days_since_1970(day) if days else instant(day, ZONE) for day in starts]


def ours(folder: Path, checked: bool) -> dict[str, np.ndarray]:
    from analysis.records import panel
    from analysis.records.contract import read_contract
    from analysis.records.engine import Session, workspace
    from analysis.records.measures import Orders, assemble
    from analysis.records.sources import find_source
    from analysis.records.tables import power_of_quarter, read_table

    plan = read_rollout(folder / "rollout.csv")
    request = panel.Request(
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
            orders = read_table(session, sources[0], False)
            claims = read_table(session, sources[1], False)
            workers = Orders(session, orders.mutate(power=power_of_quarter(orders.completed, edges(folder))))
            claims = claims.mutate(power=power_of_quarter(claims.accident, edges(folder, True)))
            totals = assemble(workers, claims, list(plan.starts), QUARTERS)
            session.close()
    return {name: getattr(totals, name) for name in (*NAMES, "median_days")}


def empty(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    units = [*read_rollout(folder / "rollout.csv").starts, NATION]
    table = {name: np.zeros((len(units), QUARTERS), np.int64) for name in NAMES}
    table["median_days"] = np.full((len(units), QUARTERS), np.nan)
    return table, {unit: row for row, unit in enumerate(units)}


def tree(column: str, cuts: list[int], low: int = 0, high: int = QUARTERS) -> str:
    if high - low == 1:
        return str(low)
    middle = (low + high) // 2
    left, right = tree(column, cuts, low, middle), tree(column, cuts, middle, high)
    return f"CASE WHEN {column} < {cuts[middle]} THEN {left} ELSE {right} END"


def sql(folder: Path) -> dict[str, np.ndarray]:
    """The best SQL we know: one grouping of the rows, bit masks, movers apart."""
    import duckdb

    table, row = empty(folder)
    con = duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False})
    when, day = tree("epoch_us(completed_at)", edges(folder)), tree("a", edges(folder, True))
    con.execute(f"""
        CREATE TEMP TABLE cells AS SELECT worker_id AS w, province_code AS p, {when} AS q, count(*) AS n,
          sum(floor(contribution_yuan * 10000 + 0.5)::BIGINT)::BIGINT AS c, min(platform_id) AS lo,
          max(platform_id) AS hi
        FROM read_parquet('{folder}/orders/*.parquet') GROUP BY ALL""")
    con.execute(
        "CREATE TEMP TABLE places AS SELECT w, p, bit_or(1::BIGINT << q) AS m FROM cells GROUP BY ALL"
    )
    con.execute(
        "CREATE TEMP TABLE movers AS SELECT w, bit_or(m) AS m FROM places GROUP BY w HAVING count(*) > 1"
    )
    con.execute("""CREATE TEMP TABLE moves AS SELECT w, q, count(*) AS k, min(lo) AS lo, max(hi) AS hi,
        count(*) FILTER (lo <> hi) AS x FROM cells SEMI JOIN movers USING (w) GROUP BY ALL""")
    questions = [
        "SELECT p, q, count(*) AS active, sum(n) AS orders, sum(c) AS contributions,"
        " count(*) FILTER (lo <> hi) AS mixed FROM cells GROUP BY ALL",
        f"SELECT '{NATION}' AS p, q, count(*) AS active, sum(n) AS orders, sum(c) AS contributions,"
        " count(*) FILTER (lo <> hi) - coalesce(any_value(gap), 0) AS mixed FROM cells LEFT JOIN"
        " (SELECT q, (sum(x) - count(*) FILTER (lo <> hi))::BIGINT AS gap FROM moves GROUP BY q) USING (q) GROUP BY q",
        "SELECT p, q, count(*) AS both FROM cells SEMI JOIN (FROM moves WHERE k > 1) AS several USING (w, q) GROUP BY ALL",
        f"SELECT '{NATION}' AS p, q, count(*) AS both FROM moves WHERE k > 1 GROUP BY q",
    ]
    for unit, source in (
        ("p", "(SELECT p, m, count(*) AS k FROM places GROUP BY ALL)"),
        (
            f"'{NATION}'",
            "(SELECT m, count(*) AS k FROM (SELECT m FROM places ANTI JOIN movers USING (w) UNION ALL"
            " SELECT m FROM movers) GROUP BY ALL)",
        ),
    ):
        questions.append(
            f"SELECT {unit} AS p, q, sum(k) FILTER ((m & ((2::BIGINT << q) - 1)) = (1::BIGINT << q)) AS enrolled,"
            " sum(k) FILTER (m >> q & 1 = 1) AS people,"
            " sum(k) FILTER (q > 0 AND m >> q & 1 = 1 AND m >> greatest(q - 1, 0) & 1 = 1) AS stayed"
            f" FROM {source}, range({QUARTERS}) AS r(q) GROUP BY ALL"
        )
    con.execute(f"""CREATE TEMP TABLE claims AS SELECT *, {day} AS q FROM (SELECT province_code AS p,
        (accident_date - DATE '1970-01-01') AS a, confirmed, decided_date - filed_date AS d,
        floor(paid_yuan * 10000 + 0.5)::BIGINT AS paid FROM read_parquet('{folder}/claims/*.parquet'))""")
    for unit in ("p", f"'{NATION}'"):
        questions.append(
            f"SELECT {unit} AS p, q, count(*) AS claims, count(*) FILTER (confirmed) AS confirmed,"
            " sum(paid) AS paid, median(d) AS median_days FROM claims GROUP BY ALL"
        )
    for question in questions:
        frame = con.execute(question).df()
        at, t = frame["p"].map(row).to_numpy(), frame["q"].to_numpy(int)
        for name in frame.columns[2:]:
            target = "active" if name == "people" else name
            table[target][at, t] = frame[name].fillna(0 if name != "median_days" else np.nan)
    table["enrolled"] = table["enrolled"].cumsum(axis=1)
    return table


def frames(folder: Path, kind: str) -> dict[str, np.ndarray]:
    """Polars (streaming) or pandas, grouped first to worker, province and quarter as they should be."""
    table, row = empty(folder)
    cuts, days = edges(folder), edges(folder, True)
    wanted = ["worker_id", "province_code", "platform_id", "completed_at", "contribution_yuan"]
    import pandas as pd

    if kind == "polars":
        import polars as pl

        times = pl.col("completed_at").dt.epoch("us")
        quarter = pl.sum_horizontal(*((times >= cut).cast(pl.Int32) for cut in cuts[1:-1]))
        scan = pl.scan_parquet(folder / "orders" / "*.parquet").select(wanted)
        lazy = scan.with_columns(
            quarter.alias("q"), (pl.col("contribution_yuan") * 10000 + 0.5).floor().cast(pl.Int64).alias("c")
        )
        cells = (
            lazy.group_by("worker_id", "province_code", "q")
            .agg(
                n=pl.len(),
                c=pl.col("c").sum(),
                lo=pl.col("platform_id").min(),
                hi=pl.col("platform_id").max(),
            )
            .with_columns(x=pl.col("lo") != pl.col("hi"))
            .collect(engine="streaming")
        )
        everyone = cells.group_by("worker_id", "q").agg(
            k=pl.len(), n=pl.col("n").sum(), c=pl.col("c").sum(), lo=pl.col("lo").min(), hi=pl.col("hi").max()
        )
        everyone = everyone.with_columns(x=pl.col("lo") != pl.col("hi"), both=pl.col("k") > 1)
        cells = cells.join(everyone.select("worker_id", "q", "both"), on=["worker_id", "q"])
        levels = [(cells, ["worker_id", "province_code"]), (everyone, ["worker_id"])]
        for level, keys in levels:
            past = level.select(*keys, q=pl.col("q") + 1, before=True)
            first = level.group_by(keys).agg(first=pl.col("q").min())
            full = level.join(past, on=[*keys, "q"], how="left").join(first, on=keys)
            grouped = full.group_by([*keys[1:], "q"]).agg(
                active=pl.len(), orders=pl.col("n").sum(), contributions=pl.col("c").sum(), mixed=pl.col("x").sum(),
                both=pl.col("both").sum(), stayed=pl.col("before").is_not_null().sum(),
                enrolled=(pl.col("first") == pl.col("q")).sum(),
            )  # fmt: skip
            put(table, row, grouped.to_pandas())
    else:
        raw = pd.read_parquet(folder / "orders", columns=wanted)
        raw["q"] = np.searchsorted(np.array(cuts[1:-1]), raw["completed_at"].astype("int64"), side="right")
        raw["c"] = np.floor(raw["contribution_yuan"] * 10000 + 0.5).astype("int64")
        keyed = raw.groupby(["worker_id", "province_code", "q"], sort=False)
        cells = keyed.agg(
            n=("c", "size"), c=("c", "sum"), lo=("platform_id", "min"), hi=("platform_id", "max")
        ).reset_index()
        cells["x"] = cells["lo"] != cells["hi"]
        everyone = (
            cells.groupby(["worker_id", "q"], sort=False)
            .agg(k=("n", "size"), n=("n", "sum"), c=("c", "sum"), lo=("lo", "min"), hi=("hi", "max"))
            .reset_index()
        )
        everyone["x"], everyone["both"] = everyone["lo"] != everyone["hi"], everyone["k"] > 1
        cells = cells.merge(everyone[["worker_id", "q", "both"]], on=["worker_id", "q"])
        for level, keys in ((cells, ["worker_id", "province_code"]), (everyone, ["worker_id"])):
            past = level[[*keys, "q"]].assign(q=level["q"] + 1, before=1)
            full = level.merge(past, on=[*keys, "q"], how="left")
            full["new"] = full["q"] == full.groupby(keys)["q"].transform("min")
            grouped = full.groupby([*keys[1:], "q"]).agg(
                active=("n", "size"), orders=("n", "sum"), contributions=("c", "sum"), mixed=("x", "sum"),
                both=("both", "sum"), stayed=("before", "count"), enrolled=("new", "sum"),
            )  # fmt: skip
            put(table, row, grouped.reset_index())
    claims = pd.read_parquet(folder / "claims")
    day = (pd.to_datetime(claims["accident_date"]) - pd.Timestamp("1970-01-01")).dt.days
    claims["q"] = np.searchsorted(np.array(days[1:-1]), day, side="right")
    claims["d"] = (pd.to_datetime(claims["decided_date"]) - pd.to_datetime(claims["filed_date"])).dt.days
    claims["paid"] = np.floor(claims["paid_yuan"] * 10000 + 0.5).astype("int64")
    claims["yes"] = claims["confirmed"].fillna(False).astype(bool)
    for keys in (["province_code", "q"], ["q"]):
        grouped = claims.groupby(keys).agg(
            claims=("q", "size"), confirmed=("yes", "sum"), paid=("paid", "sum"), median_days=("d", "median")
        )
        put(table, row, grouped.reset_index())
    table["enrolled"] = table["enrolled"].cumsum(axis=1)
    return table


def put(table: dict[str, np.ndarray], row: dict[str, int], frame) -> None:  # type: ignore[no-untyped-def]
    at = frame["province_code"].map(row).to_numpy() if "province_code" in frame else row[NATION]
    for name in table:
        if name in frame:
            table[name][at, frame["q"].to_numpy(int)] = frame[name].to_numpy()


def child(peer: str, folder: Path, result: Path) -> None:
    # Loading a library takes a second whatever the size: it is not what is compared.
    library = {"ours": "analysis.records.panel", "ours_checked": "analysis.records.panel", "sql": "duckdb"}
    for name in (library.get(peer, peer), "pandas", *(("ibis.backends.duckdb",) if "ours" in peer else ())):
        importlib.import_module(name)
    start, busy = time.perf_counter(), time.process_time()
    table = {
        "ours": lambda: ours(folder, False),
        "ours_checked": lambda: ours(folder, True),
        "sql": lambda: sql(folder),
        "polars": lambda: frames(folder, "polars"),
        "pandas": lambda: frames(folder, "pandas"),
    }[peer]()
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    np.savez(result, allow_pickle=False, **table)
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
        for peer in PEERS:
            if peer == "pandas" and orders > PANDAS_HOLDS:
                continue
            if peer == "polars" and importlib.util.find_spec("polars") is None:
                print("polars is not installed: skipped")
                continue
            figures, table = measure(peer, folder, repeats if orders <= PANDAS_HOLDS else 1)
            reference = reference or table
            for name, values in reference.items():
                np.testing.assert_array_equal(values, table[name], err_msg=f"{peer} {name}")
            entry[peer] = figures
            print(orders, peer, figures, flush=True)
        entry["cells"] = int(reference["active"][:-1].sum())
        results[str(orders)] = entry
        shutil.rmtree(folder)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None, help="folder for the synthetic records")
    parser.add_argument("--sizes", default="10000000,100000000")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "records.json")
    parser.add_argument("--child")
    parser.add_argument("--result", type=Path)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.data, given.result)
        return
    data = given.data or Path(tempfile.mkdtemp(prefix="records-bench-"))
    sizes = [int(size) for size in given.sizes.split(",")]
    measured = benchmark(data, sizes, given.repeats)
    from analysis.base.files import write_json
    from benchmarks.records_cost import summary, write_tables

    machine: dict[str, object] = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }
    machine["load"] = round(os.getloadavg()[1], 1)  # above the number of cores, trust processor time only
    figures = summary(measured)
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
