"""The role ``num``: a number by its key, as an element that shows where it comes from; ``sure``: how sure.

The number is a button. Pressed by mouse, touch or keyboard it opens a pop-up, which the browser
itself provides (the HTML attribute ``popover``): no script is needed. The same elements are printed
as a numbered list at the end of the page. An unknown key is a warning, which the strict build refuses.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from html_tag import Tag, link, tag
from results import EVIDENCE, MARKS, language, local, numbers, sources, up, worded
from said import said
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from words import UNITS, WORDS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

log = logging.getLogger(__name__)
APPENDIX = "numbers"
ROWS_SHOWN = 7  # keys of one raw file listed before the pop-up only counts the rest
SOURCES_SHOWN = 2  # sources listed in the appendix before they are folded


def head_of(env: BuildEnvironment) -> str:
    """The front matter of the page being read; empty where it has none."""
    text = Path(env.doc2path(env.docname)).read_text(encoding="utf-8")
    return text.split("\n---", 1)[0] if text.startswith("---") else ""


class NumberRole(SphinxRole):
    """Replace a key by the number's text in the book's language."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Write the button and remember that this page uses the key."""
        key = self.text.strip()
        entry = numbers(self.env.app).get(key)
        if entry is None or entry.get("evidence") not in (*EVIDENCE, *MARKS):
            problem = "has no evidence class" if entry else "is not in numbers.json"
            log.warning("number %r %s", key, problem, location=self.get_location())
            return [nodes.literal(key, f"[{key}]")], []
        if entry["evidence"] == "simulated" and "evidence: simulated" not in head_of(self.env):
            log.warning(
                "simulated number %r on a page not marked 'evidence: simulated'",
                key,
                location=self.get_location(),
            )
        code = language(self.env.app)
        used = self.env.book_numbers.setdefault(self.env.docname, [])  # type: ignore[attr-defined]
        if key not in used:
            used.append(key)
        button = tag(
            "button",
            local(entry, "text", code),
            type="button",
            class_=f"num num-{entry['evidence']}",
            popovertarget=f"lineage-{key}",
            title=WORDS[code]["number_title"],
            data_mark=str(used.index(key) + 1),
        )
        return [button], []


class SureRole(SphinxRole):
    """The word for how sure a number is; a number off the scale of certainty is a warning."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Write the word that the number carries."""
        key = self.text.strip()
        word = local(numbers(self.env.app).get(key, {}), "certainty", language(self.env.app))
        if not word:
            log.warning("number %r is not on the scale of certainty", key, location=self.get_location())
        return [tag("span", word, class_="sure")], []


def source_link(row: dict[str, str], text: str) -> Tag:
    """A source's name, linked where its address is known."""
    return link(row["url"], text) if row["url"].startswith("http") else tag("span", text)


def source_item(app: Sphinx, source_id: str) -> Tag:
    """One source as a list item: linked title, publisher, date, grade."""
    words = WORDS[language(app)]
    row = sources(app).get(source_id)
    if row is None:
        log.warning("source %r is not in the register of sources", source_id)
        return tag("li", source_id)
    title = source_link(row, worded(app, row["title"]))
    rest = [worded(app, row["publisher"]), row["date_published"], f"{words['graded']} {row['grade']}"]
    return tag("li", title, words["separator"] + words["separator"].join(part for part in rest if part))


def raw_items(rows: list[str], words: dict[str, str]) -> list[nodes.Node]:
    """One list item for each raw file; ``file:key+key`` names its rows."""
    items: list[nodes.Node] = []
    for row in rows:
        file, _, keys = row.partition(":")
        names = [key for key in keys.split("+") if key]
        item = tag("li", tag("code", file), words["colon"], ", ".join(names[:ROWS_SHOWN]))
        if len(names) > ROWS_SHOWN:
            item += nodes.Text(" " + words["more_rows"].format(count=len(names) - ROWS_SHOWN))
        items.append(item)
    return items


def specification(app: Sphinx, steps: dict[str, Any]) -> str:
    """How the number was computed, in the book's language where that is written."""
    chinese = steps.get("specification_zh", "") if language(app) == "zh" else ""
    return str(chinese or steps["specification"])


def lineage(
    app: Sphinx, key: str, entry: dict[str, Any], words: dict[str, str]
) -> list[tuple[str, list[nodes.Node]]]:
    """Labels and contents of a number's lineage: what a reader asks first, the programmer's keys last."""
    steps = entry["lineage"]
    raw = raw_items(steps["raw_rows"], words)
    items = [source_item(app, source) for source in steps["sources"]]
    caveat = local(entry, "caveat", language(app))
    grade = " ".join(part for part in (steps["grade"], f"({caveat})" if caveat else "") if part)
    parts: list[tuple[str, list[nodes.Node]]] = [
        (words["sources"], [tag("ul", *items)] if items else []),
        (words["grade"], [nodes.Text(grade)]),
        (words["specification"], [nodes.Text(specification(app, steps))]),
        (words["raw_rows"], [tag("ul", *raw)] if raw else []),
        (words["key"], [tag("code", key)]),
        (words["result"], [tag("code", steps["result"])]),
    ]
    return [(label, content) for label, content in parts if content and content[0].astext()]


