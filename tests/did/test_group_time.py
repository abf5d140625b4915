"""Group-time effects against hand calculation, independent software and theory."""

from __future__ import annotations

import math

import moderndid
import numpy as np
import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.did import NEVER, Estimate, Options, Panel, estimate

NAMES = {
    "att": "group_overall",
    "att_simple": "simple",
    "att_event": "dynamic_overall",
    "att_calendar": "calendar_overall",
}


def parameter(row: Estimate) -> str:
    """Name of an estimate in the reference files."""
    if row.term in NAMES:
        return NAMES[row.term]
    if row.term == "group_time":
        return f"att_gt_{row.cohort}_{row.period}"
    key = {"cohort": row.cohort, "calendar": row.period, "event": row.event_time}.get(row.term)
    return f"{'group' if row.term == 'cohort' else row.term}_{key}"


def effects(panel: Panel, options: Options) -> dict[str, Estimate]:
    rows = estimate(panel, "group_time", options)
    return {parameter(row): row for row in rows if row.term != "pretrend_joint"}


def assert_agree(found: dict[str, Estimate], expected: pd.DataFrame) -> None:
    """Same parameters; estimates within 1e-6 relative, analytic errors too."""
    assert set(expected.index) <= set(found)
    for name, row in expected.iterrows():
        assert found[str(name)].estimate == pytest.approx(row["estimate"], rel=1e-6, abs=1e-9), name
        if row["se"] == row["se"]:
            assert found[str(name)].std_error == pytest.approx(row["se"], rel=1e-6), name


@pytest.mark.parametrize("dataset", ["mpdta", "sim_never", "sim_nyt"])
@pytest.mark.parametrize("control", ["not_yet", "never"])
@pytest.mark.parametrize(
    ("method", "covariate", "base"),
    [
        ("dr", "none", "varying"),
        ("dr", "none", "universal"),
        ("dr", "x", "varying"),
        ("reg", "x", "varying"),
        ("ipw", "x", "varying"),
    ],
)
def test_agrees_with_the_r_package_did(
    dataset, control, method, covariate, base, panel_of, reference
) -> None:
    name = {"not_yet": "notyettreated", "never": "nevertreated"}[control]
    expected = reference(f"CS_{name}_{method}_{covariate}_{base}", "did", dataset)
    options = Options(control=control, method=method, base=base)
    found = effects(panel_of(dataset, covariate=covariate == "x"), options)
    assert set(expected.index) == set(found)
    assert_agree(found, expected)


CHOICES = {
    "anticipation2": {"anticipation": 2, "base": "varying"},
    "anticipation1_universal": {"anticipation": 1, "base": "universal"},
    "weights": {"base": "varying"},
    "weights_dr_x": {"base": "varying"},
    "balance4": {"base": "varying", "balance": 4},
    "window": {"base": "varying", "window": (-3, 5)},
}


@pytest.mark.parametrize("dataset", ["sim_never", "sim_nyt"])
@pytest.mark.parametrize("control", ["not_yet", "never"])
@pytest.mark.parametrize("choice", CHOICES)
def test_agrees_with_csdid_on_further_choices(dataset, control, choice, panel_of, checks) -> None:
    name = {"not_yet": "notyettreated", "never": "nevertreated"}[control]
    expected = checks[(checks["estimator"] == f"CS_{name}_{choice}") & (checks["dataset"] == dataset)]
    panel = panel_of(dataset, covariate=choice.endswith("_x"), weighted=choice.startswith("weights"))
    assert len(expected)
    assert_agree(effects(panel, Options(control=control, **CHOICES[choice])), expected.set_index("parameter"))


def test_two_by_two_is_the_difference_of_differences_by_hand() -> None:
    # Treated 10 -> 17 and 12 -> 15 (mean change 5); controls 5 -> 6, 8 -> 9, 2 -> 6 (mean change 2).
    # Squared deviations over n^2: (2^2 + 2^2) / 4 + (1 + 1 + 4) / 9 = 2 + 2/3.
    panel = Panel.from_arrays(
        np.array([[10.0, 17], [12, 15], [5, 6], [8, 9], [2, 6]]), np.array([1, 1, NEVER, NEVER, NEVER])
    )
    for name in ("att", "att_simple", "event_0"):
        row = effects(panel, Options())[NAMES.get(name, name)]
        assert row.estimate == pytest.approx(3.0)
        assert row.std_error == pytest.approx(math.sqrt(2 + 2 / 3))


