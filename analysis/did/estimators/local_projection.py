"""Local-projection difference-in-differences: one regression of long differences per horizon.

Dube, Girardi, Jordà and Taylor (2025), "A local projections approach to
difference-in-differences", Journal of Applied Econometrics 40(7). Newly treated units are compared
with clean controls, those still untreated at the horizon. Covariates are not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted, from_scores
from ..panel.comparison import UNUSED_COVARIATES, comparable
from ..panel.gate import listing
from ..results import GAP, NAN, Estimate
from .averages import by_cluster, interval
from .by_start import Rows, rows_by_start
from .projections import Projection, projections

if TYPE_CHECKING:
    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel


def local_projection(panel: Panel, options: Options) -> Fitted:
    r"""Effects by horizon, weighted as least squares weighs them.

    Parameters
    ----------
    panel
        N units over T periods. An observation needs the outcome at the horizon and in the base
        period; others are left out of that horizon only.
    options
        ``window`` limits horizons; ``control`` ``never`` keeps never-treated controls only. Uses
        ``anticipation`` and ``level``.

    Returns
    -------
    Fitted
        ``event`` for each horizon but the base, and ``att``: the pooled regression of the mean
        outcome over horizons 0 to H less the base, H being the last horizon reported. Only cohorts
        observed for all H horizons enter ``att``; the note names them. Where there is none, ``att``
        has no number and says so.

    Raises
    ------
    InputError
        No horizon has newly treated units and clean controls.

    Notes
    -----
    Estimand at horizon h: a mean over cohorts of their effects h periods after the start, with
    weights :math:`n_t p_t (1 - p_t)`, where :math:`n_t` units are compared in the cohort's start
    period t and a share :math:`p_t` of them is newly treated. All weights are positive. With one
    weight per treated unit instead: `local_projection_reweighted`.

    Regression: :math:`Y_{i,t+h} - Y_{i,t-1} = \beta_h \Delta D_{it} + \delta_t + e_{it}` over
    newly treated (:math:`\Delta D_{it} = 1`) and clean controls (untreated at t + h, or at t for
    h < 0). Weights that change are those of period t; a unit without one in t has no part in that
    comparison. Errors: clustered by unit over periods, CR1 with K = 1 + periods, Student with G - 1
    degrees of freedom. A period in which nobody is left untreated says nothing about the effect but
    counts in n and K, as in the software of the authors.
    """
    return _project(panel, options, "local_projection", reweighted=False)


def local_projection_reweighted(panel: Panel, options: Options) -> Fitted:
    r"""Effects by horizon with one weight per treated unit.

    As `local_projection`, but observations of period t get weight :math:`1 / (1 - p_t)`, so that
    cohort effects are averaged by cohort size. At each horizon the estimate then equals the
    not-yet-treated group-time average of that event time.
    """
    return _project(panel, options, "local_projection_reweighted", reweighted=True)


def _project(panel: Panel, options: Options, name: str, *, reweighted: bool) -> Fitted:
    comparison = comparable(panel, options)  # refuses what has no comparison; names lost periods
    rows = rows_by_start(panel)
    base = -1 - options.anticipation
    low, high = options.window or (-panel.n_periods, panel.n_periods)
    asked = range(max(low, 1 - panel.n_periods), min(high, panel.n_periods - 1) + 1)
    spans = [(h, h) for h in asked if h != base]
    each = projections(panel, rows, options, spans, reweighted=reweighted)
    found = {h: fit for (h, _), fit in zip(spans, each, strict=True) if fit is not None}
    last = max(found, default=-1)
    if last < 0:
        raise InputError("no horizon has newly treated units and clean controls")
    notes = [comparison.note] + ([UNUSED_COVARIATES] if panel.covariate_names else [])
    (pooled,) = projections(panel, rows, options, [(0, last)], reweighted=reweighted)
    fits = [*([] if pooled is None else [pooled]), *found.values()]
    scores = _scores(panel, rows, fits)
    errors = np.sqrt((scores**2).sum(axis=0))
    freedom = np.array([fit.freedom for fit in fits])
    limits = interval(np.array([fit.value for fit in fits]), errors, options.level, freedom)
    spreads = np.column_stack([errors, *limits]).tolist()
    records = []
    if pooled is not None:
        labels = listing([panel.label(start) for start in pooled.cohorts])
        own = f"Mean of horizons 0 to {last}; cohorts observed that long: {labels}."
        records.append(_record(name, pooled, spreads[0], None, comparison.control, [own, *notes]))
    else:
        why = f"{GAP}no unit has outcomes at all horizons 0 to {last} beside clean controls."
        records.append(Estimate(name, "att", NAN, note=" ".join(part for part in (why, *notes) if part)))
    for (h, one), spread in zip(found.items(), spreads[-len(found) :], strict=True):
        records.append(_record(name, one, spread, h, comparison.control, notes))
    if pooled is None:  # its record has no error, and the others' scores keep their places
        scores = np.insert(scores, 0, 0.0, axis=1)
    return from_scores(records, scores)


def _scores(panel: Panel, rows: Rows, fits: list[Projection]) -> Array:
    """(G, Q) scores of clusters, scaled so that their squares sum to the variances."""
    constants = np.stack([fit.constants for fit in fits], axis=1)
    scores = constants
    if rows.together:
        scores = rows.scores(np.stack([fit.loads for fit in fits], axis=2), constants, panel.weights)
    scale = np.array([np.sqrt(fit.factor) / fit.moment for fit in fits])
    scaled: Array = by_cluster(scores, panel.cluster, panel.n_clusters) * scale
    return scaled


def _record(
    name: str,
    fitted: Projection,
    spread: list[float],
    event: int | None,
    control: str,
    notes: list[str],
) -> Estimate:
    error, low, high, p_value = spread
    return Estimate(
        name,
        "att" if event is None else "event",
        fitted.value,
        event_time=event,
        std_error=error,
        ci_low=low,
        ci_high=high,
        p_value=p_value,
        inference=f"cluster CR1, t({fitted.freedom})",
        control_group=control,
        n_units=fitted.units,
        n_treated=fitted.treated,
        n_observations=fitted.observations,
        note=" ".join(note for note in notes if note),
        freedom=fitted.freedom,
    )
