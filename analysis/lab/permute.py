"""Reassigning treatment among provinces, for all panels of a block at once.

Anywhere, every panel meets the same drawn assignments: one matrix product. Within strata a panel keeps
how many provinces of each stratum it treats, so what is drawn is an order of each stratum's places;
a panel that treats k of them takes the first k. Left out: going through all assignments where they are
few, as the engine does; the tests show that the draws agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import comb

from analysis import config
from analysis.did.inference.schemes import bands
from analysis.did.numerics.p_values import TIE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.did.numerics.types import Array
    from analysis.lab.calibrate import Calibration
    from analysis.lab.design import Calendar, Draws, Members

ASSIGNMENTS = 1_999  # drawn for each block: 5 % of them plus the actual one is a whole number


@dataclass(frozen=True)
class Stratum:
    """Provinces that trade places with each other only, in the B panels of a block.

    Parameters
    ----------
    places
        (B, n) which provinces.
    treated
        (B,) how many of them are treated.
    rank
        (n, R) place of each of them in R random orders, from 0.
    """

    places: Members
    treated: Members
    rank: Members


def permuted_estimates(scores: Array, groups: Array) -> Array:
    """(F, B, R) estimates under assignments drawn anywhere, ``groups`` (H N, R)."""
    return np.asarray(scores.reshape(*scores.shape[:2], -1) @ groups)


def permuted(scores: Array, groups: Array, sizes: Sequence[int]) -> tuple[Array, Array]:
    """(F, B, R) estimates and their errors under the same assignments, H groups of ``sizes``."""
    number = scores.shape[-1]
    value: Array = np.zeros((*scores.shape[:2], groups.shape[1]))
    variance = np.zeros_like(value)
    for group, size in enumerate(sizes):
        inside = groups[group * number : (group + 1) * number]
        part = scores[:, :, group]
        total = part @ inside
        value += total
        variance += (part**2) @ inside - total**2 / size
    return value, np.sqrt(np.maximum(variance, 1e-300))


def draw_schemes(
    panels: Draws, model: Calibration, calendar: Calendar, rng: np.random.Generator
) -> dict[str, list[Stratum]]:
    """Strata of the study's restricted schemes, by the name of the test; for one treated cohort.

    Regions and thirds by residents are the same in all panels, bands by mean outcome before the start
    are each panel's own.
    """
    on = panels.member == 0
    labels = {
        "randomization_region": model.region,
        "randomization_size": bands(model.residents, config.SIZE_BANDS),
    }
    found = {name: by_label(label, on, rng) for name, label in labels.items()}
    level = panels.outcome[:, :, : calendar.starts[0]].mean(axis=2)
    found["randomization_level"] = by_level(level, on, config.LEVEL_BANDS, rng)
    return found


def by_label(labels: Members, on: NDArray[np.bool_], rng: np.random.Generator) -> list[Stratum]:
    """Strata of provinces with the same (N,) label; ``on`` (B, N) says which are treated."""
    found = []
    for label in np.unique(labels):
        inside = np.flatnonzero(labels == label)
        places = np.broadcast_to(inside, (len(on), len(inside)))
        found.append(Stratum(places, on[:, inside].sum(axis=1), random_orders(len(inside), rng)))
    return found


def by_level(level: Array, on: NDArray[np.bool_], count: int, rng: np.random.Generator) -> list[Stratum]:
    """Bands by the rank of a (B, N) level, of which each panel has its own, as the engine cuts them."""
    order = np.argsort(level, axis=1, kind="stable")
    sizes = np.bincount(bands(np.arange(level.shape[1], dtype=float), count))
    found = []
    for places in np.split(order, np.cumsum(sizes)[:-1], axis=1):
        treated = np.take_along_axis(on, places, axis=1).sum(axis=1)
        found.append(Stratum(places, treated, random_orders(places.shape[1], rng)))
    return found


def random_orders(number: int, rng: np.random.Generator) -> Members:
    """(number, `ASSIGNMENTS`) independent random orders of ``number`` places, one a column."""
    return np.asarray(rng.random((number, ASSIGNMENTS)).argsort(axis=0))


def restricted_estimates(scores: Array, strata: list[Stratum]) -> Array:
    """(F, B, R) estimates when each panel's treated provinces are redrawn within strata."""
    gain = scores[:, :, 0] - scores[:, :, 1]
    assignments = strata[0].rank.shape[1]
    value = np.repeat(scores[:, :, 1].sum(axis=-1)[..., None], assignments, axis=-1)
    for stratum in strata:
        part = np.take_along_axis(gain, stratum.places[None], axis=-1)
        for count in np.unique(stratum.treated):
            which = np.flatnonzero(stratum.treated == count)
            value[:, which] += part[:, which] @ (stratum.rank < count).astype(float)
    return np.asarray(value)


def restricted_means(scores: Array, strata: list[Stratum]) -> Array:
    """(F, B) means of `restricted_estimates` over all assignments, in place of those drawn."""
    gain = scores[:, :, 0] - scores[:, :, 1]
    mean = scores[:, :, 1].sum(axis=-1)
    for stratum in strata:
        part = np.take_along_axis(gain, stratum.places[None], axis=-1)
        mean = mean + part.mean(axis=-1) * stratum.treated
    return np.asarray(mean)


def can_reject(strata: list[Stratum], level: float) -> NDArray[np.bool_]:
    """(B,) whether a panel admits so many assignments that a p-value of 1 - level is possible."""
    admissible = np.prod([comb(s.places.shape[1], s.treated) for s in strata], axis=0)
    return np.asarray(admissible * (1 - level) >= 1 - TIE)
