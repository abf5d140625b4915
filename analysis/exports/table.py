"""Rows of text into one checked table: title rows, header, 31 provinces, notes.

The form is that of the statistics office's database by province, as public copies show it::

    数据库：分省年度数据
    指标：年末常住人口(万人)
    时间：最近10年
    地区,2024年,2023年,...
    北京市,2183,2186,...
    ...
    注：...
    数据来源：国家统计局

Quarters are read as 2024年第四季度, which is assumed: no public copy was seen. What differs is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.errors import InputError
from analysis.exports.catalogue import DATABASES, Series, identify
from analysis.exports.grid import read_grid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLACE = "地区"
YEAR = re.compile(r"^(\d{4})\s*年?$")
QUARTER = re.compile(r"^(\d{4})\s*年\s*第?\s*([一二三四1-4])\s*季度$")
DIGITS = {"一": "1", "二": "2", "三": "3", "四": "4"}
NOTE = ("注", "数据来源", "说明", "　")
TOTALS = ("全国", "总计", "合计", "全国合计", "全国总计", "Total", "National", "China")
NUMBER = re.compile(r"^-?\d{1,3}(,\d{3})*(\.\d+)?$|^-?\d+(\.\d+)?$")
BLANK = ("", "-", "—", "--", "…", "...")
AGAIN = "export the table again for all 31 provinces and do not edit it"


@dataclass(frozen=True)
class Export:
    """One exported file.

    Parameters
    ----------
    series
        Which table.
    cells
        ``province_code, period, value``; periods ``2024`` or ``2024Q4``, values in the table's unit,
        missing where blank.
    notes
        Lines below the table, as printed.
    """

    path: Path
    series: Series
    cells: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def newest(self) -> str:
        """Last period with a value."""
        return str(self.cells.dropna(subset=["value"])["period"].max())


def read_export(path: Path, places: Mapping[str, str]) -> Export:
    """Read and check one file.

    Parameters
    ----------
    path
        CSV or XLSX.
    places
        Province code by each name that the office prints for it.

    Raises
    ------
    InputError
        Names file, row, column and value of what differs from the form in the module's docstring.
    """
    rows = read_grid(path)
    head, titles = find_header(rows, path)
    line = titles.get("指标")
    if line is None:
        raise InputError(
            "no line names the indicator",
            file=path,
            expected="指标：年末参加工伤保险人数(万人), above the header",
            action="export with one indicator for all provinces (rows: 地区, columns: 时间), title rows kept",
        )
    series = identify(line[1], path, line[0])
    base = titles.get("数据库")
    if base is not None and base[1] != DATABASES[series.frequency]:
        raise InputError(
            "the table is of another database", file=path, row=base[0], value=base[1],
            expected=DATABASES[series.frequency], action="choose this database at the top of the site",
        )  # fmt: skip
    periods = read_periods(rows[head], series, path, head + 1)
    cells, notes = read_body(rows, head, periods, places, path)
    if cells["value"].isna().all():
        raise InputError("the table holds no value", file=path, action="choose a time span and export again")
    return Export(path, series, cells, notes)


def find_header(rows: list[list[str]], path: Path) -> tuple[int, dict[str, tuple[int, str]]]:
    """Index of the header row, and the title lines above it as name: (row, text)."""
    titles: dict[str, tuple[int, str]] = {}
    for number, row in enumerate(rows):
        first = row[0] if row else ""
        if first == PLACE:
            return number, titles
        if first in ("指标", "Indicators", "Region", "Indicator") or first.lower().startswith("database"):
            english = not first.startswith("指标")
            raise InputError(
                "the export is in English" if english else "the table has indicators in its rows",
                file=path, row=number + 1, value=first, expected=f"a header that begins with {PLACE}",
                action="change the site to Chinese (中文) and export again" if english
                else "choose one indicator and all provinces (rows: 地区, columns: 时间), then export",
            )  # fmt: skip
        name, colon, text = ",".join(cell for cell in row if cell).replace(":", "：", 1).partition("：")
        if colon:
            titles[name.strip()] = (number + 1, text.strip())
    raise InputError("the table has no header", file=path, expected=f"a row {PLACE},2024年,2023年,...",
                     action=AGAIN)  # fmt: skip


def read_periods(header: list[str], series: Series, path: Path, row: int) -> list[str]:
    """Periods of the columns after the first; trailing blank cells are none."""
    cells = header[1:]
    while cells and not cells[-1]:
        cells.pop()
    periods = []
    for number, cell in enumerate(cells, start=2):
        year, quarter = YEAR.match(cell), QUARTER.match(cell)
        if series.frequency == "year" and year:
            periods.append(year[1])
        elif series.frequency == "quarter" and quarter:
            periods.append(f"{quarter[1]}Q{DIGITS.get(quarter[2], quarter[2])}")
        else:
            raise InputError(
                "a column of the header is no period of this table" + ("" if cell else ": its cell is blank"),
                file=path, row=row, column=number, value=cell,
                expected="2024年" if series.frequency == "year" else "2024年第四季度",
                action="one header row, no merged or added cells: export the table again",
            )  # fmt: skip
    if not periods or len(set(periods)) < len(periods):
        raise InputError("the header has no period, or one twice", file=path, row=row, value=",".join(cells),
                         action=AGAIN)  # fmt: skip
    return periods


def read_body(
    rows: list[list[str]], head: int, periods: list[str], places: Mapping[str, str], path: Path
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Values of the 31 provinces and the notes below them."""
    found: dict[str, int] = {}
    values: list[tuple[str, str, float | None]] = []
    notes: list[str] = []
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        name = row[0] if row else ""
        if notes or name.startswith(NOTE):
            notes.append(",".join(cell for cell in row if cell))
            continue
        if not any(row):
            continue
        if name in TOTALS:
            raise InputError(
                "a row with a total stands among the provinces", file=path, row=number, value=name,
                expected="the provinces and nothing else",
                action="choose the provinces only, or delete the row",
            )  # fmt: skip
        code = places.get(name)
        if code is None or code in found:
            raise InputError(
                f"a province stands twice, first in row {found[code]}" if code else "this is no province",
                file=path, row=number, column=PLACE, value=name,
                expected="31 provinces by their full Chinese names, each once", action=AGAIN,
            )  # fmt: skip
        found[code] = number
        cells = row[1:] + [""] * (len(periods) + 1 - len(row))
        if any(cells[len(periods) :]):
            raise InputError("a row is longer than the header", file=path, row=number, action=AGAIN)
        for column, (period, cell) in enumerate(zip(periods, cells, strict=False), start=2):
            values.append((code, period, number_of(cell, path, number, column)))
    absent = [code for code in dict.fromkeys(places.values()) if code not in found]
    if absent:
        full = {code: max((n for n, c in places.items() if c == code), key=len) for code in absent}
        raise InputError(
            f"{len(absent)} of {len(set(places.values()))} provinces are missing: {', '.join(full.values())}",
            file=path, column=PLACE, expected="every province", action=AGAIN,
        )  # fmt: skip
    return pd.DataFrame(values, columns=["province_code", "period", "value"]), tuple(filter(None, notes))


def number_of(cell: str, path: Path, row: int, column: int) -> float | None:
    """A cell as a number; blank and dash are missing, anything behind a number is refused."""
    if cell in BLANK:
        return None
    if not NUMBER.match(cell):
        raise InputError(
            "a cell is no number", file=path, row=row, column=column, value=cell,
            expected="digits, or nothing where there is no value",
            action="take a footnote mark off by hand and keep its note; a value is never guessed",
        )  # fmt: skip
    return float(cell.replace(",", ""))
