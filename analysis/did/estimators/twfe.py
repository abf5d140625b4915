"""Two-way fixed effects: one coefficient, and the event study with leads and lags.

Readers expect both, and their distance from the other estimators shows how much effects differ between
cohorts. With staggered starts and such effects neither need be an average with positive weights (de
Chaisemartin and D'Haultfoeuille 2020; for the event study Sun and Abraham 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

from ..errors import InputError
from ..fitted import Fitted, from_matrix
from ..numerics.cell_dummies import fit_dummies
from ..numerics.design import Design, weights_of
from ..numerics.joint import largest_t_test, wald_is_usable, wald_test
from ..numerics.least_squares import WithinFit, by_linearmodels, check_size, fit
from ..panel.arrays import distinct
from ..panel.comparison import comparable
from ..panel.gate import counted
from ..panel.panel import NEVER, Panel
from ..results import Estimate
from .untreated import constant_within_units

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options


@dataclass(frozen=True, eq=False)
class Regression:
    """Which of K dummies event times (S, T) have, -1 for none; K names; the observations used (N, T)."""

    column: Callable[[NDArray[np.int64]], NDArray[np.int64]]
    names: tuple[str, ...]
    used: NDArray[np.bool_]


def twfe(panel: Panel, options: Options) -> Fitted:
    r"""Static coefficient of Y_it = a_i + b_t + tau D_it + e_it.

    Parameters
    ----------
    panel
        All units and periods, those treated from the first period on among them.
    options
        Uses ``level``, ``anticipation`` (those periods are left out of the regression), ``kernel``
        and ``count_effects``.

    Returns
    -------
    Fitted
        One ``att``.

    Raises
    ------
    InputError
        Treatment is collinear with the fixed effects.

    Notes
    -----
    Errors are clustered with the factor :math:`\frac{G}{G-1} \frac{n-1}{n-K}`, where K counts the
    regressors and period effects and not the unit effects, which are nested in clusters:
    ``PanelOLS`` of linearmodels with unit effects, period dummies and ``group_debias``. With
    ``count_effects`` K counts unit effects too, as its two-way effects do: errors larger by 2 % on
    31 x 30 observations, by 12 % on 500 x 5, by 46 % on 17 x 2. Intervals: Student with G - 1 degrees
    of freedom, whoever fits. Covariates constant within units get a slope in each period, others one
    slope.
    """
    regression = _static(panel, options)
    found, used = _solve(panel, regression, options), regression.used
    if not found.known[0]:
        ahead_of = f" with {options.anticipation} periods of anticipation" if options.anticipation else ""
        raise InputError(f"treatment is collinear with unit and period effects{ahead_of}")
    notes = list(panel.notes)
    if left := int((panel.observed & ~used).sum()):
        words = counted(left, "anticipation unit-period is", "anticipation unit-periods are")
        notes.append(f"{words} left out.")
    sample = Estimate(
        "twfe",
        "att",
        0.0,
        control_group="all",
        n_units=int(used.any(axis=1).sum()),
        n_treated=int((used & (np.arange(panel.n_periods) >= panel.cohort[:, None])).any(axis=1).sum()),
        n_observations=int(used.sum()),
        note=" ".join(notes),
    )
    matrix = found.covariance[:1, :1]
    return from_matrix(_records([sample], found.slopes[:1], matrix[0], found, options), matrix, found.model)


def static_design(panel: Panel, options: Options) -> Design:
    """Regression behind `twfe`: the first regressor is treatment."""
    return _design(panel, _static(panel, options), options)


def _static(panel: Panel, options: Options) -> Regression:
    """Treatment alone, on observations that are treated or cannot have responded yet."""
    ahead = panel.untreated(options.anticipation)
    treated: NDArray[np.bool_] = np.arange(panel.n_periods) >= panel.cohort[:, None]
    used = panel.observed & (ahead | treated)
    return Regression(lambda d: np.where(d >= 0, 0, -1), ("treated",), used)


def event_study_twfe(panel: Panel, options: Options) -> Fitted:
    r"""Event study Y_it = a_i + b_t + sum_e beta_e 1[t - g_i = e] + e_it, without binned ends.

    Parameters
    ----------
    panel
        Units treated from the first period on have no place in an event study and are left out.
    options
        Uses ``level``, ``anticipation``, ``kernel``, ``count_effects`` and, for what is reported,
        ``window``.

    Returns
    -------
    Fitted
        ``event``, ``att`` (plain average of the coefficients from 0 on) and ``pretrend_joint``.

    Raises
    ------
    InputError
        No coefficient is identified.

    Notes
    -----
    The reference is the last observed period before treatment, less anticipation. Where everybody is treated
    in the end, calendar time, units and event time are collinear and one reference is not enough;
    other software then drops an arbitrary second one. Here the periods from the last start on are
    left out, so that the last cohort is never treated in the sample. Errors as in `twfe`.
    """
    comparison = comparable(panel, options)
    panel = comparison.panel
    distance, units = _seen(panel)
    reference = reference_event(panel, options)
    regression, events = _leads_and_lags(panel, options)
    found = _solve(panel, regression, options)
    known = found.known[: len(events)]
    low, high = options.window or (-panel.n_periods, panel.n_periods)
    shown = known & (events >= low) & (events <= high)
    post = shown & (events >= 0)
    if not post.any():
        raise InputError("no event-study coefficient after the start is identified")
    notes = [*panel.notes, comparison.note] if comparison.note else list(panel.notes)
    notes.append(f"Reference: event time {reference}.")
    if not known.all():
        notes.append(f"Event times not identified: {', '.join(map(str, events[~known]))}.")
    own = (panel.cohort < NEVER) & panel.observed.any(axis=1)
    sample = Estimate(
        "event_study_twfe",
        "att",
        0.0,
        control_group="last_cohort" if comparison.lost_periods else "all",
        n_units=int(panel.observed.any(axis=1).sum()),
        n_treated=int(own.sum()),
        n_observations=int(panel.observed.sum()),
        note=" ".join(notes),
    )
    picked = np.flatnonzero(shown)
    samples = [sample] + [
        sample.changed(term="event", event_time=e, n_treated=int(units[distance == e].sum()))
        for e in events[picked].tolist()
    ]
    share = post[picked] / post.sum()

    def with_mean(numbers: Array) -> Array:
        """The mean of effects from the start on, then what is picked."""
        return np.concatenate([(share @ numbers)[None], numbers])

    matrix = with_mean(with_mean(found.covariance[np.ix_(picked, picked)]).T)
    rows = _records(samples, with_mean(found.slopes[picked]), matrix.diagonal(), found, options)
    if options.window is None or low <= reference <= high:
        note = f"Reference period, zero by construction. {sample.note}".strip()
        at_zero = int(units[distance == reference].sum())
        zero = sample.changed(term="event", event_time=reference, n_treated=at_zero, note=note)
        place = 1 + int((events[picked] < reference).sum())
        rows.insert(place, zero)
        matrix = np.insert(np.insert(matrix, place, 0.0, axis=0), place, 0.0, axis=1)
    early = np.flatnonzero(shown & (events < reference))
    if early.size:
        values, covariance = found.slopes[early], found.covariance[np.ix_(early, early)]
        usable = wald_is_usable(covariance, distinct(panel.cluster[own]))
        seed, scores = options.seed, None if found.scores is None else found.scores[:, early]
        test = wald_test(values, covariance) if usable else largest_t_test(values, covariance, seed, scores)
        note = f"{test.restrictions} coefficients before the reference are zero: {test.method} test."
        joint = sample.changed(term="pretrend_joint", estimate=test.statistic, p_value=test.p_value)
        rows.append(joint.changed(inference=test.method, note=f"{note} {sample.note}"))
    return from_matrix(rows, matrix, found.model)


def reference_event(panel: Panel, options: Options) -> int:
    """Last observed event time that treatment cannot have reached, usually -1 less anticipation."""
    first = -1 - options.anticipation
    distance, units = _seen(panel)
    before = distance[(units > 0) & (distance <= first)]
    return int(before.max(initial=-panel.n_periods)) if before.size else first


def _seen(panel: Panel) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(S, T) event times and units observed there, for each start."""
    starts = np.unique(panel.cohort[panel.cohort < NEVER])
    units = [panel.observed[panel.cohort == start].sum(axis=0) for start in starts]
    distance = np.arange(panel.n_periods) - starts[:, None]
    return distance, np.array(units, dtype=np.int64).reshape(distance.shape)


