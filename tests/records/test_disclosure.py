"""An attacker with linear programs against the published panel.

The attacker knows every published cell, the rules, k, which of the empty cells are small (though no
file tells it), how far provinces sum above the nation, and (where a province publishes anything) its total
over time.
The truth is drawn person by person, so that all identities between the measures hold.
"""

from __future__ import annotations

import datetime as dt
from functools import cache, cached_property

import numpy as np
import pytest

from analysis.records.calendar import Rollout
from analysis.records.disclosure import Release, decide
from analysis.records.measures import Totals
from tests.records.intervals import Statements

STARTS = [dt.date(2022, 7, 1), dt.date(2023, 1, 1), dt.date(2023, 7, 1)]
K = 10


def draw_totals(seed: int, provinces: int, quarters: int, people: int) -> tuple[Totals, np.ndarray]:
    """Count invented people one by one; the slow and obvious way."""
    rng = np.random.default_rng(seed)
    codes = [f"{11 + index}" for index in range(provinces)]
    plan = Rollout({code: STARTS[index % 3] for index, code in enumerate(codes)})
    opening = np.array([plan.quarter(code) - plan.first_quarter for code in codes] + [0])
    in_force = np.arange(quarters) >= opening[:, None]
    share = rng.lognormal(0, 1.5, provinces)
    shape = (people, provinces, quarters)
    home = rng.choice(provinces, people, p=share / share.sum())
    entry = rng.integers(0, quarters, people)
    active = np.zeros(shape, bool)
    active[np.arange(people), home] = rng.random((people, quarters)) < 0.8
    elsewhere = rng.random(shape) < 0.02
    active |= elsewhere
    active &= (np.arange(quarters) >= entry[:, None])[:, None, :] & in_force[:-1]
    anywhere = active.any(axis=1)
    with_nation = np.concatenate([active, anywhere[:, None, :]], axis=1)
    before = np.zeros_like(with_nation)
    before[:, :, 1:] = with_nation[:, :, :-1]
    both = active.sum(axis=1) > 1
    mixed = active & (rng.random(shape) < 0.15)
    count = rng.poisson(20, shape) * active + active
    claims = active * (rng.random(shape) < 0.08) * rng.integers(1, 3, shape)
    confirmed = rng.binomial(claims, 0.7)

    def nation(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values.sum(axis=0), values.sum(axis=(0, 1))[None]])

    def persons(values: np.ndarray) -> np.ndarray:
        return np.concatenate([(values > 0).sum(axis=0), (values.sum(axis=1) > 0).sum(axis=0)[None]])

    def largest(values: np.ndarray, place: int) -> np.ndarray:
        everybody = np.concatenate([values, values.sum(axis=1)[:, None, :]], axis=1)
        return np.sort(everybody, axis=0)[-place]

    total = Totals(
        units=(*codes, "00"),
        enrolled=np.maximum.accumulate(with_nation, axis=2).sum(axis=0),
        active=with_nation.sum(axis=0),
        both=np.concatenate([(active & both[:, None, :]).sum(axis=0), both.sum(axis=0)[None]]),
        mixed=persons(mixed),
        stayed=(with_nation & before).sum(axis=0),
        orders=nation(count),
        contributions=nation(count * 600),
        claims=nation(claims),
        confirmed=nation(confirmed),
        paid=nation(confirmed * 1_000_000),
        paid_first=largest(confirmed * 1_000_000, 1),
        paid_second=largest(confirmed * 1_000_000, 2),
        claimants=persons(claims),
        confirmed_people=persons(confirmed),
        unconfirmed_people=persons(claims - confirmed),
        decided_people=persons(claims),
        median_days=np.full((provinces + 1, quarters), 20.0),
        business_held=np.zeros((provinces + 1, quarters), bool),
        claims_held=np.zeros((provinces + 1, quarters), bool),
    )
    return total, in_force


