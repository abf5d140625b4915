"""Does the study still do what its pre-analysis plan says? Every difference becomes a sentence.

The plan is prose with one block of choices that a program can read. This module compares that block
with `analysis.config` and with the estimates; it cannot check the plan's other promises.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import config
from analysis.base.errors import InputError
from analysis.base.files import save_table
from analysis.base.named import parse_yaml
from analysis.base.products import action_for
from analysis.base.progress import say
from analysis.base.reading import read_csv, read_text

COLUMNS = ("outcome", "estimator", "specification", "term", "estimate", "p_randomization")
PLAN = Path("paper/pre_analysis_plan.md")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def read_plan(path: Path) -> dict[str, Any]:
    """Choices that the plan fixes.

    Raises
    ------
    InputError
        The file holds no block of choices, more than one, or a choice is missing.
    """
    blocks = BLOCK.findall(read_text(path, "the plan"))
    if len(blocks) != 1:
        raise InputError(f"the plan holds {len(blocks)} blocks of choices", file=path, expected="one")
    plan = parse_yaml(blocks[0], path, "the block of the plan's choices")
    if not isinstance(plan, dict):
        raise InputError("the plan's choices are no list of names and values", file=path)
    needed = {*current_choices(), "primary_estimator", "primary_specification"}
    absent = sorted(needed - set(plan))
    if absent:
        raise InputError(f"the plan does not state {', '.join(absent)}", file=path)
    for name, now in current_choices().items():
        if isinstance(now, list) and not isinstance(plan[name], list):
            raise InputError(
                f"the plan's {name} is no list", file=path, column=name, value=plan[name],
                expected=f"a list such as {now}",
            )  # fmt: skip
    return dict(plan)


def current_choices() -> dict[str, Any]:
    """Return the same choices as the study makes them now."""
    last = {outcome.last_year for outcome in config.OUTCOMES}
    return {
        "outcomes": [outcome.name for outcome in config.OUTCOMES],
        "estimators": list(config.ESTIMATORS),
        "specifications": [specification.name for specification in config.SPECIFICATIONS],
        "inference": config.INFERENCE,
        "confidence_level": config.CONFIDENCE_LEVEL,
        "first_year": config.ESTIMATION_START,
        "last_year": last.pop() if len(last) == 1 else sorted(last),
        "headline_reading": config.HEADLINE.name,
        "headline_grades": list(config.HEADLINE_GRADES),
    }


def choice_deviations(name: str, planned: Any, now: Any) -> list[str]:
    """Sentences on one choice. Additions count too: a fourth outcome is a fourth chance to find something."""
    if isinstance(now, list):
        dropped = [item for item in planned if item not in now]
        added = [item for item in now if item not in planned]
        found = [f"{name}: {item} was planned and is not done" for item in dropped]
        return found + [f"{name}: {item} was not planned" for item in added]
    return [f"{name}: planned {planned}, done {now}"] if planned != now else []


def lost_results(plan: dict[str, Any], estimates: pd.DataFrame) -> list[str]:
    """Sentences on planned outcomes whose primary estimate lacks its planned p-value."""
    rows = estimates[
        (estimates["estimator"] == plan["primary_estimator"])
        & (estimates["specification"] == plan["primary_specification"])
        & (estimates["term"] == "att")
    ]
    reported = rows.dropna(subset=["estimate", "p_randomization"])["outcome"].tolist()
    lost = [name for name in plan["outcomes"] if name not in reported]
    return [f"primary result: {name} has no estimate with its planned p-value" for name in lost]


def plan_table(plan: dict[str, Any], choices: dict[str, Any], estimates: pd.DataFrame) -> pd.DataFrame:
    """Every planned choice beside what is done now.

    Parameters
    ----------
    plan
        From `read_plan`.
    choices
        From `current_choices`.
    estimates
        ``estimates.csv``.

    Returns
    -------
    DataFrame
        ``evidence, choice, planned, done, kept, deviation``; one row for each choice and a last one for
        the primary results. ``deviation`` is empty where the plan is kept.
    """
    rows = [
        (name, words(plan[name]), words(now), choice_deviations(name, plan[name], now))
        for name, now in choices.items()
    ]
    primary = f"{plan['primary_estimator']}, {plan['primary_specification']}"
    lost = lost_results(plan, estimates)
    rows.append(("primary_results", primary, primary if not lost else "incomplete", lost))
    table = pd.DataFrame(
        [(name, planned, done, "; ".join(found)) for name, planned, done, found in rows],
        columns=["choice", "planned", "done", "deviation"],
    )
    table["kept"] = table["deviation"].map(lambda text: "no" if text else "yes")
    return table.assign(evidence="check")[["evidence", "choice", "planned", "done", "kept", "deviation"]]


def words(value: Any) -> str:
    """A choice as one text."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def write_plan(processed: Path, path: Path = PLAN) -> None:
    """Compare the study with its plan, write ``plan.csv`` and say every deviation aloud.

    Raises
    ------
    InputError
        The plan cannot be read, or ``estimates.csv`` is missing.
    """
    results = processed / "estimates.csv"
    if not results.exists():
        raise InputError(
            "there are no estimates to hold to the plan", file=results, action=action_for(results)
        )
    estimates = read_csv(results, results.name, action_for(results), COLUMNS, ended=True)
    table = plan_table(read_plan(path), current_choices(), estimates)
    save_table(table, ["choice"], processed / "plan.csv")
    broken = [text for text in table["deviation"] if text]
    for text in broken:
        say(f"plan: DEVIATION: {text}")
    if not broken:
        say(f"plan: {len(table)} planned choices kept, no deviation")
