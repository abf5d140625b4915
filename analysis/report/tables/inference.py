"""The study's estimates under every way of inference, and what they lean on, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.report.effects import DIGITS, UNITS, shown
from analysis.report.figures.specifications import CHOICES, LEVEL
from analysis.report.tables.labels import ESTIMATORS
from analysis.report.tables.markdown import Cell, Column, Table, number, translated
from analysis.report.tables.words import METHODS, OUTCOMES
from analysis.report.text import p_text, plain, range_text, value_text

if TYPE_CHECKING:
    from analysis.report.results import Results

NAMES = [outcome.name for outcome in config.OUTCOMES]
ESTIMATOR = "event_study_twfe"  # with one cohort its mean effect is the group-time effect


def inference(results: Results, outcome: str) -> Table:
    """The mean effect on one outcome under every way of inference; the one named in advance first."""
    rows = results.inference
    rows = rows[(rows["term"] == "att") & (rows["estimator"] == ESTIMATOR) & (rows["outcome"] == outcome)]
    order = {name: k for k, name in enumerate(METHODS)}
    data = rows.sort_values("method", key=lambda column: column.map(order), ignore_index=True)

    def judged(row: pd.Series, language: str) -> str:
        count = int(row["comparisons"])
        if not count:
            return ""
        return (
            f"{count:,}"
            if row["exact"] == "yes"
            else (f"{count:,} drawn" if language == "en" else f"抽取{count}次")
        )

    def effect(row: pd.Series, language: str) -> str:
        return value_text(float(shown(row["estimate"], outcome)), plain(DIGITS[outcome]), language)

    unit = UNITS[outcome]
    columns = [
        Column("Way of inference", "推断方法", lambda row, lang: METHODS[row["method"]][0][lang == "zh"]),
        Column("p", "p值", number("p_value", p_text), True),
        Column("Effect", "效应", effect, True),
        Column(f"95 % interval, {unit[0]}", f"95%区间（{unit[1]}）", interval_cell(outcome), True),
        Column("Right if", "成立条件", lambda row, lang: METHODS[row["method"]][1][lang == "zh"]),
        Column("Compared with", "比较次数", judged, True),
    ]
    return Table(data, columns)


def interval_cell(outcome: str) -> Cell:
    """An interval in the unit of the figures; empty where there is none or where it has no end."""

    def cell(row: pd.Series, language: str) -> str:
        low, high = (float(shown(row[name], outcome)) for name in ("ci_low", "ci_high"))
        return range_text(low, high, DIGITS[outcome], language) if np.isfinite([low, high]).all() else ""

    return cell


# Rows of the summary: analysis, variant, setting of sensitivity.csv, what it says, and what is printed.
SUMMARY: tuple[tuple[str, str, str, tuple[str, str], str], ...] = (
    (
        "relative_breakdown", "average", "",
        ("Trends may break by this multiple of the largest break before: mean effect",
         "趋势偏离可达事前最大变动的倍数：平均效应"),
        "multiple",
    ),
    ("relative_breakdown", "first", "", ("the same, first year", "同上，首年效应"), "multiple"),
    (
        "smoothness_breakdown", "average", "",
        ("Slope may change each year by this many standard errors: mean effect",
         "斜率每年变化可达标准误的倍数：平均效应"),
        "multiple",
    ),
    ("smoothness_breakdown", "first", "", ("the same, first year", "同上，首年效应"), "multiple"),
    (
        "linear_trend", "average", "",
        ("Mean effect less one line through the event study", "事件研究整体扣除一条直线后的平均效应"),
        "effect",
    ),
    (
        "pretest_slope", "slope found with that power", "0.8",
        ("Trend a year that the pre-test finds four times in five", "事前趋势检验有八成把握发现的年趋势"),
        "value",
    ),
    (
        "pretest_bias", "all samples", "0.8",
        ("Bias of the mean effect from such a trend", "该趋势造成的平均效应偏误"),
        "value",
    ),
    (
        "pretest_bias", "samples that pass", "0.8",
        ("the same where the test was passed", "同上，通过检验的样本"),
        "value",
    ),
)  # fmt: skip


def with_unit(outcome: str) -> tuple[str, str]:
    """Name of an outcome and the unit of its effect."""
    return f"{OUTCOMES[outcome][0]}, {UNITS[outcome][0]}", f"{OUTCOMES[outcome][1]}（{UNITS[outcome][1]}）"


def sensitivity(results: Results) -> Table:
    """What each outcome's estimate survives: breakdown values, trends, the worth of the pre-trend test."""
    rows = results.sensitivity.assign(setting=results.sensitivity["setting"].astype(str))
    parts = []
    for place, (analysis, variant, setting, _, kind) in enumerate(SUMMARY):
        hit = rows[
            (rows["analysis"] == analysis) & (rows["variant"] == variant) & (rows["setting"] == setting)
        ]
        assert len(hit) == len(NAMES), f"{analysis}, {variant}: {len(hit)} rows"
        parts.append(hit.assign(place=place, kind=kind))
    long = pd.concat(parts, ignore_index=True)
    data = long.pivot(index=["place", "kind"], columns="outcome", values=["estimate", "ci_low", "ci_high"])
    data.columns = [f"{outcome}_{name}" for name, outcome in data.columns]
    data = data.reset_index()

    def cell(outcome: str) -> Cell:
        def words(row: pd.Series, language: str) -> str:
            value = float(row[f"{outcome}_estimate"])
            if row["kind"] == "multiple":
                return value_text(value, plain(2), language) if np.isfinite(value) else "∞"
            text = value_text(float(shown(value, outcome)), plain(DIGITS[outcome]), language)
            low, high = (float(shown(row[f"{outcome}_{name}"], outcome)) for name in ("ci_low", "ci_high"))
            if row["kind"] == "effect":
                text += f" ({range_text(low, high, DIGITS[outcome], language)})"
            return text

        return words

    columns = [
        Column("What", "内容", lambda row, lang: SUMMARY[int(row["place"])][3][lang == "zh"]),
        *(Column(*with_unit(name), cell(name), True) for name in NAMES),
    ]
    return Table(data.assign(evidence="statistics"), columns)


