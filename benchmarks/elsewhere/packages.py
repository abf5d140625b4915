"""How each package is called: from a panel with columns y, id, t, g to an overall effect and its error.

Every call states what a user must state and leaves the rest at the package's defaults, but for drawn errors:
they are switched off where the analytic ones exist, so that a number that moves is a finding and no draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

NAN = float("nan")


class NoSuchOptionError(Exception):
    """A package was asked for what none of its options gives; the table shows a dash."""


@dataclass(frozen=True)
class Found:
    """What a package says: overall effect, its error and p-value, effects by event time."""

    effect: float
    error: float = NAN
    p_value: float = NAN
    events: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Package:
    """One function of one package.

    Attributes
    ----------
    distribution, function
        Names as in the package index and in its code.
    estimator
        The engine's name of the same estimator.
    never
        How its documentation codes never-treated units.
    call
        Function of a panel with columns y, id, t, g and d (1 where treated) and of ``anticipation``,
        ``everybody`` (nobody is never treated) and ``seed``.
    starts
        Whether it reads g; the user of a regression makes d.
    drawn
        Whether it draws errors on request.
    events_only
        Whether it gives effects by event time only; their mean stands for the overall effect here.
    """

    distribution: str
    function: str
    estimator: str
    call: Callable[..., Found]
    never: float = 0.0
    starts: bool = True
    drawn: bool = False
    events_only: bool = False

    @property
    def version(self) -> str:
        """The version that is installed."""
        return version(self.distribution)


def treated(panel: pd.DataFrame) -> pd.Series:
    """1.0 where a row is treated, from periods and starts that are numbers."""
    start = panel["g"].fillna(math.inf).replace(0, math.inf)
    return (panel["t"] >= start).astype(float)


def csdid(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    from csdid.att_gt import ATTgt

    drawn = seed is not None
    more: dict[str, Any] = {"random_state": seed, "seed": seed} if drawn else {}
    cells = ATTgt(
        yname="y", tname="t", idname="id", gname="g", data=panel.copy(), xformla="y~1",
        anticipation=anticipation, control_group=["notyettreated" if everybody else "nevertreated"], **more,
    ).fit(est_method="dr", bstrap=drawn)  # fmt: skip
    overall = cells.aggte(typec="simple", bstrap=drawn, cband=False).atte
    dynamic = cells.aggte(typec="dynamic", bstrap=False, cband=False).atte
    events = dict(zip(map(int, dynamic["egt"]), map(float, dynamic["att_egt"]), strict=True))
    return Found(float(overall["overall_att"]), float(np.ravel(overall["overall_se"])[0]), events=events)


def moderndid(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    import moderndid as package

    drawn = seed is not None
    cells = package.att_gt(
        panel, yname="y", tname="t", idname="id", gname="g", anticipation=anticipation, boot=drawn,
        random_state=seed, control_group="notyettreated" if everybody else "nevertreated",
    )  # fmt: skip
    overall = package.aggte(cells, type="simple", boot=drawn, cband=False, random_state=seed)
    dynamic = package.aggte(cells, type="dynamic", boot=False, cband=False)
    events = dict(zip(map(int, dynamic.event_times), map(float, dynamic.att_by_event), strict=True))
    return Found(float(overall.overall_att), float(overall.overall_se), events=events)


def differences(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    from differences import ATTgt

    data = panel.set_index(["id", "t"])
    fit = ATTgt(data=data, cohort_column="g", anticipation=anticipation).fit(
        formula="y", control_group="not_yet_treated" if everybody else "never_treated", progress_bar=False
    )  # fmt: skip
    drawn: dict[str, Any] = {} if seed is None else {"boot_iterations": 999, "random_state": seed}
    overall = np.ravel(fit.aggregate("simple", **drawn).to_numpy())
    events = fit.aggregate("event").iloc[:, 0]
    return Found(
        float(overall[0]),
        float(overall[1]),
        events={int(e): float(v) for e, v in zip(events.index, events, strict=True)},
    )


def of_diff_diff(name: str, **chosen: Any) -> Callable[..., Found]:
    """Any of diff-diff's staggered estimators."""

    def call(
        panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
    ) -> Found:
        import diff_diff

        own = dict(chosen)
        if everybody and name in ("CallawaySantAnna", "SunAbraham"):
            own["control_group"] = "not_yet_treated"
        if seed is not None:
            own |= {"n_bootstrap": 999, "seed": seed}
        fit = getattr(diff_diff, name)(anticipation=anticipation, **own).fit(
            panel, outcome="y", unit="id", time="t", first_treat="g",
            **({"aggregate": "event_study"} if name != "SunAbraham" else {}),
        )  # fmt: skip
        events = {int(e): float(row["effect"]) for e, row in (fit.event_study_effects or {}).items()}
        return Found(float(fit.overall_att), float(fit.overall_se), float(fit.overall_p_value), events)

    return call


