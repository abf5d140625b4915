"""Two-way fixed effects, its decomposition and Sun-Abraham against independent software."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.base.errors import InputError
from analysis.did import NEVER, Options, Panel, estimate

DATASETS = ("mpdta", "sim_never", "sim_nyt")


@pytest.mark.parametrize("dataset", DATASETS)
def test_static_coefficient_and_error_equal_linearmodels_two_way_effects_all_counted(
    dataset, panel_of, reference
) -> None:
    expected = reference("TWFE_cluster_group_debias", "linearmodels", dataset).loc["att"]
    row = estimate(panel_of(dataset), "twfe", Options(count_effects=True))[0]
    assert row.estimate == pytest.approx(expected["estimate"], rel=1e-9)
    assert row.std_error == pytest.approx(expected["se"], rel=1e-9)


@pytest.mark.parametrize("dataset", ["mpdta", "sim_never"])
def test_event_study_equals_fixest_but_for_the_constant_that_it_counts(dataset, panel_of, reference) -> None:
    # fixest counts K = events + periods, the constant among them; ours events + periods - 1.
    expected = reference("TWFE_event", "fixest", dataset)
    panel = panel_of(dataset)
    n = panel.outcome.size
    found = {f"event_{r.event_time}": r for r in estimate(panel, "event_study_twfe") if r.term == "event"}
    own = len(expected) + panel.n_periods
    ratio = np.sqrt((n - own) / (n - own + 1))
    for name, row in expected.iterrows():
        assert found[name].estimate == pytest.approx(row["estimate"], rel=1e-6)
        assert found[name].std_error == pytest.approx(ratio * row["se"], rel=1e-6)


def two_periods() -> pd.DataFrame:
    """17 units, 8 of them treated in the second of two periods."""
    rng = np.random.default_rng(17)
    change = rng.normal(size=17) + np.repeat([1.0, 0.0], [8, 9])
    level = rng.normal(size=17)
    frame = pd.DataFrame({"unit": np.tile(np.arange(17), 2), "time": np.repeat([1, 2], 17)})
    return frame.assign(y=np.append(level, level + change), g=np.tile(np.repeat([2, 0], [8, 9]), 2))


@pytest.mark.parametrize("name", ["twfe", "event_study_twfe"])
@pytest.mark.parametrize("kernel", ["linearmodels", "fast"])
def test_with_two_periods_the_error_is_that_of_a_regression_of_changes(name, kernel) -> None:
    """By hand: cluster-robust on changes is White's, times G/(G-1) (n-1)/(n-K) with n = 34, K = 2."""
    frame = two_periods()
    panel = Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
    row = estimate(panel, name, Options(kernel=kernel))[0]
    wide = frame.pivot(index="unit", columns="time", values="y")
    change, treated = (wide[2] - wide[1]).to_numpy(), np.repeat([True, False], [8, 9])
    groups = change[treated], change[~treated]
    white = sum(((group - group.mean()) ** 2).sum() / len(group) ** 2 for group in groups)
    assert row.estimate == pytest.approx(groups[0].mean() - groups[1].mean(), rel=1e-12)
    assert row.std_error == pytest.approx(np.sqrt(white * 17 / 16 * 33 / 32), rel=1e-12)
    counted = estimate(panel, name, Options(kernel=kernel, count_effects=True))[0]
    assert counted.std_error == pytest.approx(np.sqrt(white * 17 / 16 * 33 / 15), rel=1e-12)
    assert "unit effects counted" in counted.inference


def test_who_fits_is_said_and_large_panels_go_to_our_own_kernel(panel_of, monkeypatch) -> None:
    panel = panel_of("sim_never")
    assert estimate(panel, "twfe")[0].inference == "cluster CR1, t(30), linearmodels"
    assert estimate(panel, "twfe", Options(kernel="fast"))[0].inference == "cluster CR1, t(30), own kernel"
    monkeypatch.setattr("analysis.did.numerics.least_squares.MOST_CELLS", 929)
    assert estimate(panel, "twfe")[0].inference.endswith("own kernel")
    assert estimate(panel, "twfe", Options(kernel="linearmodels"))[0].inference.endswith("linearmodels")


def test_p_values_are_student_with_clusters_less_one_whoever_fits(panel_of) -> None:
    """At t = 7 the normal p-value that a package prints would be two thousand times smaller."""
    for kernel in ("linearmodels", "fast"):
        row = estimate(panel_of("sim_never"), "twfe", Options(kernel=kernel))[0]
        expected = 2 * stats.t.sf(row.estimate / row.std_error, 30)
        assert row.p_value == pytest.approx(expected, rel=1e-9)
        assert row.p_value > 100 * 2 * stats.norm.sf(row.estimate / row.std_error)


def test_event_study_has_one_reference_and_no_error_there(panel_of) -> None:
    rows = [r for r in estimate(panel_of("sim_nyt"), "event_study_twfe") if r.term == "event"]
    reference_rows = [r for r in rows if np.isnan(r.std_error)]
    assert [(r.event_time, r.estimate) for r in reference_rows] == [(-1, 0.0)]
    assert [r.event_time for r in rows] == sorted(r.event_time for r in rows)