def test_weights_move_the_two_by_two_as_by_hand() -> None:
    # The same with weight 3 on the first treated unit: (3 x 7 + 3) / 4 - 2 = 4.
    panel = Panel.from_arrays(
        np.array([[10.0, 17], [12, 15], [5, 6], [8, 9], [2, 6]]),
        np.array([1, 1, NEVER, NEVER, NEVER]),
        weights=np.array([3.0, 1, 1, 1, 1]),
    )
    assert effects(panel, Options())["simple"].estimate == pytest.approx(4.0)


def test_estimates_stay_within_four_errors_of_the_simulated_truth(panel_of, truth) -> None:
    for dataset in ("sim_never", "sim_nyt"):
        expected = truth[truth["dataset"] == dataset].set_index("parameter")["truth"]
        found = effects(panel_of(dataset), Options(control="not_yet"))
        cells = [name for name in expected.index if name.startswith("att_gt")]
        assert len(cells) > 10
        for name in cells:
            assert abs(found[name].estimate - expected[name]) < 4 * found[name].std_error, name


def test_pretrend_test_reproduces_the_published_p_value(panel_of) -> None:
    # The README of did 2.5.1 prints 0.16812 for mpdta with never-treated controls.
    rows = estimate(panel_of("mpdta"), "group_time", Options(control="never", base="varying"))
    joint = next(row for row in rows if row.term == "pretrend_joint")
    assert joint.p_value == pytest.approx(0.16812, abs=5e-6)


def test_clusters_of_one_unit_change_nothing_and_coarser_ones_do(frames) -> None:
    frame = frames["sim_never"].assign(own=frames["sim_never"]["unit"], pair=frames["sim_never"]["unit"] // 2)
    names = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "g"}
    plain = effects(Panel.from_frame(frame, **names), Options())["simple"]
    own = effects(Panel.from_frame(frame, **names, cluster="own"), Options())["simple"]
    pairs = effects(Panel.from_frame(frame, **names, cluster="pair"), Options())["simple"]
    assert own.std_error == pytest.approx(plain.std_error, rel=1e-12)
    assert pairs.estimate == pytest.approx(plain.estimate, rel=1e-12)
    assert pairs.std_error != pytest.approx(plain.std_error, rel=1e-3)


def test_clustered_errors_equal_those_of_units_copied_within_a_cluster(frames) -> None:
    # Ten copies of each unit in one cluster carry no new information: estimate and error stay.
    frame = frames["sim_never"]
    copies = pd.concat([frame.assign(copy=k, own=frame["unit"]) for k in range(10)])
    copies["unit"] = copies["unit"] * 100 + copies["copy"]
    names = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "g"}
    once = effects(Panel.from_frame(frame, **names), Options())
    tenfold = effects(Panel.from_frame(copies, **names, cluster="own"), Options())
    for name in ("simple", "group_overall", "event_3", "att_gt_11_15"):
        assert tenfold[name].estimate == pytest.approx(once[name].estimate, rel=1e-10)
        assert tenfold[name].std_error == pytest.approx(once[name].std_error, rel=1e-10)


def test_large_panels_give_the_same_errors_as_small_matrices(panel_of, monkeypatch) -> None:
    from analysis.did.estimators import cell_effects

    options = Options(draws=50)
    dense = effects(panel_of("mpdta"), options)
    monkeypatch.setattr(cell_effects, "DENSE_LIMIT", 0)
    linear = effects(panel_of("mpdta"), options)
    for name, row in dense.items():
        assert linear[name].std_error == pytest.approx(row.std_error, rel=1e-9, nan_ok=True), name
        assert linear[name].band_low == pytest.approx(row.band_low, rel=1e-9, nan_ok=True), name


def test_periods_without_controls_are_named_and_left_out(panel_of) -> None:
    rows = estimate(panel_of("sim_nyt"), "group_time", Options())
    assert max(row.period for row in rows if row.period) == 23
    assert not any(row.cohort == 24 for row in rows)
    assert "24 to 30 are left out" in rows[0].note


