"""Full-text search that works from a folder: every section's text in one script, read by ``search.js``.

Sphinx's own index holds stems of words, cannot find a number or show where a word stands, and fetches
pages, which a page opened from a folder may not. Here the text itself is searched, as it stands, so
Chinese needs no splitting into words and 0.25 is found as 0.25.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from docutils import nodes
from exhibit_table import PlainTable
from html_tag import Tag
from lines import one_line
from results import exhibits, language, local

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SCRIPT = "_static/search_text.js"
OURS = re.compile(
    r'\s*<script src="(?:_static/searchtools|_static/language_data|searchindex)\.js[^"]*"></script>'
)
REPLACED = ("searchindex.js", "_static/searchtools.js", "_static/language_data.js")
APART = re.compile(r"[;；,，、]\s*|\s*（[^）]*）|\s*\([^)]*\)")
LEFT_OUT = ("lineage-list", "exhibit-downloads", "more-rows")
TABLES = (PlainTable, nodes.table)
PLACE = re.compile(r"province/\d+$")


def text_of(node: nodes.Node) -> str:
    """Text of a node in one line, what belongs to it and no more."""
    return one_line(node.astext())


def section_text(section: nodes.section) -> str:
    """Text of a section without its subsections and without the boxes of its numbers."""
    parts = [
        text
        for child in section.children
        if not isinstance(child, nodes.section | nodes.title | nodes.raw)
        for text in texts(child)
    ]
    return " ".join(part for part in parts if part)


def left_out(node: nodes.Node) -> bool:
    """Whether a search would find the element's text elsewhere, or everywhere."""
    return isinstance(node, Tag) and node["html"].get("class") in LEFT_OUT


def texts(node: nodes.Node) -> list[str]:
    """Texts of a node: cells of a table beside each other, and all that stands around the table."""
    if left_out(node):
        return []
    if isinstance(node, PlainTable):
        return [" · ".join(map(one_line, node.cells()))]
    if isinstance(node, nodes.table):
        return [" · ".join(text_of(cell) for cell in node.findall(nodes.entry))]
    if any(isinstance(part, TABLES) or left_out(part) for part in node.findall()):
        return [text for child in node.children for text in texts(child)]
    return [text_of(node)]


def collect(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Keep the sections of a page: address, title, text."""
    rows = []
    for section in doctree.findall(nodes.section):
        title = next(iter(section.findall(nodes.title)), None)
        anchor = "" if isinstance(section.parent, nodes.document) else f"#{section['ids'][0]}"
        rows.append([anchor, text_of(title) if title else "", section_text(section)])
    app.env.book_text[docname] = rows  # type: ignore[attr-defined]


def glossary_groups(app: Sphinx) -> list[list[str]]:
    """Terms of the glossary that stand for each other, from its first two columns."""
    path = Path(app.srcdir) / "glossary.md"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    groups = [[word for cell in row[:2] for word in APART.split(cell) if word] for row in rows[2:]]
    return [group for group in groups if len(group) > 1]


def write(app: Sphinx, failure: Exception | None) -> None:
    """Write the script, and let the search page load it instead of Sphinx's index."""
    if failure is not None or app.builder.format != "html":
        return
    words = yaml.safe_load((Path(__file__).parent / "search_words.yml").read_text("utf-8"))
    order = [app.config.root_doc, *app.env.toctree_includes.get(app.config.root_doc, [])]
    text: dict[str, list[list[str]]] = app.env.book_text  # type: ignore[attr-defined]
    pages: list[dict[str, Any]] = []
    for page in sorted(text, key=lambda name: (order.index(name) if name in order else len(order), name)):
        title = app.env.titles[page].astext()
        pages.append({
            "page": page, "title": title, "words": words["pages"].get(page, []),
            "place": bool(PLACE.match(page)), "parts": text[page],
        })  # fmt: skip
    shown = [
        [f"{page}.html#{name}", local(exhibits(app)[name], "title", language(app))]
        for page, name in dict.fromkeys(app.env.book_exhibits)  # type: ignore[attr-defined]
    ]
    record = {"pages": pages, "groups": words["groups"] + glossary_groups(app), "exhibits": shown}
    dump = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    out = Path(app.outdir)
    (out / SCRIPT).write_text(f"window.BOOK_TEXT={dump};\n", "utf-8")
    found = out / "search.html"
    html = OURS.sub("", found.read_text("utf-8"))
    before, _, after = html.rpartition(' id="search-input"')  # the theme's field stands there twice
    html = before + after
    ours = f'<script src="{SCRIPT}"></script>\n<script src="_static/search.js"></script>\n</body>'
    found.write_text(html.replace("</body>", ours), "utf-8")
    for name in REPLACED:
        (out / name).unlink(missing_ok=True)


def prepare(app: Sphinx) -> None:
    """Give the environment its record of text; Sphinx's own index, which no page reads, is not made."""
    if app.builder.format == "html":
        app.builder.index_page = lambda *_: None  # type: ignore[attr-defined]
        app.builder.dump_search_index = lambda: None  # type: ignore[attr-defined]
    if not hasattr(app.env, "book_text"):
        app.env.book_text = {}  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the events, after those that fill in numbers and exhibits."""
    app.setup_extension("exhibit_directive")
    app.connect("builder-inited", prepare)
    app.connect("doctree-resolved", collect, priority=900)
    app.connect("build-finished", write, priority=800)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
