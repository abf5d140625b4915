"""Labelled examples: invented workers and an invented scheme, to show how the rules behave.

Nothing here is data. Every exhibit made from it carries the evidence class ``simulated``, and a user
replaces it with incomes and rates of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.config import SEED
from analysis.policy.sharing import Fen, Scheme, Tier
from analysis.policy.subsidy import ENTITLED, WINDOWS, entitlement

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ExampleWorkers:
    """Independent log-normal monthly incomes with one mean and one spread, orders at a fixed pay."""

    workers: int = 20_000  # shares of months then vary by under half a point between seeds
    months: int = 12
    mean_yuan: float = 6_000  # round, near the incomes at which three tiers matter
    spread: float = 0.5  # standard deviation over mean
    fen_per_order: int = 750  # round; turns income into orders


# The total is the contribution rate of the published pension subsidy, the platform's part its half; how
# the rest is split is invented. The minimum wage stands for no province.
EXAMPLE_SCHEME = Scheme(
    total=2000,
    platform=1000,
    tiers=(Tier(0, 200, 800), Tier(300_000, 500, 500), Tier(600_000, 800, 200)),
    minimum_wage_fen=200_000,
    subsidy=5000,
)
EXAMPLE_BENEFIT_FEN_PER_ORDER = (
    140  # slightly under the contribution per order, so that the fund is near zero
)
EXAMPLE_ADMINISTRATION = 300

# A rider of the question "what does 0.25 instead of 0.07 yuan mean": 40 orders on each of 26 days.
EXAMPLE_ORDERS, EXAMPLE_DAYS = 40, 26
EXAMPLE_PLATFORM_ORDERS, EXAMPLE_PLATFORM_DAYS = 1_000_000, 30

SPREADS = tuple(round(0.1 * step, 1) for step in range(11))
MEANS_OVER_FLOOR = (0.9, 1.0, 1.2, 1.5)
PATH_MONTHS, PATH_WORKERS = 24, 20_000


def example_incomes(example: ExampleWorkers, seed: int = SEED) -> tuple[Fen, Fen]:
    """Incomes in fen and orders, each (workers, months)."""
    incomes = log_normal(example.mean_yuan * 100, example.spread, (example.workers, example.months), seed)
    return incomes, incomes // example.fen_per_order


def log_normal(mean: float, spread: float, shape: tuple[int, int], seed: int) -> Fen:
    """Independent log-normal draws with the given mean and spread (standard deviation over mean)."""
    variance = np.log1p(spread**2)
    logs = np.sqrt(variance) * normal(shape, seed) - variance / 2
    found: Fen = np.rint(mean * np.exp(logs)).astype(np.int64)
    return found


@lru_cache(maxsize=1)  # asked for again with every mean and spread
def normal(shape: tuple[int, int], seed: int) -> NDArray[np.float64]:
    """Standard normal draws, to be read only."""
    draws = np.random.default_rng(seed).standard_normal(shape)
    draws.flags.writeable = False
    return draws


def entitlement_by_spread(floor_fen: int, seed: int = SEED) -> pd.DataFrame:
    """Share of months entitled, as incomes become less stable around the same mean.

    Returns
    -------
    DataFrame
        ``mean_over_floor, spread, window, share`` of months from the seventh on, when the window is full;
        ``reached``: share of months with income at or above the floor.
    """
    rows = []
    for mean in MEANS_OVER_FLOOR:
        for spread in SPREADS:
            incomes = log_normal(mean * floor_fen, spread, (PATH_WORKERS, PATH_MONTHS), seed)
            reached = float((incomes[:, 6:] >= floor_fen).mean())
            for window in WINDOWS:
                status = entitlement(incomes, floor_fen, window=window)[:, 6:]  # type: ignore[arg-type]
                share = float((status == ENTITLED).mean())
                row = {"mean_over_floor": mean, "spread": spread, "window": window}
                rows.append(row | {"share": share, "reached": reached})
    return pd.DataFrame(rows)
