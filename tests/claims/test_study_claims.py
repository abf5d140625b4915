"""Titles of exhibits on inference and sensitivity that state a direction, against the committed tables.

A test that fails asks for another title, not for another table.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import config

MADE = Path(__file__).resolve().parents[2] / "data/processed"


@pytest.fixture(scope="module")
def sensitivity():
    return pd.read_csv(MADE / "sensitivity.csv", keep_default_na=False)


def test_the_income_gap_stands_a_straight_trend_and_hardly_a_break_and_the_others_are_nothing(sensitivity):
    # The title of tbl-sensitivity.
    line = sensitivity[(sensitivity["analysis"] == "linear_trend") & (sensitivity["variant"] == "average")]
    ends = line.set_index("outcome")[["ci_low", "ci_high"]].astype(float)
    assert ends.loc["log_income_per_head", "ci_high"] < 0
    rows = sensitivity[
        (sensitivity["analysis"] == "relative_breakdown") & (sensitivity["variant"] == "average")
    ]
    found = rows.set_index("outcome")["estimate"].astype(float)
    assert 0 < found["log_income_per_head"] < 0.2
    assert found["formal_employment_rate"] == found["log_gdp_per_head"] == 0


def test_the_income_gap_to_own_trends_stands_in_any_cut_and_is_not_there_three_years_earlier(sensitivity):
    # The title of tbl-bands.
    rows = sensitivity[(sensitivity["analysis"] == "own_trend")]
    own = rows[rows["outcome"] == "log_income_per_head"].set_index("variant").astype({"p_value": float})
    assert len(own) == len(config.LEVEL_BANDS_TRIED) + 2
    assert (own["p_value"].drop("placebo") < 0.02).all()
    assert own.loc["placebo", "p_value"] > 0.3


def test_no_province_is_an_outlier_small_ones_scatter_more_and_errors_last(sensitivity):
    # The title of tbl-diagnostics.
    rows = sensitivity[sensitivity["outcome"].isin([outcome.name for outcome in config.OUTCOMES])]
    names = ("outlier", "unequal_spread", "serial_correlation")
    parts = {name: rows[rows["analysis"] == name] for name in names}
    assert len(parts["outlier"]) == 3 * 31
    assert (parts["outlier"]["p_value"].astype(float) > 0.2).all()
    spread = parts["unequal_spread"].astype({"estimate": float, "p_value": float})
    residents, treated = (spread[spread["variant"] == name] for name in ("residents", "treated"))
    assert len(residents) == len(treated) == 3
    assert (residents["estimate"] < 0).all() and (residents["p_value"] < 0.06).all()
    assert (treated["p_value"] > 0.2).all()
    memory = parts["serial_correlation"].astype({"estimate": float, "p_value": float})
    assert (memory["estimate"] > -0.5).all() and (memory["p_value"] < 0.001).all()


def test_the_income_gap_is_smaller_among_provinces_of_similar_income_however_they_are_cut(sensitivity):
    rows = sensitivity[sensitivity["outcome"] == "log_income_per_head"]
    bands = rows[rows["analysis"] == "level_bands"].astype({"estimate": float, "p_value": float})
    whole = rows[(rows["analysis"] == "estimator") & (rows["variant"] == "group_time")]["estimate"].astype(
        float
    )
    assert len(bands) == len(config.LEVEL_BANDS_TRIED)
    assert (bands["estimate"].abs() < 0.8 * abs(whole.item())).all()
    assert (bands["p_value"] > 0.1).all()


def test_what_is_compared_with_moves_the_median_more_than_which_province_is_left_out():
    # The title of tbl-specification.
    curve = pd.read_csv(MADE / "specification_curve.csv", keep_default_na=False)
    for outcome in config.OUTCOMES:
        rows = curve[curve["outcome"] == outcome.name].astype({"estimate": float})
        spread = {name: np.ptp(rows.groupby(name)["estimate"].median()) for name in ("estimator", "sample")}
        assert spread["estimator"] > 2 * spread["sample"]
