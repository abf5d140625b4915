"""Two tile-grid maps: one tile for each province, so that small ones weigh as much as large ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import FancyBboxPatch, Rectangle

from analysis.report.figures.plot import Plot, bare
from analysis.report.page import GREY, INK, LINE, NAVY, ORANGE, PALE, TYPE, WIDTH, Page
from analysis.report.text import round_to, write
from analysis.report.typeset import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.report.results import Results

HEIGHT = 7.0  # inches
EDGE = 0.1  # inches left free on either side
UNIT = "per_1000_residents"
SCALE = 200.0  # people per 1,000 residents at the right end of a tile's bar
EVERYBODY = 1000.0  # a higher end says nothing of people who live there
# Wave: fill and ink. The wave's number stands in the tile as well.
WAVES = {1: (NAVY, "white"), 2: (ORANGE, "black"), 3: ("white", INK)}
FILLED = 0.9  # share of a column that a name may take
# Names that are wider than a tile, where they are parted.
PARTED = {
    "Chongqing": "Chong-\nqing",
    "Guangdong": "Guang-\ndong",
    "Heilongjiang": "Hei-\nlong-\njiang",
    "Inner Mongolia": "Inner\nMon-\ngolia",
    "Liaoning": "Liao-\nning",
    "Shandong": "Shan-\ndong",
    "Shanghai": "Shang-\nhai",
    "Zhejiang": "Zhe-\njiang",
}


def tile_frame(results: Results) -> pd.DataFrame:
    """Place, names and wave of each province; the far west moves one column in, so that tiles are wider."""
    units = results.units
    frame = units[["name_en", "short_zh", "tile_column", "tile_row"]].copy()
    frame["tile_column"] = frame["tile_column"].clip(lower=1)
    frame["wave"] = results.waves
    return frame.rename_axis("province_code").reset_index()


def cohorts(results: Results) -> Plot:
    """Which province joined in which wave."""
    data = tile_frame(results).assign(evidence="published")
    starts = results.rollout[results.rollout["event"] == "starts"].set_index("province_code")["date"]
    data["start"] = data["province_code"].map(starts).dt.strftime("%Y-%m-%d")

    def draw(page: Page) -> None:
        axes = tile_axes(page, data)
        for tile in data.itertuples():
            fill, ink = WAVES[int(tile.wave)]
            frame_tile(axes, tile.tile_column, tile.tile_row, fill, INK)
            x, y = tile.tile_column + 0.5, tile.tile_row
            write_name(axes, x, y + 0.36, tile, page, ink)
            number = page.say(f"wave {tile.wave}", f"第{'一二三'[int(tile.wave) - 1]}批")
            axes.text(x, y + 0.79, number, color=ink, ha="center", va="center")
        counts = data["wave"].value_counts().sort_index()
        for place, (wave, count) in enumerate(counts.items()):
            fill = WAVES[int(wave)][0]
            day = pd.Timestamp(data.loc[data["wave"] == wave, "start"].iloc[0])
            label = page.say(
                f"wave {wave}: {count} provinces, {day:%B %Y}",
                f"第{'一二三'[int(wave) - 1]}批：{count}个省份，{day.year}年{day.month}月",
            )
            y = 0.08 + place * 0.36
            axes.add_patch(Rectangle((1.02, y), 0.26, 0.24, facecolor=fill, edgecolor=INK, linewidth=0.8))
            axes.text(1.4, y + 0.12, label, va="center")

    return Plot(data, draw, HEIGHT)


def enrolment(results: Results) -> Plot:
    """Interval of people ever enrolled per 1,000 residents, at the newest bounded quarter.

    Returns
    -------
    Plot
        Data: one row per province with ``lower`` and ``upper``; both missing where the pilot is not
        in force, ``upper`` missing where no published figure limits it.
    """
    quarter = results.newest_bounded()
    rows = results.headline("province", UNIT)
    rows = rows[rows["quarter"] == quarter][["province_code", "lower", "upper"]]
    data = tile_frame(results).merge(rows, on="province_code", how="left", validate="1:1")
    data = data.assign(quarter=quarter, unit=UNIT, evidence="bounds")

    def draw(page: Page) -> None:
        axes = tile_axes(page, data)
        for tile in data.itertuples():
            draw_interval_tile(axes, tile, page)
        draw_interval_key(axes, page)

    return Plot(data, draw, HEIGHT)


def tile_axes(page: Page, data: pd.DataFrame) -> Axes:
    """Axes with one unit for each column and row."""
    axes = page.axes(left=EDGE, right=EDGE, above=0.05, below=0.1)
    bare(axes)
    axes.set_xlim(0.98, data["tile_column"].max() + 1.02)
    axes.set_ylim(data["tile_row"].max() + 1.02, -0.02)
    return axes


def frame_tile(axes: Axes, x: float, y: float, fill: str, edge: str) -> None:
    """One tile with rounded corners."""
    box = FancyBboxPatch((x + 0.03, y + 0.05), 0.94, 0.9, boxstyle="round,pad=0,rounding_size=0.07")
    box.set(facecolor=fill, edgecolor=edge, linewidth=0.8)
    axes.add_patch(box)


def name_of(tile, page: Page) -> str:  # type: ignore[no-untyped-def]
    """The province's name as its tile shows it, in one line to three."""
    return page.say(PARTED.get(tile.name_en, tile.name_en), tile.short_zh)


