"""Claims handling: the record on time limits and one-stop rules as a dated table.

Rows are quoted, not compared: a limit for confirming an injury, a limit for paying a small bill and one
case's duration measure different things.
"""

from __future__ import annotations

import pandas as pd

from analysis.policy.differences import SEED_MARK, SEED_SOURCE

ITEMS = ("processing time", "confirmation time limit", "minor-injury fast track", "document review time")
CASE = "case:"
TAGS = {
    "one_click_report": "one-click report in the app",
    "one_stop_claims": "one-stop claims",
    "cross_province_claims": "claims across provinces",
    "commercial_insurer_assist": "commercial insurers hired to handle claims",
}


def claims_table(benefits: pd.DataFrame, policies: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Every recorded fact on claims handling in the pilot, with its date.

    Returns
    -------
    DataFrame
        ``fact_id, date`` (as printed: of the document, else of the report), ``province_code, item,
        condition, value, basis`` (text, draft, seed, case), ``source_id, grade``.
    """
    table = pd.concat([_limits(benefits, sources), _rules(policies)], ignore_index=True)
    assert table["fact_id"].is_unique, "a benefit row or a tag of a document gives one fact"
    return table.sort_values(["date", "province_code", "fact_id"], kind="stable").reset_index(drop=True)


def _limits(benefits: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    case = benefits["item"].str.startswith(CASE)
    wanted = (benefits["scheme"] == "pilot") & (benefits["item"].isin(ITEMS) | case)
    table = benefits[wanted].merge(sources[["source_id", "date_published"]], on="source_id", validate="m:1")
    basis = pd.Series("text", table.index).mask(table["item"].str.startswith(CASE), "case")
    basis = basis.mask(table["source_id"] == "seed-study", "seed")
    table = table.assign(basis=basis, fact_id=table["benefit_id"], date=table["date_published"])
    columns = ["fact_id", "date", "province_code", "item", "condition", "value", "basis"]
    return table[[*columns, "source_id", "grade"]]


def _rules(policies: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for row in policies[policies["level"] == "local"].to_dict("records"):
        words = row["tags"].split(";")
        for word in words:
            name = word.removesuffix(SEED_MARK)
            if name in TAGS:
                basis = "seed" if name != word else "draft" if "draft" in words else "text"
                fact = {"fact_id": f"{row['policy_id']}_{name}", "date": row["issue_date"]}
                fact |= {"province_code": row["province_code"], "item": TAGS[name], "condition": ""}
                fact |= {"value": "provided", "basis": basis}
                source = SEED_SOURCE if basis == "seed" else row
                rows.append(fact | {"source_id": source["source_id"], "grade": source["grade"]})
    return pd.DataFrame(rows)
