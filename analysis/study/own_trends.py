"""The effect measured against each province's own straight trend before the start, and within level bands.

Against the last year before, a province that was slowing down anyway looks like one that was slowed. A
line through all years before takes that out, at the price of trusting the line. The same is done at
an earlier date, where no effect can be. Rows ``own_trend`` of ``sensitivity.csv``. Which years the line runs
through is a choice made after the data were seen: rows ``own_trend_window`` show the path over that choice,
and rows ``own_trend_window_adjusted`` the p-values that count it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.did import NEVER, Options, Panel
from analysis.did.inference.confidence import randomization_inference, reassigned_estimates
from analysis.did.inference.schemes import Labels, level_bands
from analysis.did.numerics.p_values import reached
from analysis.did.registry import estimate

if TYPE_CHECKING:
    from analysis.did.numerics.types import Array

ESTIMATOR = "group_time"
FEWEST_YEARS = 3  # a line through two points fits them and nothing else
PLACEBO_YEARS = 3  # years before the start that the placebo treats as if they came after


def beyond_trend(outcome: Array, first: int) -> Array:
    """(N,) mean distance of (N, T) outcomes from period ``first`` on from the line through those before."""
    time = np.arange(outcome.shape[1], dtype=float)
    line = np.column_stack([np.ones(first), time[:first]])
    fitted = np.linalg.lstsq(line, outcome[:, :first].T, rcond=None)[0]
    late = time[first:].mean()
    return np.asarray(outcome[:, first:].mean(axis=1) - fitted[0] - fitted[1] * late)


def own_trend_table(data: Panel, options: Options) -> pd.DataFrame:
    """Rows by number of level bands, ``none`` among them, and the placebo of `PLACEBO_YEARS` earlier.

    Notes
    -----
    With z the distances of `beyond_trend`, the estimate is the difference in mean z between treated and
    other provinces, within bands weighted by :math:`n_1 n_0 / n`; p-values and sets are those of
    `randomization_inference`. Every province has its line from the same years, whoever is treated, so
    that reassigning treatment moves nothing else.
    """
    (first,) = data.cohorts
    starts = np.where(data.cohort < NEVER, 1, NEVER)

    def panel(outcome: Array, start: int) -> Panel:
        beyond = beyond_trend(outcome, start)
        return Panel.from_arrays(np.column_stack([np.zeros(len(beyond)), beyond]), starts)

    whole = panel(data.outcome, first)
    ways: list[tuple[str, Panel, Labels | None]] = [("none", whole, None)]
    ways += [(str(count), whole, level_bands(data, count)) for count in config.LEVEL_BANDS_TRIED]
    ways.append(("placebo", panel(data.outcome[:, :first], first - PLACEBO_YEARS), None))
    rows = []
    for variant, changed, strata in ways:
        (test,) = randomization_inference(
            changed, ESTIMATOR, options, strata=strata, draws=config.BOOTSTRAP_DRAWS, seed=config.SEED
        )
        rows.append(
            {
                "analysis": "own_trend", "variant": variant, "estimator": "own_trend",
                "estimate": test.estimate, "ci_low": test.ci_low, "ci_high": test.ci_high,
                "p_value": test.p_value, "n_units": data.n_units,
                "note": f"{test.comparisons} {'' if test.exact else 'drawn '}assignments",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def comparisons_by_window(data: Panel) -> dict[str, Array]:
    """(N,) distance after the start from each pre-period: lines from each first year on, mean, last year."""
    (first,) = data.cohorts
    late = data.outcome[:, first:].mean(axis=1)
    found = {
        str(data.times[start]): beyond_trend(data.outcome[:, start:], first - start)
        for start in range(first - FEWEST_YEARS + 1)
    }
    found["mean"] = late - data.outcome[:, :first].mean(axis=1)
    found["last_year"] = late - data.outcome[:, first - 1]
    return found


def window_table(data: Panel, options: Options) -> pd.DataFrame:
    r"""The effect by pre-period, with its own p-value and one that counts all of them.

    Returns
    -------
    DataFrame
        Two rows for each pre-period: ``own_trend_window`` with its p-value over all assignments, and
        ``own_trend_window_adjusted`` with the share of assignments in which the largest of all
        standardised estimates is as large as this one.

    Notes
    -----
    With :math:`\hat\theta_{va}` the estimate of pre-period v under assignment a and :math:`s_v` its root mean
    square over a, the adjusted p-value of v is the share of a with
    :math:`\max_w |\hat\theta_{wa}| / s_w \ge |\hat\theta_{v0}| / s_v`
    (single-step maximum, Westfall and Young 1993).
    """
    starts = np.where(data.cohort < NEVER, 1, NEVER)
    largest: Array | None = None
    found = {}
    for variant, beyond in comparisons_by_window(data).items():
        panel = Panel.from_arrays(np.column_stack([np.zeros(len(beyond)), beyond]), starts)
        drawn = np.abs(reassigned_estimates(panel, ESTIMATOR, options))
        value = next(row.estimate for row in estimate(panel, ESTIMATOR, options) if row.term == "att")
        scale = float(np.sqrt((drawn**2).mean()))
        single = float(reached(drawn, abs(value)).mean())
        drawn /= scale
        largest = drawn if largest is None else np.maximum(largest, drawn)
        found[variant] = (value, single, abs(value) / scale)
    assert largest is not None, "there is always a last year before"
    rows = []
    for variant, (value, single, standardised) in found.items():
        joint = float(reached(largest, standardised).mean())
        for analysis, p_value, note in (
            ("own_trend_window", single, f"{len(largest)} assignments"),
            (
                "own_trend_window_adjusted",
                joint,
                f"largest of {len(found)} pre-periods in {len(largest)} assignments",
            ),
        ):
            rows.append(
                {
                    "analysis": analysis, "variant": variant, "estimator": "own_trend", "estimate": value,
                    "p_value": p_value, "n_units": data.n_units, "note": note,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)
