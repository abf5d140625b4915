"""An outsider who has the released files, and nothing else, tries to pin small numbers down."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from analysis.records.audit import audit
from analysis.records.columns import MEASURES
from analysis.records.disclosure import decide
from analysis.records.measures import Totals
from analysis.records.release import Count, lay_out
from analysis.records.rounding import round_totals
from tests.records.deliveries import frame_of
from tests.records.intervals import Statements
from tests.records.test_disclosure import draw_totals

K = 10
KINDS = "easbmo"


class Outsider:
    """A linear program from the panel's frame alone.

    One variable per unit and quarter for the enrolled (e), the active (a), those who stayed (s), those
    active in several provinces (b) or on several platforms (m), and the orders (o).
    """

    def __init__(self, panel: pd.DataFrame, base: int = 0) -> None:
        self.base = base
        self.keys = [(row.province_code, row.quarter) for row in panel.itertuples()]
        self.place = {
            (kind, *key): i
            for i, (kind, key) in enumerate((kind, key) for kind in KINDS for key in self.keys)
        }
        self.equal: list[tuple[dict, float]] = []
        self.least: list[tuple[dict, float]] = []
        self.bounds: list[tuple[float, float | None]] = [(0, None)] * len(self.place)
        quarters = sorted(panel["quarter"].unique())
        before = {later: earlier for earlier, later in pairwise(quarters)}
        cell = dict(zip(self.keys, panel.itertuples(), strict=True))
        for key in self.keys:
            self.one(key, cell[key], (key[0], before.get(key[1])), cell)
        for quarter in quarters:
            codes = [code for code, when in self.keys if when == quarter and code != "00"]
            self.sums(quarter, codes, before.get(quarter))
            if quarter in before:
                self.least.append((self.further(before[quarter], quarter), 0))

    def fix(self, kind: str, key: tuple, value: float) -> None:
        if self.base:  # the nearest multiple lies within half a base, one of parts that add up within one
            far = self.base - 1 if kind == "o" else self.base / 2
            low, high = self.bounds[self.place[kind, *key]]
            low, high = max(low, value - far), min(high or np.inf, value + far)
            self.bounds[self.place[kind, *key]] = (low, high)
        else:
            self.equal.append(({(kind, *key): 1}, round(value)))

    def one(self, key, row, last, cell) -> None:
        if not pd.isna(row.enrolled):
            self.fix("e", key, row.enrolled)
        if not pd.isna(row.orders):
            self.fix("o", key, row.orders)
        if not pd.isna(row.active):
            self.fix("a", key, row.active)
            for kind, share in (("b", row.multi_province_share), ("m", row.multi_platform_share)):
                if not pd.isna(share):
                    self.fix(kind, key, share * row.active)
        e, a, s, b, m, o = ((kind, *key) for kind in KINDS)
        self.least += [({a: 1, b: -1}, 0), ({a: 1, m: -1}, 0), ({e: 1, a: -1}, 0)]
        self.least.append(({o: 1, a: -1, m: -1}, 0))  # two platforms take two orders
        if last not in cell:
            self.equal += [({e: 1, a: -1}, 0), ({s: 1}, 0)]
            return
        if not pd.isna(row.persistence):
            self.fix("s", key, row.persistence * cell[last].active)
        before_e, before_a = ("e", *last), ("a", *last)
        self.least.append(({before_a: 1, s: -1}, 0))
        self.least.append(({e: 1, before_e: -1}, 0))
        self.least.append(({a: 1, s: -1, e: -1, before_e: 1}, 0))
        self.least.append(({e: 1, s: 1, a: -1, before_a: -1}, 0))  # active now or before: all enrolled

    def sums(self, quarter: str, codes: list[str], last: str | None) -> None:
        def excess(kind: str, when: str, sign: int = 1) -> dict:
            provinces = [code for code, there in self.keys if there == when and code != "00"]
            return {(kind, code, when): sign for code in provinces} | {(kind, "00", when): -sign}

        nation = ("00", quarter)
        for kind in "easbm":
            self.least += [({(kind, *nation): 1, (kind, code, quarter): -1}, 0) for code in codes]
        self.equal.append((excess("o", quarter), 0))
        several = {("b", code, quarter): 1 for code in codes}
        self.least.append((several | {("b", *nation): -2}, 0))
        over = excess("a", quarter)
        self.equal.append((over | dict.fromkeys(several, -1) | {("b", *nation): 1}, 0))
        self.least.append((excess("e", quarter) | excess("a", quarter, -1), 0))
        for kind in "sm":  # who is counted twice there is active twice
            self.least.append((over | excess(kind, quarter, -1), 0))
        if last:
            self.least.append((excess("a", last) | excess("s", quarter, -1), 0))
        self.least.append((excess("m", quarter) | {("b", *nation): 1}, 0))

    def further(self, last: str, quarter: str) -> dict:
        """New to a further province: the sum of the enrolled less the nation's, less that before."""
        return {
            ("e", code, when): sign * (-1 if code == "00" else 1)
            for when, sign in ((quarter, 1), (last, -1))
            for code, there in self.keys
            if there == when
        }

    @cached_property
    def statements(self) -> Statements:
        rows = [(terms, right, right) for terms, right in self.equal]
        rows += [(terms, right, np.inf) for terms, right in self.least]
        return Statements(
            [(low, np.inf if high is None else high) for low, high in self.bounds],
            [(self.placed(terms), low, high) for terms, low, high in rows],
        )

    def placed(self, terms: dict) -> dict[int, float]:
        return {self.place[name]: weight for name, weight in terms.items()}

    def interval(self, terms: dict) -> tuple[float, float]:
        return self.statements.interval(self.placed(terms))

    def matrix(self, rows: list[tuple[dict, float]]) -> tuple[np.ndarray, np.ndarray]:
        left = np.zeros((len(rows), len(self.place)))
        for number, (terms, _right) in enumerate(rows):
            left[number, list(self.placed(terms))] = list(terms.values())
        return left, np.array([right for _terms, right in rows], dtype=float)


