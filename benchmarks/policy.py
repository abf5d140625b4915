"""Speed and memory of the shared-cost model: a million workers over twelve months, split three ways.

``python benchmarks/policy.py`` prints the times and writes ``benchmarks/results/policy.csv``. The peer is the
same arithmetic written plainly over the whole array: it checks the result and
shows what blocks save in memory.
"""

from __future__ import annotations

import csv
import os
import platform
import sys
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.policy.examples import EXAMPLE_SCHEME  # noqa: E402  (the package lies beside, not installed)
from analysis.policy.sharing import Fen, share_cost  # noqa: E402
from analysis.policy.subsidy import entitlement  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

WORKERS, MONTHS, REPEATS = 1_000_000, 12, 5
TARGET = 2.0  # seconds


def plain(incomes: Fen) -> tuple[Fen, ...]:
    """The same shares over the whole array at once: platform, government, worker, subsidy, contribution."""
    scheme, half = EXAMPLE_SCHEME, 5000
    contribution = (scheme.total * incomes + half) // 10_000
    paid = (scheme.platform * incomes + half) // 10_000
    points = scheme.platform * incomes
    for place, tier in enumerate(scheme.tiers):
        before = scheme.tiers[place - 1].individual if place else 0
        points = points + (tier.individual - before) * np.maximum(incomes - tier.from_fen, 0)
    due = (points + half) // 10_000 - paid
    taken = np.where(incomes < scheme.minimum_wage_fen, (scheme.subsidy * due + half) // 10_000, 0)
    return paid, contribution - paid - due + taken, due - taken, taken, contribution


def best(work: Callable[[], object]) -> float:
    """Shortest of some runs, in seconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak(work: Callable[[], object]) -> float:
    """Largest memory that numpy held during one run, in MB."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def main() -> int:
    """Measure, print, save; fails when the target is missed or the two disagree."""
    incomes = np.random.default_rng(1).integers(0, 2_000_000, (WORKERS, MONTHS))
    assert (share_cost(incomes, EXAMPLE_SCHEME).government == plain(incomes)[1]).all()
    tasks: list[tuple[str, Callable[[], object], float | None]] = [
        ("shared cost, in blocks", lambda: share_cost(incomes, EXAMPLE_SCHEME), TARGET),
        ("shared cost, whole array", lambda: plain(incomes), None),
        ("entitlement to the subsidy", lambda: entitlement(incomes, 443_300), None),
    ]
    rows = [(task, best(work), peak(work), limit) for task, work, limit in tasks]
    machine = f"{os.cpu_count()} cores, {platform.machine()}, numpy {np.__version__}"
    target = ROOT / "benchmarks" / "results" / "policy.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("task", "workers", "months", "seconds", "target_seconds", "peak_mb", "machine"))
        for task, seconds, memory, limit in rows:
            print(f"{task}: {seconds:.2f} s, {memory:.0f} MB" + (f" (target {limit:g} s)" if limit else ""))
            writer.writerow((task, WORKERS, MONTHS, f"{seconds:.2f}", limit or "", f"{memory:.0f}", machine))
    return int(rows[0][1] > TARGET)


if __name__ == "__main__":
    sys.exit(main())
