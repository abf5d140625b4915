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

from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.base.files import write_json, write_text
from analysis.base.progress import say
from analysis.records.calendar import quarter_label
from analysis.records.checks import at_least
from analysis.records.columns import COUNTS, KEY, MEASURES
from analysis.records.contract import MONEY_UNIT
from analysis.records.disclosure import CONFIDENTIAL, Release
from analysis.records.inventory import EMPTY, READ
from analysis.records.ledger import head_said
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
        ``suppressed`` has ``province_code, quarter, measure, reason``; the reason is the same for all, or it
        would tell which of the empty cells are small.
    """
    totals, values = count.totals, panel_values(count.totals)
    units, quarters = np.nonzero(in_force)
    codes = [totals.units[unit] for unit in units]
    labels = [quarter_label(count.first_quarter + int(quarter)) for quarter in quarters]
    panel: Columns = dict(zip(KEY, (codes, labels), strict=True))
    lost: Columns = {name: [] for name in (*KEY, "measure", "reason")}
    for measure in MEASURES:
        cells = values[measure][units, quarters]
        withheld = releases[measure].hidden[units, quarters].tolist()
        cells = cells.astype(np.int64) if measure in COUNTS else cells
        empty = (np.isnan(cells) | withheld).tolist()
        panel[measure] = [None if gone else cell for cell, gone in zip(cells.tolist(), empty, strict=True)]
        rows = {
            "province_code": codes,
            "quarter": labels,
            "measure": [measure] * len(codes),
            "reason": [CONFIDENTIAL] * len(codes),
        }
        for name, column in rows_where(rows, withheld).items():
            lost[name] += column
    return panel, lost


def run_record(
    settings: dict[str, Any],
    count: Count,
    panel: Columns,
    hidden: Columns,
    found: Audit,
    further: dict[str, int],
    revised: tuple[str, ...],
) -> dict[str, Any]:
    """What was run with which ``settings``, what was set aside, which cells are empty.

    Numbers of people and rows are computed from the released ``panel``: it tells nothing more.

    ``further`` are the cells emptied beyond `disclosure.decide`, by measure; ``revised`` the quarters whose
    earlier numbers do not stand.
    """
    k, base = settings["min_cell"], settings["round_to"]
    suppressed: dict[str, list[str]] = {}
    for code, quarter, measure, _reason in zip(*hidden.values(), strict=True):
        suppressed.setdefault(measure, []).append(f"{code} {quarter}")
    engine = "duckdb" if settings["engine"] == "duckdb" else "pyspark"
    return {
        "evidence": "simulated" if count.synthetic else "records",
        **settings,
        "versions": {engine: version(engine), "python": platform.python_version()},
        "rows": {name: _released_rows(panel, name, base) for name in count.rows},
        "set_aside": [
            {
                "table": fault.table,
                "column": fault.column,
                "reason": fault.reason,
                # A row is somebody's: a few of them are a few people, also from one release to the next.
                "rows": _about(fault.rows, k),
            }
            for fault in count.faults
        ],
        "files": {source.table.name: _inventory(source) for source in count.sources},
        "enrolled_in_several_provinces": _enrolled_twice(panel, k),
        # Not how many numbers were asked for: it would count the small ones.
        "audit": {
            "rule": f"each number of people below {k}, published or derived, may have {k} values or more",
            "kept": found.narrowest >= k - 1 - 1e-6,
            "cells_emptied_for_it_or_earlier_releases": further,
        },
        "revised_quarters": list(revised),
        "suppressed": suppressed,
        "cells": len(panel["quarter"]) * len(MEASURES),
    }


def _released_rows(panel: Columns, measure: str, base: int) -> int | str | None:
    """Rows behind the nation's cells; none where one of these is empty."""
    cells = [
        value for code, value in zip(panel["province_code"], panel[measure], strict=True) if code == NATION
    ]
    if None in cells:
        return None
    return f"about {sum(cells)}" if base else sum(cells)


def _enrolled_twice(panel: Columns, k: int) -> dict[str, str]:
    """By quarter, what the provinces' enrolled exceed the nation's by, where the panel itself tells it."""
    cells: dict[str, list[int | None]] = {}
    for code, quarter, value in zip(*(panel[name] for name in (*KEY, "enrolled")), strict=True):
        cells.setdefault(quarter, []).append(-value if value and code == NATION else value)
    found = {}
    for quarter, values in sorted(cells.items()):
        people = None if None in values else sum(value or 0 for value in values)
        found[quarter] = "withheld" if people is None else _about(people, k)
    return found


def _about(number: int, k: int) -> str:
    return f"about {number // k * k}" if number >= k else f"fewer than {k}"


def _inventory(source: Source) -> dict[str, Any]:
    """Every file, roughly: one may hold a province and quarter whose cells are withheld, or nothing."""
    return {
        "unused_columns": list(source.unused),
        "list": [
            {"name": entry.name, "status": READ if entry.status == EMPTY else entry.status}
            | ({"note": entry.why} if entry.why and entry.status != EMPTY else {})
            | ({} if entry.rows is None else {"rows": magnitude(entry.rows)})
            | {"bytes": magnitude(entry.size)}
            for entry in source.entries
        ],
    }


def magnitude(number: int) -> str:
    """The power of ten of a number, which no rule on shares of a sum can be undone with."""
    if number < ROUGH:
        return f"fewer than {ROUGH}"
    least = 10 ** (len(str(number)) - 1)
    return f"{least} to {10 * least - 1}"


def show_inventory(source: Source, minimum: int) -> None:
    """Print what was found on one screen: totals, then files, those not read first."""
    read = [entry for entry in source.entries if entry.status == READ]
    # A total that counted the files of few rows would tell how many these hold.
    large = [entry for entry in read if (entry.rows or 0) >= minimum]
    rows, size = (sum(getattr(entry, name) or 0 for entry in large) for name in ("rows", "size"))
    few = len(read) - len(large)
    besides = f" besides {few} files of fewer than {minimum} rows" if few else ""
    what = f"{len(read)} files read, {rows} rows, {size} bytes{besides}"
    say(f"{source.table.name}: {what}, from {source.given}")
    others = [entry for entry in source.entries if entry.status != READ]
    for entry in others[:SHOWN]:
        say(f"  {entry.status}: {entry.name}, {entry.size} bytes{_why(entry)}")
    for entry in read[:SHOWN]:
        size_said = f", {entry.size} bytes" if entry in large else ""
        rows_said = at_least(entry.rows or 0, minimum)
        say(f"  {entry.status}: {entry.name}, {rows_said} rows{size_said}{_why(entry)}")
    more = max(0, len(others) - SHOWN) + max(0, len(read) - SHOWN)
    if more:
        say(f"  and {more} more, all listed in the run record")
    if source.unused:
        say(f"  columns not used: {', '.join(source.unused)}")


def _why(entry: Entry) -> str:
    return f" ({entry.why})" if entry.why else ""


def publish(out: Path, panel: Columns, hidden: Columns, record: dict[str, Any], ledger: Ledger) -> None:
    """Write the products beside their places and rename them together, the ledger first.

    A run that releases nothing new leaves the run record of the release as it is.

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
        names = [chain.path.name, out.name, listed]
        if chain is not ledger or head_said(out.with_name(said)) != chain.head:
            write_json(record | {"ledger": {"releases": len(chain.lines), "head": chain.head}}, stage / said)
            names.append(said)
        for name in names:
            (stage / name).replace(out.parent / name)
    except OSError as error:
        problem = "no space left" if error.errno == errno.ENOSPC else "the folder cannot be written to"
        raise InputError(problem, file=out.parent) from None
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