def did_imputation(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    from did_imputation import did_imputation as run

    if anticipation or seed is not None:
        raise NoSuchOptionError
    fit = run(panel.copy(), "y", "id", "t", "g", cluster="id")
    (name,) = fit.estimates
    return Found(float(fit.estimates[name]), float(fit.std_errors[name]))


def pyfixest_did2s(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    import pyfixest

    if anticipation or seed is not None:
        raise NoSuchOptionError
    fit = pyfixest.did2s(
        panel, yname="y", first_stage="~ 0 | id + t", second_stage="~ d", treatment="d", cluster="id"
    )
    return Found(float(fit.coef()["d"]), float(fit.se()["d"]), float(fit.pvalue()["d"]))


def pyfixest_saturated(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    import pyfixest

    if anticipation or seed is not None:
        raise NoSuchOptionError
    fit = pyfixest.event_study(
        panel, yname="y", idname="id", tname="t", gname="g", estimator="saturated", cluster="id"
    )
    table = fit.aggregate(weighting="shares")
    events = {int(e): float(v) for e, v in table["Estimate"].items()}
    after = np.array([v for e, v in sorted(events.items()) if e >= 0])
    return Found(float(after.mean()), events=events)


def pyfixest_feols(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    import pyfixest

    if anticipation or seed is not None:
        raise NoSuchOptionError
    fit = pyfixest.feols("y ~ d | id + t", data=panel)
    return Found(float(fit.coef()["d"]), float(fit.se()["d"]), float(fit.pvalue()["d"]))


def linearmodels(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    from linearmodels.panel import PanelOLS

    if anticipation or seed is not None:
        raise NoSuchOptionError
    data = panel.set_index(["id", "t"])
    fit = PanelOLS(data["y"], data[["d"]], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True
    )
    return Found(float(fit.params["d"]), float(fit.std_errors["d"]), float(fit.pvalues["d"]))


def statsmodels(
    panel: pd.DataFrame, *, anticipation: int = 0, everybody: bool = False, seed: int | None = None
) -> Found:
    import statsmodels.formula.api as smf

    if anticipation or seed is not None:
        raise NoSuchOptionError
    fit = smf.ols("y ~ d + C(id) + C(t)", panel).fit(cov_type="cluster", cov_kwds={"groups": panel["id"]})
    return Found(float(fit.params["d"]), float(fit.bse["d"]), float(fit.pvalues["d"]))


PACKAGES = (
    Package("csdid", "ATTgt", "group_time", csdid, drawn=True),
    Package("moderndid", "att_gt", "group_time", moderndid, drawn=True),
    Package("differences", "ATTgt", "group_time", differences, NAN, drawn=True),
    Package("diff-diff", "CallawaySantAnna", "group_time", of_diff_diff("CallawaySantAnna"), drawn=True),
    Package("diff-diff", "SunAbraham", "sun_abraham", of_diff_diff("SunAbraham"), drawn=True),
    Package("diff-diff", "ImputationDiD", "imputation", of_diff_diff("ImputationDiD"), drawn=True),
    Package("diff-diff", "TwoStageDiD", "two_stage", of_diff_diff("TwoStageDiD"), drawn=True),
    Package("did-imputation", "did_imputation", "imputation", did_imputation, NAN),
    Package("pyfixest", "did2s", "two_stage", pyfixest_did2s, starts=False),
    Package("pyfixest", "event_study(saturated)", "sun_abraham", pyfixest_saturated, events_only=True),
    Package("pyfixest", "feols", "twfe", pyfixest_feols, starts=False),
    Package("linearmodels", "PanelOLS", "twfe", linearmodels, starts=False),
    Package("statsmodels", "ols", "twfe", statsmodels, starts=False),
)  # fmt: skip
