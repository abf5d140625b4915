"""The overall effect under every combination of defensible choices, and one joint test of all of them.

With one treated cohort each specification compares provinces by a fixed contrast over years, such as
the mean from 2022 on less the value in 2021. Its estimate is then a difference of two means of that
contrast, so that one reassignment of waves to provinces re-estimates all specifications at once.
The joint tests follow Simonsohn, Simmons and Nelson (2020): the median estimate, here in permutation
errors, and the share of significant specifications. Left out: covariates and estimators that are not
linear in outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import config
from analysis.did import Panel

Array = NDArray[np.float64]
# The contrast of each estimator with one cohort: against all years before, the last one, the last one
# before the epidemic, or a straight line through the years before.
REFERENCES = ("twfe", "group_time", "group_time_2019", "unit_trends")
CHUNK = 500


@dataclass(frozen=True)
class Choice:
    """One specification: estimator, control waves, first and last year, year and provinces left out."""

    estimator: str
    control: str
    start: int
    end: int
    dropped: int | None
    sample: str

    @property
    def name(self) -> str:
        """Written to the ``variant`` column."""
        year = f"without {self.dropped}" if self.dropped else "all years"
        return f"{self.estimator}; {self.control}; {self.start}-{self.end}; {year}; {self.sample}"


def choices(last: int) -> list[Choice]:
    """All combinations, less those in which a choice has no effect."""
    samples = [spec.name for spec in config.SPECIFICATIONS]
    found = []
    for reference, control, start, end, dropped, sample in product(
        REFERENCES,
        config.CURVE_CONTROLS,
        config.CURVE_STARTS,
        (last, last - 1),
        (None, config.CURVE_EPIDEMIC),
        samples,
    ):
        single = reference.startswith("group_time")
        if single and (dropped is not None or start != config.CURVE_STARTS[0]):
            continue  # one reference year: neither the first year nor 2020 enters
        found.append(Choice(reference, control, start, end, dropped, sample))
    return found


def contrast(choice: Choice, years: Array, first: int) -> Array:
    """(T,) weights over years; ``first`` is the first treated year."""
    used = (years >= choice.start) & (years <= choice.end) & (years != choice.dropped)
    after, before = used & (years >= first), used & (years < first)
    weights = after / after.sum()
    if choice.estimator == "twfe":
        return np.asarray(weights - before / before.sum())
    if choice.estimator == "unit_trends":
        # minus the line fitted by least squares through the years before, read off after the start
        design = np.column_stack([np.ones(before.sum()), years[before]])
        weights = weights.astype(float)
        weights[before] = -(np.array([1.0, years[after].mean()]) @ np.linalg.pinv(design))
        return np.asarray(weights)
    base = first - 1 if choice.estimator == "group_time" else config.CURVE_EPIDEMIC - 1
    return np.asarray(weights - (years == base))


@dataclass(frozen=True)
class Curve:
    """Estimates of all specifications and what reassigning waves gives.

    Parameters
    ----------
    chosen
        S specifications.
    estimates
        (S,).
    drawn
        (B, S) estimates under reassigned waves.
    """

    chosen: list[Choice]
    estimates: Array
    drawn: Array

    def p_values(self) -> Array:
        """(S,) permutation p-value of each specification."""
        reached = np.abs(self.drawn) >= np.abs(self.estimates) * (1 - 1e-9)
        return np.asarray((1 + reached.sum(axis=0)) / (1 + len(self.drawn)))

    def median_test(self) -> tuple[float, float]:
        """Median estimate in permutation errors, and its two-sided p-value over the whole curve."""
        error = self.drawn.std(axis=0)
        observed = float(np.median(self.estimates / error))
        medians = np.median(self.drawn / error, axis=1)
        reached = int((np.abs(medians) >= abs(observed) * (1 - 1e-9)).sum())
        return observed, (1 + reached) / (1 + len(medians))

    def share_test(self, level: float = 0.05) -> tuple[float, float]:
        """Share of specifications significant at ``level``, and the chance of as large a share."""
        edge = np.quantile(np.abs(self.drawn), 1 - level, axis=0)
        observed = float((np.abs(self.estimates) >= edge).mean())
        shares = (np.abs(self.drawn) >= edge).mean(axis=1)
        return observed, (1 + int((shares >= observed - 1e-12).sum())) / (1 + len(shares))


def specification_curve(data: Panel, draws: int, seed: int) -> Curve:
    """Estimate all specifications on the actual waves and on drawn ones.

    Parameters
    ----------
    data
        Annual panel of all provinces, one treated cohort.
    draws, seed
        Number and seed of reassignments of the three waves over all provinces; provinces that a
        specification leaves out stay left out.
    """
    years = np.array(data.times, dtype=float)
    first = int(data.times[data.cohorts[0]])
    wave = np.array([int(label) for label in data.cohort_labels])
    chosen = choices(int(years[-1]))
    forms = np.stack([contrast(choice, years, first) for choice in chosen])
    values = forms @ data.outcome.T  # (S, N)
    without = {spec.name: spec.without for spec in config.SPECIFICATIONS}
    kept = np.array([[unit not in without[c.sample] for unit in data.units] for c in chosen])
    later = config.CURVE_CONTROLS["all"]
    waves = np.array([[w in config.CURVE_CONTROLS[c.control] for w in later] for c in chosen])
    rng = np.random.default_rng(seed)

    def estimate(assigned: NDArray[np.int64]) -> Array:
        treated = (assigned == first).astype(float)
        control = [(assigned == w).astype(float) for w in later]
        above, below = treated @ (values * kept).T, treated @ kept.T.astype(float)
        other = sum(c @ (values * kept).T * waves[:, k] for k, c in enumerate(control))
        count = sum(c @ kept.T.astype(float) * waves[:, k] for k, c in enumerate(control))
        return np.asarray(above / below - other / count)

    drawn = [
        estimate(rng.permuted(np.broadcast_to(wave, (min(CHUNK, draws - k), len(wave))), axis=1))
        for k in range(0, draws, CHUNK)
    ]
    return Curve(chosen, estimate(wave[None])[0], np.concatenate(drawn))


def curve_table(curve: Curve, outcome: str) -> pd.DataFrame:
    """Rows of ``sensitivity.csv``: each specification, and the two joint tests."""
    single = pd.DataFrame(
        {
            "analysis": "specification",
            "variant": [choice.name for choice in curve.chosen],
            "estimator": [choice.estimator for choice in curve.chosen],
            "estimate": curve.estimates,
            "p_value": curve.p_values(),
        }
    )
    median, p_median = curve.median_test()
    share, p_share = curve.share_test()
    joint = pd.DataFrame(
        {
            "analysis": "specification_joint",
            "variant": ["median in permutation errors", "share significant at 5 %"],
            "estimator": "all",
            "estimate": [median, share],
            "p_value": [p_median, p_share],
            "note": f"{len(curve.chosen)} specifications under {len(curve.drawn)} reassignments of waves",
        }
    )
    return pd.concat([single, joint], ignore_index=True).assign(outcome=outcome)
