"""The experiments: which designs, for which outcomes, with which estimators.

Annual designs copy the study of the official series: 31 provinces, one treated wave of seven, three
years after. Quarterly designs copy the rollout, with two treated waves and the third as control, and
again after the third wave has started, when no untreated province is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.did.panel.panel import NEVER
from analysis.did.registry import ESTIMATORS
from analysis.lab.calibrate import Calibration, calibrate, selection_strength
from analysis.lab.design import Calendar, Design
from analysis.study.outcomes import annual_panel, regions, residents

if TYPE_CHECKING:
    from analysis.lab.forms import Form

RICHNESS = "log_gdp_per_head"  # by which provinces are rich
MAIN = config.OUTCOMES[0].name  # where one outcome is enough: quarterly designs and slow estimators
DIRECT = ("efficient", "synthetic_did", "synthetic_control")  # weights depend on outcomes: run one by one
SLOW = DIRECT[1:]  # a tenth of a second each, placebo errors included
SLOW_REPLICATIONS = 100  # of the slow ones: enough to see a size of 10 %, not of 6 %
FEW = ("twfe", "group_time")  # where the question is the design, not the estimator
EVENTS = "group_time"  # whose effects by event time are judged: with one cohort others have the same
LINEAR = (*FEW, *(n for n in ESTIMATORS if n not in (*FEW, *DIRECT, "bacon")))  # bacon repeats twfe
FURTHER_PROVINCES = (10, 13, 15)  # treated at once, of 31: at 15 or 16 a difference is most precise
FURTHER_YEARS = (5, 8)  # after the start, if the untreated had stayed so: three were observed
ALL_TREATED_QUARTERS = 6  # after the third start: the window then ends with 2027
STAGGERED_SIZE = 4.0  # effect in yearly innovations: large, so that bias is not lost in noise


@dataclass(frozen=True)
class Experiment:
    """A design on an outcome with what is to be tried on it.

    Parameters
    ----------
    design, model
        See `design` and `calibrate`.
    estimators
        Names with a linear form.
    direct
        Names run panel by panel.
    power
        Also find rejection rates over a grid of effects.
    strength
        Of selection on income.
    forms
        Different linear forms, once found.
    """

    design: Design
    model: Calibration
    estimators: tuple[str, ...]
    direct: tuple[str, ...] = ()
    power: bool = False
    strength: float = 0.0
    forms: tuple[Form, ...] = ()

    @property
    def by_event(self) -> bool:
        """Whether effects by event time are judged: by quarter only where power is found, to save rows."""
        return self.power or self.design.calendar.year == 1

    @property
    def name(self) -> str:
        """Unique name, also of its cache files."""
        return f"{self.design.calendar.name}-{self.design.name}-{self.model.outcome}"


def calibrations(panel: pd.DataFrame) -> list[Calibration]:
    """Fit one model for each outcome of the study to ``panel.csv``, years before the pilot."""
    start = config.PILOT_START.year
    tables = {outcome.name: annual_panel(panel, outcome) for outcome in config.OUTCOMES}
    wide = {
        name: table[table["year"] < start].pivot(index="province_code", columns="year", values=name)
        for name, table in tables.items()
    }
    cohort = tables[RICHNESS].groupby("province_code")["cohort"].first()
    units = list(wide[RICHNESS].index)
    first = (cohort.loc[units] == start).to_numpy()
    income = wide[RICHNESS].to_numpy()[:, -1]
    people, region = residents(panel, units), regions(units)
    return [
        calibrate(name, series.loc[units].to_numpy(), income, first, people, region)
        for name, series in wide.items()
    ]


def calendars(panel: pd.DataFrame) -> dict[str, Calendar]:
    """Build the annual and the two quarterly calendars, waves counted from ``panel.csv``."""
    waves = panel.groupby("province_code")["cohort"].first().value_counts().sort_index()
    sizes = tuple(int(size) for size in waves)
    quarters = [pd.Period(name, freq="Q") for name in waves.index]
    starts = [(quarter - config.PANEL_START).n for quarter in quarters]
    window = (config.BOUNDS_END - config.PANEL_START).n + 1
    before = config.PILOT_START.year - config.ESTIMATION_START
    last = min(outcome.last_year for outcome in config.OUTCOMES)
    found = [
        annual("annual", before, last - config.PILOT_START.year + 1, sizes[0], sum(sizes)),
        Calendar("quarterly", window, (*starts[:-1], NEVER), sizes, 0.25),
        Calendar("quarterly_all_treated", window + ALL_TREATED_QUARTERS, tuple(starts), sizes, 0.25),
    ]
    return {calendar.name: calendar for calendar in found}


def annual(name: str, before: int, after: int, treated: int, provinces: int) -> Calendar:
    """One treated wave with ``before`` years before and ``after`` years after its start."""
    return Calendar(name, before + after, (before, NEVER), (treated, provinces - treated))


def experiments(panel: pd.DataFrame) -> list[Experiment]:
    """All experiments, without their forms."""
    calendar = calendars(panel)
    found = []
    for model in calibrations(panel):
        strength = selection_strength(model.income, model.first_wave, config.SEED)
        for design in annual_designs(calendar["annual"]):
            slow = model.outcome == MAIN and design.name in ("null_random", "constant")
            found.append(
                Experiment(
                    design, model, LINEAR, DIRECT if slow else (),
                    power=design.name in ("null_random", "null_actual"), strength=strength,
                )
            )  # fmt: skip
        found += [Experiment(design, model, FEW, power=True) for design in larger_designs(calendar["annual"])]
        for kind in ("quarterly", "quarterly_all_treated"):
            for design in staggered_designs(calendar[kind]):
                power = kind == "quarterly" and design.name == "null_random"
                if power or model.outcome == MAIN:
                    names = LINEAR if model.outcome == MAIN else FEW
                    found.append(Experiment(design, model, names, power=power))
    return found


def annual_designs(calendar: Calendar) -> list[Design]:
    """Designs of the study's own shape: no effect in the first eight, an effect in the last three."""
    return [
        Design("null_random", calendar),
        Design("null_actual", calendar, assignment="actual"),
        Design("null_selected", calendar, assignment="selected", trends="by_income"),
        Design("null_own_trends", calendar, assignment="actual", trends="kept"),
        Design("null_unequal_effects", calendar, effect="mean_zero", size=2.0),
        *(Design(f"null_violation_{100 * v:.0f}", calendar, violation=v) for v in (0.25, 0.5, 1.0)),
        Design("constant", calendar, effect="constant", size=1.0),
        Design("growing", calendar, effect="growing", size=1.0),
        Design("anticipated", calendar, effect="anticipated", size=1.0),
    ]


def larger_designs(calendar: Calendar) -> list[Design]:
    """The same study with more treated provinces or more years after the start, without effect."""
    before, number = calendar.starts[0], sum(calendar.sizes)
    after = calendar.periods - before
    wider = [annual(f"annual_{n}_treated", before, after, n, number) for n in FURTHER_PROVINCES]
    longer = [annual(f"annual_{n}_years", before, n, calendar.sizes[0], number) for n in FURTHER_YEARS]
    return [Design("null_random", shape) for shape in (*wider, *longer)]


def staggered_designs(calendar: Calendar) -> list[Design]:
    """Designs of the rollout's shape, by effect."""
    kinds = ("constant", "growing", "by_cohort", "growing_by_cohort", "dose")
    return [
        Design("null_random", calendar),
        *(Design(kind, calendar, effect=kind, size=STAGGERED_SIZE) for kind in kinds),
    ]


def one_cohort(calendar: Calendar) -> bool:
    """Whether one wave is compared with one group that is never treated."""
    return len(calendar.sizes) == 2 and bool(np.max(calendar.starts) == NEVER)
