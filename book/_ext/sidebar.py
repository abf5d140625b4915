"""The tree of pages beside each page, made once for pages that stand side by side in it.

Sphinx copies and writes the whole tree for every page, although the trees of two neighbours differ in
two entries only: which of them is marked and leads nowhere.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sphinx import addnodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

TREE = "sbt-sidebar-nav.html"  # the last part of the theme's sidebar
MARKED = re.compile(
    r'<li class="(toctree-l\d+) current active"><a class="current reference internal" href="#">'
)


@lru_cache(maxsize=1)
def places(env: BuildEnvironment) -> dict[str, tuple[str, int, str]]:
    """Of each page without pages below it: the list that names it, and its folder."""
    return {
        page: (parent, number, posixpath.dirname(page))
        for parent in env.toctree_includes
        for number, listed in enumerate(env.tocs[parent].findall(addnodes.toctree))
        for page in listed["includefiles"]
        if page not in env.toctree_includes
    }


def moved(html: str, old: str, new: str) -> str | None:
    """The tree with another page marked, by the addresses that both have; none where that is not clear."""
    marked = MARKED.findall(html)
    if len(marked) != 1:
        return None
    html = MARKED.sub(rf'<li class="\1"><a class="reference internal" href="{old}">', html)
    entry = f'<li class="{marked[0]}"><a class="reference internal" href="{new}">'
    if html.count(entry) != 1:
        return None
    mark = f'<li class="{marked[0]} current active"><a class="current reference internal" href="#">'
    return html.replace(entry, mark)


def set_aside(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Hide the tree from the theme while it draws each part of the page to see whether it is empty."""
    context["sidebars"] = [name for name in context["sidebars"] if name != TREE]


def share_tree(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the theme take the finished tree of a neighbour, which it would write and parse for each page."""
    context["sidebars"] = [*context["sidebars"], TREE]
    place = places(app.env).get(pagename)
    if place is None:
        return
    whole: Callable[..., object] = context["generate_toctree_html"]
    kept: dict[Any, tuple[str, str]] = app.env.book_trees  # type: ignore[attr-defined]

    def tree(**options: Any) -> str:
        key = (place, *sorted(options.items()))
        if key in kept:
            page, html = kept[key]
            link = app.builder.get_relative_uri
            found = moved(html, link(pagename, page), link(page, pagename))
            if found is not None:
                return found
        kept[key] = (pagename, str(whole(**options)))
        return kept[key][1]

    context["generate_toctree_html"] = tree


def prepare(app: Sphinx) -> None:
    """Begin without trees."""
    places.cache_clear()
    app.env.book_trees = {}  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the events, the theme's own between the two of a page."""
    app.connect("builder-inited", prepare)
    app.connect("html-page-context", set_aside, priority=400)
    app.connect("html-page-context", share_tree, priority=550)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
