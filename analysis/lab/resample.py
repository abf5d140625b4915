"""Tests that draw signs or untreated provinces in place of assignments, for many panels at once.

All hold for one treated cohort, where an estimate is a difference of two means of province scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.did.numerics.p_values import p_values

if TYPE_CHECKING:
    from analysis.did.numerics.types import Array
    from analysis.lab.design import Calendar, Members


def wild_p_values(own: Array, value: Array, spread: Array, member: Members, weights: Array) -> Array:
    r"""P-values of the restricted wild cluster bootstrap.

    Parameters
    ----------
    own
        (F, B, N) scores of provinces in their own groups.
    value
        (F, B) their sums: the estimates less the null.
    spread
        (H, F, B) sums of squared deviations within groups.
    member
        (B, N).
    weights
        (N, R) drawn weights v of provinces, of mean zero and variance one.

    Notes
    -----
    Under the null both groups share one mean, so the restricted residuals are the scores u as they
    are: centred by period, they add up to zero when treated and untreated scores are put on one scale.
    The statistic of a draw is :math:`\sum_i v_i u_i` over
    :math:`\{\sum_h (\sum_{i \in h} v_i^2 u_i^2 - (\sum_{i \in h} v_i u_i)^2 / n_h)\}^{1/2}`
    (Cameron, Gelbach and Miller 2008; six-point weights: Webb 2023).
    """
    total = own @ weights
    part = np.where(member == 0, own, 0.0) @ weights
    count = (member == 0).sum(axis=-1)[:, None]
    variance = own**2 @ weights**2
    variance -= part**2 / count
    np.subtract(total, part, out=part)  # in place: these arrays are what a block spends its time on
    part *= part
    part /= member.shape[1] - count
    variance -= part
    np.sqrt(np.maximum(variance, 1e-300, out=variance), out=variance)
    drawn_t = np.divide(np.abs(total, out=total), variance, out=total)
    return p_values(drawn_t, np.abs(value) / np.sqrt(spread.sum(axis=0)), 1.0)


def by_group(values: Array, member: Members, calendar: Calendar) -> tuple[Array, Array]:
    """(..., B, treated) and (..., B, controls) parts of (..., B, N) values, in the order of provinces."""
    order = np.argsort(member, axis=1, kind="stable")
    order = np.broadcast_to(order, values.shape)
    split = np.take_along_axis(values, order, axis=-1)
    return split[..., : calendar.sizes[0]], split[..., calendar.sizes[0] :]


def placebo_contributions(own: Array, member: Members, calendar: Calendar) -> Array:
    """(F, B, controls) what each control's residuals would add in the place of a treated province."""
    treated, controls = calendar.sizes
    residual = -by_group(own, member, calendar)[1] * controls / treated
    return np.asarray(residual - residual.mean(axis=-1, keepdims=True))


def two_tails(error: Array, value: Array) -> Array:
    """(F, B) twice the smaller tail of (F, B, R) errors beyond the estimates."""
    found: Array = np.minimum(1.0, 2 * np.minimum(p_values(error, value), p_values(-error, -value)))
    return found


def conley_taber_p_values(
    own: Array, value: Array, member: Members, calendar: Calendar, times: Array
) -> Array:
    """P-values against means of resampled control residuals (Conley and Taber 2011).

    ``times`` (controls, R) says how often each control stands in for a treated province.
    """
    return two_tails(placebo_contributions(own, member, calendar) @ times, value)


def size_variances(squares: Array, inverse: Array) -> tuple[Array, Array]:
    """Level and slope, neither negative, of squares on inverse sizes by least squares.

    Parameters
    ----------
    squares
        (F, B, C) squared contributions.
    inverse
        (B, C) mean size over size.

    Returns
    -------
    tuple of arrays
        (F, B) each. Where the free fit has a negative part, the better of the two fits with one part
        zero; a constant where there is nothing to explain.
    """
    centred = inverse - inverse.mean(axis=-1, keepdims=True)
    slope = (squares * centred).sum(axis=-1) / np.maximum((centred**2).sum(axis=-1), 1e-300)
    level = squares.mean(axis=-1) - slope * inverse.mean(axis=-1)
    flat = squares.mean(axis=-1)
    steep = (squares * inverse).sum(axis=-1) / (inverse**2).sum(axis=-1)
    flat_loss = ((squares - flat[..., None]) ** 2).sum(axis=-1)
    steep_loss = ((squares - steep[..., None] * inverse) ** 2).sum(axis=-1)
    free, constant = (level >= 0) & (slope >= 0), flat_loss <= steep_loss
    level = np.where(free, level, np.where(constant, flat, 0.0))
    slope = np.where(free, slope, np.where(constant, 0.0, steep))
    return np.where((level == 0) & (slope == 0), 1.0, level), slope


def ferman_pinto_p_values(
    own: Array, value: Array, member: Members, calendar: Calendar, picks: Members, sizes: Array
) -> Array:
    r"""P-values as of Conley and Taber, with variances that depend on size (Ferman and Pinto 2019).

    Parameters
    ----------
    picks
        (R, treated) which control, in the order of controls, stands in for which treated province.
    sizes
        (N,) residents.

    Notes
    -----
    The contribution of control j in the place of i is multiplied by
    :math:`\{(A + B/M_i) / (A + B/M_j)\}^{1/2}`, with A and B from `size_variances`.
    """
    contribution = placebo_contributions(own, member, calendar)
    here, there = by_group(np.broadcast_to(sizes, member.shape), member, calendar)
    unit = there.mean(axis=-1, keepdims=True)
    level, slope = (part[..., None] for part in size_variances(contribution**2, unit / there))
    scaled = contribution / np.sqrt(level + slope * unit / there)
    factor = np.sqrt(level + slope * unit / here)
    error = np.zeros((*value.shape, len(picks)))
    for k in range(picks.shape[1]):
        error += (factor[..., k, None] * scaled)[..., picks[:, k]]
    return two_tails(error, value)
