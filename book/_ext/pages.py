"""What every page needs: the link to the other language, words for the scripts, local mathematics."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results import language
from words import WORDS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

OTHER = {
    "en": {"code": "zh", "tag": "zh-Hans", "text": "中文", "title": "Read this page in Chinese"},
    "zh": {"code": "en", "tag": "en", "text": "English", "title": "阅读英文版"},
}
MATHJAX = "sphinx-mathjax-offline/static/mathjax/tex-svg.js"
FONT_PRELOAD = re.compile(r'\s*<link rel="preload" as="font"[^>]*>')
FOR_SCRIPTS = ("filter", "all", "rows", "sort", "wide")


def add_context(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell the templates where the same page stands in the other language."""
    other = OTHER[language(app)]
    has_twin = pagename == "search" or (Path(app.srcdir).parent / other["code"] / f"{pagename}.md").is_file()
    up = "../" * (pagename.count("/") + 3)
    target = pagename if has_twin else "index"
    context["other_language"] = {**other, "url": f"{up}{other['code']}/_build/html/{target}.html"}
    words = WORDS[language(app)]
    context["script_words"] = {name: words[name] for name in FOR_SCRIPTS}


def copy_mathjax(app: Sphinx, failure: Exception | None) -> None:
    """Put MathJax, one file from the installed package, beside the pages."""
    if failure is None and app.builder.format == "html":
        source = distribution("sphinx-mathjax-offline").locate_file(MATHJAX)
        target = Path(app.outdir) / "_static" / "mathjax" / "tex-svg.js"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(source), target)


def drop_font_preloads(app: Sphinx, failure: Exception | None) -> None:
    """Remove the theme's requests for icon fonts.

    The icons are drawn by a script. The fonts are asked for with ``crossorigin``, which browsers
    refuse for pages opened from a folder, and report as errors.
    """
    if failure is None and app.builder.format == "html":
        for page in sorted(Path(app.outdir).rglob("*.html")):
            text = page.read_text("utf-8")
            page.write_text(FONT_PRELOAD.sub("", text), "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the events."""
    app.setup_extension("results")
    app.connect("html-page-context", add_context)
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", drop_font_preloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
