"""A user's records become estimates in the user's own folder, with their own evidence class."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.base.errors import InputError
from analysis.own.run import _too_few, did_frame, own_from_panel, own_from_records
from analysis.records.calendar import read_rollout
from analysis.records.request import Request
from analysis.records.synthetic import make_records

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    make_records(workers=40_000, orders=400_000, seed=2, out=folder / "records")
    given = [str(folder / "records" / name) for name in ("orders", "claims")]
    rollout = folder / "records" / "rollout.csv"
    own_from_records(Request(*given, rollout, folder / "out" / "panel.csv"))
    return folder


def classes(folder):
    return set(pd.read_csv(folder / "enrolled" / "estimates.csv")["evidence"])


def command(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None:
        raise result.exception


def documented_states(language):
    """The rollout of another country that the page of the book shows."""
    page = (ROOT / "book" / language / "records.md").read_text(encoding="utf-8")
    return re.search(r"```text\n(province_code,event,date\n.*?)```", page, re.DOTALL).group(1)


def test_another_scheme_in_another_country_runs_along_the_documented_path(tmp_path):
    assert documented_states("en") == documented_states("zh")
    made, out, states = tmp_path / "elsewhere", tmp_path / "my-study", tmp_path / "states.csv"
    states.write_text(documented_states("en"), encoding="utf-8")
    there = ("--rollout", states, "--time-zone", "America/Sao_Paulo")
    command("records", "make", "--workers", 8_000, "--orders", 80_000, "--seed", 1, "--out", made, *there)
    command("own", "--records", made, "--out", out, *there)
    # The counts are those of the invented people, by the calendar of that zone.
    truth, panel = (
        pd.read_csv(file, dtype={"province_code": str}).set_index(["province_code", "quarter"])
        for file in (made / "truth.csv", out / "panel.csv")
    )
    for name in ("enrolled", "active", "orders"):
        shown = panel[name].dropna()
        assert len(shown) > 20 and (shown == truth.loc[shown.index, name]).all()
    assert panel.index.get_level_values("quarter").min() == "2023Q1"
    command("own", "--panel", out / "panel.csv", "--rollout", states, "--out", tmp_path / "second")
    for folder in (out, tmp_path / "second"):
        assert classes(folder) == {"simulated"}
        report = (folder / "report.md").read_text(encoding="utf-8")
        assert "Evidence class: `simulated`" in report
        assert "they are synthetic: these are no findings" in report


def test_a_panel_without_a_run_record_is_studied_as_records(studied, tmp_path):
    shutil.copy(studied / "out" / "panel.csv", tmp_path / "panel.csv")
    own_from_panel(tmp_path / "panel.csv", studied / "records" / "rollout.csv", tmp_path / "plain")
    assert classes(tmp_path / "plain") == {"records"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "no evidence class"),
        ("{}", "no evidence class"),
        ('{"evidence": "published"}', "'published'"),
        ('{"evidence": ["records"]}', "no evidence class"),
    ],
)
def test_a_spoilt_run_record_is_refused_and_nothing_is_written(text, words, studied, tmp_path):
    shutil.copy(studied / "out" / "panel.csv", tmp_path / "panel.csv")
    (tmp_path / "panel.run.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        own_from_panel(tmp_path / "panel.csv", studied / "records" / "rollout.csv", tmp_path / "out")
    assert caught.value.file == tmp_path / "panel.run.json" and caught.value.action
    assert not (tmp_path / "out").exists()


def test_the_report_ends_with_what_the_disclosure_officer_signs(studied):
    import hashlib
    import json

    out = studied / "out"
    report = (out / "report.md").read_text(encoding="utf-8")
    section = report[report.index("## The release, for the disclosure officer") :]
    run = json.loads((out / "panel.run.json").read_text(encoding="utf-8"))
    assert run["audit"]["kept"] and "Kept." in section and "Release 1" in section
    panel = pd.read_csv(out / "panel.csv")
    empty = pd.read_csv(out / "panel.suppressed.csv")
    for name in ("active", "confirmed", "paid_yuan", "persistence"):
        row = next(line for line in section.splitlines() if line.startswith(f"| `{name}`"))
        cells, released, withheld, by_rule = map(int, row.split("|")[2:6])
        assert (cells, released) == (len(panel), panel[name].notna().sum())
        assert withheld == (empty["measure"] == name).sum() and cells == released + withheld + by_rule
    for name in ("panel.csv", "panel.suppressed.csv", "panel.run.json", "panel.releases.jsonl"):
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() in section


def test_a_misspelt_outcome_is_named_and_its_old_results_go_but_not_the_users_files(
    studied, tmp_path, capsys
):
    rollout, out = studied / "records" / "rollout.csv", tmp_path / "out"
    panel = pd.read_csv(studied / "out" / "panel.csv", dtype={"province_code": str})
    panel[["province_code", "quarter", "enrolled", "active"]].to_csv(tmp_path / "panel.csv", index=False)
    own_from_panel(tmp_path / "panel.csv", rollout, out)
    (out / "active" / "notes.txt").write_text("mine", encoding="utf-8")
    (out / "claims").mkdir()
    (out / "claims" / "run.json").write_text("earlier", encoding="utf-8")
    capsys.readouterr()

    panel["actve"] = panel["active"]
    panel[["province_code", "quarter", "enrolled", "actve"]].to_csv(tmp_path / "panel.csv", index=False)
    own_from_panel(tmp_path / "panel.csv", rollout, out)
    words = (
        "Not in the panel: active, claims, confirmed, paid_yuan. "
        "Its columns: province_code, quarter, enrolled, actve."
    )
    assert words in (out / "report.md").read_text(encoding="utf-8")
    assert words in capsys.readouterr().err
    assert [path.name for path in (out / "active").iterdir()] == ["notes.txt"]
    assert not (out / "claims").exists()
    assert (out / "enrolled" / "estimates.csv").exists()


def test_a_panel_with_all_outcomes_has_no_word_on_absent_ones(studied):
    assert "Not in the panel" not in (studied / "out" / "report.md").read_text(encoding="utf-8")


def test_a_refused_panel_leaves_the_results_of_an_earlier_run(studied, tmp_path):
    panel, out = tmp_path / "panel.csv", tmp_path / "out"
    (out / "enrolled").mkdir(parents=True)
    (out / "enrolled" / "did_panel.csv").write_text("earlier", encoding="utf-8")
    for whole, few in (("out/panel.csv", panel), ("records/rollout.csv", tmp_path / "few.csv")):
        table = pd.read_csv(studied / whole, dtype={"province_code": str})
        table[table["province_code"].isin(["11", "31", "13"])].to_csv(few, index=False)
    with pytest.raises(InputError, match="too few provinces"):
        own_from_panel(panel, tmp_path / "few.csv", out)
    assert [path.name for path in out.iterdir()] == ["enrolled"]
    assert (out / "enrolled" / "did_panel.csv").read_text(encoding="utf-8") == "earlier"


def test_the_group_time_effect_is_mean_enrolment_of_the_started_provinces(studied):
    # The untreated count is zero by the rules, so each effect is a plain mean of the truth.
    truth = pd.read_csv(studied / "records" / "truth.csv", dtype={"province_code": str})
    # A province with a withheld cell in the window is left out of the study, and so of the mean.
    kept = set(pd.read_csv(studied / "out" / "enrolled" / "did_panel.csv", dtype=str)["province_code"])
    wave = truth[truth["province_code"].isin({"11", "31", "32", "44", "46", "50", "51"} & kept)]
    assert wave["province_code"].nunique() >= 5
    found = pd.read_csv(studied / "out" / "enrolled" / "estimates.csv", dtype={"cohort": str, "period": str})
    cells = found[(found["estimator"] == "group_time") & (found["term"] == "group_time")]
    cells = cells[(cells["cohort"] == "2022Q3") & (cells["event_time"] >= 0)]
    assert len(cells) > 8
    for cell in cells.itertuples():
        mean = wave.loc[wave["quarter"] == cell.period, "enrolled"].mean()
        assert np.isclose(cell.estimate, mean, rtol=1e-6)


def test_a_province_with_a_suppressed_cell_is_left_out_not_filled(studied):
    plan = read_rollout(studied / "records" / "rollout.csv")
    panel = pd.read_csv(studied / "out" / "panel.csv", dtype={"province_code": str})
    whole, dropped = did_frame(panel, plan, "enrolled")
    panel.loc[(panel["province_code"] == "11") & (panel["quarter"] == "2024Q1"), "enrolled"] = np.nan
    less, more_dropped = did_frame(panel, plan, "enrolled")
    assert more_dropped == dropped + 1 and set(whole["province_code"]) - set(less["province_code"]) == {"11"}


def test_a_panel_without_an_outcome_is_refused(studied, tmp_path):
    file = tmp_path / "panel.csv"
    pd.DataFrame({"province_code": ["11"], "quarter": ["2022Q3"], "height": [1]}).to_csv(file, index=False)
    with pytest.raises(InputError, match="no outcome") as caught:
        own_from_panel(file, studied / "records" / "rollout.csv", tmp_path / "out")
    assert "rename those of province_code, quarter, height" in caught.value.action
    assert not (tmp_path / "out").exists()


def test_the_report_says_how_far_the_mean_moves_without_one_province(studied):
    # Untreated counts are zero, so the effect is the mean over started provinces of their own means.
    panel = pd.read_csv(studied / "out" / "enrolled" / "did_panel.csv", dtype={"province_code": str})
    started = panel[panel["quarter"] >= panel["cohort"].fillna("9")]
    means = started.groupby("province_code")["enrolled"].mean()
    low, high = means.drop(means.idxmax()).mean(), means.drop(means.idxmin()).mean()
    report = (studied / "out" / "report.md").read_text(encoding="utf-8")
    assert (
        "Leaving out one province at a time, the group_time effect lies between "
        f"{low:,.1f} (without {means.idxmax()}) and {high:,.1f} (without {means.idxmin()})."
    ) in report


def test_counts_that_the_rules_fix_at_zero_are_judged_by_no_method_and_the_report_says_why(studied):
    found = pd.read_csv(studied / "out" / "enrolled" / "inference.csv")
    assert found["estimate"].isna().all()
    report = (studied / "out" / "report.md").read_text(encoding="utf-8")
    assert (
        "Chance and trends are not judged: all untreated counts are zero by the rules, so that there is "
        "no noise to compare with and no trend to fail. The sections on them in the details stay without "
        "numbers."
    ) in report
    assert "differ from each other, not what chance can do" in report
    assert "Where the rules fix" not in report


def test_too_few_provinces_for_the_checks_are_counted_in_the_report(studied, tmp_path):
    panel = pd.read_csv(studied / "out" / "panel.csv", dtype={"province_code": str})
    kept = ["11", "31", "32", "44", "46", "50", "51", "13", "33", "37"]
    panel[panel["province_code"].isin(kept)].to_csv(tmp_path / "panel.csv", index=False)
    rollout = pd.read_csv(studied / "records" / "rollout.csv", dtype={"province_code": str})
    rollout[rollout["province_code"].isin(kept)].to_csv(tmp_path / "rollout.csv", index=False)
    own_from_panel(tmp_path / "panel.csv", tmp_path / "rollout.csv", tmp_path / "out")
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "and 3 do not; the checks need 2 and 10" in report
    assert not (tmp_path / "out" / "enrolled" / "inference.csv").exists()


def test_a_single_province_is_counted_in_the_singular():
    frame = pd.DataFrame({"province_code": ["11", "12", "13"], "cohort": ["2022Q3", "", ""]})
    assert _too_few(frame).startswith("1 province starts within the panel and 2 do not;")
    assert "and 1 does not;" in _too_few(frame[frame["province_code"] != "13"])
