"""The set of all panels that agree with every published figure, as a linear program.

Variables, in thousand persons: ``x[p, q]``, people ever enrolled in province ``p`` by the end of
quarter ``q`` (only where the pilot is in force: elsewhere enrolment is zero by the scheme's rules),
and ``n[q]``, people ever enrolled in the nation. Restrictions:

    x[p, q] <= x[p, q + 1],  n[q] <= n[q + 1]          a cumulative count never falls
    n[q] <= sum_p x[p, q] <= (1 + overlap) n[q]        provinces in the pilot make up the nation
    lower <= x[p, q] or n[q] <= upper                  one or two rows for each published figure
    x[p, q] <= cap * residents[p, q]                   only if the reading has a cap

HiGHS gets the rows once and solves for one objective after another, each from the last solution, which is
what makes hundreds of programs take a second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
import pandas as pd
from scipy import sparse

from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.base.solver import silent_solver
from analysis.bounds.conflict import raise_conflict

if TYPE_CHECKING:
    from analysis.bounds.readings import Restriction
    from analysis.config import Reading

THOUSAND = 1_000.0  # keeps the program's numbers between 1e-2 and 1e5
DUAL_ZERO = 1e-12  # shadow prices and values below these are the solver's rounding
VALUE_ZERO = 1e-6
DUAL, PRIMAL = 1, 4  # ways of the simplex method, as HiGHS numbers them


@dataclass(frozen=True)
class Solution:
    """One end of an identified set: the value (infinite where unbounded) and its shadow prices.

    ``shadow_prices`` maps a figure id to the change of ``value`` when that figure's printed end
    moves up by one person. Only figures that hold the end in place appear.
    """

    value: float
    shadow_prices: dict[str, float]


class EnrolmentSet:
    """The identified set of the enrolment panel; ask it for the range of a linear estimand.

    Parameters
    ----------
    cells
        ``province_code, quarter, residents`` for every province and quarter in the pilot, sorted.
    restrictions
        From `read_ledger`.
    reading
        Gives ``overlap`` and ``cap_per_resident``.

    Raises
    ------
    InputError
        When no panel agrees with all figures; names the smallest set that cannot all be true.
    """

    def __init__(self, cells: pd.DataFrame, restrictions: list[Restriction], reading: Reading) -> None:
        self.cells = cells.reset_index(drop=True)
        self.units = self.cells[self.cells["residents"].notna()]  # those with denominators
        # Their places by (cohort, quarter).
        self.waves = self.units.groupby(["cohort", "quarter"]).indices
        self.quarters = pd.PeriodIndex(sorted(self.cells["quarter"].unique()), freq="Q")
        self._position = {
            (code, quarter): number
            for number, (code, quarter) in enumerate(
                zip(self.cells["province_code"], self.cells["quarter"], strict=True)
            )
        }
        for number, quarter in enumerate(self.quarters, start=len(self.cells)):
            self._position[NATION, quarter] = number
        self.size = len(self._position)
        self.overlap = reading.overlap
        self.figure_ids: list[str] = []  # of each row that holds a printed end
        self._floors: list[bool] = []  # whether that end is a floor
        self._solver = self._compile(restrictions, reading)

    def position(self, place: str, quarter: pd.Period) -> int | None:
        """Column of a province (or the nation, ``00``) at a quarter-end; missing before its start."""
        return self._position.get((place, quarter))

    def _rows(self, entries: list[dict[int, float]]) -> sparse.csr_array:
        """One row for each set of coefficients by column."""
        row = np.repeat(np.arange(len(entries)), [len(each) for each in entries])
        columns = [column for each in entries for column in each]
        values = np.array([value for each in entries for value in each.values()], float)
        return sparse.csr_array((values, (row, columns)), shape=(len(entries), self.size))

    def _structure(self, reading: Reading) -> sparse.csr_array:
        """Rows of ``S x <= 0`` that hold by the meaning of a cumulative count of people."""
        rows: list[dict[int, float]] = []
        for (place, quarter), here in self._position.items():
            after = self.position(place, quarter + 1)
            if after is not None:
                rows.append({here: 1.0, after: -1.0})
        for quarter in self.quarters:
            members = self.cells.index[self.cells["quarter"] == quarter]
            nation = self._position[NATION, quarter]
            rows.append({nation: 1.0} | dict.fromkeys(members, -1.0))
            rows.append(dict.fromkeys(members, 1.0) | {nation: -(1.0 + reading.overlap)})
        return self._rows(rows)

    def _figures(self, restrictions: list[Restriction]) -> tuple[sparse.csr_array, np.ndarray]:
        """Rows of ``F x <= f``, one for each printed end; fills ``figure_ids`` row by row."""
        rows, ends = [], []
        for item in restrictions:
            floor = None if item.floor_from is None else self.position(item.province_code, item.floor_from)
            if floor is not None:
                rows.append({floor: -1.0})
                ends.append(-item.lower / THOUSAND)
                self.figure_ids.append(item.figure_id)
                self._floors.append(True)
            elif item.lower > 0 and item.floor_from is not None and item.floor_from < self.quarters[-1]:
                self._refuse_before_start(item)
            until = item.ceiling_until
            if until is None or math.isinf(item.upper):
                continue
            ceiling = self.position(item.province_code, min(until, self.quarters[-1]))
            if ceiling is not None:
                rows.append({ceiling: 1.0})
                ends.append(item.upper / THOUSAND)
                self.figure_ids.append(item.figure_id)
                self._floors.append(False)
        return self._rows(rows), np.array(ends)

    @staticmethod
    def _refuse_before_start(item: Restriction) -> None:
        raise InputError(
            f"{item.figure_id} counts people in {item.floor_from}, before the pilot started there",
            file="published_figures.csv",
            column="as_of_date",
            value=item.lower,
            expected="no enrolment before the start given in rollout.csv",
            action="check the date of the figure and of the start",
        )

    def _compile(self, restrictions: list[Restriction], reading: Reading) -> highspy.Highs:
        structure = self._structure(reading)
        each = sparse.eye_array(self.size, format="csr")
        rows, limits = [structure, -each], [np.zeros(structure.shape[0] + self.size)]
        if reading.cap_per_resident is not None:
            residents = self.cells["residents"].to_numpy(float)
            known = np.flatnonzero(~np.isnan(residents))  # the Corps has no residents of its own
            rows.append(each[known])
            limits.append(reading.cap_per_resident * residents[known] / THOUSAND)
        matrix, ends = self._figures(restrictions)
        first = sum(len(part) for part in limits)
        program = sparse.vstack([*rows, matrix], format="csc")
        limit = np.concatenate([*limits, ends])
        solver = load_into_highs(program, limit, np.ones(self.size))
        self._figure_rows = range(first, first + len(ends))
        # A row holds -x <= -lower or x <= upper.
        self._ends = np.where(self._floors, -1.0, 1.0)
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise_conflict(solver, self._figure_rows, self.figure_ids, reading)
        self._quick, self._free = load_with_bounds(program, limit, np.ones(self.size))
        return solver

    def value(self, weights: np.ndarray, side: str) -> float:
        """Smallest (``lower``) or largest (``upper``) value of ``weights @ persons``, as of `extreme`.

        Quicker, as it goes on from the last vertex, which fits whatever is asked, in the program without
        rows for single cells. One side of many estimands at a time takes the least time.
        """
        return self._solve(self._quick, weights, side, PRIMAL)

    def values_at(
        self, weights: np.ndarray, side: str, place: str, quarter: pd.Period, counts: np.ndarray
    ) -> np.ndarray:
        """(C,) the `value` if a cell were known to be each of ``counts`` (C,), which the set allows."""
        column = self.position(place, quarter)
        assert column is not None, f"{place} has no pilot in {quarter}"
        self.value(weights, side)  # what is best stays so when a limit moves: from here, the dual method
        found = []
        for persons in counts / THOUSAND:
            self._quick.changeColBounds(column, persons, persons)
            found.append(self._solve(self._quick, weights, side, DUAL))
        self._quick.changeColBounds(column, *self._free[:, column])
        return np.array(found)

    def extreme(self, weights: np.ndarray, side: str) -> Solution:
        """Smallest (``lower``) or largest (``upper``) value of ``weights @ persons`` over the set.

        Parameters
        ----------
        weights
            One weight for each column, shape (size,), per person.
        side
            ``lower`` or ``upper``.
        """
        value = self._solve(self._solver, weights, side, DUAL)
        if not math.isfinite(value):
            return Solution(value, {})
        duals = np.asarray(self._solver.getSolution().row_dual)
        figures = duals[self._figure_rows.start : self._figure_rows.stop]
        sign = 1.0 if side == "lower" else -1.0
        each = sign * self._ends * figures / THOUSAND  # per person of the printed end
        prices: dict[str, float] = {}
        for row in np.flatnonzero(np.abs(each) > DUAL_ZERO):
            figure = self.figure_ids[row]
            prices[figure] = prices.get(figure, 0.0) + float(each[row])
        return Solution(value, prices)

    def _solve(self, solver: highspy.Highs, weights: np.ndarray, side: str, strategy: int) -> float:
        sign = 1.0 if side == "lower" else -1.0
        columns = np.arange(self.size, dtype=np.int32)
        solver.setOptionValue("simplex_strategy", strategy)
        solver.changeColsCost(self.size, columns, sign * weights * THOUSAND)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kUnknown:  # from this start the simplex path did not end
            solver.clearSolver()
            solver.run()
            status = solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return -sign * math.inf
        assert status == highspy.HighsModelStatus.kOptimal, f"HiGHS stopped with {status}"
        value = sign * solver.getObjectiveValue()
        return 0.0 if abs(value) < VALUE_ZERO else value


def load_with_bounds(
    columns: sparse.csc_array, ends: np.ndarray, cost: np.ndarray
) -> tuple[highspy.Highs, np.ndarray]:
    """The program of `load_into_highs` with rows of one column as bounds (2, size) of that column.

    The simplex method carries bounds without rows, so that each step takes half the time.
    """
    rows = columns.tocsr()
    single = np.diff(rows.indptr) == 1
    place = rows.indptr[:-1][single]
    column, factor = rows.indices[place], rows.data[place]
    limit, floor = ends[single] / factor, factor < 0
    bounds = np.stack([np.full(len(cost), -highspy.kHighsInf), np.full(len(cost), highspy.kHighsInf)])
    np.maximum.at(bounds[0], column[floor], limit[floor])
    np.minimum.at(bounds[1], column[~floor], limit[~floor])
    return load_into_highs(rows[np.flatnonzero(~single)].tocsc(), ends[~single], cost, bounds), bounds


def load_into_highs(
    columns: sparse.csc_array, ends: np.ndarray, cost: np.ndarray, bounds: np.ndarray | None = None
) -> highspy.Highs:
    """HiGHS holding ``min cost @ x`` subject to ``columns @ x <= ends``, solved once; one thread.

    ``bounds`` (2, size) on x; missing: none.
    """
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = columns.shape
    lp.col_cost_ = np.asarray(cost, float)
    if bounds is None:
        bounds = np.array([[-highspy.kHighsInf], [highspy.kHighsInf]]).repeat(columns.shape[1], axis=1)
    lp.col_lower_, lp.col_upper_ = bounds
    lp.row_lower_ = np.full(columns.shape[0], -highspy.kHighsInf)
    lp.row_upper_ = np.asarray(ends, float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = columns.indptr
    lp.a_matrix_.index_ = columns.indices
    lp.a_matrix_.value_ = columns.data
    solver = silent_solver()
    solver.setOptionValue("threads", 1)  # the simplex path, and so the vertex, must not depend on cores
    solver.setOptionValue("solver", "simplex")
    solver.passModel(lp)
    solver.run()
    return solver
