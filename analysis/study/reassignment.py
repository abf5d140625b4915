"""What every other choice of seven provinces would have given: the distribution behind the p-value.

All estimates of the method named in advance, counted into bins so that a figure can show them.
Product: ``randomization_distribution.csv``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import config
from analysis.did.inference.confidence import reassigned_estimates
from analysis.did.numerics.p_values import TIE, reached
from analysis.did.registry import estimate
from analysis.study.outcomes import read_outcome, study_options

ESTIMATOR = "group_time"  # the primary one of the plan
BINS = 80  # an even number: zero is an edge
KEY = ("outcome", "bin")


def count_estimates(estimates: np.ndarray, observed: float) -> pd.DataFrame:
    """Number of assignments by bin of their estimate, and how many are as extreme as the observed one.

    Parameters
    ----------
    estimates
        (B,) under every assignment.
    observed
        Under the actual one.

    Returns
    -------
    DataFrame
        `BINS` rows: ``bin, low, high, assignments, extreme``; bins are equally wide and mirror zero.
    """
    reach = float(np.abs(estimates).max()) * (1 + TIE)
    edges = np.linspace(-reach, reach, BINS + 1)
    extreme = reached(np.abs(estimates), abs(observed))
    return pd.DataFrame(
        {
            "bin": np.arange(BINS),
            "low": edges[:-1],
            "high": edges[1:],
            "assignments": np.histogram(estimates, edges)[0],
            "extreme": np.histogram(estimates[extreme], edges)[0],
        }
    )


def distributions(panel: pd.DataFrame) -> pd.DataFrame:
    """Tables of all outcomes, with the observed estimate in each row."""
    tables = []
    for outcome in config.OUTCOMES:
        data = read_outcome(panel, outcome)
        observed = next(r for r in estimate(data, ESTIMATOR, study_options()) if r.term == "att").estimate
        found = count_estimates(reassigned_estimates(data, ESTIMATOR, study_options()), observed)
        tables.append(found.assign(outcome=outcome.name, estimator=ESTIMATOR, observed=observed))
    table = pd.concat(tables, ignore_index=True).assign(evidence="statistics")
    return table[
        ["evidence", "outcome", "estimator", "bin", "low", "high", "assignments", "extreme", "observed"]
    ]
