"""Province intervals as a dot-and-range chart, and the unpublished figures that would narrow them."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from analysis.report.figures.plot import Plot
from analysis.report.page import GREY, INK, LINE, NAVY, ORANGE, Page
from analysis.report.results import name_of
from analysis.report.text import FORMATS, interval_text, plain, quarter_text, round_to, value_text, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.report.results import Results

UNIT = "per_1000_residents"
LIMIT = 200.0  # right end of the axis, people per 1,000 residents; longer ranges get an arrow
ROW = 0.27  # inches
SHOWN = 5  # missing figures in each quarter
SMALLEST = 0.1  # people per 1,000: smaller reductions would print as zero
BEFORE = "2025Q2"  # last quarter before the second wave
PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}


def intervals(results: Results) -> Plot:
    """Every province in the pilot at the newest bounded quarter, then their pooled value and average.

    Returns
    -------
    Plot
        Data: ``lower`` and ``upper`` per 1,000 residents for each province, and for ``pooled`` and
        ``province_average``.
    """
    quarter = results.newest_bounded()
    rows = results.headline("province", UNIT)
    rows = rows[rows["quarter"] == quarter][["province_code", "lower", "upper"]]
    waves = results.waves
    rows = rows.assign(wave=rows["province_code"].map(waves), row="province")
    rows = rows.sort_values(["wave", "lower", "province_code"], ascending=[True, False, True])
    whole = pd.DataFrame(
        [(name, *results.interval(name, quarter, UNIT)) for name in ("pooled", "province_average")],
        columns=["row", "lower", "upper"],
    )
    data = pd.concat([rows, whole], ignore_index=True).assign(quarter=quarter, unit=UNIT, evidence="bounds")
    data["province_code"] = data["province_code"].fillna("")
    return Plot(
        data, partial(draw_intervals, data=data, by_code=results.by_code), height=ROW * (len(data) + 3) + 1.75
    )


def draw_intervals(page: Page, data: pd.DataFrame, by_code: pd.DataFrame) -> None:
    """One row for each province, grouped by wave, digits at the right."""
    english = page.language == "en"
    axes = page.axes(left=1.02 if english else 0.72, right=1.2, above=0.05, below=0.55)
    y = 0.0
    wave_before = None
    for row in data.itertuples():
        wave = None if math.isnan(row.wave) else int(row.wave)
        if wave != wave_before:
            heading = {
                1: page.say("in force since July 2022", "2022年7月起实施"),
                2: page.say("in force since July 2025", "2025年7月起实施"),
                None: page.say("all provinces in force", "全部实施省份"),
            }[wave]
            axes.text(2, y + 0.05, heading, color=GREY, va="center", bbox=PLATE)
            y += 1.0
            wave_before = wave
        colour = {1: NAVY, 2: ORANGE, None: INK}[wave]
        special = {
            "pooled": page.say("all together", "各省合计"),
            "province_average": page.say("average", "各省平均"),
        }
        name = special.get(row.row) or name_of(by_code, row.province_code, page.language)
        draw_range(axes, y, row.lower, row.upper, colour)
        axes.text(-0.03, y, name, transform=axes.get_yaxis_transform(), ha="right", va="center")
        words = interval_text(row.lower, row.upper, FORMATS[UNIT], page.language)
        axes.text(1.05, y, words, transform=axes.get_yaxis_transform(), va="center")
        y += 1.0
    axes.set_xlim(0, LIMIT)
    axes.set_xticks(range(0, int(LIMIT) + 1, 50))
    axes.set_ylim(y - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_color(LINE)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    axes.set_xlabel(page.say("people ever enrolled per 1,000 residents", "每千常住人口累计参保人数"))


def draw_range(axes: Axes, y: float, lower: float, upper: float, colour: str) -> None:
    """A range with dots at its ends; one dot where it is a point; an arrow where it leaves the axis."""
    beyond = math.isnan(upper) or upper > LIMIT
    right = LIMIT if beyond else upper
    axes.plot([lower, right], [y, y], color=colour, linewidth=3, solid_capstyle="butt", zorder=3)
    axes.plot(lower, y, marker="o", markersize=6, color=colour, clip_on=False, zorder=4)
    if beyond:
        axes.plot(right, y, marker=">", markersize=7, color=colour, clip_on=False, zorder=4)
    else:
        axes.plot(upper, y, marker="o", markersize=6, color=colour, clip_on=False, zorder=4)


def missing(results: Results) -> Plot:
    """The province counts that nobody has published, by what their release is sure to bring.

    Returns
    -------
    Plot
        Data: the rows of missing_figures.csv with a reduction, for the last quarter before the
        second wave and the newest bounded one; largest reduction first.
    """
    rows = results.missing[results.missing["reduction"] > SMALLEST]
    parts = [
        rows[rows["quarter"] == quarter]
        .sort_values(["reduction", "province_code"], ascending=[False, True])
        .head(SHOWN)
        for quarter in (BEFORE, results.newest_bounded())
    ]
    data = pd.concat(parts, ignore_index=True).assign(evidence="bounds")
    return Plot(
        data, partial(draw_missing, data=data, by_code=results.by_code), height=0.36 * (len(data) + 2) + 2.1
    )


def draw_missing(page: Page, data: pd.DataFrame, by_code: pd.DataFrame) -> None:
    """For each count: the interval's width that would be left, and what would go."""
    axes = page.axes(left=1.02 if page.language == "en" else 0.72, right=0.75, above=0.35, below=0.55)
    y = 0.0
    for quarter, rows in data.groupby("quarter", sort=True):
        words = quarter_text(str(quarter), page.language)
        width = write(round_to(rows["width_before"].iloc[0], 1), page.language)
        heading = page.say(f"{words}: width now {width}", f"{words}：现宽度{width}")
        axes.text(0.4, y, heading, color=GREY, va="center", bbox=PLATE)
        for row in rows.itertuples():
            y += 1.0
            axes.barh(y, row.width_after, height=0.6, color=NAVY)
            axes.barh(y, row.width_before - row.width_after, left=row.width_after, height=0.6, color="white",
                      edgecolor=NAVY, hatch="/////", linewidth=0.8)  # fmt: skip
            name = name_of(by_code, row.province_code, page.language)
            axes.text(-0.03, y, name, transform=axes.get_yaxis_transform(), ha="right", va="center")
            less = value_text(-row.reduction, plain(1), page.language, "up")
            axes.text(row.width_before, y, f" {less}", va="center")
        y += 1.2
    axes.set_xlim(0, 1.02 * data["width_before"].max() if len(data) else 1)
    axes.set_ylim(y - 0.5, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_color(GREY)
    axes.set_xlabel(
        page.say("width of the interval, people per 1,000 residents", "区间宽度（每千常住人口）"),
    )
    y = page.top - 0.17
    page.key(0.12, y, "bar", page.say("width left after release", "公布后剩余宽度"), NAVY)
    page.swatch(2.35, y, page.say("width sure to go", "必然缩减的宽度"), NAVY)
