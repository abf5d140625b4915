"""Our estimates beside those of independent software on the same simulated panels.

The reference folder holds two panels of 31 units over 30 periods with known effects, one with and
one without never-treated units, and what other programs gave on them. Each `Peer` says which of our
estimators answers which of theirs, and under which options. What other programs are known to get
wrong is not in the folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.base.errors import InputError
from analysis.base.reading import read_csv
from analysis.did.options import Options
from analysis.did.panel.panel import Panel
from analysis.did.registry import estimator
from analysis.verify.stopping import stopped_effects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from analysis.did.results import Estimate

    Value = tuple[float, float]  # an estimate and its error

STOPPED = ", stopped alike"  # our weights where the peer's search ends, not at the optimum
RESTORE = "restore the folder as it was committed"
FILES = ("reference_values.csv", "estimators_reference.csv")
DIGITS = 9  # of relative differences: what is left below depends on the processor
DATASETS = {"sim_never": ("y_nev", "g_nev"), "sim_nyt": ("y", "g")}
COLUMNS = (
    "estimator",
    "dataset",
    "term",
    "ours",
    "reference",
    "software",
    "version",
    "relative_difference",
    "ours_error",
    "reference_error",
    "relative_difference_error",
    "parameters",
    "largest_difference",
    "method",
)


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
    Peer("staggered_neyman", "staggered", "efficient", overall="simple"),
    Peer("SDID", "synthdid", "synthetic_did", overall="att_cohort_weighted"),
    Peer("SDID_placebo200", "synthdid", "synthetic_did", overall="group_11", term="cohort"),
    Peer("SDID", "synthdid", "synthetic_did", overall="att_cohort_weighted", stopped=True),
    Peer("SDID_placebo200", "synthdid", "synthetic_did", overall="group_11", stopped=True),
    Peer("SC", "synthdid", "synthetic_control", overall="group_11", term="cohort"),
    Peer("SC", "synthdid", "synthetic_control", overall="group_11", stopped=True),
)


def parameter(row: Estimate) -> str:
    """Name of a row in the reference files' manner."""
    named = {
        "att": "att",
        "att_simple": "simple",
        "att_event": "dynamic_overall",
        "att_calendar": "calendar_overall",
        "cohort": f"group_{row.cohort}",
        "calendar": f"calendar_{row.period}",
        "event": f"event_{row.event_time}",
        "group_time": f"att_gt_{row.cohort}_{row.period}",
    }
    return named.get(row.term, row.term)


def read_reference(folder: Path) -> pd.DataFrame:
    """All reference values of a folder."""
    if not folder.is_dir():
        raise InputError("the folder of reference values does not exist", file=folder, action=RESTORE)
    columns = ("dataset", "estimator", "software", "version", "parameter", "estimate", "se")
    tables = [read_csv(folder / name, name, RESTORE, columns) for name in FILES if (folder / name).exists()]
    if not tables:
        raise InputError(
            "there are no reference values", file=folder, expected=" or ".join(FILES), action=RESTORE
        )
    return pd.concat(tables, ignore_index=True)


def read_simulated(folder: Path, dataset: str, covariates: tuple[str, ...] = ()) -> Panel:
    """One of the simulated panels."""
    outcome, cohort = DATASETS[dataset]
    columns = ("province", "quarter", outcome, cohort, *covariates)
    frame = read_csv(folder / "sim_panel.csv", "the simulated panel", RESTORE, columns)
    return Panel.from_frame(
        frame, unit="province", time="quarter", outcome=outcome, cohort=cohort, covariates=covariates
    )


def answers(peer: Peer, panel: Panel) -> dict[str, Value]:
    """Our estimates and errors by the peer's parameter names."""
    if peer.stopped:
        effects = stopped_effects(panel, control_only=peer.estimator == "synthetic_control")
        return {name: (effect, np.nan) for name, effect in effects.items()}
    rows = estimator(peer.estimator)(panel, peer.options)
    named = {peer.names.get(parameter(row), parameter(row)): row for row in rows}
    if peer.term == "att":
        named[peer.overall] = next(row for row in rows if row.term == "att")
    return {name: (row.estimate, row.std_error) for name, row in named.items()}


def build_agreement(reference_folder: Path) -> pd.DataFrame:
    """Compare every estimator with its peers on the simulated panels.

    Parameters
    ----------
    reference_folder
        Folder with the reference files and ``sim_panel.csv``.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row for each peer and panel. ``ours`` and ``reference`` are the overall
        effect (or the effect in ``term``); ``largest_difference`` is the largest relative difference
        of estimates over all ``parameters`` compared.
    """
    reference = read_reference(reference_folder)
    rows = [row for peer in PEERS for row in _compare(peer, reference, reference_folder)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compare(peer: Peer, reference: pd.DataFrame, folder: Path) -> Iterator[tuple[object, ...]]:
    chosen = reference[(reference["estimator"] == peer.method) & (reference["software"] == peer.software)]
    for dataset in DATASETS:
        theirs = chosen[chosen["dataset"] == dataset].set_index("parameter")
        if peer.overall not in theirs.index:
            continue
        ours = answers(peer, read_simulated(folder, dataset, peer.covariates))
        shared = [name for name in theirs.index if name in ours and theirs.loc[name, "estimate"] != 0]
        mine = np.array([ours[name][0] for name in shared])
        other = theirs.loc[shared, "estimate"].to_numpy(dtype=float)
        estimate, own_error = ours[peer.overall]
        value, error = theirs.loc[peer.overall, ["estimate", "se"]].astype(float)
        known = bool(np.isfinite(error)) and error > 0
        apart = abs(own_error / error - 1) if known else np.nan
        yield (
            peer.estimator,
            dataset,
            peer.overall,
            estimate,
            value,
            peer.software,
            str(theirs.loc[peer.overall, "version"]),
            round(abs(estimate / value - 1), DIGITS),
            own_error,
            error if known else np.nan,
            round(apart, DIGITS),
            len(shared),
            round(float(np.abs(mine / other - 1).max()), DIGITS),
            peer.method + (STOPPED if peer.stopped else ""),
        )
