"""What every page needs: the link to the other language, words for the scripts, no numbers by Sphinx."""

from __future__ import annotations

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
FOR_SCRIPTS = (
    *("filter", "all", "rows", "sort", "wide", "sources", "colon", "separator"),
    *(
        "open_chart",
        "chart_hint",
        "chart_empty",
        "as_table",
        "as_picture",
        "chart_csv",
        "copy_link",
        "copied",
    ),
    *("found", "not_found", "also", "exhibits_too"),
)


def add_context(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell the templates where the same page stands in the other language."""
    other = OTHER[language(app)]
    has_twin = pagename == "search" or (Path(app.srcdir).parent / other["code"] / f"{pagename}.md").is_file()
    up = "../" * (pagename.count("/") + 3)
    target = pagename if has_twin else "index"
    context["other_language"] = {**other, "url": f"{up}{other['code']}/_build/html/{target}.html"}
    words = WORDS[language(app)]
    context["script_words"] = {name: words[name] for name in FOR_SCRIPTS}


def leave_numbers(app: Sphinx, config: Any) -> None:
    """Keep Sphinx from counting figures too: an extension of Jupyter Book turns that on in any case."""
    config.numfig = False


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the events."""
    app.setup_extension("results")
    app.connect("config-inited", leave_numbers, priority=900)
    app.connect("html-page-context", add_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
