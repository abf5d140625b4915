"""One record for every way of judging an estimate, so that all of them fit in one table."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

NAN = float("nan")


@dataclass(frozen=True)
class Inference:
    """One estimate judged by one method.

    Parameters
    ----------
    method
        Short name, such as ``CR2`` or ``wild_rademacher``.
    term, event_time
        Which estimate, as in `analysis.did.results.Estimate`.
    estimate
        The number judged.
    p_value
        Two-sided, of no effect.
    ci_low, ci_high
        Interval at the level asked for; infinite where the data set no limit.
    std_error, freedom
        Where the method has them.
    comparisons
        Draws or assignments behind the p-value; 0 where none.
    exact
        Whether the p-value is exact where what the method assumes holds: a permutation test over all
        assignments. Never a bootstrap, even if all its draws are gone through.
    mc_error
        Monte Carlo standard error of the p-value; 0 if exact, missing where nothing is drawn.
    assumes
        What must hold for the size to be right, in a few words.
    """

    method: str
    term: str
    event_time: int | None
    estimate: float
    p_value: float
    ci_low: float
    ci_high: float
    std_error: float = NAN
    freedom: float = NAN
    comparisons: int = 0
    exact: bool = False
    mc_error: float = NAN
    assumes: str = ""


def share_error(p_value: float, draws: int, exact: bool = False) -> float:
    r"""Standard error :math:`\{p(1-p)/B\}^{1/2}` of a p-value that is a share of B draws; 0 if exact."""
    return 0.0 if exact else sqrt(p_value * (1 - p_value) / draws)
