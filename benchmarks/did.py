"""Speed and memory of the DID engine beside named peers and a former build, in one run on one machine.

``python benchmarks/did.py`` measures, prints and writes ``results/did.csv``; ``results/did-history.csv``
keeps a line for each version, row and program. ``--former FOLDER`` adds a checkout of an earlier build;
``--only WORD`` measures the rows whose name has the word. A peer that is not installed is named and skipped.

Programs take turns, `ROUNDS` times; quick work is repeated for a second and its mean taken, for the clock may
tick in milliseconds; each program keeps the lesser of its means. All get one thread and the same long table.
Times are processor seconds of the process, reading the table included, importing and compiling not: each
program works on a small panel first, and what that took stands in its own column. Each measurement has a
process of its own, so that its memory is its own.
A peer whose effects are not among ours answers another question: it is shown and not counted.
"""

from __future__ import annotations

import argparse
import compileall
import csv
import json
import math
import os
import platform
import resource
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from did_rows import ROWS, Row
from did_tables import EACH, write_tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
MOST = 300  # processor seconds given to one measurement
BEHIND = 5  # times our time after which a peer of a short row is stopped
LEAST = 10  # processor seconds that such a peer gets in any case
STARTING = 20  # and for its imports and its first call
STOPPED = "stopped after"
SAME = 1e-3  # relative; some peers stop their search early
ROUNDS = 2  # of each measurement, in turn with the others of its row
PEERS = ("diff_diff", "csdid", "moderndid", "pyfixest", "did_imputation", "synthdid")


def measure(
    panel: str, work: tuple[str, ...], folder: Path, most: float = MOST
) -> tuple[float, float, float, list[float]] | str:
    """Seconds of the first call, seconds, peak megabytes, effects; or the reason why there are none.

    A program that uses more than ``most`` processor seconds is stopped.
    """

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(most), math.ceil(most)))

    command = [sys.executable, str(ROOT / "benchmarks" / "did_work.py"), panel, *work, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit)
    if done.returncode < 0:
        return f"{STOPPED} {most:.0f} s"
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}"
    first, seconds, peak, effects = json.loads(done.stdout.strip().splitlines()[-1])
    return first, seconds, peak, effects


def measured(row: Row, former: Path | None) -> list[dict[str, str]]:
    """Lines of the table for one row, ours first."""
    programs: list[tuple[str, tuple[str, ...], Path]] = [("ours", row.work, ROOT)]
    programs += [(name, work, ROOT) for name, work in row.peers if name not in PEERS or find_spec(name)]
    if row.former and former is not None:
        programs.append(("former build", row.work, former))
    found: dict[str, list[tuple[float, float, float, list[float]]]] = {}
    gone: dict[str, str] = {}
    most: float = MOST
    for _ in range(ROUNDS):
        for program, work, folder in programs:
            if program in gone:
                continue
            once = measure(row.panel, work, folder, most if program != "ours" else MOST)
            if isinstance(once, str):
                print(f"{row.name:45} {program:18} {once}", flush=True)
                gone[program] = once
                found.pop(program, None)
                continue
            found.setdefault(program, []).append(once)
            if row.short and program == "ours":
                most = max(BEHIND * once[1], LEAST) + STARTING
    if "ours" not in found:
        return []
    own = min(seconds for _, seconds, _, _ in found["ours"])
    effects = np.array(found["ours"][0][3])
    lines = []
    for program, times in found.items():
        first, seconds, peak = (min(values) for values in list(zip(*times, strict=True))[:3])
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
                "answer": "" if program == "ours" else answer(times[0][3], effects),
            }
        )
    lines += [
        {
            **dict.fromkeys(lines[0], ""),
            "row": row.name,
            "program": program,
            "seconds": f">{most - STARTING:.3g}" if why.startswith(STOPPED) else "",
            "times_ours": f">{(most - STARTING) / own:.3g}" if why.startswith(STOPPED) else "",
            "answer": why,
        }
        for program, why in gone.items()
        if row.short
    ]
    return lines


def answer(theirs: list[float], own: Array) -> str:
    """Whether each of a program's effects is among ours; nothing where it gives none."""
    if not theirs:
        return ""
    near = [bool(np.isclose(own, value, rtol=SAME, atol=1e-6).any()) for value in theirs]
    return "same" if all(near) else "other"


def missed(lines: list[dict[str, str]]) -> list[str]:
    """Targets of one row that were missed, in words."""
    own, others = lines[0], lines[1:]
    found = []
    others = [line for line in others if line["answer"] != "other"]
    peers = [line for line in others if line["program"] != "former build"] or others
    if own["target_ratio"] and peers:
        ratio = min(float(line["times_ours"].strip(">") or math.inf) for line in peers)
        if ratio < float(own["target_ratio"]):
            found.append(f"{own['row']}: x{ratio:g}, wanted x{own['target_ratio']}")
    if own["row"].startswith(EACH):
        found += [
            f"{own['row']}: {own['peak_mb']} MB, {line['program']} {line['peak_mb']} MB"
            for line in others
            if line["peak_mb"] and float(line["peak_mb"]) < float(own["peak_mb"])
        ]
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
        if name == "did.csv":  # in the order of the rows; those that are no longer measured go
            places = {row.name: k for k, row in enumerate(ROWS)}
            rows = sorted((row for row in rows if row["row"] in places), key=lambda row: places[row["row"]])
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
    for build in filter(None, (ROOT, given.former)):  # as an installer does, and had done for the peers
        compileall.compile_dir(build / "analysis", quiet=2)
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
