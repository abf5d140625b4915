"""How conclusions change when parallel trends fail by a stated amount."""

from .event_study import EventStudy, borne_event_study, read_event_study
from .honest import (
    average_effect,
    first_effect,
    relative_breakdown,
    relative_magnitude_set,
    smoothness_breakdown,
    smoothness_interval,
    smoothness_set,
)
from .pretrends import PassedTest, after_passing, pass_probability, slope_with_power, without_trend

__all__ = [
    "EventStudy",
    "PassedTest",
    "after_passing",
    "average_effect",
    "borne_event_study",
    "first_effect",
    "pass_probability",
    "read_event_study",
    "relative_breakdown",
    "relative_magnitude_set",
    "slope_with_power",
    "smoothness_breakdown",
    "smoothness_interval",
    "smoothness_set",
    "without_trend",
]
