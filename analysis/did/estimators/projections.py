"""The regressions of local projections: long differences on new treatment, many horizons at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..panel.arrays import distinct
from ..panel.panel import NEVER, Panel
from .averages import cr1_factor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from .by_start import Rows

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
