"""Does the outcome change more where there is more platform work? A slope in parcels per head, permuted.

Left out: whether parcels stand for platform work, and that couriers of express firms are often employees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.base.errors import InputError
from analysis.did import NEVER
from analysis.did.numerics.p_values import reached

if TYPE_CHECKING:
    from analysis.did import Panel
    from analysis.did.numerics.types import Array

DRAWS = 9_999


@dataclass(frozen=True)
class DoseSlope:
    """Slope of the change in the log dose among treated provinces less that among the others."""

    estimate: float
    p_value: float
    draws: int


def dose_slope(panel: Panel, dose: Array, seed: int, draws: int = DRAWS) -> DoseSlope:
    r"""Difference of slopes and its permutation p-value.

    Parameters
    ----------
    panel
        One cohort; the change is the mean from its start on less the last period before.
    dose
        (N,) positive.
    seed, draws
        Of the assignments drawn.

    Notes
    -----
    With :math:`\Delta_i` the change and :math:`z_i` the log dose, the estimate is
    :math:`cov_1(z, \Delta) / var_1(z) - cov_0(z, \Delta) / var_0(z)`, treated (1) less others (0). The
    p-value is the share of assignments of as many provinces with an absolute value as large, the actual
    one among them.

    Raises
    ------
    InputError
        A dose is not positive, or several cohorts start.
    """
    if len(panel.cohorts) != 1:
        raise InputError("a slope in the dose needs one cohort")
    if not (np.isfinite(dose) & (dose > 0)).all():
        raise InputError("parcels per head are not positive in every province", expected="above zero")
    (first,) = panel.cohorts
    change = panel.outcome[:, first:].mean(axis=1) - panel.outcome[:, first - 1]
    treated = panel.cohort < NEVER
    rng = np.random.default_rng(seed)
    members = np.array([treated, *(rng.permutation(treated) for _ in range(draws))])
    found = slopes(members, np.log(dose), change) - slopes(~members, np.log(dose), change)
    extreme = int(np.count_nonzero(reached(np.abs(found), abs(found[0]))))
    return DoseSlope(float(found[0]), extreme / len(found), draws)


def slopes(members: Array, dose: Array, change: Array) -> Array:
    """(B,) least-squares slopes among the units of each row of (B, N) members."""
    weight = members / members.sum(axis=1, keepdims=True)
    z = dose - (weight @ dose)[:, None]
    return np.asarray((weight * z * change).sum(axis=1) / (weight * z * z).sum(axis=1))
