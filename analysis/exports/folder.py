"""A folder of exports into one table for each series: revisions kept and named, sums checked.

Two files of one table that agree are joined. Where they differ, one of them was revised: both stay in
``exports.csv``, and the study uses one file whole, never cells of both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import yaml

from analysis.base.errors import InputError
from analysis.exports.grid import SUFFIXES
from analysis.exports.table import Export, read_export

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOTALS = Path(__file__).with_name("totals.yml")
SLACK = 0.01  # of the national count: people insured by central bodies, later revisions
SAME = 5e-7  # relative: exports round alike
COPY = re.compile(r"\((\d+)\)$")  # a browser numbers further files of one name
KEY = ["table", "file", "province_code", "period"]


@dataclass(frozen=True)
class Revision:
    """Two exports of one table that differ, and the file that the study uses."""

    table: str
    files: tuple[str, ...]
    cells: int
    largest: float  # relative difference
    chosen: str


@dataclass(frozen=True)
class Exports:
    """What a folder holds.

    Parameters
    ----------
    tables
        By name of the series: ``province_code, period, value`` in persons, parcels, yuan or cases.
    every
        All files as read, with ``used``: whether the study uses the file.
    revisions, sums, notes
        What differed; sums beside printed national counts; notes below the tables by file.
    """

    tables: dict[str, pd.DataFrame]
    every: pd.DataFrame
    revisions: tuple[Revision, ...]
    sums: pd.DataFrame
    notes: dict[str, tuple[str, ...]]


def place_names(provinces: pd.DataFrame) -> dict[str, str]:
    """Code of each province by its full and its short Chinese name; the Corps is none."""
    units = provinces[provinces["kind"] != "corps"]
    return {
        **dict(zip(units["short_zh"], units["code"], strict=True)),
        **dict(zip(units["name_zh"], units["code"], strict=True)),
    }


def read_folder(folder: Path, provinces: pd.DataFrame, totals: Sequence[Mapping[str, object]]) -> Exports:
    """Read every CSV and XLSX of a folder.

    Parameters
    ----------
    folder, provinces
        The files; the register of provinces.
    totals
        National counts that sums are held against, from `load_totals`.

    Raises
    ------
    InputError
        There is no such folder or no export in it, a file is at fault, or a sum over provinces is far
        from the national count that was printed.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder", file=folder, action="give the folder with the exports")
    paths = [p for p in sorted(folder.iterdir()) if p.suffix.lower() in (*SUFFIXES, ".xls") and p.is_file()]
    paths = [p for p in paths if not p.name.startswith(("~$", "."))]
    if not paths:
        raise InputError("the folder holds no export", file=folder, expected="CSV or XLSX files")
    places = place_names(provinces)
    found: dict[str, list[Export]] = {}
    for path in paths:
        export = read_export(path, places)
        found.setdefault(export.series.name, []).append(export)
    tables, revisions, used = {}, [], set()
    for name, exports in found.items():
        chosen, revision = join(exports)
        used |= {export.path for export in chosen}
        revisions += [] if revision is None else [revision]
        table = pd.concat([export.cells for export in chosen]).drop_duplicates(["province_code", "period"])
        table = table.assign(value=table["value"] * chosen[0].series.per)
        tables[name] = table.sort_values(["province_code", "period"], ignore_index=True)
    every = pd.concat(
        [
            export.cells.assign(
                table=name, code=export.series.code, unit=export.series.unit, file=export.path.name,
                used="yes" if export.path in used else "no",
            )
            for name, exports in found.items()
            for export in exports
        ],
        ignore_index=True,
    )  # fmt: skip
    sums = check_sums(every[every["used"] == "yes"], totals, folder)
    notes = {e.path.name: e.notes for exports in found.values() for e in exports}
    return Exports(tables, every, tuple(revisions), sums, notes)


def order(export: Export) -> tuple[str, int, str]:
    """Later exports last: by newest period, then by the browser's number, then by name."""
    copy = COPY.search(export.path.stem)
    return export.newest, int(copy[1]) if copy else 0, export.path.name


def join(exports: list[Export]) -> tuple[list[Export], Revision | None]:
    """Exports of one table to use together: all if they agree where they overlap, else the latest."""
    exports = sorted(exports, key=order)
    columns = [export.cells.set_index(["province_code", "period"])["value"] for export in exports]
    wide = pd.concat(columns, axis=1, keys=range(len(columns)))
    gap = (wide.max(axis=1) - wide.min(axis=1)) / wide.abs().max(axis=1).where(lambda top: top > 0, 1.0)
    chosen = exports[-1]
    asked = wide.index.isin(columns[-1].index)
    withdrawn = asked & wide[len(columns) - 1].isna() & wide.notna().any(axis=1)
    differ = (gap > SAME) | withdrawn
    if not differ.any():
        return exports[::-1], None
    names = tuple(export.path.name for export in exports)
    return [chosen], Revision(
        chosen.series.name, names, int(differ.sum()), float(gap.max()), chosen.path.name
    )


def load_totals() -> list[Mapping[str, object]]:
    """National counts with their sources."""
    found: list[Mapping[str, object]] = yaml.safe_load(TOTALS.read_text(encoding="utf-8"))
    return found


def check_sums(used: pd.DataFrame, totals: Sequence[Mapping[str, object]], folder: Path) -> pd.DataFrame:
    """Sums over provinces beside the printed national counts of the same year-end.

    Returns
    -------
    DataFrame
        ``table, period, sum, printed, half, difference_percent, source, address`` in the table's unit.

    Raises
    ------
    InputError
        A sum is farther from the printed range than `SLACK`.
    """
    rows = []
    for item in totals:
        name, period = str(item["table"]), str(item["year"])
        cells = used[(used["table"] == name) & (used["period"] == period)]
        cells = cells.drop_duplicates("province_code")
        if cells.empty or cells["value"].isna().any():
            continue
        total, printed, half = cells["value"].sum(), float(str(item["value"])), float(str(item["half"]))
        if abs(total - printed) > half + SLACK * printed:
            raise InputError(
                f"the provinces of {name} add up to {total:,.1f} {cells['unit'].iloc[0]} at the end of "
                f"{period}, the nation was printed as {printed:,.1f}",
                file=folder / str(cells["file"].iloc[0]), column=f"{period}年", value=f"{total:,.1f}",
                expected=f"{printed:,.1f} within {100 * SLACK:.0f} % ({item['source']})",
                action="check the indicator and its unit on the site, and export the table again",
            )  # fmt: skip
        percent = 100 * (total / printed - 1)
        rows.append((name, period, total, printed, half, percent, item["source"], item["address"]))
    columns = ["table", "period", "sum", "printed", "half", "difference_percent", "source", "address"]
    return pd.DataFrame(rows, columns=columns)
