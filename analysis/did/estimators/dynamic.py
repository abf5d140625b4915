"""Dynamic effects of treatment that stays on, by the number of periods since it began.

de Chaisemartin and D'Haultfoeuille (2026), "Difference-in-differences estimators of intertemporal
treatment effects", Review of Economics and Statistics 108(4), for the case of a binary treatment
that never switches off. Leaves out treatment of varying intensity. Covariates are not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted
from ..panel.comparison import UNUSED_COVARIATES, comparable
from ..panel.panel import NEVER, Panel
from ..results import Estimate
from .averages import by_cluster, interval, root
from .by_start import Rows, rows_by_start
from .cohort_products import by_products

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options


@dataclass(frozen=True)
class Horizon:
    """Effect of one horizon.

    Parameters
    ----------
    value
        The estimate.
    loads, constants
        (R, T) and (R,): a unit adds its weight times (outcomes x loads - constant) to the error, see
        `Rows.scores`. Where every unit is a row, ``constants`` are the contributions, with no loads.
    mass
        Total weight of the treated units behind it.
    treated, controls
        (R,) rows whose units are behind it.
    observations
        Outcomes used.
    """

    value: float
    loads: Array
    constants: Array
    mass: float
    treated: NDArray[np.bool_]
    controls: NDArray[np.bool_]
    observations: int


def dynamic_dcdh(panel: Panel, options: Options) -> Fitted:
    r"""Effects by horizon, placebos, and the average total effect.

    Parameters
    ----------
    panel
        N units over T periods. A unit enters a horizon if both outcomes of its difference are
        observed.
    options
        ``window`` limits event times; ``control`` ``never`` keeps never-treated controls only. Uses
        ``anticipation`` and ``level``.

    Returns
    -------
    Fitted
        ``event`` e = 0, 1, ... (the authors' effect e + 1); e = -2, -3, ... (their placebo -e - 1,
        which compares the same units over the same distance backwards); ``att``, the average total
        effect: horizons averaged by the number of units treated that long.

    Raises
    ------
    InputError
        No horizon has treated units and controls.

    Notes
    -----
    Estimand at horizon l: the mean over treated units of Y after l periods of treatment less what
    it would have been untreated. A unit of cohort g compares :math:`Y_{g-1+l} - Y_{g-1}` with
    its mean over the units untreated until g - 1 + l.

    Errors (their web appendix, cohort-robust): each difference is centred at the mean of its cohort
    (treated) or of all controls of that comparison, scaled by :math:`\sqrt{n / (n - 1)}`, n being
    the units in that mean, and squared after summing within clusters. Intervals are normal. A
    cohort with one unit has no deviation: its own noise is missing, and the note says so.

    With no missing outcomes the estimates equal not-yet-treated group-time event effects.
    """
    comparison = comparable(panel, options)
    panel = comparison.panel
    by_start = rows_by_start(panel)
    low, high = options.window or (-panel.n_periods, panel.n_periods)
    lag = 1 + options.anticipation
    before = panel.last_observed(np.array(panel.cohorts) - lag).tolist()
    bases = dict(zip(panel.cohorts, before, strict=True))
    effects = {
        e: found
        for e in range(min(high, panel.n_periods) + 1)
        if (found := _horizon(panel, by_start, bases, options, e, e))
    }
    if not effects:
        raise InputError("no horizon has treated units and controls")
    placebos = {}
    for distance in range(1, panel.n_periods):
        event = -lag - distance
        if event < low:
            break
        found = _horizon(panel, by_start, bases, options, event, distance - lag)
        if found:
            placebos[event] = found
    mass = sum(found.mass for found in effects.values())

    def mean(parts: list[Array]) -> Array:
        """Average over horizons by the weight of their treated units."""
        total = sum(
            (part * found.mass for part, found in zip(parts, effects.values(), strict=True)),
            np.zeros_like(parts[0]),
        )
        average: Array = total / mass
        return average

    average = Horizon(
        value=sum(found.value * found.mass for found in effects.values()) / mass,
        loads=mean([found.loads for found in effects.values()]),
        constants=mean([found.constants for found in effects.values()]),
        mass=mass,
        treated=np.any([found.treated for found in effects.values()], axis=0),
        controls=np.any([found.controls for found in effects.values()], axis=0),
        observations=sum(found.observations for found in effects.values()),
    )
    behind = by_start.counts * average.treated
    single = [g for g in panel.cohorts if behind[by_start.cohort == g].sum() == 1]
    notes = [comparison.note]
    if single:
        labels = ", ".join(str(panel.label(g)) for g in single)
        notes.append(f"Cohort {labels} has one unit, whose own noise is missing from the errors.")
    if panel.covariate_names:
        notes.append(UNUSED_COVARIATES)
    note = " ".join(text for text in notes if text)
    rows: list[tuple[int | None, Horizon]] = [(None, average), *sorted({**placebos, **effects}.items())]
    loads = np.stack([found.loads for _, found in rows], axis=2)
    constants = np.stack([found.constants for _, found in rows], axis=1)

    def scores(pick: NDArray[np.int64] | slice) -> Array:
        """(G, K) scores of clusters."""
        own = constants[:, pick]
        if by_start.together:
            own = by_start.scores(loads[:, :, pick], own, panel.weights)
        return by_cluster(own, panel.cluster, panel.n_clusters)

    if by_start.together and by_products(panel):
        squares = by_start.squares(loads, constants, panel.weights)
    else:
        squares = (scores(slice(None)) ** 2).sum(axis=0)
    errors = root(squares)
    limits = interval(np.array([found.value for _, found in rows]), errors, options.level)
    spreads = np.column_stack([errors, *limits]).tolist()
    records = [
        _record(by_start, comparison.control, event, found, spread, note)
        for (event, found), spread in zip(rows, spreads, strict=True)
    ]

    def covariance(pick: NDArray[np.int64]) -> Array:
        """(K, K) covariance of the estimates at (K,) positions."""
        own = scores(pick)
        return own.T @ own

    return Fitted(tuple(records), covariance)


def _horizon(
    panel: Panel, rows: Rows, bases: dict[int, int], options: Options, event: int, reach: int
) -> Horizon | None:
    """Effect at ``event``, with controls untreated until ``reach`` periods after the start.

    ``bases`` has the last observed period before treatment of each cohort, -1 where there is none.
    """
    total, observations = 0.0, 0
    number = len(rows.outcome)
    every_treated, every_control = (np.zeros(number, dtype=bool) for _ in range(2))
    value, constants = 0.0, np.zeros(number)
    loads = np.zeros((number, panel.n_periods if rows.together else 0))
    weights = rows.weights
    allowed = rows.cohort == NEVER if options.control == "never" else np.ones(number, dtype=bool)
    for start, base in bases.items():
        at, until = start + event, max(start + reach, base)
        if not (0 <= at < panel.n_periods and at != base >= 0 and until < panel.n_periods):
            continue
        change = rows.outcome[:, at] - rows.outcome[:, base]
        treated = rows.cohort == start
        clean = (rows.starts > until + options.anticipation) & ~treated & allowed
        if not rows.together:
            known = ~np.isnan(change)
            treated, clean = treated & known, clean & known
        if not (treated.any() and clean.any()):
            continue
        mass, control_mass = weights[treated].sum(), weights[clean].sum()
        for chosen, held, share in ((treated, mass, 1.0), (clean, control_mass, -mass / control_mass)):
            own = weights[chosen]
            mean = own @ change[chosen] / held
            size = int(rows.counts[chosen].sum())
            stretch = np.sqrt(size / (size - 1)) if size > 1 else 1.0
            if rows.together:
                loads[chosen, at] += share * stretch
                loads[chosen, base] -= share * stretch
                constants[chosen] += share * stretch * mean
            else:
                constants[chosen] += share * stretch * own * (change[chosen] - mean)
            value += share * held * mean
            observations += 2 * size
        total += mass
        every_treated |= treated
        every_control |= clean
    if total == 0:
        return None
    return Horizon(
        float(value / total),
        loads / total,
        constants / total,
        float(total),
        every_treated,
        every_control,
        observations,
    )


def _record(
    rows: Rows,
    control: str,
    event: int | None,
    found: Horizon,
    spread: list[float],
    note: str,
) -> Estimate:
    error, low, high, p_value = spread
    return Estimate(
        "dynamic_dcdh",
        "att" if event is None else "event",
        found.value,
        event_time=event,
        std_error=error if error > 0 else float("nan"),
        ci_low=low,
        ci_high=high,
        p_value=p_value,
        inference="cluster, cohort-centred, normal",
        control_group=control,
        n_units=int(rows.counts[found.treated | found.controls].sum()),
        n_treated=int(rows.counts[found.treated].sum()),
        n_observations=found.observations,
        note=note,
    )
