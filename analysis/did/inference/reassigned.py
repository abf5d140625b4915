"""Randomisation test of the synthetic estimators, which choose their weights from the outcomes.

They have no linear form, so every reassignment is solved anew, many at once. What sets the ridge of the
weights, the spread of changes before treatment, is taken over all units here, so that the statistic
is the same function of every assignment and the test keeps its size if units were exchangeable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..estimators.synthetic_block import Block, solve_batch
from ..numerics.p_values import p_values
from ..panel.comparison import comparable
from ..panel.panel import NEVER, Panel
from ..registry import estimator
from .record import Inference, share_error
from .variation import check_draws_differ, check_variation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options

NAMES = ("synthetic_did", "synthetic_control")
ASSUMES = "every choice of treated units was equally likely; noise level taken over all units"


def reassigned_inference(
    panel: Panel, name: str, options: Options, *, draws: int = 999, seed: int = 0
) -> Inference:
    """Permutation p-value of the overall effect of a synthetic estimator.

    Parameters
    ----------
    panel
        Balanced, unweighted, one treated cohort and units untreated throughout.
    name
        One of `NAMES`.
    options
        As for the estimator.
    draws, seed
        Number and seed of drawn assignments.

    Returns
    -------
    Inference
        The estimate is the estimator's own; its statistic under the common noise level is what the
        p-value (1 + #) / (1 + draws) compares. No set is inverted: the weights change with the null.

    Raises
    ------
    InputError
        Another estimator, several cohorts, or an outcome without variation.
    """
    if name not in NAMES:
        raise InputError(f"{name} is no synthetic estimator", expected=" or ".join(NAMES))
    check_variation(panel)
    panel = comparable(panel, options).panel
    if len(panel.cohorts) != 1:
        raise InputError(f"{len(panel.cohorts)} cohorts start inside the panel", expected="one")
    row = next(r for r in estimator(name)(panel, options) if r.term == "att")
    treated = panel.cohort < NEVER
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.broadcast_to(treated, (draws, panel.n_units)), axis=1)
    start = panel.cohorts[0]
    block = Block(
        panel.outcome,  # all units: its noise does not depend on who was treated
        panel.outcome[treated],
        start - options.anticipation,
        start,
        name == "synthetic_control",
    )
    values = overall_effects(block, panel.outcome, np.vstack([treated, drawn]))
    check_draws_differ(values[1:], panel.outcome)
    p_value = float(p_values(np.abs(values[1:]), abs(values[0])))
    return Inference(
        "randomization", "att", None, row.estimate, p_value, float("nan"), float("nan"),
        comparisons=draws + 1, mc_error=share_error(p_value, draws + 1), assumes=ASSUMES,
    )  # fmt: skip


def overall_effects(block: Block, outcome: Array, treated: NDArray[np.bool_]) -> Array:
    """(B,) mean effects when the units marked in (B, N) are the treated ones."""
    size = int(treated[0].sum())
    order = np.argsort(~treated, axis=1, kind="stable")
    chosen, rest = order[:, :size], order[:, size:]
    present = np.ones(rest.shape, dtype=bool)
    solved = solve_batch(block, outcome[rest], present, outcome[chosen].mean(axis=1))
    return np.asarray(solved.path.mean(axis=1))
