"""Leave-one-out and placebo estimates as rows of the sensitivity table.

They ask whether a result hangs on one unit, one cohort or one date. What cannot be computed keeps a
row with the reason in ``note``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..inference.confidence import randomization_inference
from ..inference.leave_out import (
    Refit,
    leave_one_cohort_out,
    leave_one_unit_out,
    placebo_dates,
    placebo_units,
)
from ..inference.variation import check_noise
from ..numerics.p_values import p_values
from ..results import GAP

if TYPE_CHECKING:
    from ..options import Options
    from ..panel.panel import Panel

COLUMNS = (
    "evidence", "outcome", "analysis", "variant", "setting", "estimator", "estimate", "ci_low", "ci_high",
    "p_value", "n_units", "note",
)  # fmt: skip
REFITS = {
    "leave_one_unit_out": leave_one_unit_out,
    "leave_one_cohort_out": leave_one_cohort_out,
    "placebo_date": placebo_dates,
    "placebo_unit": placebo_units,
}
EACH_UNIT = ("leave_one_unit_out", "placebo_unit")
MOST_UNITS = 200  # beyond, no single unit carries much and one refit for each is slow
Row = dict[str, Any]


def refit_table(panel: Panel, name: str, options: Options, *, draws: int) -> pd.DataFrame:
    """Leave-one-out and placebo estimates, with permutation p-values over drawn assignments.

    Parameters
    ----------
    panel, name, options
        As for the estimator; ``level`` is that of the permutation sets, ``seed`` that of the draws.
    draws
        Assignments drawn where all are too many to list.

    Notes
    -----
    A placebo unit is one treated unit among the untreated: its p-value is the rank of its estimate.
    """
    rows: list[Row] = []
    options = replace(options, draws=0)  # no band is shown
    for analysis, refit in REFITS.items():
        try:
            if analysis in EACH_UNIT and panel.n_units > MOST_UNITS:
                raise InputError(f"{panel.n_units} units need as many refits; at most {MOST_UNITS} are made")
            found = refit(panel, name, options)
        except InputError as error:
            rows.append({"analysis": analysis, "n_units": panel.n_units, "note": GAP + error.problem})
            continue
        judged = _ranked(found) if analysis == "placebo_unit" else _permuted(found, name, options, draws)
        for refitted, row in zip(found, judged, strict=True):
            rows.append(
                {
                    "analysis": analysis, "variant": refitted.changed,
                    "estimate": refitted.estimate.estimate, "n_units": refitted.panel.n_units, **row,
                }
            )  # fmt: skip
    return pd.DataFrame(rows).assign(estimator=name)


def sensitivity_table(parts: list[pd.DataFrame], *, evidence: str, outcome: str) -> pd.DataFrame:
    """Put the analyses of one outcome below each other, with the columns of `COLUMNS`."""
    table = pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS))
    text = {name: table[name].astype("string").fillna("") for name in ("variant", "setting", "note")}
    return table.assign(evidence=evidence, outcome=outcome, n_units=table["n_units"].astype("Int64"), **text)


def _ranked(found: list[Refit]) -> list[Row]:
    """Rank of each placebo unit's size among those that have one."""
    sizes = np.abs([row.estimate.estimate for row in found])
    known = sizes[np.isfinite(sizes)]
    return [
        {
            "p_value": float(p_values(known, size, exact=True)),
            "note": f"rank of its size among {len(known)}",
        }
        if np.isfinite(size)
        else {"note": row.estimate.note}
        for row, size in zip(found, sizes, strict=True)
    ]


def _permuted(found: list[Refit], name: str, options: Options, draws: int) -> list[Row]:
    return [_permute(row, name, options, draws) for row in found]


def _permute(refit: Refit, name: str, options: Options, draws: int) -> Row:
    if np.isnan(refit.estimate.estimate):
        return {"note": refit.estimate.note}
    try:
        check_noise(refit.panel, options)
        (test,) = randomization_inference(
            refit.panel, name, options, draws=draws, seed=options.seed, halving_limit=0,
            estimates=[refit.estimate],
        )  # fmt: skip
    except InputError as error:
        return {"note": f"no p-value: {error.problem}"}
    return {
        "p_value": test.p_value, "ci_low": test.ci_low, "ci_high": test.ci_high,
        "note": f"{test.comparisons} {'' if test.exact else 'drawn '}assignments",
    }  # fmt: skip