def estimators(results: Results) -> Table:
    """The mean effect by every estimator, with permutation p-values where reassignment is possible."""
    rows = results.sensitivity[results.sensitivity["analysis"] == "estimator"]
    data = rows.sort_values(["outcome", "estimate", "variant"], ignore_index=True)

    def effect(row: pd.Series, language: str) -> str:
        outcome = str(row["outcome"])
        return value_text(float(shown(row["estimate"], outcome)), plain(DIGITS[outcome]), language)

    columns = [
        Column("Outcome", "结果变量", lambda row, lang: with_unit(row["outcome"])[lang == "zh"]),
        Column("Estimator", "估计方法", translated("variant", ESTIMATORS)),
        Column("Mean effect", "平均效应", effect, True),
        Column("p, randomisation", "p值（随机化）", number("p_value", p_text), True),
    ]
    return Table(data, columns)


def specifications(results: Results) -> Table:
    """The specification curve by outcome and choice: how many, median, range, share significant."""
    found = []
    for outcome in NAMES:
        rows = results.curve[results.curve["outcome"] == outcome]
        found.append({"outcome": outcome, "choice": "", "option": "", **summary(rows)})
        for choice, (_, options) in CHOICES.items():
            for option in options:
                part = rows[rows[choice].astype(str) == option]
                found.append({"outcome": outcome, "choice": choice, "option": option, **summary(part)})
    data = pd.DataFrame(found).assign(evidence="statistics")

    def label(row: pd.Series, language: str) -> str:
        if not row["choice"]:
            return ("**all**", "**全部**")[language == "zh"]
        title, options = CHOICES[row["choice"]]
        separator = ": " if language == "en" else "："
        return separator.join((title[language == "zh"], options[row["option"]][language == "zh"]))

    def effect(name: str) -> Cell:
        return lambda row, lang: value_text(
            float(shown(row[name], row["outcome"])), plain(DIGITS[row["outcome"]]), lang
        )

    def significant(row: pd.Series, language: str) -> str:
        return value_text(100 * float(row["significant"]), plain(1), language)

    columns = [
        Column("Outcome", "结果变量", lambda row, lang: with_unit(row["outcome"])[lang == "zh"]),
        Column("Choice", "选择", label),
        Column("Number", "个数", lambda row, lang: value_text(row["number"], plain(0), lang), True),
        Column("Median", "中位数", effect("median"), True),
        Column("Smallest", "最小", effect("smallest"), True),
        Column("Largest", "最大", effect("largest"), True),
        Column("p at most 0.05, %", "p不大于0.05（%）", significant, True),
    ]
    return Table(data, columns)


def summary(rows: pd.DataFrame) -> dict[str, float]:
    """Number, median, ends and share significant of some specifications."""
    value = rows["estimate"]
    return {
        "number": len(rows),
        "median": float(value.median()),
        "smallest": float(value.min()),
        "largest": float(value.max()),
        "significant": float((rows["p_value"] <= LEVEL).mean()),
    }
