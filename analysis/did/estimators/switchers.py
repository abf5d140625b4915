"""Comparisons of units that leave their status quo with units that keep the same one.

For treatment of any kind: on and off, several levels, several changes. A switcher's change since the period
before it left its status quo is compared with that of units with the same status quo that have not left it
yet. `intertemporal` averages what is found here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..panel.gate import counted, listing
from ..panel.panel import NEVER, Panel
from ..panel.path import status_quo
from .status_quo_slopes import slopes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options

    Units = NDArray[np.bool_]


@dataclass(frozen=True)
class Switching:
    """A panel with its switchers.

    Parameters
    ----------
    panel
        Without the outcomes of units that have been both above and below their status quo; the others less
        what covariates add.
    quo
        (N,) status quo.
    direction
        (N,) +1 for units whose dose rises first, -1 for those whose dose falls, 0 for those that keep it.
    first
        (N,) dose in the period of the first change.
    chosen
        (N,) switchers whose effects are averaged.
    note
        What was left out.
    slopes
        (N, K) what each unit contributes to the error of the covariates' slopes, which ``panel`` has been
        adjusted by.
    """

    panel: Panel
    quo: Array
    direction: NDArray[np.int64]
    first: Array
    chosen: Units
    note: str
    slopes: Array


@dataclass(frozen=True)
class Horizon:
    """Effect of one horizon.

    Parameters
    ----------
    value
        The mean over switchers.
    scores
        (N,) contributions to its error.
    mass
        Weight of the switchers behind it.
    dose, total_dose
        Weighted sums over switchers of the distance from the status quo: in the last period, and over all
        periods since the change.
    treated, controls
        (N,) units behind it.
    observations
        Outcomes used.
    """

    value: float
    scores: Array
    mass: float
    dose: float
    total_dose: float
    treated: Units
    controls: Units
    observations: int


def switching(panel: Panel, options: Options) -> Switching:
    """Say who leaves the status quo, when and in which direction.

    Raises
    ------
    InputError
        The panel has no treatment path, or nobody switches in the direction asked for.
    """
    if panel.dose is None:
        raise InputError(
            "the panel has no treatment path",
            expected="treatment of each unit in each period",
            action="read the panel with its column of treatment as dose",
        )
    quo = status_quo(panel.dose)
    apart = np.nan_to_num(panel.dose - quo[:, None])
    above, below = (np.logical_or.accumulate(sign * apart > 0, axis=1) for sign in (1, -1))
    crossed = above & below & panel.observed
    note = ""
    if crossed.any():
        named = listing([panel.units[k] for k in np.flatnonzero(crossed.any(axis=1))])
        note = (
            f"{counted(int(crossed.sum()), 'outcome is', 'outcomes are')} left out, because the unit has by "
            f"then had more and less than its status quo: units {named}."
        )
    moved = panel.cohort < NEVER
    at = np.where(moved, panel.cohort, 0)[:, None]
    first = np.where(moved, np.take_along_axis(panel.dose, at, axis=1)[:, 0], quo)
    direction = np.where(moved, np.sign(first - quo), 0).astype(np.int64)
    wanted = {"all": (1, -1), "in": (1,), "out": (-1,)}[options.switchers]
    chosen = np.isin(direction, wanted)
    if not chosen.any():
        word = "raises" if options.switchers == "in" else "lowers"
        raise InputError(f"no unit {word} its treatment first: there are no switchers {options.switchers}")
    kept = replace(panel, outcome=np.where(crossed, np.nan, panel.outcome))
    found = slopes_of(kept, quo)
    adjusted = replace(kept, outcome=kept.outcome - found.effect)
    return Switching(adjusted, quo, direction, first, chosen, f"{note} {found.note}".strip(), found.scores)


def groups(found: Switching) -> list[tuple[float, int, int]]:
    """Status quo, first changed period and direction of the switchers, in order."""
    chosen = found.chosen & (found.panel.cohort > 0)
    table = np.column_stack([found.quo, found.panel.cohort, found.direction])[chosen]
    return [(quo, int(start), int(sign)) for quo, start, sign in np.unique(table, axis=0).tolist()]


def compared(
    found: Switching, options: Options, group: tuple[float, int, int], at: int, until: int
) -> tuple[Array, Units, Units] | None:
    """Changes between the base period and ``at``, with the group's units and their controls.

    Parameters
    ----------
    group
        One of `groups`.
    at, until
        Period compared with the base, and the period until which controls keep the status quo; both
        outcomes must be known, and that of the base.

    Returns
    -------
    tuple or None
        (N,) changes, switchers and controls; None where either side is empty.
    """
    panel, (quo, start, sign) = found.panel, group
    base = int(panel.last_observed(np.array([start - 1], dtype=np.int64))[0])
    if until >= panel.n_periods or base < 0 or at < 0 or at == base:
        return None
    change = panel.outcome[:, at] - panel.outcome[:, base]
    known = ~np.isnan(change) & panel.observed[:, until] & (found.quo == quo)
    treated = known & found.chosen & (panel.cohort == start) & (found.direction == sign)
    controls = known & ((panel.cohort == NEVER) if options.control == "never" else (panel.cohort > until))
    return (change, treated, controls) if treated.any() and controls.any() else None


def same_switchers(found: Switching, options: Options, most: int) -> Switching:
    """Keep the switchers that have every effect up to ``most`` periods after the last one at the status quo.

    Raises
    ------
    InputError
        None has.
    """
    kept = found.chosen
    for distance in range(1, most + 1):
        part = horizon(found, options, distance)
        kept = kept & part.treated if part else np.zeros_like(kept)
    if not kept.any():
        raise InputError(
            f"no unit has all effects from 0 to {most - 1}: nobody is left with balance {most - 1}",
            action="ask for a smaller balance",
        )
    return replace(found, chosen=kept)


def horizon(found: Switching, options: Options, distance: int, *, placebo: bool = False) -> Horizon | None:
    """Effect ``distance`` periods after the last one at the status quo, or its placebo.

    Returns
    -------
    Horizon or None
        None where no switcher has a control. The placebo compares the units of the effect, over the same
        distance backwards, with controls that keep the status quo until the effect's period.
    """
    panel, weights = found.panel, found.panel.weights
    assert panel.dose is not None
    apart = np.abs(panel.dose - found.quo[:, None])
    total = dose = total_dose = value = 0.0
    observations = 0
    scores = np.zeros(panel.n_units)
    every_treated, every_control = (np.zeros(panel.n_units, dtype=bool) for _ in range(2))
    for group in groups(found):
        _, start, sign = group
        last = start - 1 + distance  # period of the effect, also where a placebo is asked for
        sides = compared(found, options, group, start - 1 - distance if placebo else last, last)
        if sides is None:
            continue
        change, treated, controls = sides
        mass = float(weights[treated].sum())
        share = sign * mass / float(weights[controls].sum())
        value += sign * float(weights[treated] @ change[treated])
        value -= share * float(weights[controls] @ change[controls])
        deviation = centred(change, treated, controls, found.first, panel)
        scores[treated] += sign * weights[treated] * deviation[treated]
        scores[controls] -= share * weights[controls] * deviation[controls]
        if panel.covariate_names:
            at = start - 1 - distance if placebo else last
            base = int(panel.last_observed(np.array([start - 1], dtype=np.int64))[0])
            own = np.where(treated, sign * weights, np.where(controls, -share * weights, 0.0))
            moved = own @ np.where(
                (own != 0)[:, None], panel.covariates[:, at] - panel.covariates[:, base], 0.0
            )
            scores -= (found.quo == group[0]) * (found.slopes @ moved)
        total += mass
        dose += float(weights[treated] @ apart[treated, last])
        total_dose += float(weights[treated] @ apart[treated, start : last + 1].sum(axis=1))
        every_treated |= treated
        every_control |= controls
        observations += 2 * int(treated.sum() + controls.sum())
    if total == 0:
        return None
    return Horizon(
        value / total, scores / total, total, dose, total_dose, every_treated, every_control, observations
    )


def centred(change: Array, treated: Units, controls: Units, first: Array, panel: Panel) -> Array:
    r"""(N,) changes less the mean of their own kind, stretched by :math:`\sqrt{n / (n - 1)}`.

    A kind are the switchers of one comparison with the same first dose, or its controls. n counts their
    clusters. A kind with one cluster is centred at the mean of all units of the comparison.
    """
    out = np.zeros(len(change))
    both = treated | controls
    for kind in (controls, *(treated & (first == dose) for dose in np.unique(first[treated]))):
        own = kind if len(np.unique(panel.cluster[kind])) > 1 else both
        size = len(np.unique(panel.cluster[own]))
        if size > 1:
            mean = panel.weights[own] @ change[own] / panel.weights[own].sum()
            out[kind] = np.sqrt(size / (size - 1)) * (change[kind] - mean)
    return out
