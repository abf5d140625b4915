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

MARKED = re.compile(r'<li class="(toctree-l\d+) current"><a class="current reference internal" href="#">')


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
    mark = f'<li class="{marked[0]} current"><a class="current reference internal" href="#">'
    return html.replace(entry, mark)


def share_tree(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the theme's call for the tree take that of a neighbour."""
    place = places(app.env).get(pagename)
    if place is None:
        return
    whole: Callable[..., str] = context["toctree"]
    kept: dict[Any, tuple[str, str]] = app.env.book_trees  # type: ignore[attr-defined]

    def tree(**options: Any) -> str:
        key = (place, *sorted(options.items()))
        if key in kept:
            page, html = kept[key]
            link = app.builder.get_relative_uri
            found = moved(html, link(pagename, page), link(page, pagename))
            if found is not None:
                return found
        kept[key] = (pagename, whole(**options))
        return kept[key][1]

    context["toctree"] = tree


def prepare(app: Sphinx) -> None:
    """Begin without trees."""
    places.cache_clear()
    app.env.book_trees = {}  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the events, the second before the theme's own."""
    app.connect("builder-inited", prepare)
    app.connect("html-page-context", share_tree, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
