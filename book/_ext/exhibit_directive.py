"""The directive ``exhibit``: a figure or table by its id, with everything that must stand beside it.

Title (the finding), subtitle, picture with alternative text or table, evidence badge, notes, source
and downloads all come from `exhibits.json`. An unknown id, a missing file, and a simulated exhibit on a
page that does not say ``evidence: simulated`` are warnings, which the strict build refuses.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.statemachine import StringList
from exhibit_table import fold, mark_columns, settle
from html_tag import Tag, link, tag
from number_role import badge
from results import EVIDENCE, MARKS, charts, charts_folder, data_folder, exhibits, language, local, up
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from words import WORDS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

log = logging.getLogger(__name__)
COPIES = "_static/exhibits"
CHARTS = "_static/charts"
FOLDER = {"figure": "figures", "table": "tables"}
DOWNLOADS = {"figure": ("svg", "png", "csv"), "table": ("csv",)}


def exhibit_file(app: Sphinx, entry: dict[str, Any], suffix: str) -> Path | None:
    """File of an exhibit in the book's language; files without words serve both."""
    folder = data_folder(app) / FOLDER[entry["kind"]]
    code = language(app)
    names = [f"{entry['id']}.{suffix}"] if code == "en" else []
    names += [f"{entry['id']}.{code}.{suffix}"] if code != "en" else []
    if suffix in ("csv", "png"):
        names.append(f"{entry['id']}.{suffix}")
    return next((folder / name for name in names if (folder / name).is_file()), None)


class Exhibit(SphinxDirective):
    """Show one exhibit."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Build the figure and remember that this page shows it."""
        name = self.arguments[0].strip()
        entry = exhibits(self.env.app).get(name)
        problem = self.problem(entry)
        if entry is None or problem:
            log.warning("exhibit %r %s", name, problem, location=self.get_location())
            return []
        self.env.book_exhibits.append((self.env.docname, name))  # type: ignore[attr-defined]
        return [self.figure(entry)]

    def problem(self, entry: dict[str, Any] | None) -> str:
        """Say why an entry cannot be shown; empty if it can."""
        if entry is None:
            return "is not in exhibits.json"
        if entry.get("evidence") not in (*EVIDENCE, *MARKS):
            return f"has no evidence class but {entry.get('evidence')!r}"
        suffix = "svg" if entry["kind"] == "figure" else "md"
        if exhibit_file(self.env.app, entry, suffix) is None:
            return f"has no {suffix} file in this language"
        if entry["kind"] == "figure" and not local(entry, "alt", language(self.env.app)):
            return "has no alternative text"
        return ""

    def figure(self, entry: dict[str, Any]) -> Tag:
        """Write the exhibit with its surroundings."""
        code = language(self.env.app)
        words, name = WORDS[code], entry["id"]
        title = local(entry, "title", code)
        number = exhibit_number("", name=name)  # known only when every page is read
        heading = tag("p", number, title, " ", badge(entry["evidence"], words), class_="exhibit-title")
        heading["html"]["id"] = f"{name}-title"
        subtitle = tag("p", local(entry, "subtitle", code), class_="exhibit-subtitle")  # also in the picture
        body = tag("div", class_="wide", tabindex="0", role="region", aria_label=title)
        body += self.picture(entry, code) if entry["kind"] == "figure" else self.table(entry)
        rows = max((fold(table) for table in body.findall(nodes.table)), default=0)
        settle(body, quotes_final=False)
        caption = tag("figcaption")
        if rows:
            box = tag("input", type="checkbox", class_="all-rows", id=f"{name}-all")
            label = tag("label", box, " ", words["all_rows"].format(total=rows))
            caption += tag("p", label, class_="more-rows")
        notes = tag("p", tag("strong", words["note"] + words["colon"]), local(entry, "notes", code))
        caption += notes
        caption += tag("p", local(entry, "source", code), class_="exhibit-source")
        caption += self.downloads(entry, words)
        opens = charts(self.env.app).get(name)
        chart: dict[str, str | None] = {}
        if opens:
            view = json.dumps(opens["view"])
            place = f"{up(self.env.docname)}{CHARTS}/"
            chart = {"data_chart": opens["chart"], "data_view": view, "data_charts": place}
        return tag(
            "figure",
            heading,
            subtitle,
            body,
            caption,
            class_=f"exhibit exhibit-{entry['kind']}",
            id=name,
            aria_labelledby=f"{name}-title",
            **chart,
        )

    def address(self, path: Path) -> str:
        """Address of an exhibit's file, as seen from this page."""
        self.env.book_files.add(str(path))  # type: ignore[attr-defined]
        return f"{up(self.env.docname)}{COPIES}/{path.name}"

    def picture(self, entry: dict[str, Any], code: str) -> Tag:
        """Write the picture with its alternative text."""
        path = exhibit_file(self.env.app, entry, "svg")
        assert path is not None, "checked in `problem`"
        return tag("img", src=self.address(path), alt=local(entry, "alt", code), loading="lazy")

    def table(self, entry: dict[str, Any]) -> list[nodes.Node]:
        """Read the Markdown table; lines that are no table rows are left out."""
        path = exhibit_file(self.env.app, entry, "md")
        assert path is not None, "checked in `problem`"
        self.env.note_dependency(str(path))
        lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("|")]
        holder = nodes.container()
        self.state.nested_parse(StringList(lines, path.name), 0, holder)
        for table in holder.findall(nodes.table):
            mark_columns(table)
        return list(holder.children)

    def downloads(self, entry: dict[str, Any], words: dict[str, str]) -> Tag:
        """Links to the exhibit's files."""
        paths = {suffix: exhibit_file(self.env.app, entry, suffix) for suffix in DOWNLOADS[entry["kind"]]}
        links = [
            link(self.address(path), suffix.upper(), download=None) for suffix, path in paths.items() if path
        ]
        spaced = [node for item in links for node in (item, nodes.Text(" "))]
        return tag("p", words["download"] + words["colon"], *spaced, class_="exhibit-downloads")


