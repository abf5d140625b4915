"""How far parallel trends may fail, as rows of the sensitivity table.

Where a row has no estimate of an effect, its ``analysis`` says what the number is. An analysis that
cannot be computed keeps a row with the reason in ``note``.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy.special import ndtri

from ..errors import InputError
from ..results import GAP, NAN
from .honest import (
    average_effect,
    first_effect,
    relative_breakdown,
    relative_magnitude_set,
    smoothness_breakdown,
    smoothness_set,
)
from .pretrends import PassedTest, after_passing, slope_with_power, without_trend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..numerics.types import Array
    from .event_study import EventStudy

Numbers = tuple[float, float, float]  # estimate, lower and upper end
ESTIMATOR = "event_study_twfe"
ANALYSES = (
    "relative_magnitude", "smoothness", "relative_breakdown", "smoothness_breakdown", "linear_trend",
    "pretest_slope", "pretest_bias",
)  # fmt: skip
POWERS = (0.5, 0.8)
NOTE = (
    "event study with jackknife (CR3) covariance, taken as normal; smoothness bounds and breakdown in "
    "standard errors of the effect"
)


def trend_table(
    study: EventStudy, *, level: float, bounds: Sequence[float], seed: int, ahead: int = 0
) -> pd.DataFrame:
    """Bounds under violations of parallel trends, breakdown values, pre-test power and adjustment.

    Parameters
    ----------
    study
        Coefficients with their covariance.
    level, seed
        Confidence level; seed of the critical values' draws.
    bounds
        Violations allowed: as a multiple of the largest change before the start and, for smoothness,
        in standard errors of the effect, so that one list serves every outcome.
    ahead
        Periods of anticipation: the first coefficients after the reference, which are no effects.
    """
    rows: list[dict[str, Any]] = []

    def add(analysis: str, variant: str, setting: float | str, compute: Callable[[], Numbers]) -> None:
        row: dict[str, Any] = {"analysis": analysis, "variant": variant, "setting": setting, "note": NOTE}
        try:
            row["estimate"], row["ci_low"], row["ci_high"] = compute()
        except InputError as error:
            row["note"] = GAP + error.problem
        rows.append(row)

    average = average_effect(study, ahead)
    for variant, weights in (("first", first_effect(study, ahead)), ("average", average)):
        for bound in bounds:
            add("relative_magnitude", variant, bound, partial(_relative, study, weights, bound, level, seed))
            add("smoothness", variant, bound, partial(_smooth, study, weights, bound, level, seed))
        add("relative_breakdown", variant, "", partial(_relative_breakdown, study, weights, level, seed))
        add("smoothness_breakdown", variant, "", partial(_smoothness_breakdown, study, weights, level, seed))
        add("linear_trend", variant, "", partial(_adjusted, study, weights, level))

    @cache
    def slope(power: float) -> float:
        return slope_with_power(study, power, level=level)

    def found(power: float) -> Numbers:
        return slope(power), NAN, NAN

    @cache
    def passed(power: float) -> PassedTest:
        return after_passing(study, slope(power), level=level)

    def bias(power: float, variant: str) -> Numbers:
        return _bias(passed(power), average, variant)

    for power in POWERS:
        add("pretest_slope", "slope found with that power", power, partial(found, power))
        for variant in ("all samples", "samples that pass"):
            add("pretest_bias", variant, power, partial(bias, power, variant))
    return pd.DataFrame(rows).assign(estimator=ESTIMATOR)


def missing_trends(reason: str) -> pd.DataFrame:
    """One row for each analysis, where there is no event study to start from."""
    return pd.DataFrame({"analysis": ANALYSES, "estimator": ESTIMATOR, "note": GAP + reason})


def _relative(study: EventStudy, weights: Array, bound: float, level: float, seed: int) -> Numbers:
    value = float(weights @ study.after)
    return value, *relative_magnitude_set(study, weights, bound, level=level, seed=seed)


def _smooth(study: EventStudy, weights: Array, bound: float, level: float, seed: int) -> Numbers:
    value = float(weights @ study.after)
    return value, *smoothness_set(study, weights, bound * study.error(weights), level=level, seed=seed)


def _relative_breakdown(study: EventStudy, weights: Array, level: float, seed: int) -> Numbers:
    return relative_breakdown(study, weights, level=level, seed=seed), NAN, NAN


def _smoothness_breakdown(study: EventStudy, weights: Array, level: float, seed: int) -> Numbers:
    return smoothness_breakdown(study, weights, level=level, seed=seed) / study.error(weights), NAN, NAN


def _adjusted(study: EventStudy, weights: Array, level: float) -> Numbers:
    adjusted = without_trend(study)
    value, reach = float(weights @ adjusted.after), ndtri(0.5 + level / 2) * adjusted.error(weights)
    return value, value - reach, value + reach


def _bias(passed: PassedTest, weights: Array, variant: str) -> Numbers:
    bias = passed.conditional if variant == "samples that pass" else passed.unconditional
    return float(weights @ bias), NAN, NAN
