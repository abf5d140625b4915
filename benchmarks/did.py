"""Speed and memory of the DID engine, beside named peers, in one run on one machine.

``python benchmarks/did.py`` measures, prints and writes ``benchmarks/results/did.csv``. A peer that is not
installed is named and skipped; ``benchmarks/README.md`` says how to add one. All programs get one
thread and the same tables, and each time includes reading the table, not importing the program.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the same number of threads for all
os.environ.setdefault("OMP_NUM_THREADS", "1")

import contextlib
import csv
import io
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
import warnings
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.did import ESTIMATORS, Options, Panel, estimate  # noqa: E402  (the package lies beside)
from analysis.did.inference import randomization_tests  # noqa: E402
from analysis.did.numerics.batch import make_plan  # noqa: E402
from analysis.did.panel.panel import NEVER  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 9  # at least; quick tasks repeat for up to a second, because single runs of 2 ms scatter
MOST = 200
TIMEOUT = 600  # seconds given to a peer on the large panel
PEERS = ("diff_diff", "csdid", "pyfixest")
Row = tuple[str, str, float, float | None, float | None]  # task, program, seconds, target, megabytes


def small_panel(cohorts: tuple[int, int] = (10, 16)) -> pd.DataFrame:
    """31 units x 30 periods; 7 start in the first wave, 10 in the second, 14 never."""
    rng = np.random.default_rng(1)
    starts = np.repeat([cohorts[0], cohorts[1], 0], [7, 10, 14])
    outcome = rng.normal(size=(31, 1)) + 0.3 * rng.normal(size=(31, 30)).cumsum(axis=1)
    return long_table(outcome, starts)


def large_panel(units: int = 100_000, periods: int = 40, cohorts: int = 10) -> pd.DataFrame:
    """A tenth of the units each in ten cohorts and never treated."""
    rng = np.random.default_rng(2)
    starts = rng.choice([0, *range(5, 5 + 3 * cohorts, 3)], size=units)
    outcome = rng.normal(size=(units, 1)) + rng.normal(size=(units, periods))
    return long_table(outcome, starts)


def long_table(outcome: np.ndarray, starts: np.ndarray) -> pd.DataFrame:
    """One row per unit and period, periods from 1."""
    units, periods = outcome.shape
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(1, units + 1), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": outcome.ravel(),
            "g": np.repeat(starts, periods),
        }
    )


def read(table: pd.DataFrame) -> Panel:
    """Read our panel from a table."""
    return Panel.from_frame(table, unit="unit", time="time", outcome="y", cohort="g")


def ours_group_time(table: pd.DataFrame, draws: int) -> None:
    """All four aggregations with errors; with draws also simultaneous bands."""
    estimate(read(table), "group_time", Options(base="varying", draws=draws))


def diff_diff_group_time(table: pd.DataFrame, draws: int) -> None:
    """The same in diff-diff."""
    from diff_diff import CallawaySantAnna

    model = CallawaySantAnna(control_group="not_yet_treated", n_bootstrap=draws, seed=1)
    model.fit(table, outcome="y", unit="unit", time="time", first_treat="g", aggregate="all")


def csdid_group_time(table: pd.DataFrame, draws: int) -> None:
    """The same in csdid."""
    from csdid.att_gt import ATTgt

    model = ATTgt(
        yname="y", tname="time", idname="unit", gname="g", data=table.copy(),
        control_group=["notyettreated"], xformla="y~1", biters=draws or 1000, cband=draws > 0,
    )  # fmt: skip
    model.fit(est_method="dr", base_period="varying", bstrap=draws > 0)
    for kind in ("simple", "group", "calendar", "dynamic"):
        model.aggte(typec=kind, bstrap=draws > 0, cband=draws > 0)


def pyfixest_static(table: pd.DataFrame) -> None:
    """Static two-way fixed effects in pyfixest."""
    from pyfixest import feols

    feols("y ~ d | unit + time", data=table, vcov={"CRV1": "unit"})


def median(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median seconds of some runs after one that does not count; what programs print is dropped."""
    times: list[float] = []
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work()
        while len(times) < repeats or (sum(times) < 1.0 and len(times) < MOST):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def small_tasks() -> list[Row]:
    """Everything at 31 x 30."""
    table = small_panel()
    panel = read(table)
    rows: list[Row] = []
    for name, draws, target in (
        ("group-time, four aggregations, errors", 0, 0.004),
        ("group-time, 999 draws, bands", 999, None),
    ):
        rows.append((name, "ours", median(partial(ours_group_time, table, draws)), None, None))
        options = Options(base="varying", draws=draws)
        made = median(partial(estimate, panel, "group_time", options))
        rows.append((name, "ours, panel read before", made, target, None))
        for peer, work in (("diff_diff", diff_diff_group_time), ("csdid", csdid_group_time)):
            if find_spec(peer):
                rows.append((name, peer, median(partial(work, table, draws), 5), None, None))
    rows.append(
        ("static two-way fixed effects", "ours", median(lambda: estimate(read(table), "twfe")), None, None)
    )
    if find_spec("pyfixest"):
        treated = table.assign(d=((table["g"] > 0) & (table["time"] >= table["g"])).astype(float))
        rows.append(
            ("static two-way fixed effects", "pyfixest", median(lambda: pyfixest_static(treated)), None, None)
        )
    total = 0.0
    for name in ESTIMATORS:
        seconds = median(partial(estimate, panel, name), 3)
        total += seconds
        rows.append((f"estimator {name}", "ours, panel read before", seconds, None, None))
    rows.append(("every estimator together", "ours, panel read before", total, 1.0, None))
    plan = make_plan(panel, "group_time", Options())
    outcomes = np.random.default_rng(3).normal(size=(2000, 31, 30))
    rows.append(
        (
            "batched event study, one replicate",
            "ours",
            median(lambda: plan.of_outcomes(outcomes)) / 2000,
            1e-4,
            None,
        )
    )
    single = Panel.from_arrays(panel.outcome[:, :10], np.r_[np.full(7, 7), np.full(24, NEVER)])
    exact = partial(randomization_tests, single, "group_time", Options(), studentised=True)
    rows.append(
        ("exact randomisation, 2,629,575 assignments, event path", "ours", median(exact, 3), 10.0, None)
    )
    return rows


