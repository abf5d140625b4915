"""The panel as a long table that other software reads right: whole numbers for units, periods and starts.

Each estimator is given the rows that the engine uses for it. Periods in which nobody is left to compare
with are not in the table, and a last cohort that serves as the comparison is never treated in it, so that
no package has to know that rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError
from ..estimators.twfe import reference_event
from ..panel.comparison import comparable
from ..panel.panel import NEVER, Panel

if TYPE_CHECKING:
    from ..options import Options
    from .recipe import Recipe

ALL_ROWS = ("twfe",)  # estimators that use periods and units without a comparison too
UNEXPORTED = ("anticipation", "balance", "count_effects")  # options that no script carries
LABELS = {
    "id": "Unit, numbered in order of name",
    "unit": "Unit",
    "t": "Period, numbered in order",
    "period": "Period",
    "y": "Outcome",
    "d": "Treated in this period (1) or not (0)",
    "g": "First treated period, as numbered in t",
    "event": "Periods since the first treated one; never treated: the reference",
    "cluster": "Cluster, numbered",
}


@dataclass(frozen=True)
class Form:
    """A panel for one package.

    Parameters
    ----------
    table
        A row per unit and period with an outcome; columns as in `LABELS`.
    reference
        Event time that effects are measured from.
    note
        What is left out, and why; empty if nothing is.
    """

    table: pd.DataFrame
    reference: int
    note: str


def form_of(panel: Panel, options: Options, recipe: Recipe) -> Form:
    """Panel as one package wants it.

    Raises
    ------
    InputError
        The package's script could not give the engine's number on this panel with these options.
    """
    used, note = panel, ""
    if recipe.estimator not in ALL_ROWS:
        comparison = comparable(panel, options)
        used, note = comparison.panel, comparison.note
    _check(used, options, recipe)
    reference = reference_event(used, options)
    rows, places = np.nonzero(used.observed)
    cohort = used.cohort[rows]
    never = cohort >= NEVER
    first = np.where(never, recipe.never, cohort + 1.0)
    table = pd.DataFrame(
        {
            "id": rows + 1,
            "unit": [str(used.units[k]) for k in rows],
            "t": places + 1,
            "period": [str(used.times[k]) for k in places],
            "y": used.outcome[rows, places],
            "d": (places >= cohort).astype(np.int64),
            "g": first if np.isnan(first).any() else first.astype(np.int64),
            "event": np.where(never, reference, places - cohort),
            "cluster": used.cluster[rows] + 1,
        }
    )
    return Form(table, reference, note)


def _check(panel: Panel, options: Options, recipe: Recipe) -> None:
    """Refuse what a script does not carry, rather than give a script that finds another number."""
    about = f"the script for {recipe.package}"
    fields = {name: getattr(options, name) for name in UNEXPORTED}
    if given := [name for name, value in fields.items() if value]:
        raise InputError(f"{about} does not carry {given[0]}", action="leave the option out")
    if options.window is not None and recipe.estimator != "event_study_twfe":
        raise InputError(f"{about} does not carry window", action="leave the option out")
    if panel.covariate_names or panel.weighted:
        what = "covariates" if panel.covariate_names else "weights"
        raise InputError(f"{about} does not carry {what}", action=f"read the panel without {what}")
    if options.control not in recipe.controls:
        raise InputError(
            f"{recipe.package} has no comparison group {options.control}",
            expected=f"control {' or '.join(recipe.controls)}",
        )
    if panel.ways is not None:
        raise InputError(
            f"{about} clusters in one way, and errors here are clustered in two",
            action="read the panel with one column of clusters",
        )
    if not recipe.clusters and panel.n_clusters < panel.n_units:
        raise InputError(
            f"{about} clusters by unit, and this panel has {panel.n_clusters} clusters of "
            f"{panel.n_units} units",
            action="read the panel without the column of clusters",
        )
    if not recipe.gaps and not panel.balanced:
        lost = int((~panel.observed.all(axis=1)).sum())
        raise InputError(
            f"{recipe.package} drops units without some outcomes, here {lost}, and the engine keeps them: "
            f"the numbers would differ",
            action="leave these units out first, or choose another package",
        )
