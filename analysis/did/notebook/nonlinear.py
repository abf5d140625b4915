"""Regressions of counts and of shares: functions of the panel and of what they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..registry import estimate

if TYPE_CHECKING:
    from ..panel.panel import Panel
    from .results import Results

    Window = tuple[int, int] | None


def extended_poisson(
    panel: Panel,
    *,
    control: str = "not_yet",
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
) -> Results:
    """Extended two-way Poisson regression of Wooldridge (2023): effects on counts, in the outcome's unit.

    Trends are parallel in logarithms. Outcomes are 0 or more.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    control, anticipation, window, balance, level
        See `Options`.

    Examples
    --------
    >>> import numpy as np
    >>> import rollout_did as did
    >>> counts = np.array([[2, 4, 9], [4, 8, 15], [1, 2, 2], [3, 6, 6.0]])
    >>> panel = did.Panel.from_arrays(counts, np.array([2, 2, did.NEVER, did.NEVER]))
    >>> round(did.extended_poisson(panel).att.estimate, 9)  # a mean of 12, and 3 x 8 / 4 without treatment
    6.0
    """
    return estimate(
        panel, "extended_poisson", control=control, anticipation=anticipation, window=window, balance=balance,
        level=level,
    )  # fmt: skip


def extended_logit(
    panel: Panel,
    *,
    control: str = "not_yet",
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
) -> Results:
    """Extended two-way logit of Wooldridge (2023): effects on probabilities and shares.

    Trends are parallel in log odds. Outcomes are 0 and 1, or shares.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    control, anticipation, window, balance, level
        See `Options`.

    Examples
    --------
    >>> import numpy as np
    >>> import rollout_did as did
    >>> shares = np.array([[0.2, 0.5], [0.2, 0.3], [0.5, 0.5], [0.5, 0.5]])
    >>> panel = did.Panel.from_arrays(shares, np.array([1, 1, did.NEVER, did.NEVER]))
    >>> round(did.extended_logit(panel).att.estimate, 9)
    0.2
    """
    return estimate(
        panel, "extended_logit", control=control, anticipation=anticipation, window=window, balance=balance,
        level=level,
    )  # fmt: skip
