"""Scrambled Sobol points of few dimensions, bit for bit those of scipy without the half second of its import.

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
HIGHEST_FIRST = np.arange(BITS - 1, -1, -1, dtype=np.uint32)
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
    """(size, 2^power) scrambled points of the unit cube, in the order of the Gray code.

    Parameters
    ----------
    size
        Dimensions, 1 or more.
    power
        Up to `BITS`.
    seed
        Of the scrambling.
    """
    if size > 1 + len(DIRECTIONS):
        from scipy.stats import qmc

        return np.ascontiguousarray(qmc.Sobol(size, rng=np.random.default_rng(seed)).random_base2(power).T)
    (rng,) = np.random.default_rng(seed).spawn(1)
    shift = rng.integers(2, size=(size, BITS), dtype=np.uint32) @ (1 << HIGHEST_FIRST[::-1])
    mixed = np.tril(rng.integers(2, size=(size, BITS, BITS), dtype=np.uint32))
    mixed[:, HIGHEST_FIRST, HIGHEST_FIRST] = 1
    digits = (_directions(size)[:, :, None] >> HIGHEST_FIRST) & 1
    scrambled = (digits @ np.swapaxes(mixed, 1, 2) & 1) @ (1 << HIGHEST_FIRST)  # (size, BITS)
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
    return found << HIGHEST_FIRST