class exhibit_index(nodes.General, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """Placeholder: the exhibits are known only when every page is read."""


class exhibit_number(nodes.Inline, nodes.Element):  # noqa: N801  (docutils names nodes so)
    """Placeholder of "Figure 3. ": numbered through the book, alike in both editions."""


class ExhibitIndex(SphinxDirective):
    """Every exhibit of the book, with its page."""

    def run(self) -> list[nodes.Node]:
        """Leave the placeholder."""
        return [exhibit_index()]


def in_order(app: Sphinx) -> list[tuple[str, str]]:
    """Page and exhibit of every showing, in the order of the book."""
    order = app.env.toctree_includes.get(app.config.root_doc, [])
    place_of = {page: number for number, page in enumerate([app.config.root_doc, *order])}
    return sorted(app.env.book_exhibits, key=lambda item: place_of.get(item[0], 0))  # type: ignore[attr-defined]


def number_exhibits(app: Sphinx) -> dict[str, str]:
    """Label of every exhibit by its id, "Figure 3" for the third figure that the book shows."""
    words, listed = WORDS[language(app)], exhibits(app)
    counts = {"figure": 0, "table": 0}
    labels: dict[str, str] = {}
    for _, name in in_order(app):
        if name not in labels:
            kind = listed[name]["kind"]
            counts[kind] += 1
            labels[name] = words[f"{kind}_number"].format(number=counts[kind])
    return labels


def fill_numbers(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the number before the title of each exhibit of a page."""
    places = list(doctree.findall(exhibit_number))
    if places:
        labels = number_exhibits(app)
        stop = WORDS[language(app)]["number_stop"]
        for place in places:
            place.replace_self(tag("span", labels[place["name"]] + stop, class_="exhibit-number"))


def fill_index(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the index in place of its placeholder."""
    code = language(app)
    words = WORDS[code]
    for place in list(doctree.findall(exhibit_index)):
        labels = number_exhibits(app)
        rows = []
        for page, name in in_order(app):
            entry = exhibits(app)[name]
            rows.append(
                tag(
                    "tr",
                    tag("td", labels[name]),
                    tag("td", link(f"{up(docname)}{page}.html#{name}", local(entry, "title", code))),
                    tag("td", badge(entry["evidence"], words)),
                    tag("td", app.env.titles[page].astext()),
                )
            )
        heads = ("number", "exhibit", "evidence", "page")
        head = tag("thead", tag("tr", *(tag("th", words[label], scope="col") for label in heads)))
        table = tag("table", head, tag("tbody", *rows), class_="table")
        place.replace_self(
            tag("div", table, class_="wide", tabindex="0", role="region", aria_label=words["exhibit"])
        )


def announce_simulated(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Say at the head of a page marked ``evidence: simulated`` what that means."""
    if app.env.metadata[docname].get("evidence") != "simulated":
        return
    words = WORDS[language(app)]
    notice = tag("p", badge("simulated", words), " ", words["simulated_page"], class_="simulated-page")
    title = next(iter(doctree.findall(nodes.title)))
    title.parent.insert(title.parent.index(title) + 1, notice)


def check_simulated(app: Sphinx, env: BuildEnvironment) -> None:
    """Refuse a simulated exhibit on a page that does not say so at its head."""
    for page, name in env.book_exhibits:  # type: ignore[attr-defined]
        entry = exhibits(app)[name]
        if entry["evidence"] == "simulated" and env.metadata[page].get("evidence") != "simulated":
            log.warning(
                "simulated exhibit %r on a page not marked 'evidence: simulated'", name, location=page
            )


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop what a page showed before it is read again."""
    env.book_exhibits = [item for item in env.book_exhibits if item[0] != docname]  # type: ignore[attr-defined]


def prepare(app: Sphinx) -> None:
    """Give the environment its record of shown exhibits."""
    if not hasattr(app.env, "book_exhibits"):
        app.env.book_exhibits = []  # type: ignore[attr-defined]
        app.env.book_files = set()  # type: ignore[attr-defined]


def copy_files(app: Sphinx, failure: Exception | None) -> None:
    """Put the shown files beside the pages."""
    if failure is None and app.builder.format == "html":
        target = Path(app.outdir) / COPIES
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(app.env.book_files):  # type: ignore[attr-defined]
            shutil.copyfile(path, target / Path(path).name)
        copy_charts(app)


def copy_charts(app: Sphinx) -> None:
    """Put the charts that the pages open beside them: marks in the book's language, and CSV."""
    listed = charts(app)
    shown = {listed[name]["chart"] for _, name in app.env.book_exhibits if name in listed}  # type: ignore[attr-defined]
    for name in sorted(shown):
        for file in (f"{name}.{language(app)}.js", f"{name}.csv"):
            target = Path(app.outdir) / CHARTS / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(charts_folder(app) / file, target)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register directives and events."""
    for name in ("number_role", "exhibit_table"):
        app.setup_extension(name)
    app.add_directive("exhibit", Exhibit)
    app.add_directive("exhibit-index", ExhibitIndex)
    app.add_node(exhibit_index)
    app.add_node(exhibit_number)
    app.connect("builder-inited", prepare)
    app.connect("env-purge-doc", forget)
    app.connect("env-check-consistency", check_simulated)
    app.connect("doctree-resolved", fill_numbers)
    app.connect("doctree-resolved", fill_index)
    app.connect("doctree-resolved", announce_simulated)
    app.connect("build-finished", copy_files)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
