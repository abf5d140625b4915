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
        "| Measure | Cells | Released | Withheld | Empty by the rules |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in (name for name in MEASURES if name in table.columns):
        released, withheld = int(table[name].notna().sum()), int((empty["measure"] == name).sum())
        others = len(table) - released - withheld
        lines.append(f"| `{name}` | {len(table)} | {released} | {withheld} | {others} |")
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
    if number and number > 1:
        revised = ", ".join(run.get("revised_quarters", ())) or "none"
        lines.append(
            f"Of the quarters released before, revised: {revised}; in the others the earlier numbers stand."
        )
    return lines
