"""Repeated cross-sections: every row is another person, seen once; areas are what treatment starts in.

They are kept as a panel whose units are the rows, each with one outcome, so that calendars, starts and
comparisons mean the same. What a panel's estimators need beyond that, a change of one unit, does not exist:
estimators of their own take them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from . import codes, gate, screen
from .arrays import factorized
from .covariates import Covariates, check_not_the_outcome, columns_of, read_covariates
from .names import read_names
from .panel import NEVER, Panel
from .periods import read_times
from .starts import as_written, read_cohorts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

MOST_CELLS = 2 * 10**8  # rows times periods that fit into memory


@dataclass(frozen=True, eq=False, repr=False)
class Sections(Panel):
    """Outcomes of N rows, each in one of T periods.

    Parameters
    ----------
    area
        (N,) 0..A-1, the area, school or firm whose treatment the row has; the effects of two-way
        regressions and imputation are those of areas.
    """

    area: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def n_areas(self) -> int:
        """A."""
        return int(self.area.max()) + 1

    @property
    def period(self) -> NDArray[np.int64]:
        """(N,) position of each row's period."""
        found: NDArray[np.int64] = self.observed.argmax(axis=1)
        return found

    @property
    def response(self) -> NDArray[np.float64]:
        """(N,) outcomes."""
        return np.take_along_axis(self.outcome, self.period[:, None], axis=1)[:, 0]

    @property
    def regressors(self) -> NDArray[np.float64]:
        """(N, K) covariates."""
        return self.covariates[np.arange(self.n_units), self.period]

    def of_units(self, kept: NDArray[np.bool_]) -> Sections:
        """Return the sections of the rows in ``kept``; clusters are renumbered."""
        found = super().of_units(kept)
        assert isinstance(found, Sections)
        return replace(found, area=np.unique(self.area[kept], return_inverse=True)[1])

    def until(self, stop: int) -> Sections:
        """Return the rows of positions 0..stop-1."""
        found = super().until(stop)
        assert isinstance(found, Sections)
        return found.of_units(np.asarray(found.observed.any(axis=1)))

    def __repr__(self) -> str:
        areas = gate.counted(self.n_areas, "area")
        return (
            f"Repeated cross-sections of {self.n_units} rows in {areas} over {self.n_periods} periods, "
            f"{self.times[0]} to {self.times[-1]}"
        )


def read_sections(
    frame: pd.DataFrame,
    *,
    unit: str,
    time: str,
    outcome: str,
    cohort: str,
    covariates: Sequence[str] | str = (),
    weights: str | None = None,
    cluster: str | None = None,
    time_gaps: str = "rank",
) -> Sections:
    """Read a table with one row per person; ``unit`` is the column of areas.

    Rows without an outcome, a covariate or a weight take no part, and the notes count them. Covariates are
    read as in a panel (`covariates.read_covariates`). Without ``cluster``, errors are clustered by area.

    Raises
    ------
    InputError
        The table cannot be used as given.
    """
    numeric = [outcome, *([weights] if weights is not None else [])]
    gate.check_columns(frame, [unit, time, cohort, *numeric, *([cluster] if cluster is not None else [])])
    check_not_the_outcome(frame, covariates, outcome)
    coded = [*numeric, *columns_of(frame, covariates), time, cohort]
    gate.check_columns(frame, coded)
    frame, _, notes = codes.without_stata_missing(frame, coded)
    values = {name: gate.read_numbers(frame[name], name, "number") for name in numeric}
    if np.isnan(values[outcome]).all():
        raise InputError("no row has an outcome", column=outcome, action="check the column of outcomes")
    seen = np.all([~np.isnan(column) for column in values.values()], axis=0)
    given = read_covariates(frame, covariates, seen)
    whole = seen & ~given.missing
    if not whole.any():
        screen.check_some_left(whole)
    if weights is not None and (wrong := np.flatnonzero(whole & (values[weights] <= 0))).size:
        raise InputError(
            "a weight is zero or negative", row=int(wrong[0]) + 2, column=weights,
            expected="positive sampling weights", action="leave these rows out",
        )  # fmt: skip
    if not whole.all():
        lost = gate.counted(int((~whole).sum()), "row has", "rows have")
        lacking = [*numeric, *(["covariate"] if given.names else [])]
        notes.append(f"{lost} no {' or '.join(lacking)} and no part in the estimate.")
        frame = frame[whole].reset_index(drop=True)
        values = {name: column[whole] for name, column in values.items()}
    notes += [*codes.suspects(values[outcome], outcome), *given.notes]
    mass = np.ones(len(frame)) if weights is None else values[weights]
    kept = replace(given, table=given.table[whole], missing=given.missing[whole])
    try:
        found = _of_whole_rows(frame, values[outcome], kept, mass, unit, time, cohort, cluster, time_gaps)
    except InputError as error:
        if not isinstance(error.row, int):
            raise
        line = int(np.flatnonzero(whole)[error.row - 2]) + 2  # as written, those without an outcome counted
        raise InputError(
            error.problem, row=line, column=error.column, value=error.value, expected=error.expected,
            action=error.action,
        ) from error  # fmt: skip
    return replace(found, notes=(*notes, *found.notes))


def _of_whole_rows(
    frame: pd.DataFrame,
    outcome: NDArray[np.float64],
    given: Covariates,
    mass: NDArray[np.float64],
    unit: str,
    time: str,
    cohort: str,
    cluster: str | None,
    time_gaps: str,
) -> Sections:
    """Sections of rows that lack nothing."""
    names, said = read_names(frame[unit], unit)
    area, areas = gate.number_units(names, unit)
    rows = len(frame)
    times = read_times(frame[time], time, np.ones(rows, dtype=bool), time_gaps)
    labels = times.calendar.labels
    if rows * len(labels) > MOST_CELLS:
        raise InputError(
            f"{rows} rows in {len(labels)} periods do not fit into memory",
            action="average within areas and periods, with the number of rows as weight, or coarsen periods",
        )
    codes, distinct = factorized(frame[cohort])
    starts, assumed = read_cohorts(codes, distinct, times.calendar, cohort)
    gate.constant_by_unit(
        starts, area, areas, "cohort", "give all rows of an area its first treated period", column=cohort,
        written=frame[cohort],
    )  # fmt: skip
    groups = area
    if cluster is not None:
        tidy, more = read_names(frame[cluster], cluster)
        said = [*said, *more]
        groups, _ = gate.number_units(tidy, cluster)
    table = np.full((rows, len(labels)), np.nan)
    table[np.arange(rows), times.position] = outcome
    extra = np.full((rows, len(labels), len(given.names)), np.nan)
    extra[np.arange(rows), times.position] = given.table
    screen.check_covariates(extra, ~np.isnan(table), given.names, labels)
    screen.check_clusters(groups, cluster or unit)
    screen.check_comparisons(starts, len(labels), labels)
    return Sections(
        units=tuple(areas[k] for k in area.tolist()),
        times=labels,
        outcome=table,
        cohort=np.where(starts < len(labels), starts, NEVER),
        starts=starts,
        cohort_labels=as_written(frame[cohort].to_numpy(), codes, distinct, starts, NEVER),
        covariates=extra,
        covariate_names=given.names,
        weights=mass,
        cluster=np.unique(groups, return_inverse=True)[1],
        notes=(*said, *times.notes, *assumed),
        area=area,
    )
