"""Restricted wild cluster bootstrap: the residuals of each cluster change sign together.

Residuals are those of the regression under the null, so that the test keeps its size with fewer
clusters than a clustered error needs. With very few treated clusters it hardly ever rejects, which
is a warning, not evidence of no effect (MacKinnon and Webb 2017).

Every bootstrap statistic is a ratio whose parts are polynomials in the null value. They are computed
once; a p-value for any null, and so the confidence set, then costs one pass over the draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..numerics.p_values import TIE, reached_ratio, share
from .record import Inference, share_error
from .regression import Regression, read_regression

if TYPE_CHECKING:
    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

ENUMERATED = 16  # clusters up to which all sign changes are gone through (half of them, by symmetry)
CHUNK = 8192
WEIGHTS = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.concatenate([-np.sqrt([1.5, 1.0, 0.5]), np.sqrt([0.5, 1.0, 1.5])]),
}
ASSUMES = "independent clusters; with two or three treated it hardly ever rejects"
ROUNDING = 1e-12  # a draw's response to the null, relative to the others', that is rounding


@dataclass(frozen=True)
class WildBootstrap:
    """Bootstrap statistics of one estimate as functions of the null value.

    Parameters
    ----------
    estimate, error
        The estimate and its CR1 error without the constant factor, which cancels.
    numerators
        (B, 2) the bootstrap estimate less the null is n0 + d n1, with d = estimate - null.
    variances
        (B, 3) its squared error is q0 + d q1 + d^2 q2.
    exact
        Whether the draws are all there are.
    """

    estimate: float
    error: float
    numerators: Array
    variances: Array
    exact: bool

    def p_value(self, null: float = 0.0) -> float:
        """Two-sided p-value of effect = ``null``."""
        d = self.estimate - null
        top = self.numerators[:, 0] + d * self.numerators[:, 1]
        square = self.variances @ np.array([1.0, d, d * d])
        reached = reached_ratio(top**2, np.maximum(square, 0.0), d**2, self.error**2)
        return float(share(np.count_nonzero(reached), len(top), exact=self.exact))

    def _p_value_far_off(self) -> float:
        """Limit of the p-value as the null goes to infinity: draws whose error does not grow with it."""
        n1, (q0, _, q2) = self.numerators[:, 1], self.variances.T
        stays = (q2 == 0) & reached_ratio(n1**2, q0, 1.0, self.error**2)
        return float(share(np.count_nonzero(stays), len(n1), exact=self.exact))

    def interval(self, level: float) -> tuple[float, float]:
        """Nulls around the estimate with a p-value above 1 - level: first crossing on each side."""
        alpha = (1 - level) * (1 + TIE)
        return self._end(-1.0, alpha), self._end(1.0, alpha)

    def _end(self, side: float, alpha: float) -> float:
        if self._p_value_far_off() > alpha:
            return side * np.inf
        step, inside = self.error, 0.0
        for _ in range(60):
            if self.p_value(self.estimate + side * (inside + step)) <= alpha:
                break
            inside, step = inside + step, 1.5 * step
        else:
            return side * np.inf
        outside = inside + step
        while outside - inside > 1e-6 * self.error + 1e-12 * outside:
            middle = (inside + outside) / 2
            if self.p_value(self.estimate + side * middle) <= alpha:
                outside = middle
            else:
                inside = middle
        return self.estimate + side * inside


def wild_bootstrap(
    fit: Regression, index: int, *, weights: str = "rademacher", draws: int = 9_999, seed: int = 0
) -> WildBootstrap:
    r"""Bootstrap one estimate of a regression.

    Parameters
    ----------
    fit
        From `read_regression`.
    index
        Which estimate.
    weights
        ``rademacher`` (two points; all sign changes where there are at most `ENUMERATED` clusters) or
        ``webb`` (six points, for so few clusters that two points give few distinct draws; Webb 2023).
    draws, seed
        Number and seed of drawn weights.

    Raises
    ------
    InputError
        Unknown weights.

    Notes
    -----
    With z the linear form of the estimate, the residuals under the null value b are
    :math:`\tilde u = \hat u + z (\hat\theta - b) / z'z`. A draw v gives
    :math:`\theta^* - b = \sum_g v_g z_g' \tilde u_g` and cluster scores
    :math:`v_g z_g' \tilde u_g - z_g' X_g (X'X)^{-1} \sum_h v_h X_h' \tilde u_h` (Cameron, Gelbach and
    Miller 2008; Roodman, Nielsen, MacKinnon and Webb 2019).
    """
    if weights not in WEIGHTS:
        raise InputError(f"there are no bootstrap weights {weights!r}", expected=", ".join(WEIGHTS))
    z, clusters = fit.forms[:, index], fit.n_clusters
    tilt = z / (z @ z)
    own = np.empty((2, clusters))
    moments = np.empty((2, clusters, fit.rows.shape[1]))
    loads = np.empty((clusters, fit.rows.shape[1]))
    for g, block in enumerate(fit.blocks):
        pair = np.stack([fit.residual[block], tilt[block]])
        own[:, g] = pair @ z[block]
        moments[:, g] = pair @ fit.rows[block]
        loads[g] = z[block] @ fit.rows[block]
    spread = moments @ fit.inverse @ loads.T  # (2, h, g): what cluster h's sign moves in g's score
    exact = weights == "rademacher" and clusters <= ENUMERATED
    total = 2 ** (clusters - 1) if exact else draws
    numerators, variances = np.empty((total, 2)), np.empty((total, 3))
    rng = np.random.default_rng(seed)
    every = product((-1.0, 1.0), repeat=clusters - 1)
    for start in range(0, total, CHUNK):
        count = min(CHUNK, total - start)
        if exact:
            free = np.array([next(every) for _ in range(count)]).reshape(count, clusters - 1)
            signs = np.hstack([np.ones((count, 1)), free])
        else:
            signs = rng.choice(WEIGHTS[weights], size=(count, clusters))
        here = slice(start, start + count)
        numerators[here] = signs @ own.T
        first = signs * own[0] - signs @ spread[0]
        second = signs * own[1] - signs @ spread[1]
        second[np.abs(second) <= ROUNDING * np.abs(own[1]).max()] = 0.0
        variances[here, 0] = (first**2).sum(axis=1)
        variances[here, 1] = 2 * (first * second).sum(axis=1)
        variances[here, 2] = (second**2).sum(axis=1)
    error = float(np.sqrt((own[0] ** 2).sum()))
    return WildBootstrap(float(fit.values[index]), error, numerators, variances, exact)


def wild_tests(
    panel: Panel, name: str, options: Options, *, weights: str = "rademacher", draws: int = 9_999,
    seed: int = 0, terms: tuple[str, ...] = ("att",),
) -> list[Inference]:  # fmt: skip
    """Bootstrap p-values and inverted confidence sets of the two-way estimates.

    Parameters
    ----------
    panel, name, options
        As for `read_regression`.
    weights, draws, seed
        As for `wild_bootstrap`.
    terms
        Terms tested.
    """
    fit = read_regression(panel, name, options)
    found = []
    for k, row in enumerate(fit.estimates):
        if row.term not in terms:
            continue
        boot = wild_bootstrap(fit, k, weights=weights, draws=draws, seed=seed)
        (low, high), p_value = boot.interval(options.level), boot.p_value()
        found.append(
            Inference(
                f"wild_{weights}", row.term, row.event_time, boot.estimate, p_value, low, high,
                comparisons=len(boot.numerators) * (2 if boot.exact else 1),
                mc_error=share_error(p_value, len(boot.numerators), boot.exact), assumes=ASSUMES,
            )
        )  # fmt: skip
    return found
