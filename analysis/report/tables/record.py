"""The record as tables: rollout, figures, policies, platforms, rates, benefits, workers, sources."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from analysis.report.tables.markdown import (
    Cell,
    Column,
    Table,
    escape,
    field,
    link,
    number,
    translated,
    worded,
)
from analysis.report.tables.words import (
    EVENTS,
    GROUPS,
    INDUSTRIES,
    KINDS,
    MEASURES,
    RECORDS,
    SCHEMES,
    STATES,
    TIERS,
    UNITS,
    UNSTATED,
    tag_words,
)
from analysis.report.text import printed_text, round_to, write

if TYPE_CHECKING:
    from analysis.report.results import Results

GRADE = Column("Grade", "等级", field("grade"))
LOCAL = "local"
AS_OF = {  # days that the source does not print, and the day on which a target was named
    "participation_target": ("named on {}", "{}提出"),
    "year_end_implied": ("{} (as we read it)", "{}（我们的读法）"),
    "publication_date_proxy": ("by {}", "{}及以前"),
    "month_approx": ("about {}", "{}前后"),
    "undated_within_year": ("in the year up to {}", "截至{}的一年内"),
}
TEN_THOUSAND = 10_000
EXAMPLE = "programme_example"  # rows whose print is a list of amounts without their unit


def with_source(table: pd.DataFrame, results: Results) -> pd.DataFrame:
    """Add title, publisher and address of each row's source, and the evidence class."""
    sources = results.sources[["source_id", "title", "publisher", "url"]]
    sources = sources.assign(title_zh=[results.said(title, "zh") for title in sources["title"]])
    sources = sources.rename(columns={name: f"source_{name}" for name in sources if name != "source_id"})
    joined = table.merge(sources, on="source_id", how="left", validate="m:1")
    return joined.assign(evidence="published")


def source(row: pd.Series, language: str) -> str:
    """The row's source as a link."""
    title = row["source_title_zh"] if language == "zh" else row["source_title"]
    return link(str(title), str(row["source_url"]))


SOURCE = Column("Source", "来源", source)


def place(results: Results) -> Cell:
    """Name of the row's province, of its city if it has one, or of the nation."""

    def cell(row: pd.Series, language: str) -> str:
        code = str(row["province_code"])
        name = results.name(code, language) if code else ""
        city = results.said(str(row.get("city", "") or ""), language)
        return escape(f"{name}, {city}" if city and language == "en" else name + city)

    return cell


