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

PIECES = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
NAME = re.compile(r"</?([a-zA-Z0-9]+)")
CHINESE = re.compile(r"[\u3400-\u9fff][\u3000-\u303f\u3400-\u9fff\uff00-\uffef]*")
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’.-]*(?:,? [A-Za-z][A-Za-z'’.-]*)+")
OTHER = {"en": ("zh-Hans", CHINESE), "zh": ("en", ENGLISH)}
UNTOUCHED = {"head", "script", "style", "title", "option", "textarea", "code", "pre", "math", "svg"}


def marked(page: str, code: str, pattern: re.Pattern[str]) -> str:
    """The page with each match of ``pattern`` in its text inside an element of that language.

    Examples
    --------
    >>> marked("<body><p>The term 职业伤害 here</p></body>", "zh-Hans", CHINESE)
    '<body><p>The term <span lang="zh-Hans">职业伤害</span> here</p></body>'
    """
    inside: list[str] = []
    pieces = PIECES.split(page)
    for place, piece in enumerate(pieces):
        name = NAME.match(piece)
        if name and name[1].lower() in UNTOUCHED:
            if piece.startswith("</"):
                inside = inside[:-1]
            elif not piece.endswith("/>"):
                inside.append(name[1])
        elif not inside and not piece.startswith("<"):
            pieces[place] = pattern.sub(lambda match: f'<span lang="{code}">{match[0]}</span>', piece)
    return "".join(pieces)


def mark_pages(app: Sphinx, failure: Exception | None) -> None:
    """Mark every page that was written."""
    if failure is None and app.builder.format == "html":
        for page in sorted(Path(app.outdir).rglob("*.html")):
            page.write_text(marked(page.read_text("utf-8"), *OTHER[language(app)]), "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the event, after those that write pages."""
    app.connect("build-finished", mark_pages, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
