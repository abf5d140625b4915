"""Effects in groups and the triple difference: against moderndid, by hand, against a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from did.survey import NAMES, survey
from moderndid import ddd
from typer.testing import CliRunner

import analysis.did as did
from analysis.__main__ import app
from analysis.base.errors import InputError

ROLES = {"unit": "id", "time": "t", "outcome": "y", "cohort": "g"}


def places(seed: int = 1, size: int = 300, effect: float = 1.0) -> pd.DataFrame:
    """Places that start in 3, 4 or never; the eligible, more of them in some, have a trend of their own."""
    rng = np.random.default_rng(seed)
    start = rng.choice([0, 3, 4], size)
    eligible = rng.random(size) < np.select([start == 3, start == 4], [0.3, 0.6], 0.5)
    x = rng.normal(size=size)
    unit, t = np.meshgrid(np.arange(size), np.arange(1, 6), indexing="ij")
    g, q = start[unit], eligible[unit]
    y = rng.normal(size=unit.shape) + 0.5 * q * t + 0.3 * t * (g == 3) + 0.1 * x[unit] * t
    y += effect * (q & (g > 0) & (t >= g)) * (1 + 0.5 * (t - g))
    return pd.DataFrame(
        {"id": unit.ravel(), "t": t.ravel(), "y": y.ravel(), "g": g.ravel(), "q": q.ravel().astype(int),
         "x": x[unit].ravel()}
    )  # fmt: skip


def read(frame: pd.DataFrame, **changes: object) -> tuple[did.Panel, list[bool]]:
    panel = did.Panel.from_frame(frame, **ROLES, **changes)  # type: ignore[arg-type]
    return panel, [bool(v) for v in frame.drop_duplicates("id").set_index("id")["q"].loc[list(panel.units)]]


@pytest.mark.parametrize("covariates, method", [([], "reg"), (["x"], "reg"), (["x"], "dr"), (["x"], "ipw")])
@pytest.mark.parametrize("control", ["never", "not_yet"])
def test_cells_are_those_of_moderndid(control, covariates, method) -> None:
    frame = places()
    panel, eligible = read(frame, covariates=covariates)
    found = did.triple_difference(panel, eligible, control=control, method=method).group_time()
    other = ddd(
        frame, yname="y", tname="t", idname="id", gname="g", pname="q", est_method=method,
        control_group={"never": "nevertreated", "not_yet": "notyettreated"}[control],
        base_period="universal", xformla="~ x" if covariates else None,
    )  # fmt: skip
    for g, t, value, error in zip(other.groups, other.times, other.att, other.se, strict=True):
        own = found.loc[(int(g), int(t))]
        assert own["estimate"] == pytest.approx(value, abs=1e-6)
        if error == error and t >= g:
            # With weights of least variance it scales each influence by that comparison's own sample.
            assert own["std_error"] == pytest.approx(error, rel=1e-6 if control == "never" else 5e-3)


def test_a_cell_is_the_difference_of_four_means_by_hand() -> None:
    frame = places()
    panel, eligible = read(frame)
    result = did.triple_difference(panel, eligible, control="never")
    wide = frame.pivot(index="id", columns="t", values="y")
    unit = frame.drop_duplicates("id").set_index("id").assign(change=wide[5] - wide[2])
    mean, half = unit.groupby(["g", "q"])["change"].mean(), unit.groupby(["g", "q"])["change"]
    value = mean[3, 1] - mean[3, 0] - mean[0, 1] + mean[0, 0]
    error = sum(half.var(ddof=0)[k] / half.size()[k] for k in ((3, 1), (3, 0), (0, 1), (0, 0))) ** 0.5
    found = result.group_time().loc[(3, 5)]
    assert found["estimate"] == pytest.approx(value, rel=1e-10)
    assert found["std_error"] == pytest.approx(error, rel=1e-10)
    eligible_own = unit[(unit["g"] > 0) & (unit["q"] == 1)]
    assert result.att.n_treated == len(eligible_own)


def test_intervals_cover_the_truth_where_pooled_controls_would_not() -> None:
    """The eligible grow by a half each period everywhere: two groups alone would take that for an effect."""
    covered = 0
    for seed in range(40):
        panel, eligible = read(places(seed, size=200))
        row = did.triple_difference(panel, eligible).group_time().loc[(4, 4)]
        covered += row["ci_low"] <= 1.0 <= row["ci_high"]
    assert covered >= 34  # of 40 at 95 %: fewer has a chance of one in a thousand


def test_missing_outcomes_and_clusters_and_the_unit_of_the_outcome() -> None:
    frame = places()
    frame.loc[frame.sample(60, random_state=1).index, "y"] = np.nan
    frame["c"] = frame["id"] % 40
    panel, eligible = read(frame, cluster="c")
    one = did.triple_difference(panel, eligible)
    large, _ = read(frame.assign(y=frame["y"] * 2.0**90), cluster="c")
    two = did.triple_difference(large, eligible)
    assert two.att.estimate / 2.0**90 == pytest.approx(one.att.estimate, rel=1e-12)
    assert two.att.std_error / 2.0**90 == pytest.approx(one.att.std_error, rel=1e-12)
    assert np.allclose(one.influence("event").T @ one.influence("event"), one.covariance("event"), atol=1e-14)


def test_eligibility_that_is_unknown_or_splits_nobody_is_refused() -> None:
    panel, eligible = read(places())
    with pytest.raises(InputError, match="neither yes nor no"):
        did.triple_difference(panel, [None, *eligible[1:]])
    with pytest.raises(InputError, match="299 values are given for 300 units"):
        did.triple_difference(panel, eligible[1:])
    with pytest.raises(InputError, match="no triple difference is identified"):
        did.triple_difference(panel, [True] * 300)


def test_leaving_units_out_is_refused_where_eligibility_would_be_lost() -> None:
    panel, eligible = read(places(size=60))
    with pytest.raises(InputError, match="no estimator 'triple_difference'"):
        did.leave_one_out(did.triple_difference(panel, eligible))


def test_a_group_is_estimated_as_if_the_others_were_not_in_the_table() -> None:
    frame = survey()
    panel = did.Panel.from_frame(frame, **NAMES)
    group = {k: ("north", "south")[k % 2] for k in range(1, 25)}
    found = did.subgroups(panel, group, ["group_time", "twfe"])
    for label, result in found.results.items():
        alone = did.Panel.from_frame(frame[frame["id"].map(group) == label], **NAMES)
        for name in ("group_time", "twfe"):
            assert result.of(name).att.estimate == did.estimate(alone, name).att.estimate
            assert result.of(name).att.std_error == did.estimate(alone, name).att.std_error
    assert set(found.frame()["group"]) == {"north", "south"}


def test_the_difference_of_two_groups_is_that_of_an_interacted_regression() -> None:
    import statsmodels.formula.api as smf

    frame = survey().query("t in (3, 4) and g in (0, 4)").assign(north=lambda f: f["id"] % 2)
    panel = did.Panel.from_frame(frame, **NAMES)
    found = did.subgroups(panel, [int(u) % 2 for u in panel.units]).difference(1, 0)
    wide = frame.pivot(index="id", columns="t", values="y")
    unit = frame.drop_duplicates("id").set_index("id").assign(change=wide[4] - wide[3])
    unit["d"] = (unit["g"] == 4).astype(int)
    fit = smf.ols("change ~ d * north", unit).fit(cov_type="HC0")
    assert found.statistic == pytest.approx(fit.tvalues["d:north"] ** 2, rel=1e-9)


def test_groups_that_share_clusters_and_groups_without_controls_are_said() -> None:
    frame = survey()
    panel = did.Panel.from_frame(frame, **NAMES, cluster="st")
    found = did.subgroups(panel, [int(u) % 2 for u in panel.units])
    with pytest.raises(InputError, match="cluster has units of both groups"):
        found.difference(0, 1)
    lone = did.subgroups(panel, {u: "a" if int(u) < 7 else "b" for u in panel.units})
    assert "a" in lone.refused and list(lone.results) == ["b"]
    assert lone.frame().iloc[-1]["note"].startswith("Not computed: ")


def run(folder, frame: pd.DataFrame, *words: str) -> pd.DataFrame:
    frame.to_csv(folder / "panel.csv", index=False)
    names = [word for role, column in ROLES.items() for word in (f"--{role}", column)]
    base = ["did", "--panel", str(folder / "panel.csv"), "--out", str(folder / "out"), *names]
    result = CliRunner().invoke(app, [*base, "--randomization", "0", "--draws", "0", *words])
    if result.exception is not None:
        raise result.exception
    return pd.read_csv(folder / "out" / "estimates.csv")


def test_the_command_has_both(tmp_path) -> None:
    frame = places(size=120)
    panel, eligible = read(frame)
    table = run(tmp_path, frame.assign(q=frame["q"].map({1: "Yes", 0: "no"})), "--eligible", "q")
    assert set(table["estimator"]) == {"triple_difference"}
    assert table.loc[0, "estimate"] == pytest.approx(
        did.triple_difference(panel, eligible).att.estimate, rel=1e-6
    )
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "Ortiz-Villavicencio" in report
    assert "clusters are treated" not in report
    few = frame.assign(
        q=(frame["id"] % 12 == 0) & (frame["g"] > 0) | (frame["id"] % 2 == 0) & (frame["g"] == 0)
    )
    treated = few[few["q"] & (few["g"] > 0)]["id"].nunique()
    run(tmp_path, few, "--eligible", "q")
    assert 1 < treated < 10
    assert f"Only {treated} clusters are treated" in (tmp_path / "out" / "report.md").read_text(
        encoding="utf-8"
    )
    run(tmp_path, frame, "--by", "q", "--estimators", "group_time,twfe")
    groups = pd.read_csv(tmp_path / "out" / "subgroups.csv")
    assert groups.groupby("group")["estimator"].nunique().tolist() == [2, 2]
    with pytest.raises(InputError, match="nothing else"):
        run(tmp_path, frame, "--eligible", "q", "--estimators", "twfe")
    with pytest.raises(InputError, match="neither yes nor no"):
        run(tmp_path, frame.assign(q=3), "--eligible", "q")
