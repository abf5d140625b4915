"""A small linear program in named quantities: the range of a sum that limits and relations allow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Weights = dict[str, float]
Relation = tuple[Weights, float, float]  # lower <= weights @ quantities <= upper
MILLION = 1e6  # keeps the program's numbers near one


def ends(
    weights: Weights, limits: Mapping[str, tuple[float, float]], relations: Sequence[Relation]
) -> tuple[float, float]:
    """Smallest and largest value of ``weights @ quantities``, in persons; infinite where open.

    Parameters
    ----------
    weights
        By name of the quantity; others weigh nothing.
    limits
        Lower and upper end of every quantity, in persons.
    relations
        Weighted sums with their own ends, in persons.

    Raises
    ------
    InputError
        When no values agree with all limits and relations.
    """
    from scipy.optimize import linprog

    names = list(limits)
    matrix = np.array([[row.get(name, 0.0) for name in names] for row, _, _ in relations]).reshape(
        -1, len(names)
    )
    low = np.array([lower for _, lower, _ in relations]) / MILLION
    high = np.array([upper for _, _, upper in relations]) / MILLION
    rows, right = np.vstack([matrix, -matrix]), np.concatenate([high, -low])
    kept = np.isfinite(right)
    found = []
    for sign in (1.0, -1.0):
        cost = [sign * weights.get(name, 0.0) for name in names]
        box = [tuple(end / MILLION for end in limits[name]) for name in names]
        answer = linprog(cost, A_ub=rows[kept], b_ub=right[kept], bounds=box, method="highs")
        if answer.status == 2:
            raise InputError(
                "these printed counts and assumptions cannot all be true: " + ", ".join(names),
                file="published_figures.csv",
                action="check the rows, or drop the assumption from analysis/config.py",
            )
        value = sign * answer.fun * MILLION if answer.status == 0 else -sign * math.inf
        found.append(round(value, 3) + 0.0)  # the solver's rounding; no minus zero
    return found[0], found[1]
