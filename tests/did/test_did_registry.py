"""Names, options and the table of estimates."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from analysis.base.errors import InputError
from analysis.did import COLUMNS, ESTIMATORS, NEVER, PATHS, Estimate, Options, Panel, estimate, to_frame
from analysis.did.command.citations import CITATIONS
from analysis.did.registry import ON_REQUEST


def test_every_estimator_says_how_to_cite_it() -> None:
    assert set(CITATIONS) == {
        *ESTIMATORS,
        *ON_REQUEST,
        *PATHS,
        "triple_difference",
    }  # --eligible runs the last


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_answers_under_its_own_name_where_all_are_treated(name, panel_of) -> None:
    rows = estimate(panel_of("sim_nyt"), name)
    assert {row.estimator for row in rows} == {name}
    overall = [row for row in rows if row.term == "att"]
    assert len(overall) == 1 and math.isfinite(overall[0].estimate)


def test_an_unknown_estimator_is_refused_with_the_names_there_are(panel_of) -> None:
    with pytest.raises(InputError, match="group_time"):
        estimate(panel_of("sim_nyt"), ["group_time", "did"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"control": "all"}, {"base": "long"}, {"method": "ols"}, {"multiplier": "webb"}, {"draws": -1},
        {"anticipation": -1}, {"level": 95}, {"window": (3, -3)}, {"balance": -1},
    ],
)  # fmt: skip
def test_impossible_options_are_refused(wrong) -> None:
    with pytest.raises(InputError):
        Options(**wrong)


def test_the_table_has_the_agreed_columns_and_keeps_blanks_blank() -> None:
    rows = [Estimate("twfe", "att", 0.5), Estimate("group_time", "group_time", 0.1, "2022Q3", "2023Q1", 2)]
    table = to_frame(rows, evidence="simulated", outcome="y", specification="s")
    assert tuple(table.columns) == COLUMNS
    assert table["cohort"].tolist() == ["", "2022Q3"]
    assert table["event_time"].isna().tolist() == [True, False]
    with pytest.raises(ValueError, match="evidence"):
        to_frame(rows, evidence="guess", outcome="y", specification="s")


@pytest.mark.parametrize("name", ["twfe", "event_study_twfe"])
def test_a_regression_too_large_for_memory_is_refused_not_tried(name, panel_of, monkeypatch) -> None:
    from analysis.did.numerics import least_squares

    monkeypatch.setattr(least_squares, "MOST_NUMBERS", 1000)
    with pytest.raises(InputError, match="does not fit into memory"):
        estimate(panel_of("sim_never"), name)


def test_errors_that_are_rounding_are_taken_away_and_real_ones_are_not() -> None:
    start = np.array([3] * 4 + [NEVER] * 6)
    silent = np.arange(10.0)[:, None] + np.arange(6.0) ** 2 + 2.5 * (np.arange(6) >= start[:, None])
    for row in estimate(Panel.from_arrays(silent, start), "all"):
        if row.estimator == "synthetic_control":  # no mix of the others reaches the treated levels
            continue
        if row.term == "att":
            assert row.estimate == pytest.approx(2.5, abs=1e-6)
        if row.term in ("att", "pretrend_joint") and row.estimator != "bacon":
            assert np.isnan(row.p_value), (row.estimator, row.term)
    noisy = silent + 1e-6 * np.random.default_rng(1).normal(size=silent.shape)
    kept = [row for row in estimate(Panel.from_arrays(noisy, start), "group_time") if row.term == "att"]
    assert kept[0].std_error > 0 and "No error" not in kept[0].note


def test_neither_group_time_nor_what_a_pretest_is_worth_waits_for_large_libraries() -> None:
    """Statsmodels and linearmodels take one to two seconds to import, scipy.stats more than half of one.

    Event studies have up to `MOST_BEFORE` periods before the start when a command makes them.
    """
    code = (
        "import sys, numpy as np; from analysis.did import Panel, estimate; "
        "y = np.random.default_rng(0).normal(size=(9, 6)); "
        "estimate(Panel.from_arrays(y, np.array([3] * 4 + [99] * 5)), 'group_time'); "
        "from analysis.did.sensitivity import EventStudy, slope_with_power; "
        "from analysis.did.sensitivity.event_study import MOST_BEFORE as k; "
        "slope_with_power(EventStudy(np.zeros(k), np.zeros(1), np.eye(k + 1)), 0.5); "
        "sys.exit(bool({'statsmodels', 'linearmodels', 'scipy.stats'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
