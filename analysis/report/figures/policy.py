"""The policy levers as figures: contributions by orders, lost entitlements, shared cost, document lags."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.constants import NATION
from analysis.report.figures.plot import Plot, horizontal_grid
from analysis.report.page import BLUE, GREY, INK, LINE, NAVY, ORANGE, Page

if TYPE_CHECKING:
    from analysis.report.results import Results

ORDERS = 60  # right end of the axis: one and a half times the example's orders a day
RATES = {
    "ride_hailing/base": ("ride-hailing", "出行"),
    "instant_delivery/lower": ("delivery, lower", "即时配送低档"),
    "same_city_freight/base": ("freight", "同城货运"),
    "instant_delivery/higher": ("delivery, higher", "即时配送高档"),
}
PARTS = {
    "platform": ("platform", "平台", NAVY),
    "government": ("government", "政府", ORANGE),
    "individual": ("worker", "个人", BLUE),
}
WAVES = {"1": NAVY, "2": ORANGE, "3": GREY}


def contribution(results: Results) -> Plot:
    """Yuan a day against orders a day, one line for each national base."""
    rows = results.policy
    rows = rows[(rows["lever"] == "contribution") & (rows["item"] == "rate")]
    rows = rows[(rows["province_code"] == NATION) & rows["case"].isin(list(RATES))]
    rows = rows[rows["date"] == rows["date"].min()]
    data = rows[["evidence", "case", "date", "value", "grade", "source_id"]].sort_values("value")
    data = data.assign(yuan_at_right_end=data["value"] * ORDERS)
    return Plot(data, lambda page: draw_contribution(page, data), height=4.2)


def draw_contribution(page: Page, data: pd.DataFrame) -> None:
    """Straight lines with their label at the end."""
    axes = page.axes(left=0.45, right=2.0, above=0.15, below=0.5)
    for row in data.itertuples():
        axes.plot([0, ORDERS], [0, row.value * ORDERS], color=NAVY, linewidth=2)
        label = page.say(*RATES[row.case])
        axes.annotate(
            page.say(f"{label}: {row.value:g} yuan", f"{label}：{row.value:g}元"),
            (ORDERS, row.value * ORDERS),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_xlim(0, ORDERS)
    axes.set_ylim(0, 1.06 * data["yuan_at_right_end"].max())
    horizontal_grid(axes)
    axes.set_xlabel(page.say("orders a day", "每日单量"))


def entitlement(results: Results) -> Plot:
    """Share of months that earn the subsidy against the spread of monthly incomes."""
    rows = results.policy[results.policy["item"] == "entitlement"]
    parts = rows["case"].str.extract(
        r"mean=(?P<mean>[\d.]+);spread=(?P<spread>[\d.]+);window=(?P<window>\w+)"
    )
    data = pd.concat([rows[["evidence", "unit", "value"]], parts], axis=1)
    data = data.astype({"mean": float, "spread": float})
    return Plot(data, lambda page: draw_entitlement(page, data), height=4.6)


def draw_entitlement(page: Page, data: pd.DataFrame) -> None:
    """One line for each mean income under the reading that includes the current month."""
    axes = page.axes(left=0.5, right=1.3, above=0.2, below=0.5)
    shares = data[(data["unit"] == "share") & (data["window"] == "including")]
    for mean, group in shares.groupby("mean"):
        line = group.sort_values("spread")
        axes.plot(100 * line["spread"], 100 * line["value"], color=NAVY, linewidth=2)
        axes.annotate(
            page.say(f"{100 * mean:.0f} % of floor", f"下限的{100 * mean:.0f}%"),
            (100 * line["spread"].iloc[-1], 100 * line["value"].iloc[-1]),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_xlim(0, 100 * shares["spread"].max())
    axes.set_ylim(0, 103)
    horizontal_grid(axes)
    axes.set_xlabel(
        page.say("spread of incomes between months, % of their mean", "月收入波动（标准差占均值的%）"),
    )


def sharing(results: Results) -> Plot:
    """Mean contribution by income band, split between the three parties."""
    rows = results.policy[(results.policy["lever"] == "sharing") & (results.policy["item"] == "band")]
    data = rows[["evidence", "case", "unit", "value"]].copy()
    return Plot(data, lambda page: draw_sharing(page, data), height=3.9)


def draw_sharing(page: Page, data: pd.DataFrame) -> None:
    """Stacked bars; the hatch of each part tells it apart without colour."""
    axes = page.axes(left=1.15, right=0.3, above=0.45, below=0.5)
    wide = data.pivot(index="case", columns="unit", values="value").sort_index(ascending=False)
    edges = [int(name.removeprefix("from=")) for name in sorted(wide.index)]
    ends = [*edges[1:], None]
    labels = [
        page.say(f"{low:,} to {high:,}", f"{low}至{high}")
        if high
        else page.say(f"from {low:,}", f"{low}以上")
        for low, high in zip(edges, ends, strict=True)
    ]
    left = pd.Series(0.0, wide.index)
    x = 1.15
    for name, (english, chinese, colour) in PARTS.items():
        values = wide[f"{name}_yuan_a_month"]
        hatch = {"platform": None, "government": "////", "individual": "...."}[name]
        fill = colour if name == "platform" else "white"
        axes.barh(range(len(wide)), values, left=left, color=fill, edgecolor=colour, hatch=hatch, height=0.6)
        page.swatch(x, page.top - 0.2, page.say(english, chinese), colour, hatch, fill)
        x += 1.25
        left += values
    axes.set_yticks(range(len(wide)), labels[::-1])
    axes.set_xlim(0, 500 * math.ceil(left.max() / 500))  # ends at a tick, so that no label runs over the edge
    axes.set_axisbelow(True)
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    axes.set_xlabel(page.say("yuan a month, by band of monthly income", "元/月，按月收入分组"))


def lags(results: Results) -> Plot:
    """Days from the national start to each province's document; a bar where only month or year is known."""
    rows = results.policy[results.policy["lever"] == "rollout_lag"]
    rows = rows[(rows["item"] == "document") & (rows["text"] != "")]
    steps = rows["case"].str.split("/wave ", expand=True)
    columns = ["evidence", "province_code", "date", "value", "value_upper", "text", "grade", "source_id"]
    data = rows[columns].assign(step=steps[0], wave=steps[1])
    data = data.sort_values(["value_upper", "value", "province_code"], kind="stable").reset_index(drop=True)
    names = {lang: [results.name(code, lang) for code in data["province_code"]] for lang in ("en", "zh")}
    return Plot(data, lambda page: draw_lags(page, data, names[page.language]), height=1.9 + 0.26 * len(data))


