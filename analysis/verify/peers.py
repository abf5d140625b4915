"""Which method of which other program answers which of our estimators, and under which options."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.did.options import Options


@dataclass(frozen=True)
class Peer:
    """One method of another program and our counterpart.

    Parameters
    ----------
    method, software
        Names in the reference files.
    estimator, options
        Ours.
    overall
        The reference parameter set against our ``term``.
    names
        Reference names of our rows where they differ, by our own name of the row.
    covariates
        Covariates of the panel.
    stopped
        Ours with the weights at which the peer's search stops, by the name of the method.
    """

    method: str
    software: str
    estimator: str
    options: Options = Options()  # noqa: RUF009 - frozen
    overall: str = "att"
    term: str = "att"
    names: dict[str, str] = field(default_factory=dict)
    covariates: tuple[str, ...] = ()
    stopped: bool = False


PLACEBOS = {f"event_{-e - 1}": f"placebo_{e}" for e in range(1, 30)}
SIX = Options(window=(-6, 5))
AUTHORS = "py-did-multiplegt-dyn"
PATH_WINDOW = Options(window=(-3, 3))
VARYING = Options(base="varying")
# R's didimputation tests pre-trends against one reference period; ours is the regression of the paper.
OTHER_TEST = {f"event_-{e}": f"lead_{e}" for e in range(1, 30)}
PEERS = (
    Peer("TWFE_cluster_group_debias", "linearmodels", "twfe", Options(count_effects=True)),
    Peer("CS_notyettreated_dr_none_varying", "did", "group_time", VARYING, "simple", "att_simple"),
    Peer(
        "CS_nevertreated_dr_none_universal",
        "did",
        "group_time",
        Options(control="never", base="universal"),
        overall="simple",
        term="att_simple",
    ),
    Peer(
        "CS_notyettreated_dr_x_varying",
        "did",
        "group_time",
        VARYING,
        "simple",
        "att_simple",
        covariates=("x",),
    ),
    Peer("TWFE_event", "fixest", "event_study_twfe", overall="event_0", term="event"),
    Peer("SunAbraham", "fixest", "sun_abraham"),
    Peer("BJS", "did-imputation", "imputation"),
    Peer("BJS", "didimputation (fixef.rm=none)", "imputation", names=OTHER_TEST),
    Peer("did2s", "did2s", "two_stage"),
    Peer("ETWFE_notyet", "etwfe", "extended_twfe", overall="simple"),
    Peer("ETWFE_notyet", "moderndid", "extended_twfe", overall="simple"),
    Peer("ETWFE_never", "etwfe", "extended_twfe", Options(control="never"), overall="simple"),
    Peer("ETWFE_notyet_x", "etwfe", "extended_twfe", overall="simple", covariates=("x",)),
    Peer("ETWFE_notyet_exovar_x", "diff-diff", "extended_twfe", overall="simple", covariates=("x",)),
    Peer("Stacked", "diff-diff", "stacked", Options(window=(-5, 5))),
    Peer("LPDID", "lpdid", "local_projection", Options(window=(-5, 8)), overall="event_0", term="event"),
    Peer(
        "LPDID_rw",
        "lpdid",
        "local_projection_reweighted",
        Options(window=(-5, 8)),
        overall="event_0",
        term="event",
    ),
    Peer("LPDID_pooled", "pyfixest", "local_projection", Options(window=(-5, 8)), "event_treat_diff"),
    Peer("dCDH_dyn", "DIDmultiplegtDYN", "dynamic_dcdh", SIX, "average_total_effect", names=PLACEBOS),
    Peer("dCDH_paths", AUTHORS, "intertemporal", PATH_WINDOW, "average_total_effect", names=PLACEBOS),
    Peer(
        "dCDH_paths_normalised",
        AUTHORS,
        "intertemporal_normalised",
        PATH_WINDOW,
        "average_total_effect",
        names=PLACEBOS,
    ),
    Peer("CS_sections_dr_none", "csdid", "group_time", overall="simple", term="att_simple"),
    Peer(
        "CS_notyettreated_dr_none_weights",
        "csdid",
        "group_time",
        overall="simple",
        term="att_simple",
    ),
    Peer(
        "CS_notyettreated_dr_none_weights_own",
        "csdid",
        "group_time",
        Options(fix_weights="varying"),
        "simple",
        "att_simple",
    ),
    Peer("TWFE_weights", "pyfixest", "twfe"),
    *(
        Peer(
            f"CS_sections_{m}_x",
            "csdid",
            "group_time",
            Options(method=m),
            "simple",
            "att_simple",
            covariates=("x",),
        )
        for m in ("reg", "ipw", "dr")
    ),
    Peer(
        "dCDH_paths_x_z",
        AUTHORS,
        "intertemporal",
        PATH_WINDOW,
        "average_total_effect",
        names=PLACEBOS,
        covariates=("x", "z"),
    ),
    *(
        Peer(f"ETWFE_{mean}{x}", "diff-diff", f"extended_{mean}", overall="simple", covariates=covariates)
        for mean in ("poisson", "logit")
        for x, covariates in (("", ()), ("_x", ("x",)))
    ),
    Peer(
        "DDD_nevertreated_dr_none",
        "moderndid",
        "triple_difference",
        Options(control="never"),
        overall="group_3",
        term="cohort",
    ),
    Peer("DDD_notyettreated_dr_none", "moderndid", "triple_difference", overall="group_3", term="cohort"),
    Peer(
        "DDD_nevertreated_dr_x",
        "moderndid",
        "triple_difference",
        Options(control="never"),
        overall="group_3",
        term="cohort",
        covariates=("x",),
    ),
    Peer("staggered_neyman", "staggered", "efficient", overall="simple"),
    Peer("SDID", "synthdid", "synthetic_did", overall="att_cohort_weighted"),
    Peer("SDID_placebo200", "synthdid", "synthetic_did", overall="group_11", term="cohort"),
    Peer("SDID", "synthdid", "synthetic_did", overall="att_cohort_weighted", stopped=True),
    Peer("SDID_placebo200", "synthdid", "synthetic_did", overall="group_11", stopped=True),
    Peer("SC", "synthdid", "synthetic_control", overall="group_11", term="cohort"),
    Peer("SC", "synthdid", "synthetic_control", overall="group_11", stopped=True),
)
