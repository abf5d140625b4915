"""A small panel with known effects, for examples and first steps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..panel.panel import Panel

UNITS, YEARS = 60, tuple(range(2015, 2023))
STARTS = (2018, 2020, 0)  # a third of the units each; 0: never treated


def example_frame(seed: int = 0) -> pd.DataFrame:
    """Simulated incomes of 60 districts over 8 years, two cohorts treated in 2018 and 2020.

    Parameters
    ----------
    seed
        Seed of the draws.

    Returns
    -------
    DataFrame
        480 rows: ``unit``, ``year``, ``income``, ``start`` (first treated year; 0: never) and ``rural``
        (0 or 1). Simulated, not a measurement.

    Notes
    -----
    Income is a district level, a common path, noise with standard deviation 0.3, and the effect:
    1 in the first treated year and 0.25 more each year after, in both cohorts. The mean effect over all
    treated district-years is 1.40625; the average of the two cohorts' means is 1.375.

    Examples
    --------
    >>> import rollout_did as did
    >>> frame = did.example_frame()
    >>> frame.shape, sorted(frame["start"].unique().tolist())
    ((480, 5), [0, 2018, 2020])
    """
    rng = np.random.default_rng(seed)
    years = np.array(YEARS)
    start = np.array(STARTS)[np.arange(UNITS) % len(STARTS)]
    since = np.where(start[:, None] > 0, years - start[:, None], -1)
    effect = np.where(since >= 0, 1 + 0.25 * since, 0.0)
    level, path = rng.normal(10, 1, UNITS), np.cumsum(rng.normal(0.2, 0.1, len(years)))
    income = level[:, None] + path + effect + rng.normal(0, 0.3, (UNITS, len(years)))
    return pd.DataFrame(
        {
            "unit": np.repeat([f"district {k:02d}" for k in range(UNITS)], len(years)),
            "year": np.tile(years, UNITS),
            "income": income.ravel(),
            "start": np.repeat(start, len(years)),
            "rural": np.repeat(np.arange(UNITS) // len(STARTS) % 2, len(years)),
        }
    )


def example_panel(seed: int = 0) -> Panel:
    """Panel of `example_frame`, with income as the outcome.

    Examples
    --------
    >>> import rollout_did as did
    >>> did.example_panel()
    Panel of 60 units over 8 periods, 2015 to 2022
      first treated (units): 2018 (20), 2020 (20), never in the panel (20)
      480 of 480 outcomes
    """
    frame = example_frame(seed)
    return Panel.from_frame(frame, unit="unit", time="year", outcome="income", cohort="start")
