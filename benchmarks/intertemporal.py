"""Coverage of the intervals of the intertemporal estimator, where treatment goes off or has two doses.

``python benchmarks/intertemporal.py`` draws 1,000 panels of each kind, counts how often the 95 % intervals
hold the truth, prints and writes ``benchmarks/results/intertemporal.csv``, and ends with code 1 where a share
is outside 93 to 97 %.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.did import Panel, estimate  # noqa: E402  (the package lies beside)

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS, PERIODS, STARTS = 150, 9, (3, 4, 5)
NOW, BEFORE = 1.0, 0.5  # effects of a unit of dose in its own period and in the next
SPREAD = 0.3  # standard deviation of units' factors on these effects
KINDS = {"on and off": (1, 1, 0, 0), "two doses": (1, 2, 2, 2), "down from two": (-1, -2, -2, -2)}
EVENTS = range(4)
DRAWS, LOW, HIGH = 1_000, 0.93, 0.97


def doses(kind: str) -> NDArray[np.float64]:
    """(N, T) paths: a fifth of the units start in each of three periods, two fifths never."""
    quo = 2.0 if kind == "down from two" else 0.0
    table = np.full((UNITS, PERIODS), quo)
    path = np.array(KINDS[kind], dtype=float)
    for k, start in enumerate(STARTS):
        after = np.concatenate([path, np.full(PERIODS, path[-1])])[: PERIODS - start]
        table[k * UNITS // 5 : (k + 1) * UNITS // 5, start:] += after
    return table


def draw(table: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """(N, T) outcomes: unit and period effects, noise that hangs together over time, and effects.

    A unit's effects are the mean ones times a factor of its own, whose mean is one.
    """
    noise = np.empty_like(table)
    noise[:, 0] = rng.normal(size=len(table))
    for t in range(1, table.shape[1]):
        noise[:, t] = 0.5 * noise[:, t - 1] + np.sqrt(0.75) * rng.normal(size=len(table))
    lagged = np.hstack([table[:, :1], table[:, :-1]])
    level = rng.normal(size=(len(table), 1)) + rng.normal(size=table.shape[1])
    factor = 1 + SPREAD * rng.normal(size=(len(table), 1))
    return level + noise + factor * (NOW * table + BEFORE * lagged)


def truths(kind: str) -> dict[tuple[str, str, int | None], float]:
    """True effects by estimator, term and event time, in the direction of the first change."""
    path = np.abs(np.array(KINDS[kind], dtype=float))
    before = np.concatenate([[0.0], path[:-1]])
    effect = NOW * path + BEFORE * before
    total = np.cumsum(path)
    found: dict[tuple[str, str, int | None], float] = {
        ("intertemporal", "event", -2): 0.0,
        ("intertemporal", "att", None): float(effect.sum() / path.sum()),
        ("intertemporal", "att_simple", None): float(effect.mean()),
    }
    for e in EVENTS:
        found["intertemporal", "event", e] = float(effect[e])
        found["intertemporal_normalised", "event", e] = float(effect[e] / total[e])
    return found


def coverage(kind: str, draws: int, seed: int = 0) -> dict[tuple[str, str, int | None], float]:
    """Share of ``draws`` intervals that hold the truth; every switcher is seen over the same four periods."""
    table, wanted = doses(kind), truths(kind)
    held = dict.fromkeys(wanted, 0)
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        panel = Panel.from_arrays(draw(table, rng), dose=table)
        for row in estimate(
            panel, list(dict.fromkeys(name for name, _, _ in wanted)), window=(-2, EVENTS[-1])
        ):
            key = (row.estimator, row.term, row.event_time)
            if key in held:
                held[key] += row.ci_low <= wanted[key] <= row.ci_high
    return {key: count / draws for key, count in held.items()}


def main() -> None:
    """Measure, print, write."""
    rows = [
        (kind, *key, truths(kind)[key], share)
        for seed, kind in enumerate(KINDS)
        for key, share in coverage(kind, DRAWS, seed).items()
    ]
    path = ROOT / "benchmarks/results/intertemporal.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("paths", "estimator", "term", "event_time", "truth", "coverage"))
        writer.writerows(("" if value is None else value for value in row) for row in rows)
    for kind, name, term, event, truth, share in rows:
        mark = "" if LOW <= share <= HIGH else "  outside"
        at = "" if event is None else str(event)
        print(f"{kind:14} {name:25} {term:10} {at:>3} {truth:6.3f} {share:.3f}{mark}")
    if any(not LOW <= row[-1] <= HIGH for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
