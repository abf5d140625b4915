"""Mark text of the other language, so that a screen reader changes its voice (WCAG 3.1.2).

In the English edition each run of Chinese is marked, in the Chinese one each English phrase of two words or
more; single names, codes, formulas and programs are left as they are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from results import language

if TYPE_CHECKING:
    from sphinx.application import Sphinx

UNTOUCHED = "head|script|style|title|option|textarea|code|pre|math|svg"
# A comment, an element that is left whole, a tag, or text.
PIECES = re.compile(rf"<!--.*?-->|<({UNTOUCHED})\b[^>]*>.*?</\1\s*>|<[^>]*>|[^<]+", re.DOTALL)
CHINESE = re.compile(r"[\u3400-\u9fff][\u3000-\u303f\u3400-\u9fff\uff00-\uffef]*")
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’.-]*(?:,? [A-Za-z][A-Za-z'’.-]*)+")
OTHER = {"en": ("zh-Hans", CHINESE), "zh": ("en", ENGLISH)}


def marked(page: str, code: str, pattern: re.Pattern[str]) -> str:
    """The page with each match of ``pattern`` in its text inside an element of that language.

    Examples
    --------
    >>> marked("<body><p>The term 职业伤害 here</p></body>", "zh-Hans", CHINESE)
    '<body><p>The term <span lang="zh-Hans">职业伤害</span> here</p></body>'
    """

    def mark(piece: re.Match[str]) -> str:
        if piece[0].startswith("<"):
            return piece[0]
        return pattern.sub(lambda match: f'<span lang="{code}">{match[0]}</span>', piece[0])

    return PIECES.sub(mark, page)


def mark_pages(app: Sphinx, failure: Exception | None) -> None:
    """Mark every page that was written."""
    if failure is None and app.builder.format == "html":
        for page in sorted(Path(app.outdir).rglob("*.html")):
            page.write_text(marked(page.read_text("utf-8"), *OTHER[language(app)]), "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the event, after those that write pages."""
    app.connect("build-finished", mark_pages, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
