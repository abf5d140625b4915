r"""Test whether moment inequalities hold for some value of nuisance parameters (conditional, hybrid).

The violation of parallel trends delta is only known to lie in a polyhedron. Whether an effect theta
is possible is then a question about inequalities in estimated quantities, answered by the hybrid test
of Andrews, Roth and Pakes (2023) that Rambachan and Roth (2023) recommend. Its linear program has few
rows here, so the vertices of its dual are listed once and every theta is then tested by a product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import null_space
from scipy.special import ndtr, ndtri

from ..errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from .event_study import EventStudy

DRAWS = 10_000  # for the least-favourable critical value
BASES = 200_000  # bases of the dual program listed at most
DEGENERATE = "the covariance of the event study is too close to singular for the test"
SHARE = 0.1  # part of the level spent on the least-favourable first stage, as Rambachan and Roth


@dataclass(frozen=True)
class HybridTest:
    """Test of l' tau = theta for delta in {A delta <= d}, ready to be asked about any theta.

    Parameters
    ----------
    level0, slope
        (V,) value of the dual objective at vertex v is level0 - theta slope.
    links
        (V, V) covariance of the vertices' objectives.
    critical
        Least-favourable critical value.
    size
        Level of the conditional stage.
    """

    level0: Array
    slope: Array
    links: Array
    critical: float
    size: float

    @cached_property
    def _variances(self) -> Array:
        """(V,) variances of the vertices' objectives."""
        return np.diag(self.links)

    def accepts(self, thetas: Array) -> NDArray[np.bool_]:
        r"""(n,) whether each theta is not rejected.

        Notes
        -----
        With :math:`\eta` the largest objective, at vertex v with standard error s, and the others
        fixed given what is independent of it, v stays the optimum for objectives in [lo, up]. The test
        rejects above the quantile of a normal truncated to [lo/s, min(up, critical)/s], or above
        ``critical``.
        """
        objective = self.level0[:, None] - self.slope[:, None] * np.asarray(thetas)
        best = objective.argmax(axis=0)
        top = objective[best, np.arange(len(best))]
        accepted = np.zeros(len(best), dtype=bool)
        largest, below = float(self._variances.max()), top <= self.critical
        for vertex in np.flatnonzero(np.bincount(best, minlength=len(self.slope))):
            here = best == vertex
            variance = self._variances[vertex]
            if variance < 1e-14 * max(largest, 1e-300):
                accepted[here] = top[here] <= 0
                continue
            here = np.flatnonzero(here & below)  # the others are rejected already
            if not here.size:
                continue
            share = self.links[:, vertex] / variance
            room = 1 - share
            rest = objective[:, here] - share[:, None] * top[here]
            over, under = room > 1e-9, room < -1e-9
            low = (rest[over] / room[over, None]).max(axis=0, initial=-np.inf)
            high = (rest[under] / room[under, None]).min(axis=0, initial=np.inf)
            error = np.sqrt(variance)
            bound = _truncated_quantile(1 - self.size, low / error, np.minimum(high, self.critical) / error)
            accepted[here] = top[here] / error <= np.maximum(bound, 0)
        return accepted


