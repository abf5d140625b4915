"""The one door: a balanced-or-explained panel that every estimator takes and none re-checks.

Units become rows, periods columns; only rows with an outcome count. Times are recoded to 0..T-1 and the
first treated period to a position, so that no estimator depends on how a calendar is written. What was
assumed or is missing stands in ``notes``; what cannot be used is an `InputError` that names units and
periods.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from . import codes, gate, screen
from .arrays import read_only, renumbered, same
from .periods import read_times
from .starts import check_cohort_column, first_written, read_cohorts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

NEVER = 10**6  # cohort of units not treated within the panel


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """Outcomes of N units over T periods and when each unit is first treated.

    Nothing in it can be changed: its arrays are read-only. Panels are equal where all their fields are.
    They cannot be keys of a dict or members of a set.

    Parameters
    ----------
    units, times
        Labels of the N units (sorted) and T periods (in order).
    outcome
        (N, T), NaN where missing.
    cohort
        (N,) position of the first treated period; 0 for units treated from the first period on or
        before; `NEVER` for units never treated or first treated after the last period.
    starts
        (N,) the same, but a start after the last period keeps its position (T or more), because
        with anticipation such a unit may respond within the window.
    cohort_labels
        (N,) the first treated period as the user wrote it; empty for never treated.
    covariates
        (N, T, K); K may be 0.
    weights
        (N,) positive.
    cluster
        (N,) 0..G-1.
    notes
        Sentences on what was assumed, dropped or is missing.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.Panel.from_frame(
    ...     did.example_frame(), unit="unit", time="year", outcome="income", cohort="start"
    ... )
    >>> panel
    Panel of 60 units over 8 periods, 2015 to 2022
      first treated (units): 2018 (20), 2020 (20), never in the panel (20)
      480 of 480 outcomes
    >>> panel.outcome[0, 0] = 99
    Traceback (most recent call last):
        ...
    ValueError: assignment destination is read-only
    """

    units: tuple[Any, ...]
    times: tuple[Any, ...]
    outcome: NDArray[np.float64]
    cohort: NDArray[np.int64]
    starts: NDArray[np.int64]
    cohort_labels: tuple[str, ...]
    covariates: NDArray[np.float64]
    covariate_names: tuple[str, ...]
    weights: NDArray[np.float64]
    cluster: NDArray[np.int64]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                object.__setattr__(self, name, read_only(value))

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A copy or an unpickled panel comes this way, and arrays arrive writable.
        frozen = {k: read_only(v) if isinstance(v, np.ndarray) else v for k, v in state.items()}
        self.__dict__.update(frozen)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Panel):
            return NotImplemented
        return all(same(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        starts = [f"{self.label(g)} ({int((self.cohort == g).sum())})" for g in self.cohorts]
        never, early = int((self.cohort == NEVER).sum()), int((self.cohort == 0).sum())
        groups = [*starts, f"never in the panel ({never})"]
        if early:
            groups.append(f"from the first period on ({early})")
        extras = [f"covariates {', '.join(self.covariate_names)}"] if self.covariate_names else []
        extras += ["unit weights"] if self.weighted else []
        extras += [f"{self.n_clusters} clusters"] if self.n_clusters < self.n_units else []
        known = int(self.observed.sum())
        span = f"{self.times[0]} to {self.times[-1]}"
        return (
            f"Panel of {self.n_units} units over {self.n_periods} periods, {span}\n"
            f"  first treated (units): {gate.listing(groups)}\n"
            f"  {'; '.join([f'{known} of {self.observed.size} outcomes', *extras])}"
        )

    @property
    def n_units(self) -> int:
        """N."""
        found: int = self.outcome.shape[0]
        return found

    @property
    def n_periods(self) -> int:
        """T."""
        found: int = self.outcome.shape[1]
        return found

    @cached_property
    def observed(self) -> NDArray[np.bool_]:
        """(N, T) whether the outcome is known."""
        return read_only(~np.isnan(self.outcome))

    @cached_property
    def balanced(self) -> bool:
        """Whether every unit has an outcome in every period."""
        return bool(self.observed.all())

    @cached_property
    def weighted(self) -> bool:
        """Whether weights differ between units."""
        return bool(np.ptp(self.weights) > 0)

    @cached_property
    def n_clusters(self) -> int:
        """G."""
        return int(self.cluster.max()) + 1

    @cached_property
    def cohorts(self) -> tuple[int, ...]:
        """Positions of the cohorts that start inside the panel after a pre-period, in order."""
        inside = (self.cohort > 0) & (self.cohort < NEVER)
        return tuple(int(g) for g in np.unique(self.cohort[inside]))

    def last_observed(self, position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the last period at or before each position with an observed outcome; -1 where none has."""
        seen = np.where(self.observed.any(axis=0), np.arange(self.n_periods), -1)
        latest = np.append(np.maximum.accumulate(seen), -1)
        return np.asarray(latest[np.clip(position, -1, self.n_periods - 1)])

    def label(self, position: int | None) -> Any:
        """Return the period label at a position."""
        return None if position is None or not 0 <= position < len(self.times) else self.times[position]

    def untreated(self, anticipation: int = 0) -> NDArray[np.bool_]:
        """(N, T) whether a unit cannot respond to treatment yet."""
        return np.arange(self.n_periods) < (self.starts - anticipation)[:, None]

    def until(self, stop: int) -> Panel:
        """Return the panel of positions 0..stop-1."""
        cohort = np.where(self.cohort < stop, self.cohort, NEVER)
        return replace(
            self,
            times=self.times[:stop],
            outcome=self.outcome[:, :stop],
            covariates=self.covariates[:, :stop],
            cohort=cohort,
        )

    def of_units(self, kept: NDArray[np.bool_]) -> Panel:
        """Return the panel of the units in ``kept``; clusters are renumbered."""
        if kept.all():
            return self
        rows = np.flatnonzero(kept)
        return replace(
            self,
            units=tuple(self.units[k] for k in rows),
            outcome=self.outcome[rows],
            cohort=self.cohort[rows],
            starts=self.starts[rows],
            cohort_labels=tuple(self.cohort_labels[k] for k in rows),
            covariates=self.covariates[rows],
            weights=self.weights[rows],
            cluster=renumbered(self.cluster[rows]),
        )

    @classmethod
    def from_arrays(
        cls,
        outcome: NDArray[np.float64],
        starts: NDArray[np.int64],
        *,
        covariates: NDArray[np.float64] | None = None,
        weights: NDArray[np.float64] | None = None,
        cluster: NDArray[np.int64] | None = None,
        times: Sequence[Any] | None = None,
        units: Sequence[Any] | None = None,
    ) -> Panel:
        """Panel from an (N, T) outcome and (N,) starting positions (`NEVER` for none); not re-checked.

        For callers that make panels themselves, such as simulations.

        Examples
        --------
        >>> import numpy as np
        >>> import rollout_did as did
        >>> starts = np.array([2, 2, did.NEVER, did.NEVER])
        >>> did.Panel.from_arrays(np.zeros((4, 3)), starts).cohort_labels
        ('2', '2', '', '')
        """
        number, periods = outcome.shape
        labels = tuple(range(periods)) if times is None else tuple(times)
        starts = np.where(starts >= NEVER, NEVER, np.maximum(starts, 0)).astype(np.int64)
        cohort = np.where(starts < periods, starts, NEVER)
        return cls(
            units=tuple(range(number)) if units is None else tuple(units),
            times=labels,
            outcome=np.array(outcome, dtype=float),
            cohort=cohort,
            starts=starts,
            cohort_labels=tuple(str(labels[g]) if g < periods else "" for g in cohort.tolist()),
            covariates=np.empty((number, periods, 0)) if covariates is None else np.array(covariates),
            covariate_names=tuple(
                f"x{k + 1}" for k in range(0 if covariates is None else covariates.shape[2])
            ),
            weights=np.ones(number) if weights is None else np.array(weights, dtype=float),
            cluster=np.arange(number) if cluster is None else np.unique(cluster, return_inverse=True)[1],
        )

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        unit: str,
        time: str,
        outcome: str,
        cohort: str,
        covariates: Sequence[str] = (),
        weights: str | None = None,
        cluster: str | None = None,
        time_gaps: str = "rank",
    ) -> Panel:
        """Read a long table, one row per unit and period.

        Rows without an outcome take no part: a unit or a period that has no other rows is no unit or
        period of the panel.

        Parameters
        ----------
        frame
            Long table: of pandas, or any table that speaks Arrow, such as one of Polars or pyarrow.
        unit, time, outcome, cohort
            Columns. Times are whole numbers, ``YYYY``, ``YYYYQn``, ``YYYY-MM``, dates or pandas Periods.
            ``cohort`` is the first treated period; empty, NA, inf, never or 0 mean never treated.
        covariates, weights, cluster
            Optional columns; weights and clusters must not change within a unit.
        time_gaps
            Where periods are not equally spaced: ``rank`` numbers the observed ones in order, ``keep``
            keeps the absent ones as empty periods, ``refuse`` is an error.

        Raises
        ------
        InputError
            The table cannot be used as given; the message names rows, units or periods.

        Examples
        --------
        >>> import rollout_did as did
        >>> panel = did.Panel.from_frame(
        ...     did.example_frame(), unit="unit", time="year", outcome="income", cohort="start",
        ...     covariates=["rural"],
        ... )
        >>> panel.covariate_names, panel.cohorts
        (('rural',), (3, 5))
        """
        frame = codes.as_pandas(frame)
        groups_of = [cluster] if cluster is not None else []
        numeric = [outcome, *covariates, *([weights] if weights is not None else [])]
        gate.check_columns(frame, [unit, time, cohort, *numeric, *groups_of])
        frame, notes = codes.without_stata_missing(frame, [*numeric, time, cohort])
        names, said = codes.without_blanks(frame[unit], unit)
        notes += said
        rows, units = gate.number_units(names, unit)
        read = gate.read_numbers(frame[outcome], outcome, "outcome")
        seen = ~np.isnan(read)
        if not seen.any():
            raise InputError(
                "no row has an outcome", column=outcome, action="check that this is the column of outcomes"
            )
        times = read_times(frame[time], time, seen, time_gaps)
        labels = times.calendar.labels
        gate.check_no_duplicates(rows, times.code, units, times.labels)
        check_cohort_column(frame[cohort], rows, times.code, units, times.labels, cohort)
        start, never, assumed = read_cohorts(frame[cohort], times.calendar, cohort)
        starts = gate.constant_by_unit(
            np.where(never, NEVER, np.clip(start, 0, NEVER - 1)),
            rows,
            units,
            "cohort",
            "if treatment can switch off, these estimators do not apply; else give the first treated period",
            column=cohort,
            written=frame[cohort],
        )
        placed = times.position >= 0
        cells = (rows * len(labels) + times.position)[placed]

        def wide(values: NDArray[np.float64]) -> NDArray[np.float64]:
            table = np.full(len(units) * len(labels), np.nan)
            table[cells] = values[placed]
            return table.reshape(len(units), len(labels))

        values = wide(read)
        notes += codes.suspects(read, outcome)
        extra_values = np.empty((len(units), len(labels), len(covariates)))
        for k, name in enumerate(covariates):
            found = gate.read_numbers(frame[name], name, "covariate")
            notes += codes.suspects(found, name)
            extra_values[:, :, k] = wide(found)
        screen.check_covariates(extra_values, ~np.isnan(values), covariates, units, labels)
        unit_weights, groups = np.ones(len(units)), np.arange(len(units))
        if weights is not None:
            unit_weights = gate.read_weights(frame[weights], weights, rows, units)
        if cluster is not None:
            tidy, said = codes.without_blanks(frame[cluster], cluster)
            notes += said
            groups = gate.read_clusters(tidy, cluster, rows, units)
        whole = cls(
            units=units,
            times=labels,
            outcome=values,
            cohort=np.where(starts < len(labels), starts, NEVER),
            starts=starts,
            cohort_labels=first_written(frame[cohort], rows, len(units), starts, NEVER),
            covariates=extra_values,
            covariate_names=tuple(covariates),
            weights=unit_weights,
            cluster=groups,
        )
        some = np.asarray(whole.observed.any(axis=1))
        panel = whole if some.all() else whole.of_units(some)
        notes += times.notes + assumed + screen.absences(whole, some)
        screen.check_repeated(panel)
        screen.check_clusters(panel.cluster, cluster or unit)
        screen.check_comparisons(panel.starts, len(labels), labels)
        inside = int((placed & some[rows]).sum())
        return replace(panel, notes=(*notes, *screen.remarks(panel, inside, NEVER)))
