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
from ..results import NAN, NO_ERROR, Estimate
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
        known = np.flatnonzero(~np.isnan(effects.effect))
        self.known = known
        self.influence: Influence = effects.influence.with_own(averages.weights, known)
        self.estimates = np.concatenate([averages.estimate, effects.effect[known]])
        self.terms = [*averages.term, *["group_time"] * len(known)]
        errors = np.sqrt(self.influence.variances())
        self.errors = np.where(errors > 1e-12 * float(np.nanmax(errors)), errors, NAN)
        self.reference = np.concatenate([averages.reference, grid.reference[known]])
        self.treated = np.concatenate([averages.treated, effects.treated[known]]).astype(int)
        self.notes = self._notes()

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
        terms = np.array(self.terms)
        families = []
        for name in FAMILIES:
            where = np.flatnonzero(terms == name)
            families.append(slice(int(where[0]), int(where[-1]) + 1) if where.size else slice(0, 0))
        deviations = bootstrap_deviations(self.influence, self.options)
        errors = np.nan_to_num(self.errors)
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
        columns = zip(
            self.estimates.tolist(),
            self.errors.tolist(),
            (self.estimates - width).tolist(),
            (self.estimates + width).tolist(),
            (self.estimates - half).tolist(),
            (self.estimates + half).tolist(),
            p_values.tolist(),
            self.treated.tolist(),
            strict=True,
        )
        everybody = int(self.effects.units.sum())
        total = int(self.panel.observed[self.effects.units].sum())
        count = len(self.averages.term)
        labels = self.panel.times
        rows = []
        alike = Estimate("group_time", "", NAN, inference=words, control_group=self.comparison.control)
        for q, (value, error, low, high, band_low, band_high, p_value, treated) in enumerate(columns):
            term = self.terms[q]
            cohort = period = event = None
            units, observations = everybody, total
            note = self.notes
            if q >= count:
                c = int(self.known[q - count])
                g, t = int(self.grid.cohort[c]), int(self.grid.period[c])
                cohort, period, event = labels[g], labels[t], t - g
                units = int(self.effects.treated[c] + self.effects.controls[c])
                observations = 2 * units
            elif term == "cohort":
                cohort = labels[self.averages.key[q]]
            elif term == "calendar":
                period = labels[self.averages.key[q]]
            elif term == "event":
                event = self.averages.key[q]
            else:
                note = f"Is the {OVERALL[term]}. {note}".strip()
            if self.reference[q]:
                note = f"Base period, zero by construction. {note}".strip()
            elif error != error:
                note = f"{NO_ERROR}units in these cells all change alike. {note}".strip()
            rows.append(
                alike.changed(
                    term=term, estimate=value, cohort=cohort, period=period, event_time=event,
                    std_error=error, ci_low=low, ci_high=high, band_low=band_low, band_high=band_high,
                    p_value=p_value, n_units=units, n_treated=treated, n_observations=observations, note=note,
                )
            )  # fmt: skip
        return [*rows, *self._pretrend()]

    def _pretrend(self) -> list[Estimate]:
        """Joint test of the pre-treatment cells, or of the pre-treatment event times where those are many."""
        usable, units = ~np.isnan(self.errors), self.effects.units
        treated = self.panel.cluster[self.panel.cohort < self.panel.n_periods]
        clusters = distinct(treated)
        count = len(self.averages.term)
        early = self.grid.event_time[self.known] < -self.options.anticipation
        cells = count + np.flatnonzero(early & usable[count:])
        before = -self.options.anticipation
        events = np.array(
            [
                q
                for q, (term, key) in enumerate(zip(self.averages.term, self.averages.key, strict=True))
                if term == "event" and key < before and usable[q]
            ],
            dtype=int,
        )
        if not len(cells) or not len(events):
            return []
        chosen = cells if 2 * len(cells) <= clusters else events
        covariance = self.covariance(chosen)
        test = wald_where_usable(self.estimates[chosen], covariance, clusters)
        if test is None:
            part = self.influence.select(chosen)
            scores = part.values if isinstance(part, DenseInfluence) else None
            test = largest_t_test(self.estimates[chosen], covariance, self.options.seed, scores)
        what = "cells" if chosen is cells else "event times"
        note = (
            f"{test.restrictions} pre-treatment {what} are all zero: {test.method} test. {self.notes}".strip()
        )
        return [
            Estimate(
                "group_time", "pretrend_joint", test.statistic, p_value=test.p_value, inference=test.method,
                control_group=self.comparison.control, n_units=int(units.sum()),
                n_treated=int((units & (self.panel.cohort < self.panel.n_periods)).sum()),
                n_observations=int(self.panel.observed[units].sum()), note=note,
            )
        ]  # fmt: skip
