"""Units of the outcome change no conclusion; what has no noise, or two clusters, has no error."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from did.survey import NAMES, survey
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.did import ESTIMATORS, READS, Options, Panel, estimate, leave_one_out
from analysis.did.inference import with_randomization
from analysis.did.inference.variation import check_noise, check_variation
from analysis.did.numerics.batch import make_plan
from analysis.did.numerics.joint import largest_t_test

UNITLESS = ("weight", "pretrend_joint")


def panel_of(frame: pd.DataFrame, **more: str) -> Panel:
    return Panel.from_frame(frame, **NAMES, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ESTIMATORS)
@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 1000),
    power=st.sampled_from([-12, -11, -7, -3, 3, 7, 11, 12]),
    sign=st.sampled_from([-1.0, 1.0]),
)
def test_estimates_errors_and_p_values_scale_with_the_outcome(name, seed, power, sign) -> None:
    frame, factor = survey(seed), sign * 10.0**power
    options = Options(draws=99) if "draws" in READS[name] else Options()
    plain = estimate(panel_of(frame), name, options)
    scaled = estimate(panel_of(frame.assign(y=factor * frame["y"])), name, options)
    assert len(plain) == len(scaled)
    for row, other in zip(plain, scaled, strict=True):
        own = 1.0 if row.term in UNITLESS else factor
        tight = {"rel": 1e-6, "nan_ok": True}
        assert other.estimate == pytest.approx(own * row.estimate, abs=1e-9 * abs(own), **tight)
        if name.startswith("synthetic"):
            continue  # errors are spreads of searches that stop at a tolerance
        assert other.std_error == pytest.approx(abs(own) * row.std_error, **tight)
        assert other.p_value == pytest.approx(row.p_value, abs=1e-9, **tight)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
@pytest.mark.parametrize("name", ["group_time", "twfe", "imputation", "dynamic_dcdh"])
def test_outcomes_whose_squares_are_no_floats_have_errors(name, factor) -> None:
    plain = estimate(panel_of(survey()), name)[0]
    scaled = estimate(panel_of(survey().assign(y=lambda f: factor * f["y"])), name)[0]
    assert scaled.estimate / factor == pytest.approx(plain.estimate, rel=1e-9)
    assert scaled.std_error / factor == pytest.approx(plain.std_error, rel=1e-9)


@pytest.mark.parametrize("name", ["group_time", "twfe", "imputation", "sun_abraham", "dynamic_dcdh"])
def test_outcomes_around_a_million_million_keep_their_errors(name) -> None:
    plain = estimate(panel_of(survey()), name)[0]
    moved = estimate(panel_of(survey().assign(y=lambda f: 1e12 + f["y"])), name)[0]
    assert moved.estimate == pytest.approx(plain.estimate, abs=2e-3)
    assert moved.std_error == pytest.approx(plain.std_error, rel=2e-2)


@pytest.mark.parametrize("factor", [1e-12, 1.0, 1e12])
def test_an_outcome_without_noise_has_no_error_in_any_unit(factor) -> None:
    frame = survey()
    frame["y"] = factor * (
        3.0 + 0.7 * frame["id"] + 0.1 * frame["t"] + ((frame["g"] > 0) & (frame["t"] >= frame["g"]))
    )
    for name in ("group_time", "twfe", "imputation", "sun_abraham"):
        row = estimate(panel_of(frame), name)[0]
        assert row.estimate == pytest.approx(factor, rel=1e-9)
        assert np.isnan(row.std_error)
        assert "No error" in row.note


@pytest.mark.parametrize("factor", [1e-12, 1e12])
def test_randomisation_does_not_depend_on_the_unit(factor) -> None:
    found = []
    for frame in (survey(), survey().assign(y=lambda f: factor * f["y"])):
        panel = panel_of(frame)
        check_variation(panel)
        check_noise(panel, Options())
        rows = estimate(panel, "group_time")[:1]
        found.append(with_randomization(panel, rows, Options(), terms=("att",), draws=199, seed=0)[0])
    assert found[0].p_randomization == found[1].p_randomization


@pytest.mark.parametrize("factor", [1e-12, 1.0, 1e12])
def test_an_estimator_that_is_no_linear_form_is_found_out_in_any_unit(factor) -> None:
    panel = panel_of(survey().assign(y=lambda f: factor * f["y"]))
    assert make_plan(panel, "group_time", Options()).estimates
    with pytest.raises(ValueError, match="efficient is not linear in group means"):
        make_plan(panel, "efficient", Options())


@pytest.mark.parametrize("factor", [1e-12, 1e12])
def test_the_largest_t_has_no_unit(factor) -> None:
    values, covariance = np.array([1.0, -2.0, 0.5]), np.diag([1.0, 0.5, 2.0])
    plain = largest_t_test(values, covariance, 0)
    scaled = largest_t_test(factor * values, factor**2 * covariance, 0)
    assert scaled.statistic == pytest.approx(plain.statistic, rel=1e-12)
    assert (scaled.p_value, scaled.restrictions) == (plain.p_value, 3)


def flat_cells() -> pd.DataFrame:
    """Outcomes of the first cohort and of everybody else are zero in periods 3, 4 and 5."""
    frame = survey()
    frame.loc[frame["t"].isin([3, 4, 5]), "y"] = 0.0
    return frame


def test_cells_without_variation_are_no_base_periods() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = estimate(panel_of(flat_cells()), "group_time", Options(draws=99))
    based = {(row.cohort, row.event_time) for row in rows if "Base period" in row.note}
    assert based == {(None, -1), (4, -1), (6, -1)}
    flat = [row for row in rows if row.term == "group_time" and row.cohort == 4 and row.event_time in (0, 1)]
    assert [row.estimate for row in flat] == [0.0, 0.0]
    assert all("units in these cells all change alike" in row.note for row in flat)


def two_clusters() -> pd.DataFrame:
    """One cluster of treated units and one that has the others and one treated unit."""
    return survey().assign(st=lambda f: (f["g"] == 0) | (f["id"] == 13))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_two_clusters_give_no_error(name) -> None:
    rows = estimate(panel_of(two_clusters(), cluster="st"), "all")
    own = [row for row in rows if row.estimator == name]
    assert own
    for row in own:
        assert np.isnan([row.std_error, row.ci_low, row.ci_high, row.p_value]).all()
        if row.estimate == row.estimate:
            assert "No error: 2 clusters do not show how large chance is." in row.note


def test_the_command_says_on_terminal_in_table_and_report_that_two_clusters_give_none(tmp_path: Path) -> None:
    two_clusters().to_csv(tmp_path / "panel.csv", index=False)
    words = ["did", "--panel", str(tmp_path / "panel.csv"), "--out", str(tmp_path / "out"), "--draws", "0"]
    words += ["--unit", "id", "--time", "t", "--outcome", "y", "--cohort", "g", "--cluster", "st"]
    words += ["--estimators", "group_time,twfe,twfe", "--randomization", "0"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    said = "2 clusters do not show how large chance is"
    assert said in " ".join(result.stdout.split())
    assert said in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    picture = (tmp_path / "out" / "event_study.svg").read_text(encoding="utf-8")
    assert "No effect after the start has an error" in picture
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert table["std_error"].isna().all()
    assert table["note"].str.contains(said).all()
    assert (table["estimator"] == "twfe").sum() == 1


@pytest.mark.parametrize("level", [0.0, 3.0, 0.1])
@pytest.mark.parametrize(
    "name", ["event_study_twfe", "sun_abraham", "imputation", "two_stage", "extended_twfe"]
)
def test_every_estimate_of_a_constant_outcome_says_that_there_is_no_noise(name, level) -> None:
    choices = {"kernel": "fast"} if "kernel" in READS[name] else {}
    result = estimate(panel_of(survey().assign(y=level)), name, **choices)
    effects = [row for row in result if row.term in ("att", "cohort", "calendar", "group_time", "event")]
    assert effects and all(row.estimate == pytest.approx(0, abs=1e-12) for row in effects)
    for row in effects:
        assert np.isnan([row.std_error, row.p_value]).all()
        assert "No error: units have no noise" in row.note or "zero by construction" in row.note
    for row in result:
        if row.term == "pretrend_joint":  # else rounding over rounding
            assert np.isnan([row.estimate, row.p_value]).all()
            assert row.note.startswith("Not computed: units have no noise")


def test_estimates_without_single_units_have_no_error_where_there_is_no_noise() -> None:
    frame = survey()
    treated = (frame["g"] > 0) & (frame["t"] >= frame["g"])
    frame["y"] = 3.0 + 0.7 * frame["id"] + 0.1 * frame["t"] + treated
    table = leave_one_out(estimate(panel_of(frame), "imputation"))
    assert table["estimate"].to_numpy() == pytest.approx(1.0, rel=1e-9)
    assert table[["std_error", "p_value"]].isna().all(axis=None)
    assert table["note"].str.contains("No error: units have no noise").all()
