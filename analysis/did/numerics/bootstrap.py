"""Clustered multiplier bootstrap and simultaneous bands (Callaway and Sant'Anna 2021, algorithm 1).

Each draw multiplies the influence of every cluster by an independent weight of mean 0 and variance 1.
The variance over infinitely many draws equals the analytic one, so errors stay analytic and the
draws serve for the critical value of the largest |t|, which no formula gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..options import Options
    from .influence import Influence

CHUNK = 20_000_000  # multipliers held at once
GOLDEN = (1 + 5**0.5) / 2
# (256, 8) a sign for each bit of a byte.
SIGNS = 2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64) - 1


def multipliers(rng: np.random.Generator, draws: int, clusters: int, kind: str) -> NDArray[np.float64]:
    """(draws, clusters) weights: Rademacher (-1, 1) or Mammen's two points with third moment 1."""
    if kind == "rademacher":
        packed = rng.integers(0, 256, size=(draws, -(-clusters // 8)), dtype=np.uint8)
        return SIGNS.take(packed, axis=0).reshape(draws, -1)[:, :clusters]
    low = rng.random((draws, clusters)) < GOLDEN / 5**0.5
    return np.where(low, 1 - GOLDEN, GOLDEN)


def bootstrap_deviations(influence: Influence, options: Options) -> NDArray[np.float64]:
    """(P, draws) deviations of bootstrap estimates from the estimates."""
    rng = np.random.default_rng(options.seed)
    size = max(1, CHUNK // influence.n_clusters)
    parts = []
    for start in range(0, options.draws, size):
        count = min(size, options.draws - start)
        parts.append(influence.multiply(multipliers(rng, count, influence.n_clusters, options.multiplier)))
    return parts[0] if len(parts) == 1 else np.hstack(parts)


def critical_values(
    deviations: NDArray[np.float64], errors: NDArray[np.float64], families: Sequence[slice], level: float
) -> list[float]:
    """For each family of estimates, the quantile of the largest |t|; NaN where no member has an error.

    Notes
    -----
    The quantile is the smallest number that at least the share ``level`` of the draws does not exceed
    (`numpy.quantile` calls it ``inverted_cdf``). Draws are columns, so that rows are long: their largest
    numbers are found sooner. The deviations are written over, which saves time: no family shares any.
    """
    usable = errors > 0
    scale = np.where(usable, 1 / np.where(usable, errors, 1.0), 0.0)
    place = max(int(np.ceil(level * deviations.shape[1] - 1)), 0)
    found = []
    for family in families:
        if not usable[family].any():
            found.append(float("nan"))
            continue
        ratio = deviations[family]
        np.abs(ratio, out=ratio)
        ratio *= scale[family, None]
        largest = ratio.max(axis=0)
        largest.partition(place)
        found.append(float(largest[place]))
    return found
