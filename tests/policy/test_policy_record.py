"""Lags, rule differences, claims and policy.csv: unknown stays unknown, and pairs are counted by hand."""

from itertools import combinations

import pandas as pd
import pytest

from analysis import inputs
from analysis.policy.claims import claims_table
from analysis.policy.differences import FLOAT_RULE, PLATFORMS, PROVISIONS, agreement, rule_matrix
from analysis.policy.lags import document_lags, lags_by_wave
from analysis.policy.products import KEY, policy_table


def rollout(*rows):
    table = pd.DataFrame(rows, columns=["province_code", "wave", "event", "date"])
    return table.assign(date=pd.to_datetime(table["date"]))


def document(code, issued, tags="pilot_start", source="s"):
    policy = {"policy_id": f"L{code}{issued}", "level": "local", "province_code": code, "issue_date": issued}
    return policy | {"tags": tags, "source_id": source, "grade": "B"}


def sources(**published):
    rows = [{"source_id": name, "date_published": day} for name, day in published.items()]
    return pd.DataFrame(rows)


def lag(*documents, published=""):
    steps = rollout(("01", 2, "starts", "2025-07-01"), ("02", 2, "starts", "2025-07-01"))
    return document_lags(pd.DataFrame(documents), steps, sources(s=published)).set_index("province_code")


def test_a_day_gives_one_lag_and_a_month_or_year_an_interval():
    assert tuple(lag(document("01", "2025-07-11")).loc["01", ["lag_first", "lag_last"]]) == (10, 10)
    assert tuple(lag(document("01", "2025-08")).loc["01", ["lag_first", "lag_last"]]) == (31, 61)
    assert tuple(lag(document("01", "2025")).loc["01", ["lag_first", "lag_last"]]) == (-181, 183)


def test_a_report_closes_the_interval_because_nothing_is_reported_before_it_exists():
    found = lag(document("01", "2025"), published="2025-07-11")
    assert tuple(found.loc["01", ["lag_first", "lag_last"]]) == (-181, 10)


def test_a_province_without_a_document_is_unknown_not_zero():
    found = lag(document("01", "2025-07-11"))
    assert found.loc["02", "policy_id"] == ""
    assert pd.isna(found.loc["02", "lag_first"])


def test_drafts_and_later_documents_do_not_count():
    found = lag(
        document("01", "2025-06-01", "pilot_start;draft"),
        document("01", "2025-07-03"),
        document("01", "2025-09-01"),
        document("02", "2025-06-01", "operating_rules"),
    )
    assert found.loc["01", "lag_first"] == 2
    assert found.loc["02", "policy_id"] == ""


def test_the_waves_are_summarised_over_known_documents_only():
    by_wave = lags_by_wave(lag(document("01", "2025-06-26")).reset_index()).iloc[0]
    assert (by_wave["provinces"], by_wave["known"], by_wave["dated"], by_wave["before_first"]) == (2, 1, 1, 1)
    assert by_wave["median_first"] == by_wave["median_last"] == -5


@pytest.fixture(scope="module")
def matrix(raw):
    tables = (inputs.load_policies(raw), inputs.load_rates(raw), inputs.load_rollout(raw))
    return rule_matrix(*tables, inputs.load_provinces(raw))


def test_agreement_equals_the_count_over_every_pair(matrix):
    table = agreement(matrix, 32).set_index("provision")
    for provision in (*PROVISIONS, FLOAT_RULE, PLATFORMS):
        cells = matrix[(matrix["provision"] == provision) & (matrix["basis"] == "text")]
        pairs = list(combinations(cells["value"], 2))
        assert table.loc[provision, "pairs_known"] == len(pairs)
        assert table.loc[provision, "pairs_equal"] == sum(a == b for a, b in pairs)


def test_pairs_of_the_same_and_of_different_values_are_told_apart():
    cells = [("11", "a"), ("12", "a"), ("13", "b")]
    rows = [
        {"province_code": code, "provision": FLOAT_RULE, "value": value, "basis": "text"}
        for code, value in cells
    ]
    row = agreement(pd.DataFrame(rows), 4).set_index("provision").loc[FLOAT_RULE]
    assert (row["known"], row["pairs_known"], row["pairs_equal"], row["pairs_possible"]) == (3, 3, 1, 6)
    assert row["share"] == pytest.approx(1 / 3)
    assert row["enough"]


def test_a_provision_coded_only_yes_never_carries_an_index(matrix):
    table = agreement(matrix, 32).set_index("provision")
    assert not table.loc[list(PROVISIONS), "enough"].any()
    assert not table.loc[FLOAT_RULE, "enough"], "five provinces of 32 are too few"


def test_the_matrix_never_says_no(matrix):
    tags = matrix[matrix["provision"].isin(PROVISIONS)]
    assert set(tags["value"]) == {"yes"}


def test_what_rests_on_the_seed_study_alone_is_graded_d(matrix, raw):
    seed = matrix[matrix["basis"] == "seed"]
    assert len(seed) > 0
    assert set(seed["grade"]) == {"D"}
    claims = claims_table(inputs.load_benefits(raw), inputs.load_policies(raw), inputs.load_sources(raw))
    assert set(claims.loc[claims["basis"] == "seed", "grade"]) == {"D"}


@pytest.fixture(scope="module")
def table(raw):
    return policy_table(raw)


def test_examples_are_simulated_and_rule_derived_rows_published(table):
    simulated = table[table["evidence"] == "simulated"]
    assert set(simulated["item"]) == {"entitlement", "band", "party", "fund"}
    assert set(table["evidence"]) == {"simulated", "published", "example"}


def test_published_rows_name_a_source_or_are_counts_or_unknown(table):
    published = table[(table["evidence"] == "published") & ~table["item"].isin(["wave", "agreement"])]
    silent = published[published["source_id"] == ""]
    assert silent["value"].isna().all(), "a value without a source"


def test_the_key_of_the_table_is_unique(table):
    assert not table.duplicated(KEY).any()


def test_parties_of_the_example_sum_to_the_contribution_in_every_band(table):
    rows = table[table["item"] == "band"].pivot(index="case", columns="unit", values="value")
    parts = sum(rows[f"{name}_yuan_a_month"] for name in ("platform", "government", "individual"))
    assert parts.to_numpy() == pytest.approx(rows["contribution_yuan_a_month"].to_numpy(), rel=1e-12)
