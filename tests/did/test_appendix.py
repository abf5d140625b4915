"""Files for a paper, influence functions, the picture of the roll-out, and flags for what is reported."""

from __future__ import annotations

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from did.survey import NAMES, survey
from typer.testing import CliRunner

import analysis.did as did
from analysis.__main__ import app
from analysis.base.errors import InputError
from analysis.did.command.appendix import FILES
from analysis.did.notebook.rollout import STATUS, status

mpl.use("Agg")


def run(folder, *words: str) -> pd.DataFrame:
    survey().to_csv(folder / "panel.csv", index=False)
    names = [word for role, column in NAMES.items() for word in (f"--{role}", column)]
    fixed = ["--randomization", "0", "--draws", "0"]
    result = CliRunner().invoke(
        app,
        ["did", "--panel", str(folder / "panel.csv"), "--out", str(folder / "out"), *names, *fixed, *words],
    )
    if result.exception is not None:
        raise result.exception
    return pd.read_csv(folder / "out" / "estimates.csv")


def test_the_appendix_holds_tables_covariances_influence_and_the_rollout(tmp_path) -> None:
    table = run(tmp_path, "--estimators", "group_time,twfe,event_study_twfe", "--appendix")
    out = tmp_path / "out"
    assert set(FILES) <= {path.name for path in out.iterdir()}
    own = table[table["estimator"] == "group_time"]
    errors = own[own["term"] == "event"].dropna(subset=["std_error"]).set_index("event_time")["std_error"]
    pairs = pd.read_csv(out / "covariance.csv").query("estimator == 'group_time' and term == 'event'")
    diagonal = pairs[pairs["first"] == pairs["second"]].set_index("first")["covariance"]
    assert np.allclose(np.sqrt(diagonal.loc[errors.index.astype(int).astype(str)]), errors, rtol=1e-6)
    influence = pd.read_csv(out / "influence.csv").query("term == 'att'")
    assert len(influence) == 24
    att = own.loc[own["term"] == "att", "std_error"].item()
    assert (influence["influence"] ** 2).sum() ** 0.5 == pytest.approx(att, rel=1e-6)
    assert "| group_time | att |" in (out / "tables.md").read_text(encoding="utf-8")
    latex = (out / "tables.tex").read_text(encoding="utf-8")
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == 4
    assert (
        b"never treated" in (out / "rollout.svg").read_bytes() or (out / "rollout.svg").stat().st_size > 5000
    )
    before = {name: (out / name).read_bytes() for name in FILES}
    run(tmp_path, "--estimators", "group_time,twfe,event_study_twfe", "--appendix")
    assert before == {name: (out / name).read_bytes() for name in FILES}
    run(tmp_path, "--estimators", "twfe")
    assert not set(FILES) & {path.name for path in out.iterdir()}


def test_influence_of_a_cell_is_the_distance_from_the_group_mean_by_hand() -> None:
    frame = survey()
    result = did.group_time(did.Panel.from_frame(frame, **NAMES), control="never")
    wide = frame.pivot(index="id", columns="t", values="y")
    unit = frame.drop_duplicates("id").set_index("id").assign(change=wide[6] - wide[3])
    own, never = unit["g"] == 4, unit["g"] == 0
    share = own / own.sum() - never / never.sum()
    by_hand = share * (unit["change"] - unit.groupby("g")["change"].transform("mean"))
    assert np.allclose(result.influence("group_time")[4, 6], by_hand, atol=1e-12)


def test_influence_summed_within_clusters_gives_the_clustered_covariance() -> None:
    result = did.group_time(did.Panel.from_frame(survey(), **NAMES, cluster="st"))
    table = result.influence("event")
    assert table.index.tolist()[0].startswith("cluster of ")
    assert len(table) == 5
    assert np.allclose(table.T @ table, result.covariance("event"), rtol=1e-10, atol=0)


def test_influence_keeps_the_unit_of_the_outcome_and_is_refused_where_there_is_none() -> None:
    frame = survey().assign(y=lambda f: f["y"] * 2.0**80)
    result = did.group_time(did.Panel.from_frame(frame, **NAMES))
    assert (result.influence("att") ** 2).sum().iloc[0] ** 0.5 == pytest.approx(
        result.att.std_error, rel=1e-12
    )
    with pytest.raises(InputError, match="no influence functions"):
        did.twfe(did.Panel.from_frame(frame, **NAMES)).influence("att")


def test_the_picture_sorts_by_start_and_shows_gaps() -> None:
    frame = survey()
    frame.loc[(frame["id"] == 2) & (frame["t"] == 7), "y"] = np.nan
    frame.loc[frame["id"] == 24, "g"] = 1
    panel = did.Panel.from_frame(frame, **NAMES)
    order, code = status(panel)
    assert [panel.units[k] for k in order.tolist()][:3] == [24, 1, 2]
    assert (code[0] == STATUS.index("treated")).all()
    assert [STATUS[k] for k in code[2].tolist()] == ["not yet treated"] * 3 + ["treated"] * 3 + [
        "no outcome",
        "treated",
    ]
    assert (code[-1] == STATUS.index("never treated")).all()
    many = did.Panel.from_arrays(np.zeros((100, 6)), np.where(np.arange(100) < 30, 3, did.NEVER))
    assert [label.get_text() for label in did.plot_rollout(many).get_yticklabels()] == [
        "3 (30)",
        "never (70)",
    ]


def test_level_window_and_balance_have_flags(tmp_path) -> None:
    table = run(tmp_path, "--estimators", "group_time", "--level", "0.9", "--window=-2,3", "--balance", "2")
    panel = did.Panel.from_frame(survey(), **NAMES)
    result = did.group_time(panel, level=0.9, window=(-2, 3), balance=2)
    events = table[table["term"] == "event"]
    assert events["event_time"].tolist() == [row.event_time for row in result.rows if row.term == "event"]
    assert events["event_time"].max() == 2
    assert table.loc[0, "ci_low"] == pytest.approx(result.att.ci_low, rel=1e-6)
    options = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["options"]
    assert (options["level"], options["window"], options["balance"]) == (0.9, [-2, 3], 2)


@pytest.mark.parametrize(
    "words", [["--window", "3"], ["--window=4,-2"], ["--level", "95"], ["--balance", "-1"]]
)
def test_flags_that_make_no_sense_are_refused(words, tmp_path) -> None:
    with pytest.raises(InputError):
        run(tmp_path, "--estimators", "group_time", *words)
    assert not (tmp_path / "out").exists()


def test_two_way_errors_and_weights_that_vary_have_flags(tmp_path) -> None:
    frame = survey().assign(w=lambda f: 1 + f["t"] / 10 * (f["id"] % 2), trade=lambda f: f["id"] * 7 % 11 % 4)
    panel = did.Panel.from_frame(frame, **NAMES, cluster=["st", "trade"], weights="w", weights_vary="first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "survey", lambda: frame)
        table = run(
            tmp_path,
            "--estimators",
            "twfe",
            "--cluster",
            "st, trade",
            "--weights",
            "w",
            "--weights-vary",
            "first",
        )
    assert table.loc[0, "std_error"] == pytest.approx(did.twfe(panel).att.std_error, rel=1e-6)
