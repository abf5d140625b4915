"""Released tables are printed as `save_table` saves them, and read back as they were; pandas stays away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analysis.base.files import save_table
from analysis.records.columns import KEY, PANEL_COLUMNS
from analysis.records.printed import print_table, read_printed, rows_where
from tests.records.deliveries import frame_of

CODES = [("11", "9", "100", "00"), ("11", "XJ", "9,a", '5"'), ("2.5", "1e3", ".7", "10")]


@pytest.mark.parametrize("codes", CODES)
def test_a_table_is_printed_as_it_would_be_saved(codes, tmp_path):
    rng = np.random.default_rng(3)
    keys = [(code, quarter) for code in codes for quarter in ("2025Q3", "2024Q4")]
    rng.shuffle(keys)
    drawn = rng.lognormal(3, 6, (len(PANEL_COLUMNS), len(keys)))
    columns = {name: list(values) for name, values in zip(KEY, zip(*keys, strict=True), strict=True)}
    for name, values in zip(PANEL_COLUMNS[2:], drawn, strict=False):
        columns[name] = values.tolist()
    for name in ("enrolled", "active", "orders", "claims", "confirmed"):
        columns[name] = [int(value) for value in columns[name]]
    columns["paid_yuan"] = [float(round(value)) for value in columns["paid_yuan"]]  # all whole: counts
    columns["median_decision_days"] = [value * 1e-9 - 1e-8 for value in columns["median_decision_days"]]
    columns["persistence"] = [-0.0] * len(keys)
    for name in PANEL_COLUMNS[2:]:
        columns[name][int(rng.integers(len(keys)))] = None
    text = print_table(columns, KEY)
    save_table(frame_of(columns), KEY, tmp_path / "saved.csv")
    assert text == (tmp_path / "saved.csv").read_text(encoding="utf-8")
    assert print_table(read_printed(text), KEY) == text


def test_a_printed_table_is_read_back():
    table = {"province_code": ["05", "a,b"], "quarter": ["2025Q3", "2025Q4"], "active": [7, None]}
    table["paid_yuan"] = [None, 2.5]
    again = read_printed(print_table(table, KEY))
    assert again == table and isinstance(again["active"][0], int)
    assert rows_where(table, [False, True])["active"] == [None]


@pytest.mark.parametrize("codes", [["05", "05"], ["05", None]])
def test_a_key_that_repeats_or_is_missing_is_a_defect(codes):
    with pytest.raises(AssertionError):
        print_table({"province_code": codes, "quarter": ["2025Q3"] * 2, "active": [1, 2]}, KEY)


def test_the_command_does_not_load_pandas(made, tmp_path):
    words = ["records", "panel", "--rollout", str(made / "rollout.csv"), "--out", str(tmp_path / "p.csv")]
    words += ["--orders", str(made / "orders"), "--claims", str(made / "claims")]
    code = (
        "import runpy, sys\n"
        f"sys.argv[1:] = {words}\n"
        "try:\n    runpy.run_module('analysis', run_name='__main__')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print(sorted({'pandas', 'scipy', 'pyarrow.compute'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr
    assert (tmp_path / "p.csv").exists()
