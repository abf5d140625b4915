"""Do the annual series agree with themselves? Units, provinces and jumps of ``province_annual.csv``.

The record lists every indicator with its unit, the largest change from one year to the next that it is
known to make, and where it was not printed. Another unit or a province without a series is refused. A
larger change is no proof of a slip, so it is said aloud; who has checked it raises ``largest_change`` in
the record, and it is declared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.base.errors import InputError
from analysis.base.progress import say
from analysis.inputs.corrections import apply_corrections
from analysis.inputs.descriptor import DESCRIPTOR, line_of, resource_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "province_annual.csv"
WITHOUT_SERIES = "corps"  # kind of a unit that has no statistics of its own
SHOWN = 10


def check_series(folder: Path, tables: Mapping[str, pd.DataFrame]) -> int:
    """Refuse unknown indicators, other units and absent provinces; warn of jumps, and count them."""
    listed = read_indicators(folder)
    table = apply_corrections(tables[FILE].copy(), folder, FILE)
    _refuse(folder, table[~table["indicator"].isin(list(listed))], "indicator", f"one of {', '.join(listed)}")
    units = table["indicator"].map({name: entry["unit"] for name, entry in listed.items()})
    wrong = table[table["unit"] != units]
    _refuse(
        folder, wrong, "unit", "" if wrong.empty else f"{units[wrong.index[0]]!r}, as the record lists it"
    )
    register = tables["provinces.csv"]
    codes = register.loc[register["kind"] != WITHOUT_SERIES, "code"]
    check_provinces_have_series(folder, table, codes, listed)
    found = jumps(table, {name: float(entry["largest_change"]) for name, entry in listed.items()})
    for line in describe(found):
        say(f"warning: {FILE}, {line}")
    if len(found) > SHOWN:
        say(f"warning: {FILE}, {len(found) - SHOWN} more such changes")
    return len(found)


def read_indicators(folder: Path) -> dict[str, dict[str, Any]]:
    """Unit and largest change of every indicator, as the record lists them.

    Raises
    ------
    InputError
        The list is absent or an entry lacks its unit or a change above one.
    """
    listed = resource_of(folder, FILE).get("indicators")
    expected = "indicators: a name each, with its unit and largest_change (a ratio above 1)"
    if not isinstance(listed, dict) or not listed:
        raise InputError(
            f"the record of {FILE} lists no indicators", file=folder / DESCRIPTOR, expected=expected
        )
    for name, entry in listed.items():
        fine = isinstance(entry, dict) and isinstance(entry.get("unit"), str)
        change = entry.get("largest_change") if fine else None
        if not isinstance(change, int | float) or isinstance(change, bool) or not 1 < change < float("inf"):
            raise InputError(
                f"the record of {FILE} does not describe an indicator",
                file=folder / DESCRIPTOR,
                column=f"indicators.{name}",
                value=str(entry),
                expected=expected,
            )
    return listed


def check_provinces_have_series(
    folder: Path, table: pd.DataFrame, codes: pd.Series, listed: Mapping[str, dict[str, Any]]
) -> None:
    """Every province has a row for every year of every series, but where the record says not printed."""
    for name, rows in table.groupby("indicator"):
        unprinted = listed[str(name)].get("not_printed", {})
        for year, own in rows.groupby("year"):
            excused = {str(code) for code in unprinted.get(int(year), ())}
            lacking = sorted(set(codes) - set(own["province_code"]) - excused)
            if lacking:
                raise InputError(
                    f"provinces without {name} in {year}: {', '.join(lacking)}",
                    file=folder / FILE,
                    column="province_code",
                    value=lacking[0],
                    expected="a row for every province of provinces.csv",
                    action=f"restore the rows, or list them in {DESCRIPTOR} under not_printed",
                )


def jumps(table: pd.DataFrame, largest: Mapping[str, float]) -> pd.DataFrame:
    """Rows whose value differs from the year before by a larger ratio than the record knows.

    Parameters
    ----------
    table
        ``province_annual.csv`` as text.
    largest
        Largest ratio by indicator, up or down.

    Returns
    -------
    DataFrame
        Those rows with ``number``, ``before`` (the year before) and their line in the file as index + 2.
        A value that is zero or negative is one of them where the year before was positive, and back.
    """
    rows = table[table["value"] != ""].assign(
        number=lambda t: pd.to_numeric(t["value"]), y=lambda t: t["year"].astype(int)
    )
    rows = rows.sort_values(["province_code", "indicator", "y"], kind="stable")
    groups = rows.groupby(["province_code", "indicator"])
    rows = rows.assign(before=groups["number"].shift(), apart=rows["y"] - groups["y"].shift())
    rows = rows[rows["apart"] == 1]
    limit = rows["indicator"].map(largest)
    ratio = rows["number"] / rows["before"].where(rows["before"] != 0)
    sign = (rows["number"] > 0) != (rows["before"] > 0)
    return rows[sign | (ratio > limit) | (ratio < 1 / limit)]


def describe(found: pd.DataFrame) -> list[str]:
    """One line for each of the first jumps."""
    return [
        f"row {line_of(row.Index)}, column value: {row.indicator} of province {row.province_code} goes from "
        f"{_plain(row.before)} to {row.value} in {row.year}; compare with the print, and raise "
        f"largest_change in {DESCRIPTOR} if it is true"
        for row in found.head(SHOWN).itertuples()
    ]


def _plain(number: float) -> str:
    return re.sub(r"\.0$", "", f"{number:.10g}")


def _refuse(folder: Path, wrong: pd.DataFrame, column: str, expected: str) -> None:
    if not wrong.empty:
        row = wrong.iloc[0]
        raise InputError(
            f"unknown {column}" if column == "indicator" else f"another {column} of {row['indicator']}",
            file=folder / FILE,
            row=line_of(wrong.index[0]),
            column=column,
            value=row[column],
            expected=expected,
            action=f"correct the cell, or add the {column} to {DESCRIPTOR} with the step that reads it",
        )
