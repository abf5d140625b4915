"""The same table of cases through the page in headless Chromium, opened from a folder without a server."""

import csv
import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ("policy_rules", "policy_math", "calculator_words", "calculators", "calculator_forms")
with (Path(__file__).parent / "cases.csv").open(encoding="utf-8", newline="") as file:
    # the page offers floors by city only where one is on record, so a missing city cannot be asked there
    CASES = [case for case in csv.DictReader(file) if case["calculator"] != "subsidy_city"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine: the page's calculators are not tested here")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def write_page(folder, raw, language):
    from analysis.policy.page_rules import script

    for name in SCRIPTS[1:]:
        shutil.copy(ROOT / "book" / "_static" / f"{name}.js", folder)
    shutil.copy(ROOT / "book" / "_static" / "calculators.css", folder)
    (folder / "policy_rules.js").write_text(script(raw), encoding="utf-8")
    places = "".join(
        f'<div class="calculator" data-calculator="{kind}"></div>'
        for kind in ("contribution", "subsidy", "sharing")
    )
    tags = "".join(f'<script src="{name}.js"></script>' for name in SCRIPTS)
    style = '<link rel="stylesheet" href="calculators.css">'
    head = f'<!doctype html><html lang="{language}"><meta charset="utf-8">{style}'
    path = folder / f"{language}.html"
    path.write_text(f"{head}<body>{places}{tags}", encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory, raw):
    folder = tmp_path_factory.mktemp("page")
    return {language: write_page(folder, raw, language) for language in ("en", "zh-Hans")}


@pytest.fixture(scope="module")
def page(browser, address):
    page = browser.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address["en"])
    yield page
    assert problems == []


def values_of(kind, given, book):
    """Field values for a case: the table's short form spelled out as the page's fields."""
    values = dict(given)
    if kind == "contribution":
        code = values["province"].removesuffix("-draft")
        values["province"] = values["province"].replace(code, book.province(code))
        values |= {name: values.get(name, "") for name in ("pay", "fund")}
    elif kind == "subsidy":
        months = values.pop("incomes").split(",")
        values |= {f"income{n}": months[n - 1] if n <= len(months) else "" for n in range(1, 13)}
        values |= {"insured": values.get("insured", ""), "before": values.get("before", "unknown")}
        values |= {"window": values.get("window", "including")}
    else:
        tiers = values.pop("tiers")
        for place in range(3):
            start, individual, government = tiers[place] if place < len(tiers) else ("", "0", "0")
            values |= {
                f"from{place}": start,
                f"individual{place}": individual,
                f"government{place}": government,
            }
        values |= {name: values.get(name, "0") for name in ("administration", "opening")}
        values |= {"benefits": values.get("benefits", "")}
    return values


def fill_in(page, kind, values):
    if kind == "subsidy":
        city = values.pop("city", None)
        labels = page.locator("#subsidy-city option").all_inner_texts()
        place = next((n for n, label in enumerate(labels) if city and city in label), None)
        values = {"city": "own" if place is None else str(place), **values}
    # one call instead of twenty: the fields are set and announce it, as typing does
    page.evaluate(
        """([kind, values]) => { for (const [name, value] of Object.entries(values)) {
        const field = document.getElementById(`${kind}-${name}`);
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true })); } }""",
        [kind, values],
    )


@pytest.mark.parametrize("case", CASES, ids=[case["case_id"] for case in CASES])
def test_the_page_gives_the_hand_calculated_value(case, page, rulebook):
    kind = case["calculator"]
    fill_in(page, kind, values_of(kind, json.loads(case["inputs"]), rulebook))
    place = page.locator(f'[data-calculator="{kind}"]')
    if case["expected"].startswith("error"):
        message = place.locator(".calc-error:not(:empty)")
        assert message.count() == 1, "one field carries the message"
        code = case["expected"].partition(":")[2]
        assert code in ("", message.get_attribute("data-code"))
        assert place.locator('[aria-invalid="true"]').count() == 1
        assert place.locator("td").count() == 0, "no result stands beside a refused input"
        return
    assert place.locator(".calc-error:not(:empty)").count() == 0
    expected = json.loads(case["expected"])
    found = {
        name: float(place.locator(f'[data-output="{name}"]').get_attribute("data-value")) for name in expected
    }
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_every_field_has_a_label_and_a_place_for_its_message(page):
    found = page.evaluate(
        """() => [...document.querySelectorAll('.calculator :is(input, select, textarea)')]
        .filter((field) => !(field.labels?.length || field.getAttribute('aria-label')) ||
        (field.type !== 'range' && !document.getElementById(field.id + '-error')))
        .map((field) => field.outerHTML)"""
    )
    assert found == []


def test_the_slider_moves_the_number_by_keyboard(page, address):
    page.goto(address["en"])
    field, slider = (
        page.locator("#contribution-orders"),
        page.locator("#contribution-orders ~ input[type=range]"),
    )
    before = int(field.input_value())
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert int(field.input_value()) == before + 1


def test_the_result_is_announced_to_screen_readers(page, address):
    page.goto(address["en"])
    page.locator("#contribution-orders").fill("41")
    status = page.locator('[data-calculator="contribution"] [role="status"]')
    page.wait_for_function("node => node.textContent.includes('yuan')", arg=status.element_handle())


def test_the_csv_holds_the_figures_of_the_table(page, address):
    page.goto(address["en"])
    with page.expect_download() as download:
        page.locator('[data-calculator="contribution"] .calc-buttons button').first.click()
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    shown = page.locator('[data-calculator="contribution"] [data-output="month"]').get_attribute("data-value")
    assert ["Yuan a month", shown] in [row[:2] for row in rows]


def test_the_chinese_page_speaks_chinese_and_misses_no_word(browser, address):
    page = browser.new_page()
    page.goto(address["zh-Hans"])
    text = page.locator("body").inner_text()
    page.close()
    assert "职业伤害" in text or "缴费" in text
    assert "undefined" not in text


def test_both_languages_have_the_same_words(page):
    missing = page.evaluate(
        """() => { const keys = (node, path) => Object.entries(node).flatMap(([name, value]) =>
        typeof value === 'object' ? keys(value, path + name + '.') : [path + name]);
        const [en, zh] = [keys(POLICY_WORDS.en, ''), keys(POLICY_WORDS.zh, '')];
        return [...en.filter((one) => !zh.includes(one)), ...zh.filter((one) => !en.includes(one))]; }"""
    )
    assert missing == []


def test_the_book_carries_the_rules_of_the_record(raw):
    from analysis.policy.page_rules import script

    carried = (ROOT / "book" / "_static" / "policy_rules.js").read_text("utf-8")
    assert carried == script(raw), "run `python -m analysis policy build`"


def test_printing_one_calculator_leaves_the_rest_of_the_page_out(page, address):
    page.goto(address["en"])
    page.evaluate(
        """() => { window.print = () => { window.seen = [...document.querySelectorAll('.calculator')]
        .map((one) => one.closest('.calc-aside') === null); }; }"""
    )
    page.locator('[data-calculator="subsidy"] .calc-buttons button').nth(1).click()
    assert page.evaluate("window.seen") == [False, True, False]
    assert page.locator(".calc-aside").count() == 0, "the page is whole again after printing"
