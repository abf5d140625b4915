"""Tables of exhibits: marks for the style sheet, and one node in the place of thousands once a page is read.

A table of the record has a thousand cells, each of three nodes or more, that every later step of Sphinx
would walk over, save and load. A table whose cells hold text, links, code and emphasis alone becomes one
node that knows their text. It is written as the writer would write it; any other table stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from docutils import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

FIRST_ROWS = 12  # of a table that are shown at first; a box below it shows the rest
LONG, SHORT = 60, 22  # letters of a table cell that needs room, or that must stay on one line
UNSET = re.compile(r"""['"`\\]|--|\.\s?\.""")  # what the setting of quotes, dashes and dots may change
CODE = "docutils literal notranslate"
INLINE = {
    nodes.Text: "",
    nodes.reference: "a",
    nodes.literal: "code",
    nodes.strong: "strong",
    nodes.emphasis: "em",
}
Piece = tuple[str, str, str]  # element of a text, or none; the text; the address of a link


class PlainTable(nodes.General, nodes.Element):
    """A table: ``parts``, its head and its body, are rows of (classes, cells of (classes, pieces))."""

    def cells(self) -> Iterator[str]:
        """The text of every cell, by rows."""
        for _, rows in self["parts"]:
            for _, cells in rows:
                yield from ("".join(text for _, text, _ in pieces) for _, pieces in cells)

    def astext(self) -> str:
        """The text of all cells."""
        return "\n\n".join(self.cells())


def width(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese one is as wide as two."""
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text)


def mark_columns(table: nodes.table) -> None:
    """Tell the style sheet which columns hold long text and which must not break."""
    rows = [list(row.findall(nodes.entry)) for row in table.findall(nodes.row)]
    for column in zip(*rows, strict=True):
        length = max(width(cell.astext()) for cell in column[1:]) if len(column) > 1 else 0
        kind = "long" if length > LONG else "short" if length <= SHORT else "middling"
        for cell in column[1:]:
            cell["classes"].append(kind)


def fold(table: nodes.table) -> int:
    """Mark the rows after the first `FIRST_ROWS`; the number of all rows, or zero where none is marked."""
    rows = [row for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)]
    for row in rows[FIRST_ROWS:]:
        row["classes"].append("beyond")
    return len(rows) if len(rows) > FIRST_ROWS else 0


def bare(node: nodes.Node, *known: str) -> bool:
    """Whether an element has no attributes but the ``known``."""
    return all(not value or name in known for name, value in node.attributes.items())


def piece(node: nodes.Node) -> Piece | None:
    """A text with its element; none for what is not known here."""
    element = INLINE.get(type(node))
    if element == "":
        return "", node.astext(), ""
    if (
        element is None
        or not bare(node, "refuri")
        or not all(type(part) is nodes.Text for part in node.children)
    ):
        return None
    text, address = node.astext(), node.get("refuri", "")
    if (element == "a") != address.startswith("http") or (
        element == "code" and text.split() != text.split(" ")
    ):
        return None
    return element, text, address


def plain(table: nodes.table) -> PlainTable | None:
    """The one node that a table of text becomes; none where it holds anything else."""
    group = table[0] if len(table) == 1 else table
    if type(group) is not nodes.tgroup or table.attributes["classes"] != ["colwidths-auto"]:
        return None
    *columns, head, body = group.children
    parts: list[tuple[str, list[Any]]] = []
    if not (
        bare(table, "classes")
        and bare(group, "cols")
        and type(head) is nodes.thead
        and type(body) is nodes.tbody
    ):
        return None
    if not all(type(column) is nodes.colspec and bare(column, "colwidth") for column in columns):
        return None
    for part in (head, body):
        rows = []
        for row in part.children:
            cells = []
            for entry in row.children:
                pieces = [piece(node) for node in entry[0].children] if len(entry) == 1 else [None]
                known = bare(entry, "classes") and type(entry[0]) is nodes.paragraph and bare(entry[0])
                if not known or None in pieces:
                    return None
                cells.append((entry["classes"], pieces))
            if not bare(row, "classes"):
                return None
            rows.append((row["classes"], cells))
        if not bare(part):
            return None
        parts.append((part.tagname, rows))
    return PlainTable("", parts=parts)


def settle(top: nodes.Element, quotes_final: bool) -> None:
    """Put the one node in the place of each table of text; a text whose quotes are to be set yet keeps it."""
    for table in list(top.findall(nodes.table)):
        found = plain(table)
        if found is not None and (quotes_final or not any(map(UNSET.search, found.cells()))):
            table.replace_self(found)


def settle_page(_: Sphinx, doctree: nodes.document) -> None:
    """`settle` the tables of a page that is read: its quotes and links are final."""
    settle(doctree, quotes_final=True)


def start(name: str, classes: list[str]) -> str:
    """A start tag."""
    return f'<{name} class="{" ".join(classes)}">' if classes else f"<{name}>"


def written(writer: Any, pieces: list[Piece]) -> str:
    """HTML of a cell's text."""
    parts = []
    for element, text, address in pieces:
        html = writer.encode(text)
        if element == "a":
            html = f'<a class="reference external" href="{writer.attval(address)}">{html}</a>'
        elif element == "code":
            html = " ".join(f'<span class="pre">{word}</span>' for word in html.split(" "))
            html = f'<code class="{CODE}">{html}</code>'
        elif element:
            html = f"<{element}>{html}</{element}>"
        parts.append(html)
    return "".join(parts)


def visit(writer: Any, node: PlainTable) -> None:
    """Write a table; the theme's box scrolls it."""
    html = ['<div class="pst-scrollable-table-container"><table class="table">\n']
    number = 0
    for part, rows in node["parts"]:
        element, head = ("th", ["head"]) if part == "thead" else ("td", [])
        html.append(f"<{part}>\n")
        for classes, cells in rows:
            number += 1
            html.append(start("tr", [*classes, "row-odd" if number % 2 else "row-even"]))
            for kinds, pieces in cells:
                html.append(
                    f"{start(element, [*head, *kinds])}<p>{written(writer, pieces)}</p></{element}>\n"
                )
            html.append("</tr>\n")
        html.append(f"</{part}>\n")
    html.append("</table>\n</div>\n")
    writer.body += html
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register node and event."""
    app.add_node(PlainTable, html=(visit, None))
    app.connect("doctree-read", settle_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
