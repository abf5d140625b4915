"""Estimators by name, and the one call that runs them.

Modules are imported when first used, so that one estimator does not wait for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from importlib import import_module
from typing import Any

from .errors import InputError
from .fitted import Fitted
from .notebook.results import Results
from .options import Options
from .panel.gate import suggestion
from .panel.panel import Panel
from .panel.path import why_not_absorbing
from .panel.sections import Sections
from .results import NAN, Estimate
from .scaling import in_own_unit, in_unit, without_noise
from .two_ways import clustered_two_ways
from .weighting import check_weights

Estimator = Callable[[Panel, Options], Sequence[Estimate]]

# name: module of this package that holds the function of that name
ESTIMATORS = {
    "twfe": "twfe",
    "event_study_twfe": "twfe",
    "bacon": "bacon",
    "group_time": "group_time",
    "sun_abraham": "sun_abraham",
    "imputation": "imputation",
    "two_stage": "two_stage",
    "extended_twfe": "extended_twfe",
    "stacked": "stacked",
    "local_projection": "local_projection",
    "local_projection_reweighted": "local_projection",
    "efficient": "efficient",
    "dynamic_dcdh": "dynamic",
    "synthetic_did": "synthetic",
    "synthetic_control": "synthetic",
}

# Those that take a treatment path, which may change more than once; the others take one start that stays.
PATHS = {
    "intertemporal": "intertemporal",
    "intertemporal_normalised": "intertemporal",
}

# Those that take repeated cross-sections: same names, functions of their own.
SECTIONS = {
    "twfe": "sections_regressions",
    "group_time": "sections_group_time",
    "imputation": "sections_regressions",
}
# Estimators that run where they are asked for by name, and not with ``all``: they do not take every outcome.
ON_REQUEST = {"extended_poisson": "nonlinear", "extended_logit": "nonlinear"}

_CELLS = ("anticipation", "level", "window", "balance")
# The options that each estimator reads; any other that is asked for by name is refused.
READS: dict[str, tuple[str, ...]] = {
    "twfe": ("anticipation", "level", "kernel", "count_effects"),
    "event_study_twfe": ("anticipation", "level", "window", "kernel", "count_effects"),
    "bacon": (),
    "group_time": ("control", "base", "method", "draws", "multiplier", "fix_weights", *_CELLS),
    "sun_abraham": _CELLS,
    "imputation": _CELLS,
    "two_stage": _CELLS,
    "extended_twfe": ("control", *_CELLS),
    "stacked": ("control", "anticipation", "level", "window"),
    "local_projection": ("control", "anticipation", "level", "window"),
    "local_projection_reweighted": ("control", "anticipation", "level", "window"),
    "efficient": ("control", *_CELLS),
    "dynamic_dcdh": ("control", "anticipation", "level", "window"),
    "synthetic_did": ("draws", *_CELLS),
    "synthetic_control": ("draws", *_CELLS),
    "intertemporal": ("control", "level", "window", "balance", "switchers"),
    "intertemporal_normalised": ("control", "level", "window", "balance", "switchers"),
    "extended_poisson": ("control", *_CELLS),
    "extended_logit": ("control", *_CELLS),
}
# Those that they read where rows are repeated cross-sections.
SECTIONS_READ: dict[str, tuple[str, ...]] = {
    "twfe": ("anticipation", "level", "count_effects"),
    "group_time": ("control", "base", "method", *_CELLS),
    "imputation": _CELLS,
}
# Drawn tests on a result take the seed too, so it is never refused. Bacon refuses anticipation itself.
READ_BY_ALL = ("seed",)
DEFAULTS = {field.name: field.default for field in fields(Options)}


def reads(names: Sequence[str], option: str, table: dict[str, tuple[str, ...]] | None = None) -> list[str]:
    """Those of the estimators that read an option."""
    known = READS if table is None else table
    return [name for name in names if option in known.get(name, ()) or option in READ_BY_ALL]


def estimator(name: str) -> Estimator:
    """Return the function behind a name.

    Raises
    ------
    InputError
        No estimator has that name.
    """
    home = ESTIMATORS.get(name) or ON_REQUEST.get(name) or PATHS.get(name)
    if home is None:
        known = ESTIMATORS | ON_REQUEST | PATHS
        raise InputError(
            f"there is no estimator {name!r}",
            expected=f"all, or some of {', '.join(known)}",
            action=suggestion(name, known, "name one of these"),
        )
    found: Estimator = getattr(import_module(f"{__package__}.estimators.{home}"), name)
    return found


def estimator_of_sections(name: str) -> Estimator:
    """Return the function behind a name for repeated cross-sections.

    Raises
    ------
    InputError
        The estimator follows units over time.
    """
    if name not in SECTIONS:
        raise InputError(
            f"{name} follows units over time, and here every row is another one",
            expected=f"all, or some of {', '.join(SECTIONS)}",
            action="ask for these, or average within areas and periods",
        )
    found: Estimator = getattr(import_module(f".estimators.{SECTIONS[name]}", __package__), name)
    return found


def applicable(panel: Panel) -> list[str]:
    """Names of the estimators that take the panel's kind of data and treatment."""
    if isinstance(panel, Sections):
        return list(SECTIONS)
    if panel.dose is None:
        return list(ESTIMATORS)
    return list(PATHS) if why_not_absorbing(panel) else [*ESTIMATORS, *PATHS]


