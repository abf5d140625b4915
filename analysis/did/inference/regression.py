"""The two-way regressions as rows, clusters and contrasts, for inference that needs the design itself.

Unit effects are absorbed, because they are nested in clusters; period dummies stay in the design,
because they are not and adjustments such as CR2 change when they are taken out first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..estimators.twfe import reference_event, with_calendar
from ..numerics.within import RANK_TOLERANCE
from ..panel.comparison import comparable
from ..panel.panel import NEVER, Panel
from ..registry import estimator
from .variation import check_variation

if TYPE_CHECKING:
    from ..options import Options
    from ..results import Estimate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Regression:
    """Least squares of (R,) outcomes on (R, K) regressors, unit means removed, roots of weights applied.

    Parameters
    ----------
    estimates
        The Q estimates that the contrasts stand for.
    contrasts
        (Q, K).
    rows
        (R, K) regressors.
    outcome
        (R,).
    group
        (R,) cluster 0..G-1 of each row, sorted.
    inverse
        (K, K) generalised inverse of rows' rows.
    spent
        Parameters: independent regressors and unit effects.
    weighted
        Whether unit weights differ.
    """

    estimates: tuple[Estimate, ...]
    contrasts: Array
    rows: Array
    outcome: Array
    group: NDArray[np.int64]
    inverse: Array
    spent: int
    weighted: bool

    @cached_property
    def n_clusters(self) -> int:
        """G."""
        return int(self.group.max()) + 1

    @cached_property
    def blocks(self) -> list[slice]:
        """Rows of each cluster."""
        ends = np.searchsorted(self.group, np.arange(self.n_clusters + 1))
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]

    @cached_property
    def slopes(self) -> Array:
        """(K,) coefficients."""
        return np.asarray(self.inverse @ (self.rows.T @ self.outcome))

    @cached_property
    def residual(self) -> Array:
        """(R,) residuals."""
        return np.asarray(self.outcome - self.rows @ self.slopes)

    @cached_property
    def forms(self) -> Array:
        """(R, Q) weights z of each estimate as a sum over outcomes, estimate = z'y."""
        return np.asarray(self.rows @ (self.inverse @ self.contrasts.T))

    @property
    def values(self) -> Array:
        """(Q,) estimates."""
        return np.asarray(self.contrasts @ self.slopes)


def read_regression(panel: Panel, name: str, options: Options) -> Regression:
    """Regression behind ``twfe`` or ``event_study_twfe``, with its estimates as contrasts.

    Parameters
    ----------
    panel
        As for the estimator; covariates, weights, gaps and clusters are allowed.
    name
        ``twfe`` or ``event_study_twfe``.
    options
        As for the estimator. The reference event time, zero by construction, has no contrast.

    Raises
    ------
    InputError
        Another estimator, one that cannot be computed on this panel, or an outcome without variation.
    """
    check_variation(panel)
    if name not in ("twfe", "event_study_twfe"):
        raise InputError(f"{name} is not a two-way regression", expected="twfe or event_study_twfe")
    reference = reference_event(comparable(panel, options).panel, options) if name != "twfe" else 0
    reported = [
        row
        for row in estimator(name)(panel, options)
        if row.term == "att" or (row.term == "event" and row.event_time != reference)
    ]
    if name == "twfe":
        treated: NDArray[np.bool_] = np.arange(panel.n_periods) >= panel.cohort[:, None]
        used = panel.observed & (panel.untreated(options.anticipation) | treated)
        effects, picked = treated[:, :, None].astype(float), np.eye(1)
    else:
        panel = comparable(panel, options).panel
        used = panel.observed
        distance = np.arange(panel.n_periods) - panel.cohort[:, None]
        inside = (panel.cohort < NEVER)[:, None] & used
        events = np.array([e for e in np.unique(distance[inside]) if e != reference])
        effects = (distance[:, :, None] == events).astype(float)
        shown = [row.event_time for row in reported if row.term == "event"]
        single = (np.array(shown)[:, None] == events).astype(float)
        after = np.array([e is not None and e >= 0 for e in shown])
        picked = np.vstack([single[after].mean(axis=0), single])
    used = used & (used.sum(axis=1) > 1)[:, None]
    wide = with_calendar(panel, effects, used)
    return _stack(panel, wide, used, picked, tuple(reported))


def _stack(
    panel: Panel, wide: Array, used: NDArray[np.bool_], picked: Array, estimates: tuple[Estimate, ...]
) -> Regression:
    """Observed rows without unit means, sorted by cluster, and the generalised inverse."""
    share = used / np.maximum(used.sum(axis=1, keepdims=True), 1)
    wide = np.where(used[:, :, None], wide, 0.0)
    wide = wide - np.einsum("nt,ntk->nk", share, wide)[:, None, :]
    outcome = np.where(used, panel.outcome, 0.0)
    outcome = outcome - (share * outcome).sum(axis=1, keepdims=True)
    unit, period = np.nonzero(used)
    order = np.argsort(panel.cluster[unit], kind="stable")
    unit, period = unit[order], period[order]
    root = np.sqrt(panel.weights[unit])
    rows, values = wide[unit, period] * root[:, None], outcome[unit, period] * root
    moment = rows.T @ rows
    size = np.sqrt(np.maximum(np.diag(moment), 1e-300))
    size = np.where(size > 1e-10 * size.max(), size, 1.0)
    spectrum, vectors = np.linalg.eigh(moment / np.outer(size, size))
    alive = spectrum > RANK_TOLERANCE * spectrum[-1]
    inverse = (vectors[:, alive] / spectrum[alive]) @ vectors[:, alive].T / np.outer(size, size)
    contrasts = np.hstack([picked, np.zeros((len(picked), rows.shape[1] - picked.shape[1]))])
    return Regression(
        estimates,
        contrasts,
        rows,
        values,
        np.unique(panel.cluster[unit], return_inverse=True)[1],
        inverse,
        int(alive.sum()) + int(used.any(axis=1).sum()),
        panel.weighted,
    )
