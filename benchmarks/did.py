"""Speed and memory of the DID engine beside named peers and a former build, in one run on one machine.

``python benchmarks/did.py`` measures, prints and writes ``results/did.csv``; ``results/did-history.csv``
keeps a line for each version, row and program. ``--former FOLDER`` adds a checkout of an earlier build;
``--only WORD`` measures the rows whose name has the word. A peer that is not installed is named and skipped.

Programs take turns, `ROUNDS` times, and each keeps its least time. All get one thread and the same long
table. Times are processor seconds of the process, reading the table included, importing and compiling not:
each program works on a small panel first, and what that took stands in its own column. Each measurement has
a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from did_tables import write_tables

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
TIMEOUT = 150  # seconds given to one measurement
ROUNDS = 2  # of each measurement, in turn with the others of its row
PEERS = ("diff_diff", "csdid", "pyfixest", "did_imputation")
PEERS_SIZE = "units 1000"  # where peers that do not finish on 100,000 x 40 do
NOT_YET = '{"control_group": "not_yet_treated"}'
BANDS = '{"control_group": "not_yet_treated", "n_bootstrap": 999, "seed": 1}'


@dataclass(frozen=True)
class Row:
    """A row of the table: the panel, our work, whom it is measured beside, what is wanted."""

    name: str
    panel: str
    work: tuple[str, ...]
    peers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    former: bool = False
    ratio: float | None = None  # how many times faster than whom it is measured beside
    seconds: float | None = None
    megabytes: float | None = 1_500


def ours(names: str, options: str = "{}") -> tuple[str, ...]:
    """Work of our engine."""
    return ("ours", names, options)


def diff_diff(*words: str) -> tuple[str, tuple[str, ...]]:
    """Work of diff-diff."""
    return ("diff_diff", ("diff_diff", *words))


CALLAWAY = diff_diff("CallawaySantAnna", "all", NOT_YET)
REGRESSION = ("pyfixest", ("pyfixest", "y ~ d | unit + time"))
OTHERS = (
    *("bacon", "two_stage", "extended_twfe", "stacked", "local_projection_reweighted", "efficient"),
    *("synthetic_did", "synthetic_control"),
)
GROWTH = (
    *(f"units {n}" for n in (1_000, 10_000, 100_000, 1_000_000)),
    *(f"periods {n}" for n in (20, 40, 80)),
    *(f"cohorts {n}" for n in (8, 16, 32)),
)
GROUP_TIME = ours("group_time", '{"base": "varying"}')
ROWS = [
    Row("twfe, tall", "tall", ours("twfe"), (REGRESSION,), True, 5, megabytes=1_000),
    Row(
        "event_study_twfe, tall",
        "tall",
        ours("event_study_twfe"),
        (("sun_abraham, ours", ours("sun_abraham")),),
        ratio=1 / 1.5,
    ),
    Row("group_time, many cohorts", "cohorts", GROUP_TIME, (CALLAWAY,), True, 3),
    Row(
        "group_time, four aggregations, small",
        "small",
        GROUP_TIME,
        (CALLAWAY, ("csdid", ("csdid", "0"))),
        True,
        10,
    ),
    Row(
        "group_time, 999 draws and bands, small",
        "small",
        ours("group_time", '{"base": "varying", "draws": 999}'),
        (diff_diff("CallawaySantAnna", "all", BANDS), ("csdid", ("csdid", "999"))),
        True,
        10,
    ),
    Row("group_time, four aggregations, tall", "tall", GROUP_TIME, (CALLAWAY,), True, 1),
    Row("all estimators, small", "small", ours("all"), former=True, ratio=4.5, seconds=0.06),
    Row(
        "synthetic DID, 200 placebos, small",
        "block",
        ours("synthetic_did"),
        (("diff_diff", ("synthetic",)),),
        True,
        5,
    ),
    Row(
        "imputation, tall",
        "tall",
        ours("imputation"),
        (diff_diff("ImputationDiD", "all"), ("did_imputation", ("did_imputation",))),
        True,
        10,
        megabytes=1_000,
    ),
    Row("local_projection, tall", "tall", ours("local_projection"), former=True, ratio=10),
    Row(
        "dynamic_dcdh, tall",
        "tall",
        ours("dynamic_dcdh"),
        (("diff_diff", ("switchers",)),),
        former=True,
        ratio=10,
    ),
    Row("the command with --checks, 50 x 11", "checks", ("checks", "fast"), former=True, ratio=10, seconds=3),
    Row("the command with --checks, linearmodels, 50 x 11", "checks", ("checks", "linearmodels")),
    Row("exact randomisation, 2,629,575 assignments", "small", ("exact", "no"), seconds=1),
    Row("exact randomisation, studentised", "small", ("exact", "yes"), seconds=1),
    *(Row(f"{name}, tall", "tall", ours(name)) for name in OTHERS),
    Row(
        "dynamic_dcdh, 1,000 x 20",
        PEERS_SIZE,
        ours("dynamic_dcdh"),
        (("diff_diff", ("switchers",)),),
        ratio=1,
    ),
    Row(
        "imputation, 1,000 x 20",
        PEERS_SIZE,
        ours("imputation"),
        (diff_diff("ImputationDiD", "all"), ("did_imputation", ("did_imputation",))),
        ratio=1,
    ),
    Row("group_time, wide", "wide", GROUP_TIME, (CALLAWAY,), ratio=1),
    Row("twfe, wide", "wide", ours("twfe"), (REGRESSION,), ratio=1),
    *(Row(f"group_time, {shape}", shape, GROUP_TIME, megabytes=None) for shape in GROWTH),
    Row("group_time, a million units", "million", GROUP_TIME, megabytes=8_000),
]


def measure(panel: str, work: tuple[str, ...], folder: Path) -> tuple[float, float, float] | str:
    """Seconds of the first call, seconds, peak megabytes; or the reason why there are none."""
    command = [sys.executable, str(ROOT / "benchmarks" / "did_work.py"), panel, *work, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=True)
    except subprocess.TimeoutExpired:
        return f"did not finish in {TIMEOUT} s"
    except subprocess.CalledProcessError as error:
        return f"failed: {(error.stderr.strip().splitlines() or ['without a word'])[-1]}"
    first, seconds, peak = json.loads(done.stdout.strip().splitlines()[-1])
    return first, seconds, peak


def measured(row: Row, former: Path | None) -> list[dict[str, str]]:
    """Lines of the table for one row, ours first."""
    programs: list[tuple[str, tuple[str, ...], Path]] = [("ours", row.work, ROOT)]
    programs += [(name, work, ROOT) for name, work in row.peers if name not in PEERS or find_spec(name)]
    if row.former and former is not None:
        programs.append(("former build", row.work, former))
    found: dict[str, list[tuple[float, float, float]]] = {}
    for again in range(ROUNDS):
        for program, work, folder in programs:
            if again and program not in found:
                continue
            once = measure(row.panel, work, folder)
            if isinstance(once, str):
                print(f"{row.name:45} {program:18} {once}", flush=True)
                found.pop(program, None)
            else:
                found.setdefault(program, []).append(once)
    if "ours" not in found:
        return []
    own = min(seconds for _, seconds, _ in found["ours"])
    lines = []
    for program, times in found.items():
        first, seconds, peak = (min(values) for values in zip(*times, strict=True))
        print(
            f"{row.name:45} {program:18} {seconds:10.4f} s  x{seconds / own:6.1f}  {peak:6.0f} MB", flush=True
        )
        lines.append(
            {
                "row": row.name,
                "program": program,
                "seconds": f"{seconds:.4g}",
                "times_ours": f"{seconds / own:.2f}",
                "peak_mb": f"{peak:.0f}",
                "first_call_seconds": f"{first:.3g}",
                "target_ratio": f"{row.ratio:.3g}" if row.ratio else "",
                "target_seconds": f"{row.seconds:g}" if row.seconds else "",
                "target_mb": f"{row.megabytes:g}" if row.megabytes and program == "ours" else "",
            }
        )
    return lines


def missed(lines: list[dict[str, str]]) -> list[str]:
    """Targets of one row that were missed, in words."""
    own, others = lines[0], lines[1:]
    found = []
    peers = [line for line in others if line["program"] != "former build"] or others
    if own["target_ratio"] and peers:
        ratio = min(float(line["times_ours"]) for line in peers)
        if ratio < float(own["target_ratio"]):
            found.append(f"{own['row']}: x{ratio:g}, wanted x{own['target_ratio']}")
    for have, want, unit in (("seconds", "target_seconds", "s"), ("peak_mb", "target_mb", "MB")):
        if own[want] and float(own[have]) > float(own[want]):
            found.append(f"{own['row']}: {own[have]} {unit}, wanted {own[want]} {unit}")
    return found


def write(lines: list[dict[str, str]], version: str) -> None:
    """Replace the rows measured in the table, and add them to the history under this version."""
    machine = f"{os.cpu_count()} cores, {os.getloadavg()[0]:.0f} processes running, {platform.machine()}"
    now = [{"version": version, **line, "machine": machine} for line in lines]
    again = {line["row"] for line in now}
    for name in ("did.csv", "did-history.csv"):
        path = RESULTS / name
        old = list(csv.DictReader(path.open(encoding="utf-8"))) if path.exists() else []
        kept = [
            line
            for line in old
            if line.get("row") not in again or (name == "did-history.csv" and line["version"] != version)
        ]
        rows = [*kept, *now]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(now[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def main() -> int:
    """Measure, print, save; fails when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--former", type=Path, help="checkout of an earlier build")
    parser.add_argument("--only", default="", help="rows whose name has this word")
    given = parser.parse_args()
    for peer in PEERS:
        if not find_spec(peer):
            print(f"{peer}: not installed, skipped")
    version = tomllib.loads((ROOT / "analysis" / "did" / "pyproject.toml").read_text())["project"]["version"]
    late, lines = [], []
    for row in ROWS:
        if given.only in row.name and (found := measured(row, given.former)):
            lines += found
            late += missed(found)
            write(found, version)
    write_tables()
    for line in late:
        print(f"missed: {line}")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
