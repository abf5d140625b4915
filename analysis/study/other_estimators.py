"""The mean effect by every estimator of the engine: how far the answer hangs on the one chosen.

With one treated cohort most estimators agree to the digit. Those that choose weights from the outcomes
do not; the synthetic ones are permuted, the efficient one has only its own p-value.
Rows ``estimator`` of ``sensitivity.csv``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.did.inference.randomization import randomization_p_value
from analysis.did.inference.reassigned import NAMES as SYNTHETIC
from analysis.did.inference.reassigned import reassigned_inference
from analysis.did.registry import ESTIMATORS, estimator

if TYPE_CHECKING:
    from analysis.did import Options, Panel

DRAWS = 1_999  # reassignments of the synthetic estimators: Monte Carlo error of at most 1.2 points
LEFT_OUT = ("bacon",)  # decomposes the two-way coefficient, which stands in the table already
EFFICIENT = "its own normal p-value: weights depend on the outcomes and are not permuted"


def estimator_table(data: Panel, options: Options) -> pd.DataFrame:
    """Rows of every estimator's own overall effect.

    Returns
    -------
    DataFrame
        ``analysis, variant, estimator, estimate, ci_low, ci_high, p_value, n_units, note``. P-values
        are over all assignments where the estimator is linear, over `DRAWS` where it is synthetic.
    """
    rows = []
    for name in ESTIMATORS:
        if name in LEFT_OUT:
            continue
        row = next(found for found in estimator(name)(data, options) if found.term == "att")
        p_value, note = row.p_value, EFFICIENT
        if name in SYNTHETIC:
            test = reassigned_inference(data, name, options, draws=DRAWS, seed=config.SEED)
            p_value, note = test.p_value, f"{test.comparisons} drawn assignments"
        elif name != "efficient":
            exact = randomization_p_value(data, name, options)
            p_value, note = exact.p_value, f"{exact.assignments} assignments"
        rows.append(
            {
                "analysis": "estimator", "variant": name, "estimator": name, "estimate": row.estimate,
                "ci_low": np.nan, "ci_high": np.nan, "p_value": p_value, "n_units": data.n_units,
                "note": note,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
