"""What the mean of an untreated count or share depends on: group, period and covariates, as a regression.

Without covariates all units of a group and period have the same mean, and their cell is one row. With
covariates each observed unit-period is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..numerics.least_squares import check_size
from .untreated import constant_within_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..panel.panel import Panel


@dataclass(frozen=True)
class Rows:
    """R rows of a regression with H groups and T periods.

    Parameters
    ----------
    design
        (R, P) group dummies, period dummies but the first, and what covariates add.
    mean, mass
        (R,) weighted mean of the outcomes behind a row, and their weight.
    cell
        (R,) group x T + period.
    row
        (N, T) row of each unit-period; any where the outcome is missing.
    """

    design: Array
    mean: Array
    mass: Array
    cell: NDArray[np.int64]
    row: NDArray[np.int64]

    def per_cell(self, values: Array, groups: int) -> Array:
        """(H, T) sums of (R,) values."""
        periods = self.row.shape[1]
        found = np.bincount(self.cell, values, minlength=groups * periods)
        return np.asarray(found, dtype=np.float64).reshape(groups, periods)


def rows_of(panel: Panel, member: NDArray[np.int64], groups: int) -> Rows:
    """Lay out the regression.

    Parameters
    ----------
    member
        (N,) group of each unit, 0..H-1.
    groups
        H.

    Notes
    -----
    A covariate that is constant within units has a slope in each group and another one in each period but
    the first; one that changes has one slope. All are centred and scaled, which moves no prediction.
    """
    periods, observed = panel.n_periods, panel.observed
    at = member[:, None] * periods + np.arange(periods)
    dummies = _dummies(groups, periods)
    if not panel.covariate_names:
        weights = np.where(observed, panel.weights[:, None], 0.0)
        sums = weights * np.where(observed, panel.outcome, 0.0)
        mass, total = (
            np.bincount(at.ravel(), part.ravel(), groups * periods).astype(np.float64)
            for part in (weights, sums)
        )
        return Rows(dummies, total / np.where(mass > 0, mass, 1.0), mass, np.arange(len(mass)), at)
    covariates = len(panel.covariate_names)
    check_size(panel.n_units, periods, (groups + periods) * (1 + covariates))
    cell = at[observed]
    row = np.zeros(observed.shape, dtype=np.int64)
    row[observed] = np.arange(len(cell))
    parts = [dummies[cell]]
    for k, name in enumerate(panel.covariate_names):
        x = panel.covariates[:, :, k][observed]
        spread = x.std()
        if spread <= 1e-12 * np.abs(x).max():
            raise InputError(f"covariate {name!r} is constant", action="leave it out")
        x = ((x - x.mean()) / spread)[:, None]
        parts.append(dummies[cell] * x if constant_within_units(panel, k) else x)
    mass = np.broadcast_to(panel.weights[:, None], observed.shape)[observed]
    return Rows(np.hstack(parts), panel.outcome[observed], mass, cell, row)


def _dummies(groups: int, periods: int) -> Array:
    """(H T, H + T - 1) group dummies, then period dummies but the first."""
    own = np.broadcast_to(np.eye(groups)[:, None, :], (groups, periods, groups))
    when = np.broadcast_to(np.eye(periods)[None, :, 1:], (groups, periods, periods - 1))
    return np.concatenate([own, when], axis=2).reshape(groups * periods, -1)
