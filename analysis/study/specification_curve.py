"""The overall effect under every combination of defensible choices, and one joint test of all of them.

With one treated cohort each specification compares provinces by a fixed contrast over years, such as
the mean from 2022 on less the value in 2021. Its estimate is a difference of two means of that
contrast, adjusted or not for a covariate fixed before the pilot, so that one reassignment of waves to
provinces re-estimates all specifications at once. Product: ``specification_curve.csv``.
The joint tests follow Simonsohn, Simmons and Nelson (2020): the median estimate, here in permutation
errors, and the share of significant specifications. Left out: estimators whose weights depend on
the outcomes (see `sensitivity_study`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.did.numerics.p_values import edge, p_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.did import Panel
    from analysis.did.numerics.types import Array

# The contrast of each estimator with one cohort: against all years before, the last one, the last one
# before the epidemic, or a straight line through the years before.
REFERENCES = ("twfe", "group_time", "group_time_2019", "unit_trends")
LINE_NEEDS = 3  # years before the pilot: a line through two of them has no error to be judged by
CHUNK = 500
COLUMNS = ("estimator", "control", "covariate", "start", "end", "left_out", "rule", "sample")


@dataclass(frozen=True)
class Contrast:
    """Weights over years: estimator, first and last year, years left out, what 2022 counts as."""

    estimator: str
    start: int
    end: int
    left_out: tuple[int, ...]
    rule: str

    def weights(self, years: Array, first: int) -> Array:
        """(T,) weights that add up to zero; ``first`` is the first treated year.

        The mean effect is one a fully treated year: the sum over treated years divided by what
        they count as. Two-way fixed effects regress on that dose.
        """
        used = (years >= self.start) & (years <= self.end) & ~np.isin(years, self.left_out)
        share = config.CURVE_RULES[self.rule]
        if share is None:
            used &= years != first
        dose = np.where(years > first, 1.0, np.where(years == first, share or 0.0, 0.0)) * used
        before = used & (years < first)
        if self.estimator == "twfe":
            centred = (dose - dose.sum() / used.sum()) * used
            return np.asarray(centred / (centred @ dose))
        after = used & (years >= first)
        weights = after / dose.sum()
        if self.estimator == "unit_trends":
            # minus the line fitted by least squares through the years before, read off after the start
            design = np.column_stack([np.ones(before.sum()), years[before]])
            target = np.array([weights.sum(), weights @ years])
            weights[before] = -(target @ np.linalg.pinv(design))
            return np.asarray(weights)
        base = first - 1 if self.estimator == "group_time" else config.CURVE_BASE
        return np.asarray(weights - weights.sum() * (years == base))


def contrasts(last: int, first: int) -> list[Contrast]:
    """All combinations, less those that repeat another or leave too little to estimate from."""
    found = []
    for estimator, start, end, left_out, rule in product(
        REFERENCES, config.CURVE_STARTS, (last, last - 1), config.CURVE_EPIDEMIC, config.CURVE_RULES
    ):
        if estimator.startswith("group_time") and (left_out or start != config.CURVE_STARTS[0]):
            continue  # one reference year: neither the first year nor those left out enter
        if first in left_out and rule != next(iter(config.CURVE_RULES)):
            continue  # the half-treated year is gone, whatever it counts as
        before = set(range(start, first)) - set(left_out)
        if estimator == "unit_trends" and len(before) < LINE_NEEDS:
            continue
        found.append(Contrast(estimator, start, end, left_out, rule))
    return found


@dataclass(frozen=True)
class Choice:
    """One specification: a contrast, the waves compared with, the covariate, the provinces left out."""

    contrast: Contrast
    control: str
    covariate: str
    sample: str

    def record(self) -> dict[str, object]:
        """Columns of ``specification_curve.csv``."""
        own = vars(self.contrast) | {"left_out": " ".join(map(str, self.contrast.left_out))}
        values = own | {"control": self.control, "covariate": self.covariate, "sample": self.sample}
        return {name: values[name] for name in COLUMNS}


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
        return p_values(np.abs(self.drawn).T, np.abs(self.estimates))

    @cached_property
    def medians(self) -> tuple[float, Array]:
        """Median estimate over the curve in permutation errors: observed, and (B,) drawn."""
        error = self.drawn.std(axis=0)
        return float(np.median(self.estimates / error)), np.median(self.drawn / error, axis=1)

    def median_test(self) -> tuple[float, float]:
        """Median estimate in permutation errors, and its two-sided p-value over the whole curve."""
        observed, medians = self.medians
        return observed, float(p_values(np.abs(medians), abs(observed)))

    def share_test(self, level: float = 0.05) -> tuple[float, float]:
        """Share of specifications significant at ``level``, and the chance of as large a share."""
        sizes = np.abs(self.drawn)
        limit = edge(np.quantile(sizes, 1 - level, axis=0))
        observed = float((np.abs(self.estimates) >= limit).mean())
        return observed, float(p_values((sizes >= limit).mean(axis=1), observed))


def specification_curve(data: Panel, covariates: dict[str, Array], draws: int, seed: int) -> Curve:
    r"""Estimate all specifications on the actual waves and on drawn ones.

    Parameters
    ----------
    data
        Annual panel of all provinces, one treated cohort.
    covariates
        (N,) values by name, fixed before the pilot.
    draws, seed
        Number and seed of reassignments of the three waves over all provinces; provinces that a
        specification leaves out stay left out, and covariates stay with their provinces.

    Notes
    -----
    With c the contrast and x the covariate, the estimate is the coefficient of treatment in a
    regression of c on treatment and x: :math:`\Delta\bar c - \hat b \Delta\bar x`, b the slope
    within groups.
    """
    years = np.array(data.times, dtype=float)
    first = int(data.times[data.cohorts[0]])
    wave = np.array([int(label) for label in data.cohort_labels])
    forms = contrasts(int(years[-1]), first)
    values = data.outcome @ np.stack([form.weights(years, first) for form in forms]).T  # (N, F)
    without = {spec.name: spec.without for spec in config.SPECIFICATIONS}
    groups = list(product(config.CURVE_CONTROLS, without))
    kept = {name: np.array([unit not in codes for unit in data.units]) for name, codes in without.items()}

    def estimate(assigned: NDArray[np.int64]) -> Array:
        found = []
        for control, sample in groups:
            treated = ((assigned == first) & kept[sample]).astype(float)
            untreated = (np.isin(assigned, config.CURVE_CONTROLS[control]) & kept[sample]).astype(float)
            given = [covariates.get(name) for name in config.CURVE_COVARIATES]
            found += adjusted_differences(treated, untreated, values, given)
        return np.concatenate(found, axis=1)

    rng = np.random.default_rng(seed)
    drawn = [
        estimate(rng.permuted(np.broadcast_to(wave, (min(CHUNK, draws - k), len(wave))), axis=1))
        for k in range(0, draws, CHUNK)
    ]
    chosen = [
        Choice(form, control, covariate, sample)
        for (control, sample), covariate, form in product(groups, config.CURVE_COVARIATES, forms)
    ]
    return Curve(chosen, estimate(wave[None])[0], np.concatenate(drawn))


def adjusted_differences(
    treated: Array, untreated: Array, values: Array, covariates: list[Array | None]
) -> list[Array]:
    """(B, F) differences of means of (N, F) values between (B, N) groups, adjusted for one covariate each."""
    groups = (treated, untreated)
    difference: Array = mean_of(treated, values) - mean_of(untreated, values)
    # Sums of squares below are small differences of large ones unless both are centred first.
    values = values - values.mean(axis=0)
    sizes = [group.sum(axis=1, keepdims=True) for group in groups]
    means = [mean_of(group, values) for group in groups]
    found = []
    for covariate in covariates:
        if covariate is None:
            found.append(difference)
            continue
        x = covariate[:, None] - covariate.mean()
        centres = [mean_of(group, x) for group in groups]
        spread, joint = np.zeros_like(centres[0]), np.zeros_like(difference)
        for group, size, centre, mean in zip(groups, sizes, centres, means, strict=True):
            spread += group @ x**2 - size * centre**2
            joint += group @ (x * values) - size * centre * mean
        found.append(difference - (centres[0] - centres[1]) * joint / spread)
    return found


def mean_of(group: Array, values: Array) -> Array:
    """(B, F) means of (N, F) values over (B, N) groups."""
    return np.asarray(group @ values / group.sum(axis=1, keepdims=True))


def curve_table(curve: Curve) -> pd.DataFrame:
    """Rows of ``specification_curve.csv``: each specification with its permutation p-value."""
    table = pd.DataFrame([choice.record() for choice in curve.chosen])
    return table.assign(estimate=curve.estimates, p_value=curve.p_values())
