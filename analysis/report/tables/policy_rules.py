"""Local rules as tables: how rates are adjusted, document lags, agreement, provisions, claims handling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.policy.words import FLOAT_RULES
from analysis.report.tables.markdown import Column, Table, escape, field, number
from analysis.report.tables.policy import rows_of, said
from analysis.report.tables.record import GRADE, SOURCE, place, whole, with_source
from analysis.report.tables.words import tag_words
from analysis.report.text import plain, value_text

if TYPE_CHECKING:
    import pandas as pd

    from analysis.report.results import Results

STEPS = {"starts": ("joins the pilot", "加入试点"), "expands": ("platforms added", "新增平台")}
BASES = {
    "text": ("text", "文本"),
    "draft": ("draft", "征求意见稿"),
    "seed": ("source article alone", "仅源文章"),
    "case": ("one case", "个案"),
}
ITEMS = {
    "processing time": ("processing time", "办理时限"),
    "confirmation time limit": ("time limit for confirmation", "确认时限"),
    "minor-injury fast track": ("fast track for minor injuries", "小伤快办"),
    "document review time": ("review of documents", "材料审核"),
    "case: rider, Chengdu": ("case of a rider, Chengdu", "成都骑手个案"),
    "case: rider, Zhongshan": ("case of a rider, Zhongshan", "中山骑手个案"),
    "one-click report in the app": ("report by one click in the app", "应用内一键报案"),
    "one-stop claims": ("one-stop claims", "一站式办理"),
    "claims across provinces": ("claims across provinces", "跨省办理"),
    "commercial insurers hired to handle claims": ("commercial insurers assist", "商业保险机构协助经办"),
}
ENOUGH = {
    "enough": ("yes", "可以"),
    "too_thin": ("too few provinces known", "已知省份过少"),
    "cannot_differ": ("only yes is coded", "只记录了“有”"),
}


def floats(results: Results) -> Table:
    """How provinces adjust the rate, as far as their texts were seen."""
    rows = rows_of(results, "rules", "cell")
    data = with_source(rows[rows["case"] == "float_rule"], results)
    columns = [
        Column("Province", "省份", place(results)),
        Column("Adjusted", "浮动方式", lambda row, lang: FLOAT_RULES[row["text"]][lang]),
        Column("Known from", "依据", said(BASES, "marks")),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def lags(results: Results) -> Table:
    """Days from the national start to each province's document, where one is on record."""
    rows = rows_of(results, "rollout_lag", "document")
    rows = rows[rows["text"] != ""]
    rows = rows.assign(step=rows["case"].str.split("/").str[0], wave=rows["case"].str[-1])
    titles = results.policies.set_index("policy_id")[["title_en", "title_zh", "issue_date"]]
    data = with_source(rows.join(titles, on="text", validate="m:1"), results)
    data = data.sort_values(["value", "value_upper"], kind="stable")

    def days(row: pd.Series, language: str) -> str:
        low, high = (value_text(row[end], plain(0), language) for end in ("value", "value_upper"))
        return low if low == high else f"{low} to {high}" if language == "en" else f"{low}至{high}"

    columns = [
        Column("Province", "省份", place(results)),
        Column("Wave", "批次", field("wave")),
        Column("Step", "步骤", said(STEPS, "step")),
        Column("National start", "全国启动日", field("date")),
        Column("Document", "文件", lambda row, lang: escape(row[f"title_{lang}"])),
        Column("Issued, as printed", "印发日期（按公布）", field("issue_date")),
        Column("Days after the start", "距启动日天数", days, right=True),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def agreement(results: Results) -> Table:
    """Agreement between provinces over known pairs, and whether it can carry an index."""
    rows = rows_of(results, "rules", "agreement")
    wide = rows.pivot(index=["case", "marks"], columns="unit", values="value").reset_index()
    data = wide.assign(evidence="published")

    def provision(row: pd.Series, language: str) -> str:
        own = {
            "float_rule": ("how the rate is adjusted", "费率浮动方式"),
            "platforms_2025": ("number of platforms from July 2025", "2025年7月起的平台数"),
        }
        return own[row["case"]][language == "zh"] if row["case"] in own else tag_words(row["case"], language)

    columns = [
        Column("Provision", "规定", provision),
        Column("Provinces known", "已知省份", number("known", whole), right=True),
        Column("Different values", "不同取值", number("values", whole), right=True),
        Column("Pairs known", "已知省份对", number("pairs_known", whole), right=True),
        Column("Pairs equal", "相同的对", number("pairs_equal", whole), right=True),
        Column("Pairs in all", "全部省份对", number("pairs_possible", whole), right=True),
        Column("Carries an index", "能否作指数", said(ENOUGH, "marks")),
    ]
    return Table(data, columns)


def matrix(results: Results) -> Table:
    """What each province's documents are known to provide; a province or provision not named is unknown."""
    rows = rows_of(results, "rules", "cell")
    tags = rows[~rows["case"].isin(["float_rule", "platforms_2025"])]
    data = with_source(tags, results)
    columns = [
        Column("Province", "省份", place(results)),
        Column("Provides", "规定", lambda row, language: tag_words(row["case"], language)),
        Column("Known from", "依据", said(BASES, "marks")),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def claims(results: Results) -> Table:
    """The record on claims handling, by date."""
    rows = results.policy[results.policy["lever"] == "claims"]

    def stated(row: pd.Series, language: str) -> str:
        parts = [results.said(part, language) for part in str(row["text"]).split(": ")]
        separator = ": " if language == "en" else "："
        return "" if row["text"] == "provided" else escape(separator.join(parts))

    data = with_source(rows.sort_values(["date", "province_code", "case"], kind="stable"), results)
    columns = [
        Column("Date", "日期", field("date")),
        Column("Province", "省份", place(results)),
        Column("What", "事项", said(ITEMS, "item")),
        Column(
            "As stated",
            "所述",
            stated,
        ),
        Column("Known from", "依据", said(BASES, "marks")),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)
