"""Which reassignments of treatment are admissible: anywhere, or within strata.

If treated units were chosen among rich ones, comparing them with any 7 of 31 is comparing with
assignments that could not have happened. A stratum fixes how many of its units start when; only units
of one stratum trade places.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, combinations
from math import comb, prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..numerics.batch import Plan
    from ..numerics.types import Array
    from ..panel.panel import Panel

Labels = NDArray[np.int64]
ENUMERATED = 200_000  # assignments listed at most; beyond, they are drawn


def bands(values: Array, count: int) -> Labels:
    """(N,) band 0..count-1 of each unit by rank of its value, as equal in size as N allows.

    Raises
    ------
    InputError
        A value is missing, or there are more bands than units.
    """
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise InputError("a unit has no value to be ranked by")
    if not 1 <= count <= len(values):
        raise InputError(f"{count} bands of {len(values)} units", expected=f"1 to {len(values)}")
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray(rank * count // len(values))


def level_bands(panel: Panel, count: int) -> Labels:
    """(N,) bands by mean outcome before any start: units matched on the past, whoever was treated.

    Pairing each treated unit with its nearest untreated ones would not do. Had another unit of the pair
    been treated, the pairs would be others, so that the assignments compared would not be those that
    a lottery within fixed sets gives, and the test would not keep its size.

    Raises
    ------
    InputError
        No unit is ever treated, a unit has no outcome before the first start, or there are more bands
        than units.
    """
    if not panel.cohorts:
        raise InputError("no unit is ever treated: there is no time before the first start")
    before = panel.outcome[:, : panel.cohorts[0]]
    seen = np.isfinite(before)
    total = np.where(seen, before, 0.0).sum(axis=1)
    return bands(np.where(seen.any(axis=1), total, np.nan) / np.maximum(seen.sum(axis=1), 1), count)


def count_assignments(sizes: Sequence[int]) -> int:
    """Number of ways to assign units to groups of these sizes."""
    total, ways = 0, 1
    for size in sizes:
        total += int(size)
        ways *= comb(total, int(size))
    return ways


def count_admissible(member: Labels, strata: Labels) -> int:
    """Number of assignments that keep, in each stratum, how many units are in each group."""
    return prod(count_assignments(np.bincount(member[strata == s]).tolist()) for s in np.unique(strata))


def check_enough(admissible: int, level: float) -> None:
    """Refuse a scheme under which no outcome could be significant.

    Raises
    ------
    InputError
        The smallest possible p-value, one over the number of assignments, exceeds 1 - level.
    """
    if admissible * (1 - level) < 1 - 1e-9:
        raise InputError(
            f"only {admissible} admissible assignments: "
            f"the smallest possible p-value is {1 / admissible:.3g}",
            expected=f"at least {int(np.ceil(1 / (1 - level) - 1e-9))} for a test at {1 - level:.3g}",
            action="use wider strata or more partners",
        )


def list_assignments(member: Labels, strata: Labels, draws: int, seed: int) -> tuple[Labels, bool]:
    """(B, N) admissible groups of the units, and whether these are all.

    All of them, the actual one among them, where at most `ENUMERATED`; else drawn with equal
    probability from a seeded generator.
    """
    if count_admissible(member, strata) <= ENUMERATED:
        found = member[None].copy()
        for units in _units_of(strata):
            ways = _arrangements(member[units])
            found = np.repeat(found, len(ways), axis=0)
            found[:, units] = np.tile(ways, (len(found) // len(ways), 1))
        return found, True
    return member[_orders(_written(strata), draws, seed)], False


def drawn_sums(scores: Array, member: Labels, strata: Labels, draws: int, seed: int) -> Array:
    """(S, draws) sums of (S, H, N) scores under the assignments that `list_assignments` draws.

    All units count as if they were in the largest group first; then what each of the others changes
    is added, at the place where a draw puts it.
    """
    common = int(np.bincount(member).argmax())
    places = _places(_written(strata), draws, seed)
    changes = np.ascontiguousarray(np.moveaxis(scores - scores[:, common, None], 0, 2))  # (H, N, S)
    found = np.full((draws, len(scores)), scores[:, common].sum(axis=1))
    for unit in np.flatnonzero(member != common):
        found += np.take(changes[member[unit]], places[unit], axis=0)
    return np.ascontiguousarray(found.T)


def _units_of(strata: Labels) -> list[NDArray[np.int64]]:
    """Positions of the units of each stratum."""
    return [np.flatnonzero(strata == s) for s in np.unique(strata)]


def _written(strata: Labels) -> tuple[bytes, ...]:
    """The same as a key of what is kept."""
    return tuple(units.tobytes() for units in _units_of(strata))


@lru_cache(maxsize=2)
def _places(groups: tuple[bytes, ...], draws: int, seed: int) -> NDArray[np.int32]:
    """(N, draws) where each order of `_orders` puts each unit."""
    orders = _orders(groups, draws, seed)
    found = np.empty(orders.shape[::-1], dtype=np.int32)
    np.put_along_axis(found, orders.T, np.arange(len(found), dtype=np.int32)[:, None], axis=0)
    found.flags.writeable = False
    return found


@lru_cache(maxsize=2)
def _orders(groups: tuple[bytes, ...], draws: int, seed: int) -> NDArray[np.int32]:
    """(draws, N) orders of N units, mixed within groups of positions: the same for every panel so grouped."""
    places = [np.frombuffer(group, dtype=np.int64) for group in groups]
    found = np.tile(np.arange(sum(map(len, places)), dtype=np.int32), (draws, 1))
    rng = np.random.default_rng(seed)
    for units in places:
        found[:, units] = rng.permuted(found[:, units], axis=1)
    found.flags.writeable = False
    return found


def members_of(admissible: Labels, plan: Plan, actual: Labels) -> Labels:
    """(A, N) groups of a list of assignments given as first treated positions.

    Parameters
    ----------
    admissible
        (A, N).
    plan
        Its groups and their sizes; every assignment must have as many units in each.
    actual
        (N,) first treated positions as they were.

    Raises
    ------
    InputError
        The list has another shape, an assignment with other group sizes, or lacks the actual one.
    """
    listed = np.asarray(admissible)
    if listed.ndim != 2 or listed.shape[1] != len(actual):
        raise InputError(
            f"the list of assignments has shape {listed.shape}",
            expected=f"(assignments, {len(actual)} units)",
        )
    counts = np.stack([(listed == start).sum(axis=1) for start in plan.starts], axis=1)
    wrong = np.flatnonzero((counts != plan.sizes).any(axis=1))
    if wrong.size:
        raise InputError(
            f"assignment {int(wrong[0]) + 1} of the list starts {counts[wrong[0]].tolist()} units by cohort",
            expected=f"{plan.sizes.tolist()}, as many as really started",
        )
    if not (listed == actual).all(axis=1).any():
        raise InputError(
            f"the actual assignment is not among the {len(listed)} listed",
            action="add it, or check the order of the units: it must be that of the panel",
        )
    return np.asarray(np.searchsorted(plan.starts, listed))


def _arrangements(labels: Labels) -> Labels:
    """(W, n) all distinct orders of a list of labels."""
    values, counts = np.unique(labels, return_counts=True)
    if len(values) == 1:
        return labels[None]
    rest = _arrangements(np.repeat(values[1:], counts[1:]))
    ways, number, chosen = comb(len(labels), int(counts[0])), len(labels), int(counts[0])
    places = np.fromiter(chain.from_iterable(combinations(range(number), chosen)), np.int64, ways * chosen)
    others = np.ones((ways, number), dtype=bool)
    others[np.arange(ways)[:, None], places.reshape(ways, chosen)] = False
    where = np.nonzero(others)[1].reshape(ways, 1, number - chosen)
    found = np.full((ways, len(rest), number), values[0])
    found[np.arange(ways)[:, None, None], np.arange(len(rest))[:, None], where] = rest
    return found.reshape(-1, number)
