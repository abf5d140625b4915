"""What pages say of the address where they are served: the site map, and the picture of a preview.

Everything else on the site is relative. Who shows a preview fetches its picture from elsewhere, so it
needs a whole address; a folder without one keeps its pictures relative.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EDITIONS = ("en", "zh")
PICTURE = re.compile(r'(<meta property="og:image" content=")([^"]+)(">)')


def say_address(folder: Path, address: str) -> None:
    """Write ``sitemap.xml`` and complete the addresses of previews, for a site served at ``address``."""
    base = address.rstrip("/")
    (folder / "sitemap.xml").write_text(sitemap(folder, address), encoding="utf-8")
    for edition in EDITIONS:
        for page in sorted((folder / edition).rglob("*.html")):
            place = html.escape(f"{base}/{page.relative_to(folder).as_posix()}")
            text = page.read_text(encoding="utf-8")
            whole = PICTURE.sub(
                lambda found, place=place: (  # type: ignore[misc]
                    f"{found[1]}{urljoin(place, found[2])}{found[3]}"
                    f'\n<meta property="og:url" content="{place}">\n<link rel="canonical" href="{place}">'
                ),
                text,
            )
            if whole != text:
                page.write_text(whole, encoding="utf-8")


def sitemap(folder: Path, address: str) -> str:
    """Every page of both editions, each with its twin in the other language."""
    base = address.rstrip("/")
    rows = "".join(entry(base, name) for name in twins(folder))
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    )
    return head + f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{rows}</urlset>\n'


def twins(folder: Path) -> Iterable[str]:
    """Pages that both editions have."""
    pages = [
        {p.relative_to(folder / code).as_posix() for p in (folder / code).rglob("*.html")}
        for code in EDITIONS
    ]
    return sorted(pages[0] & pages[1] - {"search.html"})


def entry(base: str, name: str) -> str:
    """One page in both languages, as the site map has it."""
    addresses = {code: html.escape(f"{base}/{code}/{name}") for code in EDITIONS}
    links = "".join(
        f'  <xhtml:link rel="alternate" hreflang="{code}" href="{place}"/>\n'
        for code, place in addresses.items()
    )
    return "".join(f" <url>\n  <loc>{place}</loc>\n{links} </url>\n" for place in addresses.values())
