"""The mean effect among provinces of similar level, against the last year and against own trends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis import config
from analysis.report.effects import DIGITS, shown
from analysis.report.tables.inference import with_unit
from analysis.report.tables.markdown import Cell, Column, Table, number
from analysis.report.text import p_text, plain, value_text

if TYPE_CHECKING:
    from analysis.report.results import Results

NAMES = [outcome.name for outcome in config.OUTCOMES]


def bands(results: Results) -> Table:
    """One row for each outcome and number of bands: two effects with their permutation p-values."""
    rows = results.sensitivity
    whole = rows[(rows["analysis"] == "estimator") & (rows["variant"] == "group_time")]
    last = pd.concat([whole.assign(variant="none"), rows[rows["analysis"] == "level_bands"]])
    own = rows[(rows["analysis"] == "own_trend") & (rows["variant"] != "placebo")]
    kept = ["outcome", "variant", "estimate", "p_value"]
    data = last[kept].merge(own[kept], on=["outcome", "variant"], suffixes=("_last_year", "_own_trend"))
    assert len(data) == len(last) == len(own), "bands of the two comparisons differ"
    order = {"none": 0} | {name: k for k, name in enumerate(NAMES)}
    data = data.sort_values(
        ["outcome", "variant"], key=lambda column: column.map(lambda v: order.get(v, v)).astype(int),
        ignore_index=True,
    )  # fmt: skip

    def cut(row: pd.Series, language: str) -> str:
        return row["variant"] if row["variant"] != "none" else ("none", "不分组")[language == "zh"]

    def effect(name: str) -> Cell:
        return lambda row, lang: value_text(
            float(shown(row[name], row["outcome"])), plain(DIGITS[row["outcome"]]), lang
        )

    columns = [
        Column("Outcome", "结果变量", lambda row, lang: with_unit(row["outcome"])[lang == "zh"]),
        Column("Bands", "组数", cut, True),
        Column("Against 2021", "与2021年相比", effect("estimate_last_year"), True),
        Column("p", "p值", number("p_value_last_year", p_text), True),
        Column("Against own trend", "与自身趋势相比", effect("estimate_own_trend"), True),
        Column("p, own trend", "p值（自身趋势）", number("p_value_own_trend", p_text), True),
    ]
    return Table(data.assign(evidence="statistics"), columns)
