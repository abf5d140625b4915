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


def test_covariates_are_refused() -> None:
    frame = panel_of("extended_poisson").assign(x=lambda f: np.sin(f["id"]))
    with pytest.raises(InputError, match="no covariates"):
        estimate(Panel.from_frame(frame, **ROLES, covariates=["x"]), "extended_poisson")
