"""The step ``own``: a user's records or panel into estimates, exhibits and a report of their own.

Everything lands in one folder that the user names, with evidence class ``records`` (``simulated``
where the records say of themselves that they are synthetic), and nothing of ours is read or changed.
From records, quarters before the first start are added with zero counts: without the scheme nobody
can be enrolled or claim. That is a rule of the scheme, not an observation, and the report says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.did.checks import Checks
from analysis.did.inference.battery import gaps
from analysis.did.options import Options
from analysis.did.study import Columns, run_study
from analysis.errors import InputError
from analysis.files import save_table, write_text
from analysis.progress import say
from analysis.records.calendar import NATION, Rollout, quarter_label, read_rollout
from analysis.records.panel import Request, build_panel

OUTCOMES = ("enrolled", "active", "claims")  # counts whose untreated value the rules fix at zero
ESTIMATORS = ("event_study_twfe", "group_time", "sun_abraham", "imputation")
BEFORE = 4  # quarters added before the first start, enough to draw a flat line
FEWEST_UNITS = 6  # below it the group-time errors mean nothing
FEWEST_TREATED, FEWEST_UNTREATED = 2, 10  # below it leaving one out leaves nothing, and chance is not seen


@dataclass(frozen=True)
class Study:
    """What came out for one outcome, for the report."""

    outcome: str
    folder: str
    provinces: int
    dropped: int
    problem: str = ""
    unchecked: str = ""


def own_from_records(request: Request) -> None:
    """Count records into the panel that ``request.out`` names and estimate on it, beside it.

    Raises
    ------
    InputError
        The records or the rollout are at fault.
    """
    build_panel(request)
    run = json.loads(request.out.with_suffix(".run.json").read_text(encoding="utf-8"))
    own_from_panel(request.out, request.rollout, request.out.parent, evidence=run["evidence"])


def own_from_panel(panel: Path, rollout: Path, out: Path, *, evidence: str = "records") -> None:
    """Estimate on a panel with the columns of ``records panel`` and write the report.

    Parameters
    ----------
    panel
        ``province_code``, ``quarter`` and at least one of the outcomes.
    rollout
        Starts by province.
    out
        Folder for ``OUTCOME/`` (table, event study, report) and ``report.md``.
    evidence
        Class written into every result.

    Raises
    ------
    InputError
        The panel lacks a column, or no outcome can be studied.
    """
    plan = read_rollout(rollout)
    table = _read(panel)
    studies = []
    for outcome in (name for name in OUTCOMES if name in table.columns):
        frame, dropped = did_frame(table, plan, outcome)
        folder = out / outcome
        provinces = frame["province_code"].nunique()
        if provinces < FEWEST_UNITS:
            studies.append(Study(outcome, "", provinces, dropped, "too few provinces are published in full"))
            continue
        save_table(frame, ["province_code", "quarter"], folder / "did_panel.csv")
        columns = Columns(unit="province_code", time="quarter", outcome=outcome, cohort="cohort")
        unchecked = _too_few(frame)
        try:
            run_study(
                folder / "did_panel.csv",
                folder,
                columns,
                ESTIMATORS,
                Options(),
                randomization=0,
                evidence=evidence,
                checks=None if unchecked else Checks(),
            )
        except InputError as error:
            studies.append(Study(outcome, "", provinces, dropped, error.problem))
            continue
        studies.append(Study(outcome, outcome, provinces, dropped, unchecked=unchecked))
    if not any(study.folder for study in studies):
        reasons = "; ".join(f"{study.outcome}: {study.problem}" for study in studies) or "no outcome column"
        raise InputError(f"no outcome can be studied ({reasons})", file=panel, expected=", ".join(OUTCOMES))
    write_text(_report(studies, evidence, out), out / "report.md")
    say(f"report: {out / 'report.md'}")


def _read(panel: Path) -> pd.DataFrame:
    if not panel.is_file():
        raise InputError("the panel does not exist", file=panel)
    table = pd.read_csv(panel, dtype={"province_code": "str", "quarter": "str"})
    for column in ("province_code", "quarter"):
        if column not in table.columns:
            raise InputError("a column is missing", file=panel, column=column)
    return table[table["province_code"] != NATION]


def did_frame(table: pd.DataFrame, plan: Rollout, outcome: str) -> tuple[pd.DataFrame, int]:
    """One outcome with cohorts and with the zeros of the rules before each start.

    A quarter counts when at least one province has not yet started: afterwards nothing is left to
    compare with. A province with a suppressed cell in those quarters is left out, never filled.

    Returns
    -------
    frame, dropped
        ``province_code, quarter, cohort, OUTCOME``, balanced; and the number of provinces left out.
    """
    first = plan.first_quarter
    last_start = max(plan.quarter(code) for code in plan.starts)
    newest = max((int(label[:4]) * 4 + int(label[5]) - 1 for label in table["quarter"]), default=first)
    # With one wave only there is no later province: the zeros before are the only comparison.
    end = min(newest, last_start - 1) if last_start > first else newest
    quarters = range(first - BEFORE, end + 1)
    found = table.set_index(["province_code", "quarter"])[outcome]
    rows, dropped = [], 0
    for code in plan.starts:
        start = plan.quarter(code)
        values = [0.0 if q < start else found.get((code, quarter_label(q))) for q in quarters]
        if any(value is None or pd.isna(value) for value in values):
            dropped += 1
            continue
        cohort = quarter_label(start) if start <= end else ""
        rows += [(code, quarter_label(q), cohort, value) for q, value in zip(quarters, values, strict=True)]
    return pd.DataFrame(rows, columns=["province_code", "quarter", "cohort", outcome]), dropped


def _too_few(frame: pd.DataFrame) -> str:
    """Why the panel is too small for the checks; empty if it is not."""
    cohorts = frame.drop_duplicates("province_code")["cohort"]
    started, waiting = int((cohorts != "").sum()), int((cohorts == "").sum())
    if started >= FEWEST_TREATED and waiting >= FEWEST_UNTREATED:
        return ""
    return (
        f"{started} provinces start within the panel and {waiting} do not; the checks need "
        f"{FEWEST_TREATED} and {FEWEST_UNTREATED}"
    )


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
            f"{low['estimate']:,.1f} (without {low['variant']}) and {high['estimate']:,.1f} (without "
            f"{high['variant']}).",
            "",
        ]
    if inference["estimate"].isna().all():
        lines += [
            f"Chance and trends are not judged: {'; '.join(gaps(inference['assumes']))}. Where the rules "
            "fix the untreated count at zero, there is no trend to fail and no noise to compare with.",
            "",
        ]
    return lines


def _report(studies: list[Study], evidence: str, out: Path) -> str:
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
        "",
    ]
    for study in studies:
        lines += [f"## {study.outcome}", ""]
        left = f"{study.provinces} provinces; {study.dropped} left out for suppressed or missing cells."
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
