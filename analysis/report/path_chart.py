"""One province's identified intervals through time as a small drawing inside a page.

The drawing takes its colours from the page (dark mode included) and its words from the reader's
language. It shows ranges, never a middle; an open upper end runs to the top and fades.
"""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

from analysis.report.text import FORMATS, interval_text, quarter_text

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 360, 210  # pixels; its type of 12 is 11 to 13 on a phone and on a desk
LEFT, RIGHT, TOP, BOTTOM = 44, 6, 10, 28
STYLE = FORMATS["per_1000_residents"]
TICKS = 4
ROUND = (1, 2, 2.5, 5, 10)
ALT = {
    "en": "People ever enrolled per 1,000 residents of {name} at the end of each quarter: {rows}.",
    "zh": "{name}各季度末每千常住人口累计参保人数的区间：{rows}。",
}


def step_of(top: float) -> float:
    """A round distance between the marks of an axis from 0 to ``top``."""
    rough = top / TICKS
    scale = 10.0 ** math.floor(math.log10(rough))
    return scale * next(step for step in ROUND if step * scale >= rough)


def draw_path(path: Sequence[tuple[str, float, float]], name: str, language: str) -> str:
    """SVG of a path of intervals.

    Parameters
    ----------
    path
        Quarter (``2025Q4``), lower and upper end in people per 1,000 residents, in order of time; the
        upper end is NaN where nothing limits it.
    name
        The province, for the description that is read aloud.
    language
        ``en`` or ``zh``.

    Returns
    -------
    str
        One ``svg`` element. Each bar has a title with its quarter and its interval in words.
    """
    highest = max([upper for _, _, upper in path if not math.isnan(upper)] + [lower for _, lower, _ in path])
    step = step_of(max(highest, 1.0) * 1.05)
    top = step * math.ceil(max(highest, 1.0) * 1.05 / step)
    wide = (WIDTH - LEFT - RIGHT) / len(path)

    def height(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)

    colon, apart = (": ", "; ") if language == "en" else ("：", "；")
    said = [
        f"{quarter_text(q, language)}{colon}{interval_text(low, high, STYLE, language)}"
        for q, low, high in path
    ]
    alt = ALT[language].format(name=name, rows=apart.join(said))
    parts = [
        f'<svg class="path-chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(alt)}">',
        *(axis_mark(mark * step, height(mark * step)) for mark in range(round(top / step) + 1)),
    ]
    for place, ((quarter, low, high), words) in enumerate(zip(path, said, strict=True)):
        left = LEFT + wide * place
        open_end = math.isnan(high)
        above, below = height(top if open_end else high), height(low)
        kind = "open" if open_end else "closed"
        parts.append(
            f'<rect class="{kind}" x="{left + 0.12 * wide:.1f}" y="{above:.1f}" width="{0.76 * wide:.1f}" '
            f'height="{max(below - above, 2):.1f}"><title>{html.escape(words)}</title></rect>'
        )
        if quarter.endswith("Q1") or place == 0:
            parts.append(
                f'<text x="{left + wide / 2:.1f}" y="{HEIGHT - 10}" text-anchor="middle">'
                f"{quarter.split('Q')[0]}</text>"
            )
    return "\n".join([*parts, "</svg>"])


def axis_mark(value: float, y: float) -> str:
    """A line across and its number."""
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,.10g}</text>'
    )
