"""The committed table: what it says about the method the study stands behind, and that it is made anew."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import config
from analysis.lab.cache import Cache
from analysis.lab.catalogue import experiments
from analysis.lab.run import run
from analysis.lab.summary import KEY

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


SHARES = ("size", "power", "coverage", "power_at_effect")
FLIPS = 4 / 2_000  # replications that another processor's rounding may decide otherwise


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["annual-null_random-log_income_per_head", "quarterly-growing_by_cohort-formal_employment_rate"]
)
def test_an_experiment_run_again_gives_its_rows_of_the_table(table, tmp_path, name: str) -> None:
    panel = pd.read_csv(LAB.with_name("panel.csv"), dtype={"province_code": str})
    chosen = [experiment for experiment in experiments(panel) if experiment.name == name]
    again = run(chosen, 2_000, 1, Cache(tmp_path, "test")).set_index(list(KEY))
    calendar, design, outcome = name.split("-")
    rows = (table["calendar"] == calendar) & (table["design"] == design) & (table["outcome"] == outcome)
    kept = table[rows].set_index(list(KEY))
    assert set(kept.index) == set(again.index)
    found, wanted = (pd.to_numeric(part["value"]).reindex(kept.index).to_numpy() for part in (again, kept))
    share = kept.index.get_level_values("metric").isin(SHARES)
    assert share.sum() > 10 and np.abs(found - wanted)[share].max() <= FLIPS
    np.testing.assert_allclose(found[~share], wanted[~share], rtol=1e-3, atol=1e-9)


def test_group_time_effects_have_the_smallest_error_in_the_rollout(table) -> None:
    rows = table[(table["calendar"] == "quarterly") & (table["design"] == "growing_by_cohort")]
    rows = rows[(rows["metric"] == "rmse") & (rows["outcome"] == "formal_employment_rate")]
    rmse = rows[rows["event_time"] == ""].set_index("estimator")["value"].astype(float)
    assert len(rmse) > 4 and rmse.idxmin() == "group_time"


def test_bell_mccaffrey_errors_stay_nearest_over_the_designs(table) -> None:
    rows = table[(table["calendar"] == "annual") & (table["metric"] == "size") & (table["event_time"] == "")]
    rows = rows[rows["estimator"] == "group_time"].astype({"value": float})
    rows = rows[rows["design"].isin(["null_actual", "null_selected", "null_unequal_effects"])]
    distance = (rows["value"] - 0.05).abs().groupby(rows["inference"])
    assert len(distance) > 10
    assert distance.mean().idxmin() == distance.max().idxmin() == "cr2_satterthwaite"


def test_an_effect_must_be_larger_the_longer_after_the_start_and_more_years_do_not_help(table) -> None:
    rows = table[(table["metric"] == "minimum_detectable_effect") & (table["design"] == "null_random")]
    rows = rows[(rows["estimator"] == "group_time") & (rows["inference"] == config.INFERENCE)]
    found = rows.set_index(["outcome", "calendar", "event_time"])["value"].astype(float).sort_index()
    for outcome in config.OUTCOMES:
        now = found[outcome.name, "annual"]
        assert now["0"] < now["1"] < now["2"]
        few, many = (found[outcome.name, name, ""] for name in ("annual_15_treated", "annual_8_years"))
        assert 0.5 * now[""] < few < now[""] < many
