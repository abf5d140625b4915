"""The efficient estimator when the timing of treatment is as good as random.

Roth and Sant'Anna (2023), "Efficient estimation for staggered rollout designs", Journal of
Political Economy Microeconomics 1(4). Random timing is more than parallel trends: outcomes before
treatment are then covariates, and the estimator uses them with the coefficient that makes its
variance smallest, where a difference-in-differences fixes that coefficient at one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted
from ..panel.comparison import UNUSED_COVARIATES, comparable
from ..panel.gate import counted, listing
from ..panel.panel import NEVER, Panel
from .averages import averages, cell_sums, cohort_index, report, root
from .cell_weights import tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options

BLOCK = 256  # averages whose loads are laid out at once


def efficient(panel: Panel, options: Options) -> Fitted:
    r"""Average effects with pre-treatment outcomes used efficiently.

    Parameters
    ----------
    panel
        N units over T periods, without missing outcomes, equal weights, every unit its own cluster,
        at least two units in each cohort: otherwise refused with the reason.
    options
        ``control`` ``never`` compares with the never-treated (or last) cohort only. Uses
        ``anticipation``, ``window``, ``balance``, ``level``.

    Returns
    -------
    Fitted
        All averages of `analysis.did.estimators.averages`, each with its own coefficient.

    Raises
    ------
    InputError
        The panel does not meet the requirements above.

    Notes
    -----
    Estimand: the average effect for the units at hand. With
    :math:`\hat\theta` the difference in means after the start (treated less controls, summed over
    the cells averaged) and :math:`\hat X` the same difference in the last period before the start,
    the estimate is :math:`\hat\theta - \beta \hat X`, :math:`\beta = \widehat{Cov}(\hat X,
    \hat\theta) / \widehat{Var}(\hat X)` (their equation 9 for scalar X). :math:`\beta = 1` is the
    group-time average with not-yet-treated controls.

    Errors: Neyman, :math:`\sum_g (A_g - \beta B_g)' S_g (A_g - \beta B_g) / N_g` with the sample
    covariance :math:`S_g` of cohort g; conservative when effects differ between units. Normal
    intervals. The paper's sharper variant subtracts an estimated bound that, with as many periods
    as units, exceeds the variance itself and would leave an error of zero, so it is not offered.
    """
    comparison = comparable(panel, options)
    panel = comparison.panel
    check_randomised_panel(panel)
    index = cohort_index(panel)
    cohorts = len(panel.cohorts)
    counts = np.bincount(index[index >= 0], minlength=cohorts)
    distance = np.arange(panel.n_periods)[None, :] - np.array(panel.cohorts)[:, None]
    usable = (distance >= 0) & (np.array(panel.cohorts)[:, None] > options.anticipation)
    usable &= np.array([_controls(panel, options, t).any() for t in range(panel.n_periods)])[None, :]
    if not usable.any():
        raise InputError("no treated cell has a control and a period before treatment")
    size = np.where(usable, counts[:, None], 0).astype(float)
    found = averages(size, counts.astype(float), panel, options)
    parts = [
        efficient_averages(panel, options, tensor(found[first : first + BLOCK]) * size)
        for first in range(0, len(found), BLOCK)
    ]
    values, errors, slopes = (np.concatenate(part) for part in zip(*parts, strict=True))
    notes = [comparison.note, "Valid if timing is random, which is more than parallel trends."]
    if panel.covariate_names:
        notes.append(UNUSED_COVARIATES)
    held = cell_sums(panel.observed.astype(np.int64), index, cohorts)
    rows = report(
        "efficient",
        found,
        values,
        errors,
        panel,
        options,
        inference="Neyman, normal",
        control_group=comparison.control,
        units=panel.n_units,
        comparison_cells=int(panel.observed.sum() - held[distance >= 0].sum()),
        observed=held,
        standing=counts,
        note=" ".join(text for text in notes if text),
    )

    def covariance(pick: NDArray[np.int64]) -> Array:
        shares = tensor([found[k] for k in pick]) * size
        scores = neyman_scores(panel, options, shares, slopes[pick])
        return scores.T @ scores

    return Fitted(tuple(rows), covariance)


def efficient_averages(panel: Panel, options: Options, shares: Array) -> tuple[Array, Array, Array]:
    """Efficient estimates of any weighted sums of cell effects.

    Parameters
    ----------
    panel
        As left by `comparable`.
    shares
        (K, C, T) weight of each cell effect.

    Returns
    -------
    tuple
        (K,) estimates, (K,) Neyman errors, (K,) coefficients on the difference before treatment.
    """
    groups = np.unique(panel.cohort)
    after, before = _loads(panel, options, shares, groups)
    number = len(shares)
    theta, lagged = np.zeros(number), np.zeros(number)
    squares, products, lagged_squares = np.zeros(number), np.zeros(number), np.zeros(number)
    for g, group in enumerate(groups):
        own = panel.outcome[panel.cohort == group]
        mean = own.mean(axis=0)
        theta += after[:, g] @ mean
        lagged += before[:, g] @ mean
        scale = len(own) * (len(own) - 1)
        late, early = (own - mean) @ after[:, g].T, (own - mean) @ before[:, g].T
        squares += (late**2).sum(axis=0) / scale
        products += (late * early).sum(axis=0) / scale
        lagged_squares += (early**2).sum(axis=0) / scale
    slope = np.divide(products, lagged_squares, out=np.zeros(number), where=lagged_squares > 0)
    errors = root(squares - 2 * slope * products + slope**2 * lagged_squares)
    return theta - slope * lagged, errors, slope


def _loads(panel: Panel, options: Options, shares: Array, groups: NDArray[np.int64]) -> tuple[Array, Array]:
    """(K, H, T) loads of the group means in the effects, and in the differences before the start."""
    after = np.zeros((len(shares), len(groups), panel.n_periods))
    before = np.zeros_like(after)
    place = np.searchsorted(groups, panel.cohorts)
    _, first, sizes = np.unique(panel.cohort, return_index=True, return_counts=True)
    for c, t in np.argwhere((shares != 0).any(axis=0)).tolist():
        base = panel.cohorts[c] - 1 - options.anticipation
        compared = (
            sizes * _controls(panel, options, t)[first]
        )  # units of a cohort all are controls or none is
        contrast = -compared / compared.sum()
        contrast[place[c]] += 1.0
        after[:, :, t] += shares[:, c, t, None] * contrast
        before[:, :, base] += shares[:, c, t, None] * contrast
    return after, before


def neyman_scores(panel: Panel, options: Options, shares: Array, slopes: Array) -> Array:
    """(N, K) contributions of units to the efficient estimates, given their coefficients."""
    groups = np.unique(panel.cohort)
    after, before = _loads(panel, options, shares, groups)
    loads = after - slopes[:, None, None] * before
    scores = np.zeros((panel.n_units, len(shares)))
    for g, group in enumerate(groups):
        own = panel.outcome[panel.cohort == group]
        scores[panel.cohort == group] = (own - own.mean(axis=0)) @ loads[:, g].T
        scores[panel.cohort == group] /= np.sqrt(len(own) * (len(own) - 1))
    return scores


def _controls(panel: Panel, options: Options, period: int) -> NDArray[np.bool_]:
    """(N,) units that serve as controls in a period."""
    if options.control == "never":
        never: NDArray[np.bool_] = panel.cohort == NEVER
        return never
    return panel.starts > period + options.anticipation


def check_randomised_panel(panel: Panel) -> None:
    """Refuse what the design-based theory does not cover, naming units."""
    if not panel.balanced:
        gaps = [panel.units[k] for k in np.flatnonzero(~panel.observed.all(axis=1))]
        raise InputError(
            f"the efficient estimator needs every outcome; "
            f"{counted(len(gaps), 'unit has', 'units have')} gaps: {listing(gaps)}"
        )
    if panel.weighted:
        raise InputError(
            "the efficient estimator has no unit weights: random timing gives each unit the same"
        )
    if panel.n_clusters < panel.n_units:
        raise InputError("the efficient estimator takes timing as random by unit, not by cluster")
    groups, counts = np.unique(panel.cohort, return_counts=True)
    if (counts < 2).any():
        named = ["never treated" if g == NEVER else panel.label(int(g)) for g in groups[counts < 2]]
        raise InputError(f"a cohort with one unit has no variance: {listing(named)}")
