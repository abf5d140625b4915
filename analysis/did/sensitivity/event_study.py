"""Event-study coefficients with their covariance: what every sensitivity analysis starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..inference.regression import read_regression
from ..inference.robust import cluster_covariance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numerics.types import Array
    from ..options import Options
    from ..panel.panel import Panel

MOST_BEFORE, MOST_AFTER = 8, 5  # with more, the tests under bounded violations take minutes


@dataclass(frozen=True)
class EventStudy:
    """Coefficients at consecutive event times around a reference that is zero by construction.

    Parameters
    ----------
    before, after
        (P,) and (Q,) coefficients before and after the reference, in order of time.
    covariance
        (P+Q, P+Q).

    Raises
    ------
    InputError
        No coefficient before or after the reference, or a covariance that is not one.

    Examples
    --------
    >>> import rollout_did as did
    >>> study = did.EventStudy(np.array([0.1, -0.1]), np.array([1.0, 1.2]), 0.01 * np.eye(4))
    >>> study.times.tolist()
    [-2, -1, 1, 2]
    """

    before: Array
    after: Array
    covariance: Array

    def __post_init__(self) -> None:
        if not len(self.before) or not len(self.after):
            raise InputError("sensitivity needs coefficients on both sides of the reference")
        size = len(self.before) + len(self.after)
        if self.covariance.shape != (size, size) or not np.isfinite(self.covariance).all():
            raise InputError(f"the covariance of {size} coefficients must be {size} x {size} finite numbers")
        values = np.linalg.eigvalsh(self.covariance)
        if values[0] < 1e-10 * values[-1]:
            raise InputError(
                "the covariance of the event study is singular: more event times than treated clusters bear",
                action="shorten the window",
            )

    @property
    def coefficients(self) -> Array:
        """(P+Q,)."""
        return np.concatenate([self.before, self.after])

    @property
    def times(self) -> NDArray[np.int64]:
        """(P+Q,) periods since the reference, negative before it."""
        return np.concatenate([np.arange(-len(self.before), 0), np.arange(1, len(self.after) + 1)])

    def error(self, weights: Array) -> float:
        """Standard error of an average of the effects after the reference; ``weights`` (Q,)."""
        q = len(self.after)
        return float(np.sqrt(weights @ self.covariance[-q:, -q:] @ weights))


def read_event_study(panel: Panel, options: Options, *, kind: str = "CR3") -> EventStudy:
    """Two-way event study of a panel with a clustered covariance.

    Parameters
    ----------
    panel
        Every event time of ``options.window`` must be identified.
    options
        As for `event_study_twfe`.
    kind
        Formula of the covariance; the jackknife errs on the large side with few treated clusters.

    Raises
    ------
    InputError
        Event times have gaps, or the covariance is singular.
    """
    values, covariance, events = _coefficients(panel, options, kind)
    reference = -1 - options.anticipation
    full = [e for e in range(min(events), max(events) + 1) if e != reference]
    if events != full:
        raise InputError("event times have gaps", value=events, expected="consecutive event times")
    early = np.array(events) < reference
    return EventStudy(values[early], values[~early], covariance)


def borne_event_study(panel: Panel, options: Options, *, kind: str = "CR3") -> tuple[EventStudy, str]:
    """The event study over the widest window that its covariance bears, and which window that is.

    Parameters
    ----------
    panel, options, kind
        As for `read_event_study`; the regression has all event times, only what is read off it is cut.

    Returns
    -------
    study, window
        At most `MOST_BEFORE` and `MOST_AFTER` periods around the reference. From there the farthest
        period is given up until the covariance is one. ``window`` is a phrase; empty if all is kept.

    Raises
    ------
    InputError
        Not even one coefficient on each side has a covariance.
    """
    return borne(*_coefficients(panel, options, kind), options.anticipation)


def borne(values: Array, covariance: Array, events: list[int], ahead: int) -> tuple[EventStudy, str]:
    """The widest event study that a covariance bears.

    Parameters
    ----------
    values, covariance, events
        (K,) coefficients, (K, K) covariance, K event times without the reference.
    ahead
        Periods of anticipation: the reference is the event time ``-1 - ahead``.

    Returns
    -------
    study, window
        As `borne_event_study`.

    Raises
    ------
    InputError
        Not even one coefficient on each side has a covariance.
    """
    reference = -1 - ahead
    place = {event: k for k, event in enumerate(events)}
    first, last = reference, reference
    while first - 1 in place and reference - first < MOST_BEFORE:
        first -= 1
    while last + 1 in place and last - ahead - reference < MOST_AFTER:
        last += 1
    while first < reference and last > reference + ahead:
        kept = [place[e] for e in range(first, last + 1) if e != reference]
        early = reference - first
        try:
            study = EventStudy(values[kept][:early], values[kept][early:], covariance[np.ix_(kept, kept)])
        except InputError:
            if reference - first >= last - reference:
                first += 1
            else:
                last -= 1
            continue
        whole = len(kept) == len(events)
        return study, "" if whole else f"event times {first} to {last} of {events[0]} to {events[-1]}"
    raise InputError(
        "the treated clusters bear no event study: even the shortest has no covariance, "
        "or no period on one side of the reference"
    )


def _coefficients(panel: Panel, options: Options, kind: str) -> tuple[Array, Array, list[int]]:
    """Event-time coefficients without the reference, their covariance, and the event times."""
    fit = read_regression(panel, "event_study_twfe", options)
    place = [k for k, row in enumerate(fit.estimates) if row.term == "event"]
    events = [fit.estimates[k].event_time or 0 for k in place]
    covariance = cluster_covariance(fit, kind).covariance[np.ix_(place, place)]
    return fit.values[place], covariance, events
