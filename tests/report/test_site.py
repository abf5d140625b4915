"""The site: one folder whose links survive a move, made whole or not at all."""

from __future__ import annotations

import html
import re
import shutil
import threading
import urllib.request
import zipfile
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest

from analysis.base.errors import InputError
from analysis.report.site import ARCHIVE, build_site

ROOT = Path(__file__).resolve().parents[2]


class Links(HTMLParser):
    """Addresses that a page asks for or leads to, and the ids that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [value for name in ("href", "src") if (value := given.get(name))]
        if given.get("id"):
            self.ids.add(str(given["id"]))


def broken(site: Path) -> list[str]:
    """Links of all pages that lead out of the folder, to no file or to no anchor."""
    pages = {path.resolve(): Links(path) for path in site.rglob("*.html")}
    faults = []
    for path, page in pages.items():
        for link in page.found:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            inside = site.resolve() in target.parents
            anchored = (
                target not in pages or not parts.fragment or unquote(parts.fragment) in pages[target].ids
            )
            if not (inside and target.is_file() and anchored):
                faults.append(f"{path.relative_to(site.resolve())}: {link}")
    return sorted(set(faults))


def toy_project(root: Path) -> Path:
    """A project with one page an edition, linked as the book links them."""
    for code, other in (("en", "zh"), ("zh", "en")):
        pages = root / "book" / code / "_build" / "html"
        (pages / "deep").mkdir(parents=True)
        for name, up in (("index.html", ""), ("deep/a.html", "../")):
            text = f'<h1 id="top">x</h1><a href="{up}../../../{other}/_build/html/{name}#top">o</a>'
            text += f'<a href="{up}deep/a.html">a</a>'
            text += f'<a href="{up}../../../../site/paper/paper.pdf">p</a>'
            text += f'<a href="{up}../../../../site/data/{ARCHIVE}">d</a>'
            text += f'<a href="{up}../../../../site/index.html?choose">l</a>'
            (pages / name).write_text(text, encoding="utf-8")
        (pages / "_static").mkdir()
        (pages / "_static" / "icon.svg").write_text("<svg/>", encoding="utf-8")
    brief = root / "paper/_generated/brief"
    brief.mkdir(parents=True)
    for code in ("en", "zh"):
        head = f"title: T-{code}\nsubtitle: S\ndated: D\nfacts: [{{number: '12', words: people}}]\n"
        (brief / f"brief.{code}.md").write_text(f"---\n{head}---\n\n## Heading\n", encoding="utf-8")
    for name in (
        "paper/_output/paper.pdf",
        "paper/_output/brief-en.pdf",
        "paper/_output/brief-zh.pdf",
        "book/en/province/11-counts.csv",
        "data/raw/a.csv",
        "data/raw/datapackage.yaml",
        "data/raw/.hidden",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1\n", encoding="utf-8")
    (root / "data/processed").mkdir(parents=True)
    (root / "data/processed/codebook.csv").write_text("1\n", encoding="utf-8")
    (root / "LICENSE-DATA").write_text("licence\n", encoding="utf-8")
    return root


def test_every_link_holds_after_the_folder_was_moved(tmp_path: Path) -> None:
    build_site(toy_project(tmp_path / "project"), tmp_path / "site")
    moved = (tmp_path / "site").rename(tmp_path / "elsewhere and 别处")
    assert broken(moved) == []


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing for each request."""


