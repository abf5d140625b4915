"""Rows of `did.py`: on which panel, what we do, beside whom, and what is wanted."""

from __future__ import annotations

from dataclasses import dataclass

PEERS_SIZE = "units 1000"  # where peers that do not finish on 100,000 x 40 do
NOT_YET = '{"control_group": "not_yet_treated"}'
BANDS = '{"control_group": "not_yet_treated", "n_bootstrap": 999, "seed": 1}'


@dataclass(frozen=True)
class Row:
    """A row of the table: the panel, our work, whom it is measured beside, what is wanted."""

    name: str
    panel: str
    work: tuple[str, ...]
    peers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    former: bool = False
    ratio: float | None = None  # how many times faster than whom it is measured beside
    seconds: float | None = None
    megabytes: float | None = 1_500
    short: bool = False  # peers are stopped once they are surely behind, and may not be smaller in memory


def ours(names: str, options: str = "{}") -> tuple[str, ...]:
    """Work of our engine."""
    return ("ours", names, options)


def diff_diff(*words: str) -> tuple[str, tuple[str, ...]]:
    """Work of diff-diff."""
    return ("diff_diff", ("diff_diff", *words))


def pyfixest(*words: str) -> tuple[str, tuple[str, ...]]:
    """Work of pyfixest."""
    return ("pyfixest", words)


