"""Estimators as linear forms, so that thousands of panels cost one matrix product.

On a balanced panel without covariates most estimators are fixed weights on mean outcomes by group and
period. The weights are read off one panel (`numerics/batch.py`) and must give the estimator's answer
on another; an estimator that chooses weights from the data fails this and is run as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis import config
from analysis.base.errors import InputError
from analysis.did.numerics.batch import TOLERANCE, make_plan
from analysis.did.options import Options
from analysis.did.panel.panel import Panel
from analysis.did.registry import estimator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.did.numerics.types import Array
    from analysis.did.results import Estimate
    from analysis.lab.design import Calendar, Members

OPTIONS = Options(draws=0, level=config.CONFIDENCE_LEVEL, base="universal", kernel="fast")


@dataclass(frozen=True)
class Form:
    """One estimate as weights.

    Parameters
    ----------
    estimator, term, event_time
        Which estimate.
    weights
        (H, T) of each group's mean outcome.
    """

    estimator: str
    term: str
    event_time: int | None
    weights: Array


def overall_term(rows: Sequence[Estimate]) -> str:
    """``att_simple`` (mean over treated cells, the common target) where reported, else ``att``."""
    return "att_simple" if any(row.term == "att_simple" for row in rows) else "att"


def noise_panel(calendar: Calendar, seed: int) -> Panel:
    """Panel of pure noise with the calendar's cohorts."""
    starts = np.repeat(np.array(calendar.starts), calendar.sizes)
    rng = np.random.default_rng(seed)
    return Panel.from_arrays(rng.standard_normal((len(starts), calendar.periods)), starts)


def find_forms(calendar: Calendar, name: str, events: bool) -> tuple[list[Form], str]:
    """Forms of an estimator on a calendar, or none and the reason.

    Parameters
    ----------
    calendar
        Periods and cohorts.
    name
        Estimator.
    events
        Also the effects by event time, from the start on.
    """
    panel, other = noise_panel(calendar, 1), noise_panel(calendar, 2)
    try:
        term = overall_term(estimator(name)(panel, OPTIONS))
        plan = make_plan(panel, name, OPTIONS, (term, "event") if events else (term,))
    except InputError as error:
        return [], error.problem
    wanted = [row for row in estimator(name)(other, OPTIONS) if row.term in {e.term for e in plan.estimates}]
    found = plan.of_outcomes(other.outcome[None])[0]
    if np.abs(found - np.array([row.estimate for row in wanted])).max() > 10 * TOLERANCE:
        return [], "its weights depend on the outcomes"
    forms = [
        Form(name, row.term, row.event_time, plan.weights[q])
        for q, row in enumerate(plan.estimates)
        if row.event_time is None or row.event_time >= 0
    ]
    return forms, ""


def scores(forms: list[Form], outcome: Array, sizes: tuple[int, ...]) -> Array:
    """(F, B, H, N) what each province adds to each estimate when it is in each group.

    ``outcome`` is (B, N, T); period means are taken out, which no estimate notices.
    """
    weights = np.stack([form.weights for form in forms]) / np.array(sizes)[:, None]
    centred = outcome - outcome.mean(axis=1, keepdims=True)
    number, periods = weights.shape[0] * weights.shape[1], weights.shape[2]
    flat = centred @ weights.reshape(number, periods).T  # (B, N, F H)
    shape = (*centred.shape[:2], *weights.shape[:2])
    return np.ascontiguousarray(flat.reshape(shape).transpose(2, 0, 3, 1))


def own_scores(values: Array, member: Members) -> Array:
    """(F, B, N) scores of provinces in their own groups."""
    return np.take_along_axis(values, member[None, :, None, :], axis=2)[:, :, 0]


def effect_scores(form: Form, calendar: Calendar, member: Members, path: Array) -> Array:
    """(B, H, N) scores of an outcome that is ``path`` (H, T) of each province's own group."""
    sizes = np.array(calendar.sizes)
    centred = path - (sizes / sizes.sum()) @ path
    by_group = (form.weights / sizes[:, None]) @ centred.T  # (H, H)
    return np.moveaxis(by_group[:, member], 0, 1)


def apply_estimator(name: str, outcome: Array, member: Members, calendar: Calendar) -> Estimate:
    """Run an estimator on one (N, T) panel and return its overall effect."""
    panel = Panel.from_arrays(outcome, np.array(calendar.starts)[member])
    rows = estimator(name)(panel, replace(OPTIONS, seed=config.SEED))
    return next(row for row in rows if row.term == overall_term(rows))
