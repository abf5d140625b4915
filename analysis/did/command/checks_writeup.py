"""What the checks say, in words: two sections of report.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..inference.battery import gaps
from ..panel.comparison import affected
from ..results import GAP
from .literal import markdown, names_literal
from .trends_writeup import known, trend_paragraphs
from .writeup import FEW_TREATED, number, table

if TYPE_CHECKING:
    import pandas as pd

    from ..options import Options
    from ..panel.panel import Panel
    from .checks import Checked


def checks_sections(
    panel: Panel, checked: Checked, options: Options, effects: dict[str, float], named: bool
) -> list[str]:
    """Paragraphs of the sections on chance and on what the result hangs on.

    Parameters
    ----------
    effects
        Overall effect by estimator, for those that no method can judge.
    named
        Whether the user named a method in advance.
    """
    return [
        "## Is it chance?",
        *_chance(panel, checked.inference, options, effects, named),
        "## Does it hang on one unit, one date or one trend?",
        *_hangs(panel, checked, options),
    ]


def _chance(
    panel: Panel, inference: pd.DataFrame, options: Options, effects: dict[str, float], named_by_user: bool
) -> list[str]:
    overall = inference[inference["term"] == "att"]
    estimators = list(dict.fromkeys(overall["estimator"]))
    by_method = {
        method: rows.set_index("estimator") for method, rows in overall.groupby("method", sort=False)
    }
    ordered = sorted(by_method, key=lambda m: by_method[m]["named_in_advance"].iloc[0] != "yes")
    named = ordered[0]
    how = "named in advance" if named_by_user else "the default"
    missing = overall[overall["assumes"].str.startswith(GAP)]
    if len(missing) == len(overall):
        return [f"Chance cannot be judged: {'; '.join(gaps(overall['assumes']))}."]
    lines = [["Effect", *(number(effects.get(name)) for name in estimators), ""]]
    for method in ordered:
        rows = by_method[method]
        known = rows[rows["estimate"].notna()]
        label = f"**{method}** ({how})" if method == named else method
        cells = [_judgement(known.loc[n]) if n in known.index else "" for n in estimators]
        lines.append([label, *cells, str(known["assumes"].iloc[0]) if len(known) else "see below"])
    level = f"{100 * options.level:g} %"
    parts = [_few(panel, options), table(lines, ("Method", *estimators, "What must hold"))]
    parts.append(
        f"Cells: p-value of no effect, and the {level} interval where the method has one. CR1 to CR3: errors "
        "clustered by unit with the usual, the Bell-McCaffrey and the jackknife correction. romano_wolf "
        "counts the event times as chances to find something too."
    )
    if by_method[named]["estimate"].isna().all():
        why = "; ".join(gaps(by_method[named]["assumes"]))
        parts.append(f"The method marked as {how}, {named}, cannot be computed on this panel: {why}.")
    later = inference[(inference["term"] == "event") & (inference["p_value"] < 1 - options.level)]
    if (inference["term"] == "event").any():
        found = [
            f"{row.event_time} ({row.estimator}, p = {number(row.p_value)})" for row in later.itertuples()
        ]
        parts.append(
            "Event times that stand out after counting all of them (romano_wolf, "
            f"{100 * (1 - options.level):g} %): {', '.join(found) or 'none'}."
        )
    parts.append(_reasons(missing["assumes"], missing["method"] + " of " + missing["estimator"]))
    return [part for part in parts if part]


def _few(panel: Panel, options: Options) -> str:
    treated = int(affected(panel, options).sum())
    others = panel.n_units - treated
    text = f"{treated} of {panel.n_units} units are treated with an effect that is identified. "
    if min(treated, others) < FEW_TREATED:
        text += (
            f"With so few {'treated' if treated <= others else 'to compare with'} no method is safe: normal "
            "intervals are too short, with two or three the wild bootstrap hardly ever rejects, and "
            "permutations lean on every unit having been as likely to be treated as another. Trust what all "
            "of them say."
        )
    else:
        text += "Where clustered errors and permutations agree, few treated units are not the question."
    if panel.n_clusters < panel.n_units:
        text += (
            f" Errors are clustered in {panel.n_clusters} clusters, but permutations move single units: if "
            "whole clusters were treated together, the permutation p-values are too small."
        )
    return text


def _judgement(row: Any) -> str:
    interval = (
        f"; {number(row['ci_low'])} to {number(row['ci_high'])}" if row["ci_low"] == row["ci_low"] else ""
    )
    return number(row["p_value"]) + interval


def _reasons(notes: pd.Series, labels: pd.Series) -> str:
    """One line for each reason, with what it kept from being computed."""
    found: dict[str, list[str]] = {}
    for note, label in zip(notes, labels, strict=True):
        found.setdefault(note.removeprefix(GAP), []).append(label)
    lines = [
        f"- {names_literal(', '.join(dict.fromkeys(names)))}: {names_literal(reason)}."
        for reason, names in found.items()
    ]
    return "Not computed:\n\n" + "\n".join(lines) if lines else ""


def _hangs(panel: Panel, checked: Checked, options: Options) -> list[str]:
    rows = checked.sensitivity
    treated = int(affected(panel, options).sum())
    parts = [_one_unit(treated, rows), _cohorts(rows), _dates(rows, options), _placebo_units(treated, rows)]
    parts += trend_paragraphs(rows, options)
    if checked.window:
        parts.append(
            f"The trend analyses use {checked.window}: with more event times, so few treated clusters would "
            "not give a covariance, or the tests would take too long. A violation outside is not seen."
        )
    missing = rows[rows["note"].str.startswith(GAP)]
    parts.append(_reasons(missing["note"], (missing["analysis"] + " " + missing["variant"]).str.strip()))
    return [part for part in parts if part]


def _one_unit(treated: int, rows: pd.DataFrame) -> str:
    found = known(rows, "leave_one_unit_out")
    if found.empty:
        return ""
    low, high = found.loc[found["estimate"].idxmin()], found.loc[found["estimate"].idxmax()]
    text = (
        f"Leaving out one unit at a time, the {low['estimator']} effect lies between "
        f"{number(low['estimate'])} (without {markdown(low['variant'])}) and {number(high['estimate'])} "
        f"(without {markdown(high['variant'])})"
    )
    if found["p_value"].notna().mean() > 0.5:
        text += f", its p-value between {number(found['p_value'].min())} and {number(found['p_value'].max())}"
    if treated:
        text += f". Each of the {treated} treated units is {100 / treated:.0f} % of them"
    text += "."
    if low["estimate"] < 0 < high["estimate"]:
        text += " The sign hangs on single units."
    return text


def _cohorts(rows: pd.DataFrame) -> str:
    rest = known(rows, "leave_one_cohort_out").itertuples()
    found = [f"{number(row.estimate)} without {markdown(row.variant)}" for row in rest]
    return f"Leaving out one cohort at a time: {', '.join(found)}." if found else ""


def _dates(rows: pd.DataFrame, options: Options) -> str:
    found = known(rows, "placebo_date")
    if found.empty:
        return ""
    largest = found.loc[found["estimate"].abs().idxmax()]
    clear = int((found["p_value"] < 1 - options.level).sum())
    judged = int(found["p_value"].notna().sum())
    text = (
        f"With the start moved to an earlier date, on untreated periods only, the largest of {len(found)} "
        f"effects is {number(largest['estimate'])} (start in {markdown(largest['variant'])})"
    )
    if judged:
        text += f"; {clear} of {judged} have a p-value below {100 * (1 - options.level):g} %"
    return text + ". None should be far from zero."


def _placebo_units(treated: int, rows: pd.DataFrame) -> str:
    found = known(rows, "placebo_unit")
    if found.empty:
        return ""
    largest = found.loc[found["estimate"].abs().idxmax()]
    text = (
        f"Given a start one at a time, the {len(found)} untreated units show effects of up to "
        f"{number(abs(largest['estimate']))} in size ({markdown(largest['variant'])})."
    )
    if treated > 1:
        text += f" One unit varies more than the mean of {treated} does; compare with care."
    return text
