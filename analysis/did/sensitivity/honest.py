"""Effects when parallel trends may fail by a stated amount (Rambachan and Roth 2023).

Relative magnitudes: the trend difference changes between two periods after the start by at most
``bound`` times its largest change between two periods before. Smoothness: its slope changes by at
most ``bound`` per period; 0 lets it be a straight line. The breakdown value is the smallest bound at
which no effect can no longer be ruled out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import chndtrix, ndtri

from ..errors import InputError
from .conditional import HybridTest, hybrid_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from .event_study import EventStudy

GRID = 801  # points of the first search; the ends are then refined by two further grids
LARGEST = 64.0  # breakdown values are searched up to this many times the natural scale


def first_effect(study: EventStudy, ahead: int = 0) -> Array:
    """Weights of the effect in the first period after the reference and ``ahead`` of anticipation."""
    found: Array = np.eye(len(study.after))[ahead]
    return found


def average_effect(study: EventStudy, ahead: int = 0) -> Array:
    """Weights of the mean effect over the periods after the reference and ``ahead`` of anticipation."""
    late = len(study.after) - ahead
    return np.concatenate([np.zeros(ahead), np.full(late, 1 / late)])


def relative_magnitude_set(
    study: EventStudy, weights: Array, bound: float, *, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Robust confidence set by the conditional least-favourable hybrid test.

    Parameters
    ----------
    study, weights
        The effect is the sum of weights (Q,) with the effects after the reference.
    bound
        Largest change of the trend difference after, over the largest before; 0 or more.
    level, seed
        Confidence level; seed of the critical value's draws.

    Returns
    -------
    (float, float)
        Smallest and largest value not rejected.

    Raises
    ------
    InputError
        A negative bound, or `hybrid_test` cannot list its bases.
    """
    tests = [
        hybrid_test(study, weights, matrix, np.zeros(len(matrix)), level, seed)
        for matrix in _relative_polyhedra(study, bound)
    ]
    return _range(tests, float(weights @ study.after), study.error(weights))


