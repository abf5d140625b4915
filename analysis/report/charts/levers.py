"""The calculators' curves: contributions by orders a day, and a shared contribution by income."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.base.constants import NATION
from analysis.policy.words import MARK_WORDS
from analysis.report.charts.chart import Axis, Chart, Control, Mark
from analysis.report.figures.policy import ORDERS, PARTS, RATES
from analysis.report.text import date_text, round_to, write

if TYPE_CHECKING:
    from analysis.report.results import Results

STEP = 5  # orders a day from one mark of a line to the next
LI = 1000  # li of a yuan: rates are whole ones
SHARED = ("platform", "government", "individual")
WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "contribution": "Contribution of a worker’s orders of a day",
        "orders": "orders a day",
        "yuan": "yuan a day",
        "place": "Where",
        "day": "Rate in force on",
        "head": ("Where", "Date", "Trade", "Orders a day", "Yuan a day", "Yuan an order", "Grade"),
        "say": "{trade}, {place}, {day}: {orders} orders a day cost the platform {yuan} yuan, "
               "at {rate} yuan an order; grade {grade}{marks}.",
        "sharing": "A shared contribution by band of income: an invented example",
        "band": "band of monthly income, yuan", "month": "yuan a month",
        "head_sharing": ("Band of income", "Who pays", "Yuan a month", "Percent of the contribution"),
        "say_sharing": "Income {band}: {who} pays {yuan} yuan a month, {share} % of {total}. "
                       "Simulated: no real scheme, no real person.",
        "unit": "Shown as", "units": (("yuan", "yuan a month"), ("share", "percent of the contribution")),
        "percent": "percent of the contribution",
        "between": "{low} to {high}", "from": "from {low}",
    },
    "zh": {
        "contribution": "一名劳动者一日单量对应的缴费",
        "orders": "每日单量",
        "yuan": "元/日",
        "place": "地区",
        "day": "费率日期",
        "head": ("地区", "日期", "行业", "每日单量", "元/日", "元/单", "等级"),
        "say": "{trade}，{place}，{day}：每日{orders}单，平台缴费{yuan}元，每单{rate}元；"
               "等级{grade}{marks}。",
        "sharing": "共同缴费按收入分组：虚构示例",
        "band": "月收入分组，元", "month": "元/月",
        "head_sharing": ("收入分组", "缴费方", "元/月", "占缴费总额的%"),
        "say_sharing": "月收入{band}元：{who}每月缴{yuan}元，占{total}元的{share}%。"
                       "模拟：不涉及真实制度与个人。",
        "unit": "显示为", "units": (("yuan", "元/月"), ("share", "占缴费总额的百分比")),
        "percent": "占缴费总额的百分比",
        "between": "{low}至{high}", "from": "{low}以上",
    },
}  # fmt: skip


def contribution(results: Results, language: str) -> Chart:
    """Yuan a day against orders a day: one line for each trade whose rate is on record."""
    words, chinese = WORDS[language], language == "zh"
    rows = results.policy
    rows = rows[(rows["lever"] == "contribution") & (rows["item"] == "rate") & rows["case"].isin(list(RATES))]
    rows = rows.dropna(subset=["value"]).sort_values(["province_code", "date", "value", "case"])
    lines = []
    for row in rows.itertuples():
        li = round(row.value * LI)
        if abs(li - row.value * LI) > 1e-6:
            raise AssertionError(f"a rate of {row.value} yuan is no whole number of li")
        caveats = [MARK_WORDS[mark][language] for mark in str(row.marks).split(";") if mark in MARK_WORDS]
        note = "".join(("；" if chinese else "; ") + caveat for caveat in caveats)
        sources = [name for name in str(row.source_id).split(";") if name]
        lines.append([row.province_code, row.date, row.case, li, row.grade, note, sources])
    names = tuple((code, results.name(code, language)) for code in dict.fromkeys(rows["province_code"]))
    marked = tuple((float(orders), str(orders)) for orders in range(0, ORDERS + 1, 2 * STEP))
    days = tuple((day, date_text(day, language)) for day in sorted(set(rows["date"])))
    return Chart(
        title=words["contribution"],
        x=Axis(words["orders"], marked, (-1.0, ORDERS + 1.0)),
        y=Axis(words["yuan"], zero=True),
        head=words["head"],
        marks=[],
        controls=(
            Control("place", words["place"], NATION, names),
            Control("day", words["day"], days[0][0], days),
        ),
        table=rows[["evidence", "province_code", "date", "case", "value", "marks", "grade", "source_id"]],
        more={"kind": "lines", "rows": lines, "step": STEP, "last": ORDERS, "li": LI, "say": words["say"],
              "trades": {case: label[chinese] for case, label in RATES.items()},
              "sources": sorted({name for line in lines for name in line[-1]})},
    )  # fmt: skip


def sharing(results: Results, language: str) -> Chart:
    """Who pays how much of a contribution in each band of income, stacked."""
    words, chinese = WORDS[language], language == "zh"
    rows = results.policy[(results.policy["lever"] == "sharing") & (results.policy["item"] == "band")]
    wide = rows.pivot(index="case", columns="unit", values="value").sort_index()
    edges = [int(name.removeprefix("from=")) for name in wide.index]
    bands = [
        words["between"].format(low=low, high=high) if high else words["from"].format(low=low)
        for low, high in zip(edges, [*edges[1:], None], strict=True)
    ]
    marks = []
    for place, (band, row) in enumerate(zip(bands, wide.to_dict("records"), strict=True)):
        total = sum(row[f"{who}_yuan_a_month"] for who in SHARED)
        for unit, whole in (("yuan", total), ("share", 100.0)):
            low = 0.0
            for who in SHARED:
                yuan = row[f"{who}_yuan_a_month"]
                high = low + yuan / total * whole
                name = PARTS[who][chinese]
                said = {
                    "yuan": write(round_to(yuan, 2), language),
                    "total": write(round_to(total, 2), language),
                    "share": write(round_to(100 * yuan / total, 1), language),
                }
                sentence = words["say_sharing"].format(band=band, who=name, **said)
                line = (band, name, said["yuan"], said["share"])
                only = {"unit": (unit,)}
                marks.append(Mark(float(place), low, high, "segment", sentence, line, only, series=who))
                low = high
    return Chart(
        title=words["sharing"],
        x=Axis(
            words["band"],
            tuple((float(place), band) for place, band in enumerate(bands)),
            (-0.6, len(bands) - 0.4),
        ),
        y=Axis(words["month"], zero=True, by="unit", titles={"share": words["percent"]}),
        head=words["head_sharing"],
        marks=marks,
        controls=(Control("unit", words["unit"], "yuan", words["units"]),),
        table=pd.DataFrame(rows[["evidence", "case", "unit", "value"]]),
        key=tuple((who, PARTS[who][chinese]) for who in SHARED),
    )