def rollout(results: Results) -> Table:
    """Every event of the register."""
    data = with_source(results.rollout.drop(columns=["date", "date_last"]), results)
    columns = [
        Column("Province", "省份", place(results)),
        Column("Wave", "批次", number("wave", whole), right=True),
        Column("Event", "事件", translated("event", EVENTS)),
        Column("Date as printed", "日期（按公布）", field("date_printed")),
        Column("Platforms", "平台数", number("platforms", whole), right=True),
        Column("Document", "文件", worded(results, "document")),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def whole(value: float, language: str) -> str:
    """A count."""
    return write(round_to(value, 0), language)


def counted(value: float, language: str) -> str:
    """A count; in Chinese in units of ten thousand where it has no smaller part."""
    if language == "zh" and value >= TEN_THOUSAND and value % 100 == 0:
        return f"{Decimal(str(value)) / TEN_THOUSAND:f}".rstrip("0").rstrip(".") + "万"
    return whole(value, language)


def as_of(row: pd.Series, language: str) -> str:
    """The day that a figure is for; where the source leaves it open, how it is read."""
    kind = row["measure"] if row["measure"] in AS_OF else row["date_precision"]
    words = AS_OF.get(kind, ("{}", "{}"))
    return words[language == "zh"].format(f"{row['as_of_date']:%Y-%m-%d}")


def ledger(results: Results) -> Table:
    """Every published figure, as printed and in words."""
    rows = results.ledger.drop(columns=["lower", "upper", "as_of_first", "as_of_last"])
    data = with_source(rows.sort_values("figure_id"), results)

    def value(row: pd.Series, language: str) -> str:
        unit = float(row["printed_unit"])
        words = printed_text(float(row["value"]), unit, row["qualifier"], language, row["printed"])
        noun = UNITS[row["unit"]][language == "zh"]
        return f"{words} {noun}" if language == "en" else words + noun

    columns = [
        Column("Place", "地区", place(results)),
        Column("What", "指标", translated("measure", MEASURES)),
        Column("As of", "截至", as_of),
        Column("Figure", "数值", value, right=True),
        Column("As printed", "原文", worded(results, "printed")),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def policies(results: Results, level: str) -> Table:
    """The documents of one level, in order of issue."""
    rows = results.policies[results.policies["level"] == level]
    undated = rows["issue_date"] == ""  # last
    rows = rows.assign(undated=undated).sort_values(["undated", "issue_date", "policy_id"])
    data = with_source(rows.drop(columns="undated"), results)

    def title(row: pd.Series, language: str) -> str:
        return link(str(row["title_zh"] if language == "zh" else row["title_en"]), str(row["source_url"]))

    listed = Column("In the article from which this project started", "引出本项目的文章所列", seed_mark)
    columns = [
        Column("Issued", "印发", field("issue_date")),
        *([Column("Province", "省份", place(results))] if level == LOCAL else []),
        Column("Document", "文件", title),
        Column("Number", "文号", field("document_number")),
        Column("Issuer", "发文机关", worded(results, "issuer")),
        Column("In force", "施行", field("effective_date")),
        Column("What it does", "要点", lambda row, language: tag_words(row["tags"], language)),
        *([listed] if (rows["seed_listed"] == "yes").any() else []),
        GRADE,
    ]
    return Table(data, columns)


def seed_mark(row: pd.Series, language: str) -> str:
    """Whether the source article's tables list the document."""
    if row["seed_listed"] != "yes":
        return ""
    return "yes" if language == "en" else "是"


def platforms(results: Results) -> Table:
    """Participating platforms, company programmes, worked examples and premiums."""
    data = with_source(results.platforms, results)

    def name(row: pd.Series, language: str) -> str:
        return escape(
            str(row["platform_en"]) if language == "en" else results.said(str(row["platform"]), language)
        )

    def printed(row: pd.Series, language: str) -> str:
        text = worded(results, "printed")(row, language)
        if row["record_type"] != EXAMPLE:  # the others name their unit
            return text
        unit = UNITS[row["unit"]][language == "zh"]
        return f"{text} ({unit})" if language == "en" else f"{text}（{unit}）"

    columns = [
        Column("Platform", "平台", name),
        Column("Row", "类别", translated("record_type", RECORDS)),
        Column("Industry", "行业", translated("industry", INDUSTRIES)),
        Column("Wave", "批次", number("wave", whole), right=True),
        Column("Since", "起始", field("start_date")),
        Column("Programme", "项目", worded(results, "programme")),
        Column("Where", "范围", worded(results, "scope")),
        Column("Rule", "规则", worded(results, "rule")),
        Column("Figure as printed", "数值（原文）", printed),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def platforms_of_a_rate(row: pd.Series, language: str) -> str:
    """Which platforms pay a rate; of two tiers the record does not say which pays which."""
    if row["platform_group"] == "all" and row["tier"] != "base":
        return UNSTATED[language == "zh"]
    return translated("platform_group", GROUPS)(row, language)


def rates(results: Results) -> Table:
    """Contributions per order."""
    data = with_source(results.rates, results)
    columns = [
        Column("Province", "省份", place(results)),
        Column("Industry", "行业", translated("industry", INDUSTRIES)),
        Column("Platforms", "平台", platforms_of_a_rate),
        Column("Tier", "档次", translated("tier", TIERS)),
        Column(
            "Yuan per order",
            "每单（元）",
            number("yuan_per_order", lambda value, _: f"{value:g}"),
            right=True,
        ),
        Column(
            "From",
            "自",
            lambda row, _: "" if pd.isna(row["effective_from"]) else f"{row['effective_from']:%Y-%m-%d}",
        ),
        Column("State", "状态", translated("status", STATES)),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def benefits(results: Results) -> Table:
    """Benefit items of the pilot beside those of work-injury insurance."""
    data = with_source(results.benefits, results)
    columns = [
        Column("Item", "项目", worded(results, "item")),
        Column("Scheme", "制度", translated("scheme", SCHEMES)),
        Column("Condition", "条件", worded(results, "condition")),
        Column("Benefit", "待遇", worded(results, "value")),
        Column("Base, or who pays", "基数或支付来源", worded(results, "reference_base")),
        Column("Place", "地区", place(results)),
        Column("State", "状态", translated("status", STATES)),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def workers(results: Results) -> Table:
    """Published counts of platform workers; definitions differ."""
    data = with_source(results.workers, results)
    columns = [
        Column("Area", "地区", worded(results, "area")),
        Column("Platform", "平台", worded(results, "platform")),
        Column("Group", "群体", worded(results, "group")),
        Column("As of", "截至", field("as_of_date")),
        Column("Count", "人数", number("value", counted), right=True),
        Column("Unit", "单位", translated("unit", UNITS)),
        Column("Definition or part", "口径或其中数", worded(results, "definition")),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def sources(results: Results) -> Table:
    """Every source, with its grade."""
    data = results.sources.assign(evidence="published").sort_values("source_id")
    columns = [
        Column(
            "Title",
            "标题",
            lambda row, language: link(results.said(str(row["title"]), language), str(row["url"])),
        ),
        Column("Publisher", "发布者", worded(results, "publisher")),
        Column("Published", "发布日期", field("date_published")),
        Column("Kind", "类别", translated("kind", KINDS)),
        GRADE,
        Column("Id", "编号", lambda row, language: f"`{row['source_id']}`"),
    ]
    return Table(data, columns)
