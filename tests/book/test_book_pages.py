"""The sources of both editions: the same pages, the same exhibits, and no result typed by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
PROCESSED = ROOT / "data" / "processed"
EDITIONS = ("en", "zh")
RESULT_PAGES = (
    *("index", "findings", "provinces", "confidence", "counts"),
    *("referees", "trends", "laboratory", "plan"),
)
EXHIBIT = re.compile(r"^```\{exhibit\} (\S+)$", re.MULTILINE)
NUMBER = re.compile(r"\{num\}`([^`]+)`")
# What a result page may hold besides words: roles, link targets, labels, dates, and names with a digit.
NOT_RESULTS = (
    NUMBER,
    re.compile(r"\{sure\}`[^`]+`"),
    EXHIBIT,
    re.compile(r"\]\([^)]*\)"),
    re.compile(r"^\([a-z-]+\)=$", re.MULTILINE),
    re.compile(r"\b\d{1,2} (January|June|July|September|November) 20\d\d\b"),
    re.compile(r"\b(1 July|30 June|30 September)\b"),
    re.compile(r"20\d\d年(\d{1,2}月(\d{1,2}日)?)?"),
    re.compile(r"\d{1,2}月(\d{1,2}日)?"),
    re.compile(r"\b20\d\d\b"),
)


def toc(edition: str) -> list[str]:
    """Pages of an edition, in order."""
    tree = yaml.safe_load((BOOK / edition / "_toc.yml").read_text("utf-8"))
    return [tree["root"], *(chapter["file"] for part in tree["parts"] for chapter in part["chapters"])]


def page(edition: str, name: str) -> str:
    """Source of a page."""
    return (BOOK / edition / f"{name}.md").read_text("utf-8")


ALL_PAGES = [(edition, name) for edition in EDITIONS for name in toc(edition)]


def typed_digits(text: str) -> list[str]:
    """Lines that still hold a digit when roles, links and dates are taken away."""
    for pattern in NOT_RESULTS:
        text = pattern.sub("", text)
    return [line for line in text.splitlines() if re.search(r"\d", line)]


def test_both_editions_have_the_same_pages_in_the_same_order() -> None:
    assert toc("en") == toc("zh")


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_page_file_is_in_the_table_of_contents(edition: str) -> None:
    files = {path.stem for path in (BOOK / edition).glob("*.md")}
    assert files == set(toc(edition))


@pytest.mark.parametrize("name", toc("en"))
def test_both_editions_of_a_page_show_the_same_exhibits_in_the_same_order(name: str) -> None:
    assert EXHIBIT.findall(page("en", name)) == EXHIBIT.findall(page("zh", name))


@pytest.mark.parametrize("name", toc("en"))
def test_both_editions_of_a_page_name_the_same_numbers(name: str) -> None:
    assert sorted(NUMBER.findall(page("en", name))) == sorted(NUMBER.findall(page("zh", name)))


@pytest.mark.parametrize("name", toc("en"))
def test_both_editions_of_a_page_have_the_same_outline(name: str) -> None:
    outlines = [re.findall(r"^(#+) ", page(edition, name), re.MULTILINE) for edition in EDITIONS]
    assert outlines[0] == outlines[1]


def test_the_configurations_differ_in_language_and_title_only() -> None:
    english, chinese = (
        yaml.safe_load((BOOK / edition / "_config.yml").read_text("utf-8")) for edition in EDITIONS
    )
    for config in (english, chinese):
        for name in ("title", "author"):
            config.pop(name)
        for name in ("language", "html_search_language"):
            config["sphinx"]["config"].pop(name)
    assert english == chinese


def test_every_extension_of_the_book_s_own_is_loaded() -> None:
    """A list of extensions replaces Jupyter Book's, and with it what it would load by itself."""
    sphinx = yaml.safe_load((BOOK / "en" / "_config.yml").read_text("utf-8"))["sphinx"]
    listed = sphinx["config"]["extensions"]
    unloaded = [name for name in sphinx["local_extensions"] if name not in listed]
    called = {"exhibit_directive": "search_text"}  # one that another one's setup loads
    assert [name for name in unloaded if called.get(name) not in listed] == []


@pytest.mark.parametrize("name", RESULT_PAGES)
@pytest.mark.parametrize("edition", EDITIONS)
def test_no_result_is_typed_by_hand(edition: str, name: str) -> None:
    assert typed_digits(page(edition, name)) == []


def test_a_typed_result_would_be_found() -> None:
    assert typed_digits("In 2025 it was 32.0 per thousand, on 30 June 2025 {num}`a_2025q2`.") != []
    assert typed_digits("In 2025 it was {num}`a_2025q2`; on 30 June 2025, too.") == []


def read_json(name: str) -> Any:
    """A file of results."""
    return json.loads((PROCESSED / name).read_text("utf-8"))


@pytest.mark.parametrize(("edition", "name"), ALL_PAGES)
def test_every_number_that_a_page_names_exists(edition: str, name: str) -> None:
    assert set(NUMBER.findall(page(edition, name))) <= set(read_json("numbers.json"))


@pytest.mark.parametrize(("edition", "name"), ALL_PAGES)
def test_every_exhibit_that_a_page_shows_exists(edition: str, name: str) -> None:
    assert set(EXHIBIT.findall(page(edition, name))) <= {entry["id"] for entry in read_json("exhibits.json")}


def test_every_exhibit_is_shown_somewhere_in_the_book() -> None:
    shown = {name for edition, title in ALL_PAGES for name in EXHIBIT.findall(page(edition, title))}
    wanted = {entry["id"] for entry in read_json("exhibits.json")}
    assert wanted <= shown


def glossary(edition: str) -> set[tuple[str, str]]:
    """Pairs of English and Chinese terms."""
    rows = [line.strip("|").split("|") for line in page(edition, "glossary").splitlines() if line[:1] == "|"]
    first, second = (0, 1) if edition == "en" else (1, 0)
    return {(row[first].strip(), row[second].strip()) for row in rows[2:]}


def test_both_glossaries_pair_the_same_terms() -> None:
    assert glossary("en") == glossary("zh")


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_page_on_reproduction_says_what_makes_each_table(edition: str) -> None:
    rows = [line for line in page(edition, "reproduce").splitlines() if line.startswith("| `data/processed/")]
    named = [
        name for row in rows for name in re.findall(r"`(?:data/processed/)?(\w+\.csv)`", row.split("|")[1])
    ]
    assert sorted(named) == sorted(path.name for path in PROCESSED.glob("*.csv"))


FORBIDDEN = {"组别—时期": "组群—时间"}  # written once in place of the term of the glossary


@pytest.mark.parametrize("wrong", FORBIDDEN)
def test_one_chinese_term_stands_for_one_thing(wrong: str) -> None:
    assert FORBIDDEN[wrong] in page("zh", "glossary")
    files = [*(BOOK / "zh").glob("*.md"), *(ROOT / "analysis" / "report").rglob("*.*")]
    texts = {path: path.read_text("utf-8") for path in files if path.suffix in {".md", ".py", ".yml"}}
    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if wrong in text] == []
