"""Names in Chinese and with signs of markup, on a terminal that knows ASCII alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTCOME = "收入|<b>x</b>"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}


def test_chinese_names_are_escaped_in_the_report_and_said_in_ascii(tmp_path: Path) -> None:
    starts = {0: "", 1: "", 2: "", 3: "2017", 4: "2017", 5: "2018"}
    rows = [
        f"省{unit},{year},{unit + (year * 7 + unit * 3) % 5 / 10},{start}"
        for unit, start in starts.items()
        for year in range(2014, 2020)
    ]
    panel = tmp_path / "panel.csv"
    panel.write_text("\n".join([f"省份,年份,{OUTCOME},首年", *rows, ""]), encoding="utf-8")
    names = ["--unit", "省份", "--time", "年份", "--outcome", OUTCOME, "--cohort", "首年"]
    command = [
        sys.executable,
        "-m",
        "analysis",
        "did",
        "--panel",
        panel,
        *names,
        "--estimators",
        "group_time",
    ]
    done = subprocess.run(
        [*command, "--out", tmp_path / "out"],
        cwd=ROOT,
        env=os.environ | ASCII,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii() and rb"\u6536\u5165" in done.stdout
    title = (tmp_path / "out" / "report.md").read_text(encoding="utf-8").splitlines()[0]
    assert title == r"# Effects on 收入|\<b>x\</b>"
    figure = (tmp_path / "out" / "event_study.svg").read_text(encoding="utf-8")
    assert 'id="NotoSansCJKsc-Regular-' in figure, "no letter of the figure is drawn from a Chinese face"