def name_size(label: str, columns: float) -> float:
    """Size in points at which every line of ``label`` fits a tile of a map with so many columns."""
    widest = max(text_width(line, TYPE) for line in label.split("\n"))
    return min(TYPE, TYPE * FILLED * (WIDTH - 2 * EDGE) / columns / widest)


def write_name(axes: Axes, x: float, y: float, tile, page: Page, colour: str = INK) -> None:  # type: ignore[no-untyped-def]
    """The province's name around a point of its tile."""
    label = name_of(tile, page)
    left, right = axes.get_xlim()
    size = name_size(label, right - left)
    axes.text(x, y, label, color=colour, fontsize=size, ha="center", va="center", linespacing=1.0)


def interval_label(lower: float, upper: float, page: Page) -> str:
    """Interval in whole people per 1,000, rounded outward; an end that exceeds all residents is left open."""
    low = write(round_to(lower, 0, "down"), page.language)
    if math.isnan(upper) or upper > EVERYBODY:
        return f"≥{low}"
    if round_to(lower, 0) == round_to(upper, 0):
        return write(round_to(lower, 0), page.language)
    return f"{low}–{write(round_to(upper, 0, 'up'), page.language)}"


def draw_interval_tile(axes: Axes, tile, page: Page) -> None:  # type: ignore[no-untyped-def]
    """Name, interval in digits, and the interval as a bar on a scale common to all tiles."""
    x, y = tile.tile_column, tile.tile_row
    if math.isnan(tile.lower):
        frame_tile(axes, x, y, "white", LINE)
        write_name(axes, x + 0.5, y + 0.5, tile, page, GREY)
        return
    frame_tile(axes, x, y, PALE, GREY)
    write_name(axes, x + 0.5, y + 0.3, tile, page)
    axes.text(
        x + 0.5,
        y + 0.66,
        interval_label(tile.lower, tile.upper, page),
        ha="center",
        va="center",
    )
    draw_bar(axes, x, y + 0.84, tile.lower, tile.upper)


def draw_bar(axes: Axes, x: float, y: float, lower: float, upper: float) -> None:
    """The interval on the tile's scale; an arrow where it leaves the scale or has no upper end."""
    left, full = x + 0.13, 0.72
    axes.plot([left, left + full], [y, y], color=GREY, linewidth=0.6)
    low = left + full * min(lower / SCALE, 0.96)
    open_above = math.isnan(upper) or upper > SCALE
    high = left + full * (1.0 if open_above else max(upper / SCALE, lower / SCALE + 0.05))
    axes.plot([low, high], [y, y], color=NAVY, linewidth=4, solid_capstyle="butt")
    if open_above:
        axes.plot(high + 0.015, y, marker=">", markersize=5, color=NAVY, markeredgewidth=0)


def draw_interval_key(axes: Axes, page: Page) -> None:
    """How to read a tile, in the empty upper left corner."""
    end = f"{SCALE:.0f}"
    lines = (
        page.say("Digits: interval, rounded outward", "数字：区间，向外取整"),
        page.say("≥: no upper end below all residents", "≥：无上限，或超过全部常住人口"),
        page.say(f"Bar: the same, 0 to {end}; arrow: beyond", f"横条：同一区间，刻度0至{end}；箭头：超出"),
        page.say("No digits: pilot not in force", "无数字：试点尚未实施"),
    )
    axes.text(1.05, 0.05, "\n".join(lines), va="top", linespacing=1.5)
