"""The effect against own trends, by hand and by listing."""

from itertools import combinations

import numpy as np
import pytest

from analysis import config
from analysis.did import NEVER, Options, Panel
from analysis.study.own_trends import beyond_trend, own_trend_table, window_table


def country(gap: float, seed: int = 0) -> Panel:
    """Twelve units, ten years, trends of their own; three start in year 7 and lose ``gap``."""
    rng, time = np.random.default_rng(seed), np.arange(10)
    slopes = rng.normal(scale=5, size=(12, 1))
    outcome = rng.normal(scale=10, size=(12, 1)) + slopes * time + rng.normal(scale=0.1, size=(12, 10))
    outcome[:3, 7:] -= gap
    return Panel.from_arrays(outcome, np.array([7] * 3 + [NEVER] * 9))


def test_a_straight_line_is_taken_out_whatever_its_slope():
    time = np.arange(8.0)
    outcome = np.stack([3 + 2 * time, -1 - 40 * time])
    assert beyond_trend(outcome, 5) == pytest.approx([0, 0], abs=1e-9)
    outcome[:, 5:] += np.array([[1.0, 2.0, 6.0]])
    assert beyond_trend(outcome, 5) == pytest.approx([3, 3])


def test_the_effect_is_found_behind_trends_that_hide_it_and_not_before(monkeypatch):
    monkeypatch.setattr(config, "LEVEL_BANDS_TRIED", (2,))
    data = country(gap=1.0)
    rows = own_trend_table(data, Options()).set_index("variant")
    assert list(rows.index) == ["none", "2", "placebo"]
    assert rows.loc["none", "estimate"] == pytest.approx(-1.0, abs=0.4)
    assert abs(rows.loc["placebo", "estimate"]) < 0.4
    beyond = beyond_trend(data.outcome, 7)
    chosen = [beyond[list(c)].mean() - np.delete(beyond, c).mean() for c in combinations(range(12), 3)]
    actual = beyond[:3].mean() - beyond[3:].mean()
    assert rows.loc["none", "p_value"] == pytest.approx(np.mean(np.abs(chosen) >= abs(actual) - 1e-12))
    assert rows.loc["none", "p_value"] == 1 / 220


def test_the_placebo_uses_no_year_from_the_start_on(monkeypatch):
    monkeypatch.setattr(config, "LEVEL_BANDS_TRIED", (2,))
    small, large = (own_trend_table(country(gap), Options()).set_index("variant") for gap in (0.0, 50.0))
    assert small.loc["placebo", "estimate"] == large.loc["placebo", "estimate"]


def test_the_path_over_pre_periods_equals_a_listing_and_counts_all_of_them():
    data = country(gap=1.0, seed=4)
    table = window_table(data, Options())
    single = table[table["analysis"] == "own_trend_window"].set_index("variant")
    joint = table[table["analysis"] == "own_trend_window_adjusted"].set_index("variant")
    assert list(single.index) == ["0", "1", "2", "3", "4", "mean", "last_year"]
    late, before = data.outcome[:, 7:].mean(axis=1), data.outcome[:, :7]
    time = np.arange(10)

    def through(start):
        lines = [np.polyfit(time[start:7], row[start:], 1) for row in before]
        return late - np.array([np.polyval(line, time[7:]).mean() for line in lines])

    ways = [through(start) for start in range(5)] + [late - before.mean(axis=1), late - before[:, -1]]
    chosen = [[z[list(c)].mean() - np.delete(z, c).mean() for c in combinations(range(12), 3)] for z in ways]
    drawn = np.abs(np.array(chosen))
    assert single["estimate"].abs().tolist() == pytest.approx(drawn[:, 0].tolist())
    assert single["p_value"].tolist() == pytest.approx(np.mean(drawn >= drawn[:, :1] - 1e-9, axis=1).tolist())
    scaled = drawn / np.sqrt((drawn**2).mean(axis=1, keepdims=True))
    wanted = [np.mean(scaled.max(axis=0) >= own - 1e-9) for own in scaled[:, 0]]
    assert joint["p_value"].tolist() == pytest.approx(wanted)
    assert (joint["p_value"] >= single["p_value"]).all() and (joint["p_value"] > single["p_value"]).any()
