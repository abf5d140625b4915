"""What the trend analyses say, in words: how far parallel trends may fail, and what a pre-test is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..sensitivity.honest import LARGEST
from ..sensitivity.trends import ESTIMATOR
from .writeup import number

if TYPE_CHECKING:
    import pandas as pd

    from ..options import Options


def trend_paragraphs(rows: pd.DataFrame, options: Options) -> list[str]:
    """Paragraphs from the rows of sensitivity.csv; empty where an analysis has none."""
    return [_breakdown(rows), _line(rows, options), _pretest(rows)]


def known(rows: pd.DataFrame, analysis: str) -> pd.DataFrame:
    """Rows of an analysis that have an estimate."""
    return rows[(rows["analysis"] == analysis) & rows["estimate"].notna()]


def _breakdown(rows: pd.DataFrame) -> str:
    found = []
    for variant, words in (("first", "first effect"), ("average", "average effect")):
        relative = _value(rows, "relative_breakdown", variant)
        smooth = _value(rows, "smoothness_breakdown", variant)
        if not np.isnan(relative):
            found.append(f"- {words}: {_relative_words(relative)}")
        if not np.isnan(smooth):
            found.append(f"- {words}: {_smooth_words(smooth)}")
    intro = (
        f"How far parallel trends may fail, for {ESTIMATOR} with the last period before the start as base. "
        "A violation is a change between periods in the gap between treated and others that is no effect; "
        "the first effect is that of the first treated period, the average that of all."
    )
    return intro + "\n\n" + "\n".join(found) if found else ""


def _value(rows: pd.DataFrame, analysis: str, variant: str, setting: str = "") -> float:
    found = rows[(rows["analysis"] == analysis) & (rows["variant"] == variant) & (rows["setting"] == setting)]
    return float(found["estimate"].iloc[0]) if len(found) else np.nan


def _relative_words(value: float) -> str:
    if value == 0:
        return "zero is inside its interval even if trends are parallel."
    if np.isinf(value):
        return f"a violation of {LARGEST:g} times the largest seen before the start leaves zero outside."
    times = number(value, 2)
    return f"zero is inside its interval from a violation of {times} times the largest before the start on."


def _smooth_words(value: float) -> str:
    if value == 0:
        return "zero is inside its interval if the difference in trends is a straight line."
    if np.isinf(value):
        return f"a change of slope of {LARGEST:g} standard errors per period leaves zero outside."
    return (
        f"the difference in trends may change its slope by {number(value, 2)} standard errors of the "
        "effect in each period before zero is inside its interval."
    )


def _line(rows: pd.DataFrame, options: Options) -> str:
    found = known(rows, "linear_trend")
    found = found[found["variant"] == "average"]
    if found.empty:
        return ""
    row = found.iloc[0]
    return (
        f"Less the straight line through the periods before the start, the average effect of {ESTIMATOR} is "
        f"{number(row['estimate'])} ({100 * options.level:g} % interval {number(row['ci_low'])} to "
        f"{number(row['ci_high'])}). This takes the line for known to go on; the bounds above do not."
    )


def _pretest(rows: pd.DataFrame) -> str:
    found = []
    for row in known(rows, "pretest_slope").itertuples():
        everywhere = _value(rows, "pretest_bias", "all samples", str(row.setting))
        passing = _value(rows, "pretest_bias", "samples that pass", str(row.setting))
        found.append(
            f"- A pre-trend test finds a trend of {number(row.estimate)} per period with "
            f"{100 * float(row.setting):g} % probability. That trend would add {number(everywhere)} to the "
            f"average effect, and {number(passing)} where the test was passed."
        )
    return "What a passed pre-trend test is worth:\n\n" + "\n".join(found) if found else ""
