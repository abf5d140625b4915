"""Few treated units, many untreated: the untreated units say how far an estimate strays by chance.

With a handful of treated units their errors do not average out, so no normal approximation holds
however many untreated units there are. But the untreated units show the distribution of those errors
(Conley and Taber 2011). If small units are noisier than large ones, what they show is rescaled to the
size of the treated units first (Ferman and Pinto 2019).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import nnls

from ..errors import InputError
from ..numerics.batch import Plan, make_plan
from ..numerics.p_values import p_values
from ..panel.panel import NEVER, Panel
from .record import Inference, share_error
from .variation import check_draws_differ, check_variation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options

LEAST_CONTROLS = 10  # fewer give steps of more than ten points in a two-sided p-value
ENUMERATED = 50_000
CONLEY_TABER = "errors alike across units and independent of treatment; error of the control mean ignored"
FERMAN_PINTO = "as Conley-Taber, but error variances may fall with the size of the unit"


def conley_taber(
    panel: Panel, name: str, options: Options, *, terms: tuple[str, ...] = ("att",),
    draws: int = 99_999, seed: int = 0,
) -> list[Inference]:  # fmt: skip
    r"""Test and interval from the residuals of untreated units (Conley and Taber 2011).

    Parameters
    ----------
    panel
        Balanced, unweighted, without covariates, with untreated units throughout.
    name
        An estimator linear in outcomes given the assignment.
    options
        As for the estimator; ``level`` is the level of the intervals.
    terms
        Terms judged.
    draws, seed
        Number and seed of draws where all combinations of untreated units are too many.

    Raises
    ------
    InputError
        Fewer than `LEAST_CONTROLS` units are untreated throughout, or they do not differ.

    Notes
    -----
    An estimate is :math:`\hat\theta = \sum_h \omega_h' \bar y_h`. Its error is close to
    :math:`\sum_{i\,treated} \omega_{h(i)}' \varepsilon_i / n_{h(i)}` when untreated units are many. Each
    :math:`\varepsilon_i` is drawn, with replacement, from the untreated units' outcomes less their mean
    in each period. For the static two-way coefficient of one cohort this is their estimator.
    The p-value is twice the smaller tail, the interval takes both quantiles: they always agree.
    """
    return _judge(panel, name, options, terms, draws, seed, None)


def ferman_pinto(
    panel: Panel, name: str, options: Options, sizes: Array, *, terms: tuple[str, ...] = ("att",),
    draws: int = 99_999, seed: int = 0,
) -> list[Inference]:  # fmt: skip
    r"""Same as `conley_taber` with variances that depend on size (Ferman and Pinto 2019).

    Parameters
    ----------
    sizes
        (N,) positive, such as residents.

    Raises
    ------
    InputError
        As `conley_taber`, or sizes that are not positive numbers, one per unit.

    Notes
    -----
    The variance of what unit j would add is modelled as :math:`A + B / M_j` with A, B >= 0, fitted by
    least squares on the squared residuals of the untreated units. A residual drawn
    from j in the place of i is multiplied by :math:`\{(A + B/M_i) / (A + B/M_j)\}^{1/2}`.
    """
    sizes = np.asarray(sizes, dtype=float)
    if sizes.shape != (panel.n_units,) or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise InputError("sizes must be positive numbers, one per unit")
    return _judge(panel, name, options, terms, draws, seed, sizes)


def size_variance(squares: Array, sizes: Array) -> tuple[float, float]:
    """A and B >= 0 of squares = A + B / size by least squares; a constant if they explain nothing."""
    unit = sizes.mean()
    (level, slope), _ = nnls(np.column_stack([np.ones(len(sizes)), unit / sizes]), squares)
    if level == 0 and slope == 0:
        return 1.0, 0.0
    return float(level), float(slope * unit)


def _judge(
    panel: Panel, name: str, options: Options, terms: tuple[str, ...], draws: int, seed: int,
    sizes: Array | None,
) -> list[Inference]:  # fmt: skip
    check_variation(panel)
    panel = replace(panel, starts=panel.cohort)
    controls = np.flatnonzero(panel.cohort == NEVER)
    if len(controls) < LEAST_CONTROLS:
        raise InputError(
            f"{len(controls)} units are untreated throughout", expected=f"at least {LEAST_CONTROLS}"
        )
    plan = make_plan(panel, name, options, terms)
    treated = np.flatnonzero(panel.cohort != NEVER)
    picks, whole = _picks(len(controls), len(treated), draws, seed)
    found = []
    for q, row in enumerate(plan.estimates):
        if np.abs(plan.weights[q]).max() == 0:
            continue
        table = _contributions(panel, plan, q, controls, treated, sizes)  # (treated, controls)
        error = table[np.arange(len(treated)), picks].sum(axis=1)
        check_draws_differ(error, panel.outcome)
        low, high = np.quantile(error, [0.5 - options.level / 2, 0.5 + options.level / 2])
        tails = p_values(np.stack([error, -error]), [row.estimate, -row.estimate])
        p_value = min(1.0, 2 * float(tails.min()))
        found.append(
            Inference(
                "conley_taber" if sizes is None else "ferman_pinto", row.term, row.event_time, row.estimate,
                p_value, row.estimate - float(high), row.estimate - float(low),
                std_error=float(error.std()), comparisons=len(error),
                mc_error=share_error(p_value, len(error), whole),
                assumes=CONLEY_TABER if sizes is None else FERMAN_PINTO,
            )
        )  # fmt: skip
    return found


def _picks(controls: int, treated: int, draws: int, seed: int) -> tuple[NDArray[np.int64], bool]:
    """(B, treated) untreated units put in the place of the treated ones, and whether these are all."""
    if controls**treated <= ENUMERATED:
        return np.array(list(product(range(controls), repeat=treated))), True
    return np.random.default_rng(seed).integers(controls, size=(draws, treated)), False


def _contributions(
    panel: Panel, plan: Plan, q: int, controls: NDArray[np.int64], treated: NDArray[np.int64],
    sizes: Array | None,
) -> Array:  # fmt: skip
    """(treated, controls) what each untreated unit's residuals add in each treated unit's place."""
    residual = panel.outcome[controls] - panel.outcome[controls].mean(axis=0)
    forms = plan.weights[q] / plan.sizes[:, None]
    table = forms[plan.member[treated]] @ residual.T
    if sizes is None:
        return np.asarray(table)
    for k, unit in enumerate(treated):
        level, slope = size_variance(table[k] ** 2, sizes[controls])
        table[k] *= np.sqrt((level + slope / sizes[unit]) / (level + slope / sizes[controls]))
    return np.asarray(table)
