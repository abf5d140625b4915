"""The pre-analysis plan against the study."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.study.plan import current_choices, plan_table, read_plan, write_plan

PLAN = Path(__file__).resolve().parents[2] / "paper" / "pre_analysis_plan.md"


def deviations(plan: dict, choices: dict, estimates: pd.DataFrame) -> list[str]:
    table = plan_table(plan, choices, estimates)
    assert ((table["deviation"] == "") == (table["kept"] == "yes")).all()
    return [text for text in table["deviation"] if text]


@pytest.fixture
def plan() -> dict:
    return {**current_choices(), "primary_estimator": "group_time", "primary_specification": "main"}


@pytest.fixture
def estimates(plan) -> pd.DataFrame:
    table = pd.DataFrame({"outcome": plan["outcomes"], "estimate": 1.0, "p_randomization": 0.5})
    return table.assign(estimator="group_time", specification="main", term="att")


def test_a_study_that_follows_its_plan_has_no_deviation(plan, estimates) -> None:
    assert deviations(plan, current_choices(), estimates) == []


@pytest.mark.parametrize(
    ("name", "now", "words"),
    [
        ("inference", "cluster", "planned randomization, done cluster"),
        ("last_year", 2025, "planned 2024, done 2025"),
        ("estimators", ["twfe", "group_time"], "event_study_twfe was planned and is not done"),
        ("headline_grades", ["A", "B", "C", "D"], "D was not planned"),
    ],
)
def test_a_changed_choice_is_named(plan, estimates, name, now, words) -> None:
    plan |= {"inference": "randomization", "last_year": 2024, "headline_grades": ["A", "B", "C"]}
    plan["estimators"] = ["twfe", "event_study_twfe", "group_time"]
    choices = {key: plan[key] for key in current_choices()} | {name: now}
    found = deviations(plan, choices, estimates)
    assert len(found) == 1
    assert words in found[0]


def test_a_primary_result_left_out_is_named(plan, estimates) -> None:
    estimates.loc[1, "p_randomization"] = float("nan")
    found = deviations(plan, current_choices(), estimates)
    assert found == [f"primary result: {plan['outcomes'][1]} has no estimate with its planned p-value"]


def test_the_registered_plan_can_be_read() -> None:
    assert read_plan(PLAN)["inference"] == "randomization"


@pytest.mark.parametrize("text", ["no block", "```yaml\noutcomes: [a]\n```\n"])
def test_a_plan_without_its_choices_is_refused(tmp_path, text) -> None:
    path = tmp_path / "plan.md"
    path.write_text(text)
    with pytest.raises(InputError):
        read_plan(path)


def test_the_step_writes_the_table_and_says_a_deviation_aloud(plan, estimates, tmp_path, capsys) -> None:
    estimates.drop(index=0).to_csv(tmp_path / "estimates.csv", index=False)
    write_plan(tmp_path, PLAN)
    assert f"DEVIATION: primary result: {plan['outcomes'][0]}" in capsys.readouterr().err
    table = pd.read_csv(tmp_path / "plan.csv").set_index("choice")
    assert table.loc["primary_results", "kept"] == "no"
    assert table.loc["inference", "planned"] == "randomization"


def test_without_estimates_nothing_is_written(tmp_path) -> None:
    with pytest.raises(InputError, match="no estimates"):
        write_plan(tmp_path, PLAN)
    assert not list(tmp_path.iterdir())
