"""A linear program over the released cells about people, run on the user's own panel.

It asks of every number of people below k, published or derived, how closely the release pins it down:
the active, newcomers, stayers and leavers, the dormant (enrolled, not active), the returners (active,
neither stayers nor newcomers), and those active in several provinces. Where the interval is narrower
than k - 1, the cheapest released cell that binds it is hidden as well, until it is not.

What the outsider is given: all released cells and shares, the reason of every empty cell, the rollout,
and these identities by unit and quarter, with E enrolled, A active, S stayed, B active in several
provinces: A <= E, E never decreases, S <= A now and before, newcomers <= A - S, B <= A, the sum of A
over provinces less the nation's A is the sum of B less the nation's B, which is at least B.
Source: Fischetti and Salazar (2001), "Solving the cell suppression problem on tabular data with
linear constraints", Management Science 47(7): the attacker's problem.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import highspy
import numpy as np

from analysis.base.solver import silent_solver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.records.disclosure import Release
    from analysis.records.measures import Totals
    from analysis.records.protection import Mask

Terms = dict[int, float]
ENROLLED, ACTIVE, STAYED, SEVERAL = range(4)
MEASURE = ("enrolled", "active", "persistence", "multi_province_share")
WITH_ACTIVE = ("active", "orders", "contributions_yuan", "multi_province_share", "multi_platform_share")
CLOSE = 1e-6
NATION_COST = 1e12
SHARE_COST = 1e-6  # a share is given up before a count


@dataclass(frozen=True)
class Audit:
    """What the audit found.

    Parameters
    ----------
    asked
        Numbers of people below k that are not known from the rollout.
    added
        Cells hidden on account of the audit, by measure.
    narrowest
        Shortest interval that an outsider reaches, in people.
    """

    asked: int
    added: dict[str, int]
    narrowest: float


def audit(
    totals: Totals, in_force: Mask, k: int, releases: dict[str, Release]
) -> tuple[dict[str, Release], Audit]:
    """Bound every small number of people from the released cells and hide more where it is pinned.

    Parameters
    ----------
    totals
        Exact counts, shape (U, Q) with the nation last.
    in_force
        Cells the panel has, shape (U, Q).
    k
        Fewest people a published cell counts.
    releases
        Suppression so far; it only grows.
    """
    program = _Program(totals, in_force, k, releases)
    narrowest, asked = np.inf, 0
    for terms, value in program.small_numbers():
        if value >= k:
            continue
        asked += 1
        width, binding = program.width(terms)
        while width < k - 1 - CLOSE and binding:
            program.hide(min(binding, key=program.cost))
            width, binding = program.width(terms)
        narrowest = min(narrowest, width)
    final = program.releases()
    added = {name: int((final[name].hidden & ~releases[name].hidden).sum()) for name in final}
    return final, Audit(asked, {name: n for name, n in added.items() if n}, narrowest)


class _Program:
    """Variables are E, A, S and B of every unit and quarter; a released one is fixed."""

    def __init__(self, totals: Totals, in_force: Mask, k: int, releases: dict[str, Release]) -> None:
        self.shape = in_force.shape
        self.values = np.stack([totals.enrolled, totals.active, totals.stayed, totals.both]).astype(float)
        self.in_force, self.k = in_force, k
        self.hidden = {name: release.hidden.copy() for name, release in releases.items()}
        self.given = releases
        self.opening = in_force & (in_force.cumsum(axis=1) == 1)
        self.second = np.zeros_like(in_force)
        self.second[:, 1:] = self.opening[:, :-1]
        self.solver = silent_solver()
        for option, value in (("threads", 1), ("presolve", "off")):
            self.solver.setOptionValue(option, value)
        # Without a previous quarter there is no share of it: S is zero by the rollout.
        known = ~in_force | np.stack(
            [np.zeros_like(in_force)] * 2 + [self.opening] + [np.zeros_like(in_force)]
        )
        self.released = np.stack([~self.hidden[name] for name in MEASURE]) & ~known
        free = ~self.released & ~known
        lower, upper = self.values.copy(), self.values.copy()
        lower[free], upper[free] = 0, np.inf
        self._use_reasons(lower, upper, free)
        for low, high in zip(lower.ravel(), upper.ravel(), strict=True):
            self.solver.addVar(low, high)
        for terms, low, high in self._identities():
            self.solver.addRow(
                low, high, len(terms), np.array(list(terms), np.int32), np.array(list(terms.values()))
            )

    def at(self, kind: int, unit: int, t: int) -> int:
        """Index of a variable."""
        found: int = (kind * self.shape[0] + unit) * self.shape[1] + t
        return found

    def _use_reasons(self, lower: np.ndarray, upper: np.ndarray, free: np.ndarray) -> None:
        """The list of empty cells says which of the active are fewer than k and which are not."""
        release, hidden = self.given["active"], free[ACTIVE]
        upper[ACTIVE][hidden & release.primary] = self.k - 1
        said = np.ones_like(hidden)
        said[-1] = ~(release.hidden | ~self.in_force).all(axis=0)
        lower[ACTIVE][hidden & said & ~release.primary & (self.values[ACTIVE] >= self.k)] = self.k

    def _identities(self) -> Iterator[tuple[Terms, float, float]]:
        units, quarters = self.shape
        nation = units - 1
        for u, t in zip(*np.nonzero(self.in_force), strict=True):
            e, a, s, b = (self.at(kind, u, t) for kind in range(4))
            yield {a: 1, b: -1}, 0, np.inf
            if self.opening[u, t]:
                yield {e: 1, a: -1}, 0, 0
                continue
            before_e, before_a = self.at(ENROLLED, u, t - 1), self.at(ACTIVE, u, t - 1)
            yield {e: 1, a: -1}, 0, np.inf
            yield {e: 1, before_e: -1}, 0, np.inf
            yield {before_a: 1, s: -1}, 0, np.inf
            # In a second quarter nobody can have returned: the active are stayers and newcomers.
            yield {a: 1, s: -1, e: -1, before_e: 1}, 0, 0 if self.second[u, t] else np.inf
        for t in range(quarters):
            here = np.flatnonzero(self.in_force[:-1, t])
            for kind in (ENROLLED, ACTIVE, SEVERAL):
                for u in here:
                    yield {self.at(kind, nation, t): 1, self.at(kind, int(u), t): -1}, 0, np.inf
            total = {self.at(ENROLLED, int(u), t): 1.0 for u in here}
            yield total | {self.at(ENROLLED, nation, t): -1}, 0, np.inf
            both = {self.at(SEVERAL, int(u), t): 1.0 for u in here}
            yield both | {self.at(SEVERAL, nation, t): -2}, 0, np.inf
            balance = {self.at(ACTIVE, int(u), t): 1.0 for u in here} | dict.fromkeys(both, -1.0)
            yield balance | {self.at(ACTIVE, nation, t): -1, self.at(SEVERAL, nation, t): 1}, 0, 0

    def small_numbers(self) -> Iterator[tuple[Terms, float]]:
        """Numbers of people that can be asked for, those known from the rollout apart."""
        nation = self.shape[0] - 1
        for u, t in zip(*np.nonzero(self.in_force), strict=True):
            e, a, s, b = (self.at(kind, u, t) for kind in range(4))
            asked: list[Terms] = [{a: 1}]
            if not self.opening[u, t]:
                before_e, before_a = self.at(ENROLLED, u, t - 1), self.at(ACTIVE, u, t - 1)
                asked += [{e: 1, before_e: -1}, {e: 1, a: -1}, {s: 1}, {before_a: 1, s: -1}]
                if not self.second[u, t]:
                    asked.append({a: 1, s: -1, e: -1, before_e: 1})
            if self.in_force[:-1, t].sum() > 1:
                asked += [{b: 1}, {a: 1, b: -1}]
                if u == nation:
                    total = {
                        self.at(ACTIVE, p, t): 1.0 for p in map(int, np.flatnonzero(self.in_force[:-1, t]))
                    }
                    asked.append(total | {a: -1})
            for terms in asked:
                flat = self.values.ravel()
                yield terms, sum(sign * flat[index] for index, sign in terms.items())

    def width(self, terms: Terms) -> tuple[float, list[tuple[int, int, int]]]:
        """Length of the interval of a number, and the released cells that bind it."""
        ends: list[float] = []
        binding: set[tuple[int, int, int]] = set()
        for sign in (1, -1):
            for index, weight in terms.items():
                self.solver.changeColCost(int(index), sign * weight)
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kUnknown:  # from this start the path did not end
                self.solver.clearSolver()
                self.solver.run()
                status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                ends.append(sign * self.solver.getInfo().objective_function_value)
                price = np.abs(np.array(self.solver.getSolution().col_dual)).reshape(self.values.shape)
                binding |= {
                    (int(cell[0]), int(cell[1]), int(cell[2]))
                    for cell in zip(*np.nonzero((price > CLOSE) & self.released), strict=True)
                }
            elif status in (
                highspy.HighsModelStatus.kUnbounded,
                highspy.HighsModelStatus.kUnboundedOrInfeasible,
            ):
                ends.append(sign * -np.inf)
            else:
                raise RuntimeError(f"the audit's linear program ended with {status}")
        for index in terms:
            self.solver.changeColCost(int(index), 0)
        return ends[1] - ends[0], sorted(binding)

    def cost(self, cell: tuple[int, int, int]) -> float:
        """People lost by hiding a cell; shares first, the nation last."""
        kind, unit, _t = cell
        people = self.values[cell] + 1
        if kind in (STAYED, SEVERAL):
            people *= SHARE_COST
        found: float = people + (NATION_COST if unit == self.shape[0] - 1 else 0)
        return found

    def hide(self, cell: tuple[int, int, int]) -> None:
        """Release a cell no longer, nor what can be computed with it only."""
        kind, unit, t = cell
        lost = [cell]
        self.hidden[MEASURE[kind]][unit, t] = True
        if kind == ACTIVE:
            for name in WITH_ACTIVE:
                self.hidden[name][unit, t] = True
            lost += [(SEVERAL, unit, t), (STAYED, unit, t), (STAYED, unit, t + 1)]
        for kind_, unit_, t_ in lost:
            if t_ < self.shape[1] and self.released[kind_, unit_, t_]:
                self.hidden[MEASURE[kind_]][unit_, t_] = True
                self.released[kind_, unit_, t_] = False
                low = self.k if kind_ == ACTIVE else 0
                self.solver.changeColBounds(self.at(kind_, unit_, t_), low, np.inf)

    def releases(self) -> dict[str, Release]:
        """Suppression with what the audit added."""
        return {name: replace(release, hidden=self.hidden[name]) for name, release in self.given.items()}
