"""Local-projection difference-in-differences: one regression of long differences per horizon.

Dube, Girardi, Jordà and Taylor (2025), "A local projections approach to
difference-in-differences", Journal of Applied Econometrics 40(7). Newly treated units are compared
with clean controls, those still untreated at the horizon. Covariates are not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted, from_scores
from ..panel.arrays import distinct
from ..panel.comparison import comparable
from ..panel.gate import listing
from ..panel.panel import NEVER, Panel
from ..results import GAP, NAN, Estimate
from .averages import by_cluster, cr1_factor, interval
from .by_start import Rows, rows_by_start
from .stacked import UNUSED_COVARIATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options

AT_ONCE = 1_000_000  # outcomes, once for each span, that are worked on together


@dataclass(frozen=True)
class Projection:
    """One horizon's coefficient and what stands behind it.

    Parameters
    ----------
    value, moment
        The coefficient and the weighted sum of squares of treatment that it was divided by.
    factor
        CR1 factor of its variance.
    loads, constants
        (R, T) and (R,): a unit's score is its weight times (outcomes x loads - constant), see `Rows.scores`.
        Where every unit is a row, ``constants`` are the scores themselves, with no loads.
    """

    value: float
    moment: float
    factor: float
    loads: Array
    constants: Array
    freedom: int
    units: int
    treated: int
    observations: int
    cohorts: tuple[int, ...]


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
    fitted = projections(panel, rows, options, spans, reweighted=reweighted)
    found = {h: fit for (h, _), fit in zip(spans, fitted, strict=True) if fit is not None}
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
    for (h, fitted), spread in zip(found.items(), spreads[-len(found) :], strict=True):
        records.append(_record(name, fitted, spread, h, comparison.control, notes))
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


def projections(
    panel: Panel, rows: Rows, options: Options, spans: Sequence[tuple[int, int]], *, reweighted: bool
) -> list[Projection | None]:
    """Regress the mean outcome over each span of horizons, less the base, on new treatment.

    Small panels have all spans in one set of arrays. Nothing stands where no period has both newly treated
    units and clean controls.
    """
    lag, periods = 1 + options.anticipation, panel.n_periods
    begun = [g for g in panel.cohorts if g >= lag]
    live = [(a, z) for a, z in spans if any(g + a >= 0 and g + max(z, 0) < periods for g in begun)]
    step = max(1, AT_ONCE // rows.outcome.size)
    found: dict[tuple[int, int], Projection | None] = {}
    for first in range(0, len(live), step):
        part = live[first : first + step]
        fits = _together(panel, rows, options, part, reweighted=reweighted)
        found.update(zip(part, fits, strict=True))
    return [found.get(span) for span in spans]


def _together(
    panel: Panel, rows: Rows, options: Options, spans: Sequence[tuple[int, int]], *, reweighted: bool
) -> list[Projection | None]:
    """Regressions of B spans; arrays are (B, R, S), S the periods that may be starts."""
    lag = 1 + options.anticipation
    starts = np.arange(lag, panel.n_periods)
    bases = panel.last_observed(starts - lag)
    parts = [_changes(panel, rows, starts, bases, first, last) for first, last in spans]
    change, counts = (np.stack(part) for part in zip(*parts, strict=True))
    new = rows.cohort[:, None] == starts
    beyond = np.array([max(last, 0) + options.anticipation for _, last in spans])[:, None, None]
    clean = rows.starts[:, None] > starts + beyond
    if options.control == "never":  # or, where there are none, the last cohort
        never = rows.cohort == NEVER
        clean &= (never if never.any() else rows.starts == rows.starts.max())[:, None]
    weights = rows.weights[:, None] if panel.period_weights is None else panel.mass[:, starts]
    used = (new | clean) & ~np.isnan(change) & (weights > 0)
    mass = used * weights
    total = mass.sum(axis=1)
    share = (mass * new).sum(axis=1) / np.where(total > 0, total, 1)
    informative = (share > 0) & (share < 1)
    if reweighted:
        mass = mass * np.where(informative, 1 / np.where(informative, 1 - share, 1), 0)[:, None]
        used = used & informative[:, None]
    change = np.where(used, change, 0.0)
    centre = (mass * change).sum(axis=1) / np.maximum(mass.sum(axis=1), 1e-300)
    treatment = np.where(used, new - share[:, None], 0.0)
    pull = mass * treatment
    moment = (pull * treatment).sum(axis=(1, 2))
    known = informative.any(axis=1)
    value = (pull * change).sum(axis=(1, 2)) / np.where(known, moment, 1.0)
    level = centre[:, None] + value[:, None, None] * treatment
    if rows.together:
        pull /= rows.weights[:, None]
        constants = (pull * level).sum(axis=2)
    else:
        constants = (pull * np.where(used, change - level, 0.0)).sum(axis=2)
    observations = used.sum(axis=2) @ rows.counts
    spent = 1 + used.any(axis=1).sum(axis=1)
    behind, treated = used.any(axis=2), (new & used).any(axis=2)
    both = (new & used).any(axis=1) & (used & ~new).any(axis=1)
    found: list[Projection | None] = []
    for b, (first, last) in enumerate(spans):
        if not known[b]:
            found.append(None)
            continue
        some = rows.of_units(behind[b])
        clusters = distinct(panel.cluster[some])
        loads = np.zeros((len(rows.outcome), panel.n_periods if rows.together else 0))
        if rows.together:  # nothing is missing: every start has a base of its own
            kept = np.flatnonzero(counts[b])
            own = pull[b][:, kept]
            for h in range(first, last + 1):
                loads[:, starts[kept] + h] += own / counts[b, kept]
            loads[:, bases[kept]] -= own
        found.append(
            Projection(
                value=float(value[b]),
                moment=float(moment[b]),
                factor=cr1_factor(clusters, int(observations[b]), int(spent[b])),
                loads=loads,
                constants=constants[b],
                freedom=clusters - 1,
                units=int(some.sum()),
                treated=int(rows.counts @ treated[b]),
                observations=int(observations[b]),
                cohorts=tuple(starts[both[b]].tolist()),
            )
        )
    return found


def _changes(
    panel: Panel, rows: Rows, starts: NDArray[np.int64], bases: NDArray[np.int64], first: int, last: int
) -> tuple[Array, NDArray[np.int64]]:
    """(R, S) mean outcome over horizons less that of the base, NaN where there is none, and their number.

    Horizons that nobody is observed at do not count; a base is no horizon.
    """
    inside = slice(max(0, -first - starts[0]), max(0, len(starts) - max(last, 0)))
    own, based = starts[inside], bases[inside]
    change, counts = np.full((len(rows.outcome), len(starts)), np.nan), np.zeros(len(starts), dtype=np.int64)
    horizons = range(first, last + 1)
    if panel.seen.all():
        total = sum(rows.outcome[:, own + h] for h in horizons)
        counts[inside] = len(horizons)
        change[:, inside] = total / len(horizons) - rows.outcome[:, based]
        return change, counts
    total, number = np.zeros((len(rows.outcome), len(own))), np.zeros(len(own), dtype=np.int64)
    for h in horizons:
        seen = panel.seen[own + h]
        total += np.where(seen, rows.outcome[:, own + h], 0.0)
        number += seen
    kept = (based >= 0) & (number > 0)
    if first == last:
        kept &= based != own + first
    number[~kept] = 0
    counts[inside] = number
    change[:, inside] = total / np.where(kept, number, np.nan) - rows.outcome[:, based]
    return change, counts


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
