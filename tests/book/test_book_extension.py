"""The book's role and directives, on hand-made toy results."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOY = Path(__file__).parent / "toy"
CONFIG = """
extensions = ["myst_parser", "number_role", "exhibit_directive", "links"]
html_theme = "basic"
nitpicky = True
language = {language!r}
book_data = {data!r}
book_sources = {sources!r}
book_ledger = {ledger!r}
"""
PAGE = "# A page\n\n{body}\n"
SIMULATED = "---\nevidence: simulated\n---\n"


def run_sphinx(folder: Path, pages: dict[str, str], language: str = "en") -> subprocess.CompletedProcess[str]:
    """Build pages strictly with the book's extension; the output is in ``folder/html``."""
    source = folder / "source"
    source.mkdir(parents=True)
    places = {"data": TOY / "results", "sources": TOY / "sources.csv", "ledger": TOY / "ledger.csv"}
    config = CONFIG.format(language=language, **{name: str(path) for name, path in places.items()})
    (source / "conf.py").write_text(config, encoding="utf-8")
    toctree = "\n```{toctree}\n" + "\n".join(name for name in pages if name != "index") + "\n```\n"
    for name, text in pages.items():
        content = text + (toctree if name == "index" and len(pages) > 1 else "")
        (source / f"{name}.md").write_text(content, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", source, folder / "html"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "book" / "_ext")},
        capture_output=True,
        text=True,
        check=False,
    )


