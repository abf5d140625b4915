"""Reading what an earlier step wrote: whole, with the columns and kinds that `products.yml` lists, or not.

A step may be called alone, out of order, on a folder in which a table was emptied, cut off or edited. It
stops there and names the command that makes the table anew.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from .errors import InputError
from .reading import read_csv, read_text

LIST = Path(__file__).with_name("products.yml")
# The command that writes a table, where it is not the table's own name.
MADE_BY = {
    "agreement": "agreement",
    "bounds": "bounds",
    "bounds_support": "bounds",
    "codebook": "panel",
    "current_cover": "bounds",
    "estimates": "estimate",
    "exhibits": "exhibits",
    "forecast_scores": "forecast",
    "inference": "inference",
    "lab": "lab",
    "missing_figures": "bounds",
    "numbers": "numbers",
    "panel": "panel",
    "plan": "plan",
    "platform_counts": "bounds",
    "policy": "policy build",
    "randomization_distribution": "inference",
    "sensitivity": "inference",
    "specification_curve": "inference",
    "wave_contrasts": "bounds",
    "wave_signing": "bounds",
}


def action_for(path: Path) -> str:
    """What to do when a product is absent or damaged."""
    step = MADE_BY.get(path.stem)
    return f"make it anew: python -m analysis {step}, or `make`" if step else "make it anew with `make`"


def read_product(path: Path, text: tuple[str, ...] = ("province_code",)) -> pd.DataFrame:
    """One computed table, with the columns of ``text`` as text.

    Raises
    ------
    InputError
        It is absent, cut off or no table; lacks a column of `products.yml` or the rows that a result needs;
        or holds text in a column of numbers.
    """
    wanted = _list().get(path.name, {})
    numbers, texts = tuple(wanted.get("numbers", ())), tuple(wanted.get("text", ()))
    table = read_csv(
        path, f"{path.name}", action_for(path), columns=(*texts, *numbers),
        empty=bool(wanted.get("may_be_empty")), ended=True, dtype=dict.fromkeys(text, "str"),
        low_memory=False,
    )  # fmt: skip
    _check_balanced(table, tuple(wanted.get("balanced", ())), path)
    for name in numbers:
        if name in text:
            continue
        values = table[name]
        if not pd.api.types.is_numeric_dtype(values):
            values = pd.to_numeric(values.astype("string").str.slice(0, 40), errors="coerce").astype(
                "float64"
            )
        wrong = table.index[(values.isna() & table[name].notna()) | np.isinf(values)]
        if len(wrong):
            raise InputError(
                f"{path.name} holds no number where one belongs",
                file=path,
                row=int(wrong[0]) + 2,
                column=name,
                value=str(table.at[wrong[0], name]),
                expected="a number, or an empty cell",
                action=action_for(path),
            )
    return table


def _check_balanced(table: pd.DataFrame, key: tuple[str, ...], path: Path) -> None:
    """A table that has every combination of its key was not cut off between two lines."""
    whole = 1
    for name in key:
        whole *= table[name].nunique()
    if key and (len(table) != whole or table.duplicated(list(key)).any()):
        raise InputError(
            f"{path.name} has {len(table)} rows, and not one for each of {' and '.join(key)}",
            file=path,
            expected=f"{whole} rows",
            action=action_for(path),
        )


def read_product_json(path: Path) -> Any:
    """One computed JSON file.

    Raises
    ------
    InputError
        It is absent, or no JSON object or list.
    """
    text = read_text(path, path.name, action_for(path))
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(
            f"{path.name} is no JSON: {error}", file=path, expected="the file as its step wrote it",
            action=action_for(path),
        ) from None  # fmt: skip
    if not isinstance(found, dict | list) or not found:
        raise InputError(f"{path.name} is empty", file=path, action=action_for(path))
    return found


@cache
def _list() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return found