def test_event_study_where_all_are_treated_equals_dummies_before_the_last_start(frames) -> None:
    # Dense dummy-variable regression on t < 24, in which the third wave is never treated.
    frame = frames["sim_nyt"].query("time < 24")
    event = np.where(frame["g"] < 24, frame["time"] - frame["g"], -1)
    events = [e for e in np.unique(event) if e != -1]
    columns = [
        frame["unit"].to_numpy()[:, None] == np.unique(frame["unit"]),
        frame["time"].to_numpy()[:, None] == np.unique(frame["time"])[1:],
        event[:, None] == np.array(events),
    ]
    slopes = np.linalg.lstsq(np.hstack(columns).astype(float), frame["y"].to_numpy(), rcond=None)[0]
    panel = Panel.from_frame(frames["sim_nyt"], unit="unit", time="time", outcome="y", cohort="g")
    rows = estimate(panel, "event_study_twfe")
    found = {r.event_time: r.estimate for r in rows if r.term == "event"}
    for e, slope in zip(events, slopes[-len(events) :], strict=True):
        assert found[e] == pytest.approx(slope, rel=1e-8)
    assert "24 to 30 are left out" in rows[0].note


@pytest.mark.parametrize("dataset", DATASETS)
def test_decomposition_equals_bacondecomp(dataset, panel_of, reference) -> None:
    expected = reference("Bacon", "bacondecomp", dataset)["estimate"]
    rows = estimate(panel_of(dataset), "bacon")
    assert rows[0].estimate == pytest.approx(expected["twfe_sum"], rel=1e-9)
    compared = 0
    for row in rows[1:]:
        against = row.control_group.split()[-1].replace("never", "Inf")
        prefix = {"weight": "w", "cohort": "dd"}[row.term]
        assert row.estimate == pytest.approx(expected[f"{prefix}_{row.cohort}_vs_{against}"], rel=1e-6)
        compared += 1
    assert compared == sum(name.startswith(("w_", "dd_")) for name in expected.index)


@pytest.mark.parametrize("dataset", DATASETS)
def test_decomposition_weights_sum_to_one_and_recombine_to_the_coefficient(dataset, panel_of) -> None:
    rows = estimate(panel_of(dataset), "bacon")
    weights = [r.estimate for r in rows if r.term == "weight"]
    pairs = [r.estimate for r in rows if r.term == "cohort"]
    assert sum(weights) == pytest.approx(1, abs=1e-12)
    twfe = estimate(panel_of(dataset), "twfe")[0].estimate
    assert np.dot(weights, pairs) == pytest.approx(twfe, rel=1e-10)


def test_weighted_decomposition_with_always_treated_units_recombines_too() -> None:
    rng = np.random.default_rng(3)
    starts = np.array([0, 0, 3, 3, 5, 5, 5, NEVER, NEVER])
    panel = Panel.from_arrays(rng.normal(size=(9, 8)), starts, weights=rng.uniform(0.5, 2, 9))
    rows = estimate(panel, "bacon")
    assert rows[0].estimate == pytest.approx(estimate(panel, "twfe")[0].estimate, rel=1e-9)
    assert sum(r.estimate for r in rows if r.term == "weight") == pytest.approx(1, abs=1e-12)


def test_decomposition_refuses_an_unbalanced_panel() -> None:
    outcome = np.random.default_rng(3).normal(size=(6, 5))
    outcome[2, 3] = np.nan
    panel = Panel.from_arrays(outcome, np.array([2, 2, 3, NEVER, NEVER, NEVER]))
    with pytest.raises(InputError, match="1 outcome is missing"):
        estimate(panel, "bacon")


@pytest.mark.parametrize("dataset", ["mpdta", "sim_never"])
def test_sun_abraham_equals_fixest(dataset, panel_of, reference) -> None:
    expected = reference("SunAbraham", "fixest", dataset)
    names = {
        "att": lambda r: "att",
        "cohort": lambda r: f"group_{r.cohort}",
        "event": lambda r: f"event_{r.event_time}",
    }
    rows = estimate(panel_of(dataset), "sun_abraham")
    found = {names[r.term](r): r for r in rows if r.term in names}
    assert set(expected.index) <= set(found)
    for name, row in expected.iterrows():
        assert found[name].estimate == pytest.approx(row["estimate"], rel=1e-6)
        assert found[name].std_error == pytest.approx(row["se"], rel=1e-6)


def test_sun_abraham_where_all_are_treated_equals_fixest_with_the_last_cohort_as_reference(panel_of) -> None:
    # fixest 0.14.2 with ref.c = 24 on t < 24 printed 0.672166 (0.092079).
    row = next(r for r in estimate(panel_of("sim_nyt"), "sun_abraham") if r.term == "att")
    assert row.estimate == pytest.approx(0.672166, abs=5e-7)
    assert row.std_error == pytest.approx(0.092079, abs=5e-7)


@pytest.mark.parametrize("dataset", DATASETS)
def test_sun_abraham_equals_group_time_with_never_treated_and_universal_base(dataset, panel_of) -> None:
    options = Options(control="never", base="universal")
    key = lambda r: (r.term, r.cohort, r.period, r.event_time)  # noqa: E731
    ours = {key(r): r.estimate for r in estimate(panel_of(dataset), "sun_abraham")}
    theirs = {key(r): r.estimate for r in estimate(panel_of(dataset), "group_time", options)}
    shared = [k for k in ours if k in theirs and k[0] in ("cohort", "event", "group_time", "att_simple")]
    assert len(shared) > 20
    for k in shared:
        assert ours[k] == pytest.approx(theirs[k], abs=1e-10)
