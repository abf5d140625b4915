"""Scripts in Python. The code leaves a dict ``found`` of estimates and errors by term."""

from __future__ import annotations

from .recipe import GROUP_TIME_DEFAULTS, ONE_PERIOD_MORE, R_WORDS, Recipe

_CSDID = """
from csdid.att_gt import ATTgt

cells = ATTgt(
    yname="y", tname="t", idname="id", gname="g", data=panel, xformla="y~1", control_group=["@control@"]
).fit(est_method="dr", base_period="@base@", bstrap=False)
overall = cells.aggte(typec="group", bstrap=False, cband=False).atte
found = {"att": (overall["overall_att"], overall["overall_se"])}
dynamic = cells.aggte(typec="dynamic", bstrap=False, cband=False).atte
for event, effect, error in zip(dynamic["egt"], dynamic["att_egt"], np.ravel(dynamic["se_egt"]), strict=True):
    found[f"event_{int(event)}"] = (effect, error)
"""

_MODERNDID = """
import moderndid

cells = moderndid.att_gt(
    panel, yname="y", tname="t", idname="id", gname="g", est_method="dr", control_group="@control@",
    base_period="@base@", cband=False
)
overall = moderndid.aggte(cells, type="group", cband=False)
found = {"att": (overall.overall_att, overall.overall_se)}
dynamic = moderndid.aggte(cells, type="dynamic", cband=False)
for event, effect, error in zip(
    dynamic.event_times, dynamic.att_by_event, dynamic.se_by_event, strict=True
):
    found[f"event_{int(event)}"] = (effect, error)
"""

_DIFF_DIFF = """
from diff_diff import @class@

fit = @class@(@choices@).fit(panel, outcome="y", unit="id", time="t", first_treat="g"@aggregate@)
found = {"@overall@": (fit.overall_att, fit.overall_se)}
for event, row in fit.event_study_effects.items():
    found[f"event_{int(event)}"] = (row["effect"], row["se"])
"""

_PYFIXEST_TWFE = """
import pyfixest

fit = pyfixest.feols("y ~ d | id + t", data=panel, vcov={"CRV1": "cluster"}, fixef_rm="none")
left = len(panel) - 1 - panel["t"].nunique()
found = {"att": (fit.coef()["d"], fit.se()["d"] * np.sqrt(left / (left + 1)))}
"""

_PYFIXEST_EVENTS = """
import pyfixest

fit = pyfixest.feols(
    "y ~ i(event, ref=@reference@) | id + t", data=panel, vcov={"CRV1": "cluster"}, fixef_rm="none"
)
names = [name.replace("event::", "event_") for name in fit.coef().index]
coefficients = pd.Series(fit.coef().to_numpy(), names)
left = len(panel) - len(names) - panel["t"].nunique()
covariance = pd.DataFrame(fit._vcov * left / (left + 1), names, names)
"""

_PYFIXEST_TWO_STAGE = """
import pyfixest

fit = pyfixest.did2s(
    panel, yname="y", first_stage="~ 0 | id + t", second_stage="~ d", treatment="d", cluster="cluster"
)
found = {"att": (fit.coef()["d"], fit.se()["d"])}
"""

_LINEARMODELS = """
from linearmodels.panel import PanelOLS

@regressors@
periods = pd.get_dummies(panel["t"], prefix="t", drop_first=True, dtype=float)
panel.index = pd.MultiIndex.from_frame(panel[["id", "t"]])
design = pd.concat([effects, periods], axis=1).set_axis(panel.index)
fit = PanelOLS(panel["y"], design, entity_effects=True).fit(
    cov_type="clustered", clusters=panel["cluster"], group_debias=True, auto_df=False, count_effects=False
)
coefficients, covariance = fit.params, fit.cov
"""

_STATSMODELS = """
import statsmodels.api as sm

@regressors@
units = pd.get_dummies(panel["id"], prefix="id", dtype=float)
periods = pd.get_dummies(panel["t"], prefix="t", drop_first=True, dtype=float)
design = pd.concat([effects, units, periods], axis=1)
fit = sm.OLS(panel["y"], design).fit(cov_type="cluster", cov_kwds={"groups": panel["cluster"]})
left = len(panel) - design.shape[1]
coefficients = fit.params
covariance = fit.cov_params() * left / (left + units.shape[1])
"""

