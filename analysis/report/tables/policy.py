"""The policy levers as tables: contributions, company programmes and shared cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.policy.programmes import CITIES_EN
from analysis.report.tables.markdown import Cell, Column, Table, escape, field, number, worded
from analysis.report.tables.record import GRADE, SOURCE, place, whole, with_source
from analysis.report.text import round_to, write

if TYPE_CHECKING:
    from analysis.report.results import Results

PARTIES = {"rider": ("a rider", "一名骑手"), "platform": ("a platform", "一个平台")}
PERIODS = {"day": ("a day", "每日"), "month": ("a month", "每月"), "year": ("a year", "每年")}
ANSWERS = {
    "before_start": ("not yet in the pilot", "尚未试点"),
    "no_first_pilot": ("no first-pilot platform", "无先行试点平台"),
    "no_rate": ("not on record", "无记录"),
    "adjusted": ("adjusted; not on record", "已浮动，无记录"),
}
CASES = {
    "ride_hailing/base": ("Ride-hailing", "出行"),
    "instant_delivery/new": ("Delivery, new", "即时配送，新纳入"),
    "instant_delivery/lower": ("Delivery, first pilot, lower", "即时配送，先行试点，低档"),
    "instant_delivery/higher": ("Delivery, first pilot, higher", "即时配送，先行试点，高档"),
    "same_city_freight/base": ("Freight", "同城货运"),
}
WHOSE = {
    "own": ("its own", "本地文本"),
    "national_base": ("national base", "全国基准额"),
    "refers_to_national": ("refers to the national bases", "引用全国基准额"),
}


def rows_of(results: Results, lever: str, item: str) -> pd.DataFrame:
    """Rows of policy.csv."""
    table = results.policy
    return table[(table["lever"] == lever) & (table["item"] == item)].reset_index(drop=True)


def said(words: dict[str, tuple[str, str]], name: str) -> Cell:
    """A coded value in the reader's language; blank where the row has none."""
    return lambda row, language: words[str(row[name])][language == "zh"] if row[name] else ""


def money(name: str, decimals: int = 2) -> Cell:
    """Yuan with a fixed number of digits."""
    return number(name, lambda value, language: write(round_to(value, decimals), language))


def orders(results: Results) -> Table:
    """The two delivery bases for a stated number of orders: one rider, one platform."""
    rows = rows_of(results, "contribution", "question")
    rows = rows[rows["unit"].str.startswith("yuan")]
    parts = rows["case"].str.split("/", expand=True)
    rows = rows.assign(party=parts[0], tier=parts[1], period=rows["unit"].str.removeprefix("yuan_a_"))
    wide = rows.pivot(index=["party", "text", "period"], columns="tier", values="value").reset_index()
    order = {name: place for place, name in enumerate(PERIODS)}
    wide = wide.assign(rank=wide["period"].map(order), evidence="example")
    wide = wide.sort_values(["party", "rank"], ascending=[False, True], kind="stable").drop(columns="rank")
    columns = [
        Column("For", "对象", said(PARTIES, "party")),
        Column("Orders", "单量", order_words),
        Column("Period", "期间", said(PERIODS, "period")),
        Column("Lower base, yuan", "低档，元", money("lower"), right=True),
        Column("Higher base, yuan", "高档，元", money("higher"), right=True),
        Column("Difference, yuan", "差额，元", money("difference"), right=True),
    ]
    return Table(wide, columns)


def order_words(row: pd.Series, language: str) -> str:
    """Orders a day and days a month, from the row's own text."""
    if language == "en":
        return str(row["text"])
    count, days = (int(part.split(" ")[0].replace(",", "")) for part in str(row["text"]).split(", "))
    return f"每日{count // 10_000}万单，每月{days}天" if count >= 10_000 else f"每日{count}单，每月{days}天"


