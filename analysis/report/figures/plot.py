"""What every figure function returns: the plotted data and how to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.report.page import GREY, LINE, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Plot:
    """A figure before it has a language.

    Parameters
    ----------
    data
        Every value the figure shows, with its ``evidence`` class; written beside the figure as CSV.
    draw
        Puts ``data`` on a page that already has head and foot.
    height
        Of the page, in inches.
    """

    data: pd.DataFrame
    draw: Callable[[Page], None]
    height: float


def quarter_position(quarter: object, first: str) -> int:
    """Number of quarters from ``first`` to ``quarter``."""
    found: int = pd.Period(quarter, freq="Q").ordinal - pd.Period(first, freq="Q").ordinal
    return found


def bare(axes: Axes) -> None:
    """Remove frame and ticks; for grids whose cells carry their own labels."""
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_yticks([])


def horizontal_grid(axes: Axes) -> None:
    """Thin lines at the ticks of the vertical axis, behind the marks."""
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=LINE, linewidth=0.5)
    axes.tick_params(length=3, color=GREY)
