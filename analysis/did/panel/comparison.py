"""Which cells have somebody to be compared with: decided here once for all estimators.

Where a never-treated group exists, all periods stay. Where everybody is treated in the end, the last
cohort serves as control until its own start (less anticipation), and the periods from then on are
left out, because no untreated unit remains in them. What is left out is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .gate import counted, listing
from .panel import NEVER, Panel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..options import Options

UNUSED_COVARIATES = "Covariates are not used by this estimator."


@dataclass(frozen=True)
class Comparison:
    """The part of a panel in which effects are identified.

    Parameters
    ----------
    panel
        Units with a pre-period, periods with a control; the last cohort is `NEVER` treated in it
        where it serves as control, so that a never-treated group always exists.
    control
        ``not_yet``, ``never`` or ``last_cohort``.
    lost_periods
        Labels of the periods left out.
    note
        One or two sentences on what was left out; empty if nothing was.
    """

    panel: Panel
    control: str
    lost_periods: tuple[int | str, ...]
    note: str


def comparable(panel: Panel, options: Options) -> Comparison:
    """Keep the units and periods in which a comparison exists.

    Raises
    ------
    InputError
        Nothing is left to compare.
    """
    periods, ahead = panel.n_periods, options.anticipation
    notes = []
    clean = panel.starts >= periods + ahead
    stop = periods
    if not clean.any():
        last = int(panel.starts.max())
        clean = panel.starts == last
        stop = min(periods, last - ahead)
    # A unit that starts soon after the last kept period may already respond inside the window.
    unclear = (panel.starts >= stop) & (panel.starts < stop + ahead) & ~clean
    if unclear.any():
        named = listing([panel.units[k] for k in np.flatnonzero(unclear)])
        notes.append(
            f"{counted(int(unclear.sum()), 'unit')} may anticipate a start after the window and "
            f"{'is' if unclear.sum() == 1 else 'are'} left out: {named}."
        )
    lost = panel.times[max(stop, 0) :]
    control = options.control
    if stop < periods:
        span = f"{lost[0]}" if len(lost) == 1 else f"{lost[0]} to {lost[-1]}"
        label = panel.label(int(panel.starts.max()))
        notes.append(
            f"Nobody is never treated: cohort {label} is the last and serves as control only, "
            f"and {span} are left out, because no untreated unit remains."
        )
    if stop < periods and control == "never":
        control = "last_cohort"
    kept = panel.of_units((panel.cohort > 0) & ~unclear)
    if stop < 2 or not any(0 < g < stop for g in kept.cohorts):
        raise InputError(
            "no cohort has both a period before treatment and a control in a treated period"
            + (f" (with {ahead} periods of anticipation)" if ahead else "")
        )
    reduced = kept.until(stop) if stop < periods else kept
    assert (reduced.cohort == NEVER).any()
    return Comparison(reduced, control, tuple(lost), " ".join(notes))


def affected(panel: Panel, options: Options) -> NDArray[np.bool_]:
    """(N,) units whose effect is identified: those of the cohorts that have a control in treated periods.

    Not a last cohort that serves as control only, nor units treated from the first period on.
    """
    try:
        cohorts = comparable(panel, options).panel.cohorts
    except InputError:
        cohorts = ()
    return np.isin(panel.cohort, cohorts)
