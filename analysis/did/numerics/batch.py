"""Many panels of one shape: the same estimator on many outcomes, or under many assignments.

On a balanced panel without covariates or unit weights, an estimate is a fixed linear form in the mean
outcomes by group and period. The form is taken from the estimator's own matrices (`numerics.forms`) or
read off once, by raising the outcome of one group in one period at a time and running the estimator.
After that a replicate costs one small matrix product instead of a run of the estimator. Panels with
groups of the same starts and sizes share one form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..panel.panel import Panel
from ..registry import check_reassignable, estimator
from .forms import known_form
from .rounding import rounding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..options import Options
    from ..results import Estimate

TOLERANCE = (
    1e-8  # error relative to the outcome's spread by which the form may miss the estimate it stands for
)
KEPT = 64  # forms remembered


@dataclass(frozen=True)
class Plan:
    """Estimates as linear forms in group means.

    Parameters
    ----------
    estimates
        The Q estimates on the panel the plan was made from.
    starts
        (H,) first treated position of each group.
    sizes
        (H,) units in each group.
    member
        (N,) group of each unit.
    weights
        (Q, H, T) weight of each group mean in each estimate.
    """

    estimates: tuple[Estimate, ...]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    member: NDArray[np.int64]
    weights: NDArray[np.float64]

    def of_outcomes(self, outcomes: NDArray[np.float64]) -> NDArray[np.float64]:
        """(B, Q) estimates for (B, N, T) outcomes under the plan's own assignment."""
        indicator = (self.member == np.arange(len(self.starts))[:, None]) / self.sizes[:, None]
        means = indicator @ outcomes  # (B, H, T)
        flat: NDArray[np.float64] = means.reshape(len(outcomes), -1) @ self._flat().T
        return flat

    def scores(self, outcome: NDArray[np.float64]) -> NDArray[np.float64]:
        """(Q, H, N) what each unit adds to each estimate when it is in each group."""
        centred = outcome - outcome.mean(axis=1, keepdims=True)
        return np.asarray((self.weights / self.sizes[:, None]) @ centred.T)

    def _flat(self) -> NDArray[np.float64]:
        return self.weights.reshape(len(self.weights), -1)


def make_plan(
    panel: Panel, name: str, options: Options, terms: tuple[str, ...] = ("att", "event"),
    estimates: Sequence[Estimate] | None = None,
) -> Plan:  # fmt: skip
    """Read the linear form of an estimator off a panel.

    Parameters
    ----------
    panel
        Balanced, unweighted, without covariates.
    name
        Estimator.
    options
        As for the estimator; ``draws`` is set to zero.
    terms
        Terms kept.
    estimates
        The estimates of these terms on this panel, where the caller has them.

    Raises
    ------
    InputError
        The panel has covariates, weights or missing outcomes, or the estimator takes a path of treatment
        or is not linear in group means.
    """
    check_reassignable(name)
    if not panel.balanced or panel.covariate_names or panel.weighted:
        gaps = int((~panel.observed).sum())
        raise InputError(
            "units cannot be reassigned with "
            + (f"{gaps} outcomes missing" if gaps else "covariates" if panel.covariate_names else "weights"),
            expected="a balanced panel without covariates and weights",
            action="leave out the units or periods with gaps, the covariates, or the weights",
        )
    starts, member = np.unique(panel.starts, return_inverse=True)
    sizes = np.bincount(member)
    estimates = _values(panel, name, options, terms) if estimates is None else estimates
    shape = (tuple(starts.tolist()), tuple(sizes.tolist()), panel.n_periods)
    weights = _read_form(name, replace(options, draws=0), terms, *shape)
    plan = Plan(tuple(estimates), starts, sizes, member, weights)
    # The weights were read off other outcomes: those of a form that fits its own panel miss here.
    wanted = np.array([row.estimate for row in estimates])
    if len(weights) != len(wanted) or np.abs(plan.of_outcomes(panel.outcome[None])[0] - wanted).max(
        initial=0
    ) > rounding(panel.outcome, TOLERANCE):
        raise InputError(f"{name} is not linear in group means: it has no batched path")
    return plan


def _values(panel: Panel, name: str, options: Options, terms: tuple[str, ...]) -> list[Estimate]:
    quick = replace(options, draws=0, kernel="fast")
    return [row for row in estimator(name)(panel, quick) if row.term in terms]


@lru_cache(maxsize=KEPT)
def _read_form(
    name: str, options: Options, terms: tuple[str, ...], starts: tuple[int, ...], sizes: tuple[int, ...],
    periods: int,
) -> NDArray[np.float64]:  # fmt: skip
    """(Q, H, T) weights, read off noise: which outcomes they are read from does not matter."""
    of_unit = np.repeat(np.array(starts), sizes)
    noise = np.random.default_rng(0).normal(size=(len(of_unit), periods))
    panel = Panel.from_arrays(noise, of_unit)
    every = estimator(name)(panel, replace(options, kernel="fast"))
    if (known := known_form(panel, name, options, every, terms)) is not None:
        known.flags.writeable = False  # shared by all plans of this shape
        return known
    base = np.array([row.estimate for row in every if row.term in terms])
    weights = np.empty((len(base), len(starts), periods))
    for group, start in enumerate(starts):
        for period in range(periods):
            raised = noise.copy()
            raised[of_unit == start, period] += 1.0
            rows = _values(replace(panel, outcome=raised), name, options, terms)
            weights[:, group, period] = [row.estimate for row in rows]
    weights -= base[:, None, None]
    weights.flags.writeable = False  # shared by all plans of this shape
    return weights