class Attack:
    """Linear program over the hidden cells of one measure."""

    def __init__(self, values: np.ndarray, hidden: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        self.values, self.hidden = values.astype(float), hidden
        self.place = {cell: i for i, cell in enumerate(zip(*np.nonzero(hidden), strict=True))}
        self.bounds = [(lower[cell], upper[cell]) for cell in self.place]
        self.equal: list[tuple[np.ndarray, float]] = []
        self.below: list[tuple[np.ndarray, float]] = []

    def relate(self, terms: list[tuple[tuple[int, int], int]], total: float, *, equal: bool = True) -> None:
        row, right = np.zeros(len(self.place)), float(total)
        for cell, sign in terms:
            if cell in self.place:
                row[self.place[cell]] += sign
            else:
                right -= sign * self.values[cell]
        if row.any():
            (self.equal if equal else self.below).append((row, right))

    def rows(self) -> None:
        units, quarters = self.values.shape
        for t in range(quarters):
            excess = self.values[:-1, t].sum() - self.values[-1, t]
            self.relate([((u, t), 1) for u in range(units - 1)] + [((units - 1, t), -1)], excess)

    def columns(self, known: np.ndarray) -> None:
        for unit in np.flatnonzero(known):
            cells = [((int(unit), t), 1) for t in range(self.values.shape[1])]
            self.relate(cells, self.values[unit].sum())

    @cached_property
    def statements(self) -> Statements:
        rows = [(row, right, right) for row, right in self.equal]
        rows += [(row, -np.inf, right) for row, right in self.below]
        return Statements(
            self.bounds, [(dict(enumerate(row.tolist())), low, high) for row, low, high in rows]
        )

    def interval(self, cell: tuple[int, int]) -> tuple[float, float]:
        ends = self.statements.interval({self.place[cell]: 1})
        # An attack that rules the truth out rests on a false premise and proves nothing.
        assert ends[0] - 1e-6 <= self.values[cell] <= ends[1] + 1e-6, cell
        return ends


def attack_people(release: Release, in_force: np.ndarray, values: np.ndarray) -> list:
    """Intervals for the primary cells of a count, with the cell: rows, and totals over time."""
    lower = np.where(release.primary, 0, K).astype(float)
    upper = np.where(release.primary, K - 1, np.inf)
    lower[-1] = np.where((release.hidden | ~in_force).all(axis=0), 0, K)
    published = (in_force & ~release.hidden).any(axis=1)
    published[-1] = False  # the nation's total over time is the sum of a published row
    by_row = Attack(values, release.hidden, lower, upper)
    by_row.rows()
    jointly = Attack(values, release.hidden, lower, upper)
    jointly.rows()
    jointly.columns(published)
    return [
        ((u, t), *(jointly if published[u] else by_row).interval((u, t)))
        for u, t in zip(*np.nonzero(release.primary[:-1]), strict=True)
    ]


def attack_claims(totals: Totals, in_force: np.ndarray, release: Release) -> list:
    """Intervals for claims: few people may file many, so only the lower ends are known."""
    lower = np.where(release.primary, 0, K).astype(float)
    published = (in_force & ~release.hidden).any(axis=1)
    published[-1] = False
    result = []
    for known in (np.zeros_like(published), published):
        attack = Attack(totals.claims, release.hidden, lower, np.full(lower.shape, np.inf))
        attack.rows()
        attack.columns(known)
        cells = zip(*np.nonzero(release.primary[:-1]), strict=True)
        result += [((u, t), *attack.interval((u, t))) for u, t in cells if published[u] == known[u]]
    return result


def attack_enrolled(totals: Totals, in_force: np.ndarray, releases: dict[str, Release]) -> list:
    """Intervals for small steps of a cumulative count, with what activity tells about it."""
    hidden, primary = releases["enrolled"].hidden, releases["enrolled"].primary
    active, persistence = releases["active"].hidden, releases["persistence"].hidden
    values = totals.enrolled
    lower = np.where(active, 0, totals.active).astype(float)
    attack = Attack(values, hidden, lower, np.full(values.shape, np.inf))
    attack.rows()
    asked = []
    for u in range(len(values)):
        last: tuple[int, int] | None = None
        reasons_tell = True
        for t in np.flatnonzero(in_force[u]):
            here, before = (u, int(t)), (u, int(t) - 1)
            rule = [(here, 1)] + ([(last, -1)] if last else [])
            if u == len(values) - 1 and (hidden | ~in_force)[:, t].all():
                reasons_tell = False  # from here on: its own reason is withheld, and so its last value
            if not reasons_tell:
                pass
            elif primary[here]:
                attack.relate(rule, K - 1, equal=False)
                if u < len(values) - 1:
                    asked.append((here, int(values[last]) if last else 0))
            else:
                attack.relate([(cell, -sign) for cell, sign in rule], -K, equal=False)
                last = here
            first = t == 0 or not in_force[before]
            step = [(here, 1)] + ([] if first else [(before, -1)])
            attack.relate([(cell, -sign) for cell, sign in step], 0, equal=False)
            if not active[here]:
                shares_known = not first and not persistence[here] and not active[before]
                arrivals = totals.active[here] - (totals.stayed[here] if shares_known else 0)
                attack.relate(step, arrivals, equal=False)
                if first:
                    attack.relate(step, totals.active[here])
    return [(cell, base, *attack.interval(cell)) for cell, base in asked]


def attack_multi_province(totals: Totals, releases: dict[str, Release]) -> list:
    """Intervals for the small side of a share, if the attacker even knew which side is small."""
    release, shown = releases["multi_province_share"], ~releases["active"].hidden
    part, rest = totals.both, totals.active - totals.both
    base = np.where(shown, totals.active, np.inf)
    few = release.primary & (part < K)
    many = release.primary & ~few & shown
    lower = np.where(release.primary, np.where(many, totals.active - K + 1, 0), K).astype(float)
    upper = np.where(few, K - 1, np.where(release.primary, base, base - K))
    attack = Attack(part, release.hidden, np.minimum(lower, part), np.maximum(upper, part))
    attack.rows()
    cells = [(u, t) for u, t in zip(*np.nonzero(few[:-1] & (rest[:-1] >= K)), strict=True)]
    return [(cell, *attack.interval(cell)) for cell in cells if not release.primary[-1, cell[1]]]


CASES = [
    (seed, provinces, quarters, people)
    for seed in range(6)
    for provinces, quarters, people in ((4, 5, 150), (9, 7, 500), (20, 6, 1500))
]


@cache
def decided(seed: int, provinces: int, quarters: int, people: int):
    """A drawn country and what is withheld of it, for all tests."""
    totals, in_force = draw_totals(seed, provinces, quarters, people)
    return totals, in_force, decide(totals, in_force, K)


@pytest.mark.parametrize(("seed", "provinces", "quarters", "people"), CASES)
def test_a_small_count_of_active_people_could_be_anything_below_k(seed, provinces, quarters, people):
    totals, in_force, releases = decided(seed, provinces, quarters, people)
    for cell, low, high in attack_people(releases["active"], in_force, totals.active):
        assert (low, high) == pytest.approx((0, 9), abs=1e-6), cell


@pytest.mark.parametrize(("seed", "provinces", "quarters", "people"), CASES)
def test_a_small_number_of_newcomers_stays_open_but_for_one_person(seed, provinces, quarters, people):
    # One person, because in a tiny country those still active bound those who ever came.
    totals, in_force, releases = decided(seed, provinces, quarters, people)
    for cell, base, low, high in attack_enrolled(totals, in_force, releases):
        assert high - low >= 8 - 1e-6, (cell, base, low, high)


@pytest.mark.parametrize(("seed", "provinces", "quarters", "people"), CASES)
def test_a_small_side_of_a_share_could_be_anything_below_k(seed, provinces, quarters, people):
    totals, _in_force, releases = decided(seed, provinces, quarters, people)
    for cell, low, high in attack_multi_province(totals, releases):
        assert (low, high) == pytest.approx((0, 9), abs=1e-6), cell


@pytest.mark.parametrize(("seed", "provinces", "quarters", "people"), CASES)
def test_claims_of_few_people_stay_open_to_twice_their_number(seed, provinces, quarters, people):
    totals, in_force, releases = decided(seed, provinces, quarters, people)
    for cell, low, high in attack_claims(totals, in_force, releases["claims"]):
        assert low <= 1e-6 and high >= max(9, 2 * totals.claims[cell]) - 1e-6, (cell, low, high)
