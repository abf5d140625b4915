"""Averages of replicates of synthetic difference-in-differences, and their spreads.

A jackknife has a replicate for each unit: they are averaged a few at a time and only their spread is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .synthetic_block import Block, Solution, without_donors, without_treated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from .cell_weights import Cells

AT_ONCE = 40_000  # weighted effects laid out at once, of which a few copies are made


def combine(listed: Cells, effects: Array, sizes: Array) -> Array:
    """(R, K) averages of R replicates' cells, weighted by the treated units they rest on.

    Parameters
    ----------
    listed
        Cells of K averages.
    effects, sizes
        (R, C, T) effects, not a number where there is none, and (R, C) treated units behind them.

    Returns
    -------
    (R, K) array, not a number where no cell of an average has an effect.
    """
    found = np.empty((len(effects), len(listed.first)))
    for part in _parts(len(effects), len(listed.cell)):
        own = effects[part]
        mass = np.where(np.isnan(own), 0.0, sizes[part, :, None])
        total = np.nan_to_num(own) * mass
        found[part] = _ratio(*(listed.sums(numbers.reshape(len(own), -1)) for numbers in (total, mass)))
    return found


def cohorts_behind(listed: Cells, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """(K, C) which of C cohorts over T periods enter each average; ``shape`` is (C, T)."""
    used = np.zeros((len(listed.first), shape[0]), dtype=bool)
    used[listed.row, listed.cell // shape[1]] = True
    return used


class Spread:
    """Sums of squared deviations from the mean of K averages over replicates that come in parts."""

    def __init__(self, averages: int) -> None:
        self.count, self.mean, self.squares = (np.zeros(averages) for _ in range(3))

    def add(self, values: Array, pick: NDArray[np.int64] | slice = slice(None)) -> None:
        """Take in replicates (n, M) of the averages at positions ``pick``."""
        number, mean = len(values), values.mean(axis=0)
        before, apart = self.count[pick], mean - self.mean[pick]
        both = before + number
        self.squares[pick] += ((values - mean) ** 2).sum(axis=0) + apart**2 * before * number / both
        self.mean[pick] += apart * number / both
        self.count[pick] = both


def jackknife(blocks: Sequence[Block], found: Sequence[Solution], listed: Cells) -> Array:
    """(K,) errors of averages, each unit that enters one left out in turn and the weights held fixed.

    Not a number where leaving out a unit leaves nothing to average.
    """
    shape = len(blocks), blocks[0].donors.shape[1]
    counts = np.array([float(len(block.treated)) for block in blocks])
    spread = Spread(len(listed.first))
    weighted = [solution.omega[0] @ block.donors for block, solution in zip(blocks, found, strict=True)]
    every = list(zip(blocks, found, weighted, strict=True))
    for part in _parts(len(blocks[0].donors), max(len(listed.cell), shape[0] * shape[1])):
        paths = [without_donors(*own, part) for own in every]
        effects = np.full((len(paths[0]), *shape), np.nan)
        for c, (block, path) in enumerate(zip(blocks, paths, strict=True)):
            effects[:, c, block.after :] = path
        spread.add(combine(listed, effects, np.tile(counts, (len(effects), 1))))
    full = np.zeros(shape)
    for c, (block, solution) in enumerate(zip(blocks, found, strict=True)):
        full[c, block.after :] = solution.path[0]
    cohort, period = np.divmod(listed.cell, shape[1])
    mass = listed.weight * counts[cohort]
    for c, (block, solution, mean) in enumerate(every):
        own = cohort == c
        pick, first = np.unique(listed.row[own], return_index=True)  # averages that the cohort enters
        rest = [
            np.bincount(listed.row[~own], numbers[~own], minlength=len(listed.first))[pick]
            for numbers in (mass * full[cohort, period], mass)
        ]
        weight, column = listed.weight[own], period[own] - block.after
        for part in _parts(len(block.treated), len(weight)):
            effects = without_treated(block, solution, mean, part)[:, column]
            less = np.where(np.isnan(effects), 0.0, weight * (counts[c] - 1))
            total = np.nan_to_num(effects) * less
            left = (np.add.reduceat(numbers, first, axis=1) for numbers in (total, less))
            spread.add(_ratio(*(a + b for a, b in zip(rest, left, strict=True))), pick)
    return np.sqrt((spread.count - 1) / spread.count * spread.squares)


def _ratio(total: Array, mass: Array) -> Array:
    return np.divide(total, mass, out=np.full_like(total, np.nan), where=mass > 0)


def _parts(rows: int, width: int) -> list[slice]:
    """Slices of rows that hold `AT_ONCE` numbers of that width."""
    step = max(1, AT_ONCE // max(width, 1))
    return [slice(first, first + step) for first in range(0, rows, step)]
