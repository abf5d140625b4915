"""What a reader's browser need not load: icon programs, styles of notebooks, maps for the theme's authors.

The theme draws eleven icons with a script of a megabyte and a half. Here they are shapes in the style
sheet, and the script, its fonts and every file that no page names any more leave the pages.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Tags of files that no page of this book needs. Font preloads are refused for pages opened from a folder.
UNUSED = re.compile(
    r'<(?:link rel="preload" as="font"[^>]*>'
    r'|link href="[^"]*vendor/fontawesome/[^>]*>'
    r'|script src="[^"]*vendor/fontawesome/[^>]*></script>'
    r'|link rel="stylesheet"[^>]*href="[^"]*/mystnb\.[0-9a-f]+\.css[^>]*>'
    r'|link rel="stylesheet"[^>]*href="[^"]*sphinx-design\.min\.css[^>]*>'
    r'|script[^>]*src="[^"]*design-tabs\.js[^>]*></script>)'
)
FILES = (
    "vendor",
    "locales",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
    "design-tabs.js",
    "sphinx-design.min.css",
    "file.png",
    "plus.png",
    "minus.png",
)
MAPS = re.compile(rb"\n?(?://# sourceMappingURL=\S+|/\*# sourceMappingURL=[^*]+\*/)\s*$")


def without_unused(html: str) -> str:
    """The page without these tags and the space before each."""
    *before, last = UNUSED.split(html)
    return "".join([*(part.rstrip() for part in before), last])


def lighten(app: Sphinx, failure: Exception | None) -> None:
    """Drop the tags and the files."""
    if failure is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for page in sorted(out.rglob("*.html")):
        page.write_text(without_unused(page.read_text("utf-8")), "utf-8")
    static = out / "_static"
    for name in FILES:
        path = static / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for path in [*static.rglob("*.map"), *static.glob("mystnb.*.css")]:
        path.unlink()
    for path in [*static.rglob("*.js"), *static.rglob("*.css")]:
        path.write_bytes(MAPS.sub(b"\n", path.read_bytes()))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the event, after those that write files of their own."""
    app.connect("build-finished", lighten, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
