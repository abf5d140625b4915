"""Every way of judging one estimate, side by side, and the table made of them.

The table is there to be compared down a column: the same estimate, judged under other assumptions.
A method that cannot be computed on a panel keeps its row, without numbers and with the reason.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError
from ..results import GAP
from .confidence import randomization_inference
from .few_treated import conley_taber, ferman_pinto
from .multiple import romano_wolf
from .record import NAN, Inference, share_error
from .robust import robust_tests
from .studentised import studentised_inference
from .variation import check_noise
from .wild import WEIGHTS, wild_tests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel
    from .schemes import Labels

KINDS = ("CR1", "CR2", "CR3")
COLUMNS = (
    "evidence", "outcome", "estimator", "term", "event_time", "method", "named_in_advance", "estimate",
    "std_error", "freedom", "p_value", "mc_error", "ci_low", "ci_high", "comparisons", "exact", "assumes",
)  # fmt: skip
MOST_UNITS = 2_000  # beyond, clustered errors are reliable, and matrices of assignments are large


def judge(
    panel: Panel, name: str, options: Options, *, strata: Mapping[str, Labels], sizes: Array | None,
    draws: int,
) -> list[Inference]:  # fmt: skip
    """The overall effect of one estimator by every method.

    Parameters
    ----------
    panel, name, options
        As for the estimator; ``level`` is the level of the intervals, ``seed`` that of all draws.
    strata
        (N,) labels within which units trade places, by the name of the scheme.
    sizes
        (N,) positive, for Ferman-Pinto; missing: that method is not asked for.
    draws
        Draws of the bootstrap, and assignments drawn where all are too many.

    Returns
    -------
    list of Inference
        One for each method. Without an estimate where it cannot be computed: ``assumes`` then
        begins with "Not computed" and says why.
    """
    seed = options.seed
    ways: dict[str, Callable[[], list[Inference]]] = {
        kind: partial(_robust, panel, name, options, kind) for kind in KINDS
    }
    for weights in WEIGHTS:
        ways[f"wild_{weights}"] = partial(
            wild_tests, panel, name, options, weights=weights, draws=draws, seed=seed
        )
    ways["randomization"] = partial(randomization_inference, panel, name, options, draws=draws, seed=seed)
    for method, labels in strata.items():
        ways[method] = partial(
            randomization_inference,
            panel,
            name,
            options,
            strata=labels,
            method=method,
            draws=draws,
            seed=seed,
        )
    ways["randomization_studentised"] = partial(
        studentised_inference, panel, name, options, draws=draws, seed=seed
    )
    ways["conley_taber"] = partial(conley_taber, panel, name, options, draws=draws, seed=seed)
    if sizes is not None:
        ways["ferman_pinto"] = partial(ferman_pinto, panel, name, options, sizes, draws=draws, seed=seed)
    return [_attempt(panel, options, method, way) for method, way in ways.items()]


def family(
    panels: Mapping[str, Panel], name: str, options: Options, *, over: str, draws: int
) -> list[tuple[str, Inference]]:
    """Step-down p-values over outcomes and event times, with the outcome of each.

    Parameters
    ----------
    over
        What the family spans, in words.
    draws
        Assignments drawn.
    """
    assumes = f"family-wise over {over}; every choice of treated units was equally likely"
    try:
        for panel in panels.values():
            _check(panel, options)
        found = romano_wolf(panels, name, options, draws=draws, seed=options.seed)
    except InputError as error:
        return [(outcome, _gap("romano_wolf", error.problem)) for outcome in panels]
    return [
        (
            row.outcome,
            Inference(
                "romano_wolf", row.estimate.term, row.estimate.event_time, row.estimate.estimate,
                row.p_adjusted, NAN, NAN, comparisons=draws + 1,
                mc_error=share_error(row.p_adjusted, draws + 1), assumes=assumes,
            ),
        )
        for row in found
    ]  # fmt: skip


def inference_table(rows: Sequence[tuple[str, str, Inference]], *, evidence: str, named: str) -> pd.DataFrame:
    """Table with the columns of `COLUMNS` of (outcome, estimator, judgement).

    Parameters
    ----------
    named
        The method named in advance.
    """
    event = [row.event_time for _, _, row in rows]
    table = pd.DataFrame(
        {
            "evidence": evidence,
            "outcome": [outcome for outcome, _, _ in rows],
            "estimator": [estimator for _, estimator, _ in rows],
            "event_time": ["" if time is None else str(time) for time in event],
            "named_in_advance": ["yes" if row.method == named else "no" for _, _, row in rows],
            "exact": ["yes" if row.exact else "no" for _, _, row in rows],
        }
    )
    for column in COLUMNS:
        if column not in table.columns:
            table[column] = [getattr(row, column) for _, _, row in rows]
    return table[list(COLUMNS)]


def gaps(notes: pd.Series) -> list[str]:
    """The reasons, each once, among the notes of a table."""
    return list(dict.fromkeys(text.removeprefix(GAP) for text in notes if text.startswith(GAP)))


def refuse_gaps(notes: pd.Series) -> None:
    """Refuse a table in which something could not be computed, for callers who count on all of it.

    Raises
    ------
    InputError
        Names the reasons.
    """
    reasons = gaps(notes)
    if reasons:
        raise InputError("a check cannot be computed: " + "; ".join(reasons))


def _check(panel: Panel, options: Options) -> None:
    if panel.n_units > MOST_UNITS:
        raise InputError(f"{panel.n_units} units; methods for few treated units take at most {MOST_UNITS}")
    check_noise(panel, options)


def _attempt(panel: Panel, options: Options, method: str, way: Callable[[], list[Inference]]) -> Inference:
    try:
        _check(panel, options)
        (row,) = way()
    except InputError as error:
        return _gap(method, error.problem)
    if np.isnan(row.p_value):
        return _gap(method, "the estimate hangs on one cluster, without which it is not identified")
    return row


def _gap(method: str, reason: str) -> Inference:
    return Inference(method, "att", None, NAN, NAN, NAN, NAN, assumes=GAP + reason)


def _robust(panel: Panel, name: str, options: Options, kind: str) -> list[Inference]:
    return [row for row in robust_tests(panel, name, options, (kind,)) if row.term == "att"]
