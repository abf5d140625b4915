"""Treatment that changes more than once, goes off or is a dose: by hand, as printed, and beside a peer."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from did.peers import REFERENCE, assert_agreement, expected

import analysis.did as did
from analysis.did import NEVER, Options, Panel, estimate
from analysis.did.errors import InputError
from analysis.did.estimators.dynamic import dynamic_dcdh
from analysis.did.estimators.intertemporal import intertemporal, intertemporal_normalised

ROOT = Path(__file__).resolve().parents[2]
BOTH = {"intertemporal": intertemporal, "intertemporal_normalised": intertemporal_normalised}


def rows_of(result) -> dict:
    return {(row.term, row.event_time): row for row in result}


def simulated(seed: int, units: int = 60, periods: int = 10) -> pd.DataFrame:
    """Status quo 0, 1 or 2; dose up for good, up twice, up and off again, down and back, or unchanged."""
    rng = np.random.default_rng(seed)
    dose = np.empty((units, periods))
    for i in range(units):
        quo, first = (0, 0, 1, 2)[rng.integers(4)], rng.integers(3, 6)
        dose[i] = quo
        kind = rng.integers(5)
        dose[i, first:] += (0, 1, 1, 1, -1 if quo else 2)[kind]
        dose[i, first + 2 :] = (quo, quo + 1, quo + 3, quo, quo if quo else 2)[kind]
    outcome = (
        rng.normal(size=(units, 1)) + rng.normal(size=periods) + rng.normal(size=dose.shape) + 0.7 * dose
    )
    return pd.DataFrame(
        {
            "g": np.repeat(np.arange(units), periods), "t": np.tile(np.arange(periods) + 2001, units),
            "y": outcome.ravel(), "d": dose.ravel(), "w": np.repeat(rng.uniform(0.5, 2, units), periods),
        }
    )  # fmt: skip


def read(frame: pd.DataFrame, **more: object) -> Panel:
    return Panel.from_frame(frame, unit="g", time="t", outcome="y", dose="d", **more)  # type: ignore[arg-type]


def test_effects_by_hand_where_one_unit_goes_off_and_another_has_two_doses() -> None:
    dose = np.array([[0, 0, 1, 0], [0, 0, 1, 2], [0, 0, 0, 0], [0, 0, 0, 0], [2, 2, 1, 1], [2, 2, 2, 2]])
    outcome = np.array(
        [[0, 0, 4, 3], [0, 1, 4, 9], [0, 0, 1, 1], [0, 2, 2, 4], [5, 5, 3, 2], [7, 7, 7, 6]], dtype=float
    )
    found = rows_of(intertemporal(Panel.from_arrays(outcome, dose=dose), Options()))
    # First period: changes 4 and 3 less the controls' mean 1/2; the fifth unit fell by 2, its control by 0.
    first = ((4 - 0.5) + (3 - 0.5) + 2) / 3
    # Second: 3 and 8 less 3/2; the fifth fell by 3, its control by 1.
    second = ((3 - 1.5) + (8 - 1.5) + 2) / 3
    assert found["event", 0].estimate == pytest.approx(first)
    assert found["event", 1].estimate == pytest.approx(second)
    assert found["att_simple", None].estimate == pytest.approx((first + second) / 2)
    # Distance from the status quo: 1, 1, 1 in the first period, 0, 2, 1 in the second.
    assert found["att", None].estimate == pytest.approx(3 * (first + second) / (3 + 3))
    per_dose = rows_of(intertemporal_normalised(Panel.from_arrays(outcome, dose=dose), Options()))
    assert per_dose["event", 0].estimate == pytest.approx(first / 1)
    assert per_dose["event", 1].estimate == pytest.approx(second / ((1 + 3 + 2) / 3))
    assert ("att_simple", None) not in per_dose
    rising = rows_of(intertemporal(Panel.from_arrays(outcome, dose=dose), Options(switchers="in")))
    falling = rows_of(intertemporal(Panel.from_arrays(outcome, dose=dose), Options(switchers="out")))
    assert rising["event", 0].estimate == pytest.approx((3.5 + 2.5) / 2)
    assert falling["event", 0].estimate == pytest.approx(2)


def test_error_by_hand_with_a_kind_of_one_unit() -> None:
    """Two switchers with changes 5 and 7, one to another dose with 6, three controls with 1, 2 and 3."""
    dose = np.array([[0, 1], [0, 1], [0, 2], [0, 0], [0, 0], [0, 0]])
    outcome = np.array([[0, 5], [0, 7], [0, 6], [0, 1], [0, 2], [0, 3]], dtype=float)
    row = rows_of(intertemporal(Panel.from_arrays(outcome, dose=dose), Options()))["event", 0]
    assert row.estimate == pytest.approx(6 - 2)
    pair, single, controls = 2 * (2 / 1) * 1, (6 / 5) * (6 - 4) ** 2, 2 * (3 / 2) * 1  # sums of squares
    assert row.std_error == pytest.approx(np.sqrt(pair + single + controls) / 3)


def test_placebo_by_hand_compares_backwards_over_the_same_distance() -> None:
    dose = np.array([[0, 0, 0, 3], [0, 0, 0, 0], [0, 0, 0, 0]])
    outcome = np.array([[1, 4, 2, 9], [0, 0, 1, 5], [0, 2, 1, 5]], dtype=float)
    found = rows_of(intertemporal(Panel.from_arrays(outcome, dose=dose), Options()))
    assert found["event", -2].estimate == pytest.approx((4 - 2) - (-1 + 1) / 2)
    assert ("event", -3) not in found  # its effect would lie after the panel


def test_is_the_dynamic_estimator_where_treatment_starts_once_and_stays() -> None:
    rng = np.random.default_rng(4)
    starts = np.repeat([3, 5, NEVER], 8)
    outcome = rng.normal(size=(24, 8))
    dose = (np.arange(8) >= starts[:, None]).astype(float)
    ours = rows_of(intertemporal(Panel.from_arrays(outcome, dose=dose), Options()))
    for row in dynamic_dcdh(Panel.from_arrays(outcome, starts), Options()):
        same = ours[row.term, row.event_time]
        assert (same.estimate, same.std_error) == pytest.approx((row.estimate, row.std_error), rel=1e-12)


# Printed in the README of py-did-multiplegt-dyn 0.1.9: effects of deregulation on loans per step, by the
# county's first change, eight normalised effects of the same switchers, three placebos, clusters: states.
PRINTED = {
    0: (0.0240393, 0.0184241), 1: (0.0116702, 0.0106714), 2: (0.0143443, 0.00828821),
    3: (0.0115211, 0.00819515), 4: (0.0161627, 0.00684205), 5: (0.0133861, 0.00625129),
    6: (0.00981002, 0.00495722), 7: (0.0100838, 0.00430933), -2: (0.0303785, 0.0264052),
    -3: (-0.0217763, 0.0253522), -4: (-0.0137113, 0.0263437), None: (0.055063, 0.0268082),
}  # fmt: skip


def test_agrees_with_printed_values_on_banking_deregulation() -> None:
    spec = importlib.util.find_spec("moderndid")
    assert spec is not None and spec.origin is not None
    frame = pd.read_csv(next(Path(spec.origin).parent.rglob("favara_imbs.csv.gz")))
    panel = Panel.from_frame(
        frame, unit="county", time="year", outcome="Dl_vloans_b", dose="inter_bra", cluster="state_n"
    )
    found = rows_of(did.intertemporal_normalised(panel, window=(-4, 7), balance=7))
    for event, (value, error) in PRINTED.items():
        row = found["att" if event is None else "event", event]
        assert row.estimate == pytest.approx(value, rel=1e-5), event
        assert row.std_error == pytest.approx(error, rel=1e-5), event
    assert [found["event", e].n_treated for e in (0, 7, -2, -3, -4)] == [773, 773, 764, 497, 358]


STORED = {
    "dCDH_paths": {},
    "dCDH_paths_in": {"switchers": "in"},
    "dCDH_paths_out": {"switchers": "out"},
    "dCDH_paths_never": {"control": "never"},
    "dCDH_paths_normalised": {},
    "dCDH_paths_weights": {},
    "dCDH_paths_gaps": {},
}


@pytest.mark.parametrize("method", STORED)
def test_agrees_with_the_authors_python_package_where_doses_go_up_down_and_off(method) -> None:
    estimator = BOTH["intertemporal" + "_normalised" * method.endswith("normalised")]
    weights = {"weights": "w"} if method.endswith("weights") else {}
    frame = pd.read_csv(REFERENCE / "paths_panel.csv")
    panel = read(frame.assign(y=frame["y_gaps"]) if method.endswith("gaps") else frame, **weights)
    rows = estimator(panel, Options(window=(-3, 3), **STORED[method]))
    names = {"att": "average_total_effect", "event_-2": "placebo_1", "event_-3": "placebo_2"}
    assert_agreement(rows, expected(method, "py-did-multiplegt-dyn", "sim_paths"), least=7, names=names)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {}),
        ({"control": "never"}, {"only_never_switchers": True}),
        ({"name": "intertemporal_normalised"}, {"normalized": True}),
    ],
    ids=str,
)
def test_agrees_with_moderndid_where_doses_go_up_and_off(ours, theirs) -> None:
    """Its version 0.2.0 differs from the authors' package, and from us, for units that fall and return."""
    from moderndid import did_multiplegt

    frame = simulated(3)
    frame = frame[~frame["g"].isin(frame.loc[frame["d"] < frame.groupby("g")["d"].transform("first"), "g"])]
    peer = did_multiplegt(frame, yname="y", tname="t", idname="g", dname="d", effects=4, placebo=2, **theirs)
    chosen = dict(ours)
    estimator = BOTH[chosen.pop("name", "intertemporal")]
    found = rows_of(estimator(read(frame), Options(window=(-3, 3), **chosen)))
    pairs = [(found["att", None], peer.ate.estimate, peer.ate.std_error)]
    for part, events in ((peer.effects, (0, 1, 2, 3)), (peer.placebos, (-2, -3))):
        pairs += [(found["event", e], part.estimates[k], part.std_errors[k]) for k, e in enumerate(events)]
    for row, value, error in pairs:
        assert (row.estimate, row.std_error) == pytest.approx((value, error), rel=1e-9)


