"""Monthly incomes from a file or a list: consecutive months, no gap, whole fen.

File columns: ``month`` (YYYY-MM) and ``income`` (yuan); ``worker`` where there are several; ``orders``
where they are known. Every worker has the same months.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.base.errors import InputError
from analysis.base.reading import read_csv
from analysis.policy.money import FEN_PER_YUAN, decimal_of, whole_units

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.policy.sharing import Fen


EARLIEST = "1949"  # a month before it is a slip, and pandas would count every month since


@dataclass(frozen=True)
class Paths:
    """Incomes in fen, (workers, months), with the names of both; ``orders`` missing when not given."""

    workers: tuple[str, ...]
    months: tuple[str, ...]
    incomes: Fen
    orders: Fen | None


def read_list(text: str) -> Paths:
    """One worker's incomes from a list such as ``5200,4100,0``; months are numbered from 1."""
    values = [part.strip() for part in text.split(",")]
    blank = [str(place) for place, value in enumerate(values, 1) if value == ""]
    if blank:
        raise InputError(
            f"no income for month {', '.join(blank)}: the list has a gap",
            value=text,
            expected="one income per month, 0 for a month without orders",
        )
    fen = [whole_units(value, FEN_PER_YUAN, f"income of month {n}") for n, value in enumerate(values, 1)]
    months = tuple(str(n) for n in range(1, len(fen) + 1))
    return Paths(("1",), months, np.array([fen], dtype=np.int64), None)


def read_file(path: Path) -> Paths:
    """Incomes from a CSV file.

    Raises
    ------
    InputError
        The file or a column is missing, a month is no month, months have a gap or repeat, workers have
        different months, or an income is negative or finer than a fen. The message names the row.
    """
    table = read_csv(
        path,
        "the file of incomes",
        "columns are month (YYYY-MM) and income (yuan); worker and orders are optional",
        ("month", "income"),
        dtype=str,
        keep_default_na=False,
    )
    worker = table["worker"] if "worker" in table else pd.Series("1", table.index)
    table = table.assign(worker=worker, line=np.arange(len(table)) + 2)
    table["period"] = [
        _month(value, path, line) for value, line in zip(table["month"], table["line"], strict=True)
    ]
    months = pd.period_range(table["period"].min(), table["period"].max(), freq="M")
    _check_complete(table, months, path)
    table["fen"] = _column(table, "income", path, FEN_PER_YUAN)
    wide = table.pivot(index="worker", columns="period", values="fen").astype(np.int64)
    orders = None
    if "orders" in table:
        table["count"] = _column(table, "orders", path, 1)
        orders = table.pivot(index="worker", columns="period", values="count").astype(np.int64).to_numpy()
    names = tuple(str(month) for month in months)
    return Paths(tuple(wide.index), names, wide.to_numpy(), orders)


def _month(value: str, path: Path, line: int) -> pd.Period:
    text = value.strip()
    if (
        len(text) == 7
        and text.isascii()
        and text[:4] >= EARLIEST
        and text[4] == "-"
        and text[:4].isdigit()
        and text[5:].isdigit()
        and "01" <= text[5:] <= "12"
    ):
        return pd.Period(text, freq="M")
    raise InputError("no month", file=path, row=line, column="month", value=value, expected="YYYY-MM")


def _check_complete(table: pd.DataFrame, months: pd.PeriodIndex, path: Path) -> None:
    twice = table[table.duplicated(["worker", "period"])]
    if not twice.empty:
        row = twice.iloc[0]
        problem = f"month {row['period']} of worker {row['worker']} stands twice"
        raise InputError(problem, file=path, row=row["line"], expected="one row per worker and month")
    for worker, group in table.groupby("worker"):
        gaps = months.difference(pd.PeriodIndex(group["period"]))
        if len(gaps):
            raise InputError(
                f"worker {worker} has no row for {', '.join(str(gap) for gap in gaps)}",
                file=path,
                column="month",
                expected=f"every month from {months[0]} to {months[-1]}, income 0 without orders",
            )


def _column(table: pd.DataFrame, name: str, path: Path, per_unit: int) -> list[int]:
    values = []
    for text, line in zip(table[name], table["line"], strict=True):
        try:
            values.append(whole_units(decimal_of(text, name), per_unit, name))
        except InputError as error:
            expected = error.expected or "a number, zero or more"
            raise InputError(
                error.problem, file=path, row=line, column=name, value=text, expected=expected
            ) from error
    return values
