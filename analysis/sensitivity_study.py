"""What the study's estimates owe to single provinces, to parallel trends and to choices.

Product: ``sensitivity.csv``, one row per outcome, analysis and variant. Where a row has no estimate of
an effect, its ``analysis`` says what the number is.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis import config
from analysis.did import Options, Panel
from analysis.did.inference.battery import refuse_gaps
from analysis.did.sensitivity import EventStudy, read_event_study, refits, trends
from analysis.files import save_table
from analysis.inference_study import read_outcome, study_options
from analysis.specification_curve import curve_table, specification_curve

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


def outcome_table(panel: pd.DataFrame, outcome: config.Outcome) -> pd.DataFrame:
    """All sensitivity analyses of one outcome."""
    data, options = read_outcome(panel, outcome), study_options()
    curve = specification_curve(data, config.CURVE_DRAWS, config.SEED)
    bounds = trend_table(read_event_study(data, options)).assign(n_units=data.n_units)
    parts = [refit_table(data, options), bounds, curve_table(curve, outcome.name)]
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
    refuse_gaps(table["note"])
    return table[list(refits.COLUMNS)]


def build(processed: Path) -> None:
    """``sensitivity.csv`` from ``panel.csv``."""
    panel = pd.read_csv(processed / "panel.csv", dtype={"province_code": str})
    save_table(study_sensitivity(panel), KEY, processed / "sensitivity.csv")
