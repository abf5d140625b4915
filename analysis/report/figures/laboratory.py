"""The design laboratory as figures. Every row shown is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.report.effects import DIGITS, shown
from analysis.report.figures.inference import NAMES, panels
from analysis.report.figures.plot import Plot, horizontal_grid
from analysis.report.page import BLUE, GREY, INK, LINE, NAVY, ORANGE, PALE, Page
from analysis.report.tables.laboratory import DESIGNS, EFFECTS, LAB_METHODS, rows_of
from analysis.report.text import plain, value_text

if TYPE_CHECKING:
    from analysis.report.results import Results

MARKS = dict(zip(NAMES, (("o", NAVY), ("D", ORANGE), ("s", BLUE)), strict=True))
SIZE_LIMIT = 25.0  # right end of the axis, percent; larger sizes get an arrow
NAMED = config.INFERENCE
POWER = 80.0
TREATED = {"annual": 7, "annual_10_treated": 10, "annual_13_treated": 13, "annual_15_treated": 15}
YEARS = {"annual": 3, "annual_5_years": 5, "annual_8_years": 8}


def size(results: Results) -> Plot:
    """How often each test rejects a true null, by design and outcome.

    Returns
    -------
    Plot
        Data: rows ``size`` of lab.csv, annual calendar, group-time estimate.
    """
    data = rows_of(results, "size", estimator="group_time", event_time="")
    data = data[data["design"].isin(list(DESIGNS)) & data["inference"].isin(list(LAB_METHODS))]
    data = data.reset_index(drop=True)
    return Plot(data, lambda page: draw_size(page, data), height=1.9 + 0.3 * data["inference"].nunique())


def draw_size(page: Page, data: pd.DataFrame) -> None:
    """One column for each design, one row for each test, one mark for each outcome."""
    methods = [name for name in LAB_METHODS if (data["inference"] == name).any()]
    left, gap = (1.6 if page.language == "en" else 1.35), 0.1
    width = (page.width - left - 0.15 - gap * (len(DESIGNS) - 1)) / len(DESIGNS)
    for place, design in enumerate(DESIGNS):
        start = left + place * (width + gap)
        axes = page.axes(left=start, right=page.width - start - width, above=0.72, below=0.5)
        error = 100 * 1.96 * np.sqrt(0.05 * 0.95 / data["replications"].max())
        axes.axvspan(5 - error, 5 + error, color=PALE)
        axes.axvline(5, color=GREY, linewidth=0.9)
        for y, method in enumerate(methods):
            rows = data[(data["design"] == design) & (data["inference"] == method)].set_index("outcome")
            if method == NAMED:
                axes.axhspan(y - 0.5, y + 0.5, facecolor="none", edgecolor=INK, linewidth=0.8)
            for k, name in enumerate(NAMES):
                if name not in rows.index:
                    continue
                mark, colour = MARKS[name]
                value = 100 * float(rows.loc[name, "value"])
                if value > SIZE_LIMIT:
                    mark, value = ">", SIZE_LIMIT
                axes.plot(value, y + 0.22 * (k - 1), mark, color=colour, markersize=4.2, clip_on=False)
        head = DESIGNS[design][page.language == "zh"]
        axes.text(0, 1.01, head, transform=axes.transAxes, va="bottom", linespacing=1.2)
        axes.set_xlim(0, SIZE_LIMIT)
        axes.set_xticks([5, 15])
        axes.set_ylim(len(methods) - 0.4, -0.6)
        axes.set_yticks([])
        if place == 0:
            axes.set_yticks(range(len(methods)), [LAB_METHODS[m][page.language == "zh"] for m in methods])
            axes.tick_params(axis="y", length=0)
        axes.set_axisbelow(True)
        axes.grid(axis="x", color=LINE, linewidth=0.5)
    outcome_key(page, page.bottom + 0.1)


def outcome_key(page: Page, y: float) -> None:
    """Marks of the three outcomes."""
    words = {
        "formal_employment_rate": page.say("formal jobs", "正规就业"),
        "log_income_per_head": page.say("income", "收入"),
        "log_gdp_per_head": page.say("output", "产出"),
    }
    x = 0.1
    for name in NAMES:
        page.key(x, y, MARKS[name][0], words[name], MARKS[name][1])
        x += 0.55 + page.label_width(words[name])


def power(results: Results) -> Plot:
    """Chance that the named test finds a constant effect, by its size.

    Returns
    -------
    Plot
        Data: rows ``power_at_effect``, ``minimum_detectable_effect`` and ``size`` (power at no effect) of
        lab.csv, exchangeable design.
    """
    wanted = {"estimator": "group_time", "event_time": "", "design": "null_random", "inference": NAMED}
    metrics = ("power_at_effect", "minimum_detectable_effect", "size")
    data = pd.concat([rows_of(results, metric, **wanted) for metric in metrics], ignore_index=True)
    data = data.assign(parameter=pd.to_numeric(data["parameter"], errors="coerce"))
    return Plot(data, lambda page: draw_power(page, data), height=7.4)


def draw_power(page: Page, data: pd.DataFrame) -> None:
    """One curve for each outcome; where it reaches 80 % is the smallest effect found."""
    for name, axes in zip(NAMES, panels(page, 0.55, 0.55, 0.5, right=0.3), strict=True):
        rows = data[data["outcome"] == name]
        curve = rows[rows["metric"] == "power_at_effect"].sort_values("parameter")
        none = float(rows[rows["metric"] == "size"]["value"].iloc[0])
        x = np.concatenate([[0.0], shown(curve["parameter"], name)])
        y = 100 * np.concatenate([[none], curve["value"].to_numpy()])
        axes.plot(x, y, color=NAVY, linewidth=2)
        found = float(shown(rows[rows["metric"] == "minimum_detectable_effect"]["value"].iloc[0], name))
        axes.plot([found, found], [0, POWER], color=ORANGE, linewidth=1.4, linestyle=(0, (4, 2)))
        axes.plot(found, POWER, "o", color=ORANGE, markersize=6.5)
        words = value_text(found, plain(DIGITS[name]), page.language)
        axes.annotate(words, (found, POWER), xytext=(9, -9), textcoords="offset points")
        axes.axhline(POWER, color=GREY, linewidth=0.8)
        axes.set_ylim(0, 103)
        axes.set_xlim(0, x.max())
        axes.set_yticks([0, 25, 50, 80, 100])
        horizontal_grid(axes)
    axes.set_xlabel(
        page.say("true effect in every treated province and year", "每个试点省份和年份的真实效应"),
    )
    text = page.say("chance of being found, %", "被发现的概率（%）")
    page.figure.text(0.1 / page.width, (page.top - 0.12) / page.height, text, va="center")


def two_way(results: Results) -> Plot:
    """Bias of two-way fixed effects and of group-time effects in the rollout, by kind of effect.

    Returns
    -------
    Plot
        Data: rows ``exact_bias_percent`` of lab.csv, quarterly calendars: biases of the linear forms, free
        of Monte Carlo error.
    """
    rows = results.lab
    rows = rows[(rows["metric"] == "exact_bias_percent") & rows["estimator"].isin(["twfe", "group_time"])]
    rows = rows[rows["calendar"].str.startswith("quarterly") & rows["design"].isin(list(EFFECTS))]
    order = {name: k for k, name in enumerate(EFFECTS)}
    data = rows.assign(place=rows["design"].map(order)).sort_values(["calendar", "place", "estimator"])
    data = data.drop(columns="place").reset_index(drop=True)
    return Plot(data, lambda page: draw_two_way(page, data), height=4.6)


def draw_two_way(page: Page, data: pd.DataFrame) -> None:
    """Dots in percent of the true mean effect; one panel for each calendar."""
    titles = {
        "quarterly": page.say("third wave\nnot yet started", "第三批\n尚未启动"),
        "quarterly_all_treated": page.say("all waves\nstarted", "各批次\n均已启动"),
    }
    left, gap = 1.6, 0.25
    width = (page.width - left - 0.2 - gap) / 2
    low = float(data["value"].min())
    for place, (calendar, title) in enumerate(titles.items()):
        start = left + place * (width + gap)
        axes = page.axes(left=start, right=page.width - start - width, above=0.5, below=0.75)
        for y, design in enumerate(EFFECTS):
            rows = data[(data["calendar"] == calendar) & (data["design"] == design)].set_index("estimator")
            axes.plot([0, rows.loc["twfe", "value"]], [y, y], color=ORANGE, linewidth=2)
            axes.plot(rows.loc["twfe", "value"], y, "D", color=ORANGE, markersize=6)
            axes.plot(rows.loc["group_time", "value"], y, "o", color=NAVY, markersize=6)
        axes.axvline(0, color=GREY, linewidth=0.9)
        axes.text(0, 1.03, title, transform=axes.transAxes, va="bottom", linespacing=1.2)
        axes.set_xlim(min(1.12 * low, -5), 8)
        axes.set_ylim(len(EFFECTS) - 0.5, -0.5)
        axes.set_yticks([])
        if place == 0:
            axes.set_yticks(range(len(EFFECTS)), [words[page.language == "zh"] for words in EFFECTS.values()])
            axes.tick_params(axis="y", length=0)
        axes.set_axisbelow(True)
        axes.grid(axis="x", color=LINE, linewidth=0.5)
    label = page.say("bias, % of the true mean effect", "偏误（占真实平均效应的%）")
    page.figure.text((left + width) / page.width, (page.bottom + 0.4) / page.height, label,
                     ha="center", va="center")  # fmt: skip
    page.key(0.1, page.bottom + 0.12, "D", page.say("two-way fixed effects", "双向固定效应"), ORANGE)
    page.key(2.3, page.bottom + 0.12, "o", page.say("group-time effects", "组群—时间效应"), NAVY)


def precision(results: Results) -> Plot:
    """Smallest effect found with more treated provinces or more years, relative to the present design.

    Returns
    -------
    Plot
        Data: rows ``minimum_detectable_effect`` of lab.csv with ``relative``, the ratio to the annual
        calendar with seven treated provinces and three years.
    """
    wanted = {"estimator": "group_time", "event_time": "", "design": "null_random", "inference": NAMED}
    rows = rows_of(results, "minimum_detectable_effect", calendar="", **wanted)
    rows = rows[rows["calendar"].isin([*TREATED, *YEARS])]
    now = rows[rows["calendar"] == "annual"].set_index("outcome")["value"]
    data = rows.assign(
        treated=rows["calendar"].map(TREATED), years=rows["calendar"].map(YEARS),
        relative=rows["value"] / rows["outcome"].map(now),
    ).reset_index(drop=True)  # fmt: skip
    return Plot(data, lambda page: draw_precision(page, data), height=4.4)


def draw_precision(page: Page, data: pd.DataFrame) -> None:
    """Two panels side by side: more provinces at the left, more years at the right."""
    left, gap = 0.5, 0.75
    width = (page.width - left - 0.2 - gap) / 2
    sides = (
        ("treated", page.say("treated provinces of 31", "31个省份中的试点省份数")),
        ("years", page.say("years after the start", "启动后的年数")),
    )
    for place, (column, label) in enumerate(sides):
        start = left + place * (width + gap)
        axes = page.axes(left=start, right=page.width - start - width, above=0.4, below=0.85)
        for name in NAMES:
            rows = data[(data["outcome"] == name) & data[column].notna()].sort_values(column)
            mark, colour = MARKS[name]
            axes.plot(rows[column], 100 * rows["relative"], color=colour, marker=mark, markersize=5.5,
                      linewidth=1.6, linestyle="-" if name != NAMES[1] else (0, (4, 2)))  # fmt: skip
        axes.axhline(100, color=GREY, linewidth=0.9)
        axes.set_xticks(sorted(data[column].dropna().unique()))
        axes.set_ylim(0, None)
        axes.set_xlabel(label)
        horizontal_grid(axes)
    text = page.say("smallest effect found, present design = 100", "可发现的最小效应（现有设计=100）")
    page.figure.text(0.1 / page.width, (page.top - 0.14) / page.height, text, va="center")
    outcome_key(page, page.bottom + 0.12)