def test_joint_tests_are_wald_of_placebos_and_of_effects() -> None:
    result = did.intertemporal(read(simulated(5)), window=(-3, 3))
    found = rows_of(result)
    for term, events in (("pretrend_joint", [-3, -2]), ("effects_joint", [0, 1, 2, 3])):
        values = np.array([found["event", e].estimate for e in events])
        covariance = result.covariance("event").loc[events, events].to_numpy()
        assert found[term, None].estimate == pytest.approx(values @ np.linalg.inv(covariance) @ values)
        assert 0 < found[term, None].p_value < 1
    assert result.test_pretrends().p_value == found["pretrend_joint", None].p_value


def test_unit_with_more_and_less_than_its_status_quo_takes_no_part_from_then_on() -> None:
    frame = simulated(6)
    wild = (frame["g"] == 0) & (frame["t"] >= 2006)
    frame.loc[frame["g"] == 0, "d"] = np.where(frame.loc[frame["g"] == 0, "t"] >= 2004, 1.5, 1.0)
    frame.loc[wild, "d"] = 0.5
    rows = intertemporal(read(frame), Options())
    assert "5 outcomes are left out" in rows[0].note and "units 0" in rows[0].note
    without = intertemporal(read(frame[~wild]), Options())
    assert [row.estimate for row in rows] == [row.estimate for row in without]


