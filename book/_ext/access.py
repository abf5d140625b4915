"""Names for what the theme leaves unnamed: the side bar as a landmark, the buttons that unfold its lists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from results import language
from words import WORDS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SIDEBAR = re.compile(r'<div class="(bd-sidebar-primary bd-sidebar[^"]*)">')
FOLDED = re.compile(r">([^<>]+)</a><details([^>]*)><summary>")


def name_parts(html: str, code: str) -> str:
    """The page with names for the side bar and for each list folded in it."""
    words = WORDS[code]
    html = SIDEBAR.sub(rf'<div class="\1" role="navigation" aria-label="{words["side_bar"]}">', html)
    unfold = words["unfold"].format(title=r"\1")
    return FOLDED.sub(rf'>\1</a><details\2><summary aria-label="{unfold}">', html)


def write(app: Sphinx, failure: Exception | None) -> None:
    """Name the parts of every page."""
    if failure is None and app.builder.format == "html":
        for page in sorted(Path(app.outdir).rglob("*.html")):
            page.write_text(name_parts(page.read_text("utf-8"), language(app)), "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the event."""
    app.connect("build-finished", write, priority=850)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
