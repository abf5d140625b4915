"""The committed table: what the laboratory says about the method the study stands behind."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import config

LAB = Path(__file__).resolve().parents[2] / "data" / "processed" / "lab.csv"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(LAB, keep_default_na=False, dtype={"event_time": str})


def rates(table: pd.DataFrame, design: str, inference: str) -> pd.DataFrame:
    rows = table[(table["calendar"] == "annual") & (table["design"] == design) & (table["metric"] == "size")]
    return rows[(rows["inference"] == inference) & (rows["event_time"] == "")].astype({"value": float})


@pytest.mark.parametrize("outcome", [outcome.name for outcome in config.OUTCOMES])
def test_the_chosen_test_has_its_size_when_provinces_are_exchangeable(table, outcome: str) -> None:
    rows = rates(table, "null_random", config.INFERENCE)
    rows = rows[rows["outcome"] == outcome]
    assert set(rows["estimator"]) >= {"twfe", "group_time"}
    # Two estimates of three outcomes: three Monte Carlo errors of a true 5 %, sqrt(.05 * .95 / 2000).
    assert ((rows["value"] - 0.05).abs() <= 3 * 0.00487).all()


def test_normal_intervals_are_too_short_with_seven_treated(table) -> None:
    assert (rates(table, "null_random", "influence_normal")["value"] > 0.05 + 3 * 0.00487).all()


def test_the_chosen_test_fails_when_trends_follow_income_and_the_rich_go_first(table) -> None:
    rows = rates(table, "null_selected", config.INFERENCE)
    income = rows[(rows["outcome"] == "log_income_per_head") & (rows["estimator"] == "group_time")]
    assert float(income["value"].iloc[0]) > 0.05 + 3 * 0.00487


def test_every_row_is_simulated_and_carries_its_error_and_replications(table) -> None:
    assert set(table["evidence"]) == {"simulated"}
    assert (pd.to_numeric(table["mc_error"]) >= 0).all()
    assert (table["replications"] > 0).all()
    assert table["failures"].sum() == 0


def test_two_way_effects_miss_growing_effects_most_once_all_are_treated(table) -> None:
    rows = table[(table["metric"] == "exact_bias_percent") & (table["design"] == "growing_by_cohort")]
    bias = rows.set_index(["calendar", "estimator"])["value"].astype(float)
    assert bias["quarterly_all_treated", "twfe"] < bias["quarterly", "twfe"] < -5
    assert abs(bias["quarterly_all_treated", "group_time"]) < 1e-6
