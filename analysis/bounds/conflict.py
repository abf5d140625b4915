"""When the published figures contradict each other: the smallest set that cannot all be true.

The smallest unsatisfiable subset is found by implicit hitting sets (Ignatiev, Previti, Liffiton and
Marques-Silva, 2015): every set of figures whose removal repairs the record must share a figure with
every contradiction, so the smallest set that hits all repairs found so far is either feasible, which
yields a new repair, or it is the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from analysis.base.errors import InputError
from analysis.config import HEADLINE, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence


def raise_conflict(
    solver: highspy.Highs, rows: Sequence[int], figure_ids: Sequence[str], reading: Reading
) -> None:
    """Raise an `InputError` that names the smallest contradictory set of figures and the reading.

    A reading beyond the print (a limit to "more than", a cap) can contradict figures that are all true.
    """
    figures = smallest_conflict(solver, rows, figure_ids)
    raise InputError(
        f"these {len(figures)} published figures cannot all be true: " + ", ".join(figures),
        file="published_figures.csv",
        column="figure_id",
        expected="cumulative counts that never fall, and provinces that sum to the nation, "
        f"under the reading {reading.name!r} ({reading.reason})",
        action="check the printed values, dates and qualifiers of these rows against their sources"
        + ("" if reading == HEADLINE else ", or drop the reading from analysis/config.py"),
    )


def smallest_conflict(solver: highspy.Highs, rows: Sequence[int], figure_ids: Sequence[str]) -> list[str]:
    """Ids of the smallest set of figures that admits no panel.

    Parameters
    ----------
    solver
        Holds the infeasible program; row ``rows[k]`` is an end of figure ``figure_ids[k]``.
    rows, figure_ids
        Same length. All other rows hold by the meaning of the count and stay.
    """
    names = sorted(set(figure_ids))
    ends = {row: solver.getLp().row_upper_[row] for row in rows}

    def feasible(kept: frozenset[str]) -> bool:
        for row, name in zip(rows, figure_ids, strict=True):
            upper = ends[row] if name in kept else highspy.kHighsInf
            solver.changeRowBounds(row, -highspy.kHighsInf, upper)
        solver.run()
        return solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible

    assert feasible(frozenset()), "the rules of a cumulative count contradict themselves"
    repairs: list[frozenset[str]] = []
    while True:
        candidate = smallest_hitting_set(names, repairs)
        if not feasible(candidate):
            return sorted(candidate)
        kept = candidate
        for name in names:
            if name not in kept and feasible(kept | {name}):
                kept = kept | {name}
        repairs.append(frozenset(names) - kept)


def smallest_hitting_set(names: list[str], repairs: list[frozenset[str]]) -> frozenset[str]:
    """Fewest names that meet every repair; ties go to the names that come first."""
    if not repairs:
        return frozenset()
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix = np.array([[name in repair for name in names] for repair in repairs], float)
    cost = 1.0 + np.arange(len(names)) * 1e-6
    found = milp(
        cost,
        constraints=LinearConstraint(matrix, lb=1.0),
        integrality=np.ones(len(names)),
        bounds=Bounds(0, 1),
    )
    return frozenset(name for name, used in zip(names, found.x, strict=True) if used > 0.5)
