"""Counts and shares of cohorts: only units that stand in the cells averaged weigh."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from did.survey import NAMES, slow_cells, slow_overall, survey
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.base.errors import InputError
from analysis.did import ESTIMATORS, READS, Estimate, Options, Panel, estimate
from analysis.did.estimators.cell_effects import cell_effects
from analysis.did.estimators.cells import make_grid


def rows_of(frame: pd.DataFrame, name: str, options: Options | None = None) -> list[Estimate]:
    usual = Options(draws=49) if "draws" in READS[name] else Options()
    return estimate(Panel.from_frame(frame, **NAMES), name, options or usual)  # type: ignore[arg-type]


def digits(frame: pd.DataFrame, name: str) -> list[tuple[object, ...]] | str:
    """Everything that an estimator says in numbers, or why it says nothing."""
    try:
        rows = rows_of(frame, name)
    except InputError as error:
        return error.problem
    numbers = ("estimate", "std_error", "ci_low", "ci_high", "band_low", "p_value", "n_units", "n_treated")
    keys = ("term", "cohort", "period", "event_time", "n_observations")
    return [tuple(repr(getattr(row, field)) for field in (*keys, *numbers)) for row in rows]


def spoilt(seed: int, share: float) -> pd.DataFrame:
    """The survey with some outcomes missing, among them all of units 2 to 5 and all of period 3."""
    frame = survey(seed)
    gone = np.random.default_rng(seed).random(len(frame)) < share
    frame.loc[gone | frame["id"].isin([2, 3, 4, 5]) | (frame["t"] == 3), "y"] = np.nan
    return frame


@pytest.mark.parametrize("name", ESTIMATORS)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1000), share=st.sampled_from([0.0, 0.1, 0.4]))
def test_rows_without_outcome_can_be_deleted_without_moving_a_digit(name, seed, share) -> None:
    frame = spoilt(seed, share)
    assert digits(frame, name) == digits(frame.dropna(subset=["y"]), name)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_cohorts_weigh_by_the_units_in_their_cells_as_in_the_slow_way(share) -> None:
    frame = spoilt(3, share)
    found = {row.term: row for row in rows_of(frame, "group_time")[:2]}
    for term, value in slow_overall(frame).items():
        assert found[term].estimate == pytest.approx(value, rel=1e-12)
        standing = set().union(*(own for _, own in slow_cells(frame).values()))
        assert found[term].n_treated == len(standing)


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_an_event_time_weighs_cohorts_by_the_units_in_those_cells(share) -> None:
    frame = spoilt(4, share)
    cells = slow_cells(frame)
    periods = sorted(frame.dropna(subset=["y"])["t"].unique())
    for row in rows_of(frame, "group_time"):
        if row.term != "event" or row.event_time is None or row.event_time < 0:
            continue
        own = [v for (g, t), v in cells.items() if periods.index(t) - periods.index(g) == row.event_time]
        mass = [len(units) for _, units in own]
        assert row.estimate == pytest.approx(np.average([e for e, _ in own], weights=mass), rel=1e-12)
        assert row.n_treated == sum(mass)


def test_a_unit_first_seen_after_its_own_start_does_not_weigh() -> None:
    frame = survey()
    late = frame[(frame["id"] != 1) | (frame["t"] > 5)]
    without = frame[frame["id"] != 1]
    for term in range(2):
        first, second = rows_of(late, "group_time")[term], rows_of(without, "group_time")[term]
        assert first.estimate == pytest.approx(second.estimate, rel=1e-12)
        assert first.std_error == pytest.approx(second.std_error, rel=1e-12)
        assert (first.n_units, first.n_treated) == (23, 12)
    found = {row.term: row for row in rows_of(late, "imputation")[:2]}
    wanted = {row.term: row for row in rows_of(without, "imputation")[:2]}
    assert found["att_simple"].estimate == pytest.approx(wanted["att_simple"].estimate, rel=1e-10)
    assert found["att_simple"].n_treated == 12


@pytest.mark.parametrize("name", ["imputation", "two_stage", "extended_twfe", "sun_abraham"])
def test_where_only_whole_units_are_missing_cells_by_size_are_the_mean_of_observations(name) -> None:
    frame = survey()
    frame.loc[frame["id"].isin([2, 3, 4, 5]), "y"] = np.nan
    found = {row.term: row for row in rows_of(frame, name)[:2]}
    assert found["att_simple"].estimate == pytest.approx(found["att"].estimate, rel=1e-10)
    assert found["att"].n_treated == 9


def test_errors_of_averages_with_missing_outcomes_are_those_of_a_jackknife() -> None:
    # The influence function of shares that differ between cells, against leaving out one unit at a time.
    rng = np.random.default_rng(0)
    number = 600
    starts = rng.choice([2, 4, 10**6], number)
    outcome = rng.normal(size=(number, 6)) + (np.arange(6) >= starts[:, None]) * starts[:, None] % 7
    outcome[rng.random((number, 6)) < 0.2] = np.nan
    panel = Panel.from_arrays(outcome, starts)
    rows = [
        row for row in estimate(panel, "group_time", Options()) if row.term in ("att_simple", "event", "att")
    ]
    again = np.array(
        [
            [
                row.estimate
                for row in estimate(panel.of_units(np.arange(number) != k), "group_time", Options())
                if row.term in ("att_simple", "event", "att")
            ]
            for k in range(number)
        ]
    )
    spread = np.sqrt((number - 1) / number * ((again - again.mean(axis=0)) ** 2).sum(axis=0))
    for row, error in zip(rows, spread, strict=True):
        if row.std_error == row.std_error:
            assert row.std_error == pytest.approx(error, rel=0.02)


def test_a_complete_panel_needs_no_sets_of_its_own() -> None:
    panel = Panel.from_frame(survey().assign(z=lambda f: f["x"]), **NAMES, covariates=["z"])  # type: ignore[arg-type]
    effects = cell_effects(panel, make_grid(panel, Options()), "reg", Options().fix_weights)
    assert len(effects.shares) == 3  # two cohorts and the never treated
