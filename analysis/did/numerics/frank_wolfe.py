"""Weights on the simplex that make one series out of others: many problems at once.

Minimise |A x - b|^2 + ridge |x|^2 over x >= 0, sum x = 1, by the method of Frank and Wolfe (1956):
each step moves towards the single column that lowers the objective fastest, by the best length. The
steps, starting point and stopping rule are those of Arkhangelsky and others (2021), so that the
answer agrees with theirs to rounding although they stop before the optimum.
"""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..estimators.averages import Array

GRAM_NUMBERS = 20_000_000  # above this, columns of A'A are computed when a step needs them
LISTED_COLUMNS, FEW = 64, 6  # problems so small and so few are finished one by one
TINIEST = 1e-300


def simplex_weights(
    gaps: Array,
    allowed: NDArray[np.bool_],
    start: Array,
    ridge: Array,
    least: Array,
    iterations: int,
) -> Array:
    """Frank-Wolfe weights of a batch of problems.

    Parameters
    ----------
    gaps
        (B, m, n) columns of A less b. As weights sum to one, A x - b is ``gaps`` x, whatever the
        level of the series; working with gaps keeps digits that squares of levels would lose.
    allowed
        (B, n) columns that may get weight.
    start
        (B, n) first weights.
    ridge
        (B,) penalty on the sum of squared weights, in the units of the sum of squares.
    least
        (B,) smallest decrease of the objective for which to go on, after the second step.
    iterations
        Largest number of steps.

    Returns
    -------
    (B, n) weights.
    """
    result = start.copy()
    batch, _, n = gaps.shape
    active = np.arange(batch)
    gram = None
    if batch * n * n <= GRAM_NUMBERS:
        gram = gaps.transpose(0, 2, 1) @ gaps
        gram[:, np.arange(n), np.arange(n)] += ridge[:, None]
    x = start.copy()
    diagonal = np.einsum("bmn,bmn->bn", gaps, gaps) + ridge[:, None]
    fitted = np.einsum("bmn,bn->bm", gaps, x)
    # Half the gradient; its product with x is the objective itself.
    slope = np.einsum("bm,bmn->bn", fitted, gaps) + ridge[:, None] * x
    barrier = None if allowed.all() else np.where(allowed, 0.0, np.inf)
    for iteration in range(iterations):
        if gram is not None and barrier is None and n <= LISTED_COLUMNS and len(active) <= FEW:
            for row, problem in enumerate(active):
                result[problem] = _finish(
                    gram[problem], slope[row], x[row], least[row], iteration, iterations
                )
            return result
        rows = np.arange(len(active))
        towards = (slope if barrier is None else slope + barrier).argmin(axis=1)
        best = slope[rows, towards]
        objective = np.einsum("bn,bn->b", x, slope)
        descent = objective - best
        curvature = diagonal[rows, towards] - 2 * best + objective
        move = np.clip(descent / np.maximum(curvature, TINIEST), 0, 1)
        decrease = move * (2 * descent - move * curvature)
        if gram is not None:
            column = gram[active, towards]
        else:
            column = np.einsum("bm,bmn->bn", gaps[active, :, towards], gaps[active])
            column[rows, towards] += ridge
        keep = (1 - move)[:, None]
        x *= keep
        x[rows, towards] += move
        slope *= keep
        slope += move[:, None] * column
        going = decrease > least
        if iteration and not going.all():
            result[active[~going]] = x[~going]
            active, x, slope = active[going], x[going], slope[going]
            diagonal, ridge, least = diagonal[going], ridge[going], least[going]
            barrier = None if barrier is None else barrier[going]
            if not len(active):
                return result
    result[active] = x
    return result


def _finish(
    gram: Array, slope: Array, x: Array, least: float, iteration: int, iterations: int
) -> list[float]:
    """Return what the loop above would, for one small problem: on short lists Python itself is faster."""
    columns = gram.tolist()
    falls, weights = slope.tolist(), x.tolist()
    for step in range(iteration, iterations):
        best = min(falls)
        towards = falls.index(best)
        objective = sum(map(mul, weights, falls))
        descent, column = objective - best, columns[towards]
        curvature = column[towards] - 2 * best + objective
        move = min(max(descent / max(curvature, TINIEST), 0.0), 1.0)
        keep = 1 - move
        falls = [keep * fall + move * entry for fall, entry in zip(falls, column, strict=True)]
        weights = [keep * weight for weight in weights]
        weights[towards] += move
        if step and not move * (2 * descent - move * curvature) > least:
            break
    return weights


def sparse(weights: Array) -> Array:
    """Set weights of at most a quarter of the largest to zero and rescale, row by row."""
    kept = np.where(weights > weights.max(axis=1, keepdims=True) / 4, weights, 0.0)
    return kept / kept.sum(axis=1, keepdims=True)