def small_numbers(totals: Totals, frame: pd.DataFrame) -> list[tuple[str, dict, int]]:
    """Small numbers of the truth that the rollout does not give, and how the outsider writes them."""
    quarters = sorted(frame["quarter"].unique())
    cells = list(zip(frame["province_code"], frame["quarter"], strict=True))
    asked = []
    for u, code in enumerate(totals.units):
        e, a, s = (getattr(totals, name)[u] for name in ("enrolled", "active", "stayed"))
        own = sorted(quarter for unit, quarter in cells if unit == code)
        for age, quarter in enumerate(own):
            t = quarters.index(quarter)
            here, last = (code, quarter), (code, own[age - 1])
            m, o = totals.mixed[u], totals.orders[u]
            asked.append(("active", {("a", *here): 1}, a[t]))
            asked.append(("mixed", {("m", *here): 1}, m[t]))
            asked.append(("on one", {("a", *here): 1, ("m", *here): -1}, a[t] - m[t]))
            asked.append(("further orders", {("o", *here): 1, ("a", *here): -1}, o[t] - a[t]))
            if age > 0:
                asked.append(("dormant", {("e", *here): 1, ("a", *here): -1}, e[t] - a[t]))
                asked.append(("newcomers", {("e", *here): 1, ("e", *last): -1}, e[t] - e[t - 1]))
                asked.append(("leavers", {("a", *last): 1, ("s", *here): -1}, a[t - 1] - s[t]))
            if age > 1:
                terms = {("a", *here): 1, ("s", *here): -1, ("e", *here): -1, ("e", *last): 1}
                asked.append(("returners", terms, a[t] - s[t] - e[t] + e[t - 1]))
            codes = [unit for unit, when in cells if when == quarter and unit != "00"]
            if code == "00" and len(codes) > 1:
                terms = {("a", p, quarter): 1 for p in codes} | {("a", *here): -1}
                asked.append(("overlap", terms, totals.active[:-1, t].sum() - a[t]))
                if age > 0:
                    over = totals.enrolled[:-1].sum(axis=0) - e
                    terms = {
                        ("e", unit, when): sign * (-1 if unit == "00" else 1)
                        for when, sign in ((quarter, 1), (own[age - 1], -1))
                        for unit, there in cells
                        if there == when
                    }
                    asked.append(("further", terms, over[t] - over[t - 1]))
    return [(name, terms, int(value)) for name, terms, value in asked if value < K]


