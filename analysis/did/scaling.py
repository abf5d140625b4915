"""Outcomes of ordinary size, estimates in the outcome's unit again, and no error where there is no noise.

Every estimator is run on outcomes of ordinary size, so that none has to think of squares that a float does
not hold, or of what rounding looks like in another unit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .fitted import Fitted
from .numerics.rounding import power_of_two, rounding
from .panel.arrays import distinct
from .results import GAP, NAN, NO_ERROR, NO_NOISE, Estimate

if TYPE_CHECKING:
    from .panel.panel import Panel

ROUNDING = 1e-12  # an error relative to the outcomes' spread that is rounding
FEWEST_CLUSTERS = 3
JOINT = {"pretrend_joint": True, "effects_joint": False}  # joint tests: of effects before the start or not
UNITLESS = ("weight", *JOINT)
ORDINARY = 2.0**60  # largest outcome, or its inverse, whose square and sums of squares a float holds well


def in_own_unit(panel: Panel) -> tuple[Panel, float]:
    """Panel with outcomes of ordinary size, and the power of two that they were divided by.

    No digit changes, and no square of an outcome is too large or too small for a float. Where outcomes
    are of ordinary size the power is one, so that a library's own result is in their unit.
    """
    unit = power_of_two(panel.outcome)
    if 1 / ORDINARY <= unit <= ORDINARY:
        return panel, 1.0
    return replace(panel, outcome=panel.outcome / unit), unit


def in_unit(part: Fitted, unit: float) -> Fitted:
    """Estimates in the outcome's unit again; weights and test statistics have none.

    The library's own result would be in another unit and is not handed on.
    """
    if unit == 1:
        return part
    rows = tuple(
        row
        if row.term in UNITLESS
        else replace(
            row, estimate=row.estimate * unit, std_error=row.std_error * unit, ci_low=row.ci_low * unit,
            ci_high=row.ci_high * unit, band_low=row.band_low * unit, band_high=row.band_high * unit,
        )
        for row in part.rows
    )  # fmt: skip
    covariance, influence = part.covariance, part.influence
    return Fitted(
        rows,
        None if covariance is None else lambda pick: covariance(pick) * unit * unit,
        influence=None if influence is None else lambda pick: (influence(pick)[0] * unit, influence(pick)[1]),
    )


def without_noise(panel: Panel, part: Fitted) -> Fitted:
    """Take away errors, intervals and p-values where nothing shows how large chance is.

    That is where errors are rounding, because outcomes have no noise, and where there are two clusters:
    their scores sum to zero, so that whatever is printed is no error. A joint test goes with the errors of
    the effects that it joins: its statistic would be rounding over rounding.
    """
    estimates = part.rows
    clusters = distinct(panel.cluster if panel.balanced else panel.cluster[panel.observed.any(axis=1)])
    if clusters < FEWEST_CLUSTERS:
        why = f"{NO_ERROR}{clusters} clusters do not show how large chance is."
        return replace(part, rows=tuple(_without_error(row, why) for row in estimates))
    least = rounding(panel.outcome, ROUNDING)
    silent = [row.std_error <= least for row in estimates]  # never so for what is no number
    if not any(silent):
        return part
    joined = {
        (row.estimator, row.event_time < 0)
        for row, quiet in zip(estimates, silent, strict=True)
        if quiet and row.event_time is not None
    }
    rows = tuple(
        _without_error(row, f"{NO_ERROR}{NO_NOISE}")
        if quiet or (row.term in JOINT and (row.estimator, JOINT[row.term]) in joined)
        else row
        for row, quiet in zip(estimates, silent, strict=True)
    )
    return replace(part, rows=rows)


def _without_error(row: Estimate, why: str) -> Estimate:
    if row.term in JOINT:
        note = row.note if row.note.startswith(GAP) else f"{GAP}{why.removeprefix(NO_ERROR)} {row.note}"
        return replace(row, estimate=NAN, p_value=NAN, note=note.strip())
    if row.estimate != row.estimate:
        return row  # has no number either, and says why
    return replace(
        row, std_error=NAN, ci_low=NAN, ci_high=NAN, band_low=NAN, band_high=NAN, p_value=NAN,
        note=f"{row.note} {why}".strip(),
    )  # fmt: skip