def smoothness_set(
    study: EventStudy, weights: Array, bound: float, *, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Same as `relative_magnitude_set` with a bound on the change of slope, by the same hybrid test."""
    second = _second_differences(study)
    matrix = np.concatenate([second, -second])
    test = hybrid_test(study, weights, matrix, np.full(len(matrix), _checked(bound)), level, seed)
    return _range([test], float(weights @ study.after), study.error(weights))


def smoothness_interval(
    study: EventStudy, weights: Array, bound: float, *, level: float = 0.95
) -> tuple[float, float]:
    r"""Shortest fixed-length interval under smoothness, for a known covariance.

    Notes
    -----
    Its weights minimise a length computed from the covariance. Where that is estimated from a few
    clusters the interval is far too short; `smoothness_set` is not, and the sensitivity table uses it.

    The interval is :math:`v'\hat\beta \pm \sigma_v c(b_v / \sigma_v)` with v = weights after the reference
    and free before; b is the largest bias, :math:`c(t)` the level quantile of |N(t, 1)|. A straight
    line must not bias it, which ties v to the slope; b is then bound times the sum of absolute loads
    on the second differences. Half-lengths are convex in v. Where the violation is in fact a straight
    line, no valid set is much shorter on average (Armstrong and Kolesár 2018).
    """
    _checked(bound)
    early = len(study.before)
    scale = study.error(weights)
    loads = _trend_loads(study.times)  # (P+Q, 1 + second differences)
    # Rounded, so that the last bits of a matrix product, which differ with the number of threads,
    # do not send the search along a flat optimum to another point.
    covariance = np.round(study.covariance / scale**2, 10)
    bound = round(bound / scale, 10)
    times = study.times.astype(float)
    tied = -float(weights @ times[early:])  # sum over pre-periods of v t must equal this
    own = covariance[:early, :early]
    cross = covariance[:early, early:] @ weights
    inverse = np.linalg.inv(own)
    t = times[:early]
    gap = tied + t @ inverse @ cross
    start = inverse @ (t * gap / (t @ inverse @ t) - cross)  # least variance
    count = loads.shape[1] - 1

    def parts(v: Array) -> tuple[Array, float]:
        full = np.concatenate([v, weights])
        return full @ loads[:, 1:], float(np.sqrt(full @ covariance @ full))

    def half(x: Array) -> float:
        error = parts(x[:early])[1]
        return error * folded_quantile(bound * x[early:].sum() / error, level)

    def gradient(x: Array) -> Array:
        error = parts(x[:early])[1]
        shift = bound * x[early:].sum() / error
        cut = folded_quantile(shift, level)
        near, far = np.exp(-((cut - shift) ** 2) / 2), np.exp(-((cut + shift) ** 2) / 2)
        rise = (near - far) / (near + far)  # derivative of the quantile in the shift
        along = (covariance @ np.concatenate([x[:early], weights]))[:early] / error
        return np.concatenate([(cut - shift * rise) * along, np.full(count, rise * bound)])

    if bound > 0 and early > 1:
        constraints = [
            {"type": "eq", "fun": lambda x: x[:early] @ t - tied,
             "jac": lambda _: np.append(t, np.zeros(count))},
            {"type": "ineq", "fun": lambda x: x[early:] - parts(x[:early])[0],
             "jac": lambda _: np.hstack([-loads[:early, 1:].T, np.eye(count)])},
            {"type": "ineq", "fun": lambda x: x[early:] + parts(x[:early])[0],
             "jac": lambda _: np.hstack([loads[:early, 1:].T, np.eye(count)])},
        ]  # fmt: skip
        x = np.concatenate([start, np.abs(parts(start)[0])])
        for _ in range(3):  # restarts end the rare early stop at a kink
            x = minimize(
                half,
                x,
                jac=gradient,
                method="SLSQP",
                constraints=constraints,
                options={"maxiter": 500, "ftol": 1e-12},
            ).x
            # Rounded for the same reason, then put back on the line; the bias is taken from there.
            x[:early] = np.round(x[:early], 5)
            x[:early] += t * (tied - x[:early] @ t) / (t @ t)
            x[early:] = np.abs(parts(x[:early])[0])
        start = x[:early] if half(x) < half(np.concatenate([start, np.abs(parts(start)[0])])) else start
    centre = float(np.concatenate([start, weights]) @ study.coefficients)
    reach = scale * half(np.concatenate([start, np.abs(parts(start)[0])]))
    return centre - reach, centre + reach


def relative_breakdown(study: EventStudy, weights: Array, *, level: float = 0.95, seed: int = 0) -> float:
    """Smallest bound on relative magnitudes whose set holds zero; 0 if parallel trends already do."""

    def holds(bound: float) -> bool:
        return any(
            bool(hybrid_test(study, weights, m, np.zeros(len(m)), level, seed).accepts(np.zeros(1))[0])
            for m in _relative_polyhedra(study, bound)
        )

    return _breakdown(holds, 1.0)


def smoothness_breakdown(study: EventStudy, weights: Array, *, level: float = 0.95, seed: int = 0) -> float:
    """Smallest bound on the change of slope whose set holds zero; 0 if a straight line's does."""
    second = _second_differences(study)
    matrix = np.concatenate([second, -second])

    def holds(bound: float) -> bool:
        test = hybrid_test(study, weights, matrix, np.full(len(matrix), bound), level, seed)
        return bool(test.accepts(np.zeros(1))[0])

    return _breakdown(holds, study.error(weights))


def folded_quantile(shift: float, level: float) -> float:
    """Quantile of |N(shift, 1)| at ``level``, shift 0 or more."""
    if shift > 6:
        return float(shift + ndtri(level))  # the other tail is below 1e-9
    return float(np.sqrt(chndtrix(level, 1.0, shift * shift)))


def _checked(bound: float) -> float:
    if not bound >= 0:
        raise InputError(f"the bound on violations is {bound}", expected="a number, 0 or more")
    return bound


def _relative_polyhedra(study: EventStudy, bound: float) -> list[Array]:
    """For each pre-period change and sign taken as the largest: rows of A in A delta <= 0."""
    _checked(bound)
    early, late = len(study.before), len(study.after)
    change = np.eye(early + late + 1)[1:] - np.eye(early + late + 1)[:-1]  # includes the reference
    factor = np.concatenate([np.ones(early), np.full(late, bound)])[:, None]
    found = []
    for largest in range(early):
        for sign in (1.0, -1.0):
            cap = factor * sign * change[largest]
            matrix = np.concatenate([change - cap, -change - cap])
            matrix = matrix[(matrix**2).sum(axis=1) > 1e-10]
            found.append(np.delete(matrix, early, axis=1))
    return found


def _second_differences(study: EventStudy) -> Array:
    """(P+Q-1, P+Q) second differences of delta, zero at the reference."""
    early, late = len(study.before), len(study.after)
    return np.delete(np.diff(np.eye(early + late + 1), n=2, axis=0), early, axis=1)


def _trend_loads(times: NDArray[np.int64]) -> Array:
    """(P+Q, 1+S) delta as slope at the reference and S second differences: delta = loads (slope, s)."""
    inner = np.arange(times[0] + 1, times[-1])
    after = np.clip(times[:, None] - inner, 0, None) * (inner >= 0)
    before = np.clip(inner - times[:, None], 0, None) * (inner < 0)
    return np.column_stack([times, after + before]).astype(float)


def _range(tests: list[HybridTest], centre: float, error: float) -> tuple[float, float]:
    """Smallest and largest accepted value, over the union of the tests."""

    def accepted(thetas: Array) -> NDArray[np.bool_]:
        found = np.zeros(len(thetas), dtype=bool)
        for test in tests:
            left = np.flatnonzero(~found)
            found[left] = test.accepts(thetas[left])
        return found

    reach = 20.0 * error
    for _ in range(8):
        grid = centre + np.linspace(-reach, reach, GRID)
        inside = accepted(grid)
        if not inside[0] and not inside[-1]:
            break
        reach *= 4
    else:
        return -np.inf, np.inf
    if not inside.any():
        return np.nan, np.nan
    low, high = int(inside.argmax()), GRID - 1 - int(inside[::-1].argmax())
    return (
        _refine(accepted, grid[low], grid[low - 1]),
        _refine(accepted, grid[high], grid[high + 1]),
    )


def _refine(accepted: Callable[[Array], NDArray[np.bool_]], inside: float, outside: float) -> float:
    for _ in range(2):
        grid = np.linspace(outside, inside, 41)
        first = int(accepted(grid).argmax())
        inside, outside = float(grid[first]), float(grid[max(first - 1, 0)])
    return inside


def _breakdown(holds: Callable[[float], bool], scale: float) -> float:
    if holds(0.0):
        return 0.0
    high = scale
    while not holds(high):
        high *= 2
        if high > LARGEST * scale:
            return float("inf")
    low = 0.0 if high == scale else high / 2
    while high - low > 1e-3 * scale:
        middle = (low + high) / 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