def test_a_missing_outcome_leaves_the_unit_in_all_other_cells(frames) -> None:
    frame = frames["sim_never"].copy()
    frame.loc[(frame["unit"] == 1) & (frame["time"] == 20), "y"] = np.nan
    panel = Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
    found = effects(panel, Options())
    assert found["att_gt_11_19"].n_treated == 7
    assert found["att_gt_11_20"].n_treated == 6
    full = effects(
        Panel.from_frame(frames["sim_never"], unit="unit", time="time", outcome="y", cohort="g"), Options()
    )
    assert found["att_gt_11_19"].estimate == pytest.approx(full["att_gt_11_19"].estimate)
    assert found["att_gt_11_20"].estimate != pytest.approx(full["att_gt_11_20"].estimate)
    assert "1 of 930 unit-periods has no outcome" in found["simple"].note


def test_a_cell_that_nothing_identifies_is_listed(frames) -> None:
    frame = frames["sim_never"].copy()
    frame.loc[(frame["g"] == 0) & (frame["time"] == 30), "y"] = np.nan
    panel = Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
    found = effects(panel, Options())
    assert "att_gt_11_30" not in found
    assert "no unit is left as control" in found["simple"].note
    assert "11 in 30" in found["simple"].note


def test_separating_covariate_is_refused_with_the_reason(frames) -> None:
    frame = frames["sim_never"].copy()
    frame["split"] = (frame["g"] > 0) * 5.0 + frame["x"] * 1e-3
    panel = Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g", covariates=["split"])
    with pytest.raises(InputError, match="separate treated from controls"):
        estimate(panel, "group_time", Options(control="never"))


def test_one_unit_in_a_cohort_is_said(frames) -> None:
    frame = frames["sim_never"].copy()
    frame.loc[frame["unit"] == 1, "g"] = 6
    panel = Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
    assert "Cohort 6 has one unit (1)" in effects(panel, Options())["simple"].note


def test_units_treated_from_the_start_leave_as_in_did(frames) -> None:
    # did 2.5.1, unit 31 treated from period 1: it drops the unit and prints these numbers.
    frame = frames["sim_never"].copy()
    frame.loc[frame["unit"] == 31, "g"] = 1
    panel = Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
    row = effects(panel, Options())["simple"]
    assert row.estimate == pytest.approx(0.658791651032501, rel=1e-6)
    assert row.std_error == pytest.approx(0.124385934023034, rel=1e-6)
    assert "treated from 1 on" in row.note


@pytest.mark.parametrize("never", [float("nan"), float("inf"), 99])
def test_the_way_never_is_written_does_not_matter(never, frames) -> None:
    # Several packages drop units whose cohort is missing: 0.590 instead of 0.675.
    frame = frames["sim_never"].copy()
    frame["g"] = frame["g"].astype(float).where(frame["g"] > 0, never)
    panel = Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
    assert effects(panel, Options())["simple"].estimate == pytest.approx(0.675012529653895, rel=1e-9)


def test_the_window_of_anticipation_has_one_base_where_moderndid_takes_the_period_before() -> None:
    # The example of the estimators page: treated outcomes rise by 1 in each of two periods before the start.
    rng = np.random.default_rng(0)
    unit, time = (axis.ravel() for axis in np.meshgrid(np.arange(40), np.arange(1, 9), indexing="ij"))
    built = np.where(unit < 15, np.clip(time - 3, 0, 2) + 3.0 * (time >= 6), 0.0)
    y = rng.normal(size=40)[unit] + rng.normal(size=9)[time] + built
    frame = pd.DataFrame({"unit": unit, "time": time, "y": y, "g": np.where(unit < 15, 6.0, 0.0)})
    panel = Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")
    theirs = moderndid.aggte(
        moderndid.att_gt(
            data=frame, yname="y", tname="time", gname="g", idname="unit", control_group="nevertreated",
            anticipation=2, base_period="varying", boot=False,
        ),
        type="dynamic",
    )  # fmt: skip
    other = dict(zip(theirs.event_times.tolist(), theirs.att_by_event.tolist(), strict=True))
    for base in ("varying", "universal"):
        options = Options(anticipation=2, control="never", base=base)
        rows = estimate(panel, "group_time", options)
        own = {row.event_time: row.estimate for row in rows if row.term == "event"}
        assert [own[e] for e in (-2, -1, 0)] == pytest.approx([1, 2, 5])
    assert [other[e] for e in (-2, -1, 0)] == pytest.approx([1, 1, 5])
