"""Covariates as people write them: numbers, yes or no, groups, and formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError
from . import codes
from .gate import MARKED, check_columns, counted, listing, read_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

COLOURS = re.compile(r"\x1b\[[0-9;]*m|[\u29da\u29db]")  # with which formulaic marks the place
FACTOR = re.compile(r"C\((.+)\)")  # a column of numbers that are names of groups
MOST_LEVELS = 100
# What a formula may call: formulaic computes any Python, lag shifts rows whoever they belong to, and hashed
# merges groups by chance.
FUNCTIONS = (
    "C", "I", "Q", "abs", "bs", "cc", "center", "contr.diff", "contr.helmert", "contr.poly", "contr.sum",
    "contr.treatment", "cr", "cs", "exp", "exp10", "log", "log10", "log1p", "log2", "np.abs", "np.exp",
    "np.log", "np.log10", "np.log1p", "np.log2", "np.sqrt", "poly", "scale", "sqrt",
)  # fmt: skip
CALLED = re.compile(r"([\w.\])]+)\s*\(")
POWER = re.compile(
    r"(?:\*\*|\^)(?![1-9](?!\*\*|[\w.^]))"
)  # of more than one digit: the expansion would never end


@dataclass(frozen=True)
class Covariates:
    """K covariates in R rows.

    Parameters
    ----------
    names
        K; a group of a factor is ``column[group]``.
    table
        (R, K), NaN where missing.
    missing
        (R,) whether a row has an outcome and lacks a covariate.
    notes
        What was read as a factor.
    """

    names: tuple[str, ...]
    table: NDArray[np.float64]
    missing: NDArray[np.bool_]
    notes: list[str]


def is_formula(asked: Sequence[str] | str) -> bool:
    """Whether covariates are a formula such as ``~ log(income) + C(region)``."""
    return isinstance(asked, str) and "~" in asked


def columns_of(frame: pd.DataFrame, asked: Sequence[str] | str) -> list[str]:
    """Columns of the table that covariates are made of; with a formula, all that may be."""
    if is_formula(asked):
        return list(frame.columns)
    if not isinstance(asked, str) and not len(asked):
        return []
    entries = [asked] if isinstance(asked, str) else asked
    return [name for name in frame.columns if name in entries or f"C({name})" in entries]


def check_not_the_outcome(frame: pd.DataFrame, asked: Sequence[str] | str, outcome: str) -> None:
    """Refuse a covariate that is the outcome: it would explain every effect away.

    Raises
    ------
    InputError
        The outcome's column is named among the covariates, or in a formula.
    """
    if isinstance(asked, str) and is_formula(asked):
        right = asked.partition("~")[2]
        quoted, bare = re.findall(r"`([^`]*)`", right), re.sub(r"`[^`]*`", " ", right)
        named = {*quoted, *re.findall(r"\b[^\W\d]\w*\b(?!\s*[(.])", bare)}
    else:
        named = set(columns_of(frame, asked))
    if outcome in named:
        raise InputError(
            "the outcome is named as a covariate too: nothing would be left to explain",
            column=outcome,
            action="leave it out of the covariates",
        )


def read_covariates(frame: pd.DataFrame, asked: Sequence[str] | str, seen: NDArray[np.bool_]) -> Covariates:
    """Read covariates.

    Parameters
    ----------
    frame
        The table, R rows.
    asked
        Names of columns, or the right-hand side of a formula of formulaic. A column of numbers enters as it
        is, one of yes and no as 1 and 0, one of texts or categories, or ``C(column)``, as an indicator of
        each group but the first.
    seen
        (R,) rows with an outcome: groups are those that occur in them.

    Raises
    ------
    InputError
        A covariate cannot be read, or a formula cannot be computed.
    """
    if isinstance(asked, str) and is_formula(asked):
        return _of_formula(frame, asked, seen)
    names: list[str] = []
    columns: list[NDArray[np.float64]] = []
    notes: list[str] = []
    for entry in [asked] if isinstance(asked, str) else asked:
        match = None if entry in frame.columns else FACTOR.fullmatch(entry)
        column = match[1] if match else entry
        check_columns(frame, [column])
        values = frame[column]
        if match or _is_factor(values):
            groups, found = _indicators(values, column, seen)
            names += [f"{column}[{group}]" for group in groups[1:]]
            columns += list(found.T)
            notes.append(
                f"Covariate {column} is a factor of {counted(len(groups), 'group')}; {groups[0]} is the one "
                "that the others are compared with."
            )
            continue
        number = yes_or_no(values)
        if number is None:
            number = read_numbers(values, column, "covariate")
            notes += codes.suspects(number, column)
        names.append(column)
        columns.append(number)
    if not columns:
        return Covariates((), np.empty((len(frame), 0)), np.zeros(len(frame), dtype=bool), [])
    table = np.column_stack(columns)
    return Covariates(tuple(names), table, seen & np.isnan(table).any(axis=1), notes)


def _is_factor(values: pd.Series) -> bool:
    """Whether a column holds names of groups: categories, or texts of which none is a number."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return True
    if values.dtype.kind in "biufcmM" or yes_or_no(values) is not None:
        return False
    distinct = values.dropna().unique()
    texts = all(isinstance(value, str) for value in distinct)
    if len(distinct) and texts and all(MARKED.fullmatch(value.strip()) for value in distinct):
        return False  # numbers with a decimal comma are no names of groups
    return texts and bool(pd.to_numeric(pd.Series(distinct, dtype=object), errors="coerce").isna().all())


