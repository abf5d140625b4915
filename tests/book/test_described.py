"""What previews, search engines, screen readers and the book's own search are told of the built pages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXTENSIONS = ROOT / "book" / "_ext"
CHINESE = re.compile(r"[\u3400-\u9fff]")
LONGEST = {"en": 200, "zh": 120}
PROGRAM = """
import sys
from docutils.core import publish_doctree
from lines import description
from myst_parser.docutils_ import Parser

text, code = sys.argv[1:]
print(description(publish_doctree(text, parser=Parser()), code), end="")
"""


def pages(book: Path, edition: str) -> Iterator[tuple[str, str]]:
    """Name and text of every page of an edition."""
    folder = book / edition / "_build" / "html"
    for path in sorted(folder.rglob("*.html")):
        yield path.relative_to(folder).as_posix(), path.read_text("utf-8")


def meta(page: str, name: str) -> str:
    """What the head of a page says under a name."""
    (found,) = re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page)
    return unescape(found)


def squeezed(html: str) -> str:
    """Text of a page without any space."""
    return re.sub(r"\s", "", unescape(re.sub(r"<[^>]*>", "", html)))


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_a_page_is_described_by_whole_sentences_of_its_own_in_its_language(book: Path, edition: str) -> None:
    for name, page in pages(book, edition):
        said = meta(page, "description")
        assert said == meta(page, "og:description")
        chinese = len(CHINESE.findall(said)) > len(said) / 4
        assert chinese == (edition == "zh"), f"{edition}/{name}: {said}"
        assert len(said) <= LONGEST[edition] or said.endswith(("…", ".")), name
        if name == "search.html":  # it has no sentence of its own
            assert said == meta(page, "og:title") != ""
            continue
        assert re.search(r"(?:[.!?…]|[。！？])[”）)]?$", said), f"{edition}/{name}: {said}"
        cells = {squeezed(cell) for cell in re.findall(r"<t[dh]\b.*?</t[dh]>", page, re.DOTALL)}
        assert squeezed(said) not in cells
        assert not re.search("[\u3000-\u9fff\uff00-\uffef] [\u3000-\u9fff\uff00-\uffef]", said), (
            f"{name}: {said}"
        )
        assert "Project name" not in page


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "# A\n\n| a cell of a table that says something. |\n|---|\n| b |\n\nThe text.\n", "The text."),
        ("en", "# A\n\nOne thing: {math}`x_1` is it.\n\nTwo things. And a\nthird one\n", "Two things."),
        ("en", "# A\n\nWhat comes out is shown below, in six lines:\n\n    code\n",
         "What comes out is shown below, in six lines."),
        ("en", "# A\n\nRead this.\n\n**A head.** And more.\n", "Read this."),
        ("en", "# A\n\n- An item of a list.\n", ""),
        ("zh", "# 甲\n\nAn English sentence.\n\n第一行，\n第二行。又一句。\n", "第一行，第二行。又一句。"),
        ("zh", "# 甲\n\n" + "很长，" * 60 + "完。\n", "很长，" * 38 + "很长…"),
    ],
)  # fmt: skip
def test_only_a_page_s_own_sentences_describe_it(code: str, text: str, expected: str) -> None:
    command = [sys.executable, "-X", "utf8", "-c", PROGRAM, text, code]
    done = subprocess.run(command, env={"PYTHONPATH": str(EXTENSIONS)}, capture_output=True, check=True)
    assert done.stdout.decode("utf-8") == expected


def test_the_chinese_edition_speaks_chinese_where_the_theme_does_not(book: Path) -> None:
    spoken = re.compile(r'<([a-z]+)([^>]*?) (?:aria-label|placeholder|title)="([^"]*)"')
    for name, page in pages(book, "zh"):
        said = [text for _, before, text in spoken.findall(page) if "reference internal" not in before]
        foreign = [text for text in said if not CHINESE.search(text) and re.search(r"[A-Za-z]{3}", text)]
        assert foreign == [], name
        for words in ("Skip to main content", "Back to top", "Please activate"):
            assert words not in page, name


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_every_head_of_a_column_says_that_it_is_one(book: Path, edition: str) -> None:
    for name, page in pages(book, edition):
        heads = [
            head
            for part in re.findall(r"<thead.*?</thead>", page, re.DOTALL)
            for head in part.split("<th ")[1:]
        ]
        assert [head[:60] for head in heads if 'scope="col"' not in head.partition(">")[0]] == [], name


def searched(book: Path, edition: str) -> dict[str, Any]:
    """What the search of an edition looks through."""
    script = (book / edition / "_build/html/_static/search_text.js").read_text("utf-8")
    return dict(json.loads(script.removeprefix("window.BOOK_TEXT=").removesuffix(";\n")))


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_search_knows_title_subtitle_note_and_cells_of_every_exhibit(book: Path, edition: str) -> None:
    text = {
        page["page"]: "".join(squeezed(part[2]) for part in page["parts"])
        for page in searched(book, edition)["pages"]
    }
    quotes = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
    whole = "".join(text.values()).translate(quotes)
    for entry in json.loads((ROOT / "data/processed/exhibits.json").read_text("utf-8")):
        for field in ("title", "subtitle", "notes", "source"):
            said = str(entry.get(f"{field}_{edition}") or entry.get(field) or "")
            assert re.sub(r"\s", "", said).translate(quotes) in whole, f"{entry['id']}: {field}"
    assert "CSV" not in text["findings"], "what each exhibit says alike is left out"


def test_a_chinese_sentence_is_searched_without_the_breaks_of_its_file(book: Path) -> None:
    source = (ROOT / "book/zh/coverage.md").read_text("utf-8")
    assert "其网站又拒绝程序访问。\n因此本项目没有对参保做双重差分" in source
    (page,) = [page for page in searched(book, "zh")["pages"] if page["page"] == "coverage"]
    assert any("其网站又拒绝程序访问。因此本项目没有对参保做双重差分" in part[2] for part in page["parts"])