_ONE = 'effects = panel[["d"]].astype(float)'
_MANY = 'effects = pd.DataFrame({f"event_{e}": (panel["event"] == e) * 1.0 for e in (@events@,)})'
_READ_ONE = 'found = {"att": (coefficients["d"], covariance.loc["d", "d"] ** 0.5)}\n'
_READ_MANY = """found = {
    name: (coefficients[name], covariance.loc[name, name] ** 0.5)
    for name in coefficients.index
    if name.startswith("event_")
}
after = [f"event_{e}" for e in (@after@,)]
found["att"] = (coefficients[after].mean(), covariance.loc[after, after].to_numpy().mean() ** 0.5)
"""

_UNIT_EFFECTS = (
    "its own errors are larger, because all unit effects count as parameters; the engine does not count "
    "them, since they are nested in the clusters; the script takes that factor out"
)
_DUMMIES = (
    "with time_effects=True in place of period dummies the package counts all effects in its errors",
    "its intervals use observations less effects as degrees of freedom, the engine's clusters less one",
)
_NORMAL = "its p-values are normal, the engine's Student with clusters less one degrees of freedom"
_DIFF_WORDS = {
    "not_yet": "not_yet_treated", "never": "never_treated", "universal": "universal", "varying": "varying",
}  # fmt: skip


def _regression(package: str, version: str, code: str, differs: tuple[str, ...]) -> tuple[Recipe, Recipe]:
    one = code.replace("@regressors@", _ONE) + _READ_ONE
    many = code.replace("@regressors@", _MANY) + _READ_MANY
    return (
        Recipe(package, "Python", version, "twfe", one, True, differs, events="none", run=True),
        Recipe(package, "Python", version, "event_study_twfe", many, True, differs, run=True),
    )


def _diff_diff(
    name: str, estimator: str, differs: tuple[str, ...], *, choices: str = "", overall: str = "att",
    events: str = "all", aggregate: str = ', aggregate="all"',
) -> Recipe:  # fmt: skip
    code = _DIFF_DIFF.replace("@class@", name).replace("@choices@", choices).replace("@overall@", overall)
    return Recipe(
        "diff-diff", "Python", "diff-diff 3.13.0", estimator, code.replace("@aggregate@", aggregate), True,
        differs, overall=overall, events=events, words=_DIFF_WORDS, clusters=False, gaps=False, run=True,
    )  # fmt: skip


RECIPES = (
    *_regression("linearmodels", "linearmodels 7.1", _LINEARMODELS, _DUMMIES),
    *_regression("statsmodels", "statsmodels 0.15.0", _STATSMODELS, (_UNIT_EFFECTS, _NORMAL)),
    Recipe(
        "pyfixest", "Python", "pyfixest 0.60.0", "twfe", _PYFIXEST_TWFE, True,
        (ONE_PERIOD_MORE, "without vcov the package's errors are those of independent observations"),
        events="none", run=True,
    ),
    Recipe(
        "pyfixest", "Python", "pyfixest 0.60.0", "event_study_twfe", _PYFIXEST_EVENTS + _READ_MANY, True,
        (ONE_PERIOD_MORE,), run=True,
    ),
    Recipe(
        "pyfixest", "Python", "pyfixest 0.60.0", "two_stage", _PYFIXEST_TWO_STAGE, True,
        ("the package fails where a unit has a single untreated period",), events="none", gaps=False,
        run=True,
    ),
    Recipe(
        "csdid", "Python", "csdid 0.4.3", "group_time", _CSDID, True,
        (GROUP_TIME_DEFAULTS, "seeds given to the package are ignored, so drawn errors differ in each run"),
        words=R_WORDS,
        clusters=False, gaps=False, run=True,
    ),
    Recipe(
        "moderndid", "Python", "moderndid 0.4.1", "group_time", _MODERNDID, True,
        (GROUP_TIME_DEFAULTS, "it needs Python 3.12 or later"),
        words=R_WORDS,
        clusters=False, gaps=False, run=True,
    ),
    _diff_diff(
        "CallawaySantAnna", "group_time",
        ("its overall effect is the engine's att_simple and not its att", GROUP_TIME_DEFAULTS),
        choices='control_group="@control@", base_period="@base@"', overall="att_simple",
    ),
    _diff_diff("SunAbraham", "sun_abraham", ("with cluster= given, its errors and distribution change",),
               aggregate=""),
    _diff_diff("ImputationDiD", "imputation", ("leads are not compared: the package gives none by default",),
               events="after"),
    _diff_diff("TwoStageDiD", "two_stage", ("leads are not compared: the package gives none by default",),
               events="after"),
)  # fmt: skip
