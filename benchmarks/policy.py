"""Speed and memory of the shared-cost model: a million workers over twelve months, split three ways.

``python benchmarks/policy.py`` prints the times and writes ``benchmarks/results/policy.csv``. The peer is the
same arithmetic written plainly over the whole array, which shows what working in blocks is worth.
"""

from __future__ import annotations

import csv
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.policy.examples import EXAMPLE_SCHEME  # noqa: E402  (the package lies beside, not installed)
from analysis.policy.sharing import Fen, share_cost  # noqa: E402
from analysis.policy.subsidy import entitlement  # noqa: E402

WORKERS, MONTHS, REPEATS = 1_000_000, 12, 5
TARGET = 2.0  # seconds


def plain(incomes: Fen) -> Fen:
    """The same shares over the whole array at once; returns the government's."""
    scheme, half = EXAMPLE_SCHEME, 5000
    contribution = (scheme.total * incomes + half) // 10_000
    paid = (scheme.platform * incomes + half) // 10_000
    points = scheme.platform * incomes
    for place, tier in enumerate(scheme.tiers):
        before = scheme.tiers[place - 1].individual if place else 0
        points = points + (tier.individual - before) * np.maximum(incomes - tier.from_fen, 0)
    due = (points + half) // 10_000 - paid
    taken = np.where(incomes < scheme.minimum_wage_fen, (scheme.subsidy * due + half) // 10_000, 0)
    return np.asarray(contribution - paid - due + taken)


def best(work: Callable[[], object]) -> float:
    """Shortest of some runs, in seconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    """Measure, print, save; fails when the target is missed or the two disagree."""
    incomes = np.random.default_rng(1).integers(0, 2_000_000, (WORKERS, MONTHS))
    assert (share_cost(incomes, EXAMPLE_SCHEME).government == plain(incomes)).all()
    rows = [
        ("shared cost, in blocks", best(lambda: share_cost(incomes, EXAMPLE_SCHEME)), TARGET),
        ("shared cost, whole array", best(lambda: plain(incomes)), None),
        ("entitlement to the subsidy", best(lambda: entitlement(incomes, 443_300)), None),
    ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MB on Linux
    machine = f"{os.cpu_count()} cores, {platform.machine()}, numpy {np.__version__}"
    target = ROOT / "benchmarks" / "results" / "policy.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("task", "workers", "months", "seconds", "target_seconds", "peak_mb", "machine"))
        for task, seconds, limit in rows:
            print(f"{task}: {seconds:.2f} s" + (f" (target {limit:g} s)" if limit else ""))
            writer.writerow((task, WORKERS, MONTHS, f"{seconds:.2f}", limit or "", f"{memory:.0f}", machine))
    return int(rows[0][1] > TARGET)


if __name__ == "__main__":
    sys.exit(main())
