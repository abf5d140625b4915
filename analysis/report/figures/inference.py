"""Is it chance, one province, or the trend? Three figures on the estimates of official statistics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis import config
from analysis.report.effects import UNITS, shown
from analysis.report.figures.plot import Plot, horizontal_grid
from analysis.report.page import BLUE, GREY, INK, LINE, NAVY, ORANGE, PALE, Page
from analysis.report.results import name_of
from analysis.report.tables.words import OUTCOMES
from analysis.report.text import plain, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.report.results import Results

NAMES = [outcome.name for outcome in config.OUTCOMES]
GAP = 0.62  # inches between panels that stand above each other


def panels(page: Page, above: float, below: float, left: float, right: float = 0.15) -> list[Axes]:
    """One axes for each outcome, above each other, each under its name and unit."""
    height = (page.top - page.bottom - above - below - GAP * (len(NAMES) - 1)) / len(NAMES)
    found = []
    for place, name in enumerate(NAMES):
        top = above + place * (height + GAP)
        rest = page.top - page.bottom - top - height
        axes = page.axes(left=left, right=right, above=top, below=rest)
        label = OUTCOMES[name][page.language == "zh"]
        unit = UNITS[name][page.language == "zh"]
        text = page.say(f"{label[0].upper()}{label[1:]}, {unit}", f"{label}（{unit}）")
        axes.text(0, 1.03, text, transform=axes.transAxes, va="bottom")
        found.append(axes)
    return found


def randomization(results: Results) -> Plot:
    """Estimates under every choice of seven provinces, by outcome, with the actual one.

    Returns
    -------
    Plot
        Data: randomization_distribution.csv.
    """
    data = results.distribution.copy()
    return Plot(data, lambda page: draw_randomization(page, data), height=7.4)


def draw_randomization(page: Page, data: pd.DataFrame) -> None:
    """Histograms; bars as extreme as the actual estimate are filled, the others pale."""
    for name, axes in zip(NAMES, panels(page, 0.72, 0.55, 0.35), strict=True):
        rows = data[data["outcome"] == name]
        low, high = shown(rows["low"], name), shown(rows["high"], name)
        total = rows["assignments"].sum()
        share = 100 * rows["assignments"].to_numpy() / total
        extreme = 100 * rows["extreme"].to_numpy() / total
        width = high - low
        place: dict[str, Any] = {"width": width, "align": "edge", "linewidth": 0.4, "edgecolor": BLUE}
        axes.bar(low, share - extreme, bottom=extreme, color=PALE, **place)
        axes.bar(low, extreme, color=NAVY, **place)
        seen = float(shown(rows["observed"].iloc[0], name))
        axes.axvline(seen, color=ORANGE, linewidth=2)
        words = value_text(100 * rows["extreme"].sum() / total, plain(1), page.language)
        axes.text(
            0.985, 0.98, page.say(f"at least as extreme: {words} %", f"至少同样极端：{words}%"),
            transform=axes.transAxes, ha="right", va="top",
        )  # fmt: skip
        common = rows[rows["assignments"] > 2e-5 * total]
        reach = float(shown(common["high"].abs().max(), name))
        axes.set_xlim(-reach, reach)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    axes.set_xlabel(page.say("estimate under another choice of seven provinces", "换七个省份时的估计值"))
    y = page.top - 0.17
    page.key(0.1, y, "bar", page.say("at least as extreme as the actual", "至少与实际估计同样极端"), NAVY)
    page.swatch(2.85, y, page.say("less extreme", "较不极端"), BLUE, None, PALE)
    page.key(4.15, y, "bar", page.say("actual", "实际估计"), ORANGE)


def breakdown(results: Results) -> Plot:
    """Robust confidence sets of the mean effect by the allowed violation of parallel trends.

    Returns
    -------
    Plot
        Data: the rows ``relative_magnitude`` and ``relative_breakdown`` of sensitivity.csv for the mean.
    """
    rows = results.sensitivity
    rows = rows[rows["analysis"].isin(["relative_magnitude", "relative_breakdown"])]
    data = rows[rows["variant"] == "average"].assign(setting=lambda table: pd.to_numeric(table["setting"]))
    data = data.sort_values(["outcome", "analysis", "setting"], ignore_index=True)
    return Plot(data, lambda page: draw_breakdown(page, data), height=7.6)


def draw_breakdown(page: Page, data: pd.DataFrame) -> None:
    """Intervals that widen to the right; where zero first lies inside is marked."""
    for name, axes in zip(NAMES, panels(page, 0.72, 0.58, 0.55), strict=True):
        rows = data[(data["outcome"] == name) & (data["analysis"] == "relative_magnitude")]
        inside = ((rows["ci_low"] <= 0) & (rows["ci_high"] >= 0)).to_numpy()
        x = np.arange(len(rows))
        low, high = shown(rows["ci_low"], name), shown(rows["ci_high"], name)
        axes.axhline(0, color=GREY, linewidth=0.9)
        axes.vlines(x[inside], low[inside], high[inside], color=BLUE, linewidth=3, linestyle=(0, (2, 1)))
        axes.vlines(x[~inside], low[~inside], high[~inside], color=NAVY, linewidth=5)
        axes.plot(x, shown(rows["estimate"], name), "o", color=INK, markersize=4.5)
        axes.set_xticks(x, [f"{value:g}" for value in rows["setting"]])
        axes.set_xlim(-0.6, len(x) - 0.4)
        horizontal_grid(axes)
    axes.set_xlabel(
        page.say("allowed yearly change of the trend (1: the largest before the start)",
                 "允许趋势逐年变动的幅度（相对于启动前最大变动的倍数）"),
    )  # fmt: skip
    y = page.top - 0.17
    page.key(0.1, y, "bar", page.say("95 % interval without zero", "95%区间不含零"), NAVY)
    page.swatch(2.45, y, page.say("with zero inside", "含零"), BLUE, "||||")
    page.key(4.1, y, "o", page.say("estimate", "估计值"), INK)


def leave_one_out(results: Results) -> Plot:
    """The mean effect without each province in turn, for all outcomes.

    Returns
    -------
    Plot
        Data: rows ``leave_one_unit_out`` of sensitivity.csv with the province's wave; first wave first.
    """
    rows = results.sensitivity
    data = rows[rows["analysis"] == "leave_one_unit_out"].rename(columns={"variant": "province_code"})
    waves = results.waves
    data = data.assign(wave=data["province_code"].map(waves))
    data = data.sort_values(["outcome", "wave", "province_code"], ignore_index=True)
    return Plot(data, partial(draw_leave_one_out, data=data, by_code=results.by_code), height=8.3)


def draw_leave_one_out(page: Page, data: pd.DataFrame, by_code: pd.DataFrame) -> None:
    """One column for each outcome, one row for each province left out."""
    codes = data[data["outcome"] == NAMES[0]]["province_code"].tolist()
    waves = data[data["outcome"] == NAMES[0]]["wave"].tolist()
    left, gap = (1.22 if page.language == "en" else 0.75), 0.12
    width = (page.width - left - 0.1 - gap * (len(NAMES) - 1)) / len(NAMES)
    y = np.arange(len(codes)) + 0.6 * (np.array(waves) > 1)
    for place, name in enumerate(NAMES):
        start = left + place * (width + gap)
        axes = page.axes(left=start, right=page.width - start - width, above=0.62, below=0.5)
        rows = data[data["outcome"] == name].set_index("province_code").loc[codes]
        axes.axvline(0, color=GREY, linewidth=0.9)
        outside = ((rows["ci_low"] > 0) | (rows["ci_high"] < 0)).to_numpy()
        colours = np.where(outside, ORANGE, NAVY)
        ends = shown(rows["ci_low"], name), shown(rows["ci_high"], name)
        axes.hlines(y, *ends, color=colours, linewidth=1.6)
        for hit, mark in ((False, "o"), (True, "D")):
            axes.scatter(shown(rows["estimate"][outside == hit], name), y[outside == hit], s=17, marker=mark,
                         color=ORANGE if hit else NAVY, zorder=3)  # fmt: skip
        label = {
            "formal_employment_rate": page.say("Formal jobs\nper 100", "城镇正规就业\n每百人"),
            "log_income_per_head": page.say("Income\npercent", "人均收入\n%"),
            "log_gdp_per_head": page.say("Output\npercent", "人均产出\n%"),
        }[name]
        axes.text(0, 1.005, label, transform=axes.transAxes, va="bottom", linespacing=1.25)
        axes.set_ylim(y.max() + 0.7, -0.7)
        axes.set_yticks([])
        if place == 0:
            axes.set_yticks(y, [name_of(by_code, code, page.language) for code in codes])
            axes.tick_params(axis="y", length=0)
        axes.axhline(sum(wave == 1 for wave in waves) - 0.2, color=LINE, linewidth=1)
        axes.set_axisbelow(True)
        axes.grid(axis="x", color=LINE, linewidth=0.5)
    low = page.bottom + 0.1
    page.key(0.1, low, "o", page.say("set holds zero", "集合含零"), NAVY)
    page.key(1.75, low, "D", page.say("set leaves zero out", "集合不含零"), ORANGE)
    note = page.say("above the line: first wave", "横线以上：首批")
    page.figure.text(3.5 / page.width, low / page.height, note, va="center")
