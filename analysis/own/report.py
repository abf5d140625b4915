"""report.md of the step ``own``: what was studied, what was not and why, and what nobody can judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.did.command.literal import markdown
from analysis.did.inference.battery import gaps
from analysis.did.panel.gate import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Study:
    """What came out for one outcome, for the report."""

    outcome: str
    folder: str
    provinces: int
    dropped: int
    problem: str = ""
    unchecked: str = ""


def absent_outcomes(absent: Sequence[str], columns: Sequence[str]) -> str:
    """Say which outcomes the panel does not have; empty if it has all."""
    if not absent:
        return ""
    there = ", ".join(markdown(name) for name in columns)
    return f"Not in the panel: {', '.join(absent)}. Its columns: {there}."


def _checks(study: Study, out: Path) -> list[str]:
    """What the checks say of one outcome, and which of them its panel does not allow."""
    if study.unchecked:
        return [f"No checks: {study.unchecked}.", ""]
    inference = pd.read_csv(out / study.folder / "inference.csv")
    sensitivity = pd.read_csv(out / study.folder / "sensitivity.csv", dtype={"variant": "str"})
    lines = []
    left = sensitivity[(sensitivity["analysis"] == "leave_one_unit_out") & sensitivity["estimate"].notna()]
    if not left.empty:
        low, high = left.loc[left["estimate"].idxmin()], left.loc[left["estimate"].idxmax()]
        lines += [
            f"Leaving out one province at a time, the {low['estimator']} effect lies between "
            f"{low['estimate']:,.1f} (without {markdown(low['variant'])}) and {high['estimate']:,.1f} "
            f"(without {markdown(high['variant'])}).",
            "",
        ]
    if inference["estimate"].isna().all():
        lines += [_unjudged(study, inference, out), ""]
    return lines


def _unjudged(study: Study, inference: pd.DataFrame, out: Path) -> str:
    """Why no check gave a number."""
    frame = pd.read_csv(out / study.folder / "did_panel.csv", dtype={"cohort": "str"})
    untreated = frame["cohort"].isna() | (frame["quarter"] < frame["cohort"].fillna(""))
    if (frame.loc[untreated, study.outcome] == 0).all():
        why = (
            "all untreated counts are zero by the rules, so that there is no noise to compare with and no "
            "trend to fail"
        )
    else:
        why = "; ".join(gaps(inference["assumes"]))
    return (
        f"Chance and trends are not judged: {why}. The sections on them in the details stay without numbers."
    )


def write_report(studies: Sequence[Study], missing: str, evidence: str, out: Path) -> str:
    """Return report.md as text; reads the tables that the studies have written below ``out``.

    Parameters
    ----------
    studies
        One for each outcome of the panel.
    missing
        Sentence of `absent_outcomes`.
    evidence
        Evidence class of the panel.
    """
    lines = [
        "# Your study",
        "",
        f"Evidence class: `{evidence}`. Nothing here comes from or enters our study.",
        "",
    ]
    if evidence == "simulated":
        lines += ["The records say of themselves that they are synthetic: these are no findings.", ""]
    lines += [
        "Before a province starts, counts are zero because the scheme's rules leave no other value.",
        "Those quarters are not observations; the estimates are means of the started provinces against them.",
        "The intervals tell how far the started provinces differ from each other, not what chance can do.",
        "",
    ]
    if missing:
        lines += [missing, ""]
    for study in studies:
        lines += [f"## {study.outcome}", ""]
        found = counted(study.provinces, "province")
        left = f"{found}; {study.dropped} left out for suppressed or missing cells."
        if not study.folder:
            lines += [f"Not studied: {study.problem}. {left}", ""]
            continue
        table = pd.read_csv(out / study.folder / "estimates.csv", dtype={"cohort": "str", "period": "str"})
        lines += [left, "", "| Estimator | Overall effect | 95 % interval |", "|---|---:|---:|"]
        for row in table[table["term"] == "att"].itertuples():
            interval = f"{row.ci_low:,.1f} to {row.ci_high:,.1f}" if pd.notna(row.ci_low) else "not given"
            lines.append(f"| {row.estimator} | {row.estimate:,.1f} | {interval} |")
        lines += ["", *_checks(study, out)]
        lines += [f"![Event study of {study.outcome}]({study.folder}/event_study.svg)", ""]
        lines += [f"Details: [{study.folder}/report.md]({study.folder}/report.md)", ""]
    return "\n".join(lines)
