"""A treatment path: each unit's dose in every period, which may change more than once or go off.

What matters is each unit's status quo, its dose in the first period in which the dose is known, and when
it first leaves it. A dose that is not known is filled in where it can be one value only; from where it
cannot, the unit's outcomes take no part, and the notes count them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from .gate import counted, listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .panel import Panel

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Path:
    """Doses as they are used.

    Parameters
    ----------
    dose
        (N, T), NaN from where a unit's dose is not known.
    outcome
        (N, T) without the outcomes whose unit's treatment until then is not known.
    starts
        (N,) position of the first period with another dose than the status quo; T where there is none.
    notes
        What was filled in or left out.
    """

    dose: Array
    outcome: Array
    starts: NDArray[np.int64]
    notes: tuple[str, ...]


def read_path(dose: Array, outcome: Array, units: Sequence[Any]) -> Path:
    """Find each unit's status quo and first change.

    Parameters
    ----------
    dose, outcome
        (N, T), NaN where not known.
    units
        Labels of the N units.

    Notes
    -----
    An unknown dose between two periods at the status quo, before any change, is the status quo. Where it
    stands just before the first changed dose, or after it, the path is unknown from there on: the unit is a
    control until then, and its later outcomes are left out. Outcomes before the first known dose are left
    out too.
    """
    periods = dose.shape[1]
    time = np.arange(periods)
    known = ~np.isnan(dose)
    first = np.where(known.any(axis=1), known.argmax(axis=1), periods)
    quo = status_quo(dose)
    changed = known & (dose != quo[:, None])
    starts = np.where(changed.any(axis=1), changed.argmax(axis=1), periods)
    held = np.where(known & (time < starts[:, None]), time, -1).max(axis=1)  # last period at the status quo
    sure = ~known & (time > first[:, None]) & (time < held[:, None])
    unknown = ~known & ~sure & (time >= first[:, None])
    stop = np.where(unknown.any(axis=1), unknown.argmax(axis=1), periods)
    kept = (time >= first[:, None]) & (time < stop[:, None])
    lost = ~kept & ~np.isnan(outcome)
    notes = []
    if sure.any():
        cells = counted(int(sure.sum()), "unknown dose stands", "unknown doses stand")
        notes.append(f"{cells} between two periods at the same status quo and {_count(sure)} read as it.")
    if lost.any():
        named = listing([units[k] for k in np.flatnonzero(lost.any(axis=1)).tolist()])
        cells = counted(int(lost.sum()), "outcome is", "outcomes are")
        notes.append(
            f"{cells} left out, because the unit's treatment until then is not known: units {named}."
        )
    return Path(
        dose=np.where(kept, np.where(sure, quo[:, None], dose), np.nan),
        outcome=np.where(kept, outcome, np.nan),
        starts=np.where(starts < stop, starts, periods).astype(np.int64),
        notes=tuple(notes),
    )


def _count(cells: NDArray[np.bool_]) -> str:
    return "is" if cells.sum() == 1 else "are"


def status_quo(dose: Array) -> Array:
    """(N,) dose in the first period in which it is known; NaN where it never is."""
    known = ~np.isnan(dose)
    found: Array = np.take_along_axis(dose, known.argmax(axis=1)[:, None], axis=1)[:, 0]
    return found


def one_treatment(cohort: str | None, dose: str | None) -> str:
    """Return the column that says who is treated when: first treated periods, or doses.

    Raises
    ------
    InputError
        Both are named, or neither is.
    """
    if cohort is not None and dose is not None:
        raise InputError(
            f"treatment is named twice: first treated periods {cohort!r} and doses {dose!r}",
            action="name the cohort where treatment starts once and stays, the dose where it changes again",
        )
    found = dose if cohort is None else cohort
    if found is None:
        raise InputError(
            "no column says who is treated when",
            expected="cohort, the first treated period, or dose, treatment in each period",
            action="name one of the two",
        )
    return found


def check_path(dose: Array, starts: NDArray[np.int64], column: str) -> None:
    """Somebody's dose changes while another unit with the same status quo keeps it.

    Raises
    ------
    InputError
        Nobody's changes, or nobody is left to compare with.
    """
    quo, periods = status_quo(dose), dose.shape[1]
    moved = starts < periods
    if not moved.any():
        raise InputError(
            "no unit's treatment changes",
            column=column,
            expected="treatment that differs from the unit's first one in some period",
            action="check that this is the column of treatment in each period",
        )
    if any((starts[moved & (quo == d)] < starts[quo == d].max()).any() for d in np.unique(quo[moved])):
        return
    raise InputError(
        "no unit keeps its first treatment while another one with the same first treatment changes it",
        column=column,
        expected="units with the same first treatment, some of which change it later than others or never",
        action="add units that keep it, or round a continuous dose to its main levels",
    )


def why_not_absorbing(panel: Panel) -> str:
    """Say how treatment is other than one start of one dose that stays on; empty where it is not."""
    if panel.dose is None:
        return ""
    quo = status_quo(panel.dose)
    known, after = ~np.isnan(panel.dose), np.arange(panel.n_periods) >= panel.starts[:, None]
    apart = panel.dose - quo[:, None]
    if (known & after & (apart == 0)).any():
        return "goes off again"
    new = np.unique(panel.dose[known & after])
    if new.size > 1:
        return "is a dose or changes more than once"
    return "differs at the beginning" if np.unique(quo[~np.isnan(quo)]).size > 1 else ""
