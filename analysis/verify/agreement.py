"""Our estimates beside those of independent software on the same simulated panels.

The reference folder holds two panels of 31 units over 30 periods with known effects, one with and
one without never-treated units, a panel with doses that go up, down and off, repeated cross-sections, a
panel of counts, one with eligible and other units, weights that change, and what other programs gave on them.
Each `Peer` says which of our estimators answers which of theirs, and under which options. What other programs
are known to get wrong is not in the folder.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.base.errors import InputError
from analysis.base.reading import read_csv
from analysis.did.estimators.triple import triple_difference
from analysis.did.panel.sections import Sections
from analysis.did.registry import estimator, estimator_of_sections
from analysis.verify.peers import PEERS, Peer
from analysis.verify.simulated import DATASETS, RESTORE, TRIPLE, read_eligible, read_simulated
from analysis.verify.stopping import stopped_effects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from analysis.did.panel.panel import Panel
    from analysis.did.results import Estimate

    Value = tuple[float, float]  # an estimate and its error

STOPPED = ", stopped alike"  # our weights where the peer's search ends, not at the optimum
FILES = (
    "reference_values.csv",
    "estimators_reference.csv",
    "paths_reference.csv",
    "sections_reference.csv",
    "nonlinear_reference.csv",
    "triple_reference.csv",
    "weights_reference.csv",
)
DIGITS = 9  # of relative differences: what is left below depends on the processor
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


def answers(peer: Peer, panel: Panel, eligible: NDArray[np.bool_] | None = None) -> dict[str, Value]:
    """Our estimates and errors by the peer's parameter names; a triple difference needs who is eligible."""
    if peer.stopped:
        effects = stopped_effects(panel, control_only=peer.estimator == "synthetic_control")
        return {name: (effect, np.nan) for name, effect in effects.items()}
    of_name = estimator_of_sections if isinstance(panel, Sections) else estimator
    rows = (
        of_name(peer.estimator)(panel, peer.options)
        if eligible is None
        else triple_difference(panel, eligible, peer.options)
    )
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
    read = cache(partial(read_simulated, reference_folder))  # a panel serves many peers
    eligible = read_eligible(reference_folder)
    rows = [row for peer in PEERS for row in _compare(peer, reference, read, eligible)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compare(
    peer: Peer,
    reference: pd.DataFrame,
    read: Callable[[str, tuple[str, ...]], Panel],
    eligible: NDArray[np.bool_],
) -> Iterator[tuple[object, ...]]:
    chosen = reference[(reference["estimator"] == peer.method) & (reference["software"] == peer.software)]
    for dataset in DATASETS:
        theirs = chosen[chosen["dataset"] == dataset].set_index("parameter")
        if peer.overall not in theirs.index:
            continue
        panel = read(dataset, peer.covariates)
        ours = answers(peer, panel, eligible if dataset == TRIPLE else None)
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
