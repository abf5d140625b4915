"""Both editions as built, opened from a folder in headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FIRST_ROWS = 12  # of a table, before the box below it is checked
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
HEADINGS = "[...document.querySelectorAll('main h1, main h2, main h3, main h4')].map(h => +h.tagName[1])"
NAMELESS = """[...document.querySelectorAll('main a[href], main button, main input, main select')]
  .filter(e => !(e.textContent.trim() || e.title || e.ariaLabel || e.labels?.length))
  .map(e => e.outerHTML.slice(0, 120))"""
TWICE = (
    """[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) < i)"""
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (looked on PATH)"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def open_page(browser: Any, book: Path, edition: str, name: str, size: dict[str, int] = DESK) -> Any:
    """A page opened from its file."""
    page = browser.new_context(viewport=size, reduced_motion="reduce").new_page()
    page.goto((book / edition / "_build" / "html" / name).as_uri())
    return page


def pages_of(book: Path, edition: str) -> list[Path]:
    """Every page of an edition."""
    return sorted((book / edition / "_build" / "html").glob("*.html"))


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_pages_open_from_a_folder_without_outside_requests_or_errors(
    chromium: Any, book: Path, edition: str
) -> None:
    page = chromium.new_context(viewport=DESK).new_page()
    trouble: list[str] = []
    page.on(
        "request", lambda request: trouble.append(request.url) if request.url.startswith("http") else None
    )
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    for path in pages_of(book, edition):
        page.goto(path.as_uri())
        page.wait_for_timeout(100)
    assert trouble == []


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_no_page_scrolls_sideways_on_a_phone(chromium: Any, book: Path, edition: str) -> None:
    page = chromium.new_context(viewport=PHONE).new_page()
    wide = []
    for path in pages_of(book, edition):
        page.goto(path.as_uri())
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path.name)
    assert wide == []


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_pages_keep_the_basics_of_accessibility(chromium: Any, book: Path, edition: str) -> None:
    page = chromium.new_context(viewport=DESK).new_page()
    for path in pages_of(book, edition):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.lang")[:2] == edition
        assert page.locator("main").count() == 1, path.name
        assert page.evaluate("[...document.images].filter(i => !i.alt).length") == 0, path.name
        assert page.evaluate(NAMELESS) == [], path.name
        if path.stem != "search":  # the theme puts its search field there twice
            assert page.evaluate(TWICE) == [], path.name
        levels = page.evaluate(HEADINGS)
        assert levels[0] == 1, path.name
        assert all(after - before <= 1 for before, after in pairwise(levels)), path.name


def test_a_number_opens_its_lineage_by_keyboard_and_closes_it(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "en", "index.html")
    number = page.locator("button.num").first
    panel = page.locator(f"#{number.get_attribute('popovertarget')}")
    assert not panel.is_visible()
    number.focus()
    page.keyboard.press("Enter")
    assert panel.is_visible()
    assert "bounds.csv" in panel.inner_text()
    page.keyboard.press("Escape")
    assert not panel.is_visible()


def test_a_number_opens_its_lineage_by_touch_without_script(chromium: Any, book: Path) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((book / "en" / "_build" / "html" / "index.html").as_uri())
    number = page.locator("button.num").first
    number.tap()
    assert page.locator(f"#{number.get_attribute('popovertarget')}").is_visible()


def test_print_shows_the_lineage_of_every_number(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "en", "index.html")
    page.emulate_media(media="print")
    panels = page.locator(".lineage")
    assert panels.count() > 0
    assert all(panel.is_visible() for panel in panels.all())


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize(
    "name", ["findings", "provinces", "referees", "policy-rules", "policy-contributions"]
)
def test_no_table_of_a_reader_is_cut_off_or_longer_than_twelve_rows(
    chromium: Any, book: Path, name: str, size: dict[str, int]
) -> None:
    page = open_page(chromium, book, "en", f"{name}.html", size)
    cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"
    assert page.locator(".exhibit-table .wide").evaluate_all(cut) == []
    for table in page.locator(".exhibit-table").all():
        assert [row.is_visible() for row in table.locator("tbody tr").all()].count(True) <= FIRST_ROWS


@pytest.mark.parametrize(("edition", "word"), [("en", "lockdown"), ("zh", "封控")])
def test_search_finds_a_word_of_the_findings(chromium: Any, book: Path, edition: str, word: str) -> None:
    page = chromium.new_context(viewport=DESK).new_page()
    page.goto((book / edition / "_build" / "html" / "search.html").as_uri() + f"?q={word}")
    page.wait_for_selector("#search-results li")
    found = page.locator("#search-results li a").evaluate_all("links => links.map(a => a.href)")
    assert any("findings.html" in target for target in found)


def test_the_policy_table_filters_and_sorts(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "en", "background.html")
    table = page.locator("#tbl-policies-local")
    rows = table.locator("tbody tr")
    before = rows.count()
    table.get_by_label("Filter rows").fill("Zhejiang")
    shown = [row for row in rows.all() if row.is_visible()]
    assert 0 < len(shown) < before
    assert all("zhejiang" in row.inner_text().lower() for row in shown)
    table.get_by_label("Filter rows").fill("")
    table.locator("th button.sort").first.focus()
    page.keyboard.press("Enter")
    assert table.locator("th").first.get_attribute("aria-sort") == "ascending"
    first = table.locator("tbody tr td:first-child").all_inner_texts()
    assert first == sorted(first, key=lambda value: (value == "", value)), "what is not known stands last"


def test_the_policy_table_is_complete_without_script(chromium: Any, book: Path) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto((book / "en" / "_build" / "html" / "background.html").as_uri())
    rows = page.locator("#tbl-policies-national tbody tr").all()
    assert [row.is_visible() for row in rows].count(True) == FIRST_ROWS < len(rows)
    page.locator("#tbl-policies-national .all-rows").check()
    assert all(row.is_visible() for row in rows)
    assert page.locator("#tbl-policies-national tbody a[href^=http]").count() > 0


@pytest.mark.parametrize(("edition", "other"), [("en", "zh"), ("zh", "en")])
def test_the_language_switch_leads_to_the_same_page(
    chromium: Any, book: Path, edition: str, other: str
) -> None:
    page = open_page(chromium, book, edition, "findings.html")
    page.locator("a.langswitch").first.click()
    assert page.url.endswith(f"/{other}/_build/html/findings.html")