def test_unknown_doses_are_filled_where_they_can_be_one_value_only() -> None:
    dose = np.array(
        [[0, np.nan, 0, 1, 1], [0, np.nan, 1, 1, 1], [0, 0, 1, np.nan, 1], [np.nan, 0, 0, 0, 0.0]]
    )
    panel = Panel.from_arrays(np.ones((4, 5)), dose=dose)
    assert panel.starts.tolist() == [3, NEVER, 2, NEVER]
    # Second unit: known until it may have changed. Third: until its dose is unknown. Fourth: from its first.
    assert panel.observed.tolist() == [
        [True] * 5, [True] + [False] * 4, [True] * 3 + [False] * 2, [False] + [True] * 4,
    ]  # fmt: skip
    frame = simulated(7)
    frame.loc[(frame["g"] == 1) & (frame["t"] == 2002), "d"] = np.nan
    frame.loc[(frame["g"] == 2) & (frame["t"] == 2001), "d"] = np.nan
    notes = " ".join(read(frame).notes)
    assert "1 unknown dose stands between two periods at the same status quo and is read as it" in notes
    assert "1 outcome is left out" in notes and "units 2" in notes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dose": "d", "cohort": "w"}, "named twice"),
        ({}, "no column says"),
        ({"dose": "constant"}, "no unit's treatment changes"),
        ({"dose": "own"}, "no unit keeps its first treatment"),
        ({"cohort": "onoff"}, "name this column as dose"),
        ({"dose": "word"}, "the treatment is not a number"),
    ],
)
def test_treatment_that_cannot_be_used_is_refused_with_what_to_do(changes, words) -> None:
    frame = simulated(8).assign(constant=1.0, word="on")
    frame["own"] = frame["g"] + 100 * (frame["t"] > 2004)
    frame["onoff"] = ((frame["t"] == 2005) & (frame["g"] < 20)).astype(int)
    with pytest.raises(InputError, match=words):
        Panel.from_frame(frame, unit="g", time="t", outcome="y", **changes)


