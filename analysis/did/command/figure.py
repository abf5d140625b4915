"""The event-study figure: effects by periods since the start, with how many units stand behind each.

Pointwise intervals are bars, the simultaneous band is a shade, the reference is hollow, and a strip
below counts treated units. The same input gives the same bytes.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..notebook.plot import AFTER, BEFORE, GREY, draw_effects
from .literal import plot

if TYPE_CHECKING:
    import pandas as pd

STYLE: dict[Any, Any] = {
    "svg.hashsalt": "event-study",  # element ids otherwise differ from run to run
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that all machines draw the same letters
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
MOST_TICKS = 16
FIRST_CJK = 0x2E80  # letters before it are in DejaVu Sans, or in no font for Chinese either
CJK, CJK_FILE = "Noto Sans CJK SC", "NotoSansCJKsc-Regular.otf"


def drawing_is_possible() -> bool:
    """Whether matplotlib is installed; the engine alone does not ask for it."""
    return find_spec("matplotlib") is not None


def families(text: str) -> list[str]:
    """Font families that have the letters of ``text``: DejaVu Sans and, for Chinese, Noto Sans CJK SC.

    The second comes with the package mplfonts, so that all machines draw the same letters; without the
    package Chinese letters are boxes.
    """
    from matplotlib import font_manager

    first = str(STYLE["font.family"])
    if all(ord(letter) < FIRST_CJK for letter in text):
        return [first]
    package = find_spec("mplfonts")
    for place in (package.submodule_search_locations or []) if package else []:
        file = Path(place) / "fonts" / CJK_FILE
        if file.is_file():
            font_manager.fontManager.addfont(str(file))
            return [first, CJK]
    return [first]


def empty_figure(text: str) -> bytes:
    """Say why nothing is drawn: the file is part of the contract, an empty chart would mislead."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="480" height="60" role="img" aria-label="{text}">'
        f'<text x="12" y="36" font-family="sans-serif" font-size="14">{text}</text></svg>\n'
    ).encode()


def draw_event_study(
    rows: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    source: str,
    effect_label: str = "Effect",
    time_label: str = "Periods since the start of treatment",
    units_label: str = "Treated\nunits",
    style: dict[Any, Any] | None = None,
    kind: str = "svg",
) -> bytes:
    """Draw one estimator's event-time effects.

    Parameters
    ----------
    rows
        Event rows of one estimator with the columns of estimates.csv: ``event_time``, ``estimate``,
        ``ci_low``, ``ci_high``, ``band_low``, ``band_high``, ``n_treated``. A row without an
        interval is the reference and drawn hollow, unless there is a ``note`` that does not say so.
    title, subtitle, source
        The finding; what is measured; where from and the evidence class.
    effect_label, time_label, units_label
        Axis labels.
    style
        Further matplotlib settings, such as fonts of another language.
    kind
        ``svg`` or ``png``.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    ValueError
        There are no rows.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    if rows.empty:
        raise ValueError("there are no event-time effects to draw")
    rows = rows.sort_values("event_time")
    event = rows["event_time"].to_numpy(dtype=int)
    title, subtitle, source, effect_label = map(plot, (title, subtitle, source, effect_label))
    fonts: Any = {"font.family": families(title + subtitle + source + effect_label)}
    with rc_context({**STYLE, **fonts, **(style or {})}):
        figure = Figure(figsize=(8, 5), layout="constrained")
        main, strip = figure.subplots(2, 1, sharex=True, height_ratios=(6, 1))
        draw_effects(main, rows)
        main.set_ylabel(effect_label)
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        main.set_title(subtitle, loc="left", fontsize=9, color=GREY)
        step = -(-len(event) // MOST_TICKS)
        strip.set_xticks(event[event % step == 0])
        counts = rows["n_treated"].to_numpy(dtype=int)
        strip.bar(event, counts, color=np.where(event < 0, BEFORE, AFTER), width=0.7)
        strip.set_ylim(0, max(counts.max(), 1) * 1.6)
        strip.set_yticks([])
        for place, count in zip(event, counts, strict=True):
            if place % step == 0:
                strip.annotate(str(count), (place, count), ha="center", va="bottom", fontsize=7, color=GREY)
        strip.set_ylabel(units_label, rotation=0, ha="right", va="center", fontsize=8, color=GREY)
        strip.spines["left"].set_visible(False)
        strip.set_xlabel(time_label)
        figure.text(0.01, -0.03, source, ha="left", va="top", fontsize=7.5, color=GREY)
        stream = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(stream, format=kind, metadata=metadata, bbox_inches="tight", dpi=150)
    return stream.getvalue()
