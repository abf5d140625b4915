"""Repeated cross-sections: four means by hand, stored and live peers, panels as a special case, coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from did.peers import REFERENCE, assert_agreement, expected, small_panel

import analysis.did as did
from analysis.did import Panel, estimate
from analysis.did.errors import InputError
from analysis.did.estimators.averages import by_cluster
from analysis.did.numerics.section_cell import section_cell

FRAME = pd.read_csv(REFERENCE / "sections_panel.csv")


def read(frame: pd.DataFrame = FRAME, **more) -> Panel:
    chosen = {"unit": "area", "time": "t", "outcome": "y", "cohort": "g"} | more
    return Panel.from_frame(frame, cross_sections=True, **chosen)


def rows_of(result) -> dict:
    return {(row.term, row.cohort, row.period, row.event_time): row for row in result}


def test_four_means_and_their_error_by_hand() -> None:
    outcome = np.array([3.0, 5, 1, 2, 6, 9, 4, 4])
    post = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])
    treated = np.array([1.0, 1, 0, 0, 1, 1, 0, 0])
    effect, psi = section_cell(outcome, post, treated, np.empty((8, 0)), np.ones(8), "dr")
    assert effect == pytest.approx((7.5 - 4) - (4 - 1.5))
    # Variance of each mean: sum of squared deviations over the squared number of rows.
    assert (psi / 8) @ (psi / 8) == pytest.approx((4.5 + 2 + 0 + 0.5) / 4)


@pytest.mark.parametrize("method", ["reg", "ipw", "dr"])
@pytest.mark.parametrize("weighted", [False, True])
def test_two_periods_agree_with_moderndid(method, weighted) -> None:
    import moderndid

    frame = FRAME[FRAME["t"].isin([2002, 2003]) & FRAME["g"].isin([0, 2003])]
    y, x, post, treated = (
        frame["y"].to_numpy(), frame["x"].to_numpy(), (frame["t"] == 2003).to_numpy(float),
        (frame["g"] == 2003).to_numpy(float),
    )  # fmt: skip
    weights = frame["w"].to_numpy() if weighted else np.ones(len(y))
    peer = {"reg": moderndid.reg_did_rc, "ipw": moderndid.std_ipw_did_rc, "dr": moderndid.drdid_rc}[method]
    theirs = peer(y, post, treated, np.column_stack([np.ones(len(x)), x]), weights)
    effect, psi = section_cell(y, post, treated, x[:, None], weights, method)
    assert effect == pytest.approx(theirs.att, rel=1e-8)
    if method != "dr":  # its error there is 1 % larger than that of csdid, which the next test compares
        assert np.sqrt(psi @ psi) / len(y) == pytest.approx(theirs.se, rel=2e-3)  # theirs: n - 1


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("method", ["none", "reg", "ipw", "dr"])
def test_cells_and_averages_agree_with_csdid(method, weighted) -> None:
    more: dict = {"weights": "w"} if weighted else {}
    if method != "none":
        more["covariates"] = ["x"]
    rows = did.group_time(read(unit="row", **more), method="dr" if method == "none" else method)
    name = f"CS_sections_{'dr_none' if method == 'none' else method + '_x'}{'_w' * weighted}"
    assert_agreement(rows, expected(name, "csdid", "sim_sections"), least=14)


def test_errors_sum_influence_values_within_clusters_of_any_level() -> None:
    by_row = did.group_time(read(unit="row"))
    scores = by_row.part.covariance
    assert scores is not None
    areas = did.group_time(read())
    regions = did.group_time(read(FRAME.assign(region=FRAME["area"] // 3), cluster="region"))
    assert areas.att.estimate == regions.att.estimate == by_row.att.estimate
    early = FRAME[FRAME["t"].isin([2002, 2003]) & FRAME["g"].isin([0, 2003])]
    post, own = (early["t"] == 2003).to_numpy(float), (early["g"] == 2003).to_numpy(float)
    _, psi = section_cell(early["y"].to_numpy(), post, own, np.empty((len(own), 0)), np.ones(len(own)), "reg")
    for result, group in ((areas, early["area"]), (regions, early["area"] // 3)):
        code = np.unique(group, return_inverse=True)[1]
        sums = by_cluster(psi[:, None] / len(own), code, int(code.max()) + 1)
        # With controls never treated only, the cell of 2003 in 2003 is this comparison.
        kept = did.group_time(result.panel, control="never")
        row = rows_of(kept)["group_time", 2003, 2003, 0]
        assert row.std_error == pytest.approx(np.sqrt((sums**2).sum()))


@pytest.mark.parametrize("panel", [{}, {"weighted": True}, {"gaps": 0.1}], ids=str)
def test_one_row_for_each_area_and_period_is_the_panel(panel) -> None:
    source = small_panel(3, **panel)
    units, periods = source.outcome.shape
    starts = np.where(source.starts < periods, source.starts, 99)
    frame = pd.DataFrame(
        {
            "area": np.repeat(np.arange(units), periods), "t": np.tile(np.arange(periods), units),
            "y": source.outcome.ravel(), "g": np.repeat(starts, periods),
            "w": np.repeat(source.weights, periods),
        }
    )  # fmt: skip
    for name in ("twfe", "imputation"):
        theirs, ours = rows_of(estimate(source, name)), rows_of(estimate(read(frame, weights="w"), name))
        assert len(ours) == (1 if name == "twfe" else 22)
        for key, row in ours.items():
            if key[0] == "att_simple" and "gaps" in panel:
                continue  # cohorts weigh by rows here, by units there
            assert row.estimate == pytest.approx(theirs[key].estimate, rel=1e-9)
            assert row.std_error == pytest.approx(theirs[key].std_error, rel=1e-9)
    if not panel:  # the same means; errors do not know that rows are of the same units
        ours, theirs = rows_of(did.group_time(read(frame))), rows_of(did.group_time(source))
        key = ("att", None, None, None)
        assert ours[key].estimate == pytest.approx(theirs[key].estimate, rel=1e-12)


def test_two_way_regression_agrees_with_statsmodels() -> None:
    import statsmodels.formula.api as smf

    frame = FRAME.assign(d=((FRAME["g"] > 0) & (FRAME["t"] >= FRAME["g"])).astype(int))
    theirs = smf.wls("y ~ d + x + C(area) + C(t)", frame, weights=frame["w"]).fit()
    clustered = theirs.get_robustcov_results("cluster", groups=frame["area"].to_numpy())
    place = list(theirs.params.index).index("d")
    ours = did.twfe(read(covariates=["x"], weights="w"), count_effects=True).att
    assert ours.estimate == pytest.approx(theirs.params["d"], rel=1e-9)
    assert ours.std_error == pytest.approx(clustered.bse[place], rel=1e-9)


def test_factors_yes_and_no_and_formulas_are_read_as_in_a_panel() -> None:
    import statsmodels.formula.api as smf

    place = np.arange(len(FRAME))
    frame = FRAME.assign(
        kind=np.array(["north", "south", "west"])[place % 7 % 3], flag=place % 5 < 2, code=place % 11 % 4,
        d=((FRAME["g"] > 0) & (FRAME["t"] >= FRAME["g"])).astype(int),
    )  # fmt: skip
    theirs = smf.ols("y ~ d + C(kind) + flag + C(code) + C(area) + C(t)", frame).fit()
    named = read(frame, covariates=["kind", "flag", "C(code)"])
    assert named.covariate_names[:3] == ("kind[south]", "kind[west]", "flag")
    assert did.twfe(named).att.estimate == pytest.approx(theirs.params["d"], rel=1e-9)
    formula = read(frame, covariates="~ C(kind) + flag + C(code)")
    assert did.twfe(formula).att.estimate == pytest.approx(theirs.params["d"], rel=1e-9)
    dummies = frame.assign(south=frame["kind"].eq("south") * 1, west=frame["kind"].eq("west") * 1)
    for name in ("group_time", "imputation"):
        by_hand = estimate(read(dummies, covariates=["south", "west"]), name).att
        found = estimate(read(frame, covariates=["kind"]), name).att
        assert found.estimate == pytest.approx(by_hand.estimate, rel=1e-12)
        assert found.std_error == pytest.approx(by_hand.std_error, rel=1e-12)


def test_rows_that_lack_a_covariate_are_counted_and_collinear_ones_refused() -> None:
    frame = FRAME.assign(kind=np.where(FRAME.index % 2 == 0, "a", "b")).astype({"kind": object})
    frame.loc[:4, "kind"] = None
    panel = read(frame, covariates=["kind"])
    assert panel.n_units == len(FRAME) - 5
    assert any("5 rows have no y or covariate" in note for note in panel.notes)
    with pytest.raises(InputError, match="collinear"):
        read(frame.assign(other=2 * frame["x"] + 1), covariates=["x", "other"])


def test_imputation_is_what_a_fit_of_untreated_rows_leaves_of_treated_ones() -> None:
    import statsmodels.formula.api as smf

    frame = FRAME.assign(d=(FRAME["g"] > 0) & (FRAME["t"] >= FRAME["g"]))
    fitted = smf.wls("y ~ x + C(area) + C(t)", frame[~frame["d"]], weights=frame.loc[~frame["d"], "w"]).fit()
    treated = frame[frame["d"]]
    effect = treated["y"] - fitted.predict(treated)
    ours = did.imputation(read(covariates=["x"], weights="w"))
    assert ours.att.estimate == pytest.approx(np.average(effect, weights=treated["w"]), rel=1e-9)
    at = treated["t"] == treated["g"]
    first = rows_of(ours)["event", None, None, 0].estimate
    assert first == pytest.approx(np.average(effect[at], weights=treated.loc[at, "w"]), rel=1e-9)


def test_intervals_cover_the_truth_with_clusters_above_the_row() -> None:
    """150 areas of about 20 rows with area-period shocks; 120 draws have a standard error of 2 points."""
    rng = np.random.default_rng(11)
    held = dict.fromkeys(("group_time", "imputation", "twfe"), 0)
    for _ in range(120):
        area, t = rng.integers(150, size=3000), rng.integers(4, size=3000)
        start = np.where(area < 60, 2, 9)
        shock = 0.3 * rng.normal(size=(150, 4))[area, t]
        y = rng.normal(size=150)[area] + 0.5 * t + shock + rng.normal(size=3000) + 1.0 * (t >= start)
        panel = read(pd.DataFrame({"area": area, "t": t, "y": y, "g": start}))
        for row in estimate(panel, list(held)):
            if row.term == "att":
                held[row.estimator] += row.ci_low <= 1 <= row.ci_high
    for name, count in held.items():
        assert 106 <= count <= 119, (name, count)


def test_rows_without_something_are_counted_and_what_follows_units_is_refused(tmp_path) -> None:
    gaps = FRAME.copy()
    gaps.loc[:6, "y"] = np.nan
    panel = read(gaps)
    assert panel.n_units == len(FRAME) - 7 and "7 rows have no y" in " ".join(panel.notes)
    result = did.group_time(panel)
    for refused in (did.randomization, did.leave_one_out):
        with pytest.raises(InputError, match="every row is another"):
            refused(result)
    with pytest.raises(InputError, match="follows units over time"):
        estimate(panel, "sun_abraham")
    with pytest.raises(InputError, match="draws is not used"):
        estimate(panel, "group_time", draws=99)
    with pytest.raises(InputError, match="not saved"):
        result.save(tmp_path / "x.npz")
    with pytest.raises(InputError, match="another person"):
        result.reproduce("did")
    mixed = FRAME.copy()
    mixed.loc[mixed.index[mixed["area"] == 1][0], "g"] = 2004
    with pytest.raises(InputError, match="cohort changes within a unit"):
        read(mixed)
    with pytest.raises(InputError, match="--cross-sections"):
        Panel.from_frame(FRAME, unit="row", time="t", outcome="y", cohort="g")
    with pytest.raises(InputError, match="follows units over time"):
        Panel.from_frame(FRAME, unit="area", time="t", outcome="y", dose="g", cross_sections=True)


def test_command_estimates_cross_sections(tmp_path) -> None:
    from typer.testing import CliRunner

    from analysis.__main__ import app

    FRAME.to_csv(tmp_path / "panel.csv", index=False)
    words = ["did", "--panel", str(tmp_path / "panel.csv"), "--unit", "area", "--time", "t", "--outcome", "y"]
    words += ["--cohort", "g", "--covariates", "x", "--weights", "w", "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(app, [*words, "--cross-sections"]).exception is None
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert set(table["estimator"]) == {"group_time", "imputation", "twfe"}
    expected_value = did.imputation(read(covariates=["x"], weights="w")).att.estimate
    found = table[(table["estimator"] == "imputation") & (table["term"] == "att")]["estimate"].iloc[0]
    assert found == pytest.approx(expected_value, rel=1e-9)
    assert "rows in 24 areas" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_a_fault_is_named_by_its_line_though_rows_before_it_have_no_outcome():
    """Header on line 1; lines 2 and 3 lack the outcome; the odd start stands on line 7."""
    frame = pd.DataFrame(
        {
            "area": list("aaaaaabbbb"),
            "year": [2000, 2001, 2000, 2001, 2000, 2001, 2000, 2001, 2000, 2001],
            "y": [None, None, 1.0, 2.0, 1.5, 2.5, 1.0, 1.1, 0.9, 1.2],
            "start": [2001, 2001, 2001, 2001, 2001, 2000, 0, 0, 0, 0],
        }
    )
    with pytest.raises(InputError) as caught:
        Panel.from_frame(frame, unit="area", time="year", outcome="y", cohort="start", cross_sections=True)
    assert (caught.value.row, caught.value.column) == (7, "start")