def draw_lags(page: Page, data: pd.DataFrame, names: list[str]) -> None:
    """One row for each document."""
    axes = page.axes(left=1.1, right=0.15, above=0.45, below=0.5)
    for y, row in enumerate(data.itertuples()):
        colour = WAVES[row.wave]
        if row.value == row.value_upper:
            axes.plot(row.value, y, marker="o", color=colour, markersize=6.5)
        else:
            axes.plot([row.value, row.value_upper], [y, y], color=colour, linewidth=5, solid_capstyle="butt")
        letter = {"starts": page.say("start", "启动"), "expands": page.say("widening", "扩围")}[row.step]
        axes.annotate(
            page.say(f"wave {row.wave}, {letter}", f"第{row.wave}批，{letter}"),
            (row.value_upper, y),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
    page.key(1.1, page.top - 0.2, "o", page.say("day known", "知日"), INK)
    page.key(2.3, page.top - 0.2, "bar", page.say("month or year known: range", "仅知年月：区间"), INK)
    axes.axvline(0, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.set_yticks(range(len(data)), names)
    axes.set_ylim(len(data) - 0.5, -0.5)
    axes.set_xlim(data["value"].min() - 12, data["value_upper"].max() + 180)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    axes.set_xlabel(
        page.say("days after the national start (negative: before)", "距全国启动日天数（负数为提前）"),
    )
