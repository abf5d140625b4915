"""Difference-in-differences on the statistical outcomes: the study's specifications, run by the engine.

The series are annual, so the panel's fourth quarters are the periods: a year-end stock, or a year to
date. A province's cohort is the first year whose fourth quarter is under the pilot. Up to the last
year used, the seven first-wave provinces are treated and the other 24 are not yet.
"""

from __future__ import annotations

import pandas as pd

from analysis import config
from analysis.base.progress import track
from analysis.did import Options, Panel, estimate, to_frame
from analysis.did.inference import with_randomization
from analysis.study.outcomes import annual_panel

ESTIMATES_KEY = (
    "outcome",
    "specification",
    "estimator",
    "term",
    "cohort",
    "period",
    "event_time",
    "note",
)


def estimate_outcomes(panel: pd.DataFrame) -> pd.DataFrame:
    """Every outcome under every specification, with the permutation p-value of each effect.

    Returns
    -------
    DataFrame
        The columns of estimates.csv.
    """
    jobs = [(outcome, spec) for outcome in config.OUTCOMES for spec in config.SPECIFICATIONS]
    tables = [estimate_one(panel, outcome, spec) for outcome, spec in track(jobs, len(jobs), "estimates")]
    return pd.concat(tables, ignore_index=True)


def estimate_one(
    panel: pd.DataFrame, outcome: config.Outcome, specification: config.Specification
) -> pd.DataFrame:
    """One outcome on one sample, by every estimator of `config.ESTIMATORS`."""
    table = annual_panel(panel, outcome)
    sample = table[~table["province_code"].isin(specification.without)]
    data = Panel.from_frame(sample, unit="province_code", time="year", outcome=outcome.name, cohort="cohort")
    options = Options(
        draws=config.BOOTSTRAP_DRAWS, seed=config.SEED, level=config.CONFIDENCE_LEVEL, base="universal"
    )
    rows = with_randomization(data, estimate(data, list(config.ESTIMATORS), options), options)
    return to_frame(rows, evidence="statistics", outcome=outcome.name, specification=specification.name)
