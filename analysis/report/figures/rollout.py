"""The rollout register as a grid of provinces and quarters: announced against in force, and the dose."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import Rectangle

from analysis.report.figures.plot import Plot, bare, quarter_position
from analysis.report.page import BLUE, GREY, INK, LINE, NAVY, PALE, Page
from analysis.report.results import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.report.results import Results

FIRST = "2021Q4"  # the first national notice
ROW = 0.19  # inches
WEAK = "D"
# The seven first platforms are light; every later number is dark and written in the cell.
FEW = 7
DASHES = (0, (2, 1.5))


def grid(results: Results) -> Plot:
    """Every province, the Corps included, from the first notice to the third wave.

    Returns
    -------
    Plot
        Data: one row per province and quarter with ``state`` (none, announced, in_force),
        ``platforms`` (number in force at the quarter's end; missing = not known) and ``grade`` of
        the event the state rests on. An announcement known only by its year has no quarter and is
        left out.
    """
    last = str(pd.Period(results.rollout["date"].max(), freq="Q"))
    quarters = pd.period_range(FIRST, last, freq="Q")
    ends = quarters.end_time.to_numpy()
    waves = results.waves
    dated = results.rollout[results.rollout["date_precision"] != "year"].sort_values("date", kind="stable")
    rows = []
    for code in sorted(waves.index, key=lambda code: (waves[code], code)):
        events = dated[dated["province_code"] == code]
        counts = (events["date"].to_numpy()[:, None] <= ends).sum(axis=0).tolist()
        states = {count: state(events.head(count)) for count in set(counts)}
        about = (code, results.name(code, "en"), int(waves[code]))
        rows += [
            (*about, str(quarter), *states[count]) for quarter, count in zip(quarters, counts, strict=True)
        ]
    columns = ["province_code", "province", "wave", "quarter", "state", "platforms", "grade"]
    data = pd.DataFrame(rows, columns=columns).assign(evidence="published")
    data["platforms"] = data["platforms"].astype("Int64")
    return Plot(data, partial(draw, data=data, by_code=results.by_code), height=ROW * (len(waves) + 2) + 2.0)


def state(by_then: pd.DataFrame) -> tuple[str, int | None, str]:
    """What is so in a province after some events, and how good the newest event's source is."""
    in_force = by_then[by_then["event"] != "announced"]
    if in_force.empty:
        grade = by_then["grade"].min() if len(by_then) else ""
        return ("announced" if len(by_then) else "none"), None, grade
    stated = in_force.dropna(subset=["platforms"])
    if in_force["date"].max() > stated["date"].max():  # widened since, by how much is not known
        return "in_force", None, in_force["grade"].iloc[-1]
    return "in_force", int(stated["platforms"].iloc[-1]), stated["grade"].iloc[-1]


def draw(page: Page, data: pd.DataFrame, by_code: pd.DataFrame) -> None:
    """Rows are provinces by wave; a number stands where the dose changes."""
    axes = page.axes(left=1.5 if page.language == "en" else 1.05, right=0.1, above=0.3, below=0.75)
    bare(axes)
    quarters = sorted(data["quarter"].unique())
    waves = data.drop_duplicates("province_code").set_index("province_code")["wave"]
    heights, row = {}, 0.0
    for place, (code, wave) in enumerate(waves.items()):
        row += 0.6 if place and wave != waves.iloc[place - 1] else 0.0  # a gap between waves
        heights[code] = row
        row += 1.0
    axes.set_xlim(0, len(quarters))
    axes.set_ylim(row, 0)
    for code, rows in data.groupby("province_code", sort=False):
        draw_row(axes, heights[code], rows)
        name = name_of(by_code, str(code), page.language)
        name = name.replace("Xinjiang Production and Construction Corps", "Xinjiang Corps")
        axes.text(-0.2, heights[code] + 0.5, name, ha="right", va="center")
    for year in sorted({quarter[:4] for quarter in quarters[1:]}):
        x = quarter_position(next(quarter for quarter in quarters if quarter.startswith(year)), quarters[0])
        axes.plot([x, x], [-1.1, 0], color=GREY, linewidth=0.8, clip_on=False)
        axes.text(x + 0.2, -0.1, year, va="bottom")
    draw_key(page)


def draw_row(axes: Axes, height: float, rows: pd.DataFrame) -> None:
    """Cells of one province: empty, announced (ring), or filled by the number of platforms."""
    before: int | str | None = "none"
    for x, cell in enumerate(rows.itertuples()):
        platforms = None if pd.isna(cell.platforms) else int(cell.platforms)
        box = Rectangle(
            (x + 0.05, height + 0.06), 0.9, 0.88, facecolor="white", edgecolor=LINE, linewidth=0.5
        )
        axes.add_artist(box)  # not as a patch: the limits are set, and are not searched for again
        if cell.state == "announced":
            axes.plot(x + 0.5, height + 0.5, marker="o", markersize=4.5, color="white", markeredgecolor=INK)
        if cell.state != "in_force":
            continue
        weak = cell.grade == WEAK
        fill = PALE if weak else (BLUE if platforms is not None and platforms <= FEW else NAVY)
        box.set(facecolor=fill, edgecolor=INK if weak else fill, linestyle=DASHES if weak else "solid")
        if platforms != before:
            label = "?" if platforms is None else str(platforms)
            ink = INK if weak else "white"
            axes.text(x + 0.5, height + 0.51, label, color=ink, ha="center", va="center")
        before = platforms


def draw_key(page: Page) -> None:
    """What the cells mean, under the grid: two lines of two entries."""
    entries = (
        (None, page.say("announced, not yet in force", "已公布，尚未实施")),
        (BLUE, page.say("in force, 7 platforms", "已实施，7家平台")),
        (NAVY, page.say("in force, number as written", "已实施，平台数见格内")),
        ("weak", page.say("in force, known second-hand only (D)", "已实施，仅见于间接来源（D级）")),
    )
    for place, (look, label) in enumerate(entries):
        x = 0.14 + (place % 2) * (2.2 if page.language == "en" else 2.3)
        y = page.bottom + 0.47 - (place // 2) * 0.23
        if look is None:
            page.swatch(x, y, label, LINE, None)
            page.mark(x + 0.085, y, "hollow")
        elif look == "weak":
            page.swatch(x, y, label, INK, None, PALE, DASHES)
        else:
            page.swatch(x, y, label, look, None, look)
