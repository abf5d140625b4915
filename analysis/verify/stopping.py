"""Synthetic weights where the R package synthdid stops looking for them, to show how far that is off.

Its search is that of Frank and Wolfe (1956): from equal weights, each step moves towards the single
series that lowers the objective fastest, by the best length. It ends when a step gains too little;
small weights are dropped and the search goes on from there. Where the ridge is small that is before
the optimum, and the estimate is another one. Plain and slow: for the agreement table only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.did.estimators.synthetic_block import Block, solve_batch
from analysis.did.panel.panel import NEVER, Panel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FIRST_STEPS, MOST_STEPS = 100, 10_000  # before and after small weights are dropped
LEAST_DECREASE = 1e-5  # of the root mean squared error, as a share of the noise
SMALL = 1 / 4  # of the largest weight


def stopped_effects(panel: Panel, *, control_only: bool) -> dict[str, float]:
    """Effects by the weights at which synthdid stops.

    Parameters
    ----------
    panel
        N units over T periods, balanced, some never treated, every cohort with two periods before.
    control_only
        Synthetic control instead of synthetic difference-in-differences.

    Returns
    -------
    dict
        ``group_g`` for the cohort that starts in the period labelled g, and
        ``att_cohort_weighted``, their mean by treated observations.
    """
    donors = panel.outcome[panel.cohort == NEVER]
    found, mass = {}, []
    for g in panel.cohorts:
        block = Block(donors, panel.outcome[panel.cohort == g], g, g, control_only)
        least = (LEAST_DECREASE * block.noise) ** 2

        def weigh(gaps: Array, _: NDArray[np.bool_], ridge: Array, least: float = least) -> Array:
            columns, rows = gaps[0], gaps.shape[1]
            even = np.full(columns.shape[1], 1 / columns.shape[1])
            first = search(columns, even, float(ridge[0]), rows * least, FIRST_STEPS)
            kept = np.where(first > first.max() * SMALL, first, 0.0)
            return search(columns, kept / kept.sum(), float(ridge[0]), rows * least, MOST_STEPS)[None]

        present = np.ones((1, len(donors)), dtype=bool)
        solved = solve_batch(block, donors[None], present, block.treated.mean(axis=0)[None], weigh)
        found[f"group_{panel.label(g)}"] = float(solved.path.mean())
        mass.append(len(block.treated) * (panel.n_periods - g))
    found["att_cohort_weighted"] = float(np.average(list(found.values()), weights=mass))
    return found


def search(gaps: Array, start: Array, ridge: float, least: float, steps: int) -> Array:
    """(n,) weights after at most ``steps`` steps, or once one lowers |G x|^2 + ridge |x|^2 by ``least``."""
    x = start.copy()
    for step in range(steps):
        slope = gaps.T @ (gaps @ x) + ridge * x
        towards = int(slope.argmin())
        move = -x
        move[towards] += 1
        curvature = float(((gaps @ move) ** 2).sum() + ridge * (move**2).sum())
        descent = float(-slope @ move)
        length = min(max(descent / curvature, 0.0), 1.0) if curvature > 0 else 0.0
        x += length * move
        if step and length * (2 * descent - length * curvature) <= least:
            break
    return x