def badge(evidence: str, words: dict[str, str]) -> Tag:
    """The evidence class as a badge: its name in words, its colour second."""
    return tag("span", words[evidence], class_=f"evidence evidence-{evidence}")


def panel(app: Sphinx, docname: str, key: str) -> Tag:
    """The pop-up of one number, which is also its entry in the printed list."""
    code = language(app)
    words, entry = WORDS[code], numbers(app)[key]
    unit = UNITS[entry["unit"]][code == "zh"] if entry["unit"] in UNITS else entry["unit"].replace("_", " ")
    pairs = lineage(app, key, entry, words)
    terms = [node for label, content in pairs for node in (tag("dt", label), tag("dd", *content))]
    name, sure = f"lineage-{key}", local(entry, "certainty", code)
    head = tag(
        "p",
        tag("strong", local(entry, "text", code)),
        f" {unit} ",
        badge(entry["evidence"], words),
        *([" ", tag("span", sure, class_="sure")] if sure else []),
        class_="lineage-head",
        id=f"{name}-head",
    )
    close = tag(
        "button",
        words["close"],
        type="button",
        class_="lineage-close",
        popovertarget=name,
        popovertargetaction="hide",
    )
    more = link(f"{up(docname)}{APPENDIX}.html#num-{key}", words["appendix"])
    sentence = tag("p", said(app, entry), class_="lineage-said")
    foot = tag("p", more, " ", close, class_="lineage-foot")
    return tag(
        "div",
        head,
        sentence,
        tag("dl", *terms),
        foot,
        class_="lineage",
        id=name,
        popover=None,
        role="dialog",
        aria_labelledby=f"{name}-head",
    )


def add_panels(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the pop-ups of a page at its end."""
    used = app.env.book_numbers.get(docname, [])  # type: ignore[attr-defined]
    if not used:
        return
    title = tag("p", WORDS[language(app)]["list_title"], class_="lineage-list-title")
    section = next(iter(doctree.findall(nodes.section)), doctree)
    section += tag("div", title, *(panel(app, docname, key) for key in used), class_="lineage-list")


class numbers_appendix(nodes.General, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """Placeholder: the numbers are known only when every page is read."""


class NumbersAppendix(SphinxDirective):
    """Every number that the book uses, with its lineage."""

    def run(self) -> list[nodes.Node]:
        """Leave the placeholder."""
        return [numbers_appendix()]


def appendix_row(app: Sphinx, key: str, pages: list[str]) -> Tag:
    """One number as a table row."""
    code = language(app)
    words, entry = WORDS[code], numbers(app)[key]
    steps = entry["lineage"]
    titles = [link(f"{page}.html", app.env.titles[page].astext()) for page in pages]
    used = [node for title in titles for node in (title, nodes.Text(words["separator"]))][:-1]
    known = {name: sources(app)[name] for name in steps["sources"] if name in sources(app)}
    short = [source_link(row, f"{name} ({row['grade']})") for name, row in known.items()]
    listed = [node for item in short for node in (item, nodes.Text(words["separator"]))][:-1]
    count = words["source_count"].format(count=len(short))
    folded = [tag("details", tag("summary", count), *listed)] if len(short) > SOURCES_SHOWN else listed
    return tag(
        "tr",
        tag("th", local(entry, "text", code), scope="row", id=f"num-{key}"),
        tag("td", tag("code", key)),
        tag("td", badge(entry["evidence"], words)),
        tag("td", tag("code", steps["result"]), "; ", specification(app, steps)),
        tag("td", *folded, class_="source-ids"),
        tag("td", *used),
    )


def fill_appendix(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the appendix in place of its placeholder."""
    words = WORDS[language(app)]
    used_on: dict[str, list[str]] = {}
    for page, keys in sorted(app.env.book_numbers.items()):  # type: ignore[attr-defined]
        for key in keys:
            used_on.setdefault(key, []).append(page)
    for place in list(doctree.findall(numbers_appendix)):
        labels = ("number", "key", "evidence", "result", "sources", "used_on")
        head = tag("thead", tag("tr", *(tag("th", words[label], scope="col") for label in labels)))
        rows = [appendix_row(app, key, pages) for key, pages in sorted(used_on.items())]
        table = tag("table", head, tag("tbody", *rows), class_="table numbers-table")
        place.replace_self(
            tag(
                "div",
                table,
                class_="wide",
                tabindex="0",
                role="region",
                aria_label=words["appendix"],
            )
        )


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop what a page used before it is read again."""
    env.book_numbers.pop(docname, None)  # type: ignore[attr-defined]


def prepare(app: Sphinx) -> None:
    """Give the environment its record of used numbers."""
    if not hasattr(app.env, "book_numbers"):
        app.env.book_numbers = {}  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register role, directive and events."""
    for name in ("results", "html_tag"):
        app.setup_extension(name)
    app.add_role("num", NumberRole())
    app.add_role("sure", SureRole())
    app.add_directive("numbers-appendix", NumbersAppendix)
    app.add_node(numbers_appendix)
    app.connect("builder-inited", prepare)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-resolved", add_panels)
    app.connect("doctree-resolved", fill_appendix)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
