"""The step ``own``: a user's records or panel into estimates, exhibits and a report of their own.

Everything lands in one folder that the user names, with evidence class ``records`` (``simulated``
where the records say of themselves that they are synthetic), and nothing of ours is read or changed.
From records, quarters before the first start are added with zero counts: without the scheme nobody
can be enrolled or claim. That is a rule of the scheme, not an observation, and the report says so.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.base.files import save_table, write_text
from analysis.base.progress import say
from analysis.base.reading import read_csv
from analysis.did.command.checks import Checks
from analysis.did.command.columns import Columns
from analysis.did.command.run import run_study
from analysis.did.options import Options
from analysis.did.panel.gate import counted
from analysis.own.release import release_section
from analysis.own.report import Study, absent_outcomes, write_report
from analysis.records.calendar import Rollout, quarter_label, read_rollout
from analysis.records.panel import build_panel

if TYPE_CHECKING:
    from analysis.records.request import Request

MONEY = "paid_yuan"  # the only outcome with decimals
# Sums whose untreated value the rules fix at zero.
OUTCOMES = ("enrolled", "active", "claims", "confirmed", MONEY)
ESTIMATORS = ("event_study_twfe", "group_time", "sun_abraham", "imputation")
CLASSES = ("records", "simulated")  # what a run record may say of a panel
WRITTEN = (  # in the folder of an outcome; nothing else in it is ours
    "did_panel.csv", "estimates.csv", "event_study.svg", "inference.csv", "report.md", "run.json",
    "sensitivity.csv",
)  # fmt: skip
QUARTER = re.compile(r"[0-9]{4}Q[1-4]")
MOST_PEOPLE = 1e10  # more than live: beyond, a slip of the pen
BEFORE = 4  # quarters added before the first start, enough to draw a flat line
FEWEST_UNITS = 6  # below it the group-time errors mean nothing
FEWEST_TREATED, FEWEST_UNTREATED = 2, 10  # below it leaving one out leaves nothing, and chance is not seen


def own_from_records(request: Request) -> None:
    """Count records into the panel that ``request.out`` names and estimate on it, beside it.

    Raises
    ------
    InputError
        The records or the rollout are at fault.
    """
    build_panel(request)
    own_from_panel(request.out, request.rollout, request.out.parent)


def own_from_panel(panel: Path, rollout: Path, out: Path) -> None:
    """Estimate on a panel with the columns of ``records panel`` and write the report.

    The evidence class is the one in the run record beside the panel; without a record, ``records``.
    Folders that an earlier run left for an outcome which this one does not study lose its files.

    Parameters
    ----------
    panel
        ``province_code``, ``quarter`` and at least one of the outcomes.
    rollout
        Starts by province.
    out
        Folder for ``OUTCOME/`` (table, event study, report) and ``report.md``.

    Raises
    ------
    InputError
        The panel lacks a column, its run record cannot be read, or no outcome can be studied.
    """
    plan = read_rollout(rollout)
    table = _read(panel)
    strange = ~table["province_code"].isin(list(plan.starts))
    _refuse(panel, table, "province_code", strange, f"a province with a start in {rollout}")
    evidence = panel_evidence(panel)
    found = [name for name in OUTCOMES if name in table.columns]
    missing = absent_outcomes([name for name in OUTCOMES if name not in found], list(table.columns))
    studies = [_study(table, plan, outcome, out / outcome, evidence) for outcome in found]
    if not any(study.folder for study in studies):
        reasons = "; ".join(f"{study.outcome}: {study.problem}" for study in studies)
        raise InputError(
            f"no outcome can be studied ({reasons or 'the panel has none'})",
            file=panel,
            expected=f"columns {', '.join(OUTCOMES)}, or some of them",
            action="give the panel more provinces without empty cells"
            if studies
            else f"rename those of {', '.join(map(str, table.columns))} that hold these counts",
        )
    report = write_report(studies, missing, evidence, out, release_section(panel))
    write_text(report, out / "report.md")
    for outcome in OUTCOMES:
        if not any(study.folder == outcome for study in studies):
            _take_away(out / outcome)
    if missing:
        say(missing)
    say(f"report: {out / 'report.md'}")


def panel_evidence(panel: Path) -> str:
    """Evidence class of a panel, from the record ``NAME.run.json`` that ``records panel`` puts beside it.

    Raises
    ------
    InputError
        The record is no JSON, or names no class of `CLASSES`.
    """
    record = panel.with_suffix(".run.json")
    if not record.is_file():
        return "records"
    remedy = "run `records panel` again, or take the file away if it does not belong to this panel"
    try:
        run = json.loads(record.read_text(encoding="utf-8"))
    except ValueError:
        raise InputError("the panel's run record is not JSON", file=record, action=remedy) from None
    found = run.get("evidence") if isinstance(run, dict) else None
    if found not in CLASSES:
        raise InputError(
            "the panel's run record names no evidence class of records",
            file=record,
            column="evidence",
            value=found,
            expected=" or ".join(CLASSES),
            action=remedy,
        )
    return str(found)


def _study(table: pd.DataFrame, plan: Rollout, outcome: str, folder: Path, evidence: str) -> Study:
    """Study one outcome into its folder; a refusal leaves the folder as it was."""
    frame, dropped = did_frame(table, plan, outcome)
    provinces = frame["province_code"].nunique()
    if provinces < FEWEST_UNITS:
        return Study(outcome, "", provinces, dropped, "too few provinces are published in full")
    columns = Columns(unit="province_code", time="quarter", outcome=outcome, cohort="cohort")
    unchecked = _too_few(frame)
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "did_panel.csv"
        save_table(frame, ["province_code", "quarter"], file)
        try:
            run_study(
                file,
                folder,
                columns,
                ESTIMATORS,
                Options(),
                randomization=0,
                evidence=evidence,
                checks=None if unchecked else Checks(),
            )
        except InputError as error:
            return Study(outcome, "", provinces, dropped, error.problem)
    save_table(frame, ["province_code", "quarter"], folder / "did_panel.csv")
    return Study(outcome, outcome, provinces, dropped, unchecked=unchecked)


def _take_away(folder: Path) -> None:
    """Remove what an earlier run wrote for an outcome; the user's own files keep the folder."""
    if not folder.is_dir():
        return
    for name in WRITTEN:
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _read(panel: Path) -> pd.DataFrame:
    keys = ("province_code", "quarter")
    table = read_csv(panel, "the panel", columns=keys, dtype=dict.fromkeys(keys, "str"))
    for column, fine in (
        ("province_code", table["province_code"].notna()),
        ("quarter", table["quarter"].fillna("").map(lambda text: QUARTER.fullmatch(text) is not None)),
    ):
        if not fine.all():
            _refuse(panel, table, column, ~fine, "a province's code; a quarter such as 2025Q3")
    _refuse(panel, table, "quarter", table.duplicated(list(keys)), "one row for each province and quarter")
    for outcome in OUTCOMES:
        if outcome in table:
            counts = pd.to_numeric(table[outcome].astype("string").str.slice(0, 40), errors="coerce")
            counts = counts.astype("float64")
            wrong = (counts.isna() & table[outcome].notna()) | np.isinf(counts) | (counts < 0)
            if outcome != MONEY:
                wrong |= counts.notna() & (counts != counts.round())
            _refuse(panel, table, outcome, wrong | (counts > MOST_PEOPLE), "a count, or an empty cell")
            table[outcome] = counts
    return table[table["province_code"] != NATION]


def _refuse(panel: Path, table: pd.DataFrame, column: str, wrong: pd.Series, expected: str) -> None:
    if wrong.any():
        row = table.index[wrong][0]
        raise InputError(
            f"the panel's {column} cannot be used",
            file=panel,
            row=int(row) + 2,
            column=column,
            value=str(table.at[row, column]),
            expected=expected,
            action="correct the row, or take it out",
        )


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
        f"{counted(started, 'province starts', 'provinces start')} within the panel and "
        f"{counted(waiting, 'does', 'do')} not; the checks need "
        f"{FEWEST_TREATED} and {FEWEST_UNTREATED}"
    )
