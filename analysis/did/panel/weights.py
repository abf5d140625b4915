"""Sampling weights: how many others a unit stands for, as one number or one for each period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from . import codes
from .gate import check_positive, constant_by_unit, counted, read_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

WEIGHTS_VARY = ("refuse", "first", "mean", "period")
HINT = (
    "let varying weights be first, and the weight of the unit's first observed period stands; mean, and the "
    "mean over its observed periods does; or period, and each row counts with its own"
)

RULES = {
    "first": "the first observed period's weight stands in all periods of a unit",
    "mean": "their mean stands in all periods of a unit",
    "period": "each row counts with its own, and cohorts with those of the units' first observed periods",
}


def read_weights(
    values: pd.Series,
    column: str,
    vary: str,
    unit: NDArray[np.int64],
    position: NDArray[np.int64],
    seen: NDArray[np.bool_],
    units: Sequence[Any],
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, list[str]]:
    """(N,) positive weights; (R,) those of the rows, where they count as they change; what was assumed.

    Parameters
    ----------
    values, column
        (R,) as written, and its name.
    vary
        One of `WEIGHTS_VARY`. With ``first`` and ``mean`` the estimand is the effect in the population that
        the weights of that period, or the mean weights, stand for: it does not move because weights move.
    unit, position, seen
        (R,) unit and period of each row, and whether it has an outcome.
    units
        Names of the N units.

    Raises
    ------
    InputError
        A weight is no positive number, or changes within a unit and that is to be refused.
    """
    if vary not in WEIGHTS_VARY:
        raise InputError(f"weights_vary is {vary!r}", expected=f"one of {', '.join(WEIGHTS_VARY)}")
    read = read_numbers(values, column, "weight")
    notes = codes.suspects(read, column)
    if vary == "refuse":
        found = constant_by_unit(
            np.where(np.isnan(read), -np.inf, read),
            unit,
            units,
            "weight",
            HINT,
            column=column,
            written=values,
        )
        check_positive(found, units, "a weight")
        return found, None, notes
    rows = np.flatnonzero(seen)
    rows = rows[np.argsort(position[rows], kind="stable")]
    wrong = rows[~(read[rows] > 0)]
    if wrong.size:
        raise InputError(
            f"{counted(wrong.size, 'row has', 'rows have')} an outcome and a weight that is zero, negative "
            "or missing",
            row=int(wrong.min()) + 2,
            column=column,
            expected="a positive number",
            action="correct the weight, or take the row out",
        )
    count = np.bincount(unit[rows], minlength=len(units))
    total = np.bincount(unit[rows], read[rows], minlength=len(units))
    first = np.ones(len(units))
    first[unit[rows[::-1]]] = read[rows[::-1]]
    moving = np.unique(unit[rows][read[rows] != first[unit[rows]]])
    if moving.size:
        notes.append(f"Weights change within {counted(moving.size, 'unit')}: {RULES[vary]}.")
    if vary == "period":
        # Weights that do not change are one number a unit, which every estimator takes.
        own = np.where(read > 0, read, np.nan)
        return first, own if moving.size else None, notes
    mean = np.where(count > 0, total / np.maximum(count, 1), 1.0)
    return first if vary == "first" else mean, None, notes