def event_design(panel: Panel, options: Options) -> tuple[Design, NDArray[np.int64]]:
    """Regression behind `event_study_twfe` on the panel compared, and the event times that lead it."""
    regression, events = _leads_and_lags(panel, options)
    return _design(panel, regression, options), events


def _leads_and_lags(panel: Panel, options: Options) -> tuple[Regression, NDArray[np.int64]]:
    """A dummy for every event time but the reference, and these event times."""
    distance, units = _seen(panel)
    reference = reference_event(panel, options)
    events = np.array([e for e in np.unique(distance[units > 0]) if e != reference])
    names = tuple(f"event_{e}" for e in events)

    def column(times: NDArray[np.int64]) -> NDArray[np.int64]:
        place = np.searchsorted(events, times)
        return np.where(np.append(events, NEVER)[place] == times, place, -1)

    return Regression(column, names, panel.observed), events


def _design(panel: Panel, regression: Regression, options: Options) -> Design:
    """Effects, period dummies and covariates.

    Units of a cohort share their regressors unless there are covariates. Covariates constant within
    units get a slope in each period, others one slope.
    """
    number, periods = panel.outcome.shape
    starts, kind = np.unique(panel.cohort, return_inverse=True)
    if panel.covariate_names:
        starts, kind = panel.cohort, np.arange(number)
    names, used = regression.names, regression.used
    check_size(len(starts), periods, len(names) + periods * (1 + len(panel.covariate_names)))
    calendar = np.broadcast_to(np.eye(periods)[:, 1:], (len(starts), periods, periods - 1))
    labels = tuple(f"period_{panel.label(t)}" for t in range(1, periods))
    column = regression.column(np.arange(periods) - starts[:, None])
    parts = [(column[:, :, None] == np.arange(len(names))).astype(float), calendar]
    named = [*names, *labels]
    for k, name in enumerate(panel.covariate_names):
        x = np.nan_to_num(panel.covariates[:, :, k])[:, :, None]
        constant = constant_within_units(panel, k)
        parts.append(calendar * (x - x[used].mean()) if constant else x)
        named += [f"{name}:{label}" for label in labels] if constant else [name]
    # With all unit effects counted the factor is that of linearmodels' own two-way effects.
    units = int((used.sum(axis=1) > 1).sum()) if options.count_effects else 0
    regressors = np.concatenate(parts, axis=2)
    return Design(
        panel.outcome, regressors, kind, used, weights_of(panel), panel.cluster, units, tuple(named)
    )


