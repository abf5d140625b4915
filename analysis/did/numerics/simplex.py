"""Weights on the simplex that make one series out of others, at the optimum.

Minimise f(x) = |G x|^2 + ridge |x|^2 over x >= 0, sum x = 1. With y = s x, non-negative least squares
of |G y|^2 + ridge |y|^2 + (sum y - 1)^2 has for given x its minimum over s at 1 / (1 + f(x)), with value
f / (1 + f), which grows with f. So its solution divided by its sum is the optimum, exactly: the
adding-up row is no penalty (Haskell and Hanson 1981, "An algorithm for linear least squares problems
with equality and nonnegativity constraints", Mathematical Programming 21).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .types import Array


STEPS = 30  # most steps of the active set, for each column; random problems take fewer than two
FEW = 8  # problems that are solved sooner here than scipy's solver is loaded, which is the faster one
ADDED = 100  # columns with weight up to which columns are added here; random problems have a dozen
WIDE = 64  # columns from which the dual problem is tried first: nnls adds columns one at a time
DUAL_STEPS = 20
EXCHANGES = 20  # random problems take seven
SOUND = 1e-6  # smallest eigenvalue of normal equations that are solved, against the sum of all
ROUNDING = 1e-14  # of moments, so that all have an inverse
FIRM = 1e-3  # ridge, against the mean square of a column, from which equations are well conditioned
REFINEMENTS = 4  # of solutions of normal equations
NEAR = 1e-9  # gain of a column up to which half of the digits do not tell what comes next
MOST = 4_000_000  # numbers laid out at once
ENOUGH = 1e-12  # largest violation of the optimality conditions, against the mean square of a column


def simplex_weights(gaps: Array, allowed: NDArray[np.bool_], ridge: Array) -> Array:
    """Optimal weights of a batch of problems.

    Parameters
    ----------
    gaps
        (B, m, n) columns of A less b. As weights sum to one, A x - b is ``gaps`` x, whatever the
        level of the series; working with gaps keeps digits that squares of levels would lose.
    allowed
        (B, n) columns that may get weight, at least one in each problem.
    ridge
        (B,) penalty on the sum of squared weights, in the units of the sum of squares.

    Returns
    -------
    (B, n) weights: not negative, with sum one. Where a problem without ridge has several optima, one
    of them.
    """
    _, rows, number = gaps.shape
    result = np.zeros(allowed.shape)
    whole = allowed.all(axis=1) & (number <= max(WIDE, rows))
    step = max(1, MOST // ((rows + 1 + number) * number))
    together = np.flatnonzero(whole)
    for first in range(0, len(together), step):
        part = together[first : first + step]
        result[part] = _narrow(gaps[part], ridge[part])
    for row in np.flatnonzero(~whole):
        used = allowed[row]
        result[row, used] = _weights(gaps[row][:, used], float(ridge[row]))
    return result


def _narrow(gaps: Array, ridge: Array) -> Array:
    """(B, n) weights of problems with few columns, every column allowed: systems are laid out at once."""
    count, rows, number = gaps.shape
    square = (gaps**2).sum(axis=1).mean(axis=1) + ridge
    square[square == 0] = 1.0  # scale changes no weight
    system = np.zeros((count, rows + 1 + number, number))
    np.divide(gaps, np.sqrt(square)[:, None, None], out=system[:, :rows])
    system[:, rows] = 1.0
    column = np.arange(number)
    system[:, rows + 1 + column, column] = np.sqrt(ridge / square)[:, None]
    target = np.zeros(rows + 1 + number)
    target[rows] = 1.0
    found = np.zeros((count, number))
    if number <= rows:
        found = _exchanged(system)
    else:
        sure = np.flatnonzero(ridge >= FIRM * square)
        found[sure] = _dual_together(system[sure, : rows + 1], (ridge / square)[sure])
    left = np.flatnonzero(~found.any(axis=1))
    for k in left:
        few = len(left) < FEW
        own = float(ridge[k] / square[k])
        found[k] = _added(system[k, : rows + 1], own) if few else _by_scipy(system[k], target)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _exchanged(systems: Array) -> Array:
    """(B, n) weights up to scale, by exchanging columns that break a condition; zero where it does not end.

    Solves the normal equations, whose right-hand side is one for every column: the target is one in the
    adding-up row and zero elsewhere. Those that lose more than half of the digits are left out.
    """
    count, _, number = systems.shape
    moments = np.swapaxes(systems, 1, 2) @ systems
    trace = np.trace(moments, axis1=1, axis2=2)  # no smaller than the largest eigenvalue
    inverse = np.linalg.inv(moments + (ROUNDING * trace)[:, None, None] * np.eye(number))
    live = np.flatnonzero(SOUND * trace * np.trace(inverse, axis1=1, axis2=2) < 1)
    found, inside = np.zeros((count, number)), np.ones((count, number), dtype=bool)
    for _ in range(EXCHANGES):
        if not live.size:
            break
        own = inside[live]
        both = own[:, :, None] & own[:, None, :]
        system = np.where(both, moments[live], np.eye(number))
        tried = np.linalg.solve(system, own[:, :, None].astype(float))
        slope = (moments[live] @ tried)[..., 0] - 1
        tried = tried[..., 0]
        wrong = np.where(own, tried < 0, slope < -ENOUGH)
        ended = ~wrong.any(axis=1)
        found[live[ended]] = tried[ended]
        inside[live] = own ^ wrong
        live = live[~ended]
    return found


def _dual_together(systems: Array, ridge: Array) -> Array:
    """(B, n) weights of problems with a large ridge by `_dual`, up to scale; zero where it does not end.

    The ridge keeps all equations well conditioned, so that weights at which the columns repeat are exact.
    """
    count, rows, number = systems.shape
    found, live = np.zeros((count, number)), np.arange(count)
    inside = np.ones((count, number), dtype=bool)
    penalty = ridge[:, None, None] * np.eye(rows)
    target = np.append(np.zeros(rows - 1), 1.0)[:, None]
    for _ in range(DUAL_STEPS):
        if not live.size:
            break
        columns = systems[live] * inside[live, None]
        z = np.linalg.solve(columns @ np.swapaxes(columns, 1, 2) + penalty[live], target)
        tried = np.maximum(np.einsum("bmn,bmo->bn", systems[live], z), 0.0)
        ended = ((tried > 0) == inside[live]).all(axis=1)
        found[live[ended]] = tried[ended]
        inside[live] = tried > 0
        live = live[~ended]
    return found


def _weights(gaps: Array, ridge: float) -> Array:
    """(n,) weights of one problem, every column allowed."""
    rows, number = gaps.shape
    square = float((gaps**2).sum(axis=0).mean()) + ridge or 1.0  # scale changes no weight
    system = np.vstack([gaps / np.sqrt(square), np.ones(number)])
    ridge /= square
    target = np.zeros(rows + 1)
    target[rows] = 1.0
    if ridge and number > max(WIDE, rows):
        found = _dual(system, target, ridge)
        if found.any() and violation(system[:rows], found, ridge) <= ENOUGH:
            return found
    found = _added(system, ridge)
    return np.asarray(found / found.sum())


def _added(system: Array, ridge: float) -> Array:
    """(n,) weights of one problem up to scale, adding the column that gains most, one at a time.

    The active set of Lawson and Hanson (1995, "Solving least squares problems", chapter 23), as in ``nnls``
    of scipy, which takes a row of ridge for each column. Here columns with weight have one only. Where these
    are many, or rounding decides what comes next, scipy is asked.
    """
    rows, number = system.shape
    target = np.append(np.zeros(rows - 1), 1.0)
    found, inside = np.zeros(number), np.zeros(0, dtype=np.int64)
    slope, most = target @ system, min(ADDED, rows)
    refinements = 0
    for _ in range(STEPS * most):
        slope[inside] = 0.0
        best = int(slope.argmax())
        if not refinements and slope[best] <= NEAR:
            refinements, tried = REFINEMENTS, inside
        elif slope[best] <= 0:
            return found
        else:
            tried = np.append(inside, best)
        if len(tried) > most:
            break
        solved = _unconstrained(system[:, tried], ridge, refinements)
        if len(tried) > len(inside) and solved[-1] <= 0:  # rounding: the column gains nothing
            slope[best] = 0.0
            continue
        inside = tried
        while solved.min() <= 0:
            down = solved <= 0
            held = found[inside]
            step = (held[down] / (held[down] - solved[down])).min()
            held += step * (solved - held)
            kept = ~down | (held > held[down].min())
            found[:] = 0.0
            inside = inside[kept]
            found[inside] = held[kept]
            solved = _unconstrained(system[:, inside], ridge, refinements)
        found[inside] = solved
        slope = (target - system[:, inside] @ solved) @ system
    return _by_scipy(*_with_ridge(system, ridge))


def _by_scipy(system: Array, target: Array) -> Array:
    """(n,) weights of one problem up to scale, the rows of ridge among the others."""
    from scipy.optimize import nnls  # loading it takes 16 MB

    return np.asarray(nnls(system, target, maxiter=STEPS * system.shape[1])[0])


def _unconstrained(columns: Array, ridge: float, refinements: int) -> Array:
    """(p,) weights of columns, of any sign.

    Normal equations give half of the digits; each refinement halves what is missing, and more where the
    columns are well apart.
    """
    moments = columns.T @ columns
    moments.flat[:: len(moments) + 1] += ridge + ROUNDING * len(moments)
    found = np.linalg.solve(moments, columns[-1])
    for _ in range(refinements):
        left = -columns @ found
        left[-1] += 1.0
        found += np.linalg.solve(moments, left @ columns - ridge * found)
    return found


def _with_ridge(system: Array, ridge: float) -> tuple[Array, Array]:
    """Least squares with a row of ridge for each column, and their target."""
    rows, number = system.shape
    target = np.zeros(rows + number)
    target[rows - 1] = 1.0
    return np.vstack([system, np.sqrt(ridge) * np.eye(number)]), target


def _dual(system: Array, target: Array, ridge: float) -> Array:
    """(n,) weights by Newton's method on the dual problem, which has a variable for each row only.

    The solution is y = max(0, M'z) where M and t are ``system`` and ``target`` and z solves
    M max(0, M'z) + ridge z = t; a set of columns that repeats itself solves it. Fast where most
    columns get weight. Loses digits, or does not end, where few do: the caller looks.
    """
    inside = np.ones(system.shape[1], dtype=bool)
    found = inside.astype(float)
    for _ in range(DUAL_STEPS):
        columns = system[:, inside]
        try:
            z = np.linalg.solve(columns @ columns.T + ridge * np.eye(len(system)), target)
        except np.linalg.LinAlgError:  # fewer columns than rows, and a ridge lost in rounding
            break
        found = np.maximum(z @ system, 0.0)
        before, inside = inside, found > 0
        if (before == inside).all():
            break
    return np.asarray(found / (found.sum() or 1.0))


def violation(gaps: Array, weights: Array, ridge: float) -> float:
    """By how much the optimality conditions of Karush, Kuhn and Tucker fail, for one problem.

    At the optimum half the gradient is the same wherever there is weight and nowhere smaller: the
    largest gain of half the objective, to first order, from moving all weight to one column.
    """
    slope = gaps.T @ (gaps @ weights) + ridge * weights
    held = weights @ slope
    return float(max(held - slope.min(), np.abs(slope - held)[weights > 0].max(initial=0.0)))
