"""Type on figures: one font whatever the system has, widths, line breaks, and texts that are cut off."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

FAMILY = "Report Sans"
FONT_FILE = "NotoSansCJKsc-Regular.otf"


@cache
def font_file() -> Path:
    """Path of the Chinese font."""
    package = find_spec("mplfonts")
    assert package is not None, "mplfonts is in requirements.lock"
    assert package.submodule_search_locations, "mplfonts is a package"
    return Path(package.submodule_search_locations[0]) / "fonts" / FONT_FILE


@contextmanager
def own_font() -> Iterator[None]:
    """Let matplotlib know the Chinese font as `FAMILY` while a figure is drawn, and forget it afterwards.

    A name of our own, so that no system font can stand in for it; taken away again, so that the list of
    fonts of the host process stays as it was.
    """
    from matplotlib import font_manager

    entry = font_manager.FontEntry(fname=str(font_file()), name=FAMILY)
    known = font_manager.fontManager.ttflist
    known.append(entry)
    try:
        yield
    finally:
        known.remove(entry)


def wrap(text: str, size: float, width: float, language: str) -> list[str]:
    """Break ``text`` into lines of at most ``width`` inches; Chinese may break after any sign."""
    words = text.split(" ") if language == "en" else split_chinese(text)
    joint = " " if language == "en" else ""
    lines = []
    while words:
        # The most words that fit, one at least: found by halves, as to measure a text takes long.
        fits, too_many = 1, len(words) + 1
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            if text_width(joint.join(words[:middle]), size) <= width:
                fits = middle
            else:
                too_many = middle
        lines.append(joint.join(words[:fits]))
        words = words[fits:]
        if words:
            words[0] = words[0].lstrip()
    return lines


def split_chinese(text: str) -> list[str]:
    """Pieces between which a Chinese line may break: no break inside a number or before a comma."""
    pieces: list[str] = []
    for sign in text:
        latin = sign.isascii() and not sign.isspace()
        joined = pieces and (
            (latin and pieces[-1][-1].isascii() and not pieces[-1][-1].isspace())
            or sign in "，。；：、）》％"
        )
        if joined or (pieces and pieces[-1][-1] in "（《"):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


@cache
def _measure() -> RendererAgg:
    """What measures text; its own size does not matter."""
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(1, 1, 72)


@cache
def text_width(text: str, size: float) -> float:
    """Width of one line of text in inches."""
    from matplotlib import font_manager

    properties = font_manager.FontProperties(fname=str(font_file()), size=size)
    width, _, _ = _measure().get_text_width_height_descent(text, properties, False)
    return float(width) / 72


def visible_texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text of a drawn figure with its box in pixels; ticks beyond an axis's limits are not drawn."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    assert isinstance(figure.canvas, FigureCanvasAgg)
    renderer = figure.canvas.get_renderer()  # which has measured them for the drawing
    found = []
    beyond = {label for axes in figure.axes for label in labels_beyond(axes)}
    for artist in figure.findobj(Text):
        assert isinstance(artist, Text)
        if artist.get_visible() and artist.get_text().strip() and artist not in beyond:
            found.append((artist.get_text(), artist.get_window_extent(renderer)))
    return found


def labels_beyond(axes: Axes) -> list[Text]:
    """Labels of ticks that lie outside the limits of their axis."""
    labels = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        ticks = axis.get_major_ticks()
        labels += [tick.label1 for tick in ticks if not low - slack <= tick.get_loc() <= high + slack]
    return labels


def clipped_texts(figure: Figure) -> list[str]:
    """Texts that run over the page's edge."""
    page = figure.bbox
    return [
        text
        for text, box in visible_texts(figure)
        if box.x0 < page.x0 - 1 or box.y0 < page.y0 - 1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1
    ]
