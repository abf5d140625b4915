"""Least squares with unit effects on any set of observations, with clustered errors: two kernels.

One `Design` says what is regressed on what. `fit` hands it to `PanelOLS` of linearmodels, whose result comes
with the answer; `fit_fast` is our own, for large panels and many fits in a row. `fit` compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..estimators.averages import by_cluster, cr1_factor
from ..panel.arrays import renumbered
from .inverse import invert

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .design import Design
    from .types import Array

MOST_NUMBERS = 250_000_000  # regressors held at once: 2 GB, of which a few copies are made
MOST_CELLS, MOST_DENSE = 200_000, 20_000_000  # observations, and numbers in regressors, up to which
# linearmodels is the default: it takes seconds, and half a minute at most
APART = 1e-6  # of a standard error, by which the two kernels may differ


def check_size(units: int, periods: int, columns: int) -> None:
    """Refuse a regression whose regressors do not fit into memory.

    Raises
    ------
    InputError
        More than `MOST_NUMBERS` numbers.
    """
    if units * periods * columns > MOST_NUMBERS:
        raise InputError(
            f"a regression with {columns} columns on {units * periods} unit-periods does not fit into memory",
            action="use group_time, imputation or two_stage, which do not need it",
        )


def by_linearmodels(kernel: str, cells: int, columns: int) -> bool:
    """Whether linearmodels fits a regression of a size, by the kernel asked for; see `fit`."""
    small = cells <= MOST_CELLS and cells * columns <= MOST_DENSE
    return kernel == "linearmodels" or (kernel == "auto" and small)


@dataclass(frozen=True, eq=False)
class WithinFit:
    """Coefficients and clustered covariance of a regression with unit effects.

    Parameters
    ----------
    slopes, covariance
        (K,) and (K, K); of the many answers where regressors are collinear, one. Only contrasts for
        which `identifies` holds have a meaning, and it is the same in all of them.
    null
        (K, R) basis of the directions that the data do not identify.
    freedom
        G - 1, the degrees of freedom of clustered tests.
    independent
        Positions of a largest set of columns that are not collinear.
    model
        The result of linearmodels where that was asked; its own p-values are Student with n - K
        degrees of freedom, ours with ``freedom``.
    scores
        (G, K), whose product with themselves is the covariance, where they are at hand.
    """

    slopes: Array
    covariance: Array
    null: Array
    freedom: int
    independent: NDArray[np.int64]
    model: Any = None
    scores: Array | None = None

    @property
    def kernel(self) -> str:
        """Who computed it, in a word or two."""
        return "own kernel" if self.model is None else "linearmodels"

    @property
    def known(self) -> NDArray[np.bool_]:
        """(K,) whether each coefficient is identified."""
        known: NDArray[np.bool_] = np.abs(self.null).max(axis=1, initial=0) < 1e-7
        return known

    def identifies(self, contrasts: Array) -> NDArray[np.bool_]:
        """(M,) whether each row of contrasts (M, K) is identified."""
        scale = np.maximum(np.abs(contrasts).max(axis=1), 1e-300)
        known: NDArray[np.bool_] = np.abs(contrasts @ self.null).max(axis=1, initial=0) < 1e-7 * scale
        return known


def fit_fast(design: Design) -> WithinFit:
    r"""Weighted least squares with unit effects, by our own kernel.

    Notes
    -----
    Covariance: :math:`A^{-1} (\sum_c s_c s_c') A^{-1}` times
    :math:`\frac{G}{G-1} \frac{n-1}{n-K}` (CR1). K counts the regressors that are not collinear and
    ``counted``. Unit effects are nested in clusters and not counted, as in fixest, in Stata's
    reghdfe and, for one effect, in linearmodels: with two periods the regression is one of changes
    on a constant and treatment, which has two parameters however many units there are.
    """
    used, columns = design.used, design.regressors.shape[2]
    if design.weights.ndim == 2:
        return _fit_rows(design)
    rows = np.flatnonzero(used.any(axis=1))
    parts = []
    moment, cross = np.zeros((columns, columns)), np.zeros(columns)
    for members in _alike(design.kind[rows], used[rows]):
        own = rows[members]
        seen = used[own[0]]
        wide = design.regressors[design.kind[own[0]]][seen]
        wide = wide - wide.mean(axis=0)
        y = design.outcome[own]
        y = y if seen.all() else y[:, seen]
        y -= y.mean(axis=1, keepdims=True)
        moment += design.weights[own].sum() * (wide.T @ wide)
        cross += wide.T @ (design.weights[own] @ y)
        parts.append((members, wide, y, design.weights[own, None]))
    inverse, null, independent = invert(moment)
    slopes = inverse @ cross
    scores = np.empty((len(rows), columns))
    for members, wide, y, weight in parts:
        scores[members] = ((y - wide @ slopes) * weight) @ wide
    return _clustered(design, slopes, scores, rows, inverse, null, independent)


def _fit_rows(design: Design) -> WithinFit:
    """Fit a regression whose weights change: units are no longer alike, and each row is its own."""
    units, periods = design.used.shape
    check_size(units, periods, design.regressors.shape[2])
    wide, y = design.demeaned()
    inverse, null, independent = invert(wide.T @ wide)
    slopes = inverse @ (wide.T @ y)
    scores = wide * (y - wide @ slopes)[:, None]
    return _clustered(design, slopes, scores, design.places[0], inverse, null, independent)


def fit_left(design: Design, left: Array) -> WithinFit:
    """Fit on regressors ``left`` (N, T, K) when all effects, as many as ``counted``, were taken out."""
    mass = design.weights if design.weights.ndim == 2 else design.weights[:, None]
    mass = design.used * mass
    weighted = left * mass[:, :, None]
    inverse, null, independent = invert(np.tensordot(weighted, left, axes=([0, 1], [0, 1])))
    slopes = inverse @ np.einsum("ntk,nt->k", weighted, design.outcome)
    scores = np.einsum("ntk,nt->nk", weighted, design.outcome - left @ slopes)
    rows = np.flatnonzero(design.used.any(axis=1))
    return _clustered(design, slopes, scores[rows], rows, inverse, null, independent)


def _clustered(
    design: Design,
    slopes: Array,
    scores: Array,
    unit: NDArray[np.int64],
    inverse: Array,
    null: Array,
    independent: NDArray[np.int64],
) -> WithinFit:
    """Coefficients with the CR1 covariance of scores (S, K), each of the unit at (S,)."""
    group = renumbered(design.cluster[unit])
    clusters = int(group.max(initial=-1)) + 1
    summed = by_cluster(scores, group, clusters)
    factor = cr1_factor(clusters, int(design.used.sum()), len(independent) + design.counted)
    covariance = factor * inverse @ (summed.T @ summed) @ inverse
    return WithinFit(slopes, covariance, null, clusters - 1, independent)


def fit(design: Design, kernel: str) -> WithinFit:
    """Least squares by the kernel asked for.

    Parameters
    ----------
    design
        With ``names``.
    kernel
        ``linearmodels``; ``fast``, our own; ``auto``, see `by_linearmodels`.

    Raises
    ------
    InputError
        linearmodels refuses the regression, or gives another answer than our kernel: covariates
        whose sizes lie many powers of ten apart.
    """
    quick = fit_fast(design)
    asked = by_linearmodels(kernel, design.used.size, design.regressors.shape[2])
    # Without two clusters or a degree of freedom there is no error, which linearmodels does not say.
    if not asked or not np.isfinite(quick.covariance).all():
        return quick
    kept = quick.independent
    try:
        model = _panel_ols(design, kept)
    except ValueError as error:
        raise InputError(
            f"linearmodels refuses this regression: {error}", action="choose the kernel fast"
        ) from error
    slopes, covariance = np.zeros_like(quick.slopes), np.zeros_like(quick.covariance)
    slopes[kept] = model.params.to_numpy()
    covariance[np.ix_(kept, kept)] = model.cov.to_numpy()
    found = replace(quick, slopes=slopes, covariance=covariance, model=model)
    if not _alike_but_for_rounding(design, quick, slopes):
        raise InputError(
            "linearmodels and our own kernel give different coefficients",
            expected="covariates of like size",
            action="rescale the covariates",
        )
    return found


def _alike_but_for_rounding(design: Design, quick: WithinFit, slopes: Array) -> bool:
    """Whether two answers differ by less than anybody would read off, where slopes are identified."""
    known = quick.identifies(np.eye(len(slopes)))
    size = np.maximum(design.regressors.std(axis=(0, 1)), 1e-300)
    rounding = 1e-9 * np.abs(quick.slopes) + 1e-12 * np.abs(design.outcome[design.used]).max() / size
    error = np.sqrt(np.maximum(np.diag(quick.covariance), 0.0))  # two clusters can leave rounding below 0
    apart = np.abs(slopes - quick.slopes) > APART * error + rounding
    return not apart[known].any()


def _panel_ols(design: Design, kept: NDArray[np.int64]) -> Any:
    """`PanelEffectsResults` of the columns ``kept``, which are independent of each other.

    They must be: linearmodels does not see that regressors add up to a constant. Clusters are always
    given: without them its clustered errors are robust ones, without a word. Period dummies are
    among the regressors, so that the one absorbed effect is nested in the clusters.
    """
    import pandas as pd
    from linearmodels.panel import PanelOLS

    unit, period = design.places
    index = pd.MultiIndex.from_arrays([unit, period], names=["unit", "period"])
    names = [design.names[k] for k in kept]
    wide = pd.DataFrame(design.regressors[design.kind[unit], period][:, kept], index=index, columns=names)
    outcome = pd.Series(design.outcome[unit, period], index=index, name="outcome")
    weights = pd.Series(design.row_weights, index=index)
    model = PanelOLS(outcome, wide, entity_effects=True, weights=weights)
    return model.fit(
        cov_type="clustered",
        clusters=pd.Series(design.cluster[unit], index=index),
        group_debias=True,
        auto_df=False,
        count_effects=design.counted > 0,
    )


def _alike(kind: NDArray[np.int64], used: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Positions of units that share regressors and observations, one array for each kind."""
    if not len(kind):
        return []
    same = kind.astype(np.min_scalar_type(int(kind.max())))  # short numbers are sorted by their digits
    if not used.all():
        # Eight bytes of observations at a time are one number; units share all of them or differ.
        packed = np.packbits(used, axis=1)
        words = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view(">u8")
        for word in words.T:
            found, place = np.unique(word, return_inverse=True)
            same = np.unique(same.astype(np.int64) * len(found) + place, return_inverse=True)[1]
    order = np.argsort(same, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(same[order])) + 1)
