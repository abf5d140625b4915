"""Permutation and bootstrap p-values, with one rule for ties.

Two statistics that are equal on paper differ by rounding in a computer, and which is larger then hangs on
the processor. A tie that is missed makes a p-value too small and nobody sees it. So a statistic
reaches another one already when it falls short by no more than rounding could explain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .types import Array

TIE = 1e-9  # of the statistics' scale: far above rounding (1e-12), far below what separates two draws


def edge(seen: ArrayLike, scale: ArrayLike = 0.0) -> Array:
    """What a statistic must be to count as at least as large as ``seen``.

    Parameters
    ----------
    seen
        Statistics, of any sign; an infinite one is reached by infinite ones only.
    scale
        Size of a usual statistic, such as its standard deviation under the null; broadcasts. It matters
        where ``seen`` is close to zero: what is left of a difference of equal numbers has the rounding of
        those numbers, not its own.

    Notes
    -----
    ``seen - TIE * max(abs(seen), scale)``. Multiplying all statistics by a constant changes nothing.
    """
    if isinstance(seen, float) and isinstance(scale, float) and abs(seen) + abs(scale) < np.inf:
        return np.asarray(seen - TIE * max(abs(seen), scale))
    value, size = np.asarray(seen, dtype=float), np.asarray(scale, dtype=float)
    slack = TIE * np.maximum(np.abs(value), np.where(np.isfinite(size), size, 0.0))
    return np.asarray(np.where(np.isfinite(value), value - np.where(np.isfinite(slack), slack, 0.0), value))


def reached(drawn: Array, seen: ArrayLike, scale: ArrayLike | None = None) -> NDArray[np.bool_]:
    """Whether drawn statistics are at least as large as the one seen; large ones are extreme.

    Parameters
    ----------
    drawn
        (..., B) statistics; missing ones reach nothing.
    seen
        (...) statistics they are compared with.
    scale
        (...) as for `edge`. Missing: the median size of the B draws. Unlike their mean or their largest it
        stays what it is if a few draws have hardly any variance to be divided by.

    Returns
    -------
    array
        (..., B).
    """
    if scale is None:
        if not drawn.shape[-1]:
            return np.zeros(drawn.shape, dtype=bool)
        # A median takes longer than all the rest, and is needed only where another size would count others.
        most = np.maximum(drawn.max(axis=-1), -drawn.min(axis=-1))
        if np.isfinite(most).all():
            without = np.asarray(drawn >= edge(seen)[..., None])
            if np.count_nonzero(drawn >= edge(seen, most)[..., None]) == np.count_nonzero(without):
                return without
        scale = np.median(np.abs(drawn), axis=-1)
    return np.asarray(drawn >= edge(seen, scale)[..., None])


def reached_ratio(top: Array, square: Array, seen_top: float, seen_square: float) -> NDArray[np.bool_]:
    """`reached` for the sizes of ratios given as squared numerators and squared denominators.

    Nothing is divided, so that a drawn ratio without a denominator counts as extreme.

    Parameters
    ----------
    top, square
        (B,) squared estimates and squared errors, none negative.
    seen_top, seen_square
        The same of the ratio they are compared with; without denominator it counts as infinite, and as
        zero if its numerator is zero too.

    Notes
    -----
    An estimate over its error has the scale one.
    """
    if seen_square > 0:
        least = max(float(edge(np.sqrt(seen_top / seen_square), 1.0)), 0.0)
        return np.asarray(top >= least**2 * square)
    return np.asarray(square <= 0) if seen_top > 0 else np.ones(top.shape, dtype=bool)


def share(count: ArrayLike, draws: int, *, exact: bool = False) -> Array:
    """P-values from the number of draws that reach what was seen.

    Parameters
    ----------
    count
        Draws at least as extreme; any shape.
    draws
        Number of draws.
    exact
        Whether the draws are all there are, the actual assignment among them.

    Notes
    -----
    count / draws over all assignments; (1 + count) / (1 + draws) over drawn ones, which counts the actual
    assignment as one of them and so keeps the level (Phipson and Smyth 2010).
    """
    extra = 0 if exact else 1
    return np.asarray((np.asarray(count, dtype=float) + extra) / (draws + extra))


def p_values(drawn: Array, seen: ArrayLike, scale: ArrayLike | None = None, *, exact: bool = False) -> Array:
    """(...) shares of (..., B) drawn statistics that reach (...) the ones seen; see `reached` and `share`."""
    return share(reached(drawn, seen, scale).sum(axis=-1), drawn.shape[-1], exact=exact)
