"""What the study's estimates owe to single provinces, to parallel trends and to choices.

Products: ``specification_curve.csv``, and ``sensitivity.csv`` with one row per outcome, analysis and
variant. Where a row has no estimate of an effect, its ``analysis`` says what the number is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.did.inference.battery import refuse_gaps
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.multiple import romano_wolf
from analysis.did.inference.schemes import level_bands
from analysis.did.numerics.p_values import p_values
from analysis.did.sensitivity import EventStudy, read_event_study, refits, trends
from analysis.study.diagnostics import diagnostic_table
from analysis.study.other_estimators import estimator_table
from analysis.study.outcomes import read_outcome, residents, study_options
from analysis.study.own_trends import own_trend_table, window_table
from analysis.study.second_dose import second_dose_table
from analysis.study.specification_curve import COLUMNS as CHOICES
from analysis.study.specification_curve import Curve, curve_table, specification_curve

if TYPE_CHECKING:
    from analysis.did import Options, Panel

KEY = ("outcome", "analysis", "variant", "setting")
ESTIMATOR = "group_time"


def refit_table(data: Panel, options: Options) -> pd.DataFrame:
    """Leave-one-out and placebo estimates, with permutation p-values over drawn assignments."""
    return refits.refit_table(data, ESTIMATOR, options, draws=config.BOOTSTRAP_DRAWS)


def trend_table(study: EventStudy) -> pd.DataFrame:
    """Bounds under violations of parallel trends, breakdown values, pre-test power and adjustment."""
    return trends.trend_table(
        study, level=config.CONFIDENCE_LEVEL, bounds=config.TREND_BOUNDS, seed=config.SEED
    )


def bands_table(data: Panel, options: Options) -> pd.DataFrame:
    """The effect among provinces of similar level before the start, by the number of bands."""
    rows = []
    for count in config.LEVEL_BANDS_TRIED:
        (test,) = randomization_inference(
            data, ESTIMATOR, options, strata=level_bands(data, count), draws=config.BOOTSTRAP_DRAWS,
            seed=config.SEED,
        )  # fmt: skip
        rows.append(
            {
                "analysis": "level_bands", "variant": str(count), "estimator": ESTIMATOR,
                "estimate": test.estimate, "ci_low": test.ci_low, "ci_high": test.ci_high,
                "p_value": test.p_value, "n_units": data.n_units,
                "note": f"{test.comparisons} {'' if test.exact else 'drawn '}assignments within bands",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def planned_table(panels: dict[str, Panel], options: Options) -> pd.DataFrame:
    """P-values of the mean effects counted over the two outcomes that the plan tests and their years.

    Romano-Wolf, which keeps the dependence between them, and Holm, which needs to know nothing of it.
    """
    from statsmodels.stats.multitest import multipletests

    planned = {name: panels[name] for name in config.CURVE_FAMILY}
    found = romano_wolf(planned, ESTIMATOR, options, draws=config.BOOTSTRAP_DRAWS, seed=config.SEED)
    stepped = [row.p_adjusted for row in found]
    holm = multipletests([row.p_single for row in found], method="holm")[1]
    rows = [
        {
            "outcome": row.outcome, "analysis": analysis, "variant": "mean effect",
            "estimator": ESTIMATOR, "estimate": row.estimate.estimate, "p_value": adjusted[k],
            "note": f"{method} over {', '.join(planned)} and their years",
        }
        for analysis, method, adjusted in (
            ("planned_family", "Romano-Wolf", stepped),
            ("planned_family_holm", "Holm", holm),
        )
        for k, row in enumerate(found)
        if row.estimate.term == "att"
    ]  # fmt: skip
    return pd.DataFrame(rows)


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
    found = [curves[name].medians for name in config.CURVE_FAMILY]
    observed = max(abs(value) for value, _ in found)
    drawn = np.max([np.abs(values) for _, values in found], axis=0)
    row = {
        "outcome": "family", "analysis": "specification_family", "variant": "largest median",
        "estimator": "all", "estimate": observed, "p_value": float(p_values(drawn, observed)),
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
        bounds = trend_table(read_event_study(data, options)).assign(n_units=data.n_units)
        tables = [
            refit_table(data, options),
            bands_table(data, options),
            own_trend_table(data, options),
            window_table(data, options),
            estimator_table(data, options),
            diagnostic_table(data, residents(panel, data.units)),
            bounds,
            joint_table(curves[name]),
        ]
        parts += [table.assign(outcome=name) for table in tables]
    parts += [planned_table(panels, options), family_table(curves), second_dose_table(panel, options)]
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(
        evidence="statistics",
        setting=table["setting"].astype("string").fillna(""),
        note=table["note"].fillna(""),
        n_units=table["n_units"].astype("Int64"),
    )
    curve = pd.concat([curve_table(c).assign(outcome=name) for name, c in curves.items()], ignore_index=True)
    curve = curve.assign(evidence="statistics")
    refuse_gaps(table["note"])
    return table[list(refits.COLUMNS)], curve[["evidence", "outcome", *CHOICES, "estimate", "p_value"]]
