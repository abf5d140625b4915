"""Whether a panel that could be read allows any comparison, and what its reader must be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from .arrays import distinct
from .gate import counted, listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .panel import Panel


def check_some_left(seen: NDArray[np.bool_]) -> None:
    """Some row has an outcome and all covariates."""
    if not seen.any():
        raise InputError(
            "no row has both an outcome and all covariates",
            action="leave out the covariate that is missing, or check that this is its column",
        )


def dropped(
    missing: NDArray[np.bool_],
    unit: NDArray[np.int64],
    time: NDArray[np.int64],
    units: Sequence[Any],
    times: Sequence[Any],
) -> list[str]:
    """Say which rows have an outcome and lack a covariate."""
    rows = np.flatnonzero(missing).tolist()
    pairs = [f"{units[unit[k]]} in {times[time[k]]}" for k in rows]
    what = counted(len(rows), "row lacks", "rows lack")
    return [f"{what} a covariate and {'takes' if len(rows) == 1 else 'take'} no part: {listing(pairs)}."]


def check_covariates(
    covariates: NDArray[np.float64],
    observed: NDArray[np.bool_],
    names: Sequence[str],
    times: Sequence[Any],
) -> None:
    """No covariate is collinear in every period."""
    if not names:
        return
    for kept in range(1, len(names) + 1):
        if not any(_full_rank(covariates[:, t, :kept], observed[:, t]) for t in range(len(times))):
            raise InputError(
                f"covariate {names[kept - 1]!r} is collinear with the constant"
                + (f" and {', '.join(names[: kept - 1])}" if kept > 1 else "")
                + " among units in every period",
                action=f"leave {names[kept - 1]!r} out",
            )


def _full_rank(values: NDArray[np.float64], rows: NDArray[np.bool_]) -> bool:
    """Whether a constant and the scaled covariates have full column rank over ``rows``."""
    kept = values[rows]
    if len(kept) <= kept.shape[1]:
        return False
    centred = kept - kept.mean(axis=0)
    scale = np.sqrt((centred**2).sum(axis=0))
    if (scale <= 1e-10 * np.abs(kept).max(axis=0).clip(min=1e-300) * len(kept) ** 0.5).any():
        return False
    return bool(np.linalg.matrix_rank(centred / scale, tol=1e-8) == kept.shape[1])


def check_clusters(groups: NDArray[np.int64], column: str) -> None:
    """There are at least two clusters."""
    if distinct(groups) < 2:
        raise InputError(
            "there is one cluster: errors need at least two",
            column=column,
            action="name a finer column of clusters, or none if every unit is one",
        )


def check_two_ways(ways: NDArray[np.int64] | None, columns: Sequence[str]) -> None:
    """At most two kinds of clusters, and at least three of either."""
    if len(columns) > 2:
        raise InputError(
            f"errors are to be clustered in {len(columns)} ways",
            value=", ".join(columns),
            expected="one or two",
        )
    for name, way in zip(columns, () if ways is None else ways.T, strict=False):
        if len(np.unique(way)) < 3:
            raise InputError(
                f"there are {len(np.unique(way))} clusters of one kind: two ways need at least three",
                column=name,
                action="cluster by the other column alone",
            )


def check_comparisons(starts: NDArray[np.int64], periods: int, times: Sequence[Any]) -> None:
    """Somebody is treated in the window, after a pre-period, while somebody else is not."""
    inside = starts[(starts > 0) & (starts < periods)]
    start = "the column of cohorts must hold first treated periods, and empty, NA, inf, never or 0 for never"
    if (starts <= 0).all():
        raise InputError(
            f"every unit is treated from the first period {times[0]} on: there is no period before treatment",
            expected="earlier periods, and units that are treated later or never",
            action=f"add periods before {times[0]}, or check the cohorts: {start}",
        )
    if inside.size == 0 and (starts <= 0).any():
        raise InputError(
            f"every treated unit is treated from the first period {times[0]} on: there is no pre-period",
            expected=f"a unit that is first treated after {times[0]}",
            action=f"add periods before {times[0]}",
        )
    if inside.size == 0:
        raise InputError(
            f"no unit is treated between {times[1]} and {times[-1]}",
            expected="a first treated period in this span for some units",
            action=f"check the cohorts: {start}",
        )
    later = starts[starts > 0]
    if later.min() == later.max():
        raise InputError(
            f"every unit starts in {times[int(later[0])]}: no unit is left as a control in any treated "
            "period",
            expected="units that are treated later or never",
            action="add such units; a panel in which all start together has nobody to compare with",
        )


def check_repeated(panel: Panel) -> None:
    """Somebody is observed twice; otherwise rows are cross-sections of other people each time."""
    if (panel.balanced and panel.n_periods > 1) or (panel.observed.sum(axis=1) > 1).any():
        return
    raise InputError(
        "no unit is observed in two periods: these are repeated cross-sections, not a panel",
        expected="the same units in several periods",
        action="say cross_sections (--cross-sections) and name as unit the groups in which treatment starts "
        "together, such as provinces",
    )


def absences(panel: Panel, kept: NDArray[np.bool_]) -> list[str]:
    """Say which units have no outcome in any period."""
    if kept.all():
        return []
    lost = [panel.units[k] for k in np.flatnonzero(~kept)]
    what = counted(len(lost), "unit has", "units have")
    return [f"{what} no outcome in any period and no part in the panel: {listing(lost)}."]


def remarks(panel: Panel, rows: int, never: int) -> list[str]:
    """Sentences on missing outcomes, always-treated units, late starts and one-unit cohorts.

    Parameters
    ----------
    panel
        As read.
    rows
        Number of its rows that the table has.
    never
        Position that stands for never treated.
    """
    notes, times = [], panel.times
    if not panel.balanced:
        missing = int((~panel.observed).sum())
        absent = panel.n_units * panel.n_periods - rows
        units = [panel.units[k] for k in np.flatnonzero(~panel.observed.all(axis=1))]
        why = f"{counted(missing - absent, 'empty cell')}, {counted(absent, 'absent row')}"
        notes.append(
            f"{missing} of {panel.n_units * panel.n_periods} unit-periods "
            f"{'has' if missing == 1 else 'have'} no outcome ({why}), in {counted(len(units), 'unit')}: "
            f"{listing(units)}."
        )
    always = [panel.units[k] for k in np.flatnonzero(panel.cohort == 0)]
    if always:
        notes.append(
            f"{counted(len(always), 'unit is', 'units are')} treated from {times[0]} on, without a period "
            f"before treatment: {listing(always)}. No effect is identified there."
        )
    late = sorted(
        {panel.cohort_labels[k] for k in np.flatnonzero((panel.cohort == never) & (panel.starts < never))}
    )
    if late:
        notes.append(
            f"Cohorts that start after {times[-1]} count as untreated in the panel: {listing(late)}."
        )
    sizes = np.bincount(panel.cohort[panel.cohort < never], minlength=panel.n_periods)
    for position in np.flatnonzero(sizes[1:] == 1).tolist():
        only = panel.units[int((panel.cohort == position + 1).argmax())]
        notes.append(
            f"Cohort {times[position + 1]} has one unit ({only}): "
            "its errors rest on the controls alone and are too small."
        )
    return notes


def summary(panel: Panel, never: int) -> str:
    """Say in three lines what a panel holds: units, periods, starts, outcomes and extras."""
    starts = [f"{panel.label(g)} ({int((panel.cohort == g).sum())})" for g in panel.cohorts]
    untreated, early = int((panel.cohort == never).sum()), int((panel.cohort == 0).sum())
    groups = [*starts, f"never in the panel ({untreated})"]
    if early:
        groups.append(f"from the first period on ({early})")
    extras = [f"covariates {', '.join(panel.covariate_names)}"] if panel.covariate_names else []
    extras += ["weights that change"] if panel.period_weights is not None else []
    extras += ["unit weights"] if panel.weighted and panel.period_weights is None else []
    if panel.ways is not None:
        extras += [" by ".join(str(len(np.unique(way))) for way in panel.ways.T) + " clusters, two ways"]
    elif panel.n_clusters < panel.n_units:
        extras += [f"{panel.n_clusters} clusters"]
    known = int(panel.observed.sum())
    return (
        f"Panel of {panel.n_units} units over {panel.n_periods} periods, {panel.times[0]} to "
        f"{panel.times[-1]}\n"
        f"  first treated (units): {listing(groups)}\n"
        f"  {'; '.join([f'{known} of {panel.observed.size} outcomes', *extras])}"
    )