def build(folder: Path, pages: dict[str, str], language: str = "en") -> str:
    """Build pages that must succeed; returns the index page."""
    done = run_sphinx(folder, pages, language)
    assert done.returncode == 0, done.stderr
    return (folder / "html" / "index.html").read_text("utf-8")


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small English book with one number, both kinds of exhibit, the index and the appendix."""
    folder = tmp_path_factory.mktemp("english")
    sentence = "It is {num}`toy_rate` high, again {num}`toy_rate`."
    sentence += " See [this](https://example.org/?year=2020&copy=2), <https://example.org/?a=1&b=2>."
    body = sentence + "\n\n```{exhibit} fig-toy\n```\n\n```{exhibit} tbl-toy\n```"
    lists = "# Lists\n\n```{exhibit-index}\n```\n\n```{numbers-appendix}\n```\n"
    build(folder, {"index": PAGE.format(body=body), "lists": lists})
    return folder / "html"


def test_a_number_is_written_in_words_inside_a_button_that_opens_its_lineage(english: Path) -> None:
    page = (english / "index.html").read_text("utf-8")
    buttons = re.findall(r'<button[^>]*popovertarget="lineage-toy_rate"[^>]*>([^<]*)</button>', page)
    assert buttons[:2] == ["one and a half", "one and a half"]


def test_an_address_with_two_parameters_is_the_one_that_was_written(english: Path) -> None:
    page = (english / "index.html").read_text("utf-8")
    addresses = [
        unescape(address) for address in re.findall(r'class="reference external" href="([^"]*)"', page)
    ]
    assert {"https://example.org/?year=2020&copy=2", "https://example.org/?a=1&b=2"} <= set(addresses)


def test_a_number_used_twice_has_one_pop_up(english: Path) -> None:
    assert (english / "index.html").read_text("utf-8").count('id="lineage-toy_rate"') == 1


@pytest.mark.parametrize(
    "part",
    [
        "toy.csv: the only row",
        "toy specification",
        "toy_raw.csv",
        "and 2 more",
        'href="https://example.org/toy"',
        "Toy Press",
        "grade B",
        "toy caveat",
        "people per 1,000 residents",
    ],
)
def test_the_pop_up_leads_back_to_the_source(english: Path, part: str) -> None:
    page = (english / "index.html").read_text("utf-8")
    assert part in page[page.index('id="lineage-toy_rate"') :]


def test_the_pop_up_begins_with_who_printed_what_and_ends_with_the_keys(english: Path) -> None:
    page = (english / "index.html").read_text("utf-8")
    box = page[page.index('id="lineage-toy_rate"') :]
    parts = (
        "Decided by the published count “150万人” for 30 June 2021; read in “A toy source” (Toy Press, ",
        "2 January 2020, press, grade B).",
        *("<dt>Sources", "<dt>Weakest grade", "<dt>Key", "toy.csv: the only row"),
    )
    places = [box.index(part) for part in parts]
    assert places == sorted(places)


def test_the_appendix_lists_the_numbers_used_and_no_others(english: Path) -> None:
    page = (english / "lists.html").read_text("utf-8")
    assert 'id="num-toy_rate"' in page
    assert "toy_unused" not in page


def test_the_exhibit_index_links_to_the_place_of_each_exhibit(english: Path) -> None:
    page = (english / "lists.html").read_text("utf-8")
    assert 'href="index.html#fig-toy"' in page
    assert 'href="index.html#tbl-toy"' in page


def test_a_figure_stands_with_title_alt_text_badge_note_and_downloads(english: Path) -> None:
    page = (english / "index.html").read_text("utf-8")
    figure = page[page.index('id="fig-toy"') : page.index('id="tbl-toy"')]
    for part in ("Title of fig-toy", 'alt="a grey square"', "evidence-bounds", "toy note", "fig-toy.csv"):
        assert part in figure
    assert (english / "_static/exhibits/fig-toy.svg").is_file()


def test_the_chinese_edition_shows_chinese_words_and_files(tmp_path: Path) -> None:
    body = "{num}`toy_rate`\n\n```{exhibit} fig-toy\n```\n\n```{exhibit} tbl-toy\n```"
    page = build(tmp_path, {"index": PAGE.format(body=body)}, "zh_CN")
    for part in ("一点五", "每千常住人口", "fig-toy.zh.svg", "灰色方块", "第二", "区间界定"):
        assert part in page
    assert "one and a half" not in page


def test_every_unit_of_a_number_is_said_in_words() -> None:
    tree = ast.parse((ROOT / "book" / "_ext" / "words.py").read_text(encoding="utf-8"))
    (units,) = (
        node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "UNITS"
    )
    numbers = json.loads((ROOT / "data/processed/numbers.json").read_text(encoding="utf-8"))
    assert {entry["unit"] for entry in numbers.values()} <= set(ast.literal_eval(units))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{num}`no_such_key`", "'no_such_key' is not in numbers.json"),
        ("```{exhibit} fig-no-such\n```", "'fig-no-such' is not in exhibits.json"),
        ("```{exhibit} fig-toy-silent\n```", "'fig-toy-silent' has no alternative text"),
        ("```{exhibit} fig-toy-simulated\n```", "simulated exhibit 'fig-toy-simulated' on a page not marked"),
        ("{num}`lab_toy`", "simulated number 'lab_toy' on a page not marked"),
    ],
)
def test_what_must_not_be_printed_stops_the_build(tmp_path: Path, body: str, message: str) -> None:
    done = run_sphinx(tmp_path, {"index": PAGE.format(body=body)})
    assert done.returncode != 0
    assert message in done.stderr


def test_a_simulated_exhibit_may_stand_on_a_page_that_says_so(tmp_path: Path) -> None:
    body = "{num}`lab_toy`\n\n```{exhibit} fig-toy-simulated\n```"
    page = build(tmp_path, {"index": SIMULATED + PAGE.format(body=body)})
    assert 'class="simulated-page"' in page


def test_a_number_says_how_sure_it_is(tmp_path: Path) -> None:
    page = build(tmp_path, {"index": PAGE.format(body="It is {num}`toy_rate`, {sure}`toy_rate`.")})
    assert '<span class="sure">narrow range</span>.' in page


def test_a_number_off_the_scale_stops_the_build(tmp_path: Path) -> None:
    done = run_sphinx(tmp_path, {"index": PAGE.format(body="It is {sure}`toy_unused`.")})
    assert done.returncode != 0 and "not on the scale" in done.stderr
