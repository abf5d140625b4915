"""How many assignments of starting dates have a statistic as large as the one seen: all, drawn or listed.

With one cohort an estimate is a sum over the treated units, so the units are split in two halves and
every sum over one half meets every sum over the other.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

CHUNK = 4096  # drawn assignments held at once
ROUNDING = 1e-13  # of squared scores, what may be lost in squares about the means of groups
NOTHING = 1e-12  # of the scores' size, an estimate that is rounding
ENOUGH = 1e-5  # of squared scores, a variance whose rounding decides no comparison
BLOCK = 32_768  # listed assignments compared at once: they then stay in the processor's cache

Vector = NDArray[np.float64]


def statistics(scores: Vector, members: NDArray[np.int64], studentised: bool) -> Vector:
    """(B, Q) statistics of (B, N) assignments.

    A studentised one without variance is infinite, and zero if there is no effect either.
    """
    estimate, squares, variance = _sums(scores, members, studentised)
    if not studentised:
        return estimate
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = estimate / np.sqrt(np.where(variance > ROUNDING * squares, variance, 0.0))
    return np.where((variance > ROUNDING * squares) | ~_none(estimate, squares), ratio, 0.0)


def _sums(scores: Vector, members: NDArray[np.int64], studentised: bool) -> tuple[Vector, Vector, Vector]:
    """(B, Q) estimates, sums of squared scores, and of squares about the means of groups."""
    estimate = np.zeros((len(members), len(scores)))
    squares, variance = np.zeros_like(estimate), np.zeros_like(estimate)
    members = members.astype(np.min_scalar_type(scores.shape[1]))  # short numbers are compared sooner
    for group in range(scores.shape[1]):
        inside = (members == group).astype(float)
        own = scores[:, group].T
        total = inside @ own
        estimate += total
        if studentised:
            square = inside @ own**2
            squares += square
            variance += square - total**2 / inside.sum(axis=1, keepdims=True)
    return estimate, squares, variance


def _none(estimate: Vector, squares: Vector) -> NDArray[np.bool_]:
    """Whether estimates are what rounding leaves of nothing."""
    return np.asarray(np.abs(estimate) <= NOTHING * np.sqrt(squares))


def _reaches(estimate: Vector, squares: Vector, variance: Vector, bound: Vector) -> NDArray[np.bool_]:
    """Whether studentised estimates are at least ``bound``, whatever rounding did to their variance.

    The assignment seen is one of those compared. Summed in another order it has another rounding, and it has
    to reach itself.
    """
    if (bound <= 0).all():
        return np.ones(estimate.shape, dtype=bool)
    least = variance - ROUNDING * squares
    with np.errstate(invalid="ignore"):  # an infinite bound on no variance
        finite = estimate**2 >= np.where(np.isfinite(bound), bound, 0.0) ** 2 * least
    infinite = least <= ROUNDING * squares
    lost = _none(estimate, squares) & (least <= 0)
    return (np.where(np.isfinite(bound), finite, infinite) & ~lost) | (bound <= 0)


def count_drawn(
    scores: Vector, member: NDArray[np.int64], bound: Vector, studentised: bool, draws: int, seed: int
) -> Vector:
    """(Q,) number of drawn assignments with a statistic of at least ``bound``."""
    rng = np.random.default_rng(seed)
    exceed = np.zeros(len(scores))
    for start in range(0, draws, CHUNK):
        count = min(CHUNK, draws - start)
        members = rng.permuted(np.broadcast_to(member, (count, len(member))), axis=1)
        exceed += count_listed(scores, members, bound, studentised)
    return exceed


def count_listed(scores: Vector, members: NDArray[np.int64], bound: Vector, studentised: bool) -> Vector:
    """(Q,) number of (B, N) assignments with a statistic of at least ``bound``."""
    exceed = np.zeros(len(scores))
    for start in range(0, len(members), CHUNK):
        sums = _sums(scores, members[start : start + CHUNK], studentised)
        exceed += (_reaches(*sums, bound) if studentised else np.abs(sums[0]) >= bound).sum(axis=0)
    return exceed


def count_all(scores: Vector, sizes: NDArray[np.int64], bound: Vector, studentised: bool) -> Vector:
    """(Q,) number of all two-group assignments with a statistic of at least ``bound``."""
    small = int(np.argmin(sizes))
    chosen, others = scores[:, small], scores[:, 1 - small]
    units, size = scores.shape[2], int(sizes[small])
    parts = [chosen - others]
    if studentised:
        parts += [chosen, chosen**2 - others**2]
    values = np.stack(parts)  # (S, Q, N): sums over the chosen units are all that is needed
    middle = units // 2
    left, right = subset_sums(values[..., :middle], size), subset_sums(values[..., middle:], size)
    constant = np.zeros(values.shape[:2])  # what the units that are not chosen add
    constant[0] = others.sum(axis=1)
    if studentised:
        constant[2] = (others**2).sum(axis=1)
    exceed = np.zeros(len(scores))
    for q in range(len(scores)):
        for k in range(max(0, size - (units - middle)), min(size, middle) + 1):
            first, second = left[k][:, q] + constant[:, q, None], right[size - k][:, q]
            if not studentised:
                exceed[q] += _count_pairs(first[0], second[0], bound[q])
                continue
            step = max(1, BLOCK // second.shape[1])
            for start in range(0, first.shape[1], step):
                sums = first[:, start : start + step, None] + second[:, None, :]
                exceed[q] += _count_studentised(sums, size, units - size, bound[q])
    return exceed


def _count_pairs(first: Vector, second: Vector, bound: float) -> int:
    """Number of pairs of a number in each list whose sum is ``bound`` or more in size.

    In sorted lists the partners that reach it stand at both ends: nothing is added up pair by pair.
    """
    if bound <= 0:
        return len(first) * len(second)
    first, second = np.sort(first), np.sort(second)
    below = np.searchsorted(second, bound - first, side="left")
    beyond = np.searchsorted(second, -bound - first, side="right")
    return len(first) * len(second) - int((below - beyond).sum())


def _count_studentised(sums: Vector, size: int, rest: int, bound: float) -> int:
    """Number of assignments with a studentised estimate of at least ``bound``.

    Parameters
    ----------
    sums
        (3, ...) estimates, what the chosen units add to them, and squares summed over both groups.
    size, rest
        Units chosen and not chosen.
    """
    estimate, own, variance = sums
    most = float(variance.max())
    other = estimate - own
    np.square(own, out=own)
    own /= size
    variance -= own
    np.square(other, out=other)
    other /= rest
    variance -= other
    if bound == np.inf or float(variance.min()) <= ENOUGH * most:
        squares = variance + own + other
        return int(np.count_nonzero(_reaches(estimate, squares, variance, np.asarray(bound))))
    np.square(estimate, out=estimate)
    variance *= max(bound, 0.0) ** 2
    return int(np.count_nonzero(estimate >= variance))


def subset_sums(values: Vector, most: int) -> list[Vector]:
    """For k = 0..most, (S, Q, C(n, k)) sums of ``values`` (S, Q, n) over all subsets of k columns."""
    count = values.shape[-1]
    found = [np.zeros((*values.shape[:2], 1))]
    for k in range(1, min(most, count) + 1):
        first, *others = _subsets(count, k)
        total = values.take(first, axis=-1)
        for place in others:
            total += values.take(place, axis=-1)
        found.append(total)
    return found


@lru_cache(maxsize=64)  # the same units are halved for every estimate
def _subsets(count: int, size: int) -> NDArray[np.int64]:
    """(size, C(count, size)) members of all subsets."""
    return np.array(list(combinations(range(count), size))).T
