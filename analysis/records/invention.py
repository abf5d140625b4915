"""Who invented workers are: where and when they are active. The truth of synthetic records.

Each worker has a home province, an entry quarter after its start, maybe a second province and a
second platform. A cell is one worker in one province and quarter. Orders and claims hang on
cells, so every measure of the panel follows from the cells without looking at an order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from analysis.records.calendar import Rollout

STAY = 0.8  # chance that an enrolled person is active in a later quarter
SECOND_PROVINCE = 0.06  # share of people who also know a second province
CROSS = 0.5  # chance that such a person, when active, works in both
SECOND_PLATFORM = 0.2
MIX = 0.6  # chance that an active person with two platforms uses both
BLOCK = 250_000  # people drawn at a time


@dataclass(frozen=True)
class Cells:
    """Workers active in one quarter, one row per worker and province; arrays of equal length."""

    worker: NDArray[np.int64]
    province: NDArray[np.int16]  # position in the rollout's order
    platform: NDArray[np.int16]
    second: NDArray[np.int16]  # second platform used in the cell, or -1
    fresh: NDArray[np.bool_]  # first quarter of this worker in this province
    stayed: NDArray[np.bool_]  # active in this province one quarter before
    both: NDArray[np.bool_]  # active in two provinces this quarter
    home: NDArray[np.bool_]


def draw_cells(
    rollout: Rollout, quarters: int, workers: int, platforms: int, stay: float, rng: np.random.Generator
) -> list[Cells]:
    """Draw the cells of every quarter; quarter 0 is the one in which the first province starts.

    Raises
    ------
    InputError
        There is no worker.
    """
    if workers < 1:
        raise InputError("there must be at least one worker", value=workers)
    codes = list(rollout.starts)
    opening = np.array([rollout.quarter(code) - rollout.first_quarter for code in codes])
    size = rng.lognormal(0.0, 0.8, len(codes))
    parts: list[list[Cells]] = [[] for _ in range(quarters)]
    for first in range(0, workers, BLOCK):
        index = np.arange(first, min(first + BLOCK, workers), dtype=np.int64)
        for quarter, cells in _block(index, opening, size / size.sum(), quarters, platforms, stay, rng):
            parts[quarter].append(cells)
    return [_join(part) for part in parts]


def _block(
    index: NDArray[np.int64],
    opening: NDArray[np.int64],
    size: NDArray[np.float64],
    quarters: int,
    platforms: int,
    stay: float,
    rng: np.random.Generator,
) -> Iterator[tuple[int, Cells]]:
    count = len(index)
    home = rng.choice(len(size), count, p=size).astype(np.int16)
    other = rng.choice(len(size), count, p=size).astype(np.int16)
    mover = (rng.random(count) < SECOND_PROVINCE) & (other != home)
    platform = rng.integers(0, platforms, count).astype(np.int16)
    second = ((platform + rng.integers(1, platforms, count)) % platforms).astype(np.int16)
    mixer = rng.random(count) < SECOND_PLATFORM
    # Entry thins out with time since the start: half of those who could still come do by mid-way.
    span = quarters - opening[home]
    entry = opening[home] + np.floor(span * rng.random(count) ** 1.5).astype(np.int64)
    times = np.arange(quarters)
    at_home = (times >= entry[:, None]) & (rng.random((count, quarters), dtype=np.float32) < stay)
    at_home[np.arange(count), entry] = True
    away = at_home & mover[:, None] & (times >= opening[other][:, None])
    away &= rng.random((count, quarters), dtype=np.float32) < CROSS
    for quarter in range(quarters):
        for here, elsewhere, province, is_home in (
            (at_home, away, home, True),
            (away, at_home, other, False),
        ):
            who = np.flatnonzero(here[:, quarter])
            mixed = mixer[who] & (rng.random(len(who)) < MIX)
            yield (
                quarter,
                Cells(
                    worker=index[who],
                    province=province[who],
                    platform=platform[who],
                    second=np.where(mixed, second[who], -1).astype(np.int16),
                    fresh=np.logical_not(here[who, :quarter].any(axis=1)),
                    stayed=here[who, quarter - 1] if quarter else np.zeros(len(who), bool),
                    both=elsewhere[who, quarter],
                    home=np.full(len(who), is_home),
                ),
            )


def _join(parts: list[Cells]) -> Cells:
    names = Cells.__dataclass_fields__
    return Cells(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