def crawl(folder: Path, start: str) -> set[str]:
    """Follow every link from ``start`` on a server of ``folder``; returns what was reached below it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/{start}"
    try:
        seen, waiting = set(), {base + "index.html"}
        while waiting:
            address = waiting.pop()
            seen.add(address)
            is_page = address.endswith(".html")
            asked = urllib.request.Request(address, method="GET" if is_page else "HEAD")
            with urllib.request.urlopen(asked) as answer:  # an absent file raises
                text = answer.read().decode("utf-8", errors="replace")
            links = re.findall(r'<(?:a|link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"', text)
            links = [html.unescape(link) for link in links if not urlsplit(link).scheme]
            inside = {urljoin(address, link) for link in links}
            assert all(link.startswith(base) for link in inside), address
            waiting |= {link.partition("#")[0].partition("?")[0] for link in inside} - seen
    finally:
        server.shutdown()
        server.server_close()
    return {unquote(address.removeprefix(base)) for address in seen}


def test_a_server_finds_every_page_of_both_editions_below_a_sub_path(tmp_path: Path) -> None:
    build_site(toy_project(tmp_path / "project"), tmp_path / "host" / "some" / "path")
    names = crawl(tmp_path / "host", "some/path/")
    assert {"en/deep/a.html", "zh/deep/a.html", "paper/paper.pdf", f"data/{ARCHIVE}"} <= names


def test_a_link_to_the_project_s_tree_would_be_found(tmp_path: Path) -> None:
    build_site(toy_project(tmp_path / "project"), tmp_path / "site")
    page = tmp_path / "site" / "en" / "index.html"
    page.write_text('<a href="../../../zh/_build/html/index.html">o</a>', encoding="utf-8")
    assert any("_build" in fault for fault in broken(tmp_path / "site"))


def test_the_archive_holds_every_data_file_and_has_the_same_bytes_twice(tmp_path: Path) -> None:
    root = toy_project(tmp_path / "project")
    build_site(root, tmp_path / "one")
    build_site(root, tmp_path / "two")
    archives = [tmp_path / name / "data" / ARCHIVE for name in ("one", "two")]
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as archive:
        assert archive.namelist() == [
            "data/processed/codebook.csv",
            "data/province/11-counts.csv",
            "data/raw/a.csv",
            "data/raw/datapackage.yaml",
            "LICENSE-DATA",
        ]


def test_a_plain_summary_holds_both_briefs_and_leads_to_files_that_exist(tmp_path: Path) -> None:
    build_site(toy_project(tmp_path / "project"), tmp_path / "site")
    text = (tmp_path / "site" / "llms.txt").read_text(encoding="utf-8")
    assert "# T-en" in text
    assert "# T-zh" in text
    assert "**12** people" in text
    named = re.findall(r"\]\(([^)]+)\)", text)
    absent = [name for name in named if not (tmp_path / "site" / name).is_file()]
    assert absent == ["en/province/index.html", "paper/paper.html"], "the toy has neither, the site has both"


@pytest.mark.skipif(not (ROOT / "site").is_dir(), reason="the site is made by `make`")
def test_the_built_summary_leads_to_files_that_exist() -> None:
    text = (ROOT / "site" / "llms.txt").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"\]\(([^)]+)\)", text) if not (ROOT / "site" / name).is_file()] == []


def test_a_missing_product_leaves_the_old_site_whole(tmp_path: Path) -> None:
    root = toy_project(tmp_path / "project")
    build_site(root, tmp_path / "site")
    before = sorted(path.name for path in (tmp_path / "site").rglob("*"))
    shutil.rmtree(root / "paper/_output")
    with pytest.raises(InputError, match="make"):
        build_site(root, tmp_path / "site")
    assert sorted(path.name for path in (tmp_path / "site").rglob("*")) == before
    assert not list(tmp_path.glob(".site-*"))


def test_a_site_map_is_written_for_an_address_only(tmp_path: Path) -> None:
    root = toy_project(tmp_path / "project")
    build_site(root, tmp_path / "site")
    assert not (tmp_path / "site" / "sitemap.xml").exists()
    build_site(root, tmp_path / "site", "https://example.org/book/")
    text = (tmp_path / "site" / "sitemap.xml").read_text(encoding="utf-8")
    assert re.findall("<loc>(.*?)</loc>", text)[:2] == [
        "https://example.org/book/en/deep/a.html",
        "https://example.org/book/zh/deep/a.html",
    ]
    with pytest.raises(InputError, match="address"):
        build_site(root, tmp_path / "site", "javascript:alert(1)")


def test_a_preview_has_a_picture_with_a_whole_address_where_there_is_one(tmp_path: Path) -> None:
    root = toy_project(tmp_path / "project")
    page = root / "book/en/_build/html/deep/a.html"
    picture = '<meta property="og:image" content="../_static/p.png">'
    page.write_text(picture, encoding="utf-8")
    build_site(root, tmp_path / "site")
    assert (tmp_path / "site/en/deep/a.html").read_text(encoding="utf-8") == picture
    build_site(root, tmp_path / "site", "https://example.org/book")
    text = (tmp_path / "site/en/deep/a.html").read_text(encoding="utf-8")
    assert 'og:image" content="https://example.org/book/en/_static/p.png"' in text
    assert '<link rel="canonical" href="https://example.org/book/en/deep/a.html">' in text


@pytest.mark.skipif(not (ROOT / "site").is_dir(), reason="the site is made by `make`")
def test_the_built_site_is_whole_after_it_was_zipped_moved_and_served_below_a_path(tmp_path: Path) -> None:
    packed = shutil.make_archive(str(tmp_path / "site"), "zip", ROOT / "site")
    place = tmp_path / "host" / "a path" / "站点"
    shutil.unpack_archive(packed, place)
    assert broken(place) == []
    reached = crawl(tmp_path / "host", quote("a path/站点") + "/")
    pages = {path.relative_to(place).as_posix() for path in place.rglob("*.html")}
    plain = (place / "llms.txt").read_text(encoding="utf-8")
    # The search page is reached by its form alone, the article as a page from the plain summary.
    unreached = {
        name for name in pages - reached if not name.endswith("search.html") and f"({name})" not in plain
    }
    assert unreached == set()
    assert {"paper/brief-en.pdf", "paper/brief-zh.pdf"} <= reached
