"""The built pages as files: whole, local and the same twice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.book.conftest import build_copy


def test_links_inside_the_book_lead_somewhere(book: Path) -> None:
    broken = []
    for edition in ("en", "zh"):
        for path in sorted((book / edition / "_build" / "html").glob("*.html")):
            text = path.read_text("utf-8")
            for target in set(re.findall(r'(?:href|src)="([^"#?:]+)[#?"]', text)):
                # The site's own files exist in the site only, whose links have a test of their own.
                if "/../site/" not in f"/{target}" and not (path.parent / target).exists():
                    broken.append(f"{edition}/{path.name}: {target}")
    assert broken == []


def test_the_tree_beside_a_page_marks_that_page_and_leads_to_all_others(book: Path) -> None:
    for edition in ("en", "zh"):
        folder = book / edition / "_build" / "html"
        pages = {path for path in folder.rglob("*.html") if path.name != "search.html"}
        assert len(pages) > 50
        for path in sorted(pages):
            text = path.read_text("utf-8")
            nav = text[text.index("bd-docs-nav") :].partition("</nav>")[0]
            entry = r'<a class="(current )?reference internal" href="([^"]+)">(.*?)</a>'
            linked = re.findall(entry, nav, re.DOTALL)
            here = [(mark, plain(name)) for mark, target, name in linked if target == "#"]
            heading = plain(re.findall(r"<h1>(.*?)</h1>", text)[0])
            mark = "" if path == folder / "index.html" else "current "  # the first page stands above the tree
            assert here == [(mark, heading)], path.name
            assert nav.count('<a class="current ') == (mark != "")
            others = [(path.parent / target).resolve() for _, target, _ in linked if target != "#"]
            assert len(others) == len(set(others))
            assert set(others) | {path.resolve()} == {page.resolve() for page in pages}


def plain(html: str) -> str:
    """Text of a piece of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html)).strip()


def test_two_builds_in_different_folders_give_the_same_bytes(book: Path, elsewhere: Path) -> None:
    first, second = (folder / "en" / "_build" / "html" for folder in (book, elsewhere))
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert [name for name in files if (first / name).read_bytes() != (second / name).read_bytes()] == []


def test_chinese_in_an_english_page_is_marked_and_the_reverse(book: Path) -> None:
    dropped = re.compile(
        r"<(head|script|style|title|option|textarea|code|pre|math|svg)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL
    )
    for edition, code, other in (
        ("en", "zh-Hans", r"[\u3400-\u9fff]"),
        ("zh", "en", r"[A-Za-z]{3,} [A-Za-z]{3,}"),
    ):
        for name in ("index", "findings", "data", "province/44"):
            text = (book / edition / "_build" / "html" / f"{name}.html").read_text("utf-8")
            bare = re.sub(rf'<(\w+)[^>]* lang="{code}"[^>]*>[^<]*</\1>', "", dropped.sub("", text))
            assert re.findall(other, re.sub(r"<[^>]*>", "|", bare)) == [], f"{edition}/{name}"


def test_pages_name_no_folder_of_the_machine(book: Path) -> None:
    for edition in ("en", "zh"):
        for path in (book / edition / "_build" / "html").rglob("*.html"):
            assert str(book.parent) not in path.read_text("utf-8"), path.name


def test_pages_load_no_script_style_or_picture_from_outside(book: Path) -> None:
    loads = re.compile(r'<(?:script|img|iframe)[^>]+src="(https?:)?//|<link[^>]+href="(https?:)?//')
    for edition in ("en", "zh"):
        for path in (book / edition / "_build" / "html").glob("*.html"):
            assert not loads.search(path.read_text("utf-8")), path.name


def test_an_edition_that_fails_says_why_and_keeps_its_last_pages_while_the_other_is_built(
    tmp_path: Path,
) -> None:
    copy = build_copy(tmp_path)
    pages = {}
    for edition, text in (("en", "{num}`no_such_key`"), ("zh", "Whole.")):
        folder = copy / edition
        for page in [*folder.glob("*.md"), *(folder / "province").glob("*.md")]:
            page.unlink()  # a book of its first page alone: what fails is in it
        (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
        (folder / "index.md").write_text(f"# One page\n\n{text}\n", encoding="utf-8")
        pages[edition] = folder / "_build" / "html" / "index.html"
        pages[edition].parent.mkdir(parents=True)
        pages[edition].write_text("The last pages.", encoding="utf-8")
        killed = folder / "_build" / ".new-killed" / "_build" / "html"  # of a build that could not clear up
        killed.mkdir(parents=True)
        (killed / "index.html").write_text("Half of", encoding="utf-8")
    command = [sys.executable, copy / "build.py", "en", "zh"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no_such_key" in done.stderr and "book en: not built" in done.stderr
    assert pages["en"].read_text("utf-8") == "The last pages."
    assert "<p>Whole.</p>" in pages["zh"].read_text("utf-8") and "book zh: not built" not in done.stderr
    for edition in pages:
        assert [path.name for path in (copy / edition / "_build").iterdir()] == ["html"]
