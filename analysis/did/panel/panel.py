"""The one door: a balanced-or-explained panel that every estimator takes and none re-checks.

Units become rows, periods columns; only rows with an outcome count. Times are recoded to 0..T-1 and the
first treated period to a position, so that no estimator depends on how a calendar is written. What was
assumed or is missing stands in ``notes``; what cannot be used is an `InputError`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from . import screen
from .arrays import Frozen, read_only, renumbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

NEVER = 10**6  # cohort of units not treated within the panel


@dataclass(frozen=True, eq=False, repr=False)
class Panel(Frozen):
    """Outcomes of N units over T periods and when each unit is first treated.

    Nothing in it can be changed. Panels are equal where all fields are; they cannot be keys of a dict.

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
    dose
        (N, T) treatment in each period, where it may change more than once; NaN from where it is not known.
        ``cohort`` and ``starts`` are then the first period with another dose than the unit's first.
    ways
        (N, 2) clusters of two kinds where errors allow for both; ``cluster`` then numbers the pairs.
    period_weights
        (N, T) weights that count as they change, NaN where not known; ``weights`` are then those of the
        units' first observed periods.

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
    dose: NDArray[np.float64] | None = None
    ways: NDArray[np.int64] | None = None
    period_weights: NDArray[np.float64] | None = None

    def __repr__(self) -> str:
        return screen.summary(self, NEVER)

    @property
    def n_units(self) -> int:
        """N."""
        return int(self.outcome.shape[0])

    @property
    def n_periods(self) -> int:
        """T."""
        return int(self.outcome.shape[1])

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
        """Whether weights differ between units, or change."""
        return self.period_weights is not None or bool(np.ptp(self.weights) > 0)

    @cached_property
    def mass(self) -> NDArray[np.float64]:
        """(N, T) weight of each unit in each period; zero where it is not known."""
        if self.period_weights is None:
            return read_only(np.broadcast_to(self.weights[:, None], self.outcome.shape))
        return read_only(np.nan_to_num(self.period_weights))

    @cached_property
    def n_clusters(self) -> int:
        """G."""
        return int(self.cluster.max()) + 1

    @cached_property
    def cohorts(self) -> tuple[int, ...]:
        """Positions of the cohorts that start inside the panel after a pre-period, in order."""
        inside = self.cohort[(self.cohort > 0) & (self.cohort < NEVER)]
        return tuple(np.bincount(inside).nonzero()[0].tolist())

    def last_observed(self, position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the last period at or before each position with an observed outcome; -1 where none has."""
        return np.asarray(self._latest[np.minimum(np.maximum(position, -1), self.n_periods - 1)])

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """(T,) whether any unit's outcome is known."""
        return read_only(np.asarray(self.observed.any(axis=0)))

    @cached_property
    def _latest(self) -> NDArray[np.int64]:
        """(T + 1,) last observed period at or before each position; the last entry says there is none."""
        seen = np.where(self.seen, np.arange(self.n_periods), -1)
        return read_only(np.append(np.maximum.accumulate(seen), -1))

    def label(self, position: int | None) -> Any:
        """Return the period label at a position."""
        return None if position is None or not 0 <= position < len(self.times) else self.times[position]

    def untreated(self, anticipation: int = 0) -> NDArray[np.bool_]:
        """(N, T) whether a unit cannot respond to treatment yet."""
        return np.arange(self.n_periods) < (self.starts - anticipation)[:, None]

    def until(self, stop: int) -> Panel:
        """Return the panel of positions 0..stop-1."""
        return replace(
            self,
            times=self.times[:stop],
            outcome=self.outcome[:, :stop],
            covariates=self.covariates[:, :stop],
            cohort=np.where(self.cohort < stop, self.cohort, NEVER),
            dose=None if self.dose is None else self.dose[:, :stop],
            period_weights=None if self.period_weights is None else self.period_weights[:, :stop],
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
            dose=None if self.dose is None else self.dose[rows],
            ways=None if self.ways is None else self.ways[rows],
            period_weights=None if self.period_weights is None else self.period_weights[rows],
        )

    @classmethod
    def from_arrays(
        cls,
        outcome: NDArray[np.float64],
        starts: NDArray[np.int64] | None = None,
        *,
        dose: NDArray[np.float64] | None = None,
        covariates: NDArray[np.float64] | None = None,
        weights: NDArray[np.float64] | None = None,
        cluster: NDArray[np.int64] | None = None,
        times: Sequence[Any] | None = None,
        units: Sequence[Any] | None = None,
    ) -> Panel:
        """Panel from an (N, T) outcome and (N,) starting positions (`NEVER` for none) or (N, T) doses.

        Weights are (N,), or (N, T) where they change. Not re-checked; for callers that make panels
        themselves, such as simulations.

        Examples
        --------
        >>> import numpy as np
        >>> import rollout_did as did
        >>> starts = np.array([2, 2, did.NEVER, did.NEVER])
        >>> did.Panel.from_arrays(np.zeros((4, 3)), starts).cohort_labels
        ('2', '2', '', '')
        """
        from .read import panel_of_arrays

        return panel_of_arrays(
            outcome, starts, dose=dose, covariates=covariates, weights=weights, cluster=cluster, times=times,
            units=units,
        )  # fmt: skip

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        unit: str,
        time: str,
        outcome: str,
        cohort: str | None = None,
        dose: str | None = None,
        covariates: Sequence[str] | str = (),
        weights: str | None = None,
        cluster: str | Sequence[str] | None = None,
        time_gaps: str = "rank",
        weights_vary: str = "refuse",
        cross_sections: bool = False,
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
        dose
            Column of treatment in each period, in place of ``cohort``: it may go off, change or have levels.
        covariates
            Columns: numbers as they are, yes and no as 1 and 0, texts, categories and ``C(column)`` as
            factors; or a formula such as ``~ log(income) + C(region)``. Rows that lack one take no part.
        weights
            Optional column of sampling weights: how many others a unit stands for. Their scale is free.
        cluster
            Optional column of clusters, constant within units; two columns: errors allow for both.
        time_gaps
            Where periods are not equally spaced: ``rank`` numbers the observed ones in order, ``keep``
            keeps the absent ones as empty periods, ``refuse`` is an error.
        weights_vary
            Where weights change within a unit: ``refuse`` is an error, ``first`` keeps the weight of the
            unit's first observed period, ``mean`` the mean over its observed periods; ``period`` lets each
            row count with its own weight, in the estimators that say what that means.
        cross_sections
            Every row is another person, seen once, and ``unit`` is the area in which treatment starts
            together; the result is a `Sections`.

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
        from .read import read_panel

        return read_panel(
            frame, unit=unit, time=time, outcome=outcome, cohort=cohort, dose=dose, covariates=covariates,
            weights=weights, cluster=cluster, time_gaps=time_gaps, weights_vary=weights_vary,
            cross_sections=cross_sections,
        )  # fmt: skip