def test_estimators_of_one_lasting_start_are_refused_and_all_means_those_that_apply() -> None:
    panel = read(simulated(9))
    with pytest.raises(InputError, match="group_time would not see it"):
        estimate(panel, "group_time")
    assert estimate(panel, "all").names == tuple(did.PATHS) == tuple(BOTH)
    with pytest.raises(InputError, match="no treatment path"):
        did.intertemporal(did.example_panel())
    lasting = np.where(np.arange(8) >= 4, 3.0, 0.0) * (np.arange(12) < 6)[:, None]
    outcome = np.random.default_rng(1).normal(size=(12, 8))
    names = estimate(Panel.from_arrays(outcome, dose=lasting), "all").names
    assert set(names) == set(did.ESTIMATORS) | set(BOTH)


def test_tests_that_move_starts_are_refused_and_leaving_out_is_not() -> None:
    result = did.intertemporal(read(simulated(10)))
    with pytest.raises(InputError, match="whole path of treatment"):
        did.randomization(result)
    table = did.leave_one_out(result)
    assert len(table) == 60 and table["estimate"].notna().all()


def test_results_with_doses_come_back_from_a_file(tmp_path) -> None:
    result = did.intertemporal(read(simulated(11)))
    result.save(tmp_path / "result.npz")
    back = did.load(tmp_path / "result.npz")
    assert back.panel == result.panel and repr(list(back)) == repr(list(result))


