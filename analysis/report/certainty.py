"""One scale of certainty in words, computed from an interval and the worst grade of its sources.

The steps and their thresholds are `config.CERTAINTIES`. A number carries the word of the interval that it
stands for: an identified set its own, an estimate that of its default interval, a printed figure what its
digits, "about" or "more than" leave open. Probabilities, simulated numbers and forecasts are off the scale.
"""

from __future__ import annotations

import math

from analysis import config

Interval = tuple[float, float]


def certainty(interval: Interval, grade: str) -> config.Certainty:
    """Step of the scale that an interval meets.

    Parameters
    ----------
    interval
        Lower and upper end; an upper end that is missing or infinite is open.
    grade
        Worst grade of the sources, empty where there are none.

    Examples
    --------
    >>> [certainty((25.05, 25.15), grade).name for grade in "BCD"]
    ['rounding', 'narrow', 'cannot_tell']
    >>> certainty((24.2, 48.5), "C").name, certainty((-0.64, 0.64), "C").name
    ('wide', 'cannot_tell')
    >>> certainty((22.0, math.inf), "A").name
    'wide'
    """
    known, narrow, wide, unknown = config.CERTAINTIES
    lower, upper = interval
    if grade not in wide.grades or math.isnan(lower) or not (lower > 0 or upper < 0):
        return unknown
    if math.isnan(upper) or math.isinf(upper):
        return wide
    width = (upper - lower) / abs((upper + lower) / 2)
    for step in (known, narrow):
        if grade in step.grades and step.largest_width is not None and width <= step.largest_width:
            return step
    return wide
