"""Covariates as people write them: groups, yes and no, formulas, rows that lack one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from did.survey import NAMES, survey

from analysis.base.errors import InputError
from analysis.did import Panel, estimate

ESTIMATORS = [
    "group_time",
    "twfe",
    "event_study_twfe",
    "imputation",
    "two_stage",
    "extended_twfe",
    "sun_abraham",
]


def regions() -> pd.DataFrame:
    """The survey with a region of each unit, and outcomes that move with it."""
    frame = survey()
    frame["region"] = frame["id"].map(lambda k: ("north", "east", "west")[k % 3])
    frame["y"] += 0.2 * frame["t"] * (frame["region"] == "west")
    frame["code"] = frame["region"].map({"east": 10, "north": 20, "west": 30})
    frame["coast"] = frame["region"] == "west"
    for name in ("north", "west"):
        frame[name] = (frame["region"] == name).astype(float)
    return frame


def read(frame: pd.DataFrame, covariates: list[str] | str) -> Panel:
    return Panel.from_frame(frame, **NAMES, covariates=covariates)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize(
    "covariates", [["region"], ["C(code)"], "~ C(region)", "~ C(code)", "~ region - 1 + 1"]
)
def test_a_factor_is_indicators_of_all_groups_but_the_first(name, covariates) -> None:
    frame = regions()
    found = estimate(read(frame, covariates), name)
    by_hand = estimate(read(frame, ["north", "west"]), name)
    assert found.att.estimate == pytest.approx(by_hand.att.estimate, rel=1e-9)
    assert found.att.std_error == pytest.approx(by_hand.att.std_error, rel=1e-7)


@pytest.mark.parametrize("method", ["reg", "dr", "ipw"])
def test_the_first_group_makes_no_difference(method) -> None:
    frame = regions()
    other = frame.assign(region=pd.Categorical(frame["region"], categories=["west", "north", "east", "moon"]))
    found, moved = (estimate(read(f, ["region"]), "group_time", method=method) for f in (frame, other))
    assert found.att.estimate == pytest.approx(moved.att.estimate, rel=1e-7)
    assert found.att.std_error == pytest.approx(moved.att.std_error, rel=1e-6)


def test_a_cell_with_a_factor_is_the_regression_of_the_controls_change_on_it() -> None:
    frame = regions()
    result = estimate(read(frame, ["region"]), "group_time", method="reg", control="never")
    wide = frame.pivot(index="id", columns="t", values="y")
    units = frame.drop_duplicates("id").set_index("id").assign(change=wide[6] - wide[3])
    controls = smf.ols("change ~ C(region)", units[units["g"] == 0]).fit()
    treated = units[units["g"] == 4]
    by_hand = (treated["change"] - controls.predict(treated)).mean()
    assert result.group_time().loc[(4, 6), "estimate"] == pytest.approx(by_hand, rel=1e-9)


def test_the_two_way_coefficient_with_a_factor_is_that_of_the_dummy_regression() -> None:
    frame = regions().assign(treated=lambda f: ((f["g"] > 0) & (f["t"] >= f["g"])).astype(float))
    slow = smf.ols("y ~ treated + C(id) + C(t) + C(t):C(region)", frame).fit()
    found = estimate(read(frame, ["region"]), "twfe").att.estimate
    assert found == pytest.approx(slow.params["treated"], rel=1e-8)


@pytest.mark.parametrize("how", [lambda x: x, lambda x: x.astype("boolean"), lambda x: x.astype(object)])
def test_yes_and_no_are_one_and_zero(how: Callable[[pd.Series], pd.Series]) -> None:
    frame = regions()
    frame["yes"] = how(frame["coast"])
    assert np.array_equal(read(frame, ["yes"]).covariates, read(frame, ["west"]).covariates)


def test_a_formula_transforms_columns() -> None:
    frame = regions()
    frame["size"] = np.exp(frame["x"])
    frame["square"] = frame["x"] ** 2
    found = read(frame, "~ log(size) + I(x ** 2)").covariates
    assert np.allclose(found, read(frame, ["x", "square"]).covariates, rtol=1e-12)


@pytest.mark.parametrize("covariates", [["x", "region"], "~ x + region"])
def test_rows_that_lack_a_covariate_take_no_part_and_are_counted_and_named(covariates) -> None:
    frame = regions()
    frame.loc[[4, 60], "x"] = np.nan
    frame.loc[[90], "region"] = None
    panel, without = read(frame, covariates), read(frame.drop([4, 60, 90]), covariates)
    assert any("3 rows lack a covariate and take no part: 1 in 5, 8 in 5, 12 in 3" in n for n in panel.notes)
    for name in ESTIMATORS:
        assert estimate(panel, name).att.estimate == pytest.approx(
            estimate(without, name).att.estimate, rel=1e-12
        )


def test_a_group_that_occurs_in_rows_without_outcome_only_is_none() -> None:
    frame = regions()
    frame.loc[frame["id"] == 24, "region"] = "moon"
    frame.loc[frame["id"] == 24, "y"] = np.nan
    assert read(frame, ["region"]).covariate_names == ("region[north]", "region[west]")


def test_a_covariate_that_changes_is_said_to_have_the_value_of_the_base_period() -> None:
    frame = regions()
    frame["moving"] = np.sin(frame["id"] * frame["t"])
    result = estimate(read(frame, ["moving", "x"]), "group_time", method="reg", control="never")
    assert "moving changes over time and has the value of each cell's base period" in result.att.note
    wide = frame.pivot(index="id", columns="t", values="y")
    base = frame[frame["t"] == 3].set_index("id").assign(change=wide[6] - wide[3])
    controls = smf.ols("change ~ moving + x", base[base["g"] == 0]).fit()
    treated = base[base["g"] == 4]
    by_hand = (treated["change"] - controls.predict(treated)).mean()
    assert result.group_time().loc[(4, 6), "estimate"] == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize(
    "change, covariates, message",
    [
        (
            lambda f: f.assign(x=f["x"].astype(object).mask(f.index == 5, "1,5")),
            ["x"],
            "not a number in 1 row",
        ),
        (lambda f: f.assign(x=pd.Timestamp("2001-01-01")), ["x"], "not a number"),
        (lambda f: f.assign(name=[f"row {k}" for k in f.index]), ["name"], "192 groups"),
        (lambda f: f.assign(region="north"), ["region"], "one group"),
        (lambda f: f, ["wrong"], "no column 'wrong'"),
        (lambda f: f, ["C(wrong)"], "no column 'wrong'"),
        (lambda f: f, "~ wrong", "cannot be computed"),
        (lambda f: f, "~ x +", "cannot be computed"),
        (lambda f: f, "y ~ x", "right-hand side"),
        (lambda f: f, "~ lag(x)", "value 'lag'"),
        (lambda f: f.assign(x=0.0), "~ log(x)", "infinite"),
        (lambda f: f, "~ 1", "no covariate"),
        (lambda f: f.assign(x=np.nan), ["x"], "both an outcome and all covariates"),
    ],
)
def test_what_cannot_be_read_is_refused(change, covariates, message) -> None:
    with pytest.raises(InputError, match=message):
        read(change(regions()), covariates)


def test_rows_that_a_formula_cannot_compute_are_rows_that_lack_a_covariate() -> None:
    frame = regions()
    negative = int((frame["x"] < 0).sum())
    assert any(f"{negative} rows lack a covariate" in note for note in read(frame, "~ log(x)").notes)
