"""Both editions as built, opened from a folder in headless Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from matplotlib.image import imread

from analysis.report.site import data_page

FIREFOX = shutil.which("firefox") or shutil.which("firefox-esr")
FIRST_ROWS = 12  # of a table, before the box below it is checked
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
HALF = {"width": 640, "height": 450}  # what a desk's screen shows at 200 percent
SIDEWAYS = "document.documentElement.scrollWidth > window.innerWidth"
HEADINGS = "[...document.querySelectorAll('main h1, main h2, main h3, main h4')].map(h => +h.tagName[1])"
NAMELESS = """[...document.querySelectorAll('main a[href], main button, main input, main select')]
  .filter(e => !(e.textContent.trim() || e.title || e.ariaLabel || e.labels?.length))
  .map(e => e.outerHTML.slice(0, 120))"""
TWICE = (
    """[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) < i)"""
)

pytestmark = pytest.mark.browser


def open_page(browser: Any, book: Path, edition: str, name: str, size: dict[str, int] = DESK) -> Any:
    """A page opened from its file."""
    page = browser.new_context(viewport=size, reduced_motion="reduce").new_page()
    page.goto((book / edition / "_build" / "html" / name).as_uri())
    return page


def pages_of(book: Path, edition: str) -> list[Path]:
    """Every page of an edition, the map of provinces and one province."""
    folder = book / edition / "_build" / "html"
    return [*sorted(folder.glob("*.html")), folder / "province/index.html", folder / "province/11.html"]


@dataclass
class Visit:
    """What was seen of a page: opened on a phone, at 200 percent, on a desk, read to its end."""

    loaded: set[Path] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)  # requests to the network, errors of scripts
    sideways: dict[int, bool] = field(default_factory=dict)  # by width in pixels
    facts: dict[str, Any] = field(default_factory=dict)

    def request(self, address: str) -> None:
        if address.startswith("http"):
            self.trouble.append(address)
        self.loaded.add(Path(unquote(urlsplit(address).path)))


def visit(page: Any, path: Path) -> Visit:
    """Open a file in a page and note all that the tests ask of every page."""
    seen = Visit()
    listeners: dict[str, Callable[[Any], None]] = {
        "request": lambda request: seen.request(request.url),
        "console": lambda line: seen.trouble.append(line.text) if line.type == "error" else None,
        "pageerror": lambda error: seen.trouble.append(str(error)),
    }
    for event, note in listeners.items():
        page.on(event, note)
    page.set_viewport_size(PHONE)
    page.goto(path.as_uri())
    for size in (PHONE, HALF, DESK):
        page.set_viewport_size(size)
        seen.sideways[size["width"]] = page.evaluate(SIDEWAYS)
    for name, question in {
        "language": "document.documentElement.lang",
        "mains": "document.querySelectorAll('main').length",
        "silent": "[...document.images].filter(i => !i.alt).length",
        "nameless": NAMELESS,
        "twice": TWICE,
        "levels": HEADINGS,
    }.items():
        seen.facts[name] = page.evaluate(question)
    page.evaluate(
        "[...document.images].forEach(image => { image.loading = 'eager'; })"
    )  # not only the near ones
    page.wait_for_function("[...document.images].every(image => image.complete)")
    for event, note in listeners.items():
        page.remove_listener(event, note)
    return seen


@pytest.fixture(scope="module")
def visits(chromium: Any, book: Path) -> Callable[[str], dict[str, Visit]]:
    """Every page of an edition, visited once, by its place in the book."""

    @cache
    def all_of(edition: str) -> dict[str, Visit]:
        folder = book / edition / "_build" / "html"
        page = chromium.new_page()  # one for all: a new one for each takes twice as long
        return {path.relative_to(folder).as_posix(): visit(page, path) for path in pages_of(book, edition)}

    return all_of


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_pages_open_from_a_folder_without_outside_requests_or_errors(visits: Any, edition: str) -> None:
    assert {name: seen.trouble for name, seen in visits(edition).items() if seen.trouble} == {}


@pytest.mark.parametrize("size", [PHONE, HALF, DESK], ids=["phone", "200 percent", "desk"])
@pytest.mark.parametrize("edition", ["en", "zh"])
def test_no_page_scrolls_sideways(visits: Any, edition: str, size: dict[str, int]) -> None:
    assert [name for name, seen in visits(edition).items() if seen.sideways[size["width"]]] == []


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_pages_keep_the_basics_of_accessibility(visits: Any, edition: str) -> None:
    for name, seen in visits(edition).items():
        facts = seen.facts
        assert facts["language"][:2] == edition, name
        assert facts["mains"] == 1, name
        assert facts["silent"] == 0, name
        assert facts["nameless"] == [], name
        assert facts["twice"] == [], name
        assert facts["levels"][0] == 1, name
        assert all(after - before <= 1 for before, after in pairwise(facts["levels"])), name


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_pages_are_light_before_a_reader_does_anything(visits: Any, edition: str) -> None:
    heavy = {}
    for name, seen in visits(edition).items():
        weight = sum(file.stat().st_size for file in seen.loaded if file.is_file())
        if weight > (700_000 if Path(name).name == "index.html" else 1_500_000):
            heavy[name] = weight
        waits = not any(file.name.startswith("chart") for file in seen.loaded)
        assert waits, f"{name}: a chart's program waits to be asked for"
    assert heavy == {}


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


def test_escape_closes_a_number_s_box_wherever_the_focus_is(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "en", "index.html")
    number = page.locator("button.num").first
    panel = page.locator(f"#{number.get_attribute('popovertarget')}")
    number.press("Enter")
    page.keyboard.press("Tab")  # into the box
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    number.click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    assert not panel.is_visible()


def test_a_number_opens_its_lineage_by_touch_without_script(chromium: Any, book: Path) -> None:
    context = chromium.new_context(viewport=PHONE, has_touch=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((book / "en" / "_build" / "html" / "index.html").as_uri())
    number = page.locator("button.num").first
    number.tap()
    assert page.locator(f"#{number.get_attribute('popovertarget')}").is_visible()


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong on a page: rule and element."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install '.[access]'")
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_axe_finds_nothing_wrong(chromium: Any, book: Path, edition: str) -> None:
    page = chromium.new_page()
    wrong = {}
    for path in pages_of(book, edition):
        page.goto(path.as_uri())
        for button in page.locator(".chart-open").all()[:1]:  # a page's first chart, opened
            button.press("Enter")
            page.locator(".chart-stage svg").first.wait_for()
        for scheme, size in product(("light", "dark"), (PHONE, DESK)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            if found := violations(page):
                wrong[f"{path.name}, {scheme}, {size['width']}"] = found
    assert wrong == {}


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_the_first_page_is_printed_on_three_sheets_at_most(chromium: Any, book: Path, edition: str) -> None:
    page = open_page(chromium, book, edition, "index.html")
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 1 <= len(sheets) <= 3


def test_a_chart_opens_from_its_page_and_gives_the_picture_back(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "zh", "index.html")
    figure = page.locator("#fig-national-path")
    figure.locator(".chart-open").press("Enter")
    figure.locator("[role=listbox]").wait_for()
    assert not figure.locator("img").is_visible()
    target = figure.locator(".chart-foot a").get_attribute("href")
    assert (book / "zh" / "_build" / "html" / target).is_file()
    page.emulate_media(media="print")
    assert figure.locator("img").is_visible()
    page.emulate_media(media="screen")
    figure.get_by_role("button", name="返回图片").press("Enter")
    assert figure.locator("img").is_visible()


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


NARROW = """(all) => all.filter((one) => one.offsetWidth && one.textContent.trim().length > 3
  && one.offsetWidth < 4 * parseFloat(getComputedStyle(one).fontSize)).map((one) => one.textContent)"""


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_no_column_of_a_table_in_the_text_is_a_letter_wide_on_a_phone(
    chromium: Any, book: Path, edition: str
) -> None:
    for name in (
        "province/11.html",
        "province/44.html",
        "records.html",
        "other-software.html",
        "article.html",
    ):
        page = open_page(chromium, book, edition, name, PHONE)
        assert page.locator("article td, article th").evaluate_all(NARROW) == [], name
        hints = page.locator(".pst-scrollable-table-container").evaluate_all(
            "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1 && !one.dataset.hint).length"
        )
        assert hints == 0, f"{name}: what scrolls says so"


def test_a_wide_table_in_the_text_is_whole_on_a_desk(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "en", "province/11.html", DESK)
    boxes = page.locator(".pst-scrollable-table-container")
    assert (
        boxes.evaluate_all("(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length") == 0
    )
    assert page.locator(".outgrown").count() > 0
    page.set_viewport_size(PHONE)
    page.wait_for_function("!document.querySelector('.outgrown')")  # its rows are cards there


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_nothing_is_cut_off_on_paper(chromium: Any, book: Path, edition: str) -> None:
    cut = """() => [...document.querySelectorAll('article pre, article table, article .formula-block')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1
        || one.matches('pre') && one.scrollWidth > one.clientWidth + 1)
      .map((one) => one.textContent.slice(0, 60))"""
    sheet = {"width": 718, "height": 1043}  # A4 without its margins
    for name in ("data.html", "records.html", "reproduce.html", "province/11.html", "policy-rules.html"):
        page = open_page(chromium, book, edition, name, sheet)
        page.emulate_media(media="print")
        assert page.evaluate(cut) == [], name


def test_the_keyboard_reaches_what_is_seen_and_nothing_else(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "en", "policy-contributions.html", PHONE)
    link = page.locator(".bd-sidebar-secondary a.nav-link").first
    link.evaluate("(one) => one.focus()")
    assert not link.evaluate("(one) => one === document.activeElement"), "the list is put away"
    page.set_viewport_size(DESK)
    page.locator("#tbl-policy-rates").evaluate("(one) => one.scrollIntoView({behavior: 'instant'})")
    link.evaluate("(one) => one.focus({preventScroll: true})")
    assert link.evaluate(
        """(one) => { const place = one.getBoundingClientRect();
        return one.contains(document.elementFromPoint(place.left + 5, place.top + 5)); }"""
    ), "a wide table lies over the link that has the focus"
    page.locator(".bd-sidebar-primary summary").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    mark = page.locator(".bd-sidebar-primary summary .toctree-toggle").first
    assert mark.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"


def test_a_long_name_of_a_file_does_not_push_the_list_of_data_off_a_phone(
    chromium: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "a_folder_of_the_record" / "a_second_one_within_it"
    folder.mkdir(parents=True)
    (folder / "a_file_with_a_name_longer_than_a_phone_is_wide.csv").write_text("a\n1\n", "utf-8")
    (tmp_path / "index.html").write_text(data_page(tmp_path), "utf-8")
    page = chromium.new_context(viewport=PHONE).new_page()
    page.goto((tmp_path / "index.html").as_uri())
    assert not page.evaluate(SIDEWAYS)


AMOUNT = re.compile(r"([\d,]+(?:\.\d+)?)(万|亿)?")


@pytest.mark.parametrize(("edition", "head"), [("en", "Count"), ("zh", "人数")])
def test_a_column_of_numbers_is_sorted_by_size_in_either_language(
    chromium: Any, book: Path, edition: str, head: str
) -> None:
    page = open_page(chromium, book, edition, "data.html")
    table = page.locator("#tbl-workers")
    column = table.locator("thead th").all_inner_texts()
    place = [text.strip() for text in column].index(head)
    for down in (False, True):
        table.locator("th button.sort").nth(place).press("Enter")
        cells = table.locator(f"tbody td:nth-child({place + 1})").all_inner_texts()
        known = [found for cell in cells if (found := AMOUNT.search(cell))]
        sizes = [float(one[1].replace(",", "")) * {"万": 1e4, "亿": 1e8}.get(one[2], 1) for one in known]
        assert len(set(sizes)) > 10
        assert sizes == sorted(sizes, reverse=down)
        blanks = [not cell.strip() for cell in cells]
        assert blanks == sorted(blanks), "what is not known stands last, up and down"


def test_the_list_of_contents_covers_no_table(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "en", "data.html", DESK)
    hidden = page.locator(".exhibit-table .wide").evaluate_all(
        """(all) => all.map((one) => {
            one.scrollIntoView({behavior: "instant"});
            const place = one.getBoundingClientRect();
            const seen = document.elementFromPoint(place.right - 20, place.top + 20);
            return one.contains(seen) ? "" : seen.className;
        })"""
    )
    assert len(hidden) > 3 and not any(hidden)


@pytest.mark.parametrize(("edition", "word"), [("en", "lockdown"), ("zh", "封控")])
def test_search_finds_a_word_of_the_findings(chromium: Any, book: Path, edition: str, word: str) -> None:
    page = chromium.new_context(viewport=DESK).new_page()
    page.goto((book / edition / "_build" / "html" / "search.html").as_uri() + f"?q={word}")
    page.wait_for_selector("#search-results li")
    found = page.locator("#search-results li a").evaluate_all("links => links.map(a => a.href)")
    assert any("findings.html" in target for target in found)


@pytest.mark.parametrize(
    ("edition", "query", "target"),
    [
        ("en", "0.25", "policy-contributions.html"),  # a number as it stands
        ("en", "Beijing", "province/11.html"),  # a province's own page before all that name it
        ("zh", "浙江", "province/33.html"),
        ("zh", "置信区间", "confidence.html"),  # a word that the page itself does not use
        ("en", "骑手", "policy-programmes.html"),  # a Chinese word of policy in the English edition
        ("zh", "支缴率", "policy-contributions.html"),
    ],
)
def test_search_puts_the_page_on_a_thing_first_and_shows_where_it_stands(
    chromium: Any, book: Path, edition: str, query: str, target: str
) -> None:
    page = open_page(chromium, book, edition, "search.html")
    page.goto(f"{page.url}?q={query}")
    results = page.locator("ol.search > li")
    results.first.wait_for()
    found = results.locator("a").evaluate_all("links => links.map(a => a.getAttribute('href').split('#')[0])")
    assert target in (found[:1] if query != "0.25" else found[:3])
    assert results.first.locator("p").inner_text().strip()


def test_a_search_without_a_result_says_so(chromium: Any, book: Path) -> None:
    page = open_page(chromium, book, "en", "search.html")
    page.goto(f"{page.url}?q=10.250")  # digits of 0.25 in a longer number are no hit
    assert "Nothing was found" in page.locator("#search-results").inner_text()


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


@pytest.mark.skipif(FIREFOX is None, reason="no Firefox on this machine (looked on PATH)")
@pytest.mark.parametrize("edition", ["en", "zh"])
def test_firefox_draws_the_first_page(book: Path, tmp_path: Path, edition: str) -> None:
    picture, profile = tmp_path / "page.png", tmp_path / "profile"
    profile.mkdir()
    address = (book / edition / "_build" / "html" / "index.html").as_uri()
    command = [FIREFOX, "--headless", "--no-remote", "--profile", profile, "--window-size=1280,900"]
    done = subprocess.run([*command, "--screenshot", picture, address], capture_output=True, timeout=120)
    assert picture.is_file(), done.stderr.decode(errors="replace")
    drawn = imread(picture)
    assert drawn.shape[1] == DESK["width"]
    assert len(np.unique(drawn.reshape(-1, drawn.shape[2]), axis=0)) > 50, "a blank page has a few colours"
