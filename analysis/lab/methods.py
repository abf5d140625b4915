"""Tests of an estimate, for many panels at once.

Every estimate here is a sum over provinces of scores u_i. With one cohort it is a difference of two
means, and the clustered errors of the two-way regression are those of a two-sample problem, which is
why they cost nothing: the tests check this against `analysis.did.inference`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from analysis import config
from analysis.lab.calibrate import Array
from analysis.lab.design import Calendar, Members
from analysis.lab.forms import own_scores

ASSIGNMENTS = 1_999  # drawn for each block: 5 % of them plus the actual one is a whole number
TIE = 1e-9
STUDENT = ("influence_normal", "cr1_t", "cr2_satterthwaite", "cr3_t")
PERMUTING = ("randomization", "randomization_studentised")
ONE_COHORT = (*STUDENT, "wild_rademacher", "conley_taber", *PERMUTING)
STAGGERED = ("influence_normal", *PERMUTING)


@dataclass(frozen=True)
class Drawn:
    """Random assignments, signs and control samples, shared by the panels of one block.

    Parameters
    ----------
    groups
        (H N, R) one where province i is in group h.
    signs
        (N, R) of -1 and 1.
    placebo
        (controls, R) how often each control, in the order of controls, stands in for a treated one.
    """

    groups: Array
    signs: Array
    placebo: Array


def draw_block(calendar: Calendar, seed: list[int]) -> Drawn:
    """Draw what a block of panels shares; ``seed`` names the block."""
    rng, member = np.random.default_rng(seed), calendar.member
    members = rng.permuted(np.broadcast_to(member, (ASSIGNMENTS, len(member))), axis=1)
    groups = (members[:, None, :] == np.arange(len(calendar.sizes))[:, None]).astype(float)
    signs = rng.choice(np.array([-1.0, 1.0]), size=(len(member), ASSIGNMENTS))
    controls, treated = calendar.sizes[-1], calendar.sizes[0]
    times = rng.multinomial(treated, np.full(controls, 1 / controls), size=ASSIGNMENTS)
    return Drawn(groups.reshape(ASSIGNMENTS, -1).T, signs, times.T.astype(float))


def rejections(
    scores: Array, member: Members, calendar: Calendar, drawn: Drawn
) -> dict[str, NDArray[np.bool_]]:
    """Whether each test rejects, at the study's level, that the scores add up to zero.

    Parameters
    ----------
    scores
        (F, B, H, N), less the scores of the effect under the null.
    member
        (B, N).

    Returns
    -------
    dict
        Method: (F, B).

    Notes
    -----
    With :math:`q_h = \\sum_{i \\in h} (u_i - \\bar u_h)^2`: influence :math:`\\sum_h q_h`; CR1 times
    :math:`\\frac{G}{G-1}\\frac{n-1}{n-K}`; CR2 :math:`\\sum_h q_h n_h/(n_h-1)` with degrees of freedom
    :math:`(\\sum_h 1/n_h)^2 / \\sum_h 1/\\{n_h^2 (n_h-1)\\}`; CR3 :math:`\\frac{G-1}{G} \\sum_h q_h
    \\{n_h/(n_h-1)\\}^2`. Wild: restricted, signs by province. Conley and Taber (2011): means of
    resampled controls in place of the treated. The last two, and the degrees of
    freedom, hold for one cohort.
    """
    own = own_scores(scores, member)
    value = own.sum(axis=-1)
    spread = spread_of(own, member, len(calendar.sizes))
    found = {
        name: np.abs(value) > reach
        for name, reach in student_reach(spread, calendar, config.CONFIDENCE_LEVEL).items()
    }
    alpha = 1 - config.CONFIDENCE_LEVEL
    estimates, errors = permuted(scores, drawn, calendar)
    found["randomization"] = share(np.abs(estimates), np.abs(value)) <= alpha
    ratio = np.abs(value) / np.sqrt(spread.sum(axis=0))
    found["randomization_studentised"] = share(np.abs(estimates) / errors, ratio) <= alpha
    if len(calendar.sizes) == 2:
        found["wild_rademacher"] = wild_p_values(own, value, spread, member, drawn) <= alpha
        found["conley_taber"] = conley_taber_p_values(own, value, member, calendar, drawn) <= alpha
    return found


def student_reach(spread: Array, calendar: Calendar, level: float) -> dict[str, Array]:
    """Half-widths of intervals from (H, F, B) sums of squares within groups."""
    sizes = np.array(calendar.sizes, dtype=float)[:, None, None]
    half = 0.5 + level / 2
    total = float(sizes.sum())
    found = {"influence_normal": ndtri(half) * np.sqrt(spread.sum(axis=0))}
    if len(sizes) > 2:
        return found
    cells, spent = total * calendar.periods, total + calendar.periods
    factor = total / (total - 1) * (cells - 1) / (cells - spent)
    raised = sizes / (sizes - 1)
    freedom = (1 / sizes).sum() ** 2 / (1 / (sizes**2 * (sizes - 1))).sum()
    usual = stdtrit(total - 1, half)
    found["cr1_t"] = usual * np.sqrt(factor * spread.sum(axis=0))
    found["cr2_satterthwaite"] = stdtrit(freedom, half) * np.sqrt((raised * spread).sum(axis=0))
    found["cr3_t"] = usual * np.sqrt((total - 1) / total * (raised**2 * spread).sum(axis=0))
    return found


def permuted_estimates(scores: Array, drawn: Drawn) -> Array:
    """(F, B, R) estimates under the drawn assignments."""
    return np.asarray(scores.reshape(*scores.shape[:2], -1) @ drawn.groups)


def permuted(scores: Array, drawn: Drawn, calendar: Calendar) -> tuple[Array, Array]:
    """(F, B, R) estimates and their errors under the drawn assignments."""
    number = scores.shape[-1]
    value: Array = np.zeros((*scores.shape[:2], drawn.groups.shape[1]))
    variance = np.zeros_like(value)
    for group, size in enumerate(calendar.sizes):
        inside = drawn.groups[group * number : (group + 1) * number]
        part = scores[:, :, group]
        total = part @ inside
        value += total
        variance += (part**2) @ inside - total**2 / size
    return value, np.sqrt(np.maximum(variance, 1e-300))


def spread_of(own: Array, member: Members, groups: int) -> Array:
    """(H, F, B) sums of squared deviations from the group's mean score."""
    inside = member == np.arange(groups)[:, None, None]  # (H, B, N)
    size = inside.sum(axis=-1)[:, None]
    total = np.einsum("hbn,fbn->hfb", inside, own)
    return np.einsum("hbn,fbn->hfb", inside, own**2) - total**2 / size


