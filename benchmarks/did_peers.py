"""Peers of `did.py`: how each is called on the same long table, and the effects that it gives.

Every function takes words and gives a function of the table with columns unit, time, y, g (0: never), d. That
one does the work that stands in a row of the table of speed, and returns effects which our own work has too
where both answer the same question.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Work = Callable[[pd.DataFrame], list[float]]

NAMES = {"outcome": "y", "unit": "unit", "time": "time"}


def diff_diff(model: str, aggregate: str = "", options: str = "{}") -> Work:
    """A model of diff-diff for staggered starts."""
    kind = getattr(import_module("diff_diff"), model)
    extra = {"aggregate": aggregate} if aggregate else {}

    def work(frame: pd.DataFrame) -> list[float]:
        fit = kind(**json.loads(options)).fit(frame, first_treat="g", **NAMES, **extra)
        return [float(fit.twfe_estimate if model == "BaconDecomposition" else fit.overall_att)]

    return work


def diff_diff_treated(model: str, options: str = "{}") -> Work:
    """A model of diff-diff that reads who is treated when."""
    kind = getattr(import_module("diff_diff"), model)

    def work(frame: pd.DataFrame) -> list[float]:
        return [float(kind(**json.loads(options)).fit(frame, treatment="d", **NAMES).att)]

    return work


def diff_diff_synthetic() -> Work:
    """Synthetic difference-in-differences of diff-diff with 200 placebos."""
    kind = import_module("diff_diff").SyntheticDiD

    def work(frame: pd.DataFrame) -> list[float]:
        ever = frame.assign(treated=(frame["g"] > 0).astype(int))
        after = sorted(frame.loc[frame["d"] > 0, "time"].unique())
        fit = kind(variance_method="placebo", n_bootstrap=200, seed=1).fit(
            ever, treatment="treated", post_periods=after, **NAMES
        )
        return [float(fit.att)]

    return work


def synthdid(errors: str) -> Work:
    """Synthetic difference-in-differences of synthdid-py with errors from 200 draws or the jackknife."""
    package = import_module("synthdid")
    names = {"unit": "unit", "time": "time", "outcome": "y", "treatment": "d"}

    def work(frame: pd.DataFrame) -> list[float]:
        fit = package.staggered_synthdid_estimate(frame, **names)
        fit.se(method=errors, replications=200, random_state=1)
        return [float(fit.att)]

    return work


def diff_diff_switchers() -> Work:
    """Effects and placebos of de Chaisemartin and D'Haultfoeuille for every horizon, by diff-diff."""
    kind = import_module("diff_diff").DCDH

    def work(frame: pd.DataFrame) -> list[float]:
        last = int(frame["time"].max() - frame.loc[frame["g"] > 0, "g"].min()) + 1
        fit = kind().fit(frame, treatment="d", L_max=last, **NAMES)
        return [float(fit.event_study_effects[horizon]["effect"]) for horizon in (1, 2, 3)]

    return work


def did_imputation() -> Work:
    """The overall effect of did-imputation, clustered by unit; it wants no start where there is none."""
    run = import_module("did_imputation").did_imputation

    def work(frame: pd.DataFrame) -> list[float]:
        fit = run(frame.assign(g=frame["g"].where(frame["g"] > 0)), "y", "unit", "time", "g", cluster="unit")
        return [float(value) for value in fit.estimates.values()]

    return work


def csdid(draws: str) -> Work:
    """Group-time effects and four aggregations of csdid."""
    kind = import_module("csdid.att_gt").ATTgt
    bands = int(draws) > 0

    def work(frame: pd.DataFrame) -> list[float]:
        model = kind(
            yname="y", tname="time", idname="unit", gname="g", data=frame.drop(columns="d"),
            control_group=["notyettreated"], xformla="y~1", biters=int(draws) or 1000, cband=bands,
        )  # fmt: skip
        model.fit(est_method="dr", base_period="varying", bstrap=bands)
        found = {}
        for aggregation in ("simple", "group", "calendar", "dynamic"):
            model.aggte(typec=aggregation, bstrap=bands, cband=bands)
            found[aggregation] = float(model.atte["overall_att"])
        return [found["simple"]]

    return work


def moderndid(draws: str) -> Work:
    """Group-time effects and four aggregations of moderndid."""
    package = import_module("moderndid")
    drawn: dict[str, Any] = {"boot": int(draws) > 0, "random_state": 1}
    if int(draws):
        drawn["biters"] = int(draws)

    def work(frame: pd.DataFrame) -> list[float]:
        cells = package.att_gt(
            frame, yname="y", tname="time", idname="unit", gname="g", control_group="notyettreated", **drawn
        )
        found = {
            kind: float(package.aggte(cells, type=kind, cband=int(draws) > 0, **drawn).overall_att)
            for kind in ("simple", "group", "calendar", "dynamic")
        }
        return [found["simple"]]

    return work


def pyfixest(formula: str) -> Work:
    """A regression of pyfixest, clustered by unit, with ``event`` for periods since the start."""
    feols = import_module("pyfixest").feols

    def work(frame: pd.DataFrame) -> list[float]:
        if "event" in formula:
            frame = frame.assign(event=(frame["time"] - frame["g"]).where(frame["g"] > 0, -1))
        found = feols(formula, data=frame, vcov={"CRV1": "unit"}).coef()
        return [float(value) for name, value in found.items() if name == "d" or name.endswith(("::0", "::1"))]

    return work


def pyfixest_did(estimator: str) -> Work:
    """Staggered estimators of pyfixest: ``saturated``, ``did2s``, ``lpdid``, clustered by unit."""
    package = import_module("pyfixest")
    shared = {"yname": "y", "idname": "unit", "tname": "time", "gname": "g"}

    def work(frame: pd.DataFrame) -> list[float]:
        if estimator == "did2s":
            stages = {"first_stage": "~ 0 | unit + time", "second_stage": "~ d", "treatment": "d"}
            return [float(package.did2s(frame, yname="y", cluster="unit", **stages).coef()["d"])]
        if estimator == "lpdid":
            window = {"pre_window": -5, "post_window": 10, "never_treated": 0, "att": False}
            fit = package.lpdid(frame, vcov={"CRV1": "unit"}, **shared, **window).tidy()["Estimate"]
            return [float(fit[f"time_to_treatment::{horizon}"]) for horizon in (0, 1, 2)]
        fit = package.event_study(frame, estimator=estimator, cluster="unit", **shared)
        return [float(value) for value in fit.aggregate(weighting="shares")["Estimate"].loc[[0, 1, 2]]]

    return work


PROGRAMS: dict[str, Any] = {
    "diff_diff": diff_diff,
    "treated": diff_diff_treated,
    "synthetic": diff_diff_synthetic,
    "synthdid": synthdid,
    "switchers": diff_diff_switchers,
    "did_imputation": did_imputation,
    "csdid": csdid,
    "moderndid": moderndid,
    "pyfixest": pyfixest,
    "pyfixest_did": pyfixest_did,
}
