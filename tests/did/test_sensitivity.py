"""Sensitivity to parallel trends against HonestDiD and pretrends, and against theory and simulation."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from did.peers import reference_panel, small_panel
from scipy import stats

from analysis.base.errors import InputError
from analysis.did import NEVER, Options, Panel, estimate
from analysis.did.numerics.sobol import sobol
from analysis.did.sensitivity import (
    EventStudy,
    after_passing,
    average_effect,
    first_effect,
    pass_probability,
    read_event_study,
    relative_breakdown,
    relative_magnitude_set,
    slope_with_power,
    smoothness_breakdown,
    smoothness_interval,
    smoothness_set,
    without_trend,
)
from analysis.did.sensitivity.honest import folded_quantile

FOLDER = Path(__file__).parents[2] / "data/reference/did"
VALUES = pd.read_csv(FOLDER / "inference_reference.csv")
METHODS = {
    "HonestDiD_RM_CLF": relative_magnitude_set,
    "HonestDiD_SD_CLF": smoothness_set,
    "HonestDiD_SD_FLCI": smoothness_interval,
}
BOUNDS = VALUES[VALUES["estimator"].isin(METHODS)]


@pytest.mark.parametrize("size", range(1, 10))
def test_points_are_those_of_scipy(size):
    """Bit by bit: eight dimensions are made here, the ninth comes from scipy."""
    theirs = stats.qmc.Sobol(size, rng=np.random.default_rng(5)).random_base2(13)
    np.testing.assert_array_equal(sobol(size, 13, 5).T, theirs)


def name_of(row):
    return f"{row['dataset']}-{row['estimator']}-{row['parameter']}"


def study_of(dataset):
    table = pd.read_csv(FOLDER / "honest_input.csv").query("dataset == @dataset")
    covariance = table[[f"V{k + 1}" for k in range(len(table))]].to_numpy()
    before = table["event"].to_numpy() < 0
    beta = table["beta"].to_numpy()
    return EventStudy(beta[before], beta[~before], (covariance + covariance.T) / 2)


def found_and_weights(row):
    study = study_of(row["dataset"])
    weights = first_effect(study) if row["parameter"].startswith("first") else average_effect(study)
    bound = float(row["parameter"].rsplit("_", 1)[1])
    return METHODS[row["estimator"]](study, weights, bound), study.error(weights)


def independent(variance=1.0, early=3, late=2):
    return EventStudy(np.zeros(early), np.zeros(late), variance * np.eye(early + late))


@pytest.mark.parametrize("row", BOUNDS[BOUNDS["software"] == "HonestDiD"].to_dict("records"), ids=name_of)
def test_bounds_agree_with_honestdid_up_to_its_grid_and_its_draws(row):
    (low, high), error = found_and_weights(row)
    length = row["ci_high"] - row["ci_low"]
    # One step of its grid of 1,000 points over 40 errors, and the noise of its 1,000 draws: its
    # own bounds move by up to 0.7 % of the length between seeds.
    tolerance = 40 * error / 999 + 0.007 * length
    assert low == pytest.approx(row["ci_low"], abs=tolerance)
    assert high == pytest.approx(row["ci_high"], abs=tolerance)


@pytest.mark.parametrize("row", BOUNDS[BOUNDS["software"] == "moderndid"].to_dict("records"), ids=name_of)
def test_smoothness_intervals_agree_with_moderndid(row):
    (low, high), _ = found_and_weights(row)
    # The optimum is flat: both programs stop within 1e-4 of its length.
    length = row["ci_high"] - row["ci_low"]
    assert (low, high) == pytest.approx((row["ci_low"], row["ci_high"]), abs=3e-4 * length)


def test_no_other_weights_give_a_shorter_smoothness_interval():
    study, bound = study_of("mpdta"), 0.01
    weights = first_effect(study)
    low, high = smoothness_interval(study, weights, bound)
    rng, best = np.random.default_rng(0), np.inf
    t = np.array([-3.0, -2, -1])
    for v in rng.normal(scale=1.5, size=(20_000, 3)):
        v = v + t * (-1 - v @ t) / (t @ t)  # a straight line cancels: v t + 1 = 0
        full = np.concatenate([v, weights])
        # Loads on the second differences at -2, -1 and 0; later ones touch no weight.
        bias = bound * (abs(v[0]) + abs(2 * v[0] + v[1]) + 1)
        error = np.sqrt(full @ study.covariance @ full)
        best = min(best, error * folded_quantile(bias / error, 0.95))
    assert (high - low) / 2 <= best * (1 + 1e-6)
    assert (high - low) / 2 == pytest.approx(best, rel=0.01)


def test_folded_quantile_is_that_of_the_folded_normal():
    for shift in (0.0, 0.5, 2.0, 5.9, 6.1, 30.0):
        assert folded_quantile(shift, 0.95) == pytest.approx(stats.foldnorm.ppf(0.95, shift), rel=1e-6)


def test_sets_grow_with_the_allowed_violation():
    study = study_of("mpdta")
    sets = [relative_magnitude_set(study, first_effect(study), m) for m in (0.0, 0.5, 1.0, 2.0)]
    assert all(b[0] <= a[0] and a[1] <= b[1] for a, b in pairwise(sets))


def test_breakdown_is_where_the_set_first_holds_zero():
    study = study_of("sim_never")
    found = relative_breakdown(study, first_effect(study))
    assert relative_magnitude_set(study, first_effect(study), found - 0.02)[0] > 0
    assert relative_magnitude_set(study, first_effect(study), found + 0.02)[0] < 0
    # HonestDiD: zero is outside at 0.5 and inside at 1.
    assert 0.5 < found < 1
    found = smoothness_breakdown(study, first_effect(study))
    scale = study.error(first_effect(study))
    assert smoothness_set(study, first_effect(study), found - 0.02 * scale)[0] > 0
    assert smoothness_set(study, first_effect(study), found + 0.02 * scale)[0] < 0


def test_nothing_significant_has_breakdown_zero():
    study = independent()
    assert relative_breakdown(study, first_effect(study)) == 0
    assert smoothness_breakdown(study, first_effect(study)) == 0


def test_the_relative_set_covers_under_a_violation_of_the_allowed_size():
    # Trend difference changes by 1 before and by 1 after; bound 1 holds; true effect 0.
    delta, rng, hits = np.array([1.0, 0, 1, 1]), np.random.default_rng(3), 0
    covariance = 0.05 * (np.eye(4) + 0.5)
    for draw in rng.multivariate_normal(delta, covariance, size=200):
        study = EventStudy(draw[:2], draw[2:], covariance)
        low, high = relative_magnitude_set(study, first_effect(study), 1.0)
        hits += low <= 0 <= high
    assert hits / 200 >= 0.95 - 3.5 * np.sqrt(0.05 * 0.95 / 200)


@pytest.mark.parametrize("row", VALUES[VALUES["estimator"] == "pretrends"].to_dict("records"), ids=name_of)
def test_slopes_the_pretest_finds_agree_with_pretrends(row):
    found = slope_with_power(study_of(row["dataset"]), float(row["parameter"].rsplit("_", 1)[1]))
    assert found == pytest.approx(row["estimate"], rel=3e-3)  # theirs integrates with an error of 1e-3


def test_pass_probability_of_independent_coefficients_is_a_product():
    assert pass_probability(independent(), 0.0) == pytest.approx(0.95**3, abs=1e-5)
    edge = stats.norm.ppf(0.975)
    product = np.prod([stats.norm.cdf(edge + k) - stats.norm.cdf(-edge + k) for k in (1, 2, 3)])
    assert pass_probability(independent(), 1.0) == pytest.approx(product, abs=1e-5)


def test_passing_changes_nothing_for_independent_coefficients():
    found = after_passing(independent(), 0.5)
    assert found.conditional == pytest.approx(found.unconditional)


def test_bias_after_passing_is_that_of_simulated_samples_that_pass():
    study = study_of("mpdta")
    slope = slope_with_power(study, 0.5)
    found = after_passing(study, slope)
    mean = slope * study.times
    draws = np.random.default_rng(1).multivariate_normal(mean, study.covariance, size=400_000)
    edge = 1.959964 * np.sqrt(np.diag(study.covariance))[:3]
    kept = draws[(np.abs(draws[:, :3]) <= edge).all(axis=1)]
    assert found.passed == pytest.approx(len(kept) / len(draws), abs=4e-3)
    assert found.passed == pytest.approx(0.5, abs=1e-3)
    noise = kept[:, 3:].std(axis=0) / np.sqrt(len(kept))
    assert (np.abs(found.conditional - kept[:, 3:].mean(axis=0)) < 4 * noise).all()


def test_a_straight_trend_is_taken_out_exactly_and_its_error_is_carried():
    study = EventStudy(0.3 * np.arange(-3, 0), 0.3 * np.arange(1, 3) + 1, 2 * np.eye(5))
    found = without_trend(study)
    assert found.after == pytest.approx([1, 1])
    # variance of b_1 - t b_pre / sum t^2 with sum t^2 = 14, variance 2 each: 2 + 2 / 14
    assert found.covariance[3, 3] == pytest.approx(2 + 2 / 14)


def test_the_event_study_of_a_panel_has_the_estimators_coefficients():
    options = Options(window=(-4, 3))
    panel = reference_panel("sim_never")
    study = read_event_study(panel, options, kind="CR1")
    rows = [r for r in estimate(panel, "event_study_twfe", options) if r.term == "event"]
    rows = [r for r in rows if r.event_time != -1]
    assert study.coefficients == pytest.approx([r.estimate for r in rows])
    assert np.sqrt(np.diag(study.covariance)) == pytest.approx([r.std_error for r in rows])
    assert study.times.tolist() == [-3, -2, -1, 1, 2, 3, 4]


def test_more_event_times_than_treated_clusters_bear_is_refused():
    panel = reference_panel("sim_never")
    with pytest.raises(InputError, match="singular"):
        read_event_study(panel, Options(), kind="CR0")


def test_one_sided_event_studies_and_negative_bounds_are_refused():
    with pytest.raises(InputError, match="both sides of the reference"):
        EventStudy(np.zeros(0), np.zeros(2), np.eye(2))
    with pytest.raises(InputError, match="bound on violations is -1"):
        relative_magnitude_set(independent(), np.array([1.0, 0]), -1)
    with pytest.raises(InputError, match=r"power is 0\.01"):
        slope_with_power(independent(), 0.01)
    assert read_event_study(small_panel(1), Options(window=(-2, 2))).error(np.array([1.0, 0, 0])) > 0


@pytest.mark.slow
def test_the_smoothness_set_keeps_its_size_with_a_covariance_estimated_from_seven_treated_units():
    # Seven of 31 units, ten periods, no effect, parallel trends: what the study has. Jackknife covariance.
    starts = np.array([7] * 7 + [NEVER] * 24)
    rng, missed, short, panels = np.random.default_rng(5), 0, 0, 300
    for _ in range(panels):
        study = read_event_study(Panel.from_arrays(rng.normal(size=(31, 10)), starts), Options())
        weights = average_effect(study)
        low, high = smoothness_set(study, weights, 0.0)
        missed += not low <= 0 <= high
        low, high = smoothness_interval(study, weights, 0.0)
        short += not low <= 0 <= high
    # Four Monte Carlo errors of 5 % are 5 points; the interval with estimated weights fails by far more.
    assert missed / panels < 0.05 + 4 * np.sqrt(0.05 * 0.95 / panels)
    assert short / panels > 0.15
