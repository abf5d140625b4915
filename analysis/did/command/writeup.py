"""report.md: what is identified, what each estimator says, what to doubt, how to cite."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ..panel.comparison import affected
from ..results import NO_ERROR
from .citations import CHECKS, CITATIONS, RANDOMIZATION
from .identified import identified
from .literal import markdown, names_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ..options import Options
    from ..panel.panel import Panel

CELLS_HEADER = ("First treated", "Units", "Effect identified in", "Not identified in")
FEW_TREATED = 10  # below, clustered errors of a cohort comparison are far too small
CLASSES = {
    "published": "published figures",
    "bounds": "bounds from published figures",
    "statistics": "official statistics",
    "simulated": "simulated data, not a measurement",
    "records": "the user's own records",
}


def number(value: object, digits: int = 4) -> str:
    """Significant digits of a number; empty where there is none."""
    if not isinstance(value, int | float) or np.isnan(value):
        return ""
    return f"{value:.{digits}g}"


def table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join("---" for _ in header) + "|"]
    return "\n".join(
        [*lines, *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)]
    )


def warnings(panel: Panel, options: Options, frame: pd.DataFrame) -> list[str]:
    """Say in words what a reader must know before using the numbers."""
    found = list(panel.notes)
    treated = affected(panel, options)
    clusters, others = (len(np.unique(panel.cluster[part])) for part in (treated, ~treated))
    for count, what in ((clusters, "treated with an effect that is identified"), (others, "compared with")):
        if 0 < count < FEW_TREATED:
            found.append(
                f"Only {count} {'cluster is' if count == 1 else 'clusters are'} {what}. Normal intervals and "
                "bands are then too short; the randomisation p-value keeps its size if units were "
                "exchangeable in who was treated."
            )
    pretrend = frame[(frame["term"] == "pretrend_joint") & (frame["p_value"] < 0.05)]
    found += [
        f"{row.estimator}: effects before treatment are jointly different from zero "
        f"(p = {number(row.p_value)}). Parallel trends are in doubt. Passing this test would "
        "not have proved them."
        for row in pretrend.itertuples()
    ]
    bacon = frame[(frame["estimator"] == "bacon") & (frame["term"] == "weight")]
    forbidden = bacon[bacon["control_group"].str.startswith(("earlier", "always"))]["estimate"].sum()
    if forbidden > 0:
        found.append(
            f"{100 * forbidden:.0f} % of the weight of the static two-way coefficient compares with units "
            "that are already treated. If effects grow or differ between cohorts, that coefficient is biased."
        )
    failed = frame[frame["note"].str.startswith("Not computed")]
    found += errorless(frame)
    return found + [f"{row.estimator}: {row.note}" for row in failed.itertuples()]


def errorless(frame: pd.DataFrame) -> list[str]:
    """Say why overall effects have no error, once for all estimators that it is true of."""
    found: dict[str, list[str]] = {}
    for row in frame[frame["term"] == "att"].itertuples():
        said = re.search(rf"{NO_ERROR}[^.]*\.", str(row.note))
        if said:
            found.setdefault(said[0], []).append(str(row.estimator))
    return [f"{why} That is true of {', '.join(names)}." for why, names in found.items()]


def write_report(
    panel: Panel, options: Options, frame: pd.DataFrame, *, outcome: str, evidence: str, source: str,
    figure: str | None, checks: Sequence[str] = (),
) -> str:  # fmt: skip
    """Return report.md as text.

    Parameters
    ----------
    frame
        Table of `results.to_frame`.
    outcome, evidence, source
        Names of the outcome and the evidence class, and where the panel came from.
    figure
        File name of the event-study figure; missing where there is none.
    checks
        Paragraphs on the checks; none where none were asked for.
    """
    overall = frame[frame["term"] == "att"]
    rows = [
        [
            str(row.estimator), number(row.estimate), number(row.std_error),
            f"{number(row.ci_low)} to {number(row.ci_high)}" if row.ci_low == row.ci_low else "",
            number(row.p_value), number(row.p_randomization), str(row.control_group), str(row.n_treated),
        ]
        for row in overall.itertuples()
        if row.estimate == row.estimate
    ]  # fmt: skip
    level = f"{100 * options.level:g} %"
    header = (
        "Estimator",
        "Effect",
        "Error",
        f"{level} interval",
        "p",
        "p, randomisation",
        "Control",
        "Treated units",
    )
    found = identified(panel, options, frame)
    cautions = warnings(panel, options, frame)
    parts = [
        f"# Effects on {markdown(outcome)}",
        f"Evidence class: **{evidence}** ({CLASSES[evidence]}). Source: {markdown(source)}.",
        f"{panel.n_units} units, {panel.n_periods} periods ({panel.times[0]} to {panel.times[-1]}), "
        f"{int(panel.observed.sum())} outcomes; the effect on {found.treated} units is identified.",
        "## What is identified",
        *([table(found.rows, CELLS_HEADER)] if found.rows else []),
        *map(names_literal, found.notes),
        "## Overall effect by estimator",
        table(rows, header),
        "Each estimator weights cohorts and periods in its own way, so that overall effects differ even "
        "where all are right. The `note` column of estimates.csv says what each one averages.",
        "## Effects by periods since the start",
    ]
    if figure:
        parts.append(f"![Event-study effects with pointwise intervals and simultaneous band]({figure})")
    else:
        parts.append("No estimator gave event-time effects.")
    parts += checks
    parts.append("## Read before use")
    parts.append("\n".join(f"- {names_literal(text)}" for text in cautions) if cautions else "No warnings.")
    parts.append("## How to cite")
    used = [name for name in CITATIONS if (frame["estimator"] == name).any()]
    lines = [f"- `{name}`: {CITATIONS[name]}" for name in used]
    if frame["p_randomization"].notna().any():
        lines.append(f"- {RANDOMIZATION}")
    if checks:
        lines += [f"- {text}" for text in CHECKS]
    parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
