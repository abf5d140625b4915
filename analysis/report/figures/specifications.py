"""The specification curve: every defensible estimate in order, and which choice each one makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.report.effects import UNITS, shown
from analysis.report.figures.plot import Plot, horizontal_grid
from analysis.report.page import BLUE, GREY, LINE, NAVY, ORANGE, Page

if TYPE_CHECKING:
    from matplotlib.colors import LinearSegmentedColormap

    from analysis.report.results import Results

LEVEL = 0.05
# Options of each choice with their labels, in the order drawn.
CHOICES: dict[str, tuple[tuple[str, str], dict[str, tuple[str, str]]]] = {
    "estimator": (
        ("compared with", "对比基准"),
        {
            "group_time": ("2021", "2021年"),
            "group_time_2019": ("2019", "2019年"),
            "twfe": ("all years before", "此前各年"),
            "unit_trends": ("own trend", "各自趋势"),
        },
    ),
    "control": (
        ("control wave", "对照批次"),
        {
            "all": ("both later", "后两批"),
            "second_wave": ("second", "第二批"),
            "third_wave": ("third", "第三批"),
        },
    ),
    "covariate": (
        ("adjusted for", "调整变量"),
        {
            "none": ("nothing", "无"),
            "log_gdp_per_head": ("output 2021", "2021年产出"),
            "log_residents": ("residents 2021", "2021年人口"),
        },
    ),
    "rule": (
        ("2022 counts", "2022年计为"),
        {
            "any_day": ("as treated", "试点"),
            "share_of_days": ("half", "一半"),
            "first_full": ("not at all", "不计"),
        },
    ),
    "left_out": (
        ("left out", "剔除年份"),
        {
            "": ("no year", "无"),
            "2020": ("2020", "2020年"),
            "2020 2021 2022": ("2020 to 2022", "2020至2022年"),
        },
    ),
    "sample": (
        ("without", "剔除省份"),
        {
            "main": ("none", "无"),
            "without_33": ("Zhejiang", "浙江"),
            "without_44": ("Guangdong", "广东"),
            "without_31": ("Shanghai", "上海"),
            "without_13": ("Hebei", "河北"),
        },
    ),
}


def curve(results: Results, outcome: str) -> Plot:
    """All specifications of one outcome in the order of their estimates.

    Returns
    -------
    Plot
        Data: rows of specification_curve.csv with their ``rank``.
    """
    rows = results.curve[results.curve["outcome"] == outcome]
    data = rows.sort_values(["estimate", *CHOICES], ignore_index=True)
    data.insert(0, "rank", np.arange(1, len(data) + 1))
    return Plot(data, lambda page: draw_curve(page, data, outcome), height=8.6)


def is_main(data: pd.DataFrame) -> pd.Series:
    """The study's own specification among all."""
    last = next(item.last_year for item in config.OUTCOMES if item.name == data["outcome"].iloc[0])
    wanted = {
        "estimator": "group_time", "control": "all", "covariate": "none", "rule": "any_day",
        "left_out": "", "sample": "main", "start": config.CURVE_STARTS[0], "end": last,
    }  # fmt: skip
    hit = pd.Series(True, index=data.index)
    for name, value in wanted.items():
        hit &= data[name] == value
    return hit


def draw_curve(page: Page, data: pd.DataFrame, outcome: str) -> None:
    """Points above, one strip for each option below: where along the curve it is chosen."""
    left, strip, space = (2.15, 0.175, 0.1) if page.language == "en" else (1.75, 0.175, 0.1)
    rows = sum(len(options) for _, options in CHOICES.values())
    below = rows * strip + space * len(CHOICES) + 0.2
    axes = page.axes(left=left, right=0.12, above=0.6, below=below)
    x, y = data["rank"].to_numpy(), shown(data["estimate"], outcome)
    hit = (data["p_value"] <= LEVEL).to_numpy()
    axes.axhline(0, color=GREY, linewidth=0.9)
    axes.scatter(x[~hit], y[~hit], s=3, color=BLUE, linewidths=0, rasterized=True)
    axes.scatter(x[hit], y[hit], s=9, color=NAVY, marker="D", linewidths=0, rasterized=True)
    main = np.flatnonzero(is_main(data))
    axes.plot(x[main], y[main], "o", color="white", markeredgecolor=ORANGE, markersize=8, markeredgewidth=2)
    axes.set_xlim(0, len(data) + 1)
    axes.set_xticks([])
    horizontal_grid(axes)
    unit = UNITS[outcome][page.language == "zh"]
    axes.text(0, 1.02, unit, transform=axes.transAxes, va="bottom")
    mark = page.top - 0.17
    page.key(0.1, mark, "D", page.say("p at most 0.05", "p不大于0.05"), NAVY)
    page.key(1.7, mark, "o", page.say("p above 0.05", "p大于0.05"), BLUE)
    page.key(3.2, mark, "hollow", page.say("the study's own", "本研究主设定"), ORANGE)
    chinese = page.language == "zh"
    top = below - 0.12
    for name, (title, options) in CHOICES.items():
        for place, (value, label) in enumerate(options.items()):
            base = top - strip * (place + 1)
            high = page.top - page.bottom - base - strip * 0.8
            band = page.axes(left=left, right=0.12, above=high, below=base)
            chosen = (data[name].astype(str) == value).to_numpy()
            count, edges = np.histogram(x[chosen], bins=120, range=(0, len(data) + 1))
            whole = np.histogram(x, bins=edges)[0]
            shade = count / np.maximum(whole, 1)
            band.imshow(shade[None], aspect="auto", cmap=shades(), vmin=0, vmax=1, interpolation="nearest")
            band.set_xticks([])
            band.set_yticks([])
            for side in band.spines.values():
                side.set_visible(True)
                side.set_color(LINE)
                side.set_linewidth(0.4)
            text_y = (page.bottom + base + strip * 0.4) / page.height
            page.figure.text((left - 0.07) / page.width, text_y, label[chinese],
                             ha="right", va="center")  # fmt: skip
            if place == 0:
                page.figure.text(0.1 / page.width, text_y, title[chinese], va="center",
                                 color=GREY)  # fmt: skip
        top -= strip * len(options) + space


def shades() -> LinearSegmentedColormap:
    """White to navy: the darker, the larger the share of specifications there that make this choice."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("share", ["white", NAVY])
