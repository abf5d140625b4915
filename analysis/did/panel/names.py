"""Names of units and clusters: two that only look different are one, two that look alike are said.

Names that differ by blanks, by letters that nobody sees, or by how a letter is stored, are one name. Names
that differ by capitals, leading zeros or ``.0`` stay apart, and are said: a spreadsheet may have made them.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from .gate import listing


def read_names(values: pd.Series, column: str) -> tuple[pd.Series, list[str]]:
    """Names as they are meant, and sentences on which were joined or look alike.

    Parameters
    ----------
    values
        As written; what is no text stays as it is.
    column
        Named in the sentences.
    """
    if pd.api.types.is_numeric_dtype(values):
        return values, []
    codes, distinct = pd.factorize(values)
    if not any(isinstance(value, str) for value in distinct):
        return values, []
    written = list(distinct)
    tidy = [(" ".join(value.split()) or None) if isinstance(value, str) else value for value in written]
    seen = [_as_seen(name) if isinstance(name, str) else name for name in tidy]
    notes = _said(written, tidy, column, "names that differ by blanks only are one")
    notes += _said(tidy, seen, column, "names that look the same are one")
    joined = {name for name, found in _groups(tidy, seen).items() if len(found) > 1}
    names = [as_seen if as_seen in joined else name for name, as_seen in zip(tidy, seen, strict=True)]
    notes += _said(names, [_rough(name) for name in names], column, "these names are different, though alike")
    if names == written:
        return values, notes
    cells = np.array([*names, None], dtype=object)[codes]
    return pd.Series(cells, index=values.index, name=values.name), notes


def _as_seen(name: str) -> str:
    """Name without letters that nobody sees, in one way of storing letters, at single width."""
    visible = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    narrow = [
        unicodedata.normalize("NFKC", x) if unicodedata.east_asian_width(x) in "FH" else x for x in visible
    ]
    return unicodedata.normalize("NFC", "".join(narrow))


def _rough(name: Any) -> str:
    """Name without capitals, leading zeros and ``.0``."""
    text = str(name).casefold()
    whole = text.removesuffix(".0")
    return (whole.lstrip("0") or "0") if whole.isdecimal() else text


def _groups(names: list[Any], keys: list[Any]) -> dict[Any, list[Any]]:
    """Different names of each key."""
    found: dict[Any, dict[Any, None]] = {}
    for name, key in zip(names, keys, strict=True):
        if name is not None:
            found.setdefault(key, {})[name] = None
    return {key: list(own) for key, own in found.items()}


def _said(names: list[Any], keys: list[Any], column: str, what: str) -> list[str]:
    """Sentence on the names that share a key; none where none do."""
    alike = [sorted(map(repr, found)) for found in _groups(names, keys).values() if len(found) > 1]
    return [f"Column {column}: {what}: {listing([' and '.join(own) for own in alike])}."] if alike else []
