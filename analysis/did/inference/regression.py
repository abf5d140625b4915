"""The two-way regressions as rows, clusters and contrasts, for inference that needs the design itself.

Unit effects are absorbed, because they are nested in clusters; period dummies stay in the design,
because they are not and adjustments such as CR2 change when they are taken out first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..estimators.twfe import event_design, reference_event, static_design
from ..numerics.inverse import invert
from ..panel.comparison import comparable
from ..registry import estimator
from .variation import check_variation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.design import Design
    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel
    from ..results import Estimate


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
        (K, K) inverse of rows' rows.
    spent
        Parameters: independent regressors, and unit effects where they are counted.
    weighted
        Whether unit weights differ.
    own
        Whether our own kernel was asked for: no other software then computes clustered errors either.
    """

    estimates: tuple[Estimate, ...]
    contrasts: Array
    rows: Array
    outcome: Array
    group: NDArray[np.int64]
    inverse: Array
    spent: int
    weighted: bool
    own: bool = False

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
        for row in estimator(name)(panel, replace(options, kernel="fast"))
        if row.term == "att" or (row.term == "event" and row.event_time != reference)
    ]
    if name == "twfe":
        design, picked = static_design(panel, options), np.eye(1)
    else:
        panel = comparable(panel, options).panel
        design, events = event_design(panel, options)
        shown = [row.event_time for row in reported if row.term == "event"]
        single = (np.array(shown)[:, None] == events).astype(float)
        after = np.array([e is not None and e >= 0 for e in shown])
        picked = np.vstack([single[after].mean(axis=0), single])
    return _stack(design, picked, tuple(reported), panel.weighted, options.kernel == "fast")


def _stack(
    design: Design, picked: Array, estimates: tuple[Estimate, ...], weighted: bool, own: bool
) -> Regression:
    """Observed rows without unit means, sorted by cluster; columns that are not collinear.

    A contrast that is identified is zero in a column that others make up, so that none is lost.
    """
    rows, values = design.demeaned()
    cluster = design.cluster[design.places[0]]
    order = np.argsort(cluster, kind="stable")
    independent = invert(rows.T @ rows)[2]
    contrasts = np.hstack([picked, np.zeros((len(picked), rows.shape[1] - picked.shape[1]))])
    rows = rows[:, independent]
    inverse = invert(rows.T @ rows)[0]
    return Regression(
        estimates,
        contrasts[:, independent],
        rows[order],
        values[order],
        np.unique(cluster[order], return_inverse=True)[1],
        inverse,
        len(independent) + design.counted,
        weighted,
        own,
    )
