"""One measurement of `did.py` in a process of its own: the panel, the program, processor seconds, memory.

``python benchmarks/did_work.py PANEL PROGRAM [WORDS] FOLDER`` prints JSON: seconds on a small panel (a
program compiles then), mean seconds, peak megabytes, effects. ``FOLDER`` holds the build called ours.
"""

from __future__ import annotations

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1")  # before numpy

import contextlib
import io
import json
import resource
import sys
import time
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import did_peers
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 1_000  # repeats of quick work
SPEND = 1.0  # seconds after which work is not repeated
SHAPES = {  # units, periods, starts, share never treated
    "small": (31, 30, (10, 16), 0.45),
    "block": (31, 30, (16,), 0.77),
    "tall": (100_000, 40, tuple(range(5, 35, 3)), 0.1),
    "cohorts": (7_785, 72, tuple(range(13, 61)), 0.1),
    "wide": (50, 2_000, (500, 1_000, 1_500), 0.4),
    "checks": (50, 11, (6, 7, 8, 9), 0.6),
    "million": (1_000_000, 40, tuple(range(5, 35, 3)), 0.1),
}
# What a power of growth is fitted to: units, periods or cohorts, the others held.
for units in (1_000, 10_000, 100_000, 1_000_000):
    SHAPES[f"units {units}"] = (units, 20, (5, 8, 11, 14), 0.2)
for periods in (20, 40, 80):
    SHAPES[f"periods {periods}"] = (5_000, periods, (5, 8, 11, 14), 0.2)
for cohorts in (8, 16, 32):
    SHAPES[f"cohorts {cohorts}"] = (5_000, 70, tuple(range(10, 10 + cohorts)), 0.2)


def table(name: str) -> pd.DataFrame:
    """A row for each unit and period; outcomes have unit effects and, on small panels, memory."""
    units, periods, starts, never = SHAPES[name]
    rng = np.random.default_rng(2)
    count = round(units * never)
    cohort = np.append(np.zeros(count, dtype=np.int64), np.resize(starts, units - count))
    noise = rng.normal(size=(units, periods))
    if units < 100:
        noise = 0.3 * noise.cumsum(axis=1)
    outcome = rng.normal(size=(units, 1)) + noise
    found = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(1, units + 1), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": outcome.ravel(),
            "g": np.repeat(cohort, periods),
        }
    )
    return found.assign(d=((found["g"] > 0) & (found["time"] >= found["g"])).astype(float))


def ours(names: str, options: str = "{}") -> Callable[[pd.DataFrame], Any]:
    """Estimators of the build in the folder; two-way regressions by our own kernel."""
    did = import_module("analysis.did")
    given = {key: tuple(value) if key == "window" else value for key, value in json.loads(options).items()}

    def work(frame: pd.DataFrame) -> list[float]:
        panel = did.Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
        found = []
        for name in did.ESTIMATORS if names == "all" else names.split(","):
            own = {"kernel": "fast"} if name.endswith("twfe") and name != "extended_twfe" else {}
            with contextlib.suppress(ValueError):  # an estimator that does not apply
                rows = did.estimate(panel, name, did.Options(**given, **_known(did, own)))
                found += [float(row.estimate) for row in rows if row.term.startswith(("att", "event"))]
        return found

    return work


def _known(did: object, options: dict[str, str]) -> dict[str, str]:
    """Options that this build has."""
    return {key: value for key, value in options.items() if hasattr(did.Options(), key)}  # type: ignore[attr-defined]


def exact(studentised: str) -> Callable[[pd.DataFrame], Any]:
    """All assignments of 7 of 31 units to treatment, for every horizon."""
    did = import_module("analysis.did")
    tests = import_module("analysis.did.inference").randomization_tests
    outcome = np.random.default_rng(1).normal(size=(31, 10)).cumsum(axis=1)
    panel = did.Panel.from_arrays(outcome, np.repeat([7, 10**6], [7, 24]))

    def work(_: pd.DataFrame) -> list[float]:
        found = tests(panel, "group_time", did.Options(), studentised=studentised == "yes")
        return [float(test.p_value) for test in found]

    return work


def replicates() -> Callable[[pd.DataFrame], Any]:
    """Group-time effects of 2,000 outcomes on the same adoption, as simulations ask for them."""
    did = import_module("analysis.did")
    make_plan = import_module("analysis.did.numerics.batch").make_plan
    outcomes = np.random.default_rng(2).normal(size=(2_000, *SHAPES["small"][:2]))

    def work(frame: pd.DataFrame) -> list[float]:
        panel = did.Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
        found = make_plan(panel, "group_time", did.Options()).of_outcomes(outcomes)
        return [float(value) for value in found[0]]

    return work


def jackknife() -> Callable[[pd.DataFrame], Any]:
    """Synthetic difference-in-differences with the errors that synthdid-py has on any panel."""
    did = import_module("analysis.did")
    synthetic_did = import_module("analysis.did.estimators.synthetic").synthetic_did

    def work(frame: pd.DataFrame) -> list[float]:
        panel = did.Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
        return [float(row.estimate) for row in synthetic_did(panel, did.Options(), errors="jackknife")]

    return work


def checks(kernel: str, folder: str) -> tuple[float, float, float]:
    """Processor seconds of the command with ``--checks`` at its first start and at its second, and megabytes.

    ``kernel`` fits two-way regressions, where the build has a choice; an earlier one has its own kernel only.

    Each start is whole: the interpreter, the imports, the files. The first compiles every module, whether
    or not an installer had done so, and keeps them in a folder of its own; the second is what users wait for.
    """
    import subprocess
    import tempfile

    sys.path.insert(0, folder)
    chosen = [
        f"--{key}={value}" for key, value in _known(import_module("analysis.did"), {"kernel": kernel}).items()
    ]
    with tempfile.TemporaryDirectory() as place:
        table("checks").drop(columns="d").to_csv(f"{place}/panel.csv", index=False)
        columns = ["--unit", "unit", "--time", "time", "--outcome", "y", "--cohort", "g", "--checks"]
        files = ["--panel", f"{place}/panel.csv", "--out", f"{place}/out"]
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{place}/compiled"}
        used = [0.0]
        for _ in range(2):
            subprocess.run(
                [sys.executable, "-m", "analysis", "did", *columns, *files, *chosen],
                cwd=folder,
                env={**os.environ, **kept},
                check=True,
                capture_output=True,
            )
            spent = resource.getrusage(resource.RUSAGE_CHILDREN)
            used.append(spent.ru_utime + spent.ru_stime)
    return used[1], used[2] - used[1], spent.ru_maxrss / 1024


PROGRAMS: dict[str, Any] = {
    "ours": ours,
    "exact": exact,
    "jackknife": jackknife,
    "replicates": replicates,
    **did_peers.PROGRAMS,
}


def main() -> None:
    """Measure once and print."""
    shape, program, *arguments, folder = sys.argv[1:]
    if program == "checks":
        print(json.dumps([*checks(arguments[0], folder), []]))
        return
    sys.path.insert(0, folder)
    frame = table(shape)
    work = PROGRAMS[program](*arguments)
    small = table("block" if shape == "block" else "small")
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.process_time()
        work(small)
        first = time.process_time() - start
        repeats, spent, start = 0, 0.0, time.process_time()
        while not repeats or (spent < SPEND and repeats < MOST):
            effects = work(frame)
            repeats, spent = repeats + 1, time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([first, spent / repeats, peak, effects]))


if __name__ == "__main__":
    main()
