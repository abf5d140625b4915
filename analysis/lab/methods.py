"""Tests of an estimate, for many panels at once.

Every estimate here is a sum over provinces of scores u_i. With one cohort it is a difference of two
means, and the clustered errors of the two-way regression are those of a two-sample problem, which is
why they cost nothing: the tests check this against `analysis.did.inference`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtrit

from analysis import config
from analysis.did.inference.wild import WEIGHTS
from analysis.did.numerics.p_values import p_values
from analysis.lab.forms import own_scores
from analysis.lab.permute import (
    ASSIGNMENTS,
    Stratum,
    can_reject,
    draw_schemes,
    permuted,
    restricted_estimates,
    restricted_means,
)
from analysis.lab.resample import conley_taber_p_values, ferman_pinto_p_values, wild_p_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.did.numerics.types import Array
    from analysis.lab.calibrate import Calibration
    from analysis.lab.design import Calendar, Draws, Members


@dataclass(frozen=True)
class Drawn:
    """Random assignments, weights and control samples, shared by the panels of one block.

    Parameters
    ----------
    groups
        (H N, R) one where province i is in group h.
    signs, six
        (N, R) two-point and six-point weights; like all that follow, for one treated cohort.
    times
        (controls, R) how often each control, in the order of controls, stands in for a treated one.
    picks
        (R, treated) which control stands in for which treated province.
    residents
        (N,).
    schemes
        Strata by the name of the test.
    """

    groups: Array
    signs: Array
    six: Array
    times: Array
    picks: Members
    residents: Array
    schemes: dict[str, list[Stratum]] = field(default_factory=dict)


def draw_block(calendar: Calendar, model: Calibration, panels: Draws, seed: list[int]) -> Drawn:
    """Draw what a block of panels shares; ``seed`` names the block."""
    rng, member = np.random.default_rng(seed), calendar.member
    members = rng.permuted(np.broadcast_to(member, (ASSIGNMENTS, len(member))), axis=1)
    groups = (members[:, None, :] == np.arange(len(calendar.sizes))[:, None]).astype(float)
    signs = rng.choice(WEIGHTS["rademacher"], size=(len(member), ASSIGNMENTS))
    controls, treated = calendar.sizes[-1], calendar.sizes[0]
    times = rng.multinomial(treated, np.full(controls, 1 / controls), size=ASSIGNMENTS)
    six = rng.choice(WEIGHTS["webb"], size=(len(member), ASSIGNMENTS))
    picks = rng.integers(controls, size=(ASSIGNMENTS, treated))
    schemes = draw_schemes(panels, model, calendar, rng) if len(calendar.sizes) == 2 else {}
    flat = groups.reshape(ASSIGNMENTS, -1).T
    return Drawn(flat, signs, six, times.T.astype(float), picks, model.residents, schemes)


def rejections(
    scores: Array, member: Members, calendar: Calendar, drawn: Drawn
) -> dict[str, NDArray[np.bool_]]:
    r"""Whether each test rejects, at the study's level, that the scores add up to zero.

    Parameters
    ----------
    scores
        (F, B, H, N), less the scores of the effect under the null.
    member
        (B, N).

    Returns
    -------
    dict
        Method: (F, B). With more than one treated cohort: normal intervals and permutation anywhere.

    Notes
    -----
    With :math:`q_h = \sum_{i \in h} (u_i - \bar u_h)^2`: influence :math:`\sum_h q_h`; CR1 times
    :math:`\frac{G}{G-1}\frac{n-1}{n-K}`; CR2 :math:`\sum_h q_h n_h/(n_h-1)` with degrees of freedom
    :math:`(\sum_h 1/n_h)^2 / \sum_h 1/\{n_h^2 (n_h-1)\}`; CR3 :math:`\frac{G-1}{G} \sum_h q_h
    \{n_h/(n_h-1)\}^2`. K counts units and periods, as for one coefficient; the engine's CR1 of a whole
    event study is about 1.5 % wider in the study's panel. The others: `permute` and `resample`. A panel
    whose strata admit fewer than twenty assignments has no p-value of 5 %; the engine refuses it, and
    here it counts as not rejecting.
    """
    parts = [_rejections(scores[k : k + 1], member, calendar, drawn) for k in range(len(scores))]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _rejections(
    scores: Array, member: Members, calendar: Calendar, drawn: Drawn
) -> dict[str, NDArray[np.bool_]]:
    """`rejections` of one estimate: what is computed for all draws then stays in the processor's cache."""
    own = own_scores(scores, member)
    value = own.sum(axis=-1)
    size = np.abs(value)
    spread = spread_of(own, member, len(calendar.sizes))
    found = {
        name: size > reach for name, reach in student_reach(spread, calendar, config.CONFIDENCE_LEVEL).items()
    }
    estimates, errors = permuted(scores, drawn.groups, calendar.sizes)
    own_error = np.sqrt(spread.sum(axis=0))
    shares = {
        "randomization": p_values(np.abs(estimates), size, own_error),
        "randomization_studentised": p_values(np.abs(estimates) / errors, size / own_error, 1.0),
    }
    if len(calendar.sizes) == 2:
        for name, strata in drawn.schemes.items():
            mean = restricted_means(scores, strata)
            others = restricted_estimates(scores, strata) - mean[..., None]
            p_value = p_values(np.abs(others), np.abs(value - mean), own_error)
            shares[name] = np.where(can_reject(strata, config.CONFIDENCE_LEVEL), p_value, 1.0)
        shares["wild_rademacher"] = wild_p_values(own, value, spread, member, drawn.signs)
        shares["wild_webb"] = wild_p_values(own, value, spread, member, drawn.six)
        shares["conley_taber"] = conley_taber_p_values(own, value, member, calendar, drawn.times)
        shares["ferman_pinto"] = ferman_pinto_p_values(
            own, value, member, calendar, drawn.picks, drawn.residents
        )
    alpha = 1 - config.CONFIDENCE_LEVEL
    return found | {name: p_value <= alpha for name, p_value in shares.items()}


def student_reach(spread: Array, calendar: Calendar, level: float) -> dict[str, Array]:
    """Half-widths of intervals from (H, F, B) sums of squares within groups."""
    sizes = np.array(calendar.sizes, dtype=float)[:, None, None]
    half = 0.5 + level / 2
    total = float(sizes.sum())
    found = {"influence_normal": ndtri(half) * np.sqrt(spread.sum(axis=0))}
    if len(sizes) > 2:
        return found
    # Treatment and period effects; unit effects are nested in clusters and not counted.
    cells, spent = total * calendar.periods, calendar.periods
    factor = total / (total - 1) * (cells - 1) / (cells - spent)
    raised = sizes / (sizes - 1)
    freedom = (1 / sizes).sum() ** 2 / (1 / (sizes**2 * (sizes - 1))).sum()
    usual = stdtrit(total - 1, half)
    found["cr1_t"] = usual * np.sqrt(factor * spread.sum(axis=0))
    found["cr2_satterthwaite"] = stdtrit(freedom, half) * np.sqrt((raised * spread).sum(axis=0))
    found["cr3_t"] = usual * np.sqrt((total - 1) / total * (raised**2 * spread).sum(axis=0))
    return found


def spread_of(own: Array, member: Members, groups: int) -> Array:
    """(H, F, B) sums of squared deviations from the group's mean score."""
    inside = member == np.arange(groups)[:, None, None]  # (H, B, N)
    size = inside.sum(axis=-1)[:, None]
    total = np.einsum("hbn,fbn->hfb", inside, own)
    found: Array = np.einsum("hbn,fbn->hfb", inside, own**2) - total**2 / size
    return found
