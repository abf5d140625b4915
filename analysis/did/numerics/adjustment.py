"""One two-period comparison with covariates: outcome regression, inverse probability, doubly robust.

Sant'Anna and Zhao (2020): weights are normalised to sum to one among treated and among controls, the
outcome model is weighted least squares on controls, the propensity a weighted logit, both fitted by
statsmodels. The influence functions, which count the estimation of both models, are ours.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

OVERLAP = 0.999  # a fitted probability at or above: treated and controls are separated
TRIM = 0.995  # controls with a probability at or above are left out
TOLERANCE = 1e-10  # of the slopes of standardised covariates
SEPARATED = "covariates separate treated from controls"


def propensity(
    design: NDArray[np.float64], treated: Vector, weights: Vector
) -> tuple[Vector, NDArray[np.float64]] | None:
    """Weighted maximum-likelihood logit: `GLM` of statsmodels.

    Returns
    -------
    tuple, or None
        (n,) fitted probabilities and the (K, K) inverse information; none where covariates tell
        treated from controls, so that the likelihood has no maximum.
    """
    # Its parts: all of statsmodels takes half a second to load.
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    model = GLM(treated, design, family=Binomial(), freq_weights=weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            found = model.fit(tol=TOLERANCE, tol_criterion="params")
        except (PerfectSeparationWarning, np.linalg.LinAlgError):
            return None
    return (found.mu, found.normalized_cov_params) if found.mu.max() < OVERLAP else None


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
        from statsmodels.regression.linear_model import WLS

        chosen = ~treated
        model = WLS(change[chosen], design[chosen], weights=weights[chosen]).fit()
        residual = change - model.predict(design)
        via_outcome = number * (design * (on_controls * residual)[:, None]) @ model.normalized_cov_params
    mine, theirs = weights * own, np.zeros(number)
    via_propensity = np.zeros_like(design)
    if method in ("ipw", "dr"):
        answer = propensity(design, own, weights)
        if answer is None:
            return SEPARATED
        fitted, information = answer
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
