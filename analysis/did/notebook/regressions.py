"""Estimators that are regressions: functions of the panel and of what they read.

``did.group_time(panel, control="never")`` is ``did.estimate(panel, "group_time", control="never")``. What
an option means stands in `Options`; estimand, formula, errors and source in the module of the estimator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..registry import estimate

if TYPE_CHECKING:
    from ..panel.panel import Panel
    from .results import Results

    Window = tuple[int, int] | None


def twfe(
    panel: Panel,
    *,
    anticipation: int = 0,
    level: float = 0.95,
    kernel: str = "auto",
    count_effects: bool = False,
) -> Results:
    """Static two-way fixed effects: one coefficient on treatment.

    With staggered starts and effects that differ it need be no average of effects with positive weights.
    Its `Results.fit` is that of linearmodels.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    anticipation, level, kernel, count_effects
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.twfe(panel)
    >>> bool(result.fit.params["treated"] == result.att.estimate)
    True
    """
    return estimate(
        panel, "twfe", anticipation=anticipation, level=level, kernel=kernel, count_effects=count_effects
    )


def event_study_twfe(
    panel: Panel,
    *,
    anticipation: int = 0,
    window: Window = None,
    level: float = 0.95,
    kernel: str = "auto",
    count_effects: bool = False,
    seed: int = 0,
) -> Results:
    """Two-way fixed effects with a coefficient for every event time but the reference.

    With effects that differ between cohorts, leads and lags contaminate each other (Sun and Abraham 2021).

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    anticipation, window, level, kernel, count_effects, seed
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.event_study_twfe(panel, window=(-3, 2))
    >>> result.event_study().index.tolist()
    [-3, -2, -1, 0, 1, 2]
    """
    return estimate(
        panel,
        "event_study_twfe",
        anticipation=anticipation,
        window=window,
        level=level,
        kernel=kernel,
        count_effects=count_effects,
        seed=seed,
    )


def bacon(
    panel: Panel,
) -> Results:
    """Goodman-Bacon's decomposition of the static coefficient into comparisons of two groups.

    An identity: its weights have no errors.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.bacon(panel)
    >>> result.att.inference
    'none: an identity'
    """
    return estimate(panel, "bacon")


def sun_abraham(
    panel: Panel,
    *,
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
) -> Results:
    """Interaction-weighted event study of Sun and Abraham (2021), against the never treated.

    The saturated regression of `extended_twfe` with never-treated comparison.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    anticipation, window, balance, level
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.sun_abraham(panel)
    >>> result.test_pretrends().p_value > 0.05
    True
    """
    return estimate(
        panel, "sun_abraham", anticipation=anticipation, window=window, balance=balance, level=level
    )


def extended_twfe(
    panel: Panel,
    *,
    control: str = "not_yet",
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
) -> Results:
    """Saturated regression with a dummy for every treated cell, and averages of the cells.

    On a balanced panel its estimates are those of `imputation`.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    control, anticipation, window, balance, level
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.extended_twfe(panel)
    >>> result.att.control_group
    'not_yet'
    """
    return estimate(
        panel,
        "extended_twfe",
        control=control,
        anticipation=anticipation,
        window=window,
        balance=balance,
        level=level,
    )


def stacked(
    panel: Panel,
    *,
    control: str = "not_yet",
    anticipation: int = 0,
    window: Window = None,
    level: float = 0.95,
) -> Results:
    """Stacked sub-experiments with corrective weights of Wing, Freedman and Hollingsworth (2024).

    `window` is that of the stack; cohorts not observed over all of it are trimmed and named.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    control, anticipation, window, level
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.stacked(panel, window=(-2, 2))
    >>> len(result.event_study())
    4
    """
    return estimate(panel, "stacked", control=control, anticipation=anticipation, window=window, level=level)


def local_projection(
    panel: Panel,
    *,
    control: str = "not_yet",
    anticipation: int = 0,
    window: Window = None,
    level: float = 0.95,
) -> Results:
    """Local projections of Dube, Girardi, Jordà and Taylor (2025), weighted as least squares does.

    One regression of long differences for each horizon, against clean controls.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    control, anticipation, window, level
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.local_projection(panel)
    >>> int(result.event_study().index.min())
    -5
    """
    return estimate(
        panel, "local_projection", control=control, anticipation=anticipation, window=window, level=level
    )


def local_projection_reweighted(
    panel: Panel,
    *,
    control: str = "not_yet",
    anticipation: int = 0,
    window: Window = None,
    level: float = 0.95,
) -> Results:
    """Local projections with one weight per treated unit.

    At each horizon the not-yet-treated group-time average of that event time.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    control, anticipation, window, level
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.local_projection_reweighted(panel)
    >>> int(result.event_study().index.max())
    4
    """
    return estimate(
        panel,
        "local_projection_reweighted",
        control=control,
        anticipation=anticipation,
        window=window,
        level=level,
    )
