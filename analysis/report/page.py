"""One figure page: size, type, colours, evidence badge, source line; the same bytes everywhere.

A page is narrow (5.2 inches), so that its type is still readable when a phone shows it 390 pixels
wide. Type comes from the font files of the package mplfonts, whatever the system has installed, and
stands in the SVG as outlines. The title stands beside the figure, in book and paper, and in the
file's metadata. Matplotlib is imported when a page is drawn: numbers and charts need the colours only.
"""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analysis.report.evidence import BADGES
from analysis.report.typeset import FAMILY, clipped_texts, own_font, text_width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 5.2  # inches
DPI = 150  # of the PNG
TYPE = 10.6  # points: 11 pixels on a phone, where a figure is 390 wide, and 13 on a desk, where it is 456
MARGIN = 0.08  # inches kept free at the page's edge

# Contrast of at least 3:1 with white for each, and of navy with orange and with blue; orange and blue
# never touch. What colour says is also said by a label, a shape or a hatch.
INK, GREY, LINE, PALE = "#1b1f24", "#55606e", "#b9c0c9", "#e9edf2"
NAVY, ORANGE, BLUE = "#12305c", "#c8701a", "#4f86c6"


def style(salt: str) -> dict[str, Any]:
    """Settings of matplotlib for one figure; ``salt`` fixes the ids inside the SVG."""
    return {
        "font.family": FAMILY,
        "font.size": TYPE,
        "svg.fonttype": "path",
        "svg.hashsalt": salt,
        "axes.unicode_minus": True,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.color": INK,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.labelsize": TYPE,
        "ytick.labelsize": TYPE,
        "hatch.linewidth": 0.7,
        "path.simplify": False,
    }


