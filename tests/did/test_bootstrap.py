"""Multiplier bootstrap: errors, bands and their reproducibility."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.did import Options, estimate
from analysis.did.numerics.bootstrap import critical_values, multipliers


@pytest.mark.parametrize("kind", ["rademacher", "mammen"])
def test_multipliers_have_mean_zero_and_variance_one(kind) -> None:
    drawn = multipliers(np.random.default_rng(1), 4000, 50, kind)
    assert drawn.shape == (4000, 50)
    # 200,000 draws: standard errors of mean and variance are below 0.005
    assert abs(drawn.mean()) < 0.015
    assert abs(drawn.var() - 1) < 0.015


def test_mammen_multipliers_have_third_moment_one() -> None:
    drawn = multipliers(np.random.default_rng(1), 4000, 50, "mammen")
    assert (drawn**3).mean() == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("dataset", ["mpdta", "sim_never", "sim_nyt"])
def test_critical_value_agrees_with_did_within_simulation_noise(dataset, panel_of, reference) -> None:
    # did used 1,000 draws: its 95 % critical values spread by about 5 % from seed to seed.
    expected = reference("CS_boot1000", "did", dataset).loc["crit_val_dynamic", "estimate"]
    options = Options(draws=20_000, base="varying", multiplier="mammen")
    events = [r for r in estimate(panel_of(dataset), "group_time", options) if r.term == "event"]
    found = {(r.band_high - r.estimate) / r.std_error for r in events}
    assert max(found) - min(found) < 1e-9
    assert max(found) == pytest.approx(expected, rel=0.08)


def test_bands_contain_the_pointwise_intervals(panel_of) -> None:
    rows = estimate(panel_of("sim_nyt"), "group_time", Options(draws=999))
    events = [r for r in rows if r.term == "event" and r.std_error == r.std_error]
    assert events
    assert all(r.band_low < r.ci_low < r.ci_high < r.band_high for r in events)


def test_the_same_seed_gives_the_same_band_and_another_does_not(panel_of) -> None:
    def band(seed: int) -> float:
        rows = estimate(panel_of("mpdta"), "group_time", Options(draws=499, seed=seed))
        return next(r.band_high for r in rows if r.term == "event" and r.event_time == 0)

    assert band(3) == band(3)
    assert band(3) != band(4)


def test_draws_leave_errors_and_pointwise_intervals_alone(panel_of) -> None:
    plain = estimate(panel_of("mpdta"), "group_time", Options())
    drawn = estimate(panel_of("mpdta"), "group_time", Options(draws=99))
    assert [r.ci_low for r in plain if r.term == "att"] == [r.ci_low for r in drawn if r.term == "att"]


@pytest.mark.parametrize(("draws", "level"), [(999, 0.95), (1_000, 0.95), (20, 0.9), (1, 0.5)])
def test_critical_values_are_quantiles_of_the_largest_t_of_each_family(draws, level) -> None:
    rng = np.random.default_rng(6)
    deviations, errors = rng.normal(size=(5, draws)), np.array([2.0, 0.0, 0.5, 1.0, 0.0])
    largest = np.abs(deviations[2:4] / errors[2:4, None]).max(axis=0)
    expected = [np.quantile(np.abs(deviations[0] / 2), level, method="inverted_cdf")]
    expected += [np.quantile(largest, level, method="inverted_cdf"), np.nan]
    found = critical_values(deviations, errors, [slice(0, 2), slice(2, 4), slice(4, 5)], level)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
