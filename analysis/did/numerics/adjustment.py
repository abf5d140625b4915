"""One two-period comparison with covariates: outcome regression, inverse probability, doubly robust.

Sant'Anna and Zhao (2020): weights are normalised to sum to one among treated and among controls, the
outcome model is fitted by weighted least squares on controls, the propensity by weighted logit. The
influence functions count the estimation of both models.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

OVERLAP = 0.999  # a fitted probability at or above: treated and controls are separated
TRIM = 0.995  # controls with a probability at or above are left out
STEPS = 25
TOLERANCE = 1e-12


def logit(
    design: NDArray[np.float64], treated: Vector, weights: Vector
) -> tuple[Vector, NDArray[np.float64]]:
    """Weighted maximum-likelihood logit by Newton's method.

    Returns
    -------
    tuple
        (n,) fitted probabilities and the (K, K) inverse information.

    Raises
    ------
    numpy.linalg.LinAlgError
        The information is singular: the classes are separated or covariates collinear.
    """
    beta = np.zeros(design.shape[1])
    deviance = np.inf
    for _ in range(STEPS):
        index = design @ beta
        fitted = 1.0 / (1.0 + np.exp(-np.clip(index, -35, 35)))
        information = (design * (weights * fitted * (1 - fitted))[:, None]).T @ design
        inverse: NDArray[np.float64] = np.linalg.inv(information).astype(np.float64)
        last, deviance = deviance, float(-2 * weights @ (treated * index - np.logaddexp(0, index)))
        if abs(last - deviance) < TOLERANCE * (abs(deviance) + 0.1):
            break
        beta = beta + inverse @ (design.T @ (weights * (treated - fitted)))
    return fitted, inverse


def adjusted_cell(
    change: Vector,
    treated: NDArray[np.bool_],
    covariates: NDArray[np.float64],
    weights: Vector,
    method: str,
) -> tuple[float, Vector] | str:
    """Effect on the treated of one two-period comparison.

    Parameters
    ----------
    change
        (n,) change of the outcome.
    treated
        (n,) treated, else control.
    covariates
        (n, K) in the base period; K may be 0.
    weights
        (n,) positive.
    method
        ``reg``, ``ipw`` or ``dr``.

    Returns
    -------
    tuple of float and array, or str
        The effect and the (n,) influence values (mean zero, in the scale of sqrt(n)), or the reason
        why the comparison is not identified.

    Notes
    -----
    With w the unit weight, D treated, p(X) the propensity and m(X) the controls' expected change,
    theta = E[w D (dY - m)] / E[w D] - E[v (dY - m)] / E[v], v = w (1 - D) p / (1 - p).
    ``reg`` drops the second term, ``ipw`` sets m = 0; without covariates all three are the
    difference in mean changes.
    """
    number = len(change)
    own = treated.astype(float)
    if covariates.shape[1] == 0:
        mine, theirs = weights * own, weights * (1 - own)
        mean_own, mean_other = mine @ change / mine.sum(), theirs @ change / theirs.sum()
        psi = mine * (change - mean_own) / mine.mean() - theirs * (change - mean_other) / theirs.mean()
        return float(mean_own - mean_other), psi
    centre, spread = covariates.mean(axis=0), covariates.std(axis=0)
    if (spread <= 1e-12 * np.abs(covariates).max(axis=0)).any():
        return "a covariate does not vary"
    design = np.column_stack([np.ones(number), (covariates - centre) / spread])
    if method != "ipw" and number - int(treated.sum()) < design.shape[1]:
        return "there are fewer controls than covariates need"
    residual, via_outcome = change, np.zeros_like(design)
    if method in ("reg", "dr"):
        on_controls = weights * (1 - own)
        product = (design * on_controls[:, None]).T @ design
        if np.linalg.cond(product) > 1e12:
            return "covariates are collinear among controls"
        inverse = np.linalg.inv(product)
        residual = change - design @ (inverse @ (design.T @ (on_controls * change)))
        via_outcome = number * (design * (on_controls * residual)[:, None]) @ inverse
    mine, theirs = weights * own, np.zeros(number)
    via_propensity = np.zeros_like(design)
    if method in ("ipw", "dr"):
        try:
            fitted, information = logit(design, own, weights)
        except np.linalg.LinAlgError:
            return "covariates separate treated from controls"
        if fitted.max() >= OVERLAP:
            return "covariates separate treated from controls"
        theirs = weights * (1 - own) * fitted / (1 - fitted) * (fitted < TRIM)
        via_propensity = number * (design * (weights * (own - fitted))[:, None]) @ information
    effect_own = mine @ residual / mine.sum()
    psi = mine * (residual - effect_own) - via_outcome @ (mine @ design / number)
    psi = psi / mine.mean()
    if method == "reg":
        return float(effect_own), psi
    effect_other = theirs @ residual / theirs.sum()
    other = theirs * (residual - effect_other)
    other = other + via_propensity @ ((theirs * (residual - effect_other)) @ design / number)
    other = other - via_outcome @ (theirs @ design / number)
    return float(effect_own - effect_other), psi - other / theirs.mean()