@dataclass
class Page:
    """A figure being drawn, in one language.

    Parameters
    ----------
    language
        ``en`` or ``zh``.
    height
        Of the whole page, in inches.
    """

    language: str
    height: float
    figure: Figure = field(init=False)
    top: float = field(init=False)  # inches from the bottom: where the plot may end
    bottom: float = field(init=False)  # inches from the bottom: where it may begin

    def __post_init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(WIDTH, self.height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.top, self.bottom = self.height - MARGIN, MARGIN

    @property
    def width(self) -> float:
        """Of the page, in inches."""
        return WIDTH

    def mark(self, x: float, y: float, look: str, colour: str = INK) -> None:
        """One mark of a key, ``x`` and ``y`` in inches from the page's lower left corner.

        ``look`` is a marker of matplotlib, ``hollow`` (a ring) or ``bar``.
        """
        from matplotlib.lines import Line2D

        place = ([x / WIDTH], [y / self.height])
        if look == "bar":
            ends = [(y - 0.07) / self.height, (y + 0.07) / self.height]
            mark = Line2D([x / WIDTH] * 2, ends, color=colour, linewidth=6, solid_capstyle="butt")
        elif look == "hollow":
            mark = Line2D(*place, marker="o", markersize=6, color="white", markeredgecolor=colour)
        else:
            mark = Line2D(*place, marker=look, markersize=6.5, color=colour, markeredgecolor="white")
        mark.set_transform(self.figure.transFigure)
        self.figure.add_artist(mark)

    def key(self, x: float, y: float, look: str, label: str, colour: str = INK) -> None:
        """A mark and, right of it, what it means."""
        self.mark(x + 0.08, y, look, colour)
        self.figure.text((x + 0.24) / WIDTH, y / self.height, label, va="center")

    def say(self, english: str, chinese: str) -> str:
        """The text in the page's language."""
        return english if self.language == "en" else chinese

    def axes(self, left: float = 0.1, right: float = 0.1, above: float = 0.1, below: float = 0.3) -> Axes:
        """Axes that fill the page between head and foot, with these margins in inches."""
        low, high = self.bottom + below, self.top - above
        box = (left / WIDTH, low / self.height, (WIDTH - left - right) / WIDTH, (high - low) / self.height)
        return self.figure.add_axes(box)

    def head(self, evidence: str, subtitle: str) -> None:
        """Draw the evidence badge and, under it, what is measured, where and when."""
        badge = BADGES[evidence]
        label = self.figure.text(
            (MARGIN + 0.07) / WIDTH,
            (self.top - 0.06) / self.height,
            f"{badge.sign} {self.say(badge.badge_en, badge.badge_zh)}",
            color="white",
            va="top",
            bbox={
                "boxstyle": "round,pad=0.3,rounding_size=0.3",
                "facecolor": badge.colour,
                "edgecolor": badge.colour,
            },
        )
        label.set_gid(f"evidence-{evidence}")
        self.top -= 0.34
        self.top -= self._paragraph(subtitle, INK, self.top) + 0.04

    def foot(self, source: str) -> None:
        """Write the source line at the bottom of the page."""
        lines = wrap(source, TYPE, WIDTH - 2 * MARGIN, self.language)
        height = len(lines) * TYPE * 1.35 / 72
        self._paragraph(source, GREY, MARGIN + height)
        self.bottom += height

    def _paragraph(self, text: str, colour: str, top: float) -> float:
        """Write wrapped text whose first line ends at ``top`` inches; returns its height."""
        step = TYPE * 1.35 / 72
        lines = wrap(text, TYPE, WIDTH - 2 * MARGIN, self.language)
        for number, line in enumerate(lines):
            y = (top - number * step) / self.height
            self.figure.text(MARGIN / WIDTH, y, line, color=colour, va="top")
        return len(lines) * step

    def swatch(
        self,
        x: float,
        y: float,
        label: str,
        edge: str,
        hatch: str | None = "/////",
        fill: str = "white",
        dashes: object = "solid",
    ) -> None:
        """A small filled or hatched box of a key and, right of it, what it means."""
        from matplotlib.patches import Rectangle

        box = Rectangle((x / WIDTH, (y - 0.075) / self.height), 0.17 / WIDTH, 0.15 / self.height)
        box.set(facecolor=fill, edgecolor=edge, hatch=hatch, linestyle=dashes, linewidth=0.8)
        box.set_transform(self.figure.transFigure)
        self.figure.add_artist(box)
        self.figure.text((x + 0.24) / WIDTH, y / self.height, label, va="center")

    @staticmethod
    def label_width(text: str) -> float:
        """Width of a label in inches."""
        return text_width(text, TYPE)

    def save(self, name: str, title: str, alt: str) -> dict[str, bytes]:
        """The page as SVG and PNG bytes, if no text is cut off."""
        svg, png = io.BytesIO(), io.BytesIO()
        metadata = {"Date": None, "Creator": None, "Title": title, "Description": alt}
        self.figure.savefig(svg, format="svg", metadata=metadata)
        self.figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
        outside = clipped_texts(self.figure)
        assert not outside, f"{name}: text runs over the page's edge: {outside}"
        return {"svg": lighter(svg.getvalue()), "png": png.getvalue()}


def lighter(svg: bytes) -> bytes:
    """Outlines with two decimals, a hundredth of a point, and no line breaks: a tenth less to load."""
    return re.sub(rb"\n\s*", b"\n", re.sub(rb'(?<= d=")[^"]+', lambda path: _outline(path[0]), svg))


@lru_cache(maxsize=8192)  # the same letters stand on every page
def _outline(path: bytes) -> bytes:
    return b" ".join(re.sub(rb"-?\d+\.\d+", _short, path).split())


def _short(number: re.Match[bytes]) -> bytes:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".").encode()


def strict() -> AbstractContextManager[Any]:
    """A context in which a missing glyph, or any other warning of the drawing, is an error."""
    return warnings.catch_warnings(action="error")


@contextmanager
def rc(salt: str) -> Iterator[None]:
    """A context with `style` and its font."""
    import matplotlib

    settings: Any = style(salt)
    with own_font(), matplotlib.rc_context(settings):
        yield
