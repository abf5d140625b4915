"""Methods as tables: our estimates beside other software's, the plan and the forecast beside what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.report.tables.labels import ESTIMATORS, choice_words
from analysis.report.tables.markdown import Column, Table, field, translated
from analysis.report.text import PERSONS, date_text, interval_text, plain, value_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.report.results import Results

DATASETS = {
    "sim_never": ("some never treated", "部分从未处理"),
    "sim_nyt": ("all treated in the end", "最终全部处理"),
    "sim_sections": ("repeated cross-sections", "重复截面"),
    "sim_weights": ("weights by period", "权重逐期不同"),
    "sim_paths": ("doses up, down and off", "剂量升降与取消"),
    "sim_paths_x": ("doses, with covariates", "剂量，含协变量"),
    "sim_counts": ("counts", "计数"),
    "sim_shares": ("yes and no", "是与否"),
    "sim_triple": ("eligible and other units", "符合与不符合条件的单位"),
}


def agreement(results: Results) -> Table:
    """Overall effects of every estimator and of its peers on the two simulated panels."""

    def panel(row: pd.Series, language: str) -> str:
        return DATASETS[str(row["dataset"])][language == "zh"]

    def effect(row: pd.Series, name: str, language: str) -> str:
        value, error = float(row[name]), float(row[f"{name}_error"])
        text = value_text(value, plain(6), language)
        return text if pd.isna(error) else f"{text} ({value_text(error, plain(6), language)})"

    def peer(row: pd.Series, language: str) -> str:
        method, _, how = str(row["method"]).partition(", ")
        said = f" ({results.said(how, language)})" if how else ""
        return f"`{row['software']} {row['version']}: {method}`{said}"

    def largest(row: pd.Series, _: str) -> str:
        return f"{float(row['largest_difference']):.0e}"

    columns = [
        Column("Estimator", "估计方法", translated("estimator", ESTIMATORS)),
        Column("Panel", "面板", panel),
        Column("Peer", "对照软件", peer),
        Column("Ours (error)", "本项目（标准误）", lambda row, lang: effect(row, "ours", lang), True),
        Column("Peer's (error)", "对照（标准误）", lambda row, lang: effect(row, "reference", lang), True),
        Column("Values compared", "比较的数值个数", lambda row, _: str(int(row["parameters"])), True),
        Column("Largest relative difference", "最大相对差异", largest, True),
    ]
    return Table(results.agreement, columns)


CHOICES = {
    "outcomes": ("outcomes", "结果变量"),
    "estimators": ("estimators", "估计方法"),
    "specifications": ("samples", "样本"),
    "inference": ("way of inference", "推断方法"),
    "confidence_level": ("confidence level", "置信水平"),
    "first_year": ("first year", "起始年"),
    "last_year": ("last year", "截止年"),
    "headline_reading": ("reading of the record", "公开记录的读法"),
    "headline_grades": ("grades in headlines", "主要结果的来源等级"),
    "primary_results": ("primary results reported", "主要结果已报告"),
}
KEPT = {"yes": ("kept", "遵守"), "no": ("not kept", "未遵守")}
ASSUMPTIONS = {
    "as_second_wave": ("as the second wave at the same distance", "与第二批同期相同"),
    "half_to_one_and_a_half": (
        "half the lowest to one and a half times the highest counted second-wave province",
        "介于有公布数的第二批省份最低值的一半与最高值的一倍半之间",
    ),
    "half_to_one_and_a_half_pace": (
        "earlier waves add between half and one and a half times their fastest pace",
        "前两批的增量介于此前最快速度的一半与一倍半之间",
    ),
    "middle_of_second_wave": ("the middle half of the second wave's interval", "第二批区间的中间一半"),
    "steady_or_double": (
        "earlier waves add between nothing and twice their fastest pace",
        "前两批的增量介于零与此前最快速度的两倍之间",
    ),
}
SCORES = {
    "inside": ("inside", "命中"),
    "outside": ("outside: failed", "未命中：预测失败"),
    "undecided": ("cannot be decided", "无法判定"),
    "no_figure": ("no figure yet", "尚无公布数"),
}


def plan(results: Results) -> Table:
    """Every planned choice beside what the study does now."""

    def code(name: str) -> Callable[[pd.Series, str], str]:
        return lambda row, language: choice_words(str(row[name]), language)

    columns = [
        Column("Choice", "选择", translated("choice", CHOICES)),
        Column("Plan", "计划", translated("kept", KEPT)),
        Column("Committed", "计划内容", code("planned")),
        Column("Done", "实际", code("done")),
        Column("Deviation", "偏离", field("deviation")),
    ]
    return Table(results.plan, columns)


def forecast(results: Results) -> Table:
    """Forecast intervals for the end of 2026 and what was printed since."""

    def place(row: pd.Series, language: str) -> str:
        if pd.notna(row["level"]):
            return ("China, inner interval (one half)", "全国，内区间（概率一半）")[language == "zh"]
        if not row["province_code"]:
            return ("third wave", "第三批合计")[language == "zh"]
        return results.name(row["province_code"], language)

    def interval(low: str, high: str) -> Callable[[pd.Series, str], str]:
        return lambda row, lang: (
            "" if pd.isna(row[low]) else interval_text(float(row[low]), float(row[high]), PERSONS, lang)
        )

    def persons(name: str) -> Callable[[pd.Series, str], str]:
        return lambda row, lang: "" if pd.isna(row[name]) else value_text(float(row[name]), PERSONS, lang)

    def why(row: pd.Series, language: str) -> str:
        parts = [ASSUMPTIONS[name][language == "zh"] for name in str(row["assumptions"]).split("; ")]
        return ("; " if language == "en" else "；").join(parts)

    rows = results.forecast
    first = {"00": 0, "": 1}
    data = rows.assign(order=rows["province_code"].map(first).fillna(2))
    data = data.sort_values(["registered", "order", "province_code"], ignore_index=True).drop(columns="order")
    columns = [
        Column("Where", "范围", place),
        Column(
            "People ever enrolled at the end of 2026",
            "2026年末累计参保人数",
            interval("lower", "upper"),
            True,
        ),
        Column("Printed since", "其后公布", interval("printed_lower", "printed_upper"), True),
        Column("Score", "评分", translated("result", SCORES)),
        Column("Score by width", "按宽度评分", persons("interval_score"), True),
        Column("Assumes", "假定", why),
        Column("Committed on", "写入日期", lambda row, lang: date_text(row["registered"], lang)),
    ]
    return Table(data, columns)
