"""Estimators of a treatment path: functions of the panel and of what they read.

For treatment that goes off, changes more than once or is a dose. Estimand, formula, errors and source stand
in `estimators.intertemporal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..registry import estimate

if TYPE_CHECKING:
    from ..panel.panel import Panel
    from .comparisons import Window
    from .results import Results


def intertemporal(
    panel: Panel,
    *,
    control: str = "not_yet",
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
    switchers: str = "all",
) -> Results:
    """Effects of having left the status quo, of de Chaisemartin and D'Haultfoeuille (2026).

    Its `att` is the average total effect per unit of treatment; `att_simple` averages the event effects by
    their switchers.

    Parameters
    ----------
    panel
        With doses: ``Panel.from_frame(..., dose="column")``.
    control, window, balance, level, switchers
        See `Options`.

    Examples
    --------
    One of three units has one dose for two periods, then none:

    >>> import numpy as np
    >>> import rollout_did as did
    >>> dose = np.array([[0, 0, 1, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
    >>> outcome = np.array([[0, 0, 3, 4, 1], [1, 1, 1, 1, 1], [2, 2, 2, 2, 2.0]])
    >>> result = did.intertemporal(did.Panel.from_arrays(outcome, dose=dose))
    >>> [row.estimate for row in result if row.term == "event" and row.event_time >= 0], result.att.estimate
    ([3.0, 4.0, 1.0], 4.0)
    """
    return estimate(
        panel,
        "intertemporal",
        control=control,
        window=window,
        balance=balance,
        level=level,
        switchers=switchers,
    )


def intertemporal_normalised(
    panel: Panel,
    *,
    control: str = "not_yet",
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
    switchers: str = "all",
) -> Results:
    """The effects of `intertemporal` divided by the mean dose received since the change.

    Parameters
    ----------
    panel
        With doses: ``Panel.from_frame(..., dose="column")``.
    control, window, balance, level, switchers
        See `Options`.

    Examples
    --------
    >>> import numpy as np
    >>> import rollout_did as did
    >>> dose = np.array([[0, 0, 2, 3], [0, 0, 0, 0], [0, 0, 0, 0]])
    >>> outcome = np.array([[0, 0, 4, 10], [1, 1, 1, 1], [2, 2, 2, 2.0]])
    >>> result = did.intertemporal_normalised(did.Panel.from_arrays(outcome, dose=dose))
    >>> [row.estimate for row in result if row.term == "event" and row.event_time >= 0]
    [2.0, 2.0]
    """
    return estimate(
        panel,
        "intertemporal_normalised",
        control=control,
        window=window,
        balance=balance,
        level=level,
        switchers=switchers,
    )
