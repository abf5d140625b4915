"""Stacked difference-in-differences with corrective weights.

Wing, Freedman and Hollingsworth (2024), "Stacked difference-in-differences", NBER working paper
32054. One sub-experiment per cohort, each with its own clean controls over one window of event
time; the weights make controls of all sub-experiments count as their treated units do. Without
them a pooled stack converges to an average with weights nobody chose. Covariates are not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..fitted import Fitted, from_matrix
from ..panel.arrays import distinct
from ..panel.comparison import UNUSED_COVARIATES, Comparison, comparable
from ..panel.gate import listing
from ..panel.panel import NEVER, Panel
from ..results import Estimate
from .averages import by_cluster, cr1_factor, interval, root

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options


@dataclass(frozen=True)
class SubExperiment:
    """Treated units and clean controls of one cohort, all observed over the whole window."""

    start: int
    treated: NDArray[np.bool_]
    controls: NDArray[np.bool_]
    dropped: int  # units with a missing outcome inside the window


def stacked(panel: Panel, options: Options) -> Fitted:
    r"""Event-time effects over a fixed window, each averaging the same cohorts.

    Parameters
    ----------
    panel
        N units over T periods. A unit with a missing outcome inside a window leaves that
        sub-experiment; the note counts such units.
    options
        ``window`` is the stack's window (missing: the widest that keeps every cohort with a clean
        control). Cohorts not observed, or without clean controls, over the whole window are
        trimmed, and the note names them. Uses ``control``, ``anticipation`` and ``level``.

    Returns
    -------
    Fitted
        ``event`` for each event time but the reference (the last period before the start, less
        anticipation), and ``att``: their mean from event time 0 on.

    Raises
    ------
    InputError
        No cohort has clean controls over the window.

    Notes
    -----
    Estimand: the mean effect at each event time over the treated units of the kept cohorts (the
    trimmed aggregate effect). With :math:`N^D_a, N^C_a` treated and control units of sub-experiment
    a, controls get weight :math:`(N^D_a / N^D) / (N^C_a / N^C)` and treated units 1 (their equation
    for the trimmed aggregate). The weighted regression on treatment, event time and their products
    is saturated, so coefficients are differences of weighted means. Weights that change take the place
    of these numbers at each event time, and a row counts with its own.

    Errors: clustered, CR1 with K = 2 x (event times), Student with G - 1 degrees of freedom. A unit
    that serves in several sub-experiments is one cluster. Sub-experiments stand at different
    calendar times and the regression has no period effects, so period effects leave the estimates
    alone but widen the errors. Where each control is clean for the same
    horizons, the estimates equal `dynamic` and not-yet-treated group-time effects.
    """
    comparison = comparable(panel, options)
    panel = comparison.panel
    low, high = _window(panel, options)
    base = -1 - options.anticipation
    events = np.arange(low, high + 1)
    stacks, trimmed = _sub_experiments(panel, options, low, high)
    if not stacks:
        raise InputError(f"no cohort has clean controls over event times {low} to {high}")
    outcome = np.where(panel.observed, panel.outcome, 0.0)
    # (A, H) weight of each sub-experiment's units at each event time
    treated_mass = np.stack([panel.mass[stack.treated][:, stack.start + events].sum(0) for stack in stacks])
    control_mass = np.stack([panel.mass[stack.controls][:, stack.start + events].sum(0) for stack in stacks])
    all_treated, all_controls = treated_mass.sum(axis=0), control_mass.sum(axis=0)
    correction = treated_mass / all_treated / (control_mass / all_controls)
    means = np.zeros((2, len(events)))
    for stack, factor in zip(stacks, correction, strict=True):
        weighted = (panel.mass * outcome)[:, stack.start + events]
        means[0] += weighted[stack.treated].sum(axis=0) / all_treated
        means[1] += factor * weighted[stack.controls].sum(axis=0) / all_controls
    scores = np.zeros((panel.n_units, len(events)))
    counted = 0
    for stack, factor in zip(stacks, correction, strict=True):
        values, mass = outcome[:, stack.start + events], panel.mass[:, stack.start + events]
        for side, chosen, share in (
            (0, stack.treated, 1 / all_treated),
            (1, stack.controls, -factor / all_controls),
        ):
            scores[chosen] += share * mass[chosen] * (values[chosen] - means[side])
            counted += int(chosen.sum()) * len(events)
    used = np.any([stack.treated | stack.controls for stack in stacks], axis=0)
    clusters = distinct(panel.cluster[used])
    factor = cr1_factor(clusters, counted, 2 * len(events))
    contrast = _contrasts(events, base)
    values = contrast @ (means[0] - means[1])
    spread = by_cluster(scores, panel.cluster, panel.n_clusters) @ contrast.T
    errors = root(factor * (spread**2).sum(axis=0))
    note = _note(panel, comparison, stacks, trimmed, low, high)
    treated = sum(int(stack.treated.sum()) for stack in stacks)
    limits = interval(values, errors, options.level, clusters - 1)
    times = [None, *events[events != base].tolist()]
    records = [
        Estimate(
            "stacked",
            "att" if time is None else "event",
            float(values[k]),
            event_time=time,
            std_error=float(errors[k]),
            ci_low=float(limits[0][k]),
            ci_high=float(limits[1][k]),
            p_value=float(limits[2][k]),
            inference=f"cluster CR1, t({clusters - 1})",
            control_group=comparison.control,
            n_units=int(used.sum()),
            n_treated=treated,
            n_observations=counted,
            note=note,
            freedom=clusters - 1,
        )
        for k, time in enumerate(times)
    ]
    return from_matrix(records, factor * spread.T @ spread)


def _contrasts(events: NDArray[np.int64], base: int) -> Array:
    """(1 + H - 1, H) rows: mean of event times from 0 on, then each event time, less the base."""
    each = np.eye(len(events))[events != base] - np.eye(len(events))[events == base]
    overall = each[events[events != base] >= 0].mean(axis=0)
    return np.vstack([overall, each])


def _window(panel: Panel, options: Options) -> tuple[int, int]:
    """Return the window asked for, or the widest one that trims no cohort with a clean control."""
    base = -1 - options.anticipation
    if options.window is not None:
        low, high = min(options.window[0], base), options.window[1]
        if high < 0:
            raise InputError(f"the window ends at {high}", expected="an event time of 0 or later")
        return low, high
    ends = []
    for start in panel.cohorts:
        clean = panel.starts[_eligible(panel, options)]
        clean = clean[clean > start + options.anticipation]
        if len(clean) and start + base >= 0:
            last = min(int(clean.max()) - 1 - options.anticipation, panel.n_periods - 1)
            ends.append((-start, last - start))
    if not ends:
        raise InputError("no cohort has a clean control and a period before treatment")
    return max(low for low, _ in ends), min(high for _, high in ends)


def _eligible(panel: Panel, options: Options) -> NDArray[np.bool_]:
    """(N,) units that may serve as controls."""
    never: NDArray[np.bool_] = panel.cohort == NEVER
    return never if options.control == "never" else panel.cohort > 0


def _sub_experiments(
    panel: Panel, options: Options, low: int, high: int
) -> tuple[list[SubExperiment], list[int]]:
    """Sub-experiments over the window, and the cohorts trimmed."""
    stacks, trimmed = [], []
    for start in panel.cohorts:
        if start + low < 0 or start + high >= panel.n_periods:
            trimmed.append(start)
            continue
        clean = panel.untreated(options.anticipation)[:, : start + high + 1].all(axis=1)
        clean &= _eligible(panel, options)
        whole = panel.observed[:, start + low : start + high + 1].all(axis=1)
        treated = panel.cohort == start
        dropped = int(((treated | clean) & ~whole).sum())
        if (treated & whole).any() and (clean & whole).any():
            stacks.append(SubExperiment(start, treated & whole, clean & whole, dropped))
        else:
            trimmed.append(start)
    return stacks, trimmed


def _note(
    panel: Panel,
    comparison: Comparison,
    stacks: list[SubExperiment],
    trimmed: list[int],
    low: int,
    high: int,
) -> str:
    """Say which cohorts stand behind the estimates and what was left out."""
    kept = listing([panel.label(stack.start) for stack in stacks])
    sentences = [comparison.note, f"Window {low} to {high}, cohorts {kept}."]
    if trimmed:
        named = listing([panel.label(start) for start in trimmed])
        sentences.append(f"Trimmed, without data or clean controls over the window: cohorts {named}.")
    dropped = sum(stack.dropped for stack in stacks)
    if dropped:
        sentences.append(
            f"{dropped} times a unit with a missing outcome in the window was left out of a sub-experiment."
        )
    if panel.covariate_names:
        sentences.append(UNUSED_COVARIATES)
    return " ".join(sentence for sentence in sentences if sentence)
