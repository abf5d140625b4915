"""The coverage chapter of a user: coverage.en.md and coverage.zh.md, with or without exports."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import yaml

from analysis import config
from analysis.base.files import write_text
from analysis.exports.catalogue import DATABASES, load_catalogue
from analysis.exports.outcomes import LAST_YEAR, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.exports.folder import Exports

LIST = Path(__file__).with_name("chapter.yml")


def write_chapter(
    out: Path, exports: Exports | None, table: pd.DataFrame, noise: tuple[float, float]
) -> None:
    """Write the chapter in both languages.

    Parameters
    ----------
    out
        Folder of ``coverage.en.md`` and ``coverage.zh.md``.
    exports
        Missing: none were given.
    table
        ``coverage.csv``.
    noise
        Detectable effects in units of yearly noise, least and most.
    """
    for language, words in yaml.safe_load(LIST.read_text(encoding="utf-8")).items():
        lines = chapter(language, words, exports, table, noise)
        write_text("\n".join(lines) + "\n", out / f"coverage.{language}.md")


def chapter(
    language: str,
    words: Mapping[str, str],
    exports: Exports | None,
    table: pd.DataFrame,
    noise: tuple[float, float],
) -> list[str]:
    """Lines of the chapter in one language."""
    plan = words["plan"].format(
        first=config.ESTIMATION_START, last=LAST_YEAR, base=config.PILOT_START.year - 1
    )
    power = words["power"].format(low=f"{noise[0]:.1f}", high=f"{noise[1]:.1f}")
    lines = [words["title"], "", words["none"] if exports is None else words["class"], ""]
    if len(table):
        lines += result_lines(language, words, table)
    lines += [words["design"], "", plan, "", power, "", words["missing"], ""]
    present = set() if exports is None else set(exports.tables)
    absent = [s for s in load_catalogue() if s.name not in present]
    lines += [words["missing_head"]] if absent else [words["complete"]]
    lines += [f"| {s.code} | {s.path} | {DATABASES[s.frequency]} | {s.title} |" for s in absent]
    return lines if exports is None else [*lines, "", *check_lines(words, exports)]


def result_lines(language: str, words: Mapping[str, str], table: pd.DataFrame) -> list[str]:
    """Table of the results, where the rest is, and what they do not mean."""
    labels = {o.name: o.label_en if language == "en" else o.label_zh for o in OUTCOMES}
    rows = [
        f"| {labels[row.outcome]} | {words[row.estimand]} | {value(row)} | {span(row.ci_low, row.ci_high)} "
        f"| {'' if pd.isna(row.p_value) else f'{row.p_value:.3f}'} |"
        for row in table.itertuples()
    ]
    links = ", ".join(f"[{name}]({name}/report.md)" for name in dict.fromkeys(table["outcome"]))
    return [words["results"], "", words["head"], *rows, "", words["limits"], "",
            words["more"].format(links=links), ""]  # fmt: skip


def value(row: object) -> str:
    """An estimate, or the two ends of an estimate set."""
    if row.estimand == "effect_with_pilot":  # type: ignore[attr-defined]
        return span(row.lower, row.upper)  # type: ignore[attr-defined]
    estimate = row.estimate  # type: ignore[attr-defined]
    return "" if pd.isna(estimate) else f"{estimate:.3g}"


def span(low: float, high: float) -> str:
    """Two ends; an open one as a sign of infinity."""
    if pd.isna(low) or pd.isna(high):
        return ""
    ends = ["∞" if math.isinf(end) else f"{end:.3g}" for end in (low, high)]
    return f"[{'-' if low == -math.inf else ''}{ends[0]}, {ends[1]}]"


def check_lines(words: Mapping[str, str], exports: Exports) -> list[str]:
    """Sums, revisions and notes."""
    lines = [words["checks"], ""]
    lines += [words["sums"], ""] if len(exports.sums) else [words["no_sum"]]
    lines += [
        words["sum"].format(
            table=row.table, period=row.period, percent=row.difference_percent, source=row.source
        )
        for row in exports.sums.itertuples()
    ]
    for revision in exports.revisions:
        lines.append(
            words["revised"].format(
                table=revision.table, files=", ".join(revision.files), cells=revision.cells,
                percent=100 * revision.largest, chosen=revision.chosen,
            )
        )  # fmt: skip
    lines += ["", words["note"], ""]
    return lines + [f"- `{file}`: {note}" for file, notes in exports.notes.items() for note in notes]
