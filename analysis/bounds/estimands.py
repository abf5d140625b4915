"""What is bounded: enrolment pooled over people, averaged over provinces, by province and by cohort.

Nobody can be enrolled where the pilot has not begun, so the untreated outcome is zero and the
group-time effect ATT(g, t) equals mean enrolment of cohort ``g`` at ``t``. Each estimand is a linear
function of the enrolment panel; the estimand's denominators are the last year-end counts. Pooled counts
each person once; where provinces may share people, ``pooled_registrations`` sums what they register.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.base.constants import NATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analysis.bounds.model import EnrolmentSet

# unit -> (column of the cells, number of people the count is expressed per)
UNITS = {
    "persons": (None, 1.0),
    "per_1000_residents": ("residents", 1_000.0),
    "per_100_urban_employees": ("urban_employees", 100.0),
}


@dataclass(frozen=True)
class Estimand:
    """A linear function of the panel: ``weights @ persons``, with the keys of its row in bounds.csv."""

    estimand: str
    scope: str
    province_code: str
    quarter: str
    event_time: int | None
    unit: str
    weights: np.ndarray


def pooled(cells: pd.DataFrame, unit: str) -> pd.Series:
    """Weights of people enrolled over people: ``sum_p x_p / sum_p d_p``."""
    column, per = UNITS[unit]
    if column is None:
        return pd.Series(1.0, index=cells.index)
    return pd.Series(per / cells[column].sum(), index=cells.index)


def average(cells: pd.DataFrame, unit: str) -> pd.Series:
    """Weights of the mean over provinces: ``(1 / P) sum_p x_p / d_p``; provinces count alike."""
    column, per = UNITS[unit]
    denominator = 1.0 if column is None else cells[column]
    return per / denominator / len(cells) + pd.Series(0.0, index=cells.index)


def one_by_one(cells: pd.DataFrame, unit: str) -> np.ndarray:
    """Weight of each cell in its own value, ``x_p / d_p``: what `pooled` gives it alone."""
    column, per = UNITS[unit]
    return np.ones(len(cells)) if column is None else per / cells[column].to_numpy(float)


def spread(weights: pd.Series, panel: EnrolmentSet) -> np.ndarray:
    """Cell weights as a vector over all columns of the program."""
    vector = np.zeros(panel.size)
    vector[weights.index] = weights
    return vector


def national(panel: EnrolmentSet, cells: pd.DataFrame, quarter: pd.Period, unit: str) -> np.ndarray:
    """Weights of the national count, each person once, over the denominators of its provinces."""
    vector = np.zeros(panel.size)
    position = panel.position(NATION, quarter)
    assert position is not None
    vector[position] = pooled(cells, unit).iloc[0]
    return vector


def list_estimands(
    panel: EnrolmentSet, last: pd.Period, wanted: Callable[[str, str], bool]
) -> Iterator[Estimand]:
    """Every estimand of bounds.csv up to quarter ``last`` of which ``wanted(estimand, unit)``.

    The Corps (no denominators) counts in the national total and in no ratio.
    """
    units = panel.units[panel.units["quarter"] <= last]
    cohorts = any(wanted(name, unit) for name in ("cohort_pooled", "cohort_average") for unit in UNITS)
    for quarter, now in units.groupby("quarter"):
        label = str(quarter)
        for unit in UNITS:
            if wanted("pooled", unit):
                weights = national(panel, now, quarter, unit)
                yield Estimand("pooled", "in_force", "", label, None, unit, weights)
            if panel.overlap and wanted("pooled_registrations", unit):  # else the same as pooled
                weights = spread(pooled(now, unit), panel)
                yield Estimand("pooled_registrations", "in_force", "", label, None, unit, weights)
            if unit != "persons" and wanted("province_average", unit):
                weights = spread(average(now, unit), panel)
                yield Estimand("province_average", "in_force", "", label, None, unit, weights)
            if not wanted("province", unit):
                continue
            each = one_by_one(now, unit)
            places = zip(now.index, now["province_code"], now["event_time"], each, strict=True)
            for position, code, event, weight in places:
                weights = np.zeros(panel.size)
                weights[position] = weight
                yield Estimand("province", code, code, label, int(event), unit, weights)
        for cohort, members in now.groupby("cohort") if cohorts else ():
            event = int(members["event_time"].iloc[0])
            yield from both(panel, members, cohort, label, event, wanted)
    for event_time, then in units.groupby("event_time") if cohorts else ():
        if len(set(then["cohort"])) > 1:  # with one cohort the row would repeat that cohort's own
            yield from both(panel, then, "in_force", "", int(event_time), wanted)


def both(
    panel: EnrolmentSet,
    cells: pd.DataFrame,
    scope: str,
    quarter: str,
    event_time: int,
    wanted: Callable[[str, str], bool],
) -> Iterator[Estimand]:
    """Pooled and average enrolment of a cohort at a quarter, or of all cohorts at an event time."""
    kinds: tuple[tuple[str, Callable[[pd.DataFrame, str], pd.Series]], ...] = (
        ("cohort_pooled", pooled),
        ("cohort_average", average),
    )
    for unit in UNITS:
        for name, weigh in kinds:
            if (name, unit) == ("cohort_average", "persons"):
                continue  # a mean head count over provinces of unlike size answers no question
            if wanted(name, unit):
                yield Estimand(name, scope, "", quarter, event_time, unit, spread(weigh(cells, unit), panel))
