"""Event-study coefficients with their covariance: what every sensitivity analysis starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.did.inference.regression import read_regression
from analysis.did.inference.robust import cluster_covariance
from analysis.did.options import Options
from analysis.did.panel import Panel
from analysis.errors import InputError

Array = NDArray[np.float64]


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
    fit = read_regression(panel, "event_study_twfe", options)
    place = [k for k, row in enumerate(fit.estimates) if row.term == "event"]
    events = [fit.estimates[k].event_time or 0 for k in place]
    reference = -1 - options.anticipation
    full = [e for e in range(min(events), max(events) + 1) if e != reference]
    if events != full:
        raise InputError("event times have gaps", value=events, expected="consecutive event times")
    covariance = cluster_covariance(fit, kind).covariance[np.ix_(place, place)]
    values, early = fit.values[place], np.array(events) < reference
    return EventStudy(values[early], values[~early], covariance)
