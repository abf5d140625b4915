"""From exact totals to what is published: the panel, the list of empty cells, the run record."""

from __future__ import annotations

import errno
import platform
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.base.errors import InputError
from analysis.base.files import write_json, write_text
from analysis.base.progress import say
from analysis.records.calendar import quarter_label
from analysis.records.checks import at_least
from analysis.records.columns import COUNTS, KEY, MEASURES
from analysis.records.contract import MONEY_UNIT
from analysis.records.disclosure import COMPLEMENTARY, PRIMARY, Release
from analysis.records.inventory import READ
from analysis.records.printed import print_table, rows_where

if TYPE_CHECKING:
    from analysis.records.audit import Audit
    from analysis.records.checks import Fault
    from analysis.records.ledger import Ledger
    from analysis.records.measures import Totals
    from analysis.records.printed import Columns
    from analysis.records.sources import Entry, Source

ROUGH = 1000
SHOWN = 8


@dataclass(frozen=True)
class Count:
    """Exact totals, with what was read and what was set aside on the way."""

    totals: Totals
    first_quarter: int
    rows: dict[str, int]
    faults: tuple[Fault, ...]
    sources: tuple[Source, ...]
    synthetic: bool


def panel_values(totals: Totals) -> dict[str, np.ndarray]:
    """Each measure before suppression, shape (U, Q)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        before = np.concatenate([np.zeros((len(totals.units), 1)), totals.active[:, :-1]], axis=1)
        return {
            "enrolled": totals.enrolled,
            "active": totals.active,
            "orders": totals.orders,
            "contributions_yuan": totals.contributions / MONEY_UNIT,
            "claims": totals.claims,
            "confirmed": totals.confirmed,
            "paid_yuan": totals.paid / MONEY_UNIT,
            "median_decision_days": totals.median_days,
            "multi_province_share": totals.both / totals.active,
            "multi_platform_share": totals.mixed / totals.active,
            "persistence": np.where(before > 0, totals.stayed / before, np.nan),
        }


def lay_out(count: Count, in_force: np.ndarray, releases: dict[str, Release]) -> tuple[Columns, Columns]:
    """Turn totals into the published panel and the list of suppressed cells.

    Returns
    -------
    panel, suppressed
        ``panel`` has the columns of the contract and one row per unit and quarter in force;
        ``suppressed`` has ``province_code, quarter, measure, reason``.
    """
    totals, values = count.totals, panel_values(count.totals)
    units, quarters = np.nonzero(in_force)
    codes = [totals.units[unit] for unit in units]
    labels = [quarter_label(count.first_quarter + int(quarter)) for quarter in quarters]
    panel: Columns = dict(zip(KEY, (codes, labels), strict=True))
    lost: Columns = {name: [] for name in (*KEY, "measure", "reason")}
    for measure in MEASURES:
        cells = values[measure][units, quarters]
        withheld, primary = (
            part[units, quarters].tolist() for part in (releases[measure].hidden, releases[measure].primary)
        )
        cells = cells.astype(np.int64) if measure in COUNTS else cells
        empty = (np.isnan(cells) | withheld).tolist()
        panel[measure] = [None if gone else cell for cell, gone in zip(cells.tolist(), empty, strict=True)]
        reasons = [PRIMARY if small else COMPLEMENTARY for small in primary]
        rows = {
            "province_code": codes,
            "quarter": labels,
            "measure": [measure] * len(codes),
            "reason": reasons,
        }
        for name, column in rows_where(rows, withheld).items():
            lost[name] += column
    return panel, lost


def run_record(
    settings: dict[str, Any],
    count: Count,
    hidden: Columns,
    in_force: np.ndarray,
    found: Audit,
    further: dict[str, int],
    standing: tuple[str, ...],
) -> dict[str, Any]:
    """What was run with which ``settings``, what was set aside, which cells are empty and why.

    ``further`` are the cells emptied beyond `disclosure.decide`, by measure; ``standing`` the quarters
    whose earlier numbers stand.
    """
    totals, k, base = count.totals, settings["min_cell"], settings["round_to"]
    # With the exact number of rows, the nation's total would tell how few of them were set aside.
    rough = {fault.table for fault in count.faults} | (set(count.rows) if base or standing else set())
    total_hidden: set[str] = set()
    suppressed: dict[str, dict[str, list[str]]] = {}
    for code, quarter, measure, reason in zip(*hidden.values(), strict=True):
        suppressed.setdefault(measure, {}).setdefault(reason, []).append(f"{code} {quarter}")
        if code == totals.units[-1]:
            total_hidden.add(measure)
    double = totals.enrolled[:-1].sum(axis=0) - totals.enrolled[-1]
    labels = [quarter_label(count.first_quarter + t) for t in range(len(double))]
    engine = "duckdb" if settings["engine"] == "duckdb" else "pyspark"
    return {
        "evidence": "simulated" if count.synthetic else "records",
        **settings,
        "versions": {engine: version(engine), "python": platform.python_version()},
        # The number of rows is a total over time: it would give a hidden cell of the nation away.
        "rows": {
            name: None if name in total_hidden else _about(rows) if name in rough else rows
            for name, rows in count.rows.items()
        },
        "set_aside": [
            {
                "table": fault.table,
                "column": fault.column,
                "reason": fault.reason,
                # A row is somebody's: a few of them are a few people.
                "rows": at_least(fault.rows, k) if not base else _about(fault.rows),
            }
            for fault in count.faults
        ],
        "files": {source.table.name: _inventory(source) for source in count.sources},
        "enrolled_in_several_provinces": {
            label: f"about {people // k * k}" if people >= k else f"fewer than {k}"
            for label, people in zip(labels, double, strict=True)
        },
        # Not how many numbers were asked for: it would count the small ones.
        "audit": {
            "rule": f"each number of people below {k}, published or derived, may have {k} values or more",
            "kept": found.narrowest >= k - 1 - 1e-6,
            "cells_emptied_for_it_or_earlier_releases": further,
        },
        "earlier_numbers_stand": list(standing),
        "suppressed": suppressed,
        "cells": int(in_force.sum()) * len(MEASURES),
    }


def _inventory(source: Source) -> dict[str, Any]:
    """Every file, rounded: a file may hold one province and quarter whose cells are withheld."""
    return {
        "unused_columns": list(source.unused),
        "list": [
            {"name": entry.name, "status": entry.status}
            | ({"note": entry.why} if entry.why else {})
            | ({"rows": _about(entry.rows)} if entry.rows else {})
            | {"bytes": _about(entry.size)}
            for entry in source.entries
        ],
    }


def _about(number: int) -> str:
    """A number to the thousand below."""
    return f"about {number // ROUGH * ROUGH}" if number >= ROUGH else f"fewer than {ROUGH}"


def show_inventory(source: Source, minimum: int) -> None:
    """Print what was found on one screen: totals, then files, those not read first."""
    read = [entry for entry in source.entries if entry.status == READ]
    rows, size = (sum(getattr(entry, name) or 0 for entry in read) for name in ("rows", "size"))
    say(f"{source.table.name}: {len(read)} files read, {rows} rows, {size} bytes, from {source.given}")
    others = [entry for entry in source.entries if entry.status != READ]
    for entry in others[:SHOWN]:
        say(f"  {entry.status}: {entry.name}, {entry.size} bytes{_why(entry)}")
    for entry in read[:SHOWN]:
        rows = at_least(entry.rows or 0, minimum)
        say(f"  {entry.status}: {entry.name}, {rows} rows, {entry.size} bytes{_why(entry)}")
    more = max(0, len(others) - SHOWN) + max(0, len(read) - SHOWN)
    if more:
        say(f"  and {more} more, all listed in the run record")
    if source.unused:
        say(f"  columns not used: {', '.join(source.unused)}")


def _why(entry: Entry) -> str:
    return f" ({entry.why})" if entry.why else ""


def publish(out: Path, panel: Columns, hidden: Columns, record: dict[str, Any], ledger: Ledger) -> None:
    """Write the products beside their places and rename them together, the ledger first.

    Raises
    ------
    InputError
        No space left, or the folder cannot be written to; earlier products stay.
    """
    listed, said = f"{out.stem}.suppressed.csv", f"{out.stem}.run.json"
    stage: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".records-", dir=out.parent))
        texts = print_table(panel, KEY), print_table(hidden, (*KEY, "measure"))
        for name, text in zip((out.name, listed), texts, strict=True):
            write_text(text, stage / name)
        settings = {name: record[name] for name in ("evidence", "min_cell", "round_to", "seed")}
        chain = ledger.add(texts[0], texts[1], settings)
        write_text("".join(f"{line}\n" for line in chain.lines), stage / chain.path.name)
        write_json(record | {"ledger": {"releases": len(chain.lines), "head": chain.head}}, stage / said)
        for name in (chain.path.name, out.name, listed, said):
            (stage / name).replace(out.parent / name)
    except OSError as error:
        problem = "no space left" if error.errno == errno.ENOSPC else "the folder cannot be written to"
        raise InputError(problem, file=out.parent) from None
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
