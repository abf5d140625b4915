"""One regression with unit effects: what is regressed on what, where, and with what weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..panel.panel import Panel
    from .types import Array


def weights_of(panel: Panel) -> Array:
    """(N,) weights of a panel's units, or (N, T) where they change."""
    return panel.weights if panel.period_weights is None else panel.mass


@dataclass(frozen=True, eq=False)
class Design:
    """An outcome, its regressors and what they are observed on; unit effects are implied.

    Parameters
    ----------
    outcome
        (N, T).
    regressors
        (D, T, K), period dummies among them; any value where not used.
    kind
        (N,) row of ``regressors`` that each unit has. Units with the same row and the same
        observations are treated at once by `fit_fast`, so that a large panel needs no large design.
    observed
        (N, T) observations in the regression.
    weights
        (N,) unit weights, or (N, T) where they change.
    cluster
        (N,) cluster of each unit, 0..G-1. A unit lies in one cluster, so that its effect is nested.
    counted
        Parameters counted in K beyond the regressors.
    names
        K names of the regressors; needed by `fit` alone.
    """

    outcome: Array
    regressors: Array
    kind: NDArray[np.int64]
    observed: NDArray[np.bool_]
    weights: Array
    cluster: NDArray[np.int64]
    counted: int = 0
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.cluster) != len(self.outcome):
            raise ValueError("a cluster for each unit is needed: without it errors would not be clustered")

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """(N, T) observations less those of units with one, which say nothing about slopes."""
        found: NDArray[np.bool_] = self.observed & (self.observed.sum(axis=1) > 1)[:, None]
        return found

    @cached_property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(R,) unit and (R,) period of each observation."""
        unit, period = np.nonzero(self.used)
        return unit, period

    @cached_property
    def row_weights(self) -> Array:
        """(R,) weight of each observation."""
        unit, period = self.places
        found: Array = self.weights[unit] if self.weights.ndim == 1 else self.weights[unit, period]
        return found

    def demeaned(self) -> tuple[Array, Array]:
        """(R, K) regressors and (R,) outcomes without unit means, times the roots of the weights."""
        unit, period = self.places
        # Weights that are the same in all periods of a unit leave its means alone, to the last digit.
        mass = np.ones(len(unit)) if self.weights.ndim == 1 else self.row_weights
        total = np.bincount(unit, mass, minlength=len(self.used))[unit]
        wide, y = self.regressors[self.kind[unit], period], self.outcome[unit, period]
        for column in (y, *wide.T):
            column -= np.bincount(unit, mass * column, minlength=len(self.used))[unit] / total
        root = np.sqrt(self.row_weights)
        return wide * root[:, None], y * root
