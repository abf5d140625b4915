"""What the checks say, in words: two sections of report.md."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.did.checks import Checked
from analysis.did.inference.battery import gaps
from analysis.did.options import Options
from analysis.did.panel import NEVER, Panel
from analysis.did.results import GAP
from analysis.did.sensitivity.honest import LARGEST
from analysis.did.writeup import FEW_TREATED, number, table


def checks_sections(panel: Panel, checked: Checked, options: Options) -> list[str]:
    """Paragraphs of the sections on chance and on what the result hangs on."""
    return [
        "## Is it chance?",
        *_chance(panel, checked.inference, options),
        "## Does it hang on one unit, one date or one trend?",
        *_hangs(panel, checked, options),
    ]


def _chance(panel: Panel, inference: pd.DataFrame, options: Options) -> list[str]:
    overall = inference[inference["term"] == "att"]
    estimators = list(dict.fromkeys(overall["estimator"]))
    by_method = {
        method: rows.set_index("estimator") for method, rows in overall.groupby("method", sort=False)
    }
    ordered = sorted(by_method, key=lambda m: by_method[m]["named_in_advance"].iloc[0] != "yes")
    named = ordered[0]
    effects = {
        name: overall.loc[(overall["estimator"] == name), "estimate"].dropna().head(1) for name in estimators
    }
    lines = [["Effect", *(number(effects[n].iloc[0]) if len(effects[n]) else "" for n in estimators), ""]]
    for method in ordered:
        rows = by_method[method]
        known = rows[rows["estimate"].notna()]
        label = f"**{method}** (named in advance)" if method == named else method
        cells = [_judgement(known.loc[n]) if n in known.index else "" for n in estimators]
        lines.append([label, *cells, str(known["assumes"].iloc[0]) if len(known) else "see below"])
    level = f"{100 * options.level:g} %"
    parts = [_few(panel), table(lines, ("Method", *estimators, "What must hold"))]
    parts.append(f"Cells: p-value of no effect, and the {level} interval where the method has one.")
    if by_method[named]["estimate"].isna().all():
        why = "; ".join(gaps(by_method[named]["assumes"]))
        parts.append(f"The method named in advance, {named}, cannot be computed on this panel: {why}.")
    later = inference[(inference["term"] == "event") & (inference["p_value"] < 1 - options.level)]
    if (inference["term"] == "event").any():
        found = [
            f"{row.event_time} ({row.estimator}, p = {number(row.p_value)})" for row in later.itertuples()
        ]
        parts.append(
            "Event times that stand out after counting all of them (romano_wolf, "
            f"{100 * (1 - options.level):g} %): {', '.join(found) or 'none'}."
        )
    missing = overall[overall["assumes"].str.startswith(GAP)]
    parts.append(_reasons(missing["assumes"], missing["method"] + " of " + missing["estimator"]))
    return [part for part in parts if part]


def _few(panel: Panel) -> str:
    treated = int((panel.cohort < NEVER).sum())
    text = f"{treated} of {panel.n_units} units are treated. "
    if treated < FEW_TREATED:
        text += (
            "With so few no method is safe: CR1 errors are too small, the wild bootstrap rejects too "
            "rarely, and permutations lean on every unit having been as likely to be treated as another. "
            "Trust what all of them say."
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
    lines = [f"- {', '.join(dict.fromkeys(names))}: {reason}." for reason, names in found.items()]
    return "Not computed:\n\n" + "\n".join(lines) if lines else ""


def _hangs(panel: Panel, checked: Checked, options: Options) -> list[str]:
    rows = checked.sensitivity
    parts = [_one_unit(panel, rows), _cohorts(rows), _dates(rows, options), _placebo_units(panel, rows)]
    parts += [_breakdown(rows), _line(rows, options), _pretest(rows)]
    if checked.window:
        parts.append(
            f"The trend analyses use {checked.window}: more than that the treated clusters, or the time "
            "that the tests take, do not bear. A violation outside that window is not seen."
        )
    missing = rows[rows["note"].str.startswith(GAP)]
    parts.append(_reasons(missing["note"], (missing["analysis"] + " " + missing["variant"]).str.strip()))
    return [part for part in parts if part]


def _known(rows: pd.DataFrame, analysis: str) -> pd.DataFrame:
    return rows[(rows["analysis"] == analysis) & rows["estimate"].notna()]


def _one_unit(panel: Panel, rows: pd.DataFrame) -> str:
    known = _known(rows, "leave_one_unit_out")
    if known.empty:
        return ""
    treated = int((panel.cohort < NEVER).sum())
    low, high = known.loc[known["estimate"].idxmin()], known.loc[known["estimate"].idxmax()]
    text = (
        f"Leaving out one unit at a time, the {low['estimator']} effect lies between "
        f"{number(low['estimate'])} (without {low['variant']}) and {number(high['estimate'])} (without "
        f"{high['variant']})"
    )
    if known["p_value"].notna().any():
        text += f", its p-value between {number(known['p_value'].min())} and {number(known['p_value'].max())}"
    text += f". {treated} units are treated, so that each is {100 / treated:.0f} % of the treated."
    if low["estimate"] < 0 < high["estimate"]:
        text += " The sign hangs on single units."
    return text


def _cohorts(rows: pd.DataFrame) -> str:
    known = _known(rows, "leave_one_cohort_out")
    found = [f"{number(row.estimate)} without {row.variant}" for row in known.itertuples()]
    return f"Leaving out one cohort at a time: {', '.join(found)}." if found else ""


def _dates(rows: pd.DataFrame, options: Options) -> str:
    known = _known(rows, "placebo_date")
    if known.empty:
        return ""
    largest = known.loc[known["estimate"].abs().idxmax()]
    clear = int((known["p_value"] < 1 - options.level).sum())
    judged = int(known["p_value"].notna().sum())
    text = (
        f"With the start moved to an earlier date, on untreated periods only, the largest of {len(known)} "
        f"effects is {number(largest['estimate'])} (start in {largest['variant']})"
    )
    if judged:
        text += f"; {clear} of {judged} have a p-value below {100 * (1 - options.level):g} %"
    return text + ". None should be far from zero."


def _placebo_units(panel: Panel, rows: pd.DataFrame) -> str:
    known = _known(rows, "placebo_unit")
    if known.empty:
        return ""
    largest = known.loc[known["estimate"].abs().idxmax()]
    text = (
        f"Given a start one at a time, the {len(known)} untreated units show effects of up to "
        f"{number(abs(largest['estimate']))} in size ({largest['variant']})."
    )
    treated = int((panel.cohort < NEVER).sum())
    return text + f" One unit strays further than the mean of {treated}." if treated > 1 else text


def _breakdown(rows: pd.DataFrame) -> str:
    found = []
    for variant, words in (("first", "first effect"), ("average", "average effect")):
        relative = _value(rows, "relative_breakdown", variant)
        smooth = _value(rows, "smoothness_breakdown", variant)
        if not np.isnan(relative):
            found.append(f"- {words}: {_relative_words(relative)}")
        if not np.isnan(smooth):
            found.append(f"- {words}: {_smooth_words(smooth)}")
    return "How far parallel trends may fail:\n\n" + "\n".join(found) if found else ""


def _value(rows: pd.DataFrame, analysis: str, variant: str, setting: str = "") -> float:
    found = rows[(rows["analysis"] == analysis) & (rows["variant"] == variant) & (rows["setting"] == setting)]
    return float(found["estimate"].iloc[0]) if len(found) else np.nan


def _relative_words(value: float) -> str:
    if value == 0:
        return "zero is inside its interval even if trends are parallel."
    if np.isinf(value):
        return f"a violation of {LARGEST:g} times the largest seen before the start leaves zero outside."
    times = number(value, 2)
    return f"the violation may be {times} times the largest seen before the start before zero is inside."


def _smooth_words(value: float) -> str:
    if value == 0:
        return "zero is inside its interval if the difference in trends is a straight line."
    if np.isinf(value):
        return f"a change of slope of {LARGEST:g} standard errors per period leaves zero outside."
    return (
        f"the difference in trends may change its slope by {number(value, 2)} standard errors of the "
        "effect in each period before zero is inside."
    )


def _line(rows: pd.DataFrame, options: Options) -> str:
    known = _known(rows, "linear_trend")
    known = known[known["variant"] == "average"]
    if known.empty:
        return ""
    row = known.iloc[0]
    return (
        "Less the straight line through the periods before the start, the average effect is "
        f"{number(row['estimate'])} ({100 * options.level:g} % interval {number(row['ci_low'])} to "
        f"{number(row['ci_high'])})."
    )


def _pretest(rows: pd.DataFrame) -> str:
    found = []
    for row in _known(rows, "pretest_slope").itertuples():
        everywhere = _value(rows, "pretest_bias", "all samples", str(row.setting))
        passing = _value(rows, "pretest_bias", "samples that pass", str(row.setting))
        found.append(
            f"- A pre-trend test finds a trend of {number(row.estimate)} per period with "
            f"{100 * float(row.setting):g} % probability. That trend would add {number(everywhere)} to the "
            f"average effect, and {number(passing)} where the test was passed."
        )
    return "What a passed pre-trend test is worth:\n\n" + "\n".join(found) if found else ""
