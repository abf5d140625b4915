"""What the study's estimates owe to single provinces, to parallel trends and to choices.

Products: ``specification_curve.csv``, and ``sensitivity.csv`` with one row per outcome, analysis and
variant. Where a row has no estimate of an effect, its ``analysis`` says what the number is.
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
from analysis.inference_study import read_outcome, residents, study_options
from analysis.other_estimators import estimator_table
from analysis.specification_curve import COLUMNS as CHOICES
from analysis.specification_curve import Curve, curve_table, specification_curve, tail

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


def joint_table(curve: Curve) -> pd.DataFrame:
    """The two joint tests of one curve."""
    (median, p_median), (share, p_share) = curve.median_test(), curve.share_test()
    return pd.DataFrame(
        {
            "analysis": "specification_joint",
            "variant": ["median", "share"],  # in permutation errors; significant at 5 %
            "estimator": "all",
            "estimate": [median, share],
            "p_value": [p_median, p_share],
            "note": f"{len(curve.chosen)} specifications under {len(curve.drawn)} reassignments of waves",
        }
    )


def family_table(curves: dict[str, Curve]) -> pd.DataFrame:
    """Joint test over outcomes: the largest median, in permutation errors, under common reassignments."""
    found = [curves[name].medians() for name in config.CURVE_FAMILY]
    observed = max(abs(value) for value, _ in found)
    drawn = np.max([np.abs(values) for _, values in found], axis=0)
    row = {
        "outcome": "family", "analysis": "specification_family", "variant": "largest median",
        "estimator": "all", "estimate": observed, "p_value": tail(drawn, observed),
        "note": f"over {', '.join(config.CURVE_FAMILY)} under common reassignments",
    }  # fmt: skip
    return pd.DataFrame([row])


def study_sensitivity(panel: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of all outcomes: ``sensitivity.csv`` and ``specification_curve.csv``."""
    options, panels = study_options(), {o.name: read_outcome(panel, o) for o in config.OUTCOMES}
    output = panels["log_gdp_per_head"]
    covariates = {
        "log_gdp_per_head": output.outcome[:, output.cohorts[0] - 1],
        "log_residents": np.log(residents(panel, output.units)),
    }
    parts, curves = [], {}
    for name, data in panels.items():
        curves[name] = specification_curve(data, covariates, config.CURVE_DRAWS, config.SEED)
        trends = trend_table(read_event_study(data, options)).assign(n_units=data.n_units)
        tables = [
            refit_table(data, options),
            estimator_table(data, options),
            trends,
            joint_table(curves[name]),
        ]
        parts += [table.assign(outcome=name) for table in tables]
    table = pd.concat([*parts, family_table(curves)], ignore_index=True)
    table = table.assign(
        evidence="statistics",
        setting=table["setting"].astype("string").fillna(""),
        note=table["note"].fillna(""),
        n_units=table["n_units"].astype("Int64"),
    )
    curve = pd.concat([curve_table(c).assign(outcome=name) for name, c in curves.items()], ignore_index=True)
    curve = curve.assign(evidence="statistics")
    return table[COLUMNS], curve[["evidence", "outcome", *CHOICES, "estimate", "p_value"]]


def build(processed: Path) -> None:
    """``sensitivity.csv`` and ``specification_curve.csv`` from ``panel.csv``."""
    panel = pd.read_csv(processed / "panel.csv", dtype={"province_code": str})
    table, curve = study_sensitivity(panel)
    save_table(table, KEY, processed / "sensitivity.csv")
    save_table(curve, ("outcome", *CHOICES), processed / "specification_curve.csv")
