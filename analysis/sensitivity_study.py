"""What the study's estimates owe to single provinces, to parallel trends and to choices.

Product: ``sensitivity.csv``, one row per outcome, analysis and variant. Where a row has no estimate of
an effect, its ``analysis`` says what the number is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis import config
from analysis.did import Options, Panel
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.leave_out import (
    leave_one_cohort_out,
    leave_one_unit_out,
    placebo_dates,
    placebo_units,
)
from analysis.did.sensitivity import (
    EventStudy,
    after_passing,
    average_effect,
    first_effect,
    read_event_study,
    relative_breakdown,
    relative_magnitude_set,
    slope_with_power,
    smoothness_breakdown,
    smoothness_interval,
    without_trend,
)
from analysis.files import save_table
from analysis.inference_study import read_outcome, study_options
from analysis.specification_curve import curve_table, specification_curve

KEY = ("outcome", "analysis", "variant", "setting")
ESTIMATOR = "group_time"
REFITS = {
    "leave_one_unit_out": leave_one_unit_out,
    "leave_one_cohort_out": leave_one_cohort_out,
    "placebo_date": placebo_dates,
    "placebo_unit": placebo_units,
}
COLUMNS = [
    "evidence", "outcome", "analysis", "variant", "setting", "estimator", "estimate", "ci_low", "ci_high",
    "p_value", "n_units", "note",
]  # fmt: skip
TREND_NOTE = (
    "event study with jackknife (CR3) covariance, taken as normal; smoothness bounds and breakdown in "
    "standard errors of the effect"
)


def refit_table(data: Panel, options: Options) -> pd.DataFrame:
    """Leave-one-out and placebo estimates, with permutation p-values over drawn assignments.

    A placebo province is one treated unit among 24: its p-value is the rank of its estimate.
    """
    rows = []
    for analysis, refit in REFITS.items():
        found = refit(data, ESTIMATOR, options)
        sizes = np.abs([row.estimate.estimate for row in found])
        for row in found:
            if analysis == "placebo_unit":
                p_value = float((sizes >= abs(row.estimate.estimate) * (1 - 1e-9)).mean())
                low = high = np.nan
                note = f"rank of its size among {len(found)}"
            else:
                (test,) = randomization_inference(
                    row.panel,
                    ESTIMATOR,
                    options,
                    draws=config.BOOTSTRAP_DRAWS,
                    seed=config.SEED,
                    halving_limit=0,
                )
                p_value, low, high = test.p_value, test.ci_low, test.ci_high
                note = f"{test.comparisons} {'' if test.exact else 'drawn '}assignments"
            rows.append(
                {
                    "analysis": analysis, "variant": row.changed, "estimator": ESTIMATOR,
                    "estimate": row.estimate.estimate, "ci_low": low, "ci_high": high,
                    "p_value": p_value, "n_units": row.panel.n_units, "note": note,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def trend_table(study: EventStudy) -> pd.DataFrame:
    """Bounds under violations of parallel trends, breakdown values, pre-test power and adjustment."""
    level, rows = config.CONFIDENCE_LEVEL, []

    def add(
        analysis: str, variant: str, setting: float | str, estimate: float, low: float, high: float
    ) -> None:
        rows.append(
            {"analysis": analysis, "variant": variant, "setting": setting, "estimate": estimate,
             "ci_low": low, "ci_high": high}
        )  # fmt: skip

    for variant, weights in (("first", first_effect(study)), ("average", average_effect(study))):
        value = float(weights @ study.after)
        for bound in config.TREND_BOUNDS:
            add("relative_magnitude", variant, bound, value,
                *relative_magnitude_set(study, weights, bound, level=level, seed=config.SEED))  # fmt: skip
            # in standard errors of the effect, so that one list of bounds serves every outcome
            add("smoothness", variant, bound, value,
                *smoothness_interval(study, weights, bound * study.error(weights), level=level))  # fmt: skip
        found = relative_breakdown(study, weights, level=level, seed=config.SEED)
        add("relative_breakdown", variant, "", found, np.nan, np.nan)
        found = smoothness_breakdown(study, weights, level=level) / study.error(weights)
        add("smoothness_breakdown", variant, "", found, np.nan, np.nan)
        adjusted = without_trend(study)
        value, reach = float(weights @ adjusted.after), ndtri(0.5 + level / 2) * adjusted.error(weights)
        add("linear_trend", variant, "", value, value - reach, value + reach)
    for power in (0.5, 0.8):
        slope = slope_with_power(study, power, level=level)
        add("pretest_slope", "slope found with that power", power, slope, np.nan, np.nan)
        passed = after_passing(study, slope, level=level)
        weights = average_effect(study)
        add("pretest_bias", "all samples", power, float(weights @ passed.unconditional), np.nan, np.nan)
        add("pretest_bias", "samples that pass", power, float(weights @ passed.conditional), np.nan, np.nan)
    return pd.DataFrame(rows).assign(estimator="event_study_twfe", note=TREND_NOTE)


def outcome_table(panel: pd.DataFrame, outcome: config.Outcome) -> pd.DataFrame:
    """All sensitivity analyses of one outcome."""
    data, options = read_outcome(panel, outcome), study_options()
    curve = specification_curve(data, config.CURVE_DRAWS, config.SEED)
    trends = trend_table(read_event_study(data, options)).assign(n_units=data.n_units)
    parts = [refit_table(data, options), trends, curve_table(curve, outcome.name)]
    return pd.concat(parts, ignore_index=True).assign(outcome=outcome.name)


def study_sensitivity(panel: pd.DataFrame) -> pd.DataFrame:
    """Table of all outcomes."""
    table = pd.concat([outcome_table(panel, outcome) for outcome in config.OUTCOMES], ignore_index=True)
    table = table.assign(
        evidence="statistics",
        setting=table["setting"].astype("string").fillna(""),
        note=table["note"].fillna(""),
        n_units=table["n_units"].astype("Int64"),
    )
    return table[COLUMNS]


def build(processed: Path) -> None:
    """``sensitivity.csv`` from ``panel.csv``."""
    panel = pd.read_csv(processed / "panel.csv", dtype={"province_code": str})
    save_table(study_sensitivity(panel), KEY, processed / "sensitivity.csv")
