"""Weights that change from period to period, against weighted least squares, csdid and pyfixest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from did.survey import NAMES, survey
from typer.testing import CliRunner

import analysis.did as did
from analysis.__main__ import app
from analysis.base.errors import InputError
from analysis.did import Panel, estimate
from analysis.did.estimators.triple import triple_difference
from analysis.did.options import Options
from analysis.did.weighting import TAKE_PERIOD_WEIGHTS


def moving(gaps: bool = False) -> pd.DataFrame:
    """The survey with weights that grow, at another pace for each unit; with gaps, five rows lost."""
    frame = survey()
    frame["w"] = 1 + frame["id"] % 4 + 0.1 * frame["t"] * (frame["id"] % 3)
    frame["d"] = ((frame["g"] > 0) & (frame["t"] >= frame["g"])).astype(float)
    if gaps:
        frame = frame.drop(index=[16, 40, 75, 101, 190]).reset_index(drop=True)
    return frame


def read(frame: pd.DataFrame, **changes: object) -> Panel:
    return Panel.from_frame(frame, **NAMES, weights="w", weights_vary="period", **changes)  # type: ignore[arg-type]


def dummies(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    parts = [pd.get_dummies(frame[c], prefix=c, drop_first=k > 0, dtype=float) for k, c in enumerate(columns)]
    return pd.concat(parts, axis=1)


def cell_dummies(frame: pd.DataFrame, which: pd.Series) -> pd.DataFrame:
    names = (frame["g"].astype(str) + "_" + frame["t"].astype(str)).where(which)
    return pd.get_dummies(names, dtype=float)


def by_statsmodels(
    frame: pd.DataFrame, regressors: pd.DataFrame, absorbed: int, name: str
) -> tuple[float, float]:
    """Coefficient and CR1 error; ``absorbed`` unit effects, nested in clusters, are not counted."""
    regressors = regressors.reset_index(drop=True)
    frame = frame.reset_index(drop=True)
    model = sm.WLS(frame["y"], regressors, weights=frame["w"]).fit(
        cov_type="cluster", cov_kwds={"groups": frame["id"], "use_correction": True}
    )
    rows, all_of_them = len(frame), np.linalg.matrix_rank(regressors)
    ours = (rows - all_of_them) / (rows - (all_of_them - absorbed))
    return model.params[name], model.bse[name] * np.sqrt(ours)


@pytest.mark.parametrize("kernel", ["fast", "linearmodels"])
@pytest.mark.parametrize("gaps", [False, True])
def test_the_two_way_coefficient_is_that_of_weighted_least_squares(kernel, gaps) -> None:
    frame = moving(gaps)
    found = estimate(read(frame), "twfe", kernel=kernel).att
    slow = by_statsmodels(frame, pd.concat([frame[["d"]], dummies(frame, "id", "t")], axis=1), 24, "d")
    assert (found.estimate, found.std_error) == pytest.approx(slow, rel=1e-8)
    if not gaps:  # printed by pyfixest 0.60.0: feols("y ~ d | id + t", frame, weights="w")
        assert found.estimate == pytest.approx(0.7990881557019631, rel=1e-12)


def test_the_event_study_is_that_of_weighted_least_squares() -> None:
    frame = moving(gaps=True)
    distance = (frame["t"] - frame["g"]).where(frame["g"] > 0)
    leads = pd.get_dummies(distance.where(distance != -1), prefix="e", dtype=float)
    slow = by_statsmodels(frame, pd.concat([leads, dummies(frame, "id", "t")], axis=1), 24, "e_2.0")
    row = next(r for r in estimate(read(frame), "event_study_twfe") if r.event_time == 2)
    assert (row.estimate, row.std_error) == pytest.approx(slow, rel=1e-8)


@pytest.mark.parametrize(("name", "placebos"), [("extended_twfe", False), ("sun_abraham", True)])
def test_saturated_regressions_are_weighted_least_squares_and_cells_weigh_by_their_rows(
    name, placebos
) -> None:
    frame = moving(gaps=True)
    inside = (frame["t"] != frame["g"] - 1) if placebos else (frame["t"] >= frame["g"])
    cells = cell_dummies(frame, (frame["g"] > 0) & inside)
    design = pd.concat([cells, dummies(frame, "id", "t")], axis=1)
    result = estimate(read(frame), name)
    # The constant is counted, as in the estimator: one unit effect fewer is left out.
    slow = by_statsmodels(frame, design, 23, "6_7")
    cell = result.group_time().loc[(6, 7)]
    assert (cell["estimate"], cell["std_error"]) == pytest.approx(slow, rel=1e-8)
    fitted = sm.WLS(frame["y"], design, weights=frame["w"]).fit().params
    treated = frame[frame["d"] == 1]
    own = fitted[treated["g"].astype(str) + "_" + treated["t"].astype(str)]
    assert result.att.estimate == pytest.approx(np.average(own, weights=treated["w"]), rel=1e-9)


def test_saturated_and_untreated_fits_with_a_covariate_weigh_cells_alike() -> None:
    frame = moving()
    cells = cell_dummies(frame, frame["d"] == 1)
    slopes = pd.get_dummies(frame["t"], prefix="x", drop_first=True, dtype=float).mul(frame["x"], axis=0)
    product = cells.mul(frame["x"], axis=0).add_prefix("x:")
    fitted = sm.WLS(
        frame["y"], pd.concat([cells, product, slopes, dummies(frame, "id", "t")], axis=1), weights=frame["w"]
    ).fit().params  # fmt: skip
    treated = frame[frame["d"] == 1]
    key = treated["g"].astype(str) + "_" + treated["t"].astype(str)
    own = fitted[key].to_numpy() + fitted["x:" + key].to_numpy() * treated["x"].to_numpy()
    found = estimate(read(frame, covariates=["x"]), "extended_twfe").att.estimate
    assert found == pytest.approx(np.average(own, weights=treated["w"]), rel=1e-9)


def imputed(frame: pd.DataFrame) -> tuple[float, float]:
    """``att`` and its conservative error, with the form of the estimate in outcomes written out."""
    design, weight = dummies(frame, "id", "t").to_numpy(), frame["w"].to_numpy()
    free, y = frame["d"].to_numpy() == 0, frame["y"].to_numpy()
    share = np.where(free, 0, weight) / weight[~free].sum()
    moment = (design[free] * weight[free, None]).T @ design[free]
    slopes = np.linalg.solve(moment, (design[free] * weight[free, None]).T @ y[free])
    left = y - design @ slopes
    form = share.copy()
    form[free] = -weight[free] * (design[free] @ np.linalg.solve(moment, design.T @ share))
    assert form @ y == pytest.approx(share @ left)
    cell = frame["g"].astype(str) + "_" + frame["t"].astype(str)
    for _, rows in frame[~free].groupby(cell[~free]).groups.items():
        mass = weight[rows] ** 2
        left[rows] -= (mass @ left[rows]) / mass.sum()
    scores = pd.Series(form * left).groupby(frame["id"]).sum()
    return float(share @ (y - design @ slopes)), float(np.sqrt((scores**2).sum()))


def test_imputation_is_the_weighted_fit_of_untreated_rows() -> None:
    frame = moving(gaps=True)
    found = estimate(read(frame), "imputation")
    assert (found.att.estimate, found.att.std_error) == pytest.approx(imputed(frame), rel=1e-9)
    untreated = frame[frame["d"] == 0].reset_index(drop=True)
    distance = (untreated["g"] - untreated["t"]).where(untreated["g"] > 0)
    ahead = int(-min(r.event_time for r in found if r.term == "event"))
    leads = pd.get_dummies(distance.where(distance <= ahead), prefix="k", dtype=float)
    design = pd.concat([leads, dummies(untreated, "id", "t")], axis=1)
    fitted = sm.WLS(untreated["y"], design, weights=untreated["w"]).fit()
    first = next(r for r in found if r.term == "event" and r.event_time == -1)
    assert first.estimate == pytest.approx(fitted.params["k_1.0"], rel=1e-8)


def test_two_stage_is_that_of_pyfixest() -> None:
    # did2s of pyfixest 0.60.0 on this frame with weights="w", first stage ~ 0 | id + t, clusters id. It
    # iterates, to a tolerance of about 1e-6.
    found = estimate(read(moving()), "two_stage").att
    assert (found.estimate, found.std_error) == pytest.approx((0.883273, 0.096109), rel=5e-6)


# csdid 0.4.3: ATTgt(control_group="notyettreated", fix_weights=...).fit(base_period="universal",
# bstrap=False); cells (6, 4) and (6, 7) with their errors, then averages by group and over cells with theirs.
CSDID = {
    ("reg", "", "earlier_period"): (
        -0.0843623627, 0.3348212196, 0.9470349121, 0.3871503224, 1.0851654345, 0.1876709694, 1.1388633554,
        0.1891354137,
    ),
    ("reg", "", "base_period"): (
        -0.0883052975, 0.3349510176, 0.9470349121, 0.3871503224, 1.0851654345, 0.1876709694, 1.1388633554,
        0.1891354137,
    ),
    ("reg", "", "first_period"): (
        -0.0706823556, 0.3347443824, 0.9668853602, 0.391893246, 1.0912852069, 0.1882840866, 1.1488262401,
        0.1888765179,
    ),
    ("reg", "", "varying"): (
        -0.0728882776, 0.3386093046, 0.9181887356, 0.3855226881, 1.0766065844, 0.1835676069, 1.1326504689,
        0.1832335108,
    ),
    ("reg", "x", "base_period"): (
        -0.2126227249, 0.2936846399, 0.9700012711, 0.4225235448, 1.1301128587, 0.2063565356, 1.1821057958,
        0.2015991264,
    ),
    ("reg", "x", "varying"): (
        -0.204420182, 0.2950271605, 0.9530634664, 0.4297086358, 1.1386814927, 0.205798703, 1.1940387552,
        0.1970676894,
    ),
    ("ipw", "x", "earlier_period"): (
        -0.18780728, 0.2483051114, 0.942304095, 0.3622168021, 1.1040293452, 0.1832115333, 1.1592258479,
        0.187779132,
    ),
    ("ipw", "x", "varying"): (
        -0.183256176, 0.2488542779, 0.924894384, 0.3706605968, 1.1118001923, 0.1844897565, 1.1706045283,
        0.1864012566,
    ),
    ("dr", "x", "earlier_period"): (
        -0.2397060085, 0.2545894559, 0.9520768872, 0.3788377968, 1.1199585514, 0.189070318, 1.1735662458,
        0.1903553426,
    ),
    ("dr", "x", "first_period"): (
        -0.2174568807, 0.265479327, 0.9798868078, 0.3874580934, 1.1252534912, 0.1929667676, 1.1801599392,
        0.1936025071,
    ),
    ("dr", "x", "varying"): (
        -0.2386232269, 0.2541045332, 0.9383443546, 0.3900668187, 1.1160813508, 0.1917334391, 1.1689133781,
        0.1907359401,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("method", "covariate", "rule"), CSDID)
def test_group_time_has_the_numbers_of_csdid_under_every_rule(method, covariate, rule) -> None:
    panel = read(moving(), covariates=[covariate] if covariate else [])
    found = did.group_time(panel, method=method, fix_weights=rule)
    cells, rows = found.group_time(), {row.term: row for row in found}
    ours = [cells.loc[key, name] for key in ((6, 4), (6, 7)) for name in ("estimate", "std_error")]
    for term in ("att", "att_simple"):
        ours += [rows[term].estimate, rows[term].std_error]
    assert ours == pytest.approx(CSDID[method, covariate, rule], rel=2e-6)


def test_four_units_by_hand() -> None:
    frame = pd.DataFrame({
        "id": list("aabbccdd"), "t": [1, 2] * 4, "g": [2] * 4 + [0] * 4,
        "y": [1.0, 5.0, 3.0, 4.0, 2.0, 3.0, 4.0, 7.0], "w": [1.0, 3.0, 3.0, 1.0, 2.0, 1.0, 2.0, 3.0],
    })  # fmt: skip
    panel = read(frame)
    # Changes: 4 and 1 of the treated, 1 and 3 of the others. Weights of period 1: 1, 3 and 2, 2.
    assert did.group_time(panel).att.estimate == pytest.approx((1 * 4 + 3 * 1) / 4 - (1 + 3) / 2)
    # Own weights: means after, 19 / 4 and 24 / 4, less means before, 10 / 4 and 12 / 4.
    varying = did.group_time(panel, fix_weights="varying").att.estimate
    assert varying == pytest.approx((19 / 4 - 10 / 4) - (24 / 4 - 12 / 4))
    # The stack is that difference of means too; local projections have the weights of period 2: 3, 1, 1, 3.
    assert did.stacked(panel).att.estimate == pytest.approx(varying)
    projected = (3 * 4 + 1 * 1) / 4 - (1 * 1 + 3 * 3) / 4
    assert did.local_projection(panel).att.estimate == pytest.approx(projected)


def test_the_stack_is_weighted_least_squares_with_corrected_weights() -> None:
    frame = moving()
    parts = []
    for start in (4, 6):
        part = frame[(frame["g"] == start) | (frame["g"] == 0) | (frame["g"] > start + 1)]
        part = part[part["t"].between(start - 2, start + 1)]
        parts.append(part.assign(a=start, e=part["t"] - start, own=(part["g"] == start).astype(float)))
    stack = pd.concat(parts, ignore_index=True)
    mass = stack.groupby(["a", "e", "own"])["w"].transform("sum")
    share = mass / stack.groupby(["e", "own"])["w"].transform("sum")
    treated = stack.assign(s=share.where(stack["own"] == 1)).groupby(["a", "e"])["s"].transform("max")
    stack["w"] *= np.where(stack["own"] == 1, 1.0, treated / share)
    times = pd.get_dummies(stack["e"], prefix="e", dtype=float)
    own = times.drop(columns="e_-1").mul(stack["own"], axis=0).add_prefix("own:")
    design = pd.concat([times, stack[["own"]], own], axis=1)
    slow = by_statsmodels(stack, design, 0, "own:e_1")
    row = next(r for r in did.stacked(read(frame), window=(-2, 1)) if r.event_time == 1)
    assert (row.estimate, row.std_error) == pytest.approx(slow, rel=1e-8)


def test_a_local_projection_is_weighted_least_squares_with_the_weights_of_the_start() -> None:
    frame = moving(gaps=True)
    wide = frame.pivot(index="id", columns="t", values="y")
    weight, start = frame.pivot(index="id", columns="t", values="w"), frame.groupby("id")["g"].first()
    rows = []
    for t in range(2, 8):
        for i in wide.index:
            if start[i] == t or start[i] == 0 or start[i] > t + 1:
                change = wide.loc[i, t + 1] - wide.loc[i, t - 1]
                rows.append({"id": i, "t": t, "y": change, "w": weight.loc[i, t], "d": float(start[i] == t)})
    data = pd.DataFrame(rows).dropna().reset_index(drop=True)
    slow = by_statsmodels(data, pd.concat([data[["d"]], dummies(data, "t")], axis=1), 0, "d")
    row = next(r for r in did.local_projection(read(frame)) if r.event_time == 1)
    assert (row.estimate, row.std_error) == pytest.approx(slow, rel=1e-8)


@pytest.mark.parametrize("name", TAKE_PERIOD_WEIGHTS)
def test_weights_of_periods_that_are_all_alike_are_weights_of_units(name) -> None:
    # With gaps a saturated cell's covariate mean is that of its rows where weights change, else the cohort's.
    saturated = name in ("extended_twfe", "sun_abraham")
    frame = moving(gaps=not saturated).assign(w=lambda f: 1 + f["id"] % 4)
    one = Panel.from_frame(frame, **NAMES, weights="w", covariates=["x"])
    each = replace(one, period_weights=np.repeat(one.weights[:, None], one.n_periods, axis=1))
    first, second = estimate(one, name), estimate(each, name)
    assert [r.estimate for r in first] == pytest.approx([r.estimate for r in second], rel=1e-7, abs=1e-12)
    assert [r.std_error for r in first] == pytest.approx(
        [r.std_error for r in second], rel=1e-7, abs=1e-12, nan_ok=True
    )


def test_estimators_of_one_weight_a_unit_refuse_and_name_the_others() -> None:
    panel = read(moving())
    for name in ("dynamic_dcdh", "bacon", "efficient", "synthetic_did", "extended_poisson"):
        with pytest.raises(InputError, match=r"one weight a unit, and weights change(.|\n)*imputation"):
            estimate(panel, name)
    found = {row.estimator: row for row in estimate(panel, "all") if row.term == "att"}
    assert "one weight a unit" in found["dynamic_dcdh"].note
    assert found["imputation"].estimate == found["imputation"].estimate
    with pytest.raises(InputError, match="one weight a unit"):
        triple_difference(panel, np.arange(24) % 2 == 0, Options())
    assert "weights that change" in repr(panel)


def test_weights_of_periods_through_the_command_and_a_saved_result(tmp_path) -> None:
    moving().to_csv(tmp_path / "survey.csv", index=False)
    words = [
        "did",
        "--panel",
        str(tmp_path / "survey.csv"),
        *(w for k, v in NAMES.items() for w in (f"--{k}", v)),
    ]
    words += ["--weights", "w", "--weights-vary", "period", "--fix-weights", "varying", "--draws", "0"]
    words += ["--estimators", "group_time", "--randomization", "0", "--out", str(tmp_path / "out")]
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 0, answer.output
    table = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert table.loc[table["term"] == "att", "estimate"].item() == pytest.approx(1.0766065844, rel=1e-6)
    result = estimate(read(moving()), "imputation")
    result.save(tmp_path / "result.npz")
    assert did.load(tmp_path / "result.npz").panel == result.panel
