"""Reading what an earlier step wrote: whole, with the columns and kinds that `products.yml` lists, or not.

A step may be called alone, out of order, on a folder in which a table was emptied, cut off or edited. It
stops there and names the command that makes the table anew.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from .errors import InputError
from .named import QUICK, parse_json
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
    "coverage_before": "before",
    "policy": "policy build",
    "randomization_distribution": "inference",
    "sensitivity": "inference",
    "specification_curve": "inference",
    "wave_contrasts": "bounds",
    "wave_signing": "bounds",
}
# Evidence classes, then marks of what is no evidence.
CLASSES = ("published", "bounds", "statistics", "simulated", "records", "scenario", "example", "check")
INTERVALS = (("lower", "upper"), ("ci_low", "ci_high"), ("band_low", "band_high"), ("low", "high"),
    ("printed_lower", "printed_upper"))  # fmt: skip


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
    _check_key(table, list(wanted.get("key", ())), path)
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
    _check_senses(table, path, wanted)
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


def _check_key(table: pd.DataFrame, key: list[str], path: Path) -> None:
    """No row stands twice: what is counted or averaged over a table would count it twice."""
    twice = table.duplicated(key) if key else pd.Series(dtype=bool)
    if twice.any():
        row = int(twice.idxmax())
        raise InputError(
            f"{path.name} has a row twice",
            file=path,
            row=row + 2,
            column=", ".join(key),
            value=", ".join(str(table.at[row, name]) for name in key),
            expected="one row for each",
            action=action_for(path),
        )


def _check_senses(table: pd.DataFrame, path: Path, wanted: dict[str, Any]) -> None:
    """An evidence class that there is, intervals that do not end before they begin, p-values up to one.

    And, as the list says, texts written as they have to be and numbers within their limits.
    """
    wrong: dict[str, tuple[pd.Series, str]] = {}
    if "evidence" in table and path.name != "codebook.csv":
        known = table["evidence"].isin(CLASSES)
        wrong["evidence"] = (~known, f"one of {', '.join(CLASSES)}")
    for low, high in INTERVALS:
        if {low, high} <= set(table):
            wrong[high] = (table[high] < table[low], f"no less than {low}")
    for name in ("p_value", "p_randomization"):
        if name in table:
            wrong[name] = ((table[name] < 0) | (table[name] > 1), "a share from 0 to 1")
    for name, pattern in wanted.get("written", {}).items():
        as_written = table[name].astype("string").fillna("").str.fullmatch(pattern)
        wrong[name] = (~as_written.astype(bool), f"a text such as {pattern}")
    for name, (least, largest) in wanted.get("within", {}).items():
        wrong[name] = (~table[name].between(least, largest), f"a number from {least} to {largest}")
    for name, (rows, expected) in wrong.items():
        if rows.any():
            row = int(rows.idxmax())
            raise InputError(
                f"{path.name} holds a value that no step writes", file=path, row=row + 2, column=name,
                value=str(table.at[row, name]), expected=expected, action=action_for(path),
            )  # fmt: skip


def read_product_json(path: Path) -> Any:
    """One computed JSON file.

    Raises
    ------
    InputError
        It is absent, or no JSON object or list.
    """
    found = parse_json(read_text(path, path.name, action_for(path)), path, path.name, action_for(path))
    if not isinstance(found, dict | list) or not found:
        raise InputError(f"{path.name} is empty", file=path, action=action_for(path))
    return found


@cache
def _list() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.load(LIST.read_text(encoding="utf-8"), Loader=QUICK)
    return found