def release(
    totals: Totals, in_force: np.ndarray, *, audited: bool, base: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    releases = decide(totals, in_force, K)
    if audited:
        releases, _found = audit(totals, in_force, K, releases)
    if base:
        totals = round_totals(totals, releases, base, 1)
    count = Count(totals, 2022 * 4 + 2, {}, (), (), True)
    return tuple(frame_of(table) for table in lay_out(count, in_force, releases))


def widths(totals: Totals, in_force: np.ndarray, *, audited: bool, base: int = 0) -> dict[str, float]:
    """The narrowest interval of each kind of number that the outsider reaches."""
    frame, _empty = release(totals, in_force, audited=audited, base=base)
    outsider = Outsider(frame, base)
    narrowest: dict[str, float] = {}
    for name, terms, value in small_numbers(totals, frame):
        low, high = outsider.interval(terms)
        assert low - 1e-6 <= value <= high + 1e-6, "an attack that rules the truth out proves nothing"
        narrowest[name] = min(narrowest.get(name, np.inf), high - low)
    return narrowest


PANELS = [(seed, *size) for seed in range(5) for size in ((3, 5, 200), (4, 5, 900))]


@pytest.mark.parametrize(("seed", "provinces", "quarters", "people"), PANELS)
def test_no_small_number_of_people_is_pinned_by_the_release(seed, provinces, quarters, people):
    totals, in_force = draw_totals(seed, provinces, quarters, people)
    reached = widths(totals, in_force, audited=True)
    print({name: round(width, 3) for name, width in reached.items()})
    assert min(reached.values()) >= K - 1 - 1e-5, reached


def test_the_solver_that_is_asked_again_finds_the_intervals_of_one_started_anew():
    totals, in_force = draw_totals(1, 4, 5, 900)
    frame, _empty = release(totals, in_force, audited=True)
    outsider = Outsider(frame)
    a_eq, b_eq = outsider.matrix(outsider.equal)
    a_ub, b_ub = outsider.matrix(outsider.least)
    asked = small_numbers(totals, frame)
    assert len(asked) > 10
    for name, terms, _value in asked:
        goal, _ = outsider.matrix([(terms, 0)])
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * goal[0], A_eq=a_eq, b_eq=b_eq, A_ub=-a_ub, b_ub=-b_ub, bounds=outsider.bounds
            )
            assert found.status in (0, 3), found.message
            ends.append(sign * (found.fun if found.status == 0 else -np.inf))
        assert outsider.interval(terms) == pytest.approx(tuple(ends), abs=1e-6), name


@pytest.mark.parametrize(("seed", "provinces", "quarters", "people"), PANELS[:6])
def test_no_small_number_is_pinned_although_people_come_whole(seed, provinces, quarters, people):
    totals, in_force = draw_totals(seed, provinces, quarters, people)
    frame, _empty = release(totals, in_force, audited=True)
    outsider = Outsider(frame)
    (a_eq, b_eq), (a_ub, b_ub) = (outsider.matrix(rows) for rows in (outsider.equal, outsider.least))
    low, high = np.array(outsider.bounds, dtype=float).T
    given = [LinearConstraint(a_eq, b_eq, b_eq), LinearConstraint(a_ub, b_ub, np.inf)]
    for name, terms, value in small_numbers(totals, frame):
        if np.diff(outsider.interval(terms)) > 3 * K:
            continue
        goal, _ = outsider.matrix([(terms, 0)])
        ends = [
            sign
            * milp(
                sign * goal[0],
                integrality=np.ones(len(low)),
                bounds=Bounds(low, np.where(np.isnan(high), np.inf, high)),
                constraints=given,
            ).fun
            for sign in (1, -1)
        ]
        assert ends[0] - 1e-6 <= value <= ends[1] + 1e-6
        assert ends[1] - ends[0] >= K - 1 - 1e-5, (name, ends)


def test_one_order_each_does_not_tell_that_nobody_is_on_two_platforms_or_in_two_provinces():
    totals, in_force = draw_totals(3, 4, 3, 900)
    once = replace(
        totals,
        mixed=np.zeros_like(totals.mixed),
        orders=np.vstack([totals.active[:-1], totals.active[:-1].sum(axis=0)]),
    )
    reached = widths(once, in_force, audited=True)
    assert min(reached.values()) >= K - 1 - 1e-5, reached
    assert min(widths(once, in_force, audited=False).values()) < 1


@pytest.mark.slow
def test_a_script_that_knows_released_files_only_fails_on_200_panels():
    from tests.records.attack import attack

    reached = attack(200)
    print({name: round(width, 3) for name, width in reached.items()})
    assert set(reached) >= {"active", "mixed", "dormant", "newcomers", "leavers", "returners", "overlap"}
    assert min(reached.values()) >= K - 1 - 1e-5, reached


def test_without_the_audit_the_same_outsider_finds_people():
    totals, in_force = draw_totals(0, 4, 5, 900)
    assert min(widths(totals, in_force, audited=False).values()) < 1