def _solve(panel: Panel, regression: Regression, options: Options) -> WithinFit:
    """Fit a regression with the dummies of all periods, or without where nothing is missing or added."""
    number, periods = panel.outcome.shape
    whole = panel.covariate_names or not regression.used.all() or panel.period_weights is not None
    if whole or by_linearmodels(options.kernel, number * periods, len(regression.names) + periods - 1):
        return fit(_design(panel, regression, options), options.kernel)
    starts, kind = np.unique(panel.cohort, return_inverse=True)
    column, dummies = regression.column(np.arange(periods) - starts[:, None]), len(regression.names)
    units = number if options.count_effects else 0
    return fit_dummies(panel.outcome, column, kind, panel.weights, panel.cluster, dummies, units)


def _records(
    samples: list[Estimate], values: Array, variances: Array, found: WithinFit, options: Options
) -> list[Estimate]:
    """Fill records with values, their errors and Student intervals."""
    errors = np.sqrt(np.maximum(variances, 0.0))
    reach = stdtrit(found.freedom, 0.5 + options.level / 2) * errors
    with np.errstate(divide="ignore", invalid="ignore"):  # no error where the outcome has no noise
        p_values = 2 * stdtr(found.freedom, -np.abs(values / errors))
    effects = ", unit effects counted" if options.count_effects else ""
    words = f"cluster CR1{effects}, t({found.freedom}), {found.kernel}"
    return [
        sample.changed(
            estimate=float(values[k]),
            std_error=float(errors[k]),
            ci_low=float(values[k] - reach[k]),
            ci_high=float(values[k] + reach[k]),
            p_value=float(p_values[k]),
            inference=words,
            freedom=found.freedom,
        )
        for k, sample in enumerate(samples)
    ]
