"""Inference and sensitivity that take a result: each asks the same question of the same panel and choices."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd

from ..errors import InputError
from ..panel.sections import Sections
from ..registry import ON_REQUEST, estimator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .results import Results

PARTS = ("unit", "cohort")


def check_followed(result: Results) -> None:
    """Refuse repeated cross-sections: their rows do not trade places and are not left out one by one.

    Raises
    ------
    InputError
        The result is of cross-sections.
    """
    if isinstance(result.panel, Sections):
        raise InputError(
            "this check follows units over time, and here every row is another one",
            action="average within areas and periods, and check that panel",
        )


def randomization(
    result: Results,
    *,
    terms: Sequence[str] = ("att", "event"),
    studentised: bool = False,
    draws: int = 99_999,
) -> pd.DataFrame:
    """Randomisation p-values: how often another choice of treated units gives as large an estimate.

    Parameters
    ----------
    result
        Of one estimator that is linear in outcomes (all but the synthetic ones), on a balanced panel
        without weights and covariates. Its options give the seed.
    terms
        Terms tested.
    studentised
        Divide each estimate by its error under the same assignment.
    draws
        Assignments drawn where all are too many.

    Returns
    -------
    DataFrame
        One row per estimate: ``term``, ``event_time``, ``estimate``, ``statistic``, ``p_value``,
        ``assignments`` compared, whether these are all (``exact``), and ``mc_error``.

    Raises
    ------
    InputError
        The panel or the estimator has no linear form, or there is nothing to reassign.

    Examples
    --------
    Seven of fourteen units with an outcome that sorts them: of 3,432 choices two are as extreme.

    >>> import numpy as np
    >>> import rollout_did as did
    >>> outcome = np.column_stack([np.zeros(14), np.arange(14.0)])
    >>> starts = np.where(np.arange(14) >= 7, 1, did.NEVER)
    >>> panel = did.Panel.from_arrays(outcome, starts)
    >>> table = did.randomization(did.twfe(panel))
    >>> int(table["assignments"][0]), round(table["p_value"][0] * 3432)
    (3432, 2)
    """
    check_followed(result)
    from ..inference.randomization import randomization_tests

    if result.name in ON_REQUEST:
        raise InputError(
            f"{result.name} is not linear in outcomes, so that reassignments cannot be tried",
            action="take a linear estimator such as group_time",
        )
    tests = randomization_tests(
        result.panel, result.name, result.options, terms=tuple(terms), studentised=studentised, draws=draws,
        seed=result.options.seed,
    )  # fmt: skip
    rows = [
        {
            "term": test.estimate.term, "event_time": test.estimate.event_time,
            "estimate": test.estimate.estimate, "statistic": test.statistic, "p_value": test.p_value,
            "assignments": test.assignments, "exact": test.exact, "mc_error": test.error,
        }
        for test in tests
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"event_time": "Int64"})


def wild(
    result: Results, *, weights: str = "rademacher", draws: int = 9_999, terms: Sequence[str] = ("att",)
) -> pd.DataFrame:
    """Wild cluster bootstrap of a two-way regression: p-values and confidence sets by inversion.

    Parameters
    ----------
    result
        Of ``twfe`` or ``event_study_twfe``. Its options give level and seed.
    weights
        ``rademacher`` or, for very few clusters, ``webb``.
    draws
        Draws where not all sign changes can be gone through.
    terms
        Terms tested.

    Returns
    -------
    DataFrame
        One row per estimate: the fields of `inference.record.Inference`.

    Raises
    ------
    InputError
        Another estimator, or unknown weights.

    Examples
    --------
    >>> import rollout_did as did
    >>> table = did.wild(did.twfe(did.example_panel()), draws=999)
    >>> table["term"].tolist(), bool(table["ci_low"][0] > 0)
    (['att'], True)
    """
    from ..inference.variation import check_one_way
    from ..inference.wild import wild_tests

    check_followed(result)
    check_one_way(result.panel)
    tests = wild_tests(
        result.panel, result.name, result.options, weights=weights, draws=draws, seed=result.options.seed,
        terms=tuple(terms),
    )  # fmt: skip
    return pd.DataFrame([asdict(test) for test in tests])


def leave_one_out(result: Results, *, what: str = "unit", term: str = "att") -> pd.DataFrame:
    """The estimate without each unit, or without each cohort, in turn.

    Parameters
    ----------
    result
        Of one estimator.
    what
        ``unit`` or ``cohort``.
    term
        Term followed.

    Returns
    -------
    DataFrame
        One row per unit or cohort: ``left_out``, ``estimate``, ``std_error``, ``p_value``, ``note``. Where
        nothing can be estimated without it, the estimate is missing and the note says why.

    Raises
    ------
    InputError
        Another ``what``, or no cohort can be left out.

    Examples
    --------
    >>> import rollout_did as did
    >>> did.leave_one_out(did.group_time(did.example_panel()), what="cohort")["left_out"].tolist()
    ['2018', '2020', 'never']
    """
    check_followed(result)
    from ..inference.leave_out import leave_one_cohort_out, leave_one_unit_out
    from ..inference.variation import check_one_way

    check_one_way(result.panel)
    estimator(result.name)  # refuses the triple difference, which needs to know who is eligible
    if what not in PARTS:
        raise InputError(f"what is {what!r}", expected=f"one of {', '.join(PARTS)}")
    leave = leave_one_unit_out if what == "unit" else leave_one_cohort_out
    return pd.DataFrame(
        [
            {
                "left_out": refit.changed, "estimate": refit.estimate.estimate,
                "std_error": refit.estimate.std_error, "p_value": refit.estimate.p_value,
                "note": refit.estimate.note,
            }
            for refit in leave(result.panel, result.name, result.options, term=term)
        ]
    )  # fmt: skip