def test_intervals_cover_the_truth_where_treatment_goes_off_or_has_two_doses() -> None:
    """A small draw of benchmarks/intertemporal.py: 200 draws have a standard error of 1.5 points."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from intertemporal import KINDS, coverage
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    for kind in ("on and off", "two doses"):
        assert kind in KINDS
        shares = coverage(kind, 200, seed=5)
        assert len(shares) == 11
        for key, share in shares.items():
            assert 0.90 <= share <= 0.99, (kind, key)


def test_command_estimates_doses_and_reports_what_is_identified(tmp_path) -> None:
    from typer.testing import CliRunner

    from analysis.__main__ import app

    simulated(12).to_csv(tmp_path / "panel.csv", index=False)
    words = ["did", "--panel", str(tmp_path / "panel.csv"), "--unit", "g", "--time", "t", "--outcome", "y"]
    done = CliRunner().invoke(
        app, [*words, "--dose", "d", "--out", str(tmp_path / "out"), "--switchers", "in"]
    )
    assert done.exception is None
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert set(table["estimator"]) == set(BOTH)
    expected = did.intertemporal(read(simulated(12)), switchers="in").att.estimate
    assert table.loc[table["term"] == "att", "estimate"].iloc[0] == pytest.approx(expected, rel=1e-9)
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "| Status quo | First change |" in report and "control in all periods" in report
    for wrong, said in (
        (["--dose", "d", "--checks"], "leave --checks out"),
        (["--dose", "d", "--cohort", "d"], "named twice"),
        ([], "no column says"),
    ):
        refused = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "no"), *wrong])
        assert isinstance(refused.exception, InputError) and said in str(refused.exception)
        assert not (tmp_path / "no").exists()


WITH_COVARIATES = {
    "dCDH_paths_x_z": {},
    "dCDH_paths_x_z_normalised": {"name": "intertemporal_normalised"},
    "dCDH_paths_x_z_weights": {"weights": "w"},
}


@pytest.mark.parametrize("method", WITH_COVARIATES)
def test_effects_with_covariates_are_those_of_the_authors_python_package(method) -> None:
    chosen = dict(WITH_COVARIATES[method])
    estimator = BOTH[chosen.pop("name", "intertemporal")]
    frame = pd.read_csv(REFERENCE / "paths_panel.csv").assign(y=lambda f: f["y_x"])
    rows = estimator(read(frame, covariates=["x", "z"], **chosen), Options(window=(-3, 3)))
    names = {"att": "average_total_effect", "event_-2": "placebo_1", "event_-3": "placebo_2"}
    theirs = expected(method, "py-did-multiplegt-dyn", "sim_paths_x")
    assert_agreement(rows, theirs, least=7, names=names, errors=False)


def test_slopes_of_each_status_quo_are_taken_out() -> None:
    frame = simulated(4).assign(x=lambda f: np.sin(f["g"] * 1.7 + f["t"] * (1 + f["g"] % 3)))
    quo = frame.groupby("g")["d"].transform("first")
    frame["y"] = frame["g"] % 7 + 0.2 * (frame["t"] - 2000) ** 1.5 + 0.7 * (frame["d"] - quo)
    plain = rows_of(intertemporal(read(frame), Options()))
    moved = frame.assign(y=frame["y"] + frame["x"] * (2 - quo))
    found = rows_of(intertemporal(read(moved, covariates=["x"]), Options()))
    effects = [key for key in plain if key[0] in ("att", "att_simple", "event")]
    assert len(effects) > 8
    for key in effects:
        assert found[key].estimate == pytest.approx(plain[key].estimate, abs=1e-9)
    without = rows_of(intertemporal(read(moved), Options()))
    assert abs(without["att", None].estimate - plain["att", None].estimate) > 0.01


def test_the_error_with_a_covariate_by_hand_counts_that_its_slope_is_estimated() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(30, 3))
    x[:15, 2] += 6  # switchers' covariate moves when they switch, so that the slope matters
    y = rng.normal(size=(30, 3)) + x
    dose = np.zeros((30, 3))
    dose[:15, 2] = 1
    frame = pd.DataFrame(
        {
            "g": np.repeat(np.arange(30), 3), "t": np.tile([1, 2, 3], 30), "y": y.ravel(), "x": x.ravel(),
            "d": dose.ravel(),
        }
    )  # fmt: skip
    found = rows_of(intertemporal(read(frame, covariates=["x"]), Options()))["event", 0]
    # Changes before anybody switched, of all, and of those who never do.
    unit = np.append(np.arange(30), np.arange(15, 30))
    later = np.repeat([0.0, 1.0], [30, 15])
    dx = np.append(x[:, 1] - x[:, 0], (x[:, 2] - x[:, 1])[15:])
    dy = np.append(y[:, 1] - y[:, 0], (y[:, 2] - y[:, 1])[15:])
    periods = np.column_stack([1 - later, later])
    left = dx - periods @ np.linalg.lstsq(periods, dx, rcond=None)[0]
    both = np.column_stack([dx, periods])
    slopes = np.linalg.lstsq(both, dy, rcond=None)[0]
    psi = np.bincount(unit, left * (dy - both @ slopes)) / (left @ left)
    last = (y - slopes[0] * x)[:, 2] - (y - slopes[0] * x)[:, 1]
    assert found.estimate == pytest.approx(last[:15].mean() - last[15:].mean(), rel=1e-9)
    own = np.append(last[:15] - last[:15].mean(), last[15:].mean() - last[15:]) / 15 * np.sqrt(15 / 14)
    shift = (x[:, 2] - x[:, 1])[:15].mean() - (x[:, 2] - x[:, 1])[15:].mean()
    assert found.std_error == pytest.approx(float(np.sqrt(((own - shift * psi) ** 2).sum())), rel=1e-9)
    assert found.std_error > 1.2 * np.sqrt((own**2).sum())


def test_true_and_false_are_treatment_of_one_and_zero() -> None:
    frame = simulated(4)
    quo = frame.groupby("g")["d"].transform("first")
    on = frame.assign(d=(frame["d"] != quo).astype(int))
    found = intertemporal(read(on.assign(d=on["d"].astype(bool))), Options())
    assert [row.estimate for row in found] == [row.estimate for row in intertemporal(read(on), Options())]


def test_covariates_that_say_nothing_are_said_or_refused() -> None:
    frame = simulated(4).assign(x=lambda f: f["g"] % 5, z=lambda f: np.where(f["d"] != 0, f["t"] % 2, 0))
    rows = intertemporal(read(frame, covariates=["x"]), Options())
    assert "never change within a unit adjust nothing: x" in rows[0].note
    assert rows[0].estimate == intertemporal(read(frame), Options())[0].estimate
    with pytest.raises(InputError, match="cannot be told apart"):
        intertemporal(read(frame, covariates=["z"]), Options())
