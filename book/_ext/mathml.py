"""Formulas as MathML, written when the page is built: no script draws them, and they print and scale as text.

Pandoc converts all formulas of a page in one call, as it does for the paper. A formula that it cannot
convert is a warning, which the strict build refuses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypandoc
from docutils import nodes
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

log = logging.getLogger(__name__)
MATH = re.compile(r"<math.*?</math>", re.DOTALL)
SEPARATOR = "\n\n---\n\n"
# A copy of the formula's source that pandoc adds; browsers never show it and search engines read it twice.
SOURCE = re.compile(r"<annotation.*?</annotation>", re.DOTALL)


def to_mathml(formulas: list[tuple[str, bool]]) -> list[str]:
    """Convert formulas, each LaTeX with whether it stands in a line of its own; empty where that fails."""
    text = [f"$${tex}$$" if block else f"${tex}$" for tex, block in formulas]
    flat = [re.sub(r"\s+", " ", item) for item in text]
    html = pypandoc.convert_text(
        SEPARATOR.join(flat),
        "html",
        format="markdown",
        extra_args=["--mathml", "--wrap=none"],
        verify_format=False,
    )
    parts = re.split(r"\s*<hr ?/?>\s*", html)
    found = [MATH.search(part) for part in parts]
    assert len(found) == len(formulas), "a formula holds what pandoc takes for a rule"
    return [SOURCE.sub("", match.group()) if match else "" for match in found]


def convert(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Attach its MathML to every formula of a page."""
    if app.builder.format != "html":
        return
    formulas = [*doctree.findall(nodes.math), *doctree.findall(nodes.math_block)]
    if not formulas:
        return
    sources = [(node.astext().strip(), isinstance(node, nodes.math_block)) for node in formulas]
    for node, (tex, _), html in zip(formulas, sources, to_mathml(sources), strict=True):
        if not html:
            log.warning("this formula cannot be shown: %s", tex, location=docname)
        node["mathml"] = html


def visit_inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula inside a line."""
    writer.body.append(f'<span class="formula">{node["mathml"]}</span>')
    raise nodes.SkipNode


def visit_block(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula in a line of its own; a wide one scrolls."""
    writer.body.append(writer.starttag(node, "div", CLASS="formula-block", tabindex="0"))
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    writer.body.append(f"{number}{node['mathml']}</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("doctree-resolved", convert)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
