"""Scrambled Sobol points, those of scipy without its half second of import: they serve small integrals.

Joe and Kuo (2008), "Constructing Sobol sequences with better two-dimensional projections", SIAM Journal on
Scientific Computing 30(5), with random linear scrambling and a shift (Matousek 1998). More dimensions than
are listed here come from scipy itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .types import Array

BITS = 30
# Of each dimension after the first: the primitive polynomial as a number, and the first direction numbers.
DIRECTIONS = (
    (3, (1,)),
    (7, (1, 3)),
    (11, (1, 3, 1)),
    (13, (1, 1, 1)),
    (19, (1, 1, 3, 3)),
    (25, (1, 3, 5, 13)),
    (37, (1, 1, 5, 5, 17)),
)


def sobol(size: int, power: int, seed: int) -> Array:
    """(size, 2^power) scrambled points of the unit cube, in the order of the Gray code."""
    if size > 1 + len(DIRECTIONS):
        from scipy.stats import qmc

        drawn = qmc.Sobol(size, rng=np.random.default_rng(seed)).random_base2(power)
        return np.ascontiguousarray(drawn.T)
    (rng,) = np.random.default_rng(seed).spawn(1)
    place = np.arange(BITS, dtype=np.uint32)
    shift = rng.integers(2, size=(size, BITS), dtype=np.uint32) @ (1 << place)
    mixed = np.tril(rng.integers(2, size=(size, BITS, BITS), dtype=np.uint32))
    mixed[:, place, place] = 1
    highest_first = place[::-1]
    digits = (_directions(size)[:, :, None] >> highest_first) & 1
    scrambled = (digits @ np.swapaxes(mixed, 1, 2) & 1) @ (1 << highest_first)  # (size, BITS)
    found = shift[:, None]
    for k in range(power):
        found = np.hstack([found, found[:, ::-1] ^ scrambled[:, k, None]])
    return found * 2.0**-BITS


def _directions(size: int) -> NDArray[np.uint32]:
    """(size, BITS) direction numbers, each moved to the highest bits."""
    found = np.ones((size, BITS), dtype=np.uint32)
    for own, (polynomial, first) in zip(found[1:], DIRECTIONS, strict=False):
        degree = len(first)
        own[:degree] = first
        for j in range(degree, BITS):
            own[j] = own[j - degree]
            for k in range(1, degree + 1):
                if polynomial >> (degree - k) & 1:
                    own[j] ^= own[j - k] << k
    return found << np.arange(BITS - 1, -1, -1, dtype=np.uint32)
