"""One docutils node for the few HTML elements that docutils has no word for.

Its text children stay ordinary text nodes, so they reach the search index.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

VOID = {"img", "input"}


class Tag(nodes.General, nodes.Element):
    """An HTML element: ``name`` and ``html`` (its attributes; ``None`` writes the bare attribute)."""


def tag(name: str, *children: nodes.Node | str, **html: str | None) -> Tag:
    """Make a `Tag`; ``class_`` and ``for_`` lose the underscore, other underscores become hyphens."""
    attributes = {key.rstrip("_").replace("_", "-"): value for key, value in html.items()}
    node = Tag("", name=name, html=attributes)
    for child in children:
        node += nodes.Text(child) if isinstance(child, str) else child
    return node


def link(target: str, text: str, **html: str | None) -> Tag:
    """Make a link; ``target`` is used as it stands."""
    return tag("a", text, href=target, **html)


def open_tag(node: Tag) -> str:
    """Write the element's start tag."""
    attributes = "".join(
        f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in node["html"].items()
    )
    return f"<{node['name']}{attributes}>"


def written(writer: Any, node: nodes.Node) -> str | None:
    """HTML of an element that holds elements and text alone, as the writer would walk it; else missing."""
    if isinstance(node, nodes.Text):
        return str(writer.encode(node.astext()))
    if not isinstance(node, Tag):
        return None
    parts = [open_tag(node)]
    for child in node.children:
        part = written(writer, child)
        if part is None:
            return None
        parts.append(part)
    if node["name"] not in VOID:
        parts.append(f"</{node['name']}>")
    return "".join(parts)


def _visit(writer: Any, node: Tag) -> None:
    whole = None if writer.protect_literal_text else written(writer, node)
    if whole is not None:  # thousands of boxes and rows, at once
        writer.body.append(whole)
        raise nodes.SkipNode
    writer.body.append(open_tag(node))


def _depart(writer: Any, node: Tag) -> None:
    if node["name"] not in VOID:
        writer.body.append(f"</{node['name']}>")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the node."""
    app.add_node(Tag, html=(_visit, _depart))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
