"""Periods that nobody observed and waves at uneven distances, for every estimator and in the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from did.survey import NAMES, slow_cells, slow_overall, survey
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.base.errors import InputError
from analysis.did import ESTIMATORS, Estimate, Options, Panel, estimate

WAVES = dict(enumerate([1995, 1996, 1999, 2003, 2004, 2010, 2012, 2020], start=1))


def panel_of(frame: pd.DataFrame, time_gaps: str = "rank") -> Panel:
    return Panel.from_frame(frame, **NAMES, time_gaps=time_gaps)  # type: ignore[arg-type]


def gap_year() -> pd.DataFrame:
    """The survey without period 5, the last before the second start."""
    frame = survey()
    return frame[frame["t"] != 5]


def uneven() -> pd.DataFrame:
    """The survey in eight waves; the second cohort starts a year before its first treated wave."""
    frame = survey()
    return frame.assign(t=frame["t"].map(WAVES), g=frame["g"].map({0: 0, 4: 2003, 6: 2009}))


def by_event(rows: list[Estimate]) -> dict[int, float]:
    return {
        row.event_time: row.estimate for row in rows if row.term == "event" and row.event_time is not None
    }


@pytest.mark.parametrize("time_gaps", ["rank", "keep"])
@pytest.mark.parametrize("frame", [gap_year(), uneven().replace({"g": {2009: 2010}})], ids=["gap", "waves"])
def test_no_cohort_is_lost_and_the_base_is_the_last_observed_period(frame, time_gaps) -> None:
    rows = {row.term: row for row in estimate(panel_of(frame, time_gaps), "group_time")[:2]}
    for term, value in slow_overall(frame).items():
        assert rows[term].estimate == pytest.approx(value, rel=1e-12)
        assert rows[term].n_treated == 13


def test_waves_in_order_are_the_panel_with_waves_numbered() -> None:
    waves, numbered = panel_of(uneven()), panel_of(survey())
    assert np.array_equal(waves.outcome, numbered.outcome)
    assert np.array_equal(waves.cohort, numbered.cohort)
    assert "Starts between two periods count from the next one: 2009." in waves.notes


@pytest.mark.parametrize("time_gaps", ["rank", "keep"])
@pytest.mark.parametrize("name", ["group_time", "dynamic_dcdh"])
def test_event_time_counts_observed_periods_or_those_of_the_calendar(name, time_gaps) -> None:
    frame = gap_year()
    place = {t: t for t in range(1, 9)} if time_gaps == "keep" else {t: t - (t > 5) for t in range(1, 9)}
    sums: dict[int, list[tuple[float, int]]] = {}
    for (g, t), (value, own) in slow_cells(frame).items():
        sums.setdefault(place[t] - place[g], []).append((value, len(own)))
    found = by_event(estimate(panel_of(frame, time_gaps), name))
    for event, cells in sums.items():
        values, mass = zip(*cells, strict=True)
        assert found[event] == pytest.approx(np.average(values, weights=mass), rel=1e-12)


@pytest.mark.parametrize("name", ["sun_abraham", "extended_twfe"])
def test_with_never_treated_controls_regressions_have_the_same_base(name) -> None:
    options = Options(control="never")
    expected = by_event(estimate(panel_of(gap_year(), "keep"), "group_time", options))
    own = Options() if name == "sun_abraham" else options  # which always takes the never treated
    found = by_event(estimate(panel_of(gap_year(), "keep"), name, own))
    for event in (0, 1, 2, 3, 4):
        assert found[event] == pytest.approx(expected[event], rel=1e-9)


def test_local_projection_takes_the_same_base_and_says_where_no_horizon_is_common() -> None:
    frame = gap_year()
    frame = frame[frame["g"] != 4]
    expected = by_event(estimate(panel_of(frame, "keep"), "group_time"))
    found = by_event(estimate(panel_of(frame, "keep"), "local_projection"))
    for event in (0, 1, 2):
        assert found[event] == pytest.approx(expected[event], rel=1e-9)
    scattered = survey()
    late = scattered["t"] - scattered["g"]
    half = scattered["id"] % 2 == 0
    scattered.loc[(scattered["g"] > 0) & np.where(half, late == 0, late == 1), "y"] = np.nan
    first = estimate(panel_of(scattered), "local_projection")[0]
    assert first.term == "att"
    assert np.isnan(first.estimate)
    assert first.note.startswith("Not computed: no unit has outcomes at all horizons 0 to 4")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_ranked_waves_take_no_estimator_away(name) -> None:
    expected = estimate(panel_of(survey()), name)
    found = estimate(panel_of(uneven()), name)
    assert [row.estimate for row in found] == [row.estimate for row in expected]


def test_refusal_names_the_gap_and_both_ways_out() -> None:
    with pytest.raises(InputError, match=r"one goes from 4 to 6(.|\n)*rank(.|\n)*keep"):
        panel_of(gap_year(), "refuse")
    with pytest.raises(InputError, match="time_gaps is 'skip'"):
        panel_of(gap_year(), "skip")


def test_keeping_days_of_decades_is_refused() -> None:
    frame = survey()
    frame["t"] = frame["t"].map({k: f"{1990 + 3 * k}-0{k}-1{k}" for k in range(1, 9)})
    frame["g"] = frame["g"].map({0: None, 4: "2002-04-14", 6: "2008-06-16"})
    assert panel_of(frame).n_periods == 8
    with pytest.raises(InputError, match=r"would make 7\d\d\d periods of 8"):
        panel_of(frame, "keep")


def run(frame: pd.DataFrame, folder: Path, *extra: str) -> tuple[str, str]:
    """Report and terminal of a run of the command."""
    frame.to_csv(folder / "panel.csv", index=False)
    words = ["did", "--panel", str(folder / "panel.csv"), "--out", str(folder / "out"), "--draws", "0"]
    words += [
        "--unit",
        "id",
        "--time",
        "t",
        "--outcome",
        "y",
        "--cohort",
        "g",
        "--randomization",
        "0",
        *extra,
    ]
    result = CliRunner().invoke(app, words)
    if result.exception is not None:
        raise result.exception
    return (folder / "out" / "report.md").read_text(encoding="utf-8"), " ".join(result.stdout.split())


def test_the_report_lists_the_cells_that_were_estimated(tmp_path) -> None:
    report, terminal = run(gap_year(), tmp_path, "--estimators", "group_time,imputation")
    assert "| 4 | 6 | 4 to 8 | none |" in report
    assert "| 6 | 7 | 6 to 8 | none |" in report
    assert "the effect on 13 units is identified" in report
    assert "not equally spaced (4 to 6): event time counts observed periods" in terminal
    report, _ = run(gap_year(), tmp_path, "--estimators", "twfe", "--time-gaps", "keep")
    assert "| 4 | 6 | 4, 6 to 8 | 5 |" in report


def test_the_report_does_not_call_a_cohort_identified_that_has_no_base(tmp_path) -> None:
    frame = survey()
    frame.loc[(frame["g"] == 6) & (frame["t"] == 5), "y"] = np.nan
    report, _ = run(frame, tmp_path, "--estimators", "group_time,imputation")
    assert "| 6 | 7 | none | 6 to 8 |" in report
    assert "the effect on 6 units is identified" in report


def test_the_report_counts_the_units_that_stand_in_cells_and_names_who_lacks_some(tmp_path) -> None:
    frame = survey()
    frame = frame[~((frame["id"] == 1) & (frame["t"] == 3))]
    report, _ = run(frame, tmp_path, "--estimators", "group_time,imputation")
    assert "| 4 | 5 of 6 | 4 to 8 | none |" in report
    frame = survey()
    frame.loc[(frame["g"] == 4) & (frame["t"] < 4), "y"] = np.nan
    report, _ = run(frame, tmp_path, "--estimators", "all")
    assert "| 4 | 6 | none | 4 to 8 |" in report


def test_estimators_that_drop_out_say_so_on_the_terminal_and_in_the_report(tmp_path) -> None:
    report, terminal = run(gap_year(), tmp_path, "--estimators", "all", "--time-gaps", "keep")
    for name in ("bacon", "stacked", "efficient", "synthetic_did"):
        assert f"{name}: Not computed: " in terminal
        assert f"{name}: Not computed: " in report
