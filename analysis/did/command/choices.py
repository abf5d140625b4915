"""What a flag of the command may be: one list of words for each choice."""

from __future__ import annotations

from enum import StrEnum


class Control(StrEnum):
    """Who is compared with."""

    not_yet = "not_yet"
    never = "never"


class Base(StrEnum):
    """What pre-treatment effects are compared with."""

    universal = "universal"
    varying = "varying"


class Method(StrEnum):
    """How covariates are used."""

    dr = "dr"
    reg = "reg"
    ipw = "ipw"


class Kernel(StrEnum):
    """Who fits the two-way regressions."""

    auto = "auto"
    linearmodels = "linearmodels"
    fast = "fast"


class TimeGaps(StrEnum):
    """What periods at uneven distances mean."""

    rank = "rank"
    keep = "keep"
    refuse = "refuse"


class Switchers(StrEnum):
    """Whose treatment changes are averaged."""

    all = "all"
    in_ = "in"
    out = "out"


class FixWeights(StrEnum):
    """Which of a unit's changing weights a group-time cell has."""

    earlier_period = "earlier_period"
    base_period = "base_period"
    first_period = "first_period"
    varying = "varying"


class WeightsVary(StrEnum):
    """What weights that change within a unit mean."""

    refuse = "refuse"
    first = "first"
    mean = "mean"
    period = "period"


class Evidence(StrEnum):
    """What kind of data the panel holds."""

    published = "published"
    bounds = "bounds"
    statistics = "statistics"
    simulated = "simulated"
    records = "records"
