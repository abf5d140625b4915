"""Designs: who starts when, what the effect is, and how parallel trends may fail.

A replication has its own generator, seeded by the study's seed, the outcome and its number, and draws
in one fixed order. Its noise is therefore the same under every design, whichever process makes it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis import config

if TYPE_CHECKING:
    from analysis.did.numerics.types import Array
    from analysis.lab.calibrate import Calibration

Members = NDArray[np.int64]

# Platforms in the pilot by the waves' starts: 7, then 11, then 25 (the last is known second-hand only).
DOSES = (7.0, 11.0, 25.0)
COHORT_FACTORS = (1.5, 1.0, 0.5)  # effect of each wave relative to the mean: early joiners respond most
EFFECTS = (
    "zero",
    "constant",
    "growing",
    "by_cohort",
    "growing_by_cohort",
    "anticipated",
    "dose",
    "mean_zero",
)
ASSIGNMENTS = ("actual", "random", "selected")
TRENDS = ("drawn", "kept", "by_income")


@dataclass(frozen=True)
class Calendar:
    """Periods and cohorts.

    Parameters
    ----------
    name
        Written to lab.csv.
    periods
        T.
    starts
        (H,) first treated position of each group, in order; `NEVER` last where one is untreated.
    sizes
        (H,) provinces in each group.
    year
        Length of a period in years.
    """

    name: str
    periods: int
    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    year: float = 1.0

    @property
    def member(self) -> Members:
        """(N,) group of each place, in the order of groups."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def identified(self) -> int:
        """Periods before the last group starts: after it no untreated province is left."""
        return min(self.periods, self.starts[-1])


@dataclass(frozen=True)
class Design:
    """One experiment.

    Parameters
    ----------
    name
        Written to lab.csv.
    calendar
        See `Calendar`.
    effect
        One of `EFFECTS`.
    size
        Mean or full effect, in units of the calibrated yearly noise (`Calibration.noise_sd`).
    assignment
        ``actual`` first wave; ``random``: every set of provinces equally likely; ``selected``: rich
        provinces more likely, as rich on average as the actual first wave.
    trends
        ``drawn`` independently of everything; ``kept``: each province keeps the one fitted to it;
        ``by_income``: richer provinces drift as the fitted slope on income says.
    violation
        Extra trend of the first wave per year, in units of the sd of trends.
    """

    name: str
    calendar: Calendar
    effect: str = "zero"
    size: float = 0.0
    assignment: str = "random"
    trends: str = "drawn"
    violation: float = 0.0

    def __post_init__(self) -> None:
        known = (self.effect in EFFECTS, self.assignment in ASSIGNMENTS, self.trends in TRENDS)
        assert all(known), f"{self.name}: unknown effect, assignment or trends"


@dataclass(frozen=True)
class Draws:
    """B simulated panels.

    Parameters
    ----------
    outcome
        (B, N, T).
    member
        (B, N) group of each province.
    """

    outcome: Array
    member: Members


def effect_path(design: Design, noise_sd: float) -> Array:
    """(H, T) mean effect on each group in each period, in units of the outcome."""
    calendar = design.calendar
    since = np.arange(calendar.periods) - np.array(calendar.starts)[:, None]
    on, size = since >= 0, design.size * noise_sd
    if design.effect in ("zero", "mean_zero"):
        return np.zeros(on.shape)
    path = np.where(on, size, 0.0)
    if design.effect in ("growing", "growing_by_cohort"):
        path = path * (since + 1) / (calendar.identified - calendar.starts[0])
    if design.effect in ("by_cohort", "growing_by_cohort"):
        path = path * np.array(COHORT_FACTORS[: len(path)])[:, None]
    if design.effect == "anticipated":
        path = np.where(since == -1, size / 2, path)
    if design.effect == "dose":
        waves = np.searchsorted(np.array(calendar.starts), np.arange(calendar.periods), side="right")
        path = path * np.array(DOSES)[np.clip(waves - 1, 0, 2)] / DOSES[1]
    return path


