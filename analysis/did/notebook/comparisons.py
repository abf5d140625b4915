"""Estimators that compare outcomes with a prediction: functions of the panel and of what they read.

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


def group_time(
    panel: Panel,
    *,
    control: str = "not_yet",
    base: str = "universal",
    method: str = "dr",
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
    draws: int = 0,
    multiplier: str = "rademacher",
    fix_weights: str = "earlier_period",
    seed: int = 0,
) -> Results:
    """Effects by cohort and period of Callaway and Sant'Anna (2021), and their averages.

    Its `att` averages cohort effects by cohort size; the errors are those of influence functions.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    control, base, method, anticipation, window, balance, level, draws, multiplier, fix_weights, seed
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.group_time(panel, control="never", draws=999)
    >>> result.att.ci_low < 1.375 < result.att.ci_high
    True
    """
    return estimate(
        panel,
        "group_time",
        control=control,
        base=base,
        method=method,
        anticipation=anticipation,
        window=window,
        balance=balance,
        level=level,
        draws=draws,
        multiplier=multiplier,
        fix_weights=fix_weights,
        seed=seed,
    )


def imputation(
    panel: Panel,
    *,
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
) -> Results:
    """Imputation of the untreated outcome, of Borusyak, Jaravel and Spiess (2024).

    Errors are conservative; leads come from a regression on untreated observations of its own.

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
    >>> result = did.imputation(panel)
    >>> result.att.n_treated
    40
    """
    return estimate(
        panel, "imputation", anticipation=anticipation, window=window, balance=balance, level=level
    )


def two_stage(
    panel: Panel,
    *,
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
) -> Results:
    """Two-stage difference-in-differences of Gardner (2022).

    The estimates of `imputation` with errors of generalised moments, which are larger.

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
    >>> result = did.two_stage(panel)
    >>> result.att.estimate == did.imputation(panel).att.estimate
    True
    """
    return estimate(
        panel, "two_stage", anticipation=anticipation, window=window, balance=balance, level=level
    )


def efficient(
    panel: Panel,
    *,
    control: str = "not_yet",
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
) -> Results:
    """Efficient estimator of Roth and Sant'Anna (2023), for timing that is as good as random.

    Needs every outcome, equal weights and every unit its own cluster.

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
    >>> result = did.efficient(panel)
    >>> result.att.inference
    'Neyman, normal'
    """
    return estimate(
        panel,
        "efficient",
        control=control,
        anticipation=anticipation,
        window=window,
        balance=balance,
        level=level,
    )


def dynamic_dcdh(
    panel: Panel,
    *,
    control: str = "not_yet",
    anticipation: int = 0,
    window: Window = None,
    level: float = 0.95,
) -> Results:
    """Dynamic effects of de Chaisemartin and D'Haultfoeuille (2026).

    Its `att` is their average total effect: horizons averaged by units treated that long.

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
    >>> result = did.dynamic_dcdh(panel)
    >>> result.att.n_treated
    40
    """
    return estimate(
        panel, "dynamic_dcdh", control=control, anticipation=anticipation, window=window, level=level
    )


def synthetic_did(
    panel: Panel,
    *,
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
    draws: int = 0,
    seed: int = 0,
) -> Results:
    """Synthetic difference-in-differences of Arkhangelsky and others (2021), cohort by cohort.

    Needs every outcome. `draws` are those of the errors; 0 gives 200.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    anticipation, window, balance, level, draws, seed
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.synthetic_did(panel)
    >>> result.att.control_group
    'never'
    """
    return estimate(
        panel,
        "synthetic_did",
        anticipation=anticipation,
        window=window,
        balance=balance,
        level=level,
        draws=draws,
        seed=seed,
    )


def synthetic_control(
    panel: Panel,
    *,
    anticipation: int = 0,
    window: Window = None,
    balance: int | None = None,
    level: float = 0.95,
    draws: int = 0,
    seed: int = 0,
) -> Results:
    """Synthetic control of Abadie, Diamond and Hainmueller (2010), without covariates.

    Donors must match the level of the treated before the start, not only the path.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    anticipation, window, balance, level, draws, seed
        See `Options`.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.synthetic_control(panel)
    >>> result.att.n_units
    60
    """
    return estimate(
        panel,
        "synthetic_control",
        anticipation=anticipation,
        window=window,
        balance=balance,
        level=level,
        draws=draws,
        seed=seed,
    )