def check_reassignable(name: str) -> None:
    """Refuse tests that give units other starts where treatment is a whole path.

    Raises
    ------
    InputError
        The estimator takes a treatment path.
    """
    if name in PATHS:
        raise InputError(
            f"{name} takes a whole path of treatment, of which a start is only the beginning: units cannot "
            "trade places by their starts",
            action="judge it by its clustered errors, its placebos and leave_one_out",
        )


def check_applies(names: Sequence[str], panel: Panel) -> None:
    """Refuse estimators of one start that stays on where treatment is more than that.

    Raises
    ------
    InputError
        Names them, and how treatment differs.
    """
    wrong = [name for name in names if name in ESTIMATORS]
    if wrong and (why := why_not_absorbing(panel)):
        raise InputError(
            f"treatment {why}, and {', '.join(wrong)} would not see it",
            expected=f"some of {', '.join(PATHS)}",
            action="ask for these, or for all",
        )


def estimate(
    panel: Panel,
    estimators: Sequence[str] | str = "group_time",
    options: Options | None = None,
    **choices: Any,
) -> Results:
    """Run estimators on a panel.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    estimators
        Names of `ESTIMATORS`, on a panel with doses of `PATHS`, on cross-sections of `SECTIONS`; one name,
        or ``all``, those that take the panel's kind of data and treatment. With ``all``, one that cannot be
        computed gives one row without a number whose note says why.
    options
        Defaults of `Options`.
    **choices
        Fields of `Options`, such as ``control="never"``; they go before ``options``.

    Returns
    -------
    Results
        A sequence of `Estimate`, in the order of ``estimators``; one named twice is run once.

    Raises
    ------
    InputError
        Unknown name, an estimator asked for by name cannot be computed on this panel, or none of the
        estimators reads an option that was given: a field other than its default counts as given.

    Examples
    --------
    Four units, two of them treated from the third period on:

    >>> import pandas as pd
    >>> import rollout_did as did
    >>> table = pd.DataFrame({
    ...     "unit": [u for u in "abcd" for _ in range(3)],
    ...     "time": [1, 2, 3] * 4,
    ...     "y": [0.0, 1.0, 5.0, 0.0, 2.0, 6.0, 0.0, 1.0, 2.0, 0.0, 2.0, 3.0],
    ...     "start": [3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, 0],
    ... })
    >>> panel = did.Panel.from_frame(table, unit="unit", time="time", outcome="y", cohort="start")
    >>> result = did.estimate(panel, "group_time", control="never")
    >>> result.att.estimate
    3.0
    """
    options = options or Options()
    if wrong := [name for name in choices if name not in DEFAULTS]:
        known = list(DEFAULTS)
        raise InputError(
            f"there is no option {wrong[0]!r}",
            expected=f"some of {', '.join(known)}",
            action=suggestion(wrong[0], known, "name one of these"),
        )
    options = replace(options, **choices) if choices else options
    every = estimators == "all"
    named = [estimators] if isinstance(estimators, str) else estimators
    names = applicable(panel) if every else list(dict.fromkeys(named))
    sections = isinstance(panel, Sections)
    functions = [(estimator_of_sections if sections else estimator)(name) for name in names]
    check_applies(names, panel)
    changed = {name for name, usual in DEFAULTS.items() if getattr(options, name) != usual}
    table, given = SECTIONS_READ if sections else READS, {*choices, *changed}
    if sections:  # functions of an estimator hand on what its panel version reads, at its default
        given = changed
    check_read(names, given, table)
    scaled, unit = in_own_unit(panel)
    parts: list[Fitted] = []
    advice = ""
    for name, function in zip(names, functions, strict=True):
        try:
            check_weights(name, scaled)
            rows = (
                function(scaled, options)
                if scaled.ways is None
                else clustered_two_ways(function, scaled, options)
            )
        except InputError as error:
            if not every:
                raise
            advice = advice or error.action
            rows = [Estimate(name, "att", NAN, note=f"Not computed: {error.problem}.")]
        parts.append(rows if isinstance(rows, Fitted) else Fitted(tuple(rows)))
    if every and all(row.estimate != row.estimate for part in parts for row in part):
        raise InputError("no estimator can be computed on this panel: " + parts[0][0].note, action=advice)
    unread = {name: tuple(sorted(o for o in given if not reads([name], o, table))) for name in names}
    quiet = tuple(in_unit(without_noise(scaled, part), unit) for part in parts)
    return Results(panel, options, tuple(names), quiet, unread)


def check_read(
    names: Sequence[str], given: Iterable[str], table: dict[str, tuple[str, ...]] | None = None
) -> None:
    """Refuse options that no estimator among ``names`` reads, for they would change nothing.

    Raises
    ------
    InputError
        Names the options.
    """
    known = READS if table is None else table
    unread = sorted(option for option in given if not reads(names, option, known))
    if unread:
        what = f"{', '.join(unread)} {'is' if len(unread) == 1 else 'are'}"
        read = sorted({option for name in names for option in known[name]})
        raise InputError(
            f"{what} not used by {', '.join(names)}",
            expected=f"some of {', '.join(read)}" if read else "no options",
            action="leave it out" if len(unread) == 1 else "leave them out",
        )
