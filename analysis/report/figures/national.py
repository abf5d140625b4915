"""The national count: its path with the break of July 2025, and what of the jump is scope."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.base.constants import NATION
from analysis.report.figures.plot import Plot, horizontal_grid, quarter_position
from analysis.report.page import GREY, INK, LINE, NAVY, ORANGE, PALE, Page
from analysis.report.text import FORMATS, interval_text, percent_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.report.results import Results

COVERAGE = "cumulative_participants"
BREAK = "2025Q3"  # ten provinces and four platforms join on its first day
BREAK_DAY = pd.Period(BREAK, freq="Q").start_time
DARK_ORANGE = "#8f4c08"  # readable as small type
MILLION = 1e6
FLOOR = "more_than"
WEAK = "D"  # counts of this grade enter no result and stand in the chart only, on demand
RANGE = 0.62  # quarters: width of a drawn interval
LABEL_WIDTH, LABEL_GAP = 1.25, 1.6  # quarters and million people: closer labels would touch
MARKERS = {
    "exact": ("o", "as printed", "确数"),
    "about": ("D", "rounded", "取整"),
    "more_than": ("^", "“more than”", "“超过”"),
}


def path(results: Results) -> Plot:
    """People ever enrolled in the nation: intervals at quarter-ends and the published counts.

    Counts of grade D are in the data and not in the picture.

    Returns
    -------
    Plot
        Data: rows of kind ``interval`` (quarter, lower, upper) and of kind ``published`` (date,
        value, qualifier, grade).
    """
    bounded = results.headline("pooled", "persons")[["quarter", "lower", "upper"]]
    bounded = bounded.assign(kind="interval", evidence="bounds")
    counts = results.ledger[
        (results.ledger["measure"] == COVERAGE) & (results.ledger["province_code"] == NATION)
    ]
    columns = ["figure_id", "as_of_last", "value", "qualifier", "printed_unit", "grade", "source_id"]
    counts = (
        counts[columns].rename(columns={"as_of_last": "date"}).assign(kind="published", evidence="published")
    )
    data = pd.concat([bounded, counts.sort_values(["date", "figure_id"])], ignore_index=True)
    scope = [in_force(results, day) for day in (BREAK_DAY - pd.Timedelta(days=1), BREAK_DAY)]
    return Plot(data, lambda page: draw_path(page, data, scope), height=5.0)


def in_force(results: Results, day: pd.Timestamp) -> tuple[int, int]:
    """Provinces in the pilot on ``day``, and the number of platforms that most of them state."""
    events = results.rollout[(results.rollout["date"] <= day) & (results.rollout["event"] != "announced")]
    newest = events.dropna(subset=["platforms"]).drop_duplicates("province_code", keep="last")
    started = set(events["province_code"]) & set(results.units.index)
    return len(started), int(newest["platforms"].mode().iloc[0])


def draw_path(page: Page, data: pd.DataFrame, scope: list[tuple[int, int]]) -> None:
    """Ranges with capped ends for intervals, labelled marks for printed counts, a line at the break."""
    axes = page.axes(left=0.45, right=0.12, above=0.55, below=0.88)
    intervals = data[data["kind"] == "interval"]
    counts = data[(data["kind"] == "published") & (data["grade"] != WEAK)]
    first = intervals["quarter"].min()
    top = 1.2 * max(counts["value"].max(), intervals["lower"].max()) / MILLION
    split = quarter_position(BREAK, first)
    for row in intervals.itertuples():
        x = quarter_position(row.quarter, first) + 1  # the quarter's end
        draw_range(axes, x, row.lower / MILLION, row.upper / MILLION, top, ORANGE if x > split else NAVY)
    last = quarter_position(intervals["quarter"].max(), first) + 1
    axes.set_xlim(0, last + 0.6)
    axes.set_ylim(0, top)
    horizontal_grid(axes)
    draw_published(axes, page, counts, first)
    axes.axvline(split, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    for place, (provinces, platforms) in zip(("right", "left"), scope, strict=True):
        text = page.say(
            f"{provinces} provinces,\n{platforms} platforms", f"{provinces}个省份，\n{platforms}家平台"
        )
        edge, colour = (split - 0.2, NAVY) if place == "right" else (split + 0.2, DARK_ORANGE)
        axes.text(edge, top * 1.015, text, ha=place, va="bottom", color=colour, linespacing=1.3)
    years = [str(year) for year in range(int(first[:4]) + 1, int(intervals["quarter"].max()[:4]) + 1)]
    axes.set_xticks([quarter_position(f"{year}Q1", first) for year in years])
    axes.set_xticklabels([page.say(f"Jan {year}", f"{year}年1月") for year in years])
    if page.language == "zh":  # counted in units of ten thousand
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    unit = page.say("million people", "万人")
    axes.text(0, 1.015, unit, transform=axes.transAxes, va="bottom")
    draw_path_key(page)


def draw_range(axes: Axes, x: float, low: float, high: float, top: float, colour: str) -> None:
    """A pale range between two caps; one that nothing limits runs to the top and has no upper cap."""
    end = top if math.isnan(high) else high
    half = RANGE / 2
    axes.fill_between([x - half, x + half], low, end, color=colour, alpha=0.22, linewidth=0, zorder=2)
    for edge in (low, high):
        if not math.isnan(edge):
            axes.plot([x - half, x + half], [edge, edge], color=colour, linewidth=2, zorder=3)
    if math.isnan(high):
        axes.plot(x, 0.96 * top, marker="^", markersize=7, markeredgewidth=0, color=colour, zorder=3)


def day_position(day: pd.Timestamp, first: str) -> float:
    """Quarters since the start of ``first``, with the part of the running quarter."""
    quarter = pd.Period(day, freq="Q")
    days = (quarter.end_time.normalize() - quarter.start_time).days + 1
    found: float = quarter_position(quarter, first) + ((day - quarter.start_time).days + 1) / days
    return found


def draw_published(axes: Axes, page: Page, counts: pd.DataFrame, first: str) -> None:
    """Marks by qualifier, each labelled with its count where the label touches none of another.

    Counts that say how many come before those that say more than, the newest first.
    """
    placed: list[tuple[float, float]] = []
    ordered = counts.assign(floor=counts["qualifier"] == FLOOR)
    ordered = ordered.sort_values(["floor", "date", "value"], ascending=[True, False, False])
    for row in ordered.itertuples():
        x, y = day_position(row.date, first), row.value / MILLION
        marker = MARKERS[row.qualifier][0]
        (mark,) = axes.plot(x, y, marker=marker, markersize=5.5, color=INK, zorder=5, clip_on=False)
        mark.set(markeredgecolor="white", markeredgewidth=0.5)
        if any(abs(x - other) < LABEL_WIDTH and abs(y - height) < LABEL_GAP for other, height in placed):
            continue
        placed.append((x, y))
        label = page.say(f"{y:.4g}", f"{100 * y:.0f}")
        shift = (0, -16) if row.qualifier == FLOOR else (-11, 6)
        axes.annotate(label, (x, y), xytext=shift, textcoords="offset points", ha="center")


def draw_path_key(page: Page) -> None:
    """Key under the axis."""
    x, y = 0.12, page.bottom + 0.42
    say = page.say("range of a quarter-end (arrow: no upper limit)", "季末区间（箭头：无上限）")
    page.swatch(x, y, say, NAVY, None, PALE)
    y -= 0.24
    for marker, english, chinese in MARKERS.values():
        label = page.say(english, chinese)
        page.key(x, y, marker, label)
        x += page.label_width(label) + 0.5


def decomposition(results: Results) -> Plot:
    """Growth of the national count from June 2025, split into scope and uptake as intervals.

    Scope is the enrolment of the ten provinces that joined in July 2025; uptake is the growth in the
    seven provinces of the first wave, new platforms included. Both in percent of the June count.

    Returns
    -------
    Plot
        Data: one row per end quarter and part, with ``lower`` and ``upper`` in percent and persons.
    """
    data = decompose(results)
    return Plot(data, lambda page: draw_decomposition(page, data), height=4.7)


BASE, ENDS = "2025Q2", ("2025Q3", "2025Q4")
PARTS = ("total", "scope", "uptake")


def decompose(results: Results) -> pd.DataFrame:
    """Intervals of the three growth terms; see `decomposition`.

    With base ``n`` in [n0, n1], total ``N`` at the end and cohort counts ``S`` (joined) and ``U``
    (first wave): total = N - n, scope = S, uptake = U - n. Each end takes the least favourable base,
    so that the printed interval contains the identified one.
    """
    base = results.interval("pooled", BASE, "persons")
    rows = []
    for end in ENDS:
        terms = {
            "total": results.interval("pooled", end, "persons"),
            "scope": results.interval("cohort_pooled", end, "persons", "2025Q3"),
            "uptake": results.interval("cohort_pooled", end, "persons", "2022Q3"),
        }
        for part, (lower, upper) in terms.items():
            shift = (0.0, 0.0) if part == "scope" else base
            low, high = max(lower - shift[1], 0.0), upper - shift[0]
            percent = (100 * low / base[1], 100 * high / base[0])
            rows.append((BASE, end, part, low, high, *percent, "bounds"))
    columns = ["from_quarter", "to_quarter", "part", "lower_persons", "upper_persons"]
    return pd.DataFrame(rows, columns=[*columns, "lower_percent", "upper_percent", "evidence"])


def draw_decomposition(page: Page, data: pd.DataFrame) -> None:
    """Three ranges for each end quarter, with their digits."""
    axes = page.axes(left=0.12, right=0.2, above=0.02, below=0.55)
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    labels = {
        "total": page.say("growth of the national count", "全国人数增幅"),
        "scope": page.say("of which the ten provinces that joined", "其中新增的10个省份"),
        "uptake": page.say("of which the seven first-wave provinces", "其中首批7个省份"),
    }
    heads = {end: page.say(f"June to {month} 2025", f"2025年6月至{number}月") for end, month, number in
             (("2025Q3", "September", 9), ("2025Q4", "December", 12))}  # fmt: skip
    y = 0.0
    for end in ENDS:
        axes.text(0, y, heads[end], va="center", color=GREY, bbox=plate)
        y += 0.75
        for row in data[data["to_quarter"] == end].itertuples():
            colour = {"total": INK, "scope": ORANGE, "uptake": NAVY}[row.part]
            words = interval_text(row.lower_percent, row.upper_percent, FORMATS["percent"], page.language)
            axes.text(
                0,
                y,
                page.say(f"{labels[row.part]}: {words} %", f"{labels[row.part]}：{percent_text(words)}"),
                va="center",
                bbox=plate,
            )
            y += 0.55
            axes.plot(
                [row.lower_percent, row.upper_percent],
                [y, y],
                color=colour,
                linewidth=9,
                solid_capstyle="butt",
            )
            y += 0.72
        y += 0.25
    right = 20 * np.ceil(data["upper_percent"].max() / 20)
    axes.set_xlim(0, right)
    axes.set_ylim(y - 0.3, -0.4)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel(page.say("percent of the count at the end of June 2025", "占2025年6月末人数的百分比"))
