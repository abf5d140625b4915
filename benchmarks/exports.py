"""Whether each exported Python script finds the engine's digits in its package.

``python benchmarks/exports.py PYTHON`` writes panel and script of every Python recipe on two panels, one
in which some are never treated and one in which everybody is in the end, and runs each script with the
interpreter PYTHON, in whose environment the packages are. Ends with code 1 if a script does.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.did import Panel, estimate, example_frame, example_panel  # noqa: E402  (lies beside)
from analysis.did.export.script import RECIPES  # noqa: E402
from analysis.did.export.write import write_export  # noqa: E402

LAST = 2022  # start of those who are never treated in the example, for the second panel


def everybody_treated() -> Panel:
    """The example's districts, with those never treated starting in the last year."""
    frame = example_frame()
    frame["start"] = frame["start"].replace(0, LAST)
    return Panel.from_frame(frame, unit="unit", time="year", outcome="income", cohort="start")


def main(python: str) -> int:
    """Run all scripts; the number of those that do not find the digits."""
    apart = 0
    for name, panel in (("never treated", example_panel()), ("all treated", everybody_treated())):
        for recipe in RECIPES:
            if recipe.language != "Python":
                continue
            with tempfile.TemporaryDirectory() as folder:
                write_export(estimate(panel, recipe.estimator), recipe.package, folder)
                done = subprocess.run(
                    [python, "-W", "ignore", "reproduce.py"],
                    cwd=folder, capture_output=True, text=True, check=False,
                )  # fmt: skip
            apart += done.returncode != 0
            words = "equal" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]
            print(f"{name}: {recipe.estimator} in {recipe.version}: {words}", flush=True)
    return apart


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1])))
