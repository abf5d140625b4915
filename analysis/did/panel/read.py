"""Panels made of a long table, or of arrays.

Columns are read one after the other, each by the module that knows its meaning; rows then take their place
in a table of units by periods. What a reader must know is collected in the panel's notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from . import codes, gate, screen
from .arrays import factorized, first_rows
from .covariates import check_not_the_outcome, columns_of, read_covariates, yes_or_no
from .names import read_names
from .panel import NEVER, Panel
from .path import check_path, one_treatment, read_path
from .periods import read_times
from .places import Places, rows_of_each
from .sections import read_sections
from .starts import as_written, check_cohort_column, is_indicator, read_cohorts
from .weights import read_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Treatment:
    """When units are treated: starts (N,), as written, and doses (N, T) where there are any."""

    starts: NDArray[np.int64]
    labels: tuple[str, ...]
    outcome: Array
    dose: Array | None
    notes: list[str]


def read_panel(
    frame: pd.DataFrame,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str | None,
    dose: str | None,
    covariates: Sequence[str] | str,
    weights: str | None,
    cluster: str | Sequence[str] | None,
    time_gaps: str,
    weights_vary: str,
    cross_sections: bool,
) -> Panel:
    """Read a long table; see `Panel.from_frame`."""
    frame = codes.as_pandas(frame)
    treatment = one_treatment(cohort, dose)
    if cross_sections:
        if cohort is None:
            raise InputError(
                "a dose in each period follows units over time, and cross-sections do not",
                action="give first treated periods as cohort, or average within areas and periods",
            )
        if not (cluster is None or isinstance(cluster, str)):
            raise InputError(
                "two columns of clusters are not read with cross-sections",
                action="name one column of clusters",
            )
        return read_sections(
            frame, unit=unit, time=time, outcome=outcome, cohort=cohort, covariates=covariates,
            weights=weights, cluster=cluster, time_gaps=time_gaps,
        )  # fmt: skip
    ways_of = [cluster] if isinstance(cluster, str) else list(cluster or ())
    if dose is not None and len(ways_of) > 1:
        raise InputError(
            "errors clustered in two ways are not known for treatment that changes",
            action="name one column of clusters with a dose",
        )
    numeric = [outcome, *([weights] if weights is not None else [])]
    gate.check_columns(frame, [unit, time, treatment, *numeric, *ways_of])
    check_not_the_outcome(frame, covariates, outcome)
    extras = columns_of(frame, covariates)
    if extras:
        gate.check_columns(frame, extras)
    coded = [*numeric, *extras, time, treatment]
    frame, table, notes = codes.without_stata_missing(frame, coded, [unit])
    names, said = read_names(table[unit], unit)
    notes += said
    each = rows_of_each(names, table[time])
    numbers, units = gate.number_units(names.to_numpy()[::each] if each else names, unit)
    read = gate.read_numbers(table[outcome], outcome, "outcome")
    seen = ~np.isnan(read)
    if not seen.any():
        raise InputError(
            "no row has an outcome", column=outcome, action="check that this is the column of outcomes"
        )
    given = read_covariates(frame, covariates, seen)
    if given.missing.any():
        seen &= ~given.missing
        read = np.where(seen, read, np.nan)
    screen.check_some_left(seen)
    if each:
        some_seen = np.asarray(seen.reshape(-1, each).any(axis=0))
        times = read_times(table[time].to_numpy()[:each], time, some_seen, time_gaps)
    else:
        times = read_times(table[time], time, seen, time_gaps)
    labels = times.calendar.labels
    places = Places(numbers, times, units, each)
    if not places.in_order:
        gate.check_no_duplicates(places.unit, places.code, units, times.labels)
    treated = (
        _starts(table[cohort], cohort, places, places.wide(read))
        if cohort is not None
        else _doses(table[treatment], treatment, places, places.wide(read))
    )
    notes += codes.suspects(read, outcome)
    extra = np.empty((len(units), len(labels), len(given.names)))
    for k in range(len(given.names)):
        extra[:, :, k] = places.wide(given.table[:, k])
    notes += given.notes
    if given.missing.any():
        notes += screen.dropped(given.missing, places.unit, places.code, units, times.labels)
    screen.check_covariates(extra, ~np.isnan(treated.outcome), given.names, labels)
    mass, moving = np.ones(len(units)), None
    if weights is not None:
        mass, own, said = read_weights(
            table[weights], weights, weights_vary, places.unit, places.position, seen, units
        )
        moving = None if own is None else places.wide(own)
        notes += said
    ways = []
    for name in ways_of:
        tidy, said = read_names(frame[name], name)
        notes += said
        ways.append(gate.read_clusters(tidy, name, places.unit, units))
    pairs = np.unique(np.column_stack(ways), axis=0, return_inverse=True)[1].ravel() if ways else None
    whole = Panel(
        units=units,
        times=labels,
        outcome=treated.outcome,
        cohort=np.where(treated.starts < len(labels), treated.starts, NEVER),
        starts=treated.starts,
        cohort_labels=treated.labels,
        covariates=extra,
        covariate_names=given.names,
        weights=mass,
        cluster=np.arange(len(units)) if pairs is None else pairs,
        dose=treated.dose,
        ways=np.column_stack(ways) if len(ways) == 2 else None,
        period_weights=moving,
    )
    some = np.ones(len(units), dtype=bool) if whole.balanced else np.asarray(whole.observed.any(axis=1))
    panel = whole.of_units(some)
    notes += times.notes + treated.notes + screen.absences(whole, some)
    screen.check_repeated(panel)
    screen.check_clusters(panel.cluster, ", ".join(ways_of) or unit)
    screen.check_two_ways(panel.ways, ways_of)
    screen.check_comparisons(panel.starts, len(labels), labels)
    noted = object.__new__(Panel)  # keeps what was computed, such as which outcomes are known
    noted.__dict__.update(panel.__dict__, notes=(*notes, *screen.remarks(panel, places.count(some), NEVER)))
    return noted


def _starts(values: pd.Series, column: str, places: Places, outcome: Array) -> Treatment:
    """Read first treated periods, the same in all rows of a unit."""
    times, units = places.times, places.units
    own = places.of_units(values)
    codes_of, distinct = factorized(values if own is None else own)
    if is_indicator(distinct):
        check_cohort_column(values, places.unit, places.code, units, times.labels, column)
    starts, notes = read_cohorts(codes_of, distinct, times.calendar, column)
    if own is None:
        starts = gate.constant_by_unit(
            starts,
            places.unit,
            units,
            "cohort",
            "if treatment goes off or changes again, name the column of treatment in each period as "
            "dose; else give the first treated period",
            column=column,
            written=values,
        )
        first = first_rows(places.unit, len(units))
        own, codes_of = values.to_numpy()[first], codes_of[first]
    labels = as_written(own, codes_of, distinct, starts, NEVER)
    return Treatment(starts, labels, outcome, None, notes)


def _doses(values: pd.Series, column: str, places: Places, outcome: Array) -> Treatment:
    """Read doses, true and false as 1 and 0, and from them when each unit leaves its first one."""
    read = yes_or_no(values)
    doses = places.wide(gate.read_numbers(values, column, "treatment") if read is None else read)
    path = read_path(doses, outcome, places.units)
    check_path(path.dose, path.starts, column)
    labels = places.times.calendar.labels
    starts = np.where(path.starts < len(labels), path.starts, NEVER)
    named = tuple(str(labels[g]) if g < NEVER else "" for g in starts.tolist())
    return Treatment(starts, named, path.outcome, path.dose, [*codes.suspects(doses, column), *path.notes])


def panel_of_arrays(
    outcome: Array,
    starts: NDArray[np.int64] | None,
    *,
    dose: Array | None,
    covariates: Array | None,
    weights: Array | None,
    cluster: NDArray[np.int64] | None,
    times: Sequence[Any] | None,
    units: Sequence[Any] | None,
) -> Panel:
    """Make a panel of arrays, unchecked; see `Panel.from_arrays`."""
    number, periods = outcome.shape
    labels = tuple(range(periods)) if times is None else tuple(times)
    if dose is not None:
        path = read_path(np.array(dose, dtype=float), np.array(outcome, dtype=float), range(number))
        outcome, dose = path.outcome, path.dose
        starts = np.where(path.starts < periods, path.starts, NEVER)
    elif starts is None:
        raise InputError("a panel needs the start of each unit's treatment, or its dose in each period")
    starts = np.where(starts >= NEVER, NEVER, np.maximum(starts, 0)).astype(np.int64)
    cohort = np.where(starts < periods, starts, NEVER)
    extras = np.empty((number, periods, 0)) if covariates is None else np.array(covariates)
    mass = np.ones(number) if weights is None else np.array(weights, dtype=float)
    moving = mass if mass.ndim == 2 else None
    if moving is not None:
        first = (~np.isnan(outcome)).argmax(axis=1)
        mass = moving[np.arange(number), first]
    return Panel(
        units=tuple(range(number)) if units is None else tuple(units),
        times=labels,
        outcome=np.array(outcome, dtype=float),
        cohort=cohort,
        starts=starts,
        cohort_labels=tuple(str(labels[g]) if g < periods else "" for g in cohort.tolist()),
        covariates=extras,
        covariate_names=tuple(f"x{k + 1}" for k in range(extras.shape[2])),
        weights=mass,
        period_weights=moving,
        cluster=np.arange(number) if cluster is None else np.unique(cluster, return_inverse=True)[1],
        dose=dose,
    )
