"""What an outsider can work out about people from the released cells: a linear program.

Its unknowns are, by unit and quarter, the enrolled E, the active A, those who stayed S, those active in
several provinces B, those on several platforms M, and the orders O. The outsider is given all released
cells and shares, which of the empty cells of the active are small (the list does not tell it), and the
rollout. Identities within a unit: A now and before, less S, are at most E; E never decreases;
S <= A now and before; newcomers <= A - S; B <= A; A + M <= O, as two platforms take two orders.
Between provinces and nation, D being what the provinces' A exceed the nation's by: D is the sum of B
less the nation's B, which is at least B; it bounds what the provinces' S or M exceed the nation's by; the
provinces' E exceed the nation's by D or more, never less than before; orders add up.

Source: Fischetti and Salazar (2001), "Solving the cell suppression problem on tabular data with
linear constraints", Management Science 47(7): the attacker's problem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from analysis.base.solver import silent_solver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from analysis.records.disclosure import Release
    from analysis.records.measures import Totals
    from analysis.records.protection import Mask

Terms = dict[int, float]
Cell = tuple[int, int, int]  # kind, unit, quarter
KINDS = range(6)
ENROLLED, ACTIVE, STAYED, SEVERAL, MIXED, ORDERS = KINDS
MEASURE = ("enrolled", "active", "persistence", "multi_province_share", "multi_platform_share", "orders")
CLOSE = 1e-6
ROUNDS = 12  # of programs over all numbers at once
UNBOUNDED = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)


class Outsider:
    """The unknowns and what is known of them; a released one is fixed.

    Parameters
    ----------
    totals
        Exact counts, shape (U, Q) with the nation last.
    in_force
        Cells the panel has, shape (U, Q).
    k
        Fewest people a published cell counts.
    releases
        Suppression, by measure.
    """

    def __init__(self, totals: Totals, in_force: Mask, k: int, releases: dict[str, Release]) -> None:
        self.shape = in_force.shape
        self.values = np.stack(
            [totals.enrolled, totals.active, totals.stayed, totals.both, totals.mixed, totals.orders]
        ).astype(float)
        self.in_force, self.k = in_force, k
        self.active = releases["active"]
        self.opening = in_force & (in_force.cumsum(axis=1) == 1)
        self.second = np.zeros_like(in_force)
        self.second[:, 1:] = self.opening[:, :-1]
        self.solver = silent_solver()
        # From one program to the next only the objective changes: the primal simplex goes on from there.
        for option, value in (("threads", 1), ("presolve", "off"), ("simplex_strategy", 4)):
            self.solver.setOptionValue(option, value)
        # Without a previous quarter there is no share of it: S is zero by the rollout.
        known = np.repeat(~in_force[None], len(KINDS), axis=0)
        known[STAYED] |= self.opening
        self.released = np.stack([~releases[name].hidden for name in MEASURE]) & ~known
        free = ~self.released & ~known
        lower, upper = self.values.copy(), self.values.copy()
        lower[free], upper[free] = 0, np.inf
        self._use_reasons(lower, upper, free)
        self.lower, self.upper = lower.ravel(), upper.ravel()
        self.solver.addVars(self.lower.size, self.lower, self.upper)
        rows, low, high = zip(*self._identities(), strict=True)
        ends = np.cumsum([0, *map(len, rows)])
        self.solver.addRows(
            len(rows),
            np.array(low, np.float64),
            np.array(high, np.float64),
            ends[-1],
            ends[:-1].astype(np.int32),
            np.array([index for terms in rows for index in terms], np.int32),
            np.array([weight for terms in rows for weight in terms.values()], np.float64),
        )

    def at(self, kind: int, unit: int, t: int) -> int:
        """Index of a variable."""
        found: int = (kind * self.shape[0] + unit) * self.shape[1] + t
        return found

    def _use_reasons(self, lower: np.ndarray, upper: np.ndarray, free: Mask) -> None:
        """Which of the empty cells of the active are fewer than k and which are not: it may be guessed."""
        release, hidden = self.active, free[ACTIVE]
        upper[ACTIVE][hidden & release.primary] = self.k - 1
        said = np.ones_like(hidden)
        said[-1] = ~(release.hidden | ~self.in_force).all(axis=0)
        lower[ACTIVE][hidden & said & ~release.primary & (self.values[ACTIVE] >= self.k)] = self.k

    def _identities(self) -> Iterator[tuple[Terms, float, float]]:
        for u, t in zip(*np.nonzero(self.in_force), strict=True):
            yield from self._of_unit(int(u), int(t))
        for t in range(self.shape[1]):
            yield from self._of_quarter(t)

    def _of_unit(self, u: int, t: int) -> Iterator[tuple[Terms, float, float]]:
        e, a, s, b, m, o = (self.at(kind, u, t) for kind in KINDS)
        yield {a: 1, b: -1}, 0, np.inf
        yield {a: 1, m: -1}, 0, np.inf
        yield {o: 1, a: -1, m: -1}, 0, np.inf
        if self.opening[u, t]:
            yield {e: 1, a: -1}, 0, 0
            return
        before_e, before_a = self.at(ENROLLED, u, t - 1), self.at(ACTIVE, u, t - 1)
        yield {e: 1, a: -1}, 0, np.inf
        yield {e: 1, s: 1, a: -1, before_a: -1}, 0, np.inf
        yield {e: 1, before_e: -1}, 0, np.inf
        yield {before_a: 1, s: -1}, 0, np.inf
        # In a second quarter nobody can have returned: the active are stayers and newcomers.
        yield {a: 1, s: -1, e: -1, before_e: 1}, 0, 0 if self.second[u, t] else np.inf

    def _of_quarter(self, t: int) -> Iterator[tuple[Terms, float, float]]:
        nation = self.shape[0] - 1
        here = np.flatnonzero(self.in_force[:-1, t])
        for kind in (ENROLLED, ACTIVE, STAYED, SEVERAL, MIXED):
            for u in here:
                yield {self.at(kind, nation, t): 1, self.at(kind, int(u), t): -1}, 0, np.inf
        twice = self._excess(ACTIVE, t)
        yield self._excess(ENROLLED, t, twice), 0, np.inf
        if t:
            yield self._further(t), 0, np.inf
            yield self._excess(STAYED, t, self._excess(ACTIVE, t - 1)), -np.inf, 0
        yield self._excess(STAYED, t, twice), -np.inf, 0
        yield self._excess(MIXED, t, twice), -np.inf, 0
        yield self._excess(ORDERS, t), 0, 0
        both = {self.at(SEVERAL, int(u), t): 1.0 for u in here}
        here_and_there = self.at(SEVERAL, nation, t)
        # Two platforms of one person may lie in two provinces.
        yield self._excess(MIXED, t) | {here_and_there: 1}, 0, np.inf
        yield both | {here_and_there: -2}, 0, np.inf
        yield twice | dict.fromkeys(both, -1.0) | {here_and_there: 1}, 0, 0

    def _excess(self, kind: int, t: int, less: Terms | None = None) -> Terms:
        """What the provinces exceed the nation by, ``less`` something else."""
        found = {self.at(kind, int(u), t): 1.0 for u in np.flatnonzero(self.in_force[:-1, t])}
        found[self.at(kind, self.shape[0] - 1, t)] = -1
        return found | {index: -weight for index, weight in (less or {}).items()}

    def _further(self, t: int) -> Terms:
        """People enrolled in a further province since the quarter before, a person once for each."""
        return self._excess(ENROLLED, t, self._excess(ENROLLED, t - 1))

    def small_numbers(self) -> Iterator[Terms]:
        """Numbers of people below k that can be asked for, those known from the rollout apart."""
        flat = self.values.ravel()
        nation = self.shape[0] - 1
        for u, t in zip(*np.nonzero(self.in_force), strict=True):
            e, a, s, b, m, o = (self.at(kind, u, t) for kind in KINDS)
            # Orders less the active bound from above how many had two orders or more.
            asked: list[Terms] = [{a: 1}, {m: 1}, {a: 1, m: -1}, {o: 1, a: -1}]
            if not self.opening[u, t]:
                before_e, before_a = self.at(ENROLLED, u, t - 1), self.at(ACTIVE, u, t - 1)
                asked += [{e: 1, before_e: -1}, {e: 1, a: -1}, {s: 1}, {before_a: 1, s: -1}]
                if not self.second[u, t]:
                    asked.append({a: 1, s: -1, e: -1, before_e: 1})
            if self.in_force[:-1, t].sum() > 1:
                asked += [{b: 1}, {a: 1, b: -1}]
                if u == nation:
                    asked.append(self._excess(ACTIVE, t))
                    if t:
                        asked.append(self._further(t))
            for terms in asked:
                if sum(sign * flat[index] for index, sign in terms.items()) < self.k:
                    yield terms

    def spread(self, asked: Sequence[Terms]) -> NDArray[np.float64]:
        """How far apart two values of each number lie, both possible; its interval is at least as long.

        A few programs move all numbers at once, in directions drawn at random, in a box around the truth.
        """
        if not asked:
            return np.zeros(0)
        rows, columns = np.array([(row, index) for row, terms in enumerate(asked) for index in terms]).T
        weights = np.array([weight for terms in asked for weight in terms.values()])
        truth, variables = self.values.ravel(), np.arange(self.values.size, dtype=np.int32)

        def numbers(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.bincount(rows, weights * values[columns], len(asked)).astype(np.float64)

        room = 2.0 * self.k
        low, high = np.maximum(self.lower, truth - room), np.minimum(self.upper, truth + room)
        self.solver.changeColsBounds(len(variables), variables, low, high)
        least = most = numbers(truth)
        rng = np.random.default_rng(0)
        for _round in range(ROUNDS):
            narrow = most - least < self.k - 1
            if not narrow.any():
                break
            way = rng.choice([-1.0, 1.0], len(asked)) * narrow
            toward = np.bincount(columns, weights * way[rows], len(variables)).astype(np.float64)
            for sign in (1, -1):
                self.solver.changeColsCost(len(variables), variables, sign * toward)
                if self._solve() != highspy.HighsModelStatus.kOptimal:
                    continue  # nothing is learnt, and each number is asked for by itself
                found = numbers(np.array(self.solver.getSolution().col_value))
                least, most = np.minimum(least, found), np.maximum(most, found)
        self.solver.changeColsCost(len(variables), variables, np.zeros(len(variables)))
        self.solver.changeColsBounds(len(variables), variables, self.lower, self.upper)
        spans: NDArray[np.float64] = most - least
        return spans

    def width(self, terms: Terms, *, anew: bool = False) -> tuple[float, list[Cell]]:
        """Length of the interval of a number, and the released cells that bind it.

        With ``anew`` the solver forgets where it stands, so that the same cells bind whatever was asked
        before.
        """
        ends: list[float] = []
        binding: set[Cell] = set()
        if anew:
            self.solver.clearSolver()
        for sign in (1, -1):
            for index, weight in terms.items():
                self.solver.changeColCost(int(index), sign * weight)
            status = self._solve()
            if status == highspy.HighsModelStatus.kOptimal:
                ends.append(sign * self.solver.getInfo().objective_function_value)
                price = np.abs(np.array(self.solver.getSolution().col_dual)).reshape(self.values.shape)
                binding |= {
                    (int(kind), int(unit), int(t))
                    for kind, unit, t in zip(*np.nonzero((price > CLOSE) & self.released), strict=True)
                }
            elif status in UNBOUNDED:
                ends.append(sign * -np.inf)
            else:
                raise RuntimeError(f"the audit's linear program ended with {status}")
        for index in terms:
            self.solver.changeColCost(int(index), 0)
        return ends[1] - ends[0], sorted(binding)

    def _solve(self) -> highspy.HighsModelStatus:
        self.solver.run()
        if self.solver.getModelStatus() == highspy.HighsModelStatus.kUnknown:
            self.solver.clearSolver()  # from this start the path did not end
            self.solver.run()
        status: highspy.HighsModelStatus = self.solver.getModelStatus()
        return status

    def forget(self, cell: Cell) -> None:
        """Take a released cell away from the outsider."""
        index = self.at(*cell)
        self.released[cell] = False
        # An empty cell of the active that is not primary counts k people or more.
        self.lower[index], self.upper[index] = self.k if cell[0] == ACTIVE else 0, np.inf
        self.solver.changeColBounds(index, self.lower[index], self.upper[index])
