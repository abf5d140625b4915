"""Estimators by name, and the one call that runs them.

Modules are imported when first used, so that one estimator does not wait for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module

import numpy as np

from .errors import InputError
from .numerics.rounding import power_of_two, rounding
from .options import Options
from .panel.gate import suggestion
from .panel.panel import Panel
from .results import NAN, NO_ERROR, Estimate

ROUNDING = 1e-12  # an error relative to the outcomes' spread that is rounding
FEWEST_CLUSTERS = 3
UNITLESS = ("weight", "pretrend_joint")

Estimator = Callable[[Panel, Options], list[Estimate]]

# name: module of this package that holds the function of that name
ESTIMATORS = {
    "twfe": "twfe",
    "event_study_twfe": "twfe",
    "bacon": "bacon",
    "group_time": "group_time",
    "sun_abraham": "sun_abraham",
    "imputation": "imputation",
    "two_stage": "two_stage",
    "extended_twfe": "extended_twfe",
    "stacked": "stacked",
    "local_projection": "local_projection",
    "local_projection_reweighted": "local_projection",
    "efficient": "efficient",
    "dynamic_dcdh": "dynamic",
    "synthetic_did": "synthetic",
    "synthetic_control": "synthetic",
}


def estimator(name: str) -> Estimator:
    """Return the function behind a name.

    Raises
    ------
    InputError
        No estimator has that name.
    """
    if name not in ESTIMATORS:
        raise InputError(
            f"there is no estimator {name!r}",
            expected=f"all, or some of {', '.join(ESTIMATORS)}",
            action=suggestion(name, ESTIMATORS, "name one of these"),
        )
    found: Estimator = getattr(import_module(f".estimators.{ESTIMATORS[name]}", __package__), name)
    return found


def estimate(
    panel: Panel, estimators: Sequence[str] | str = "group_time", options: Options | None = None
) -> list[Estimate]:
    """Run estimators on a panel.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    estimators
        Names of `ESTIMATORS`, one name, or ``all``. With ``all``, an estimator that does not apply
        to the panel gives one row without a number whose note says why.
    options
        Defaults of `Options`.

    Returns
    -------
    list of Estimate
        In the order of ``estimators``; one named twice is run once.

    Raises
    ------
    InputError
        Unknown name, or an estimator asked for by name cannot be computed on this panel.
    """
    options = options or Options()
    if estimators != "all":
        names = [estimators] if isinstance(estimators, str) else list(dict.fromkeys(estimators))
        functions = [estimator(name) for name in names]
        scaled, unit = in_own_unit(panel)
        found = [row for function in functions for row in function(scaled, options)]
        return in_unit(without_noise(scaled, found), unit)
    rows: list[Estimate] = []
    scaled, unit = in_own_unit(panel)
    for name in ESTIMATORS:
        try:
            rows += estimator(name)(scaled, options)
        except InputError as error:
            rows.append(Estimate(name, "att", float("nan"), note=f"Not computed: {error.problem}."))
    if all(row.estimate != row.estimate for row in rows):
        raise InputError("no estimator can be computed on this panel: " + rows[0].note)
    return in_unit(without_noise(scaled, rows), unit)


def in_own_unit(panel: Panel) -> tuple[Panel, float]:
    """Panel with outcomes close to one, and the power of two that they were divided by.

    No digit changes, and no square of an outcome is too large or too small for a float.
    """
    unit = power_of_two(panel.outcome)
    return replace(panel, outcome=panel.outcome / unit), unit


def in_unit(estimates: list[Estimate], unit: float) -> list[Estimate]:
    """Estimates in the outcome's unit again; weights and test statistics have none."""
    return [
        row
        if row.term in UNITLESS
        else replace(
            row, estimate=row.estimate * unit, std_error=row.std_error * unit, ci_low=row.ci_low * unit,
            ci_high=row.ci_high * unit, band_low=row.band_low * unit, band_high=row.band_high * unit,
        )
        for row in estimates
    ]  # fmt: skip


def without_noise(panel: Panel, estimates: list[Estimate]) -> list[Estimate]:
    """Take away errors, intervals and p-values where nothing shows how large chance is.

    That is where errors are rounding, because outcomes have no noise, and where there are two clusters:
    their scores sum to zero, so that whatever is printed is no error. A joint pre-test goes with the errors
    of the effects that it joins.
    """
    clusters = len(np.unique(panel.cluster[panel.observed.any(axis=1)]))
    if clusters < FEWEST_CLUSTERS:
        why = f"{NO_ERROR}{clusters} clusters do not show how large chance is."
        return [_without_error(row, why) for row in estimates]
    least = rounding(panel.outcome, ROUNDING)
    silent = [row.std_error == row.std_error and row.std_error <= least for row in estimates]
    early = {
        row.estimator
        for row, quiet in zip(estimates, silent, strict=True)
        if quiet and row.event_time is not None and row.event_time < 0
    }
    return [
        _without_error(row, f"{NO_ERROR}units have no noise to take it from.")
        if quiet or (row.term == "pretrend_joint" and row.estimator in early)
        else row
        for row, quiet in zip(estimates, silent, strict=True)
    ]


def _without_error(row: Estimate, why: str) -> Estimate:
    if row.estimate != row.estimate:
        return row  # has no number either, and says why
    return replace(
        row, std_error=NAN, ci_low=NAN, ci_high=NAN, band_low=NAN, band_high=NAN, p_value=NAN,
        note=f"{row.note} {why}".strip(),
    )  # fmt: skip
