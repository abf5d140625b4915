"""The part of the report that a disclosure officer signs: what is released, withheld and audited."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.records.columns import MEASURES

if TYPE_CHECKING:
    from pathlib import Path


def release_section(panel: Path) -> list[str]:
    """Lines of the report about the release of a panel that ``records panel`` made; none for others.

    Parameters
    ----------
    panel
        The panel, with its run record and list of empty cells beside it.
    """
    files = [
        panel,
        panel.with_name(f"{panel.stem}.suppressed.csv"),
        panel.with_suffix(".run.json"),
        panel.with_name(f"{panel.stem}.releases.jsonl"),
    ]
    if not all(file.is_file() for file in files):
        return []
    run: dict[str, Any] = json.loads(files[2].read_text(encoding="utf-8"))
    if "audit" not in run:
        return []
    table = pd.read_csv(panel, dtype={"province_code": "str", "quarter": "str"})
    empty = pd.read_csv(files[1], dtype={"province_code": "str", "quarter": "str"})
    lines = ["## The release, for the disclosure officer", "", *_rules(run), ""]
    lines += [
        "| Measure | Cells | Released | Too small or dominated | To protect those |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in (name for name in MEASURES if name in table.columns):
        reasons = empty.loc[empty["measure"] == name, "reason"].value_counts()
        primary, others = int(reasons.get("primary", 0)), int(reasons.drop("primary", errors="ignore").sum())
        lines.append(f"| `{name}` | {len(table)} | {table[name].notna().sum()} | {primary} | {others} |")
    lines += ["", "To sign:", "", "| File | SHA-256 |", "|---|---|"]
    lines += [f"| `{file.name}` | `{hashlib.sha256(file.read_bytes()).hexdigest()}` |" for file in files]
    return [*lines, ""]


def _rules(run: dict[str, Any]) -> list[str]:
    audit, base = run["audit"], run.get("round_to", 0)
    number = run.get("ledger", {}).get("releases")
    lines = [
        f"Release {number} of this panel. Cells that count fewer than {run['min_cell']} people are withheld"
        + (f"; the rest is rounded to {base}." if base else "; the rest is exact."),
        f"Audit by linear program over all released cells: {audit['rule']}. "
        + ("Kept." if audit["kept"] else "NOT kept: do not release."),
    ]
    if standing := run.get("earlier_numbers_stand"):
        lines.append(
            f"Earlier numbers stand in {', '.join(standing)}, as some change by fewer people than that."
        )
    return lines
