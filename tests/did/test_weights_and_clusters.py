"""Weights that change over time, weights as sampling weights, and clusters of two kinds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from did.survey import NAMES, survey
from linearmodels.panel import PanelOLS

import analysis.did as did
from analysis.base.errors import InputError
from analysis.did import Panel, estimate

CLUSTERED = [
    "twfe", "event_study_twfe", "group_time", "sun_abraham", "imputation", "two_stage", "extended_twfe",
    "stacked", "local_projection", "local_projection_reweighted", "dynamic_dcdh",
]  # fmt: skip


def crossed() -> pd.DataFrame:
    """The survey with two kinds of clusters, none inside the other: 5 and 4."""
    frame = survey()
    frame["trade"] = (frame["id"] * 7) % 11 % 4
    rng = np.random.default_rng(2)
    frame["y"] += rng.normal(size=(5, 9))[frame["st"], frame["t"]] * 0.3
    frame["y"] += rng.normal(size=(4, 9))[frame["trade"], frame["t"]] * 0.3
    return frame


def read(frame: pd.DataFrame, **changes: object) -> Panel:
    return Panel.from_frame(frame, **{**NAMES, **changes})  # type: ignore[arg-type]


def test_two_way_errors_of_the_regression_are_those_of_linearmodels() -> None:
    frame = crossed()
    frame["d"] = ((frame["g"] > 0) & (frame["t"] >= frame["g"])).astype(float)
    data = frame.set_index(["id", "t"])
    periods = pd.get_dummies(frame["t"], prefix="t", drop_first=True, dtype=float).set_index(data.index)
    model = PanelOLS(data["y"], pd.concat([data[["d"]], periods], axis=1), entity_effects=True)
    slow = model.fit(
        cov_type="clustered", clusters=data[["st", "trade"]], group_debias=True, auto_df=False,
        count_effects=False,
    )  # fmt: skip
    found = estimate(read(frame, cluster=["st", "trade"]), "twfe").att
    assert found.estimate == pytest.approx(slow.params["d"], rel=1e-9)
    assert found.std_error == pytest.approx(slow.std_errors["d"], rel=1e-7)
    assert found.freedom == 3  # the fewer clusters less one


@pytest.mark.parametrize("name", CLUSTERED)
def test_two_way_variance_is_the_sum_of_both_less_that_of_the_pairs(name) -> None:
    frame = crossed()
    frame["pair"] = frame["st"].astype(str) + "-" + frame["trade"].astype(str)
    ways = estimate(read(frame, cluster=["st", "trade"]), name)
    one = [estimate(read(frame, cluster=c), name).rows for c in ("st", "trade", "pair")]
    for row in ways.rows:
        key = (row.term, row.cohort, row.period, row.event_time)
        first, second, both = (
            next(r for r in rows if (r.term, r.cohort, r.period, r.event_time) == key) for rows in one
        )
        if row.term == "pretrend_joint" or row.std_error != row.std_error:
            continue
        variance = first.std_error**2 + second.std_error**2 - both.std_error**2
        variance = variance if variance > 0 else max(first.std_error, second.std_error) ** 2
        assert row.estimate == first.estimate
        assert row.std_error == pytest.approx(variance**0.5, rel=1e-9)


@pytest.mark.parametrize("name", CLUSTERED)
def test_units_inside_regions_as_two_ways_are_regions_as_one(name) -> None:
    frame = crossed()
    ways, one = (estimate(read(frame, cluster=c), name) for c in (["id", "st"], "st"))
    for row, single in zip(ways.rows, one.rows, strict=True):
        if row.term != "pretrend_joint" and single.std_error == single.std_error:
            assert row.std_error == pytest.approx(single.std_error, rel=1e-9)
            assert row.p_value == pytest.approx(single.p_value, rel=1e-6)


def test_group_time_errors_with_two_ways_are_sums_of_influence_by_hand() -> None:
    """One cell by hand: cohort 4 in 6 against the never treated."""
    frame = crossed()
    result = estimate(read(frame, cluster=["st", "trade"]), "group_time", control="never")
    wide = frame.pivot(index="id", columns="t", values="y")
    unit = frame.drop_duplicates("id").set_index("id").assign(change=wide[6] - wide[3])
    unit = unit[unit["g"].isin([0, 4])]
    own = unit["g"] == 4
    share = np.where(own, 1 / own.sum(), -1 / (~own).sum())
    psi = (unit["change"] - unit.groupby(own)["change"].transform("mean")) * share
    by = [psi.groupby(keys).sum() for keys in (unit["st"], unit["trade"], [unit["st"], unit["trade"]])]
    variance = (by[0] ** 2).sum() + (by[1] ** 2).sum() - (by[2] ** 2).sum()
    found = result.group_time().loc[(4, 6), "std_error"]
    assert found == pytest.approx(max(variance, 0) ** 0.5 or found, rel=1e-9)
    assert variance > 0


def test_a_joint_pretest_and_a_covariance_follow_both_ways(tmp_path) -> None:
    result = estimate(read(crossed(), cluster=["st", "trade"]), "event_study_twfe")
    matrix = result.covariance("event")
    errors = result.event_study()["std_error"].dropna()
    assert np.allclose(np.sqrt(np.clip(np.diag(matrix), 0, None)), errors, rtol=1e-9)
    result.save(tmp_path / "a.npz")
    again = did.load(tmp_path / "a.npz")
    assert again.panel == result.panel
    assert again.panel != read(crossed(), cluster="st")
    assert again.att.std_error == result.att.std_error


@pytest.mark.parametrize(
    "columns, message",
    [
        (["st", "half"], "2 clusters of one kind"),
        (["st", "trade", "id"], "in 3 ways"),
        (["st", "t"], "cluster changes"),
    ],
)
def test_two_ways_that_cannot_be_are_refused(columns, message) -> None:
    with pytest.raises(InputError, match=message):
        read(crossed().assign(half=lambda f: f["id"] % 2), cluster=columns)


def test_estimators_without_sums_over_clusters_and_checks_of_one_way_refuse_two() -> None:
    panel = read(crossed(), cluster=["st", "trade"])
    assert estimate(panel, "bacon").att.estimate == estimate(read(crossed()), "bacon").att.estimate
    with pytest.raises(InputError, match="exchange units"):
        estimate(panel, "synthetic_did")
    with pytest.raises(InputError, match="one kind of clusters"):
        did.wild(estimate(panel, "twfe"))
    with pytest.raises(InputError, match="one kind of clusters"):
        did.leave_one_out(estimate(panel, "twfe"))
    with pytest.raises(InputError, match="clusters in one way"):
        estimate(panel, "twfe").reproduce("fixest")


def weighted() -> pd.DataFrame:
    """Weights that grow, at another pace for each unit; unit 3 has no outcome in the first period."""
    frame = survey()
    frame["w"] = 1 + (frame["id"] % 4) + 0.1 * frame["t"] * (frame["id"] % 3)
    frame.loc[(frame["id"] == 3) & (frame["t"] == 1), "y"] = np.nan
    return frame


@pytest.mark.parametrize("rule", ["first", "mean"])
@pytest.mark.parametrize("name", ["group_time", "twfe", "imputation"])
def test_weights_that_change_are_the_first_or_the_mean_of_observed_periods(rule, name) -> None:
    frame = weighted()
    known = frame.dropna(subset=["y"]).sort_values("t").groupby("id")["w"]
    frozen = frame.assign(w=frame["id"].map(known.first() if rule == "first" else known.mean()))
    found = estimate(read(frame, weights="w", weights_vary=rule), name)
    by_hand = estimate(read(frozen, weights="w"), name)
    assert found.att.estimate == pytest.approx(by_hand.att.estimate, rel=1e-12)
    assert any("Weights change within 16 units" in note for note in found.panel.notes)


def test_a_weighted_cell_is_a_difference_of_weighted_means() -> None:
    frame = weighted()
    result = estimate(read(frame, weights="w", weights_vary="first"), "group_time", control="never")
    wide = frame.pivot(index="id", columns="t", values="y")
    unit = frame[frame["t"] == 1].set_index("id").assign(change=wide[6] - wide[3])
    unit.loc[3, "w"] = frame.loc[(frame["id"] == 3) & (frame["t"] == 2), "w"].item()
    means = [
        np.average(part["change"], weights=part["w"]) for part in (unit[unit["g"] == 4], unit[unit["g"] == 0])
    ]
    assert result.group_time().loc[(4, 6), "estimate"] == pytest.approx(means[0] - means[1], rel=1e-12)


@pytest.mark.parametrize("name", CLUSTERED)
def test_sampling_weights_have_no_scale(name) -> None:
    frame = weighted()
    one, two = (
        estimate(read(frame.assign(w=frame["w"] * k), weights="w", weights_vary="mean"), name)
        for k in (1, 1000)
    )
    assert one.att.estimate == pytest.approx(two.att.estimate, rel=1e-9)
    assert one.att.std_error == pytest.approx(two.att.std_error, rel=1e-9)


def test_weights_that_change_are_refused_with_every_way_out() -> None:
    with pytest.raises(
        InputError, match=r"weight changes within a unit(.|\n)*first(.|\n)*mean(.|\n)*or period"
    ):
        read(weighted(), weights="w")


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_a_row_with_an_outcome_needs_a_weight(value) -> None:
    frame = weighted()
    frame.loc[30, "w"] = value
    with pytest.raises(InputError, match=r"1 row has an outcome and a weight that is zero(.|\n)*row 32"):
        read(frame, weights="w", weights_vary="first")


def test_a_weight_that_may_be_a_code_is_said() -> None:
    frame = weighted().assign(w=lambda f: np.where(f["id"] == 4, 9999.0, 1.0 + f["id"] % 2))
    assert any("Column w holds 9999 in 8 rows" in note for note in read(frame, weights="w").notes)