def true_effect(design: Design, noise_sd: float, event_time: int | None = None) -> float:
    """Mean effect over treated province-periods that have an untreated comparison, or at one event time."""
    calendar = design.calendar
    since = np.arange(calendar.periods) - np.array(calendar.starts)[:, None]
    wanted = since >= 0 if event_time is None else since == event_time
    weight = wanted * np.array(calendar.sizes)[:, None] * (np.arange(calendar.periods) < calendar.identified)
    return float((effect_path(design, noise_sd) * weight).sum() / weight.sum())


def replication_generator(outcome: str, replication: int) -> np.random.Generator:
    """Return the generator of one replication: the same in any process and any order."""
    return np.random.default_rng([config.SEED, zlib.crc32(outcome.encode()), replication])


def simulate(design: Design, model: Calibration, replications: range, strength: float = 0.0) -> Draws:
    """Simulate panels.

    Parameters
    ----------
    design, model
        What to simulate, like which outcome.
    replications
        Numbers of the replications.
    strength
        Of selection on income, see `calibrate.selection_strength`; used by ``selected``.
    """
    calendar, number = design.calendar, len(model.sigma)
    noise = np.empty((len(replications), number, calendar.periods))
    trend, taste, order, own = (np.empty((len(replications), number)) for _ in range(4))
    for k, replication in enumerate(replications):
        rng = replication_generator(model.outcome, replication)
        trend[k], taste[k] = rng.standard_normal(number), rng.gumbel(size=number)
        order[k], own[k] = rng.random(number), rng.standard_normal(number)
        noise[k] = rng.standard_normal((calendar.periods, number)).T
    member = _members(design, model, strength * model.income + taste, order)
    years = (np.arange(calendar.periods) - (calendar.starts[0] - 1) / 2) * calendar.year
    slopes = _slopes(design, model, trend)
    slopes = slopes + design.violation * model.drift_sd * (member == 0)
    outcome = model.level[:, None] + _autoregression(noise, model, calendar.year)
    outcome += slopes[:, :, None] * years
    outcome += effect_path(design, model.noise_sd)[member]
    if design.effect == "mean_zero":
        on = np.arange(calendar.periods) >= np.array(calendar.starts)[:, None]
        outcome += design.size * model.noise_sd * own[:, :, None] * on[member]
    return Draws(outcome, member)


def _members(design: Design, model: Calibration, appeal: Array, order: Array) -> Members:
    """(B, N) groups. Beyond the first wave of ``actual`` and ``selected`` there is one group."""
    places = design.calendar.member
    if design.assignment == "actual":
        assert int(model.first_wave.sum()) == design.calendar.sizes[0], "the actual first wave has one size"
        rank = np.argsort(np.argsort(order + ~model.first_wave, axis=1), axis=1)
    elif design.assignment == "selected":
        rank = np.argsort(np.argsort(-appeal, axis=1), axis=1)
    else:
        rank = np.argsort(np.argsort(order, axis=1), axis=1)
    return places[rank]


def _slopes(design: Design, model: Calibration, drawn: Array) -> Array:
    """(B, N) trends per year."""
    if design.trends == "kept":
        return np.broadcast_to(model.trends, drawn.shape)
    if design.trends == "drawn":
        return model.trend_sd * drawn
    share = 1 - (model.income_slope / model.drift_sd) ** 2 if model.drift_sd > 0 else 0.0
    found: Array = model.income_slope * model.income + np.sqrt(max(0.0, share)) * model.trend_sd * drawn
    return found


def _autoregression(noise: Array, model: Calibration, year: float) -> Array:
    """(B, N, T) stationary errors from standard normals.

    Within a year rho becomes rho^year (zero if negative) and the stationary variance stays, so that
    fourth quarters have the variance and correlation of the yearly model.
    """
    rho = model.rho if year == 1 else max(model.rho, 0.0) ** year
    spread = model.sigma / np.sqrt(1 - model.rho**2)
    error = np.empty_like(noise)
    error[:, :, 0] = noise[:, :, 0]
    for t in range(1, noise.shape[2]):
        error[:, :, t] = rho * error[:, :, t - 1] + np.sqrt(1 - rho**2) * noise[:, :, t]
    found: Array = error * spread[:, None]
    return found