CALLAWAY = diff_diff("CallawaySantAnna", "all", NOT_YET)
REGRESSION = pyfixest("pyfixest", "y ~ d | unit + time")
LEADS = '{"window": [-5, 10]}'
LEADS_DIFF_DIFF = '{"pre_window": 5, "post_window": 10}'
LEADS_REWEIGHTED = '{"pre_window": 5, "post_window": 10, "reweight": true}'
STACK = '{"window": [-5, 5]}'
STACK_DIFF_DIFF = '{"kappa_pre": 5, "kappa_post": 5}'
# Every estimator, beside the Python packages that have it too, with words that make them answer one question;
# beside an earlier build where there is none.
EVERY: dict[str, tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "twfe": (ours("twfe"), (REGRESSION,)),
    "event_study_twfe": (
        ours("event_study_twfe"),
        (pyfixest("pyfixest", "y ~ i(event, ref=-1) | unit + time"),),
    ),
    "bacon": (ours("bacon"), (diff_diff("BaconDecomposition"),)),
    "group_time": (
        ours("group_time", '{"base": "varying"}'),
        (CALLAWAY, ("csdid", ("csdid", "0")), ("moderndid", ("moderndid", "0"))),
    ),
    "sun_abraham": (
        ours("sun_abraham"),
        (diff_diff("SunAbraham"), pyfixest("pyfixest_did", "saturated")),
    ),
    "imputation": (
        ours("imputation"),
        (diff_diff("ImputationDiD", "all"), ("did_imputation", ("did_imputation",))),
    ),
    "two_stage": (
        ours("two_stage"),
        (diff_diff("TwoStageDiD", "all"), pyfixest("pyfixest_did", "did2s")),
    ),
    "extended_twfe": (ours("extended_twfe"), (diff_diff("WooldridgeDiD"),)),
    "stacked": (ours("stacked", STACK), (diff_diff("StackedDiD", "event_study", STACK_DIFF_DIFF),)),
    "local_projection": (
        ours("local_projection", LEADS),
        (
            ("diff_diff", ("treated", "LPDiD", LEADS_DIFF_DIFF)),
            pyfixest("pyfixest_did", "lpdid"),
        ),
    ),
    "local_projection_reweighted": (
        ours("local_projection_reweighted", LEADS),
        (("diff_diff", ("treated", "LPDiD", LEADS_REWEIGHTED)),),
    ),
    "efficient": (ours("efficient"), (diff_diff("EfficientDiD", "all"),)),
    "dynamic_dcdh": (ours("dynamic_dcdh"), (("diff_diff", ("switchers",)),)),
    "synthetic_did": (("jackknife",), (("synthdid", ("synthdid", "jackknife")),)),
    "synthetic_control": (ours("synthetic_control"), ()),
}
SIZES = {"small": "small", "tall": "tall", "many cohorts": "cohorts", "wide": "wide"}
OTHERS = (
    *("bacon", "two_stage", "extended_twfe", "stacked", "local_projection_reweighted", "efficient"),
    *("synthetic_did", "synthetic_control"),
)
GROWTH = (
    *(f"units {n}" for n in (1_000, 10_000, 100_000, 1_000_000)),
    *(f"periods {n}" for n in (20, 40, 80)),
    *(f"cohorts {n}" for n in (8, 16, 32)),
)
GROUP_TIME = ours("group_time", '{"base": "varying"}')
ROWS = [
    Row("twfe, tall", "tall", ours("twfe"), (REGRESSION,), True, 5, megabytes=1_000),
    Row(
        "event_study_twfe, tall",
        "tall",
        ours("event_study_twfe"),
        (("sun_abraham, ours", ours("sun_abraham")),),
        ratio=1 / 1.5,
    ),
    Row("group_time, many cohorts", "cohorts", GROUP_TIME, (CALLAWAY,), True, 3),
    Row(
        "group_time, four aggregations, small",
        "small",
        GROUP_TIME,
        (CALLAWAY, ("csdid", ("csdid", "0"))),
        True,
        10,
    ),
    Row(
        "group_time, 999 draws and bands, small",
        "small",
        ours("group_time", '{"base": "varying", "draws": 999}'),
        (diff_diff("CallawaySantAnna", "all", BANDS), ("csdid", ("csdid", "999"))),
        True,
        10,
    ),
    Row("all estimators, small", "small", ours("all"), former=True, ratio=4.5, seconds=0.06),
    Row(
        "synthetic DID, 200 placebos, small",
        "block",
        ours("synthetic_did"),
        (("diff_diff", ("synthetic",)), ("synthdid", ("synthdid", "placebo"))),
        True,
        5,
    ),
    Row(
        "imputation, tall",
        "tall",
        ours("imputation"),
        (diff_diff("ImputationDiD", "all"),),
        True,
        10,
        megabytes=1_000,
    ),
    Row("local_projection, tall", "tall", ours("local_projection"), former=True, ratio=10),
    Row(
        "dynamic_dcdh, tall",
        "tall",
        ours("dynamic_dcdh"),
        former=True,
        ratio=10,
    ),
    Row("the command with --checks, 50 x 11", "checks", ("checks", "fast"), former=True, ratio=10, seconds=3),
    Row("the command with --checks, linearmodels, 50 x 11", "checks", ("checks", "linearmodels")),
    Row("exact randomisation, 2,629,575 assignments", "small", ("exact", "no"), seconds=1),
    Row("exact randomisation, studentised", "small", ("exact", "yes"), seconds=1),
    Row("group_time, 2,000 simulated outcomes at once, small", "small", ("replicates",), seconds=0.2),
    *(Row(f"{name}, tall", "tall", ours(name)) for name in OTHERS),
    Row(
        "dynamic_dcdh, 1,000 x 20",
        PEERS_SIZE,
        ours("dynamic_dcdh"),
        (("diff_diff", ("switchers",)),),
        ratio=1,
    ),
    Row(
        "imputation, 1,000 x 20",
        PEERS_SIZE,
        ours("imputation"),
        (diff_diff("ImputationDiD", "all"), ("did_imputation", ("did_imputation",))),
        ratio=1,
    ),
    *(Row(f"group_time, {shape}", shape, GROUP_TIME, megabytes=None) for shape in GROWTH),
    Row("group_time, a million units", "million", GROUP_TIME, megabytes=8_000),
    *(
        Row(f"each: {name}, {said}", panel, work, peers, not peers, ratio=1, megabytes=None, short=True)
        for name, (work, peers) in EVERY.items()
        for said, panel in SIZES.items()
    ),
]