def test_a_fully_active_country_does_not_pin_the_one_small_province():
    # Everybody enrolled is active, so that published enrolment bounds the hidden activity of partners.
    active = np.array([[380, 385], [393, 399], [9, 9]])
    table = np.vstack([active, active.sum(axis=0)])
    zero = np.zeros_like(table)
    totals = Totals(
        units=("11", "12", "14", "00"), enrolled=table, active=table, both=zero, mixed=zero,
        stayed=np.column_stack([zero[:, 0], table[:, 0]]), orders=table * 20, contributions=table * 9000,
        claims=zero, confirmed=zero, paid=zero, claimants=zero, paid_first=zero,
        paid_second=zero, confirmed_people=zero,
        unconfirmed_people=zero, decided_people=zero, median_days=np.full(table.shape, np.nan),
        business_held=zero > 0, claims_held=zero > 0,
    )  # fmt: skip
    reached = widths(totals, np.ones_like(table, dtype=bool), audited=True)
    assert reached["active"] >= K - 1 - 1e-5


@pytest.mark.parametrize("people", [0, 4, 9])
def test_the_list_of_empty_cells_does_not_tell_nobody_from_a_few(people):
    active = np.array([[300, 310], [people, 40], [280, 290]])
    table = np.vstack([active, active.sum(axis=0)])
    zero = np.zeros_like(table)
    totals = Totals(
        units=("11", "14", "15", "00"), enrolled=np.maximum.accumulate(table, axis=1), active=table,
        both=zero, mixed=zero,
        stayed=np.column_stack([zero[:, 0], np.minimum(table[:, 0], table[:, 1]) // 2]),
        orders=table * 20, contributions=table * 9000, claims=zero, confirmed=zero, paid=zero, claimants=zero,
        paid_first=zero, paid_second=zero,
        confirmed_people=zero, unconfirmed_people=zero, decided_people=zero,
        median_days=np.full(table.shape, np.nan), business_held=zero > 0, claims_held=zero > 0,
    )  # fmt: skip
    frame, empty = release(totals, np.ones_like(table, dtype=bool), audited=True)
    gaps = frame.melt(["province_code", "quarter"], list(MEASURES))
    listed = set(zip(empty["province_code"], empty["quarter"], empty["measure"], strict=True))
    assert ("14", "2022Q4", "persistence") in listed
    first = gaps["quarter"] == "2022Q3"  # no quarter before it: no persistence, by the rollout
    unlisted = gaps[gaps["value"].isna() & ~((gaps["variable"] == "persistence") & first)]
    assert {
        tuple(cell) for cell in unlisted[["province_code", "quarter", "variable"]].itertuples(index=False)
    } <= listed


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (1_000_000, 1_000, False),  # the second person knows the first one's payment to within 900
        (500_000, 460_000, False),  # 41,900 left, less than a tenth of the largest
        (500_000, 450_000, True),  # 51,900 left
        (100_000, 100_000, True),
    ],
)
def test_payments_of_which_one_person_has_nearly_all_are_withheld(first, second, shown):
    active = np.full((4, 2), 600)
    table = np.vstack([active, active.sum(axis=0)])
    zero, twenty = np.zeros_like(table), np.vstack([np.full((4, 2), 20), np.full((1, 2), 80)])
    paid = np.vstack([np.full((4, 2), 1_001_900), np.full((1, 2), 4_007_600)])
    most, next_most = np.full_like(paid, 90_000), np.full_like(paid, 80_000)
    most[1, 1], next_most[1, 1] = first, second
    totals = Totals(
        units=("11", "12", "13", "14", "00"), enrolled=table, active=table, both=zero, mixed=zero,
        stayed=np.column_stack([zero[:, 0], table[:, 0]]), orders=table * 20, contributions=table * 9000,
        claims=twenty * 2, confirmed=twenty, paid=paid, paid_first=most, paid_second=next_most,
        claimants=twenty * 2, confirmed_people=twenty, unconfirmed_people=twenty, decided_people=twenty * 2,
        median_days=np.full(table.shape, 20.0), business_held=zero > 0, claims_held=zero > 0,
    )  # fmt: skip
    frame, _empty = release(totals, np.ones_like(table, dtype=bool), audited=True)
    cells = frame.set_index(["province_code", "quarter"])["paid_yuan"]
    assert pd.notna(cells["12", "2022Q4"]) == shown
    # The rest of the row and of the column does not give it back.
    row, column = cells[:, "2022Q4"], cells["12", :]
    assert shown or (row.isna().sum() > 1 and column.isna().sum() > 1)
