"""Event-time effects drawn into axes: intervals as bars, a simultaneous band as shade, a hollow reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from .results import Results

# Dark enough for a contrast of 3:1 on white, apart for colour-blind readers.
BEFORE, AFTER = "#7a5195", "#00677f"
SHADE = "#b7d7de"
GREY = "#5f5f5f"


def draw_effects(axes: Axes, rows: pd.DataFrame) -> Axes:
    """Draw one estimator's event-time effects.

    Parameters
    ----------
    axes
        Where to draw.
    rows
        In order of ``event_time``, with ``estimate``, ``ci_low``, ``ci_high``, ``band_low`` and
        ``band_high``. A row without an interval is the reference, unless
        there is a ``note`` that does not say so.
    """
    event = rows["event_time"].to_numpy(dtype=int)
    value, low, high = (rows[name].to_numpy(dtype=float) for name in ("estimate", "ci_low", "ci_high"))
    band_low, band_high = (rows[name].to_numpy(dtype=float) for name in ("band_low", "band_high"))
    reference = np.isnan(low)
    if "note" in rows:
        reference &= rows["note"].str.contains("zero by construction").to_numpy(dtype=bool)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    for part in (event < 0, event >= 0):
        known = part & ~np.isnan(band_low)
        if known.any():
            axes.fill_between(event[known], band_low[known], band_high[known], color=SHADE, linewidth=0)
    for part, colour, marker in ((event < 0, BEFORE, "s"), (event >= 0, AFTER, "o")):
        shown = part & ~reference
        axes.vlines(event[shown], low[shown], high[shown], color=colour, linewidth=1.6)
        axes.plot(event[shown], value[shown], marker, color=colour, markersize=5)
    axes.plot(
        event[reference], value[reference], "o", markersize=6, markerfacecolor="white",
        markeredgecolor=GREY, markeredgewidth=1.4,
    )  # fmt: skip
    return axes


def plot_event_study(result: Results, axes: Axes | None) -> Axes:
    """Draw a result's event study, with labels; without axes into a new figure."""
    if axes is None:
        from matplotlib import pyplot as plt

        _, axes = plt.subplots(layout="constrained")
    rows = result.event_study().reset_index()
    level = f"{100 * result.options.level:g} %"
    shade = f"; shade: simultaneous {level} band" if rows["band_low"].notna().any() else ""
    axes.set_title(f"{result.name}; bars: pointwise {level} interval{shade}; hollow: reference", fontsize=9)
    axes.set_xlabel("Periods since the start of treatment")
    axes.set_ylabel("Effect")
    return draw_effects(axes, rows)