def rates(results: Results) -> Table:
    """The rate in each province at the end of the record, or why there is none."""
    rows = rows_of(results, "contribution", "rate")
    rows = rows[(rows["date"] == rows["date"].max()) & rows["case"].isin(list(CASES))]
    wide = rows.pivot(index="province_code", columns="case", values=["value", "text", "marks"])
    data = pd.DataFrame({"province_code": wide.index, "evidence": "published"})
    for case in CASES:
        data[case] = wide[("value", case)].to_numpy(dtype=float)
        data[f"{case} why"] = wide[("text", case)].to_numpy()

    # ride-hailing has one rate for all platforms: its marks tell whose rate it is
    marks = wide[("marks", "ride_hailing/base")].str.split(";").str[0]
    known = data["ride_hailing/base"].notna().to_numpy()
    data["basis"] = marks.where(marks.isin(list(WHOSE)), "own").where(known, "").to_numpy()

    def rate(case: str) -> Cell:
        return lambda row, language: (
            ANSWERS[row[f"{case} why"]][language == "zh"] if pd.isna(row[case]) else f"{row[case]:g}"
        )

    columns = [Column("Province", "省份", place(results))]
    columns += [Column(*CASES[case], rate(case), right=True) for case in CASES]
    columns += [Column("Whose rate", "费率依据", said(WHOSE, "basis"))]
    return Table(data, columns)


def cases(results: Results) -> Table:
    """The published cases of the pension subsidy against the rule."""
    rows = rows_of(results, "programme", "case")
    keys = ["case", "province_code", "date", "grade", "source_id"]
    wide = rows.pivot(index=keys, columns="unit", values="value").reset_index()
    data = with_source(wide, results).sort_values(["date", "case"], kind="stable")

    def agrees(row: pd.Series, language: str) -> str:
        if pd.isna(row["computed_yuan"]):
            return "cannot be checked" if language == "en" else "无法核对"
        same = row["computed_yuan"] == row["printed_yuan"]
        return ("yes" if same else "no") if language == "en" else ("一致" if same else "不一致")

    def city(row: pd.Series, language: str) -> str:
        return CITIES_EN[row["case"]] if language == "en" else str(row["case"])

    columns = [
        Column("City", "城市", city),
        Column("Date", "日期", field("date")),
        Column("Floor, yuan", "缴费基数下限，元", money("floor_yuan"), right=True),
        Column("Subsidy printed", "公布补贴，元", money("printed_yuan"), right=True),
        Column("Subsidy by the rule", "按规则计算，元", money("computed_yuan"), right=True),
        Column("Same", "是否一致", agrees),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def programmes(results: Results) -> Table:
    """Dated statements on company programmes."""
    rows = results.platforms[results.platforms["record_type"] == "programme"]
    data = with_source(rows.sort_values(["platform_en", "start_date", "record_id"]), results)
    columns = [
        Column(
            "Platform",
            "平台",
            lambda row, lang: escape(
                row["platform_en"] if lang == "en" else results.said(row["platform"], lang)
            ),
        ),
        Column("Since", "起始", field("start_date")),
        Column("Programme", "项目", worded(results, "programme")),
        Column("Where", "范围", worded(results, "scope")),
        Column("Rule", "规则", worded(results, "rule")),
        Column("Figure as printed", "数值（原文）", worded(results, "printed")),
        GRADE,
        SOURCE,
    ]
    return Table(data, columns)


def bands(results: Results) -> Table:
    """Who pays what by income band, in the example."""
    rows = rows_of(results, "sharing", "band")
    wide = rows.pivot(index="case", columns="unit", values="value").reset_index()
    lower = wide["case"].str.removeprefix("from=").astype(int)
    data = wide.assign(lower=lower, upper=lower.shift(-1), evidence="simulated")

    def band(row: pd.Series, language: str) -> str:
        low = write(round_to(row["lower"], 0), language)
        if pd.isna(row["upper"]):
            return f"from {low}" if language == "en" else f"{low}以上"
        high = write(round_to(row["upper"], 0), language)
        return f"{low} to {high}" if language == "en" else f"{low}至{high}"

    names = {
        "income": ("Mean income", "平均收入"),
        "platform": ("Platform", "平台"),
        "government": ("Government", "政府"),
        "individual": ("Worker", "个人"),
        "contribution": ("Contribution", "缴费合计"),
    }
    columns = [
        Column("Income a month, yuan", "月收入，元", band),
        Column("Worker-months", "人月", number("worker_months", whole), right=True),
    ]
    columns += [Column(*words, money(f"{name}_yuan_a_month"), right=True) for name, words in names.items()]
    return Table(data, columns)
