"""Counts and shares: against the full regression of statsmodels, by hand, and against a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import analysis.did as did
from analysis.base.errors import InputError
from analysis.did import Panel, estimate
from analysis.did.registry import ESTIMATORS, ON_REQUEST

ROLES = {"unit": "id", "time": "t", "outcome": "y", "cohort": "g"}
FAMILY = {"extended_poisson": sm.families.Poisson(), "extended_logit": sm.families.Binomial()}


def panel_of(name: str, seed: int = 4, size: int = 120) -> pd.DataFrame:
    """Units that start in 4, 6 or never; means parallel in logs or log odds; effect 0.4 there."""
    rng = np.random.default_rng(seed)
    unit, t = np.meshgrid(np.arange(size), np.arange(1, 8), indexing="ij")
    g = rng.choice([0, 4, 6], size)[unit]
    treated = (g > 0) & (t >= g)
    index = 0.3 * (g == 4) - 0.2 * (g == 6) + 0.1 * t + 0.4 * treated
    if name == "extended_poisson":
        y = rng.poisson(rng.gamma(4, 0.25, size)[unit] * np.exp(index))  # spread wider than Poisson's
    else:
        y = rng.random(unit.shape) < 1 / (1 + np.exp(1 - index))
    frame = pd.DataFrame({"id": unit.ravel(), "t": t.ravel(), "y": y.ravel().astype(float), "g": g.ravel()})
    return frame.assign(st=frame["id"] % 15)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("cluster", ["id", "st"])
@pytest.mark.parametrize("name", FAMILY)
def test_effects_and_errors_are_those_of_the_full_regression_by_the_delta_method(name, cluster, gaps) -> None:
    frame = panel_of(name)
    if gaps:
        frame.loc[frame.sample(50, random_state=3).index, "y"] = np.nan
    found = estimate(Panel.from_frame(frame, **ROLES, cluster=cluster), name)
    frame = frame.dropna().reset_index(drop=True)
    frame["cell"] = np.where((frame["g"] > 0) & (frame["t"] >= frame["g"]), frame["g"] * 10 + frame["t"], 0)
    model = smf.glm("y ~ C(g) + C(t) + C(cell)", frame, family=FAMILY[name])
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": frame[cluster]}, tol=1e-12)
    treated = frame["cell"].to_numpy() > 0
    with_it = np.asarray(model.exog)
    without = with_it.copy()
    without[:, [k for k, term in enumerate(model.exog_names) if term.startswith("C(cell)")]] = 0
    link = FAMILY[name].link

    def contrast(rows: np.ndarray) -> tuple[float, float]:
        one, two = (part[rows] @ fit.params.to_numpy() for part in (with_it, without))
        value = (link.inverse(one) - link.inverse(two)).mean()
        slope = (
            link.inverse_deriv(one)[:, None] * with_it[rows]
            - link.inverse_deriv(two)[:, None] * without[rows]
        ).mean(axis=0)
        return value, float(np.sqrt(slope @ fit.cov_params().to_numpy() @ slope))

    value, error = contrast(treated)
    assert found.att.estimate == pytest.approx(value, rel=1e-6)
    assert found.att.std_error == pytest.approx(error, rel=1e-5)
    cells = found.group_time()
    for (g, t), row in cells.iterrows():
        value, error = contrast((frame["cell"] == g * 10 + t).to_numpy())
        assert row["estimate"] == pytest.approx(value, rel=1e-6)
        assert row["std_error"] == pytest.approx(error, rel=1e-5)


def test_with_never_treated_controls_a_count_without_treatment_is_a_ratio_of_means() -> None:
    frame = panel_of("extended_poisson")
    found = did.extended_poisson(Panel.from_frame(frame, **ROLES), control="never").group_time()
    mean = frame.groupby(["g", "t"])["y"].mean()
    for t in (1, 2, 5, 7):
        by_hand = mean[4, t] - mean[4, 3] * mean[0, t] / mean[0, 3]
        assert found.loc[(4, t), "estimate"] == pytest.approx(by_hand, rel=1e-8)


def test_with_never_treated_controls_odds_without_treatment_are_a_ratio_of_odds() -> None:
    frame = panel_of("extended_logit")
    found = did.extended_logit(Panel.from_frame(frame, **ROLES), control="never").group_time()
    mean = frame.groupby(["g", "t"])["y"].mean()
    odds = mean / (1 - mean)
    expected = odds[4, 3] * odds[0, 6] / odds[0, 3]
    assert found.loc[(4, 6), "estimate"] == pytest.approx(mean[4, 6] - expected / (1 + expected), rel=1e-8)


def test_counts_are_weighted_as_if_units_were_repeated() -> None:
    frame = panel_of("extended_poisson", size=60)
    frame["w"] = 1.0 + (frame["id"] % 3 == 0)
    again = frame[frame["w"] == 2].assign(id=lambda f: f["id"] + 1000)
    one = did.extended_poisson(Panel.from_frame(frame, **ROLES, weights="w")).att.estimate
    two = did.extended_poisson(Panel.from_frame(pd.concat([frame, again]), **ROLES)).att.estimate
    assert one == pytest.approx(two, rel=1e-8)


@pytest.mark.parametrize("name", FAMILY)
def test_intervals_cover_the_mean_effect_on_the_treated(name) -> None:
    covered = 0
    for seed in range(40):
        frame = panel_of(name, seed)
        treated = frame[(frame["g"] > 0) & (frame["t"] >= frame["g"])]
        index = 0.3 * (treated["g"] == 4) - 0.2 * (treated["g"] == 6) + 0.1 * treated["t"]
        if name == "extended_poisson":
            truth = (np.exp(index + 0.4) - np.exp(index)).mean()
        else:
            truth = (1 / (1 + np.exp(1 - index - 0.4)) - 1 / (1 + np.exp(1 - index))).mean()
        row = estimate(Panel.from_frame(frame, **ROLES), name).att
        covered += row.ci_low <= truth <= row.ci_high
    assert covered >= 34  # of 40 at 95 %: fewer has a chance of one in a thousand


def test_a_count_has_no_scale() -> None:
    frame = panel_of("extended_poisson")
    one = did.extended_poisson(Panel.from_frame(frame, **ROLES)).att
    for factor in (1e-9, 1e12):
        two = did.extended_poisson(Panel.from_frame(frame.assign(y=frame["y"] * factor), **ROLES)).att
        assert two.estimate / factor == pytest.approx(one.estimate, rel=1e-7)
        assert two.std_error / factor == pytest.approx(one.std_error, rel=1e-6)


def test_all_does_not_run_them_and_a_treated_cell_of_zeros_is_no_obstacle() -> None:
    assert not set(ON_REQUEST) & set(ESTIMATORS)
    frame = panel_of("extended_poisson")
    frame.loc[(frame["g"] == 4) & (frame["t"] == 5), "y"] = 0
    row = did.extended_poisson(Panel.from_frame(frame, **ROLES)).group_time().loc[(4, 5)]
    assert row["estimate"] < 0
    assert row["std_error"] > 0


@pytest.mark.parametrize(
    "name, change, message",
    [
        ("extended_poisson", lambda f: f.assign(y=f["y"] - 1), "0 or more"),
        ("extended_logit", lambda f: f.assign(y=f["y"] * 2), "0 to 1"),
        ("extended_poisson", lambda f: f.assign(y=f["y"].mask(f["t"] == 2, 0)), "period 2 are zero"),
        (
            "extended_logit",
            lambda f: f.assign(y=f["y"].mask((f["g"] == 6) & (f["t"] < 6), 1)),
            "cohort 6 are alike",
        ),
    ],
)
def test_outcomes_that_the_mean_cannot_take_are_refused(name, change, message) -> None:
    with pytest.raises(InputError, match=message):
        estimate(Panel.from_frame(change(panel_of(name)), **ROLES), name)


def test_reassignment_is_refused_and_leaving_out_is_not() -> None:
    result = did.extended_poisson(Panel.from_frame(panel_of("extended_poisson", size=30), **ROLES))
    with pytest.raises(InputError, match="not linear in outcomes"):
        did.randomization(result)
    left = did.leave_one_out(result, what="cohort").set_index("left_out")["estimate"]
    frame = panel_of("extended_poisson", size=30).query("g != 6")
    assert left["6"] == pytest.approx(did.extended_poisson(Panel.from_frame(frame, **ROLES)).att.estimate)


def with_covariate(name: str) -> pd.DataFrame:
    """Units whose trends follow x, which differs between cohorts; no noise, and known effects."""
    unit, t = np.meshgrid(np.arange(24), np.arange(1, 8), indexing="ij")
    g = np.array([0, 4, 6])[unit % 3]
    x = np.sin(unit * 1.3) + 0.5 * (g == 4)
    index = 0.3 * (g == 4) - 0.2 * (g == 6) + 0.1 * t + x * (0.4 + 0.2 * (g == 6) + 0.1 * t)
    treated = (g > 0) & (t >= g)
    mean = np.exp(index) if name == "extended_poisson" else 1 / (1 + np.exp(1 - index))
    more = 0.5 * mean if name == "extended_poisson" else 0.1 * (1 - mean)
    columns = {"id": unit, "t": t, "g": g, "x": x, "y": mean + treated * more, "effect": treated * more}
    return pd.DataFrame({key: value.ravel() for key, value in columns.items()})


@pytest.mark.parametrize("name", FAMILY)
def test_trends_that_follow_a_covariate_are_taken_out(name) -> None:
    frame = with_covariate(name)
    treated = frame[(frame["g"] > 0) & (frame["t"] >= frame["g"])]
    found = estimate(Panel.from_frame(frame, **ROLES, covariates=["x"]), name)
    without = estimate(Panel.from_frame(frame, **ROLES), name)
    assert found.att.estimate == pytest.approx(treated["effect"].mean(), rel=1e-7)
    assert abs(without.att.estimate / treated["effect"].mean() - 1) > 0.01
    for (g, t), row in found.group_time().iterrows():
        truth = treated[(treated["g"] == g) & (treated["t"] == t)]["effect"].mean()
        assert row["estimate"] == pytest.approx(truth, rel=1e-6)


@pytest.mark.parametrize("varies", [False, True])
@pytest.mark.parametrize("name", FAMILY)
def test_covariates_are_those_of_the_full_regression_with_centred_interactions(name, varies) -> None:
    frame = panel_of(name).assign(x=lambda f: np.sin(f["id"] * 1.3) + 0.4 * (f["g"] == 4))
    if varies:
        frame["x"] += 0.3 * np.cos(frame["id"] + frame["t"])
    found = estimate(Panel.from_frame(frame, **ROLES, cluster="st", covariates=["x"]), name).att
    treated = ((frame["g"] > 0) & (frame["t"] >= frame["g"])).to_numpy()
    dummies = [
        pd.get_dummies(frame[key], dtype=float).to_numpy()[:, first:] for key, first in (("g", 0), ("t", 1))
    ]
    untreated = np.hstack(dummies)
    slopes = frame[["x"]].to_numpy() * (1 if varies else untreated)
    label = np.where(treated, frame["g"] * 10 + frame["t"], 0)
    own = (label[:, None] == np.unique(label[treated])).astype(float)
    centred = (frame["x"] - frame.groupby("g")["x"].transform("mean")).to_numpy()[:, None]
    # A slope that all share is not freed in treated cells; with the full interactions they say nothing of it.
    with_it = np.hstack([untreated, slopes, own, own * centred])
    without = with_it.copy()
    without[:, -2 * own.shape[1] :] = 0
    family = FAMILY[name]
    fit = sm.GLM(frame["y"], with_it, family=family).fit(tol=1e-13, maxiter=200)
    mean, mean_without = (family.link.inverse(part @ fit.params) for part in (with_it, without))
    gain = (mean - mean_without)[treated]
    assert found.estimate == pytest.approx(gain.mean(), rel=1e-6)
    slope, slope_without = (family.link.inverse_deriv(part @ fit.params) for part in (with_it, without))
    information = (with_it * slope[:, None]).T @ with_it
    move = (slope[:, None] * with_it - slope_without[:, None] * without)[treated].mean(axis=0)
    psi = ((frame["y"] - mean).to_numpy()[:, None] * with_it) @ np.linalg.solve(information, move)
    psi[treated] += (gain - gain.mean()) / treated.sum()
    # A cell's own mean is a parameter, so that units are compared within cells.
    cell_mean = pd.Series(gain).groupby(label[treated]).transform("mean").to_numpy()
    psi[treated] -= (cell_mean - gain.mean()) / treated.sum()
    summed = pd.Series(psi).groupby(frame["st"].to_numpy()).sum()
    size, parameters = len(frame), untreated.shape[1] + slopes.shape[1] + own.shape[1]
    factor = 15 / 14 * (size - 1) / (size - parameters)
    assert found.std_error == pytest.approx(float(np.sqrt(factor * (summed**2).sum())), rel=1e-5)


def test_a_cell_whose_covariate_is_beyond_what_untreated_units_show_is_left_out() -> None:
    frame = with_covariate("extended_poisson").assign(kind=lambda f: np.where(f["id"] % 2, "a", "b"))
    # In period 7 no untreated unit of kind b is left to show its trend.
    frame = frame[~((frame["t"] == 7) & (frame["g"] == 0) & (frame["kind"] == "b"))]
    result = estimate(Panel.from_frame(frame, **ROLES, covariates=["kind"]), "extended_poisson")
    assert (4, 7) not in result.group_time().index
    assert "cohort 4 in 7" in result.att.note
