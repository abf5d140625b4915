"""The simulated panels on which our estimates stand beside those of other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.base.reading import read_csv
from analysis.did.panel.panel import Panel

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

RESTORE = "restore the folder as it was committed"
TRIPLE = "sim_triple"  # eligible and other units in places that start at different times
ROLES = ("unit", "time", "outcome", "cohort", "dose", "weights")  # what a column may be
# Name, file, and what its columns are.
DATASETS: dict[str, tuple[str, dict[str, Any]]] = {
    "sim_never": (
        "sim_panel",
        {"unit": "province", "time": "quarter", "outcome": "y_nev", "cohort": "g_nev"},
    ),
    "sim_weights": (
        "sim_panel",
        {
            "unit": "province",
            "time": "quarter",
            "outcome": "y_nev",
            "cohort": "g_nev",
            "weights": "v",
            "weights_vary": "period",
        },
    ),
    "sim_nyt": ("sim_panel", {"unit": "province", "time": "quarter", "outcome": "y", "cohort": "g"}),
    "sim_paths": ("paths_panel", {"unit": "g", "time": "t", "outcome": "y", "dose": "d"}),
    "sim_paths_x": ("paths_panel", {"unit": "g", "time": "t", "outcome": "y_x", "dose": "d"}),
    "sim_sections": (
        "sections_panel",
        {"unit": "row", "time": "t", "outcome": "y", "cohort": "g", "cross_sections": True},
    ),
    "sim_counts": ("counts_panel", {"unit": "unit", "time": "t", "outcome": "count", "cohort": "g"}),
    "sim_shares": ("counts_panel", {"unit": "unit", "time": "t", "outcome": "yes", "cohort": "g"}),
    TRIPLE: ("triple_panel", {"unit": "unit", "time": "t", "outcome": "y", "cohort": "g"}),
}


def read_simulated(folder: Path, dataset: str, covariates: tuple[str, ...] = ()) -> Panel:
    """One of `DATASETS`."""
    name, columns = DATASETS[dataset]
    named = [columns[role] for role in ROLES if role in columns]
    frame = read_csv(folder / f"{name}.csv", "the simulated panel", RESTORE, (*named, *covariates))
    return Panel.from_frame(frame, covariates=covariates, **columns)


def read_eligible(folder: Path) -> NDArray[np.bool_]:
    """(N,) who is eligible in the panel for the triple difference, in order of units."""
    frame = read_csv(folder / "triple_panel.csv", "the simulated panel", RESTORE, ("unit", "eligible"))
    found: NDArray[np.bool_] = frame.groupby("unit")["eligible"].first().to_numpy() == 1
    return found
