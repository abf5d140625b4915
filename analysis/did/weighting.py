"""Which estimators take weights that change from period to period, and a refusal for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import InputError

if TYPE_CHECKING:
    from .panel.panel import Panel

# Those that say what a weight means that changes from period to period.
TAKE_PERIOD_WEIGHTS = (
    "twfe", "event_study_twfe", "group_time", "sun_abraham", "imputation", "two_stage", "extended_twfe",
    "stacked", "local_projection", "local_projection_reweighted",
)  # fmt: skip


def check_weights(name: str, panel: Panel) -> None:
    """Refuse an estimator that knows one weight a unit where weights change.

    Raises
    ------
    InputError
        Names those that take such weights.
    """
    if panel.period_weights is not None and name not in TAKE_PERIOD_WEIGHTS:
        raise InputError(
            f"{name} has one weight a unit, and weights change",
            expected=f"some of {', '.join(TAKE_PERIOD_WEIGHTS)}",
            action="ask for these, or let varying weights be first or mean",
        )
