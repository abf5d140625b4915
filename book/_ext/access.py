"""Names for what the theme leaves unnamed or names in English.

The side bar becomes a landmark, the buttons that unfold its lists say of what, heads of columns say that they
are, and the theme's own words, which no catalogue of it translates, are put into the book's language.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from results import language
from words import THEME, WORDS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SIDEBAR = re.compile(r'<div class="(bd-sidebar-primary bd-sidebar[^"]*)">')
FOLDED = re.compile(r">([^<>]+)</a><details([^>]*)><summary>")
HEAD = re.compile(r'<th class="head')
SAID = re.compile(
    rf'((?:aria-label|placeholder|title)="|>\s*)({"|".join(map(re.escape, THEME["zh"]))})("|\s*<)'
)


def name_parts(html: str, code: str) -> str:
    """The page with names for its parts, in its language."""
    words, theme = WORDS[code], THEME.get(code)
    if theme:
        html = SAID.sub(lambda found: found[1] + theme[found[2]] + found[3], html)
    html = HEAD.sub('<th scope="col" class="head', html)
    html = SIDEBAR.sub(rf'<div class="\1" role="navigation" aria-label="{words["side_bar"]}">', html)
    unfold = words["unfold"].format(title=r"\1")
    return FOLDED.sub(rf'>\1</a><details\2><summary aria-label="{unfold}">', html)


def write(app: Sphinx, failure: Exception | None) -> None:
    """Name the parts of every page."""
    if failure is None and app.builder.format == "html":
        for page in sorted(Path(app.outdir).rglob("*.html")):
            page.write_text(name_parts(page.read_text("utf-8"), language(app)), "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the event, before the one that marks words of the other language."""
    app.connect("build-finished", write, priority=790)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
