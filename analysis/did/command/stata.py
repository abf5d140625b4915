"""Read a Stata file: labels mean what they say, and missing values keep their letters in a note."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.io.stata import StataMissingValue

from ..errors import InputError
from ..panel.gate import counted, listing
from ..panel.starts import NEVER_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read_stata(
    path: Path, ids: Sequence[str], periods: Sequence[str] = (), numbers: Sequence[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Read a file ``.dta``.

    Parameters
    ----------
    path
        The file.
    ids
        Columns of ids: labels are their names where they tell all codes apart.
    periods
        Columns of periods and cohorts: labels are what is meant where there are any; ``encode`` makes them.
    numbers
        Columns of numbers: codes are the numbers, and a label that only some of them have is said.

    Returns
    -------
    tuple
        The table, and sentences on labels and on the letters of missing values.

    Raises
    ------
    InputError
        Some periods have labels and others none, so that neither says what is meant.
    """
    table = pd.read_stata(path, convert_categoricals=False)
    notes = []
    for name in dict.fromkeys([*ids, *periods, *numbers]):
        if name not in table:
            continue
        notes += _letters(path, name)
        if not pd.api.types.is_numeric_dtype(table[name]):
            continue
        labels = _labels(path, name, table[name])
        if labels is None:
            notes.append(f"Column {name}: two codes share a label, so the codes serve as names.")
        elif not labels:
            continue
        elif name in ids:
            if len(labels) == table[name].nunique():
                table[name] = table[name].map(labels)
            else:
                notes.append(f"Column {name}: some codes have no label, so the codes serve as names.")
        elif name in periods:
            table[name], said = _meant(table[name], labels, path)
            notes += said
        elif len(labels) < table[name].nunique():
            rows = [f"{code:g} ({text!r})" for code, text in labels.items()]
            count = counted(int(table[name].isin(list(labels)).sum()), "row")
            notes.append(
                f"Column {name}: only some numbers have a label, in {count}: {listing(rows)}. They are read "
                "as numbers; if they are codes for missing, make them missing."
            )
    return table, notes


def _labels(path: Path, name: str, codes: pd.Series) -> dict[Any, str] | None:
    """Label of each code that has one; none where two codes share one."""
    try:
        labelled = pd.read_stata(path, columns=[name])[name]
    except ValueError:  # pandas: two codes have one label
        return None
    if not isinstance(labelled.dtype, pd.CategoricalDtype):
        return {}
    pairs = pd.DataFrame({"code": codes, "text": labelled.astype(object)}).dropna().drop_duplicates()
    return {row.code: row.text for row in pairs.itertuples() if isinstance(row.text, str)}


def _meant(codes: pd.Series, labels: dict[Any, str], path: Path) -> tuple[pd.Series, list[str]]:
    """Periods by their labels where all have one; of codes that are periods, only words for never count."""
    if all(text.strip() == f"{code:g}" for code, text in labels.items()):
        return codes, []
    whole = len(labels) == codes.nunique()
    if not whole and not all(text.strip().lower() in NEVER_WORDS for text in labels.values()):
        code, text = next((c, t) for c, t in labels.items() if t.strip().lower() not in NEVER_WORDS)
        raise InputError(
            "some codes have a label and others none",
            file=path,
            column=str(codes.name),
            value=f"{code:g}, labelled {text!r}",
            expected="a label for every code, or none",
            action="in Stata, decode the column, or drop its labels with: label values " + str(codes.name),
        )
    shown = listing([f"{code:g} is {text!r}" for code, text in labels.items()])
    return codes.astype(object).replace(labels), [f"Column {codes.name}: labels were read: {shown}."]


def _letters(path: Path, name: str) -> list[str]:
    """Say how often each of Stata's missing values with a letter stands in a column."""
    # Dates stay numbers here: pandas cannot make dates of missing values that keep their letters.
    values = pd.read_stata(
        path, columns=[name], convert_missing=True, convert_categoricals=False, convert_dates=False
    )[name]
    if values.dtype != object:
        return []
    found = Counter(value.string for value in values if isinstance(value, StataMissingValue))
    lettered = sorted((letter, count) for letter, count in found.items() if letter != ".")
    if not lettered:
        return []
    said = ", ".join(f"{letter} in {counted(count, 'row')}" for letter, count in lettered)
    return [f"Column {name}: missing values of Stata with a letter were read as empty: {said}."]
