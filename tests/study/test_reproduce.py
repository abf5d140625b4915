"""The scripts for other software: their numbers are the estimates, the locked packages find them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis import config
from analysis.study.reproduce import write_scripts

ROOT = Path(__file__).resolve().parents[2]
PANEL = pd.read_csv(ROOT / "data/processed/panel.csv", dtype={"province_code": str})
LOCKED = ("linearmodels_twfe.py", "statsmodels_twfe.py", "linearmodels_event_study_twfe.py")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reproduce")
    write_scripts(PANEL, folder)
    return folder


def test_every_outcome_has_its_panels_and_a_script_in_each_language(made):
    for outcome in config.OUTCOMES:
        endings = {file.suffix for file in (made / outcome.name).iterdir()}
        assert endings == {".csv", ".dta", ".R", ".do", ".py"}
        rows = pd.read_csv(made / outcome.name / "panel.csv")
        assert rows.groupby("t")["d"].sum().max() == 7
        assert rows["id"].nunique() == 31


@pytest.mark.parametrize("name", LOCKED)
def test_locked_packages_find_the_study_numbers(made, name):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", name], cwd=made / config.OUTCOMES[1].name,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("outcome", config.OUTCOMES, ids=lambda outcome: outcome.name)
def test_typed_numbers_are_those_of_the_estimates(made, outcome):
    table = pd.read_csv(ROOT / "data/processed/estimates.csv")
    rows = table[(table["outcome"] == outcome.name) & (table["specification"] == "main")]
    for estimator in config.ESTIMATORS:
        overall = rows[(rows["estimator"] == estimator) & (rows["term"] == "att")].iloc[0]
        files = [f for f in (made / outcome.name).iterdir() if f.stem.partition("_")[2] == estimator]
        assert len(files) > 4
        for file in files:
            if file.name.startswith("diff-diff"):  # it compares another average
                continue
            text = file.read_text(encoding="utf-8")
            if file.suffix == ".R":
                value, error = re.search(r"^att,([^,]+),(.+?)(?:\"\))?$", text, re.M).groups()
            elif file.suffix == ".py":
                value, error = re.search(r'"att": \((.+), (.+)\)', text).groups()
            else:
                value = re.search(r"scalar engine = (.+)", text)[1]
                error = re.search(r"scalar engine_error = (.+)", text)[1]
            assert float(value) == pytest.approx(overall["estimate"], rel=1e-5)
            if error != ".":
                assert float(error) == pytest.approx(overall["std_error"], rel=1e-5)


def test_links_lead_to_files(made):
    for name in ("links.md", "links.zh.md"):
        paths = re.findall(r"data/processed/reproduce/([^>]+)>", (made / name).read_text(encoding="utf-8"))
        assert len(paths) == 3 * 18
        assert all((made / path).is_file() for path in paths)
