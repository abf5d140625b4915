"""Confidence sets that allow parallel trends to fail, for a result or for a user's own event study."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..sensitivity.event_study import EventStudy, borne
from ..sensitivity.honest import (
    average_effect,
    first_effect,
    relative_breakdown,
    relative_magnitude_set,
    smoothness_breakdown,
    smoothness_set,
)
from .results import Results

if TYPE_CHECKING:
    from ..numerics.types import Array

EFFECTS = {"average": average_effect, "first": first_effect}
SETS = {
    "relative": (relative_magnitude_set, relative_breakdown),
    "smoothness": (smoothness_set, smoothness_breakdown),
}


@dataclass(frozen=True)
class HonestSet:
    """Confidence set of an effect when the trend difference may change by a bounded amount.

    Parameters
    ----------
    violation
        ``relative``: by at most ``bound`` times its largest change before the start. ``smoothness``: its
        slope by at most ``bound`` per period.
    bound
        See there.
    effect
        ``average`` over the periods after the start, or ``first``.
    estimate, low, high
        The effect under parallel trends, and the set.
    level
        Its confidence level.
    note
        Which event times were kept, where not all.

    Examples
    --------
    >>> import rollout_did as did
    >>> result = did.event_study_twfe(did.example_panel(), window=(-2, 1))
    >>> found = did.honest(result, bound=0.0)
    >>> found.low > 0, found.breakdown > 0.5
    (True, True)
    """

    violation: str
    bound: float
    effect: str
    estimate: float
    low: float
    high: float
    level: float
    note: str
    study: EventStudy = field(repr=False, compare=False)
    weights: Array = field(repr=False, compare=False)
    seed: int = field(repr=False, compare=False)

    @cached_property
    def breakdown(self) -> float:
        """Smallest bound whose set holds zero; takes seconds."""
        return float(SETS[self.violation][1](self.study, self.weights, level=self.level, seed=self.seed))


def honest(
    result: Results | EventStudy | pd.Series[Any],
    covariance: pd.DataFrame | Array | None = None,
    *,
    bound: float = 1.0,
    violation: str = "relative",
    effect: str = "average",
    anticipation: int | None = None,
    level: float | None = None,
    seed: int | None = None,
) -> HonestSet:
    """Confidence set that is valid when parallel trends fail by at most a bound (Rambachan and Roth 2023).

    Parameters
    ----------
    result
        Of an estimator whose event times share one reference, such as ``event_study_twfe``, ``group_time``
        with universal base or ``sun_abraham``. Or your own event study: coefficients as a Series whose
        index holds event times, without the reference, with ``covariance``. Or an `EventStudy`.
    covariance
        (K, K), in the order of the coefficients; with coefficients only.
    bound
        0 or more; see `HonestSet`.
    violation
        ``relative`` or ``smoothness``.
    effect
        ``average`` or ``first``.
    anticipation
        Periods between the reference and the start, less one; missing: that of the result, else 0.
    level, seed
        Confidence level and seed of critical values; missing: those of the result, else 0.95 and 0.

    Returns
    -------
    HonestSet
        Of the widest event study that the covariance bears, at most 8 periods before and 5 after.

    Raises
    ------
    InputError
        Event times that do not share one reference, a covariance that is none, or a negative bound.

    Examples
    --------
    >>> import rollout_did as did
    >>> result = did.group_time(did.example_panel(), window=(-3, 1))
    >>> found = did.honest(result, bound=1.0)
    >>> found.low < found.estimate < found.high
    True

    One's own coefficients, from whatever program:

    >>> import pandas as pd
    >>> own = pd.Series([0.1, -0.1, 1.0, 1.2], index=[-3, -2, 0, 1])
    >>> did.honest(own, 0.01 * pd.DataFrame(np.eye(4)), bound=0.5).estimate
    1.1
    """
    for given, name, known in ((violation, "violation", SETS), (effect, "effect", EFFECTS)):
        if given not in known:
            raise InputError(f"{name} is {given!r}", expected=f"one of {', '.join(known)}")
    options = result.options if isinstance(result, Results) else None
    ahead = anticipation if anticipation is not None else options.anticipation if options else 0
    level = level if level is not None else options.level if options else 0.95
    seed = seed if seed is not None else options.seed if options else 0
    if isinstance(result, EventStudy):
        study, window = result, ""
    else:
        study, window = borne(*_coefficients(result, covariance, -1 - ahead), ahead)
    weights = EFFECTS[effect](study, ahead)
    low, high = SETS[violation][0](study, weights, bound, level=level, seed=seed)
    estimate = float(weights @ study.after)
    return HonestSet(violation, bound, effect, estimate, low, high, level, window, study, weights, seed)


def _coefficients(
    result: Results | pd.Series[Any], covariance: pd.DataFrame | Array | None, reference: int
) -> tuple[Array, Array, list[int]]:
    """Coefficients without the reference, their covariance, and event times, in order."""
    if isinstance(result, Results):
        if covariance is not None:
            raise InputError("a result has its own covariance", action="give coefficients, or no covariance")
        matrix = result.covariance("event")
        events = [int(event) for event in matrix.index]
        values = result.event_study().loc[events, "estimate"].to_numpy(dtype=float)
        whose = f"the event times of {result.name}"
    else:
        if covariance is None:
            raise InputError("coefficients need their covariance", expected="a square matrix of their order")
        events = [_event(event) for event in result.index]
        values, matrix, whose = (
            result.to_numpy(dtype=float),
            pd.DataFrame(np.asarray(covariance)),
            "the event times",
        )
    if reference in events:
        raise InputError(
            f"{whose} have another reference than event time {reference}: it has an error",
            action="take event_study_twfe, or group_time with base universal; state anticipation",
        )
    if len(set(events)) < len(events):
        raise InputError(f"{whose} are not different from each other", value=", ".join(map(str, events)))
    if matrix.shape != (len(events), len(events)) or not np.isfinite(values).all():
        raise InputError(
            f"{len(events)} coefficients need a covariance of as many rows and columns, and numbers",
            value=" x ".join(map(str, matrix.shape)),
        )
    order = np.argsort(events)
    return values[order], matrix.to_numpy(dtype=float)[np.ix_(order, order)], [events[k] for k in order]


def _event(label: Any) -> int:
    try:
        event = int(label)
    except (TypeError, ValueError):
        event = None
    if event is None or event != label:
        raise InputError("the index of coefficients holds event times", value=label, expected="whole numbers")
    return event
