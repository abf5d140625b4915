"""Other software on this design: the tables are those of the answers, the sentences hold in them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
ANSWERS = pd.read_csv(RESULTS / "elsewhere.csv")


@pytest.fixture(scope="module", autouse=True)
def repository_on_the_path():
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))


def said(question: str, *, but: tuple[str, ...] = ()) -> dict[tuple[str, str], str]:
    rows = ANSWERS[(ANSWERS["question"] == question) & (ANSWERS["answer"] != "does not apply")]
    return {
        (package, function): answer
        for package, function, answer in zip(rows["package"], rows["function"], rows["answer"], strict=True)
        if package not in but
    }


def test_the_committed_tables_show_the_committed_answers(tmp_path):
    from benchmarks.elsewhere.tables import write_tables

    write_tables(ANSWERS, tmp_path)
    made = sorted(tmp_path.iterdir())
    assert len(made) == 6
    for file in made:
        assert file.read_text(encoding="utf-8") == (RESULTS / file.name).read_text(encoding="utf-8")


def test_the_right_numbers_are_those_of_the_engine_today():
    """Each stored right number again, from the panel of its question; no package is needed."""
    from benchmarks.elsewhere.questions import QUESTIONS, design

    path = ROOT / "benchmarks" / "elsewhere" / "__main__.py"
    spec = importlib.util.spec_from_file_location("elsewhere_main", path)
    asked = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(asked)
    panel, checked = design(), 0
    for question in QUESTIONS:
        base = question.change(panel) if question.right == "changed" else panel
        control = "not_yet" if question.name == "everybody" else "never"
        rows = ANSWERS[(ANSWERS["question"] == question.name) & ANSWERS["right"].notna()]
        for estimator, stored in rows.groupby("estimator")["right"]:
            today = list(asked.averages(asked.engine(base, estimator, control)).values())
            for value in stored:
                assert min(abs(value - number) for number in today) < 1e-8
                checked += 1
    assert checked > 80


def test_every_package_reads_its_own_documentation_and_zero_for_never_treated():
    assert set(said("as_documented").values()) == {"right"}
    assert set(said("never_0").values()) == {"right"}


def test_a_missing_start_drops_the_never_treated_in_csdid_and_moderndid():
    other = {package for (package, _), answer in said("never_nan").items() if answer == "other number"}
    assert other == {"csdid", "moderndid"}


def test_periods_with_a_missing_start_are_read_as_always_treated_by_two_functions():
    other = {function for (_, function), answer in said("periods").items() if answer == "other number"}
    assert other == {"ImputationDiD", "TwoStageDiD"}


def test_the_base_under_anticipation_and_the_seed_are_as_the_page_says():
    bases = {package: answer for (package, _), answer in said("anticipation").items()}
    assert bases.pop("csdid") == "base: last before the window"
    assert set(bases.values()) == {"base: the period before"}
    seeds = {(p, f): a for (p, f), a in said("seed").items() if a != "draws nothing"}
    assert [key for key, answer in seeds.items() if answer == "ignored"] == [("csdid", "ATTgt")]


def test_errors_with_one_treated_unit_are_far_from_the_spread_but_for_independent_observations():
    rows = ANSWERS[(ANSWERS["question"] == "one_treated") & ANSWERS["value"].notna()]
    like = rows[rows["value"] > 0.5 * rows["right"]]
    assert list(like["function"]) == ["feols"]
