"""Write the panel for a package and its script into a folder."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import TYPE_CHECKING

from ..save import write_bytes, write_text
from .form import LABELS, Form
from .recipe import LANGUAGES, Recipe
from .script import data_name, script_of

if TYPE_CHECKING:
    import pandas as pd

    from ..notebook.results import Results

STAMP = datetime.datetime(2000, 1, 1)  # Stata's header has a time; one for all keeps the bytes


def write_export(result: Results, package: str, folder: Path | str) -> tuple[Path, Path]:
    """Write ``panel.csv`` or ``panel.dta``, and ``reproduce.R``, ``.do`` or ``.py``.

    Returns
    -------
    tuple
        Paths of the panel and of the script. Outcomes are written with all their digits.

    Raises
    ------
    InputError
        See `script.script_of`; nothing is written then.
    """
    text, form, recipe = script_of(result, package)
    data = Path(folder) / data_name(recipe)
    script = Path(folder) / f"reproduce.{LANGUAGES[recipe.language][0]}"
    write_bytes(panel_bytes(form, recipe), data)
    write_text(text, script)
    return data, script


def panel_bytes(form: Form, recipe: Recipe) -> bytes:
    """The panel as the recipe's language reads it: CSV, or a Stata file with labels."""
    if recipe.language == "Stata":
        return stata_bytes(form)
    text: str = form.table.to_csv(index=False, lineterminator="\n")
    return text.encode()


def stata_bytes(form: Form) -> bytes:
    """Panel as a Stata file with labels; names of units and periods are the labels of their numbers."""
    table = form.table
    stream = io.BytesIO()
    kept = table.drop(columns=["unit", "period"])
    kept.to_stata(
        stream,
        write_index=False,
        version=118,
        byteorder="<",
        time_stamp=STAMP,
        variable_labels={name: LABELS[name] for name in kept},
        value_labels={"id": _names(table, "id", "unit"), "t": _names(table, "t", "period")},
    )
    return stream.getvalue()


def _names(table: pd.DataFrame, number: str, name: str) -> dict[float, str]:
    pairs = table[[number, name]].drop_duplicates()
    return dict(zip(pairs[number].tolist(), pairs[name].tolist(), strict=True))
