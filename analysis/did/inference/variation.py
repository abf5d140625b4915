"""Refuse what no test can judge: an outcome that does not vary, or draws that are all the same.

A p-value of one would be printed otherwise, and would read as "no effect was found".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..numerics.rounding import rounding

if TYPE_CHECKING:
    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

LEAST = 1e-10  # variation relative to the outcome's spread below which it is rounding
LARGEST = 1e100
NOISE = 1e-9  # spread of untreated changes, relative to the outcome's spread, that is rounding


def check_variation(panel: Panel) -> None:
    """Refuse an outcome that unit and period means explain to the last digit.

    Raises
    ------
    InputError
        Nothing is left to test after unit and period means are taken out.
    """
    seen = panel.observed
    left = np.where(seen, panel.outcome, 0.0)
    least = rounding(panel.outcome, LEAST)
    before, now = np.inf, float(np.abs(left).max(initial=0.0))
    while least < now < 0.99 * before:  # gaps: each pass takes out a further share of unit and period means
        for axis in (1, 0):
            mean = left.sum(axis=axis, keepdims=True) / np.maximum(seen.sum(axis=axis, keepdims=True), 1)
            left = np.where(seen, left - mean, 0.0)
        before, now = now, float(np.abs(left).max(initial=0.0))
    if now <= least:
        raise InputError(
            "the outcome does not vary between units over time: there is nothing to test",
            expected="an outcome that unit and period means do not explain completely",
            action="check that the right column is named as the outcome",
        )


def check_noise(panel: Panel, options: Options) -> None:
    """Refuse a panel in which nothing shows how large chance is.

    Raises
    ------
    InputError
        In every period all untreated units change alike: their outcomes are unit and period effects
        without noise, such as counts that are zero by a rule. Or outcomes are too large to be squared.
    """
    if float(np.nanmax(np.abs(panel.outcome))) > LARGEST:
        raise InputError(
            "the outcome is too large to be squared",
            expected=f"values up to {LARGEST:g}",
            action="give the outcome in a larger unit",
        )
    change = np.diff(panel.outcome, axis=1)
    free = panel.untreated(options.anticipation)[:, 1:] & np.isfinite(change)
    spread = np.where(free, change, -np.inf).max(axis=0) - np.where(free, change, np.inf).min(axis=0)
    if not (spread > rounding(panel.outcome, NOISE)).any():
        raise InputError("untreated units all change alike, so that nothing shows how large chance is")


def check_draws_differ(drawn: Array, outcome: Array | None) -> None:
    """Refuse a test whose draws or reassignments all give the same statistic.

    Parameters
    ----------
    drawn
        (B,) statistics.
    outcome
        What the statistics are made of, by which rounding is told from variation; missing for statistics
        of size one.

    Raises
    ------
    InputError
        They are equal up to rounding, so that the p-value would say nothing.
    """
    least = LEAST if outcome is None else rounding(outcome, LEAST)
    if len(drawn) and float(np.ptp(drawn)) <= least:
        raise InputError(
            f"all {len(drawn)} reassignments give the same estimate: the test cannot tell them apart",
            action="check the outcome in the periods that the estimate uses, or widen the scheme",
        )


def check_scores_differ(scores: Array, outcome: Array) -> None:
    """Refuse, before anything is drawn, a test in which it does not matter who is in which group.

    Parameters
    ----------
    scores
        (Q, H, N) what each unit adds to each estimate when it is in each group.
    outcome
        As above.

    Raises
    ------
    InputError
        For some estimate, changing groups changes nothing for any unit.
    """
    moves = scores[:, 1:] - scores[:, :1]
    if float(np.ptp(moves, axis=2).max(axis=1).min(initial=np.inf)) <= rounding(outcome, LEAST):
        raise InputError(
            "all reassignments give the same estimate: the test cannot tell them apart",
            action="check the outcome in the periods that the estimate uses",
        )


def check_one_way(panel: Panel) -> None:
    """Refuse errors clustered in two ways where a method knows one kind of clusters."""
    if panel.ways is not None:
        raise InputError(
            "these checks know one kind of clusters, and errors are clustered in two ways",
            action="give one column of clusters",
        )