def share(drawn: Array, seen: Array) -> Array:
    """(F, B) p-values: the share of statistics, the seen one among them, that reach the seen one."""
    reached = (drawn >= (seen - TIE * np.abs(seen))[..., None]).sum(axis=-1)
    return np.asarray((1 + reached) / (1 + drawn.shape[-1]))


def wild_p_values(own: Array, value: Array, spread: Array, member: Members, drawn: Drawn) -> Array:
    """P-values of the restricted wild cluster bootstrap.

    Under the null both groups share one mean, so the restricted residuals are the scores as they are:
    centred by period, they add up to zero when treated and untreated scores are put on one scale.
    """
    totals = np.zeros((2, *own.shape[:2], drawn.signs.shape[1]))
    square = np.zeros(totals.shape[1:])
    for group in range(2):
        inside = np.where(member == group, own, 0.0)
        totals[group] = inside @ drawn.signs
        size = (member == group).sum(axis=-1)[:, None]
        square += (inside**2).sum(axis=-1)[..., None] - totals[group] ** 2 / size
    drawn_t = np.abs(totals.sum(axis=0)) / np.sqrt(np.maximum(square, 1e-300))
    return share(drawn_t, np.abs(value) / np.sqrt(spread.sum(axis=0)))


def conley_taber_p_values(
    own: Array, value: Array, member: Members, calendar: Calendar, drawn: Drawn
) -> Array:
    """P-values against means of resampled control residuals, on the scale of the treated."""
    treated, controls = calendar.sizes
    order = np.argsort(member != 1, axis=1, kind="stable")[:, :controls]
    residual = -np.take_along_axis(own, order[None], axis=-1) * controls / treated
    residual = residual - residual.mean(axis=-1, keepdims=True)
    error = residual @ drawn.placebo
    return np.minimum(1.0, 2 * np.minimum(share(error, value), share(-error, -value)))
