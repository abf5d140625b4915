"""The command ``did``: its four files, its refusals, and the same bytes twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.base.errors import InputError
from analysis.did import COLUMNS
from analysis.did.command.figure import draw_event_study
from analysis.did.save import write_text

FILES = ["estimates.csv", "event_study.svg", "report.md", "run.json"]
QUICK = "twfe,event_study_twfe,group_time,bacon"


@pytest.fixture
def panel_file(frames, tmp_path) -> Path:
    path = tmp_path / "panel.csv"
    frames["sim_nyt"].to_csv(path, index=False)
    return path


def run(path: Path, out: Path, **options: object) -> None:
    """Run the command in this process; refusals surface as InputError."""
    chosen = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "g", "estimators": QUICK, **options}
    words = ["did", "--panel", str(path), "--out", str(out)]
    for name, value in chosen.items():
        words += [f"--{name}", str(value)]
    result = CliRunner().invoke(app, words)
    if result.exception is not None:
        raise result.exception


def test_writes_four_files_with_the_agreed_columns(panel_file, tmp_path) -> None:
    run(panel_file, tmp_path / "out", evidence="simulated")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == FILES
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert tuple(table.columns) == COLUMNS
    assert set(table["evidence"]) == {"simulated"}
    assert set(table["estimator"]) == set(QUICK.split(","))
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    for words in (
        "## What is identified",
        "24 to 30 are left out",
        "Callaway",
        "event_study.svg",
        "simulated",
    ):
        assert words in report
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["panel"]["file"] == "panel.csv"
    assert str(tmp_path) not in json.dumps(record)


def test_two_runs_give_the_same_bytes_from_csv_and_parquet(panel_file, tmp_path) -> None:
    run(panel_file, tmp_path / "a")
    run(panel_file, tmp_path / "b")
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    pd.read_csv(panel_file).to_parquet(tmp_path / "panel.parquet")
    run(tmp_path / "panel.parquet", tmp_path / "c")
    assert (tmp_path / "c" / "estimates.csv").read_bytes() == (tmp_path / "a" / "estimates.csv").read_bytes()


def test_units_keep_their_leading_zeros(frames, tmp_path) -> None:
    frame = frames["sim_never"].assign(unit=lambda f: f["unit"].map("{:03d}".format))
    frame.loc[(frame["unit"] == "007") & (frame["time"] == 4), "y"] = np.nan
    frame.to_csv(tmp_path / "panel.csv", index=False)
    run(tmp_path / "panel.csv", tmp_path / "out", estimators="group_time")
    assert "in 1 unit: 007." in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_all_runs_every_estimator_and_says_which_cannot(frames, tmp_path) -> None:
    frame = frames["sim_never"].drop(index=frames["sim_never"].index[5])
    frame.to_csv(tmp_path / "panel.csv", index=False)
    run(tmp_path / "panel.csv", tmp_path / "out", estimators="all", randomization=0, draws=0)
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    bacon = table[table["estimator"] == "bacon"]
    assert bacon["estimate"].isna().all()
    assert bacon["note"].iloc[0].startswith("Not computed: the decomposition holds for balanced panels")
    assert "bacon: Not computed" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


SPOILT = {
    "duplicate": lambda f: pd.concat([f, f.iloc[[3]]]),
    "cohort changes": lambda f: f.assign(g=np.where((f["unit"] == 4) & (f["time"] > 9), 8, f["g"])),
    "treatment indicator that switches off": lambda f: f.assign(
        g=((f["time"] > 9) & (f["time"] < 15)).astype(int)
    ),
    "no pre-period": lambda f: f.assign(g=np.where(f["unit"] < 9, 1, 0)),
    "all treated from the start": lambda f: f.assign(g=1),
    "no controls": lambda f: f.assign(g=9),
    "a slip among the periods": lambda f: f.assign(time=f["time"].replace(30, 2030)),
    "words": lambda f: f.assign(y="much"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_table_is_refused_with_its_name_and_nothing_is_written(case, frames, tmp_path) -> None:
    SPOILT[case](frames["sim_nyt"]).to_csv(tmp_path / "panel.csv", index=False)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.md").write_text("earlier", encoding="utf-8")
    with pytest.raises(InputError, match=r"panel\.csv"):
        run(tmp_path / "panel.csv", tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["report.md"]
    assert (tmp_path / "out" / "report.md").read_text(encoding="utf-8") == "earlier"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"estimators": "magic"}, "no estimator 'magic'(.|\n)*what to do: name one of these"),
        ({"estimators": "twfe,group-time"}, "what to do: did you mean 'group_time'"),
        ({"outcome": "z"}, "no column 'z'"),
        ({"unit": "unti"}, "what to do: did you mean 'unit'"),
        ({"draws": 1}, "--draws 1(.|\n)*0, or 99 or more"),
        ({"draws": 98}, "not trustworthy"),
        ({"covariates": "x,absent"}, "no column 'absent'"),
        ({"anticipation": -1}, "anticipation"),
        ({"draws": -5}, "draws"),
        ({"anticipation": 40}, "anticipation"),
        ({"seed": -1}, "seed is -1(.|\n)*a whole number, 0 or more"),
    ],
)
def test_wrong_arguments_are_refused(options, words, panel_file, tmp_path) -> None:
    with pytest.raises(InputError, match=words):
        run(panel_file, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("draws", [0, 99])
def test_no_draws_and_the_fewest_draws_are_accepted(draws, panel_file, tmp_path) -> None:
    run(panel_file, tmp_path / "out", estimators="group_time", randomization=0, draws=draws)
    bands = pd.read_csv(tmp_path / "out" / "estimates.csv")["band_low"]
    assert bands.notna().any() == (draws > 0)


def test_an_absent_or_unreadable_file_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match=r"does not exist(.|\n)*none\.csv(.|\n)*what to do: check the path"):
        run(tmp_path / "none.csv", tmp_path / "out")
    (tmp_path / "broken.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError, match="cannot be read"):
        run(tmp_path / "broken.parquet", tmp_path / "out")


def test_a_refusal_ends_the_process_with_code_two(tmp_path) -> None:
    words = ["did", "--panel", "none.csv", "--out", "out"]
    for name in ("unit", "time", "outcome", "cohort"):
        words += [f"--{name}", "a"]
    done = subprocess.run(
        [sys.executable, "-m", "analysis", *words],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_figure_is_the_same_twice_and_has_no_date() -> None:
    rows = pd.DataFrame(
        {"event_time": [-2, -1, 0, 1], "estimate": [0.1, 0.0, 0.5, 0.7], "n_treated": [5, 5, 5, 3]}
    )
    rows["ci_low"], rows["ci_high"] = rows["estimate"] - 0.2, rows["estimate"] + 0.2
    rows["band_low"], rows["band_high"] = rows["estimate"] - 0.3, rows["estimate"] + 0.3
    rows.loc[1, ["ci_low", "ci_high", "band_low", "band_high"]] = np.nan
    words = {"title": "t", "subtitle": "s", "source": "o"}
    first = draw_event_study(rows, **words)
    assert first == draw_event_study(rows.sample(frac=1, random_state=2), **words)
    assert b"<dc:date>" not in first
    with pytest.raises(ValueError, match="no event-time effects"):
        draw_event_study(rows.iloc[:0], **words)


def test_without_matplotlib_the_figure_says_so_and_the_report_shows_none(
    panel_file, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr("analysis.did.command.run.drawing_is_possible", lambda: False)
    run(panel_file, tmp_path / "out")
    assert "Not drawn: matplotlib is not installed." in (tmp_path / "out/event_study.svg").read_text()
    assert "event_study.svg" not in (tmp_path / "out/report.md").read_text()
    assert len(pd.read_csv(tmp_path / "out/estimates.csv")) > 0


def test_without_pyarrow_a_parquet_panel_is_refused_with_what_to_install(tmp_path, monkeypatch) -> None:
    (tmp_path / "panel.parquet").write_bytes(b"PAR1")

    def absent(path: object) -> None:
        raise ImportError("Unable to find a usable engine")  # as pandas does without pyarrow

    monkeypatch.setattr("pandas.read_parquet", absent)
    with pytest.raises(InputError, match=r"rollout-did\[parquet\]"):
        run(tmp_path / "panel.parquet", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("mask", [0o077, 0o022])
def test_who_may_read_the_results_is_for_the_users_umask_to_say(panel_file, tmp_path, mask) -> None:
    earlier = os.umask(mask)
    try:
        run(panel_file, tmp_path / "out")
    finally:
        os.umask(earlier)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()}
    assert modes == {0o666 & ~mask}


def test_a_write_that_fails_leaves_the_earlier_file_and_nothing_else(tmp_path, monkeypatch) -> None:
    target = tmp_path / "estimates.csv"
    write_text("earlier", target)

    def full(self, other):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_text("later", target)
    assert target.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [target]


def test_flag_that_the_estimators_do_not_use_is_refused_and_earlier_files_stay(panel_file, tmp_path) -> None:
    run(panel_file, tmp_path / "out", estimators="twfe")
    before = (tmp_path / "out" / "estimates.csv").read_bytes()
    with pytest.raises(InputError, match="control is not used by twfe"):
        run(panel_file, tmp_path / "out", estimators="twfe", control="never")
    assert (tmp_path / "out" / "estimates.csv").read_bytes() == before


@pytest.mark.parametrize(("names", "draws"), [("twfe", 0), ("twfe,group_time", 999)])
def test_draws_are_recorded_where_an_estimator_draws(panel_file, tmp_path, names, draws) -> None:
    run(panel_file, tmp_path / "out", estimators=names)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["options"]["draws"] == draws
