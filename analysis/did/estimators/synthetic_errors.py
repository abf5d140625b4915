"""Replicates of staggered synthetic difference-in-differences that find weights anew: placebo, bootstrap.

Each function returns effects by replicate, cohort and period, and how many treated units stand
behind them, so that every reported average has an error of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .synthetic_block import Block, solve_batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..numerics.types import Array


BATCH = 10_000_000  # numbers in one batch of replicates: bounds memory


@dataclass(frozen=True)
class Replicates:
    """Effects of R replicates.

    Parameters
    ----------
    effects
        (R, C, T); not a number where there is none.
    sizes
        (R, C) treated units behind them.
    """

    effects: Array
    sizes: Array


def _empty(blocks: Sequence[Block], replicates: int) -> Replicates:
    periods = blocks[0].donors.shape[1]
    sizes = np.tile([float(len(block.treated)) for block in blocks], (replicates, 1))
    return Replicates(np.full((replicates, len(blocks), periods), np.nan), sizes)


def placebo(blocks: Sequence[Block], draws: int, seed: int, *, jointly: bool) -> Replicates:
    """Effects on donors that were given the cohorts' starts although nobody treated them.

    Parameters
    ----------
    blocks
        Cohorts against the same donors.
    draws, seed
        Number of draws and seed.
    jointly
        Give all cohorts' starts to disjoint sets of donors and compare with the donors left, so
        that errors of different cohorts are related as in the data. Else each cohort by itself,
        against all other donors.
    """
    result = _empty(blocks, draws)
    number, periods = blocks[0].donors.shape
    # Donors in an order that depends on their outcomes only: relabelling units changes nothing.
    order = np.lexsort(blocks[0].donors.T[::-1])
    total = sum(len(block.treated) for block in blocks)
    rng = np.random.default_rng(seed)
    if jointly:
        drawn = order[rng.permuted(np.tile(np.arange(number), (draws, 1)), axis=1)]
    first = 0
    for c, block in enumerate(blocks):
        count = len(block.treated)
        if jointly:
            chosen, rest = drawn[:, first : first + count], drawn[:, total:]
            first += count
        else:
            own = order[rng.permuted(np.tile(np.arange(number), (draws, 1)), axis=1)]
            chosen, rest = own[:, :count], own[:, count:]
        step = max(1, BATCH // (rest.shape[1] * periods))
        for start in range(0, draws, step):
            part = slice(start, start + step)
            present = np.ones(rest[part].shape, dtype=bool)
            solved = solve_batch(
                block,
                block.donors[rest[part]],
                present,
                block.donors[chosen[part]].mean(axis=1),
            )
            result.effects[part, c, block.after :] = solved.path
    return result


def bootstrap(blocks: Sequence[Block], draws: int, seed: int) -> Replicates:
    """Effects on units drawn with replacement, weights found anew.

    Draws without a donor are repeated; a cohort that is not drawn has no effect in that replicate.
    """
    result = _empty(blocks, draws)
    number, periods = blocks[0].donors.shape
    counts = np.array([number, *(len(block.treated) for block in blocks)])
    owner = np.repeat(np.arange(len(counts)), counts)
    inside = np.concatenate([np.arange(count) for count in counts])
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(owner), size=(draws, len(owner)))
    while (lonely := ~(owner[drawn] == 0).any(axis=1) | ~(owner[drawn] > 0).any(axis=1)).any():
        drawn[lonely] = rng.integers(len(owner), size=(int(lonely.sum()), len(owner)))
    donors, present = _packed(inside[drawn], owner[drawn] == 0)
    for c, block in enumerate(blocks):
        units, member = _packed(inside[drawn], owner[drawn] == c + 1)
        result.sizes[:, c] = member.sum(axis=1)
        live = np.flatnonzero(member.any(axis=1))
        step = max(1, BATCH // (donors.shape[1] * periods))
        for start in range(0, len(live), step):
            part = live[start : start + step]
            weight = member[part] / member[part].sum(axis=1, keepdims=True)
            solved = solve_batch(
                block,
                block.donors[donors[part]],
                present[part],
                np.einsum("bn,bnt->bt", weight, block.treated[units[part]]),
            )
            result.effects[part, c, block.after :] = solved.path
    return result


def _packed(
    inside: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Move the chosen entries of each row to its front; say which columns are filled."""
    width = int(chosen.sum(axis=1).max())
    front = np.argsort(~chosen, axis=1, kind="stable")[:, :width]
    filled = np.take_along_axis(chosen, front, axis=1)
    return np.where(filled, np.take_along_axis(inside, front, axis=1), 0), filled
