"""Diagnostics of the regression behind the mean effect against formulas, refits and simulated errors."""

import numpy as np
import pytest
from scipy import stats

from analysis.did import NEVER, Options, Panel, estimate
from analysis.did.inference.leave_out import leave_one_unit_out
from analysis.study.diagnostics import (
    change_regression,
    influence,
    serial_correlation,
    unequal_spread,
)

UNITS, PERIODS, FIRST, TREATED = 31, 10, 7, 7
STARTS = np.where(np.arange(UNITS) < TREATED, FIRST, NEVER)


def panel_of(outcome):
    return Panel.from_arrays(outcome, STARTS)


def panel(seed, *, spread=1.0, memory=0.0):
    """Errors of the given (N,) spread; ``memory`` is their autoregressive coefficient."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(size=(UNITS, PERIODS)) * np.broadcast_to(spread, UNITS)[:, None]
    errors = shocks.copy()
    for t in range(1, PERIODS):
        errors[:, t] = memory * errors[:, t - 1] + shocks[:, t]
    return panel_of(errors + rng.normal(size=(UNITS, 1)) + np.arange(PERIODS))


def changes(data):
    return data.outcome[:, FIRST:].mean(axis=1) - data.outcome[:, FIRST - 1]


def test_the_regression_of_changes_is_the_mean_effect():
    data = panel(1)
    (effect,) = (row.estimate for row in estimate(data, "group_time", Options()) if row.term == "att")
    assert change_regression(data).params[1] == pytest.approx(effect, abs=1e-12)


def test_leaving_a_province_out_moves_the_estimate_by_its_dfbeta():
    # DFBETAS is that move over the error of the effect with the variance of the others (Belsley and others).
    data = panel(2)
    fit = change_regression(data)
    refits = [row.estimate.estimate for row in leave_one_unit_out(data, "group_time", Options())]
    assert fit.params[1] - fit.get_influence().dfbeta[:, 1] == pytest.approx(refits, abs=1e-12)
    found = [row["estimate"] for row in influence(fit, data.units) if row["analysis"] == "influence"]
    for k, (refit, shift) in enumerate(zip(refits, found, strict=True)):
        left, there = np.delete(changes(data), k), np.delete(STARTS == FIRST, k)
        groups = [left[there], left[~there]]
        variance = sum(((g - g.mean()) ** 2).sum() for g in groups) / (UNITS - 1 - 2)
        error = np.sqrt(variance * (1 / TREATED + 1 / (UNITS - TREATED)))
        assert shift == pytest.approx((fit.params[1] - refit) / error, rel=1e-9)


def test_a_province_far_out_is_the_outlier_with_the_p_value_of_holm_by_hand():
    outcome = panel(3).outcome.copy()
    outcome[20, FIRST:] += 12
    data = panel_of(outcome)
    rows = [r for r in influence(change_regression(data), data.units) if r["analysis"] == "outlier"]
    worst = min(rows, key=lambda row: row["p_value"])
    assert worst["variant"] == data.units[20]
    # The smallest of N p-values times N; a province's p-value is that of its own dummy, t(N - 3).
    dummy = np.eye(UNITS)[20]
    design = np.column_stack([np.ones(UNITS), STARTS == FIRST, dummy]).astype(float)
    slopes, (squares,), *_ = np.linalg.lstsq(design, changes(data), rcond=None)
    error = np.sqrt(squares / (UNITS - 3) * np.linalg.inv(design.T @ design)[2, 2])
    single = 2 * stats.t.sf(abs(slopes[2] / error), UNITS - 3)
    assert worst["estimate"] == pytest.approx(slopes[2] / error, rel=1e-9)
    assert worst["p_value"] == pytest.approx(min(1, UNITS * single), rel=1e-7)


def test_spread_by_wave_is_the_f_test_of_two_mean_squares():
    data = panel(4)
    treated, _ = unequal_spread(change_regression(data), np.arange(UNITS, dtype=float))
    change, first = changes(data), STARTS == FIRST
    residual = np.where(first, change - change[first].mean(), change - change[~first].mean())
    squares = residual**2 / np.where(first, 1 - 1 / TREATED, 1 - 1 / (UNITS - TREATED))
    expected = stats.f_oneway(squares[first], squares[~first])
    assert treated["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    relative = squares / squares.mean()
    assert treated["estimate"] == pytest.approx(relative[first].mean() - relative[~first].mean(), rel=1e-9)


def spread_by_residents(*, draws=200, **made):
    """By seed; residents fall over the provinces as their given spread rises."""
    sizes = np.exp(-np.linspace(0, 1, UNITS)[np.random.default_rng(0).permutation(UNITS)])
    if made.pop("by_size", False):
        made["spread"] = sizes**-1.5
    found = []
    for seed in range(draws):
        rows = unequal_spread(change_regression(panel(seed, **made)), np.log(sizes))
        (row,) = [row for row in rows if row["variant"] == "residents"]
        found.append([row["estimate"], row["p_value"]])
    return np.array(found).T


def test_equal_spread_is_rejected_one_time_in_twenty_and_spread_by_size_mostly_with_its_sign():
    _, null = spread_by_residents()
    assert 0.01 <= (null <= 0.05).mean() <= 0.095  # 200 draws at 0.05: an error of 0.015
    slopes, found = spread_by_residents(by_size=True)
    assert (found <= 0.05).mean() > 0.4
    assert (slopes < 0).mean() > 0.95


def test_errors_without_memory_have_the_slope_of_minus_a_half_and_a_random_walk_that_of_zero():
    def found(memory):
        rows = [serial_correlation(panel(seed, memory=memory)) for seed in range(200)]
        return np.array([[row["estimate"], row["p_value"]] for row in rows]).T

    slopes, null = found(0.0)
    assert slopes.mean() == pytest.approx(-0.5, abs=0.02)
    assert 0.01 <= (null <= 0.05).mean() <= 0.1
    slopes, walk = found(1.0)
    assert slopes.mean() == pytest.approx(0, abs=0.02)
    assert (walk <= 0.05).mean() > 0.95


def test_serial_correlation_is_the_clustered_regression_by_hand():
    data = panel(6, memory=0.5)
    change = np.diff(data.outcome, axis=1)
    for wave in (STARTS == FIRST, STARTS == NEVER):
        change[wave] -= change[wave].mean(axis=0)
    now, before = change[:, 1:], change[:, :-1]
    slope = (now * before).sum() / (before**2).sum()
    scores = ((now - slope * before) * before).sum(axis=1)
    n = now.size
    variance = (scores**2).sum() / (before**2).sum() ** 2 * UNITS / (UNITS - 1) * (n - 1) / (n - 1)
    row = serial_correlation(data)
    assert row["estimate"] == pytest.approx(slope, rel=1e-12)
    expected = 2 * stats.t.sf(abs((slope + 0.5) / np.sqrt(variance)), UNITS - 1)
    assert row["p_value"] == pytest.approx(expected, rel=1e-9)
