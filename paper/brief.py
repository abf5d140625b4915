"""The one-page brief of each language: A4, from the same numbers as book and paper.

`analysis.report.documents` fills in the numbers; pandoc and typst set the page, as they set the paper.
A brief that runs over its page is refused: it would no longer be one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paper import fallback, manuscript

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "brief.en.md"
FOLDER = "_generated/brief"
LANGUAGES = ("en", "zh")
PAGES = re.compile(rb"/Type\s*/Page\b")  # one in a PDF for each of its pages


def render(folder: Path) -> dict[str, bytes]:
    """Set ``brief-en.pdf`` and ``brief-zh.pdf`` from the filled texts under ``folder``.

    Raises
    ------
    manuscript.ManuscriptError
        A text has not been filled in, cannot be set, or needs more than one page.
    """
    made = {}
    for language in LANGUAGES:
        source = folder / FOLDER / f"brief.{language}.md"
        if not source.exists():
            raise manuscript.ManuscriptError(
                [f"{source.name} is missing: run `python -m analysis documents` first"]
            )
        layout = ["-f", "markdown", "-t", "typst", "--standalone", "--wrap=none", "--fail-if-warnings"]
        layout += ["--shift-heading-level-by=-1", "--template", str(fallback.TEMPLATES / "brief.typ")]
        markup = manuscript.pandoc(layout, source.read_text(encoding="utf-8"))
        pdf = fallback.set_pages(markup, source.parent)
        pages = len(PAGES.findall(pdf))
        if pages != 1:
            raise manuscript.ManuscriptError([f"{source.name} fills {pages} pages; shorten it to one"])
        made[f"brief-{language}.pdf"] = pdf
    return made
