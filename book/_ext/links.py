"""Addresses of links as they are: MyST escapes them, and the writer escapes what it is given once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from myst_parser.mdit_to_docutils import base

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Leave the escaping to the writer; a link with two parameters (`?a=1&b=2`) led elsewhere."""
    base.escapeHtml = str  # type: ignore[attr-defined, assignment]  # used there for addresses only
    return {"parallel_read_safe": True, "parallel_write_safe": True}