def hybrid_test(
    study: EventStudy, weights: Array, matrix: Array, bound: Array, level: float, seed: int = 0
) -> HybridTest:
    """Prepare the test for one polyhedron.

    Parameters
    ----------
    study
        P coefficients before, Q after the reference.
    weights
        (Q,) the effect of interest is their sum with the effects after.
    matrix, bound
        (m, P+Q) and (m,): delta is such that matrix delta <= bound. Rows without a coefficient after
        the reference are left out, as the software of Rambachan and Roth does: they say nothing about
        theta.
    level
        Confidence level.
    seed
        Of the draws for the critical value.

    Raises
    ------
    InputError
        The window has so many periods after the reference that the bases cannot be listed, or the
        covariance is too close to singular to be worked with.
    """
    count = len(study.after)
    rows = np.abs(matrix[:, -count:]).max(axis=1) > 1e-12
    a, d = matrix[rows], bound[rows]
    post = a[:, -count:]
    spread = a @ study.covariance @ a.T
    vertices = dual_vertices(post @ null_space(weights[None]), np.sqrt(np.diag(spread)))
    start = vertices @ (a @ study.coefficients - d)
    slope = vertices @ post @ (weights / (weights @ weights))
    links = vertices @ spread @ vertices.T
    try:
        root = np.linalg.cholesky(study.covariance)
    except np.linalg.LinAlgError as error:
        raise InputError(DEGENERATE) from error
    if not len(vertices):
        raise InputError(DEGENERATE)
    highest = (vertices @ a @ root @ _normals(seed, len(root))).max(axis=0)
    alpha = 1 - level
    first = SHARE * alpha
    critical = float(np.quantile(highest, 1 - first))
    return HybridTest(start, slope, links, critical, (alpha - first) / (1 - first))


@lru_cache(maxsize=4)
def _normals(seed: int, size: int) -> Array:
    """(size, DRAWS) independent normals, the same for all polyhedra of a study."""
    found: Array = np.ascontiguousarray(np.random.default_rng(seed).standard_normal((DRAWS, size)).T)
    found.flags.writeable = False
    return found


def dual_vertices(nuisance: Array, errors: Array) -> Array:
    """(V, m) vertices of {g >= 0, nuisance' g = 0, errors' g = 1}; nuisance (m, k), errors (m,).

    They are the extreme rays of {g >= 0, nuisance' g = 0}, each as long as the errors say: polyhedra that
    differ in their errors alone share the search.
    """
    rays = _extreme_rays(np.ascontiguousarray(nuisance).tobytes(), *nuisance.shape)
    lengths = rays @ errors
    some = lengths > 1e-10 * errors.max(initial=0.0)
    return np.asarray(rays[some] / lengths[some, None])


@lru_cache(maxsize=16)
def _extreme_rays(written: bytes, rows: int, columns: int) -> Array:
    """(V, m) extreme rays of {g >= 0, nuisance' g = 0}, each with sum 1; nuisance as its bytes."""
    nuisance = np.frombuffer(written).reshape(rows, columns)
    if columns:
        left, values, _ = np.linalg.svd(nuisance, full_matrices=False)
        nuisance = left[:, values > 1e-10 * values[0]]
    size = nuisance.shape[1] + 1
    if comb(rows, size) > BASES:
        raise InputError(
            f"{comb(rows, size)} bases are too many to list", action="use fewer periods after the start"
        )
    bases = np.array(list(combinations(range(rows), size)))
    system = np.concatenate([nuisance.T, np.ones((1, rows))])  # (k+1, m)
    square = np.moveaxis(system[:, bases], 1, 0)
    sound = np.linalg.cond(square) < 1e10
    target = np.zeros((size, 1))
    target[-1] = 1
    solved = np.linalg.solve(square[sound], np.broadcast_to(target, (int(sound.sum()), size, 1)))[..., 0]
    feasible = solved.min(axis=1) > -1e-9
    rays = np.zeros((int(feasible.sum()), rows))
    np.put_along_axis(rays, bases[sound][feasible], np.maximum(solved[feasible], 0), axis=1)
    kept = np.unique(np.round(rays, 9), axis=0, return_index=True)[1]
    rays = rays[np.sort(kept)]
    rays.flags.writeable = False  # shared by all polyhedra
    return rays


def _truncated_quantile(p: float, low: Array, high: Array) -> Array:
    """Quantile of a standard normal truncated to [low, high], accurate in the upper tail."""
    tail = (1 - p) * ndtr(-low) + p * ndtr(-high)
    with np.errstate(divide="ignore"):
        found: Array = np.clip(-ndtri(tail), low, np.maximum(high, low))
        return found
