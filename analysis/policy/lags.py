"""Rollout lag: days from the national start to a province's own pilot document.

A document printed with a month or a year only gives an interval of days. Where a source reported the
document, its date closes the interval: nothing is reported before it exists. Provinces without a document on
record are unknown, not late. Drafts and later operating rules are left out.
"""

from __future__ import annotations

import pandas as pd

from analysis.inputs.tables import first_day, last_day

# Which step of the rollout a pilot document carries out, by tag of ``policies.csv``.
CARRIES_OUT = {"pilot_start": "starts", "add_4_platforms": "expands"}
EXPANSION = pd.Timestamp("2025-07-01")  # four platforms join, also in first-wave provinces


def document_lags(policies: pd.DataFrame, rollout: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Lag of each province's first own document behind the national start it carries out.

    Parameters
    ----------
    policies, rollout, sources
        Raw tables.

    Returns
    -------
    DataFrame
        One row per province and step: ``province_code, wave, step`` (starts or expands), ``national_day,
        policy_id`` (empty where no document is on record), ``issue_date`` (as printed), ``lag_first,
        lag_last`` (days; missing where unknown; negative before the start), ``source_id, grade``.
    """
    steps = _steps(rollout)
    documents = _documents(policies, sources)
    keys = ["province_code", "step"]
    table = steps.merge(documents, on=keys, how="left", validate="1:1")
    assert len(table) == len(steps), "a document belongs to one step"
    table["lag_first"] = (table["first"] - table["national_day"]).dt.days.astype("Int64")
    table["lag_last"] = (table["last"] - table["national_day"]).dt.days.astype("Int64")
    text = ["policy_id", "issue_date", "source_id", "grade"]
    table[text] = table[text].fillna("")
    columns = ["province_code", "wave", "step", "national_day", "policy_id", "issue_date"]
    columns += ["lag_first", "lag_last", "source_id", "grade"]
    return table[columns].sort_values(keys, kind="stable").reset_index(drop=True)


def lags_by_wave(lags: pd.DataFrame) -> pd.DataFrame:
    """Distribution of lags by step and wave, over provinces with a document on record.

    Returns
    -------
    DataFrame
        ``step, wave, provinces, known`` (with a document), ``dated`` (known to the day), ``before_first,
        before_last`` (fewest and most documents that can precede the start), ``median_first, median_last``
        (the interval in which the median lag of the known ones lies), ``shortest, longest`` (over both
        ends).
    """
    rows = []
    for (step, wave), group in lags.groupby(["step", "wave"], sort=True):
        known = group[group["policy_id"] != ""]
        row: dict[str, object] = {"step": step, "wave": wave, "provinces": len(group), "known": len(known)}
        row["dated"] = int((known["lag_first"] == known["lag_last"]).sum())
        row["before_first"] = int((known["lag_last"] < 0).sum())
        row["before_last"] = int((known["lag_first"] < 0).sum())
        row["median_first"] = known["lag_first"].median() if len(known) else pd.NA
        row["median_last"] = known["lag_last"].median() if len(known) else pd.NA
        row["shortest"] = known["lag_first"].min() if len(known) else pd.NA
        row["longest"] = known["lag_last"].max() if len(known) else pd.NA
        rows.append(row)
    return pd.DataFrame(rows)


def _steps(rollout: pd.DataFrame) -> pd.DataFrame:
    """The national step that each province's document carries out: its start, and the 2025 expansion."""
    starts = rollout["event"] == "starts"
    expands = (rollout["event"] == "expands") & (rollout["date"] == EXPANSION)
    table = rollout.loc[starts | expands, ["province_code", "wave", "event", "date"]]
    table = table.rename(columns={"event": "step", "date": "national_day"})
    assert not table.duplicated(["province_code", "step"]).any(), "one start and one expansion per province"
    return table


def _documents(policies: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The first final pilot document of each province and step, with the days on which it can be dated."""
    table = policies[(policies["level"] == "local") & (policies["issue_date"] != "")].copy()
    tags = table["tags"].str.split(";")
    table["step"] = tags.map(lambda words: next((CARRIES_OUT[w] for w in words if w in CARRIES_OUT), ""))
    final = ~tags.map(lambda words: "draft" in words)
    table = table[(table["step"] != "") & final]
    table = table.merge(sources[["source_id", "date_published"]], on="source_id", validate="m:1")
    table["first"] = first_day(table["issue_date"])
    printed, reported = last_day(table["issue_date"]), last_day(table["date_published"])
    # A library's own date can precede the printed one; it then says nothing about the document.
    closes = reported.notna() & (reported >= table["first"]) & (reported < printed)
    table["last"] = printed.where(~closes, reported)
    table = table.sort_values(["first", "policy_id"], kind="stable")
    keep = ["province_code", "step", "policy_id", "issue_date", "first", "last", "source_id", "grade"]
    return table.drop_duplicates(["province_code", "step"])[keep]
