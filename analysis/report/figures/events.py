"""Event studies on official statistics: effects by year since the start, with both kinds of interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.report.effects import UNITS, shown
from analysis.report.figures.plot import Plot, horizontal_grid
from analysis.report.page import BLUE, GREY, INK, NAVY, PALE, Page

if TYPE_CHECKING:
    from analysis.report.results import Results

ESTIMATOR, MAIN = "group_time", "main"


def study(results: Results, outcome: str) -> Plot:
    """Effects by year relative to the first year under the pilot, for one outcome.

    Returns
    -------
    Plot
        Data: the rows ``term = event`` of estimates.csv for the group-time estimator and the main sample.
    """
    rows = results.estimates
    rows = rows[(rows["outcome"] == outcome) & (rows["specification"] == MAIN)]
    rows = rows[(rows["estimator"] == ESTIMATOR) & (rows["term"] == "event")]
    data = rows.assign(event_time=pd.to_numeric(rows["event_time"]).astype(int))
    data = data.sort_values("event_time").reset_index(drop=True)
    return Plot(data, lambda page: draw(page, data, outcome), height=4.9)


def draw(page: Page, data: pd.DataFrame, outcome: str) -> None:
    """Band, bars, points, hollow reference, zero line, and the strip of provinces."""
    english, chinese = UNITS[outcome]
    axes = page.axes(left=0.62, right=0.12, above=0.32, below=1.28)
    x = data["event_time"].to_numpy()
    y, low, high, band_low, band_high = (
        shown(data[name].to_numpy(float), outcome)
        for name in ("estimate", "ci_low", "ci_high", "band_low", "band_high")
    )
    reference = data["std_error"].isna().to_numpy() | (y == 0) & np.isnan(low)
    axes.axhline(0, color=GREY, linewidth=0.9)
    axes.axvline(-0.5, color=INK, linewidth=1, linestyle=(0, (4, 2)))
    axes.bar(
        x,
        band_high - band_low,
        bottom=band_low,
        width=0.62,
        color=PALE,
        edgecolor=BLUE,
        linewidth=0.8,
        zorder=1,
    )
    axes.vlines(x, low, high, color=NAVY, linewidth=3, zorder=2)
    axes.plot(x[~reference], y[~reference], "o", color=NAVY, markersize=6.5, zorder=3)
    axes.plot(
        x[reference],
        y[reference],
        "o",
        color="white",
        markeredgecolor=NAVY,
        markersize=7,
        markeredgewidth=1.4,
        zorder=3,
    )
    horizontal_grid(axes)
    ends = np.concatenate([band_low, band_high, low, high, [0.0]])
    pad = 0.06 * (np.nanmax(ends) - np.nanmin(ends))
    axes.set_ylim(np.nanmin(ends) - pad, np.nanmax(ends) + pad)
    axes.set_xlim(x.min() - 0.6, x.max() + 0.6)
    axes.set_xticks(x)
    axes.set_xticklabels([str(value).replace("-", "−") for value in x])
    axes.text(0, 1.02, page.say(english, chinese), transform=axes.transAxes, va="bottom")
    bottom = axes.get_xaxis_transform()
    rows = (
        (-31, page.say("years since the first year under the pilot", "距试点首年的年数")),
        (-62, page.say("provinces behind each point", "各点对应的省份数")),
    )
    below: Any = {"textcoords": "offset points", "ha": "center", "va": "center"}
    for offset, label in rows:
        axes.annotate(label, (0.5, 0), xycoords="axes fraction", xytext=(0, offset), color=GREY, **below)
    for value, provinces in zip(x, data["n_treated"], strict=True):
        label = "–" if pd.isna(provinces) else str(int(provinces))
        axes.annotate(label, (value, 0), xycoords=bottom, xytext=(0, -47), **below)
    page.key(0.12, page.bottom + 0.16, "bar", page.say("95 % pointwise", "95%逐点区间"), NAVY)
    page.swatch(1.75, page.bottom + 0.16, page.say("95 % simultaneous", "95%联合区间"), BLUE, None, PALE)
    page.key(3.55, page.bottom + 0.16, "hollow", page.say("reference", "参照期"), NAVY)
