"""Group-time effects of Callaway and Sant'Anna (2021) and their four aggregations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri

from ..errors import InputError
from ..fitted import Fitted
from ..numerics.bootstrap import bootstrap_deviations, critical_values
from ..numerics.influence import DenseInfluence
from ..numerics.joint import largest_t_test, wald_where_usable
from ..panel.arrays import distinct
from ..panel.comparison import Comparison, comparable
from ..panel.gate import counted, listing
from ..results import NAN, NO_ERROR, Estimate, of_columns
from .aggregate import OVERALL, Averages, average_cells
from .cell_effects import CellEffects, cell_effects
from .cells import Grid, make_grid
from .untreated import constant_within_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.influence import Influence
    from ..options import Options
    from ..panel.panel import Panel

FAMILIES = ("cohort", "calendar", "event", "group_time")


def group_time(panel: Panel, options: Options) -> Fitted:
    """Group-time average treatment effects, each against units untreated at the time.

    Parameters
    ----------
    panel
        Any panel; missing outcomes leave a unit out of the cells concerned only.
    options
        All fields are used.

    Returns
    -------
    Fitted
        Terms ``att`` (average of cohort effects by cohort size, theta_sel^O of the paper and its
        recommended summary), ``att_simple``, ``att_event``, ``att_calendar``, ``cohort``,
        ``calendar``, ``event``, ``group_time`` and ``pretrend_joint``.

    Raises
    ------
    InputError
        No cell has a comparison.

    Notes
    -----
    ATT(g,t) = E[Y_t - Y_b | G = g] - E[Y_t - Y_b | C], b the last period before treatment, C the
    controls (their change adjusted for covariates, see `adjustment.adjusted_cell`). It identifies
    the mean effect on cohort g at t if cohort and controls would have moved in parallel from b to t.
    Errors: influence functions summed within clusters, normal quantiles, no degrees-of-freedom
    factor, as in the paper. Weights that change: ``fix_weights`` of `Options` says whose period's weight
    a unit has in a cell; cohorts weigh by the weights of first observed periods. Where nobody is never
    treated the last cohort is control until its start
    (`comparison.comparable`). Clustered bands: `bootstrap`. Pre-trends: `joint`.
    """
    comparison = comparable(panel, options)
    grid = make_grid(comparison.panel, options)
    effects = cell_effects(comparison.panel, grid, options.method, options.fix_weights)
    if not (~np.isnan(effects.effect) & (grid.event_time >= 0)).any():
        reasons = sorted(set(effects.reasons.values()))
        raise InputError(f"no group-time effect is identified: {'; '.join(reasons)}")
    averages = average_cells(grid, effects, options, comparison.panel.n_periods - 1)
    report = Report(comparison, grid, effects, averages, options)
    return Fitted(tuple(report.rows()), report.covariance, influence=report.influence_of)


class Report:
    """Turns arrays into records."""

    def __init__(
        self, comparison: Comparison, grid: Grid, effects: CellEffects, averages: Averages, options: Options
    ) -> None:
        self.panel, self.comparison = comparison.panel, comparison
        self.grid, self.effects, self.averages, self.options = grid, effects, averages, options
        known = (~np.isnan(effects.effect)).nonzero()[0]
        self.known = known
        self.influence: Influence = effects.influence.with_own(averages.weights, known)
        self.estimates = np.concatenate([averages.estimate, effects.effect[known]])
        self.terms = [*averages.term, *["group_time"] * len(known)]
        errors = np.sqrt(self.influence.variances())
        self.errors = np.where(errors > 1e-12 * float(np.fmax.reduce(errors)), errors, NAN)
        self.reference = np.concatenate([averages.reference, grid.reference[known]])
        self.treated = np.concatenate([averages.treated, effects.treated[known]]).astype(int)
        self.notes = self._notes()
        self._totals = (
            int(np.count_nonzero(effects.units)),
            int(np.count_nonzero(self.panel.observed[effects.units])),
        )

    def _notes(self) -> str:
        notes = [*self.panel.notes]
        if self.comparison.note:
            notes.append(self.comparison.note)
        moving = [
            name
            for k, name in enumerate(self.panel.covariate_names)
            if not constant_within_units(self.panel, k)
        ]
        if moving:
            what = "changes over time and has" if len(moving) == 1 else "change over time and have"
            notes.append(f"{listing(moving)} {what} the value of each cell's base period.")
        lost = [str(self.panel.label(g)) for g in self.grid.unidentified]
        if lost:
            notes.append(f"Cohorts without a base period, not estimated: {listing(lost)}.")
        by_reason: dict[str, list[str]] = {}
        for c, reason in self.effects.reasons.items():
            cohort, period = self.panel.times[self.grid.cohort[c]], self.panel.times[self.grid.period[c]]
            cell = f"{cohort} in {period}"
            by_reason.setdefault(reason, []).append(cell)
        for reason, cells in by_reason.items():
            words = counted(len(cells), "cell is", "cells are")
            notes.append(f"{words} not identified ({reason}): {listing(cells)}.")
        return " ".join(notes)

    def covariance(self, pick: NDArray[np.int64]) -> NDArray[np.float64]:
        """(K, K) covariance of the estimates at (K,) positions."""
        return self.influence.select(pick).covariance()

    def influence_of(self, pick: NDArray[np.int64]) -> tuple[NDArray[np.float64], tuple[Any, ...]]:
        """(G, K) influence of units or clusters on the estimates at (K,) positions, and their names."""
        chosen = np.zeros((len(self.estimates), len(pick)))
        chosen[pick, np.arange(len(pick))] = 1.0
        found = self.influence.combine(chosen)
        values = found.values if isinstance(found, DenseInfluence) else found.dense().values
        first = np.unique(self.panel.cluster, return_index=True)[1]
        names = [self.panel.units[k] for k in first.tolist()]
        if self.panel.n_clusters < self.panel.n_units:
            names = [f"cluster of {name}" for name in names]
        return values, tuple(names)

    def _bands(self) -> tuple[NDArray[np.float64], str]:
        """Half-widths of simultaneous bands, and the words for the inference column."""
        half = np.full(len(self.estimates), NAN)
        words = "influence function, clustered, normal quantiles"
        if self.options.draws == 0:
            return half, words
        families = []
        for name in FAMILIES:  # the records of a term stand together
            first = self.terms.index(name) if name in self.terms else 0
            families.append(slice(first, first + self.terms.count(name)))
        deviations = bootstrap_deviations(self.influence, self.options)
        errors = np.where(self.errors > 0, self.errors, 0.0)
        found = critical_values(deviations, errors, families, self.options.level)
        for family, value in zip(families, found, strict=True):
            half[family] = value * self.errors[family]
        return (
            half,
            f"{words}; bands: {self.options.multiplier} multiplier bootstrap, {self.options.draws} draws",
        )

    def rows(self) -> list[Estimate]:
        """All records, overall effects first."""
        half, words = self._bands()
        width = float(ndtri(0.5 + self.options.level / 2)) * self.errors
        p_values = 2 * ndtr(-np.abs(self.estimates / self.errors))
        averages, grid, labels = self.averages, self.grid, self.panel.times
        starts, periods = grid.cohort[self.known].tolist(), grid.period[self.known].tolist()
        units = (self.effects.treated + self.effects.controls)[self.known].tolist()
        everybody, total = self._totals
        keyed = list(zip(averages.term, averages.key, strict=True))
        count = len(keyed)
        rows = of_columns(
            Estimate("group_time", "", NAN, inference=words, control_group=self.comparison.control),
            term=self.terms,
            estimate=self.estimates.tolist(),
            cohort=[
                *[labels[key] if term == "cohort" else None for term, key in keyed],
                *[labels[g] for g in starts],
            ],
            period=[
                *[labels[key] if term == "calendar" else None for term, key in keyed],
                *[labels[t] for t in periods],
            ],
            event_time=[
                *[key if term == "event" else None for term, key in keyed],
                *[t - g for g, t in zip(starts, periods, strict=True)],
            ],
            std_error=self.errors.tolist(),
            ci_low=(self.estimates - width).tolist(),
            ci_high=(self.estimates + width).tolist(),
            band_low=(self.estimates - half).tolist(),
            band_high=(self.estimates + half).tolist(),
            p_value=p_values.tolist(),
            n_units=[*[everybody] * count, *units],
            n_treated=self.treated.tolist(),
            n_observations=[*[total] * count, *[2 * number for number in units]],
            note=self._notes_of_rows(),
        )
        return [*rows, *self._pretrend()]

    def _notes_of_rows(self) -> list[str]:
        """What is said of all records, and before it what an overall effect or a base period is."""
        overall = [f"Is the {OVERALL[term]}. " for term in self.averages.term if term in OVERALL]
        notes = [f"{own}{self.notes}".strip() for own in overall]
        notes += [self.notes] * (len(self.terms) - len(overall))
        for q in (self.reference | np.isnan(self.errors)).nonzero()[0].tolist():
            why = (
                "Base period, zero by construction."
                if self.reference[q]
                else f"{NO_ERROR}units in these cells all change alike."
            )
            notes[q] = f"{why} {notes[q]}".strip()
        return notes

    def _pretrend(self) -> list[Estimate]:
        """Joint test of the pre-treatment cells, or of the pre-treatment event times where those are many."""
        usable, units = ~np.isnan(self.errors), self.effects.units
        treated = self.panel.cluster[self.panel.cohort < self.panel.n_periods]
        clusters = distinct(treated)
        count = len(self.averages.term)
        early = self.grid.event_time[self.known] < -self.options.anticipation
        cells = count + (early & usable[count:]).nonzero()[0]
        before = -self.options.anticipation
        keyed = enumerate(zip(self.averages.term, self.averages.key, strict=True))
        events = np.array([q for q, (term, key) in keyed if term == "event" and key < before], dtype=int)
        events = events[usable[events]]
        if not len(cells) or not len(events):
            return []
        chosen = cells if 2 * len(cells) <= clusters else events
        covariance = self.covariance(chosen)
        test = wald_where_usable(self.estimates[chosen], covariance, clusters)
        if test is None:
            part = self.influence.select(chosen)
            scores = part.values if isinstance(part, DenseInfluence) else None
            test = largest_t_test(self.estimates[chosen], covariance, self.options.seed, scores)
        everybody, total = self._totals
        what = "cells" if chosen is cells else "event times"
        note = (
            f"{test.restrictions} pre-treatment {what} are all zero: {test.method} test. {self.notes}".strip()
        )
        return [
            Estimate(
                "group_time", "pretrend_joint", test.statistic, p_value=test.p_value, inference=test.method,
                control_group=self.comparison.control, n_units=everybody,
                n_treated=int(np.count_nonzero(units[self.panel.cohort < self.panel.n_periods])),
                n_observations=total, note=note,
            )
        ]  # fmt: skip
