"""The record holds every fact that was gathered, and says what it is."""

import subprocess
import sys

import pandas as pd
import pytest
import yaml

from analysis import inputs

FIRST_WAVE = {"11", "31", "32", "44", "46", "50", "51"}
SECOND_WAVE = {"12", "13", "21", "33", "34", "35", "37", "42", "45", "64"}


def test_the_package_is_valid_for_frictionless_from_outside(raw):
    run = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.yaml"],
        cwd=raw,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_the_corps_joins_the_pilot_but_has_no_tile_and_no_statistics(raw):
    provinces = inputs.load_provinces(raw).set_index("code")
    assert len(provinces) == 32
    assert list(provinces.index[provinces["kind"] == "corps"]) == ["66"]
    assert pd.isna(provinces.loc["66", "tile_column"])
    assert "66" not in set(inputs.load_statistics(raw)["province_code"])


def test_no_two_provinces_share_a_tile(raw):
    tiles = inputs.load_provinces(raw).dropna(subset=["tile_column"])[["tile_column", "tile_row"]]
    assert len(tiles.drop_duplicates()) == 31


def test_the_three_waves_start_on_their_days(raw):
    rollout = inputs.load_rollout(raw)
    starts = rollout[rollout["event"] == "starts"].set_index("province_code")["date"]
    days = {code: f"{day:%Y-%m-%d}" for code, day in starts.items()}
    assert {code for code, day in days.items() if day == "2022-07-01"} == FIRST_WAVE
    assert {code for code, day in days.items() if day == "2025-07-01"} == SECOND_WAVE
    assert {day for code, day in days.items() if code not in FIRST_WAVE | SECOND_WAVE} == {"2026-07-01"}
    assert len(days) == 32


def test_platform_numbers_are_those_printed(raw):
    rollout = inputs.load_rollout(raw).set_index("event_id")["platforms"]
    assert (rollout["44_starts_20220701"], rollout["44_expands_20250701"]) == (7, 11)
    assert rollout["11_expands_20250701"] == 21
    assert rollout["12_starts_20250701"] == 11
    assert rollout["44_expands_20260701"] == 25
    assert pd.isna(rollout["11_expands_20260701"])  # 21 and 14 overlap by an unknown number
    assert pd.isna(rollout["43_starts_20260701"])


def test_a_month_is_kept_as_printed_and_read_as_its_first_and_last_day(raw):
    event = inputs.load_rollout(raw).set_index("event_id").loc["44_announced_202112"]
    assert event["date_printed"] == "2021-12"
    assert (str(event["date"].date()), str(event["date_last"].date())) == ("2021-12-01", "2021-12-31")


def test_events_of_one_day_stand_in_order_of_announcement_start_and_expansion(raw):
    rollout = inputs.load_rollout(raw)
    guizhou = rollout[rollout["province_code"] == "52"]
    assert list(guizhou["event"]) == ["announced", "announced", "starts", "expands"]


@pytest.mark.parametrize(
    ("table", "rows"),
    [("ledger", 77), ("policies", 37), ("rates", 29), ("benefits", 33), ("workers", 37), ("platforms", 54)],
)
def test_every_gathered_row_is_there(raw, table, rows):
    # At least: the record may grow, and must not lose a row.
    assert len(getattr(inputs, f"load_{table}")(raw)) >= rows


def test_the_seed_studys_tables_have_six_national_and_five_local_documents(raw):
    listed = inputs.load_policies(raw).query("seed_listed == 'yes'")
    assert listed.groupby("level").size().to_dict() == {"local": 5, "national": 6}


def test_facts_that_rest_on_the_seed_study_alone_are_grade_d(raw):
    policies = inputs.load_policies(raw).set_index("policy_id")
    rates = inputs.load_rates(raw).set_index("rate_id")
    assert policies.loc["L05", "grade"] == "D"
    assert rates.loc["rate_28", ["yuan_per_order", "support_ratio_min", "grade"]].tolist() == [0.25, 2.0, "D"]


def test_worked_cases_follow_the_companys_rule(raw):
    cases = inputs.load_platforms(raw).query("record_type == 'programme_example'")
    complete = cases.dropna(subset=["base_yuan", "contribution_yuan"])
    assert len(complete) == 2
    assert (complete["contribution_yuan"] - 0.20 * complete["base_yuan"]).abs().max() < 0.01
    paid = cases.dropna(subset=["contribution_yuan"])
    assert (paid["subsidy_yuan"] - 0.50 * paid["contribution_yuan"]).abs().max() < 0.01


def test_there_are_25_named_platforms_in_waves_of_7_4_and_14(raw):
    platforms = inputs.load_platforms(raw).query("record_type == 'participant' and province_code == ''")
    assert platforms.groupby("wave").size().to_dict() == {1: 7, 2: 4, 3: 14}


def test_the_slip_in_the_premium_digest_is_handed_on_as_missing(raw):
    platforms = inputs.load_platforms(raw).set_index("record_id")
    assert pd.isna(platforms.loc["premium_10", "value"])
    assert "30 billion" in platforms.loc["premium_10", "printed"]


def test_draft_range_and_rule_only_rates_are_not_in_force(raw):
    rates = inputs.load_rates(raw)
    assert rates.groupby("status").size().to_dict() == {
        "draft": 3,
        "in_force": 24,
        "range": 1,
        "rule_only": 1,
    }
    assert rates.loc[rates["status"].isin(["range", "rule_only"]), "yuan_per_order"].isna().all()


def test_yearbook_tables_sum_to_the_printed_national_totals(raw):
    # China Statistical Yearbook 2009 and 2012: 13,787 and 17,696 ten thousand contributors.
    statistics = inputs.load_statistics(raw)
    rows = statistics[statistics["indicator"] == "work_injury_insurance_contributors_year_end"]
    assert rows.groupby("year")["value"].sum().round(0).to_dict() == {2008: 13787.0, 2011: 17696.0}


def test_residents_before_2015_are_left_out(raw):
    statistics = inputs.load_statistics(raw)
    years = statistics.loc[statistics["indicator"] == "resident_population_year_end", "year"]
    assert (years.min(), years.max(), len(years)) == (2015, 2024, 310)


def test_every_source_is_cited_and_no_address_goes_through_this_machine(raw):
    sources = inputs.load_sources(raw).set_index("source_id")
    tables = ("rollout", "ledger", "policies", "platforms", "rates", "benefits", "workers", "statistics")
    cited = set().union(*(getattr(inputs, f"load_{name}")(raw)["source_id"] for name in tables))
    assert set(sources.index) == cited
    assert sources["url"].str.match(r"^(https?://|github:|$)").all()


def test_every_column_is_described_and_every_number_has_a_unit(raw):
    record = yaml.safe_load((raw / "datapackage.yaml").read_text(encoding="utf-8"))
    fields = [field for resource in record["resources"] for field in resource["schema"]["fields"]]
    assert [field["name"] for field in fields if not field.get("description")] == []
    unitless = {field["name"] for field in fields if field["type"] == "number" and "unit" not in field}
    assert unitless == set()
