"""Does the study still do what its pre-analysis plan says? Every difference becomes a sentence.

The plan is prose with one block of choices that a program can read. This module compares that block
with `analysis.config` and with the estimates; it cannot check the plan's other promises.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis import config
from analysis.errors import InputError

PLAN = Path("paper/pre_analysis_plan.md")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def read_plan(path: Path) -> dict[str, Any]:
    """Choices that the plan registers.

    Raises
    ------
    InputError
        The file holds no block of choices, more than one, or a choice is missing.
    """
    blocks = BLOCK.findall(path.read_text(encoding="utf-8"))
    if len(blocks) != 1:
        raise InputError(f"the plan holds {len(blocks)} blocks of choices", file=path, expected="one")
    plan = yaml.safe_load(blocks[0])
    needed = {*current_choices(), "primary_estimator", "primary_specification"}
    absent = sorted(needed - set(plan))
    if absent:
        raise InputError(f"the plan does not state {', '.join(absent)}", file=path)
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


def deviations(plan: dict[str, Any], choices: dict[str, Any], estimates: pd.DataFrame) -> list[str]:
    """Sentences, one for each difference between plan and study; empty if there is none.

    Parameters
    ----------
    plan
        From `read_plan`.
    choices
        From `current_choices`.
    estimates
        ``estimates.csv``.

    Notes
    -----
    Additions are deviations too: a fourth outcome is a fourth chance to find something.
    """
    found = []
    for name, now in choices.items():
        if isinstance(now, list):
            dropped = [item for item in plan[name] if item not in now]
            added = [item for item in now if item not in plan[name]]
            found += [f"{name}: {item} was planned and is not done" for item in dropped]
            found += [f"{name}: {item} was not planned" for item in added]
        elif plan[name] != now:
            found.append(f"{name}: planned {plan[name]}, done {now}")
    rows = estimates[
        (estimates["estimator"] == plan["primary_estimator"])
        & (estimates["specification"] == plan["primary_specification"])
        & (estimates["term"] == "att")
    ]
    reported = rows.dropna(subset=["estimate", "p_randomization"])["outcome"].tolist()
    lost = [name for name in plan["outcomes"] if name not in reported]
    found += [f"primary result: {name} has no estimate with its planned p-value" for name in lost]
    return found
