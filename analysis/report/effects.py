"""Effects in the unit that a reader knows: jobs per hundred urban residents, percent of income or output.

Logs become percent here and nowhere else, so that a figure, a table and a sentence cannot differ by the
approximation "log points times 100".
"""

from __future__ import annotations

from typing import Any

import numpy as np

LOGS = ("log_income_per_head", "log_gdp_per_head")
DIGITS = {"formal_employment_rate": 2, "log_income_per_head": 1, "log_gdp_per_head": 1}
UNITS = {
    "formal_employment_rate": ("jobs per 100 urban residents", "每百城镇常住人口的岗位数"),
    "log_income_per_head": ("percent", "%"),
    "log_gdp_per_head": ("percent", "%"),
}


def shown(value: Any, outcome: str) -> Any:
    """An effect, or an array of effects, in the unit of `UNITS`: ``100 (exp(b) - 1)`` for a log.

    Examples
    --------
    >>> round(float(shown(-0.0144, "log_income_per_head")), 4)
    -1.4297
    >>> float(shown(0.5, "formal_employment_rate"))
    0.5
    """
    effect = np.asarray(value, dtype=float)
    return 100 * np.expm1(effect) if outcome in LOGS else effect