def large_task(program: str) -> None:
    """Run the large panel in this process and print seconds and peak megabytes."""
    table = large_panel()
    work = {"ours": ours_group_time, "diff_diff": diff_diff_group_time, "csdid": csdid_group_time}[program]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work(table, 0)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([seconds, peak / 1024, before / 1024]))


def large_tasks() -> list[Row]:
    """Each program on the large panel, in a process of its own so that its memory is its own."""
    rows: list[Row] = []
    name = "group-time, 100,000 x 40, 10 cohorts"
    for program in ("ours", *(peer for peer in ("diff_diff", "csdid") if find_spec(peer))):
        try:
            done = subprocess.run(
                [sys.executable, __file__, "--large", program],
                capture_output=True, text=True, timeout=TIMEOUT, check=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            print(f"{name}: {program} did not finish in {TIMEOUT} s")
            continue
        except subprocess.CalledProcessError as error:
            print(f"{name}: {program} failed: {error.stderr.strip().splitlines()[-1:]}")
            continue
        seconds, peak, _ = json.loads(done.stdout)
        rows.append((name, program, seconds, 4.0 if program == "ours" else None, peak))
    return rows


def main() -> int:
    """Measure, print, save; fails when a target is missed."""
    for peer in PEERS:
        if not find_spec(peer):
            print(f"{peer}: not installed, skipped")
    rows = [*small_tasks(), *large_tasks()]
    busy = f"{os.getloadavg()[0]:.1f} processes running"
    machine = f"{os.cpu_count()} cores, {busy}, {platform.machine()}, one thread, numpy {np.__version__}"
    target = ROOT / "benchmarks" / "results" / "did.csv"
    target.parent.mkdir(exist_ok=True)
    missed = []
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ("task", "program", "milliseconds", "target_milliseconds", "peak_mb", "times_ours", "machine")
        )
        for task, program, seconds, limit, peak in rows:
            own = next(s for t, p, s, _, _ in rows if t == task and p.startswith("ours"))
            ratio = seconds / own
            print(
                f"{task:55} {program:25} {1000 * seconds:12.3f} ms  x{ratio:.1f}"
                + (f"  {peak:.0f} MB" if peak else "")
            )
            writer.writerow(
                (
                    task, program, f"{1000 * seconds:.4g}", "" if limit is None else f"{1000 * limit:g}",
                    "" if peak is None else f"{peak:.0f}", f"{ratio:.2f}", machine,
                )
            )  # fmt: skip
            if limit is not None and seconds > limit:
                missed.append(f"{task}: {1000 * seconds:.3g} ms, target {1000 * limit:g} ms")
            if peak and program == "ours" and peak > 2048:
                missed.append(f"{task}: {peak:.0f} MB, target 2048 MB")
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--large"]:
        large_task(sys.argv[2])
        sys.exit(0)
    sys.exit(main())