def yes_or_no(values: pd.Series) -> NDArray[np.float64] | None:
    """1 and 0 for true and false, NaN where missing; nothing where a column holds anything else."""
    distinct = values.dropna().unique()
    if len(distinct) and all(isinstance(value, bool | np.bool_) for value in distinct):
        found: NDArray[np.float64] = values.astype(object).where(values.notna(), np.nan).to_numpy(dtype=float)
        return found
    return None


def _indicators(
    values: pd.Series, column: str, seen: NDArray[np.bool_]
) -> tuple[list[str], NDArray[np.float64]]:
    """Groups in order, and (R, groups - 1) indicators of all but the first."""
    used = values[seen].dropna()
    declared = isinstance(values.dtype, pd.CategoricalDtype)
    groups = (
        [g for g in values.cat.categories if (used == g).any()]
        if declared
        else sorted(used.unique(), key=_order)
    )
    if len(groups) > MOST_LEVELS:
        raise InputError(
            f"covariate {column!r} has {len(groups)} groups: it looks like a name of each row or unit",
            column=column,
            expected=f"a factor of at most {MOST_LEVELS} groups",
            action="join groups, or leave it out: unit effects are in every comparison",
        )
    own = values.to_numpy(dtype=object)
    found = np.array([[value == group for group in groups[1:]] for value in own], dtype=float)
    found = found.reshape(len(own), max(len(groups) - 1, 0))
    found[values.isna().to_numpy()] = np.nan
    if len(groups) < 2:
        raise InputError(
            f"covariate {column!r} has one group in all rows with an outcome", action=f"leave {column!r} out"
        )
    labels = [f"{g:g}" if isinstance(g, float) else str(g) for g in groups]
    return labels, found


def _order(value: object) -> tuple[int, float, str]:
    """Numbers in their order, then words in theirs."""
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, str(value))


def _of_formula(frame: pd.DataFrame, formula: str, seen: NDArray[np.bool_]) -> Covariates:
    """Columns of formulaic's model matrix but the constant; rows that it cannot compute are missing."""
    from formulaic import model_matrix
    from formulaic.errors import FormulaicError

    left, _, right = formula.partition("~")
    bare = re.sub(r"`[^`]*`", "x", right)  # names of columns are no code
    called = [name for name in CALLED.findall(bare) if name not in FUNCTIONS]
    if left.strip() or called or POWER.search("".join(bare.split())) or "__" in bare:
        raise InputError(
            f"the formula is {formula!r}",
            value=called[0] if called else None,
            expected="a right-hand side such as ~ log(income) + C(region), of columns and of "
            f"{', '.join(FUNCTIONS)}, with powers of one digit",
            action="name the outcome apart; make lags within units before, as columns of the table",
        )
    rows = np.flatnonzero(seen)
    data = frame.iloc[rows].set_axis(pd.Index([f"r{k}" for k in rows.tolist()]), axis=0)
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            matrix = model_matrix(f"~ {right}", data, na_action="drop", context={})
    except (FormulaicError, SyntaxError, TypeError, ValueError) as error:
        raise InputError(
            f"the formula {formula!r} cannot be computed: {COLOURS.sub('', str(error))}",
            expected=f"columns of the table, such as {', '.join(map(str, frame.columns[:5]))}",
            action="write a column with blanks in its name between backticks",
        ) from error
    matrix = matrix.drop(columns="Intercept", errors="ignore")
    kept = np.array([int(label[1:]) for label in matrix.index], dtype=int)
    values = np.full((len(frame), matrix.shape[1]), np.nan)
    values[kept] = matrix.to_numpy(dtype=float)
    names = tuple(map(str, matrix.columns))
    infinite = np.argwhere(np.isinf(values))
    if infinite.size:
        row, k = infinite[0].tolist()
        raise InputError(
            f"{names[k]} is infinite", row=row + 2, column=names[k], value=float(values[row, k]),
            action="change the formula, or leave these rows out: the logarithm of 0 is no number",
        )  # fmt: skip
    if not names:
        raise InputError(f"the formula {formula!r} has no covariate")
    notes = [f"Covariates by the formula {formula.strip()}: {listing(names)}."]
    return Covariates(names, values, seen & np.isnan(values).any(axis=1), notes)
