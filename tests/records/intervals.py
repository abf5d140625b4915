"""How closely linear statements pin a number down: one solver, asked again from where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from analysis.base.solver import silent_solver

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNBOUNDED = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)


class Statements:
    """Unknown numbers between bounds, and what is known of their sums.

    Parameters
    ----------
    bounds
        Lowest and highest value of each unknown.
    known
        Weights of unknowns by position, and the lowest and highest value of their sum.
    """

    def __init__(
        self,
        bounds: Iterable[tuple[float, float]],
        known: Iterable[tuple[Mapping[int, float], float, float]],
    ) -> None:
        self.solver = silent_solver()
        for option, value in (("threads", 1), ("presolve", "off")):
            self.solver.setOptionValue(option, value)
        for low, high in bounds:
            self.solver.addVar(low, high)
        for terms, low, high in known:
            weights = np.array(list(terms.values()), float)
            self.solver.addRow(low, high, len(terms), np.array(list(terms), np.int32), weights)
        self.solver.run()
        assert self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, "the truth is ruled out"

    def interval(self, terms: Mapping[int, float]) -> tuple[float, float]:
        """Lowest and highest value of a weighted sum of unknowns."""
        low, high = (
            sign * self._least({i: sign * weight for i, weight in terms.items()}) for sign in (1, -1)
        )
        return low, high

    def _least(self, terms: Mapping[int, float]) -> float:
        for index, weight in terms.items():
            self.solver.changeColCost(index, weight)
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kUnknown:  # from this start the path did not end
            self.solver.clearSolver()
            self.solver.run()
            status = self.solver.getModelStatus()
        assert status in (*UNBOUNDED, highspy.HighsModelStatus.kOptimal), status
        # A feasible point was found when the solver was made.
        least = -np.inf if status in UNBOUNDED else self.solver.getInfo().objective_function_value
        for index in terms:
            self.solver.changeColCost(index, 0)
        return float(least)
