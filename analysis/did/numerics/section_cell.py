"""One comparison of two periods and two groups where every row is seen once.

Sant'Anna and Zhao (2020), "Doubly robust difference-in-differences estimators", Journal of Econometrics
219(1), for repeated cross-sections: outcome regression (their equation 2.2), inverse probability with
normalised weights (Hajek), and the locally efficient doubly robust form (their equation 3.4). All three are
sums of weighted means, so that one influence function serves them: that of the means, plus what the fitted
models add through the derivative of the means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .adjustment import SEPARATED, TRIM, Vector, propensity

SINGULAR = 1e12


@dataclass(frozen=True)
class Mean:
    """A weighted mean of outcomes less predictions that enters the effect with a sign.

    Parameters
    ----------
    sign
        +1 or -1.
    mass, value
        (n,) weights and what is averaged.
    fits
        For each outcome model in ``value``, its number and its sign there.
    moves
        (n,) derivative of the weights with respect to the index of the propensity; zeros: none.
    """

    sign: int
    mass: Vector
    value: Vector
    fits: tuple[tuple[int, int], ...]
    moves: Vector


def two_sections(
    before: Vector,
    after: Vector,
    treated: Vector,
    covariates: Vector,
    early: Vector,
    late: Vector,
    method: str,
) -> tuple[float, Vector] | str:
    """Effect on the treated where units are followed, each with another weight in the later period.

    Their outcomes are taken as two cross-sections, and a unit's influence is the sum of that of its rows.

    Parameters
    ----------
    before, after
        (n,) outcomes in the base and the later period.
    treated, covariates, method
        As in `section_cell`, (n,) and (n, K).
    early, late
        (n,) weights in the two periods.

    Returns
    -------
    tuple of float and array, or str
        As `section_cell`.
    """
    number = len(before)
    found = section_cell(
        np.concatenate([before, after]), np.repeat([0.0, 1.0], number), np.tile(treated.astype(float), 2),
        np.tile(covariates, (2, 1)), np.concatenate([early, late]), method,
    )  # fmt: skip
    return found if isinstance(found, str) else (found[0], (found[1][:number] + found[1][number:]) / 2)


def section_cell(
    outcome: Vector, post: Vector, treated: Vector, covariates: Vector, weights: Vector, method: str
) -> tuple[float, Vector] | str:
    """Effect on the treated from two cross-sections.

    Parameters
    ----------
    outcome
        (n,) outcomes.
    post, treated
        (n,) 0 or 1: in the later period; of the treated group.
    covariates
        (n, K); K may be 0, and then all methods are the difference of four means.
    weights
        (n,) positive.
    method
        ``reg``, ``ipw`` or ``dr``.

    Returns
    -------
    tuple of float and array, or str
        The effect and the (n,) influence values, in the scale of sqrt(n); or why there is none.
    """
    number = len(outcome)
    if min(float((a * b).sum()) for a in (post, 1 - post) for b in (treated, 1 - treated)) == 0:
        return "a group has no row in one of the two periods"
    method = method if covariates.shape[1] else "reg"
    design = np.ones((number, 1))
    if covariates.shape[1]:
        centre, spread = covariates.mean(axis=0), covariates.std(axis=0)
        if (spread <= 1e-12 * np.abs(covariates).max(axis=0)).any():
            return "a covariate does not vary"
        design = np.column_stack([np.ones(number), (covariates - centre) / spread])
    none = np.zeros(number)
    own, other = weights * treated, weights * (1 - treated)
    sides = [own * post, own * (1 - post), other * post, other * (1 - post)]
    predictions, via = [], []
    for mass in sides[0 if method == "dr" else 2 :] if method != "ipw" else []:
        product = (design * mass[:, None]).T @ design
        if np.linalg.cond(product) > SINGULAR:
            return "covariates are collinear in a group and period, or it has too few rows"
        slopes = np.linalg.solve(product, (design * mass[:, None]).T @ outcome)
        predictions.append(design @ slopes)
        residual = mass * (outcome - predictions[-1])
        via.append(number * np.linalg.solve(product, (design * residual[:, None]).T).T)
    odds, via_propensity = none, np.zeros_like(design)
    if method != "reg":
        found = propensity(design, treated, weights)
        if found is None:
            return SEPARATED
        fitted, information = found
        odds = (1 - treated) * fitted / (1 - fitted) * (fitted < TRIM)
        via_propensity = number * (design * (weights * (treated - fitted))[:, None]) @ information
    late, early = weights * odds * post, weights * odds * (1 - post)
    if method == "reg":
        after, before = 0, 1
        means = [
            Mean(1, sides[0], outcome, (), none),
            Mean(-1, sides[1], outcome, (), none),
            Mean(-1, own, predictions[after] - predictions[before], ((after, 1), (before, -1)), none),
        ]
    elif method == "ipw":
        means = [
            Mean(1, sides[0], outcome, (), none),
            Mean(-1, sides[1], outcome, (), none),
            Mean(-1, late, outcome, (), late),
            Mean(1, early, outcome, (), early),
        ]
    else:
        mine_after, mine_before, after, before = range(4)
        left_after, left_before = outcome - predictions[after], outcome - predictions[before]
        gain_after = predictions[mine_after] - predictions[after]
        gain_before = predictions[mine_before] - predictions[before]
        fits_after, fits_before = ((mine_after, 1), (after, -1)), ((mine_before, 1), (before, -1))
        means = [
            Mean(1, sides[0], left_after, ((after, -1),), none),
            Mean(-1, sides[1], left_before, ((before, -1),), none),
            Mean(-1, late, left_after, ((after, -1),), late),
            Mean(1, early, left_before, ((before, -1),), early),
            Mean(1, own, gain_after, fits_after, none),
            Mean(-1, sides[0], gain_after, fits_after, none),
            Mean(-1, own, gain_before, fits_before, none),
            Mean(1, sides[1], gain_before, fits_before, none),
        ]
    effect, psi = 0.0, np.zeros(number)
    for mean in means:
        total = mean.mass.sum()
        if total == 0:
            return SEPARATED
        level = float(mean.mass @ mean.value / total)
        part = number * mean.mass * (mean.value - level)
        for fit, sign in mean.fits:
            part = part + sign * via[fit] @ (mean.mass @ design)
        part = part + via_propensity @ ((mean.moves * (mean.value - level)) @ design)
        effect += mean.sign * level
        psi += mean.sign * part / total
    return effect, psi
