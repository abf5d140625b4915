"""Rule differences between provinces (地方政策碎片化): what each one's documents are known to provide.

A tag says that a document seen provides something; its absence says nothing, because most texts were seen
in part. So the matrix holds what is known and leaves the rest missing, and agreement is computed over pairs
of provinces that are both known. A yes can only meet another yes: such a column cannot show difference.
"""

from __future__ import annotations

import pandas as pd

SEED_MARK = "[seed]"
SEED_SOURCE = {"source_id": "seed-study", "grade": "D"}
# Provisions that a local document may have beyond joining the pilot; tags of ``policies.csv``.
PROVISIONS = (
    "all_licensed_ride_hailing",
    "one_click_report",
    "one_stop_claims",
    "auto_payment",
    "gap_sharing",
    "commercial_insurer_assist",
    "province_level_registration",
    "cross_province_claims",
)
FLOAT_RULE, PLATFORMS = "float_rule", "platforms_2025"
NEEDED_SHARE = 0.5  # of the provinces, before an agreement speaks for more than the ones that were read


def rule_matrix(
    policies: pd.DataFrame, rates: pd.DataFrame, rollout: pd.DataFrame, provinces: pd.DataFrame
) -> pd.DataFrame:
    """Province by provision, long, known cells only.

    Returns
    -------
    DataFrame
        ``province_code, provision, value, basis`` (text, seed or draft), ``source_id, grade``. A pair
        of province and provision that is not here is unknown. ``value`` is ``yes`` for tags, a code for
        the float rule, a count for platforms in force from 2025-07-01.
    """
    parts = [_tags(policies), _floats(rates), _platforms(rollout)]
    table = pd.concat(parts, ignore_index=True)
    table = table[table["province_code"].isin(provinces["code"])]
    # A text that was read comes before the source article's account of it; otherwise the better grade.
    order = {"text": 0, "draft": 1, "seed": 2}
    table = table.assign(order=table["basis"].map(order))
    keys = ["province_code", "provision"]
    table = table.sort_values([*keys, "order", "grade", "source_id"], kind="stable").drop_duplicates(keys)
    return table.drop(columns="order").reset_index(drop=True)


def agreement(matrix: pd.DataFrame, provinces: int) -> pd.DataFrame:
    """Agreement between provinces over known pairs only.

    Parameters
    ----------
    matrix
        From `rule_matrix`; rows whose basis is a text (the seed's and drafts' do not count).
    provinces
        Number of provinces of the register.

    Returns
    -------
    DataFrame
        ``provision, known`` (provinces), ``values`` (different ones), ``pairs_known, pairs_possible,
        pairs_equal, share`` (equal over known, missing without a pair), ``can_differ`` (the coding allows
        another value than yes) and ``enough`` (at least half of the provinces are known and can differ).
    """
    rows = []
    for provision in (*PROVISIONS, FLOAT_RULE, PLATFORMS):
        group = matrix[(matrix["provision"] == provision) & (matrix["basis"] == "text")]
        counts = group["value"].value_counts()
        known, equal = int(counts.sum()), int((counts * (counts - 1) // 2).sum())
        pairs = known * (known - 1) // 2
        can_differ = provision in (FLOAT_RULE, PLATFORMS)
        rows.append(
            {
                "provision": provision,
                "known": known,
                "values": len(counts),
                "pairs_known": pairs,
                "pairs_possible": provinces * (provinces - 1) // 2,
                "pairs_equal": equal,
                "share": equal / pairs if pairs else None,
                "can_differ": can_differ,
                "enough": can_differ and known >= NEEDED_SHARE * provinces,
            }
        )
    return pd.DataFrame(rows)


def _tags(policies: pd.DataFrame) -> pd.DataFrame:
    local = policies[policies["level"] == "local"]
    rows = []
    for row in local.to_dict("records"):
        words = row["tags"].split(";")
        for word in words:
            name = word.removesuffix(SEED_MARK)
            if name not in PROVISIONS:
                continue
            basis = "draft" if "draft" in words else "text"
            if word.endswith(SEED_MARK):  # the study says so; the document itself was not seen to
                rows.append(_cell(row | SEED_SOURCE, name, "yes", "seed"))
            else:
                rows.append(_cell(row, name, "yes", basis))
    return pd.DataFrame(rows)


def _floats(rates: pd.DataFrame) -> pd.DataFrame:
    coded = rates[rates["float_rule"] != ""]
    rows = []
    for row in coded.to_dict("records"):
        basis = "draft" if row["status"] == "draft" else "text"
        rows.append(_cell(row, FLOAT_RULE, row["float_rule"], basis))
    return pd.DataFrame(rows)


def _platforms(rollout: pd.DataFrame) -> pd.DataFrame:
    from analysis.policy.lags import EXPANSION

    joined = rollout[(rollout["date"] == EXPANSION) & rollout["platforms"].notna()]
    joined = joined[joined["event"].isin(["starts", "expands"])]
    rows = [_cell(row, PLATFORMS, str(int(row["platforms"])), "text") for row in joined.to_dict("records")]
    return pd.DataFrame(rows)


def _cell(row: dict[str, object], provision: str, value: object, basis: str) -> dict[str, object]:
    cell = {"province_code": row["province_code"], "provision": provision, "value": value, "basis": basis}
    return cell | {"source_id": row["source_id"], "grade": row["grade"]}
