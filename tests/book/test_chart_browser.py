"""Charts in headless Chromium: what the keyboard reads is what the result tables hold."""

from __future__ import annotations

import csv
import html
import json
import math
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.report.charts.build import OPENS, build_charts
from analysis.report.results import load_results

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one page an edition that holds every chart, as the book's directive writes it."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from words import WORDS

    root = tmp_path_factory.mktemp("charts")
    (root / "data").mkdir()
    for name in ("raw", "processed"):
        (root / "data" / name).symlink_to(ROOT / "data" / name)
    (root / "book").mkdir()
    build_charts(load_results(ROOT / "data/raw", ROOT / "data/processed"), root)
    static = root / "_static"
    shutil.copytree(ROOT / "book" / "_static", static)
    shutil.copytree(root / "book" / "_charts", static / "charts")
    for language, words in WORDS.items():
        figures = "".join(
            f'<figure class="exhibit" id="{name}" data-chart="{chart}" data-charts="_static/charts/" '
            f'data-view="{html.escape(json.dumps(view))}"><div class="wide">picture</div></figure>'
            for name, (chart, view) in OPENS.items()
        )
        (root / f"{language}.html").write_text(
            f'<!DOCTYPE html><html lang="{language}" data-theme="light"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Charts</title>'
            '<link rel="stylesheet" href="_static/book.css"></head><body><main><h1>Charts</h1>'
            f'<script type="application/json" id="book-words">{json.dumps(words)}</script>{figures}'
            '</main><script src="_static/book.js"></script></body></html>',
            encoding="utf-8",
        )
    return root


class Reader:
    """A reader with a keyboard and nothing else."""

    def __init__(self, page: Any, name: str) -> None:
        self.page, self.figure = page, page.locator(f"#{name}")
        self.figure.locator(".chart-open").focus()
        page.keyboard.press("Enter")
        self.figure.locator("[role=listbox]").wait_for()

    def choose(self, control: str, value: str) -> None:
        """Choose from a menu; the focus goes back to the marks."""
        self.figure.locator(f"select[name={control}]").select_option(value)
        self.figure.locator("[role=listbox]").focus()

    def press(self, *keys: str) -> str:
        """Press keys; returns the sentence of the mark that is then read."""
        for key in keys:
            self.page.keyboard.press(key)
        shown = str(self.figure.locator(".chart-answer strong").inner_text())
        active = self.figure.locator("[role=listbox]").get_attribute("aria-activedescendant")
        assert self.page.locator(f"#{active}").get_attribute("aria-label") == shown, "seen and heard differ"
        return shown


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "").replace("−", "-")) for found in NUMBER.findall(text)]


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "data" / "processed" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def open_chart(chromium: Any, pages: Path) -> Iterator[Any]:
    """Open a chart by the keyboard; a fault in a script fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    trouble: list[str] = []

    def opened(name: str, language: str = "en", address: str = "") -> Reader:
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto((pages / f"{language}.html").as_uri() + address)
        return Reader(page, name)

    yield opened
    context.close()
    assert trouble == []


def test_the_national_path_reads_the_newest_interval_and_its_source(open_chart: Any) -> None:
    reader = open_chart("fig-national-path")
    (row,) = [
        row
        for row in rows("bounds.csv")
        if (row["estimand"], row["unit"], row["assumptions"], row["quarter"])
        == ("pooled", "persons", "headline", "2025Q4")
    ]
    said = reader.press("Home")
    while "End of 2025 Q4" not in said:
        said = reader.press("ArrowRight")
    low, high = numbers(said)[2:4]
    assert low == pytest.approx(float(row["lower"]) / 1e6, abs=0.005)
    assert high == pytest.approx(float(row["upper"]) / 1e6, abs=0.005)
    assert "grade C" in reader.figure.locator(".chart-answer li").first.inner_text()


def test_counts_of_grade_d_are_off_until_asked_for(open_chart: Any) -> None:
    reader = open_chart("fig-national-path")
    with (ROOT / "data/raw/published_figures.csv").open(encoding="utf-8", newline="") as file:
        counts = [row for row in csv.DictReader(file) if row["measure"] == "cumulative_participants"]
    weak = [row for row in counts if row["province_code"] == "00" and row["grade"] == "D"]
    assert weak
    assert reader.figure.locator(".mark.ring").count() == 0
    reader.figure.locator("input[name=weak]").check()
    assert reader.figure.locator(".mark.ring").count() == len(weak)


def test_the_explorer_reads_a_province_and_another_beside_it(open_chart: Any) -> None:
    reader = open_chart("fig-province-intervals")
    found = {
        row["province_code"].zfill(2): row
        for row in rows("bounds.csv")
        if (row["estimand"], row["unit"], row["assumptions"], row["quarter"])
        == ("province", "per_1000_residents", "headline", "2025Q4")
    }
    reader.choose("place", "11")
    reader.choose("beside", "46")
    seen = {}
    said = reader.press("Home")
    for _ in range(60):
        for code, name in (("11", "Beijing"), ("46", "Hainan")):
            if said.startswith(f"{name}, end of 2025 Q4"):
                seen[code] = numbers(said)[2:]
        said = reader.press("ArrowRight")
    assert seen["11"][0] == pytest.approx(float(found["11"]["lower"]), abs=0.1)
    assert seen["11"][1] == pytest.approx(float(found["11"]["upper"]), abs=0.1)
    assert seen["46"][0] == pytest.approx(float(found["46"]["lower"]), abs=0.1)


def percent(log: str | float) -> float:
    """A difference of logs in percent."""
    return 100 * math.expm1(float(log))


@pytest.mark.parametrize(
    ("figure", "outcome"),
    [("fig-event-income", "log_income_per_head"), ("fig-event-gdp", "log_gdp_per_head")],
)
def test_the_event_study_reads_estimate_and_intervals(open_chart: Any, figure: str, outcome: str) -> None:
    reader = open_chart(figure)
    (row,) = [
        row
        for row in rows("estimates.csv")
        if (row["outcome"], row["estimator"], row["specification"], row["term"], row["event_time"])
        == (outcome, "group_time", "main", "event", "2")
    ]
    said = reader.press("End")
    assert said.startswith("Year 2:")
    heads, tail = said.split("95 % interval", 1)
    assert numbers(heads)[1] == pytest.approx(percent(row["estimate"]), abs=0.005)
    wanted = [percent(row[name]) for name in ("ci_low", "ci_high", "band_low", "band_high")]
    assert numbers(tail)[:4] == pytest.approx(wanted, abs=0.005)
    reader.choose("estimator", "event_study_twfe")
    (other,) = [
        row
        for row in rows("estimates.csv")
        if (row["outcome"], row["estimator"], row["specification"], row["term"], row["event_time"])
        == (outcome, "event_study_twfe", "main", "event", "2")
    ]
    said = reader.press("End")
    assert numbers(said.split("95 %")[0])[1] == pytest.approx(percent(other["estimate"]), abs=0.005)
    assert "none was computed" in said


def test_the_band_switch_hides_the_other_interval(open_chart: Any) -> None:
    reader = open_chart("fig-event-income")
    assert reader.figure.locator(".mark.wide").count() == 9
    assert reader.figure.locator(".mark.range").count() == 9
    reader.choose("band", "pointwise")
    assert reader.figure.locator(".mark.wide").count() == 0
    assert reader.figure.locator(".mark.range").count() == 9


def test_the_specification_curve_filters_and_reads_its_ends(open_chart: Any) -> None:
    reader = open_chart("fig-specification-income")
    income = [row for row in rows("specification_curve.csv") if row["outcome"] == "log_income_per_head"]
    assert reader.figure.locator("[role=option]").count() == len(income)
    least, most = min(float(row["estimate"]) for row in income), max(float(row["estimate"]) for row in income)
    assert numbers(reader.press("Home"))[0] == pytest.approx(percent(least), abs=0.005)
    assert numbers(reader.press("End"))[0] == pytest.approx(percent(most), abs=0.005)
    reader.choose("estimator", "=unit_trends")
    reader.choose("control", "=third_wave")
    kept = [row for row in income if (row["estimator"], row["control"]) == ("unit_trends", "third_wave")]
    assert reader.figure.locator("[role=option]").count() == len(kept)
    assert numbers(reader.press("Home"))[0] == pytest.approx(
        percent(min(float(row["estimate"]) for row in kept)), abs=0.005
    )


def test_the_contribution_reads_rate_times_orders(open_chart: Any) -> None:
    reader = open_chart("fig-policy-contribution")
    (row,) = [
        row
        for row in rows("policy.csv")
        if (row["lever"], row["item"], row["province_code"], row["case"], row["date"])
        == ("contribution", "rate", "00", "instant_delivery/higher", "2025-07-01")
    ]
    said = reader.press("Home")
    while not (said.startswith("delivery, higher") and " 40 orders" in said):
        said = reader.press("ArrowRight")
    assert f" {40 * float(row['value']):.2f} yuan, at {row['value']} yuan" in said
    assert f"grade {row['grade']}" in said


def test_a_place_without_a_rate_is_unknown_and_not_zero(open_chart: Any) -> None:
    reader = open_chart("fig-policy-contribution")
    reader.figure.locator("select[name=place]").select_option("11")
    rated = {row["date"] for row in rows("policy.csv") if row["item"] == "rate" and row["value"]
             and row["province_code"] == "11"}  # fmt: skip
    days = [
        option.get_attribute("value") for option in reader.figure.locator("select[name=day] option").all()
    ]
    unrated = [day for day in days if day not in rated]
    assert unrated, "the record has a rate for Beijing on each day: choose another example"
    reader.figure.locator("select[name=day]").select_option(unrated[0])
    assert "unknown, not zero" in reader.figure.locator(".chart-answer").inner_text()


def test_the_shared_contribution_reads_the_parts_of_a_band(open_chart: Any) -> None:
    reader = open_chart("fig-policy-sharing")
    band = {row["unit"]: float(row["value"]) for row in rows("policy.csv") if row["case"] == "from=03000"}
    said = reader.press("Home")
    while not said.startswith("Income 3000 to 6000: government"):
        said = reader.press("ArrowRight")
    yuan, share, total = numbers(said)[2:5]
    assert yuan == pytest.approx(band["government_yuan_a_month"], abs=0.005)
    assert total == pytest.approx(band["contribution_yuan_a_month"], abs=0.005)
    assert share == pytest.approx(100 * yuan / total, abs=0.06)
    assert "Simulated" in said


def test_both_languages_read_the_same_numbers(open_chart: Any) -> None:
    english, chinese = (open_chart("fig-event-income", language).press("End") for language in ("en", "zh"))
    assert numbers(english)[1] == numbers(chinese)[1]
    assert sorted(numbers(english)) == sorted(numbers(chinese))


@pytest.mark.parametrize("name", OPENS)
def test_the_table_view_holds_the_marks_and_a_csv_stands_beside_it(open_chart: Any, name: str) -> None:
    reader = open_chart(name)
    marks = reader.figure.locator("[role=option]").count()
    reader.figure.get_by_role("button", name="Table").press("Enter")
    assert reader.figure.locator(".chart-table tbody tr").count() == min(marks, 200)
    heads = reader.figure.locator(".chart-table thead th").count()
    assert all(
        row.locator("th, td").count() == heads
        for row in reader.figure.locator(".chart-table tbody tr").all()[:5]
    )
    target = reader.figure.get_by_role("link", name="CSV").get_attribute("href")
    assert (Path(reader.page.url.removeprefix("file://")).parent / str(target)).is_file()


def test_a_link_to_a_view_opens_that_view_and_ignores_what_it_does_not_know(
    open_chart: Any, chromium: Any, pages: Path
) -> None:
    reader = open_chart("fig-event-income")
    reader.choose("estimator", "event_study_twfe")
    said = reader.press("End")
    reader.figure.get_by_role("button", name="Copy link").press("Enter")
    link = reader.figure.locator(".chart-link input").input_value()
    assert link.endswith("#fig-event-income")
    page = chromium.new_page()
    page.goto(link.replace("band=both", "band=none&nobody=knows"))
    page.locator("#fig-event-income [role=listbox]").focus()
    page.keyboard.press("End")
    assert page.locator("#fig-event-income .chart-answer strong").inner_text() == said
    page.close()


def test_hover_reads_what_the_keyboard_reads(open_chart: Any) -> None:
    reader = open_chart("fig-event-income")
    said = reader.press("End")
    reader.press("Home")
    box = reader.figure.locator("[role=option]").last.bounding_box()
    reader.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert reader.figure.locator(".chart-answer strong").inner_text() == said


@pytest.mark.parametrize("width", [390, 1280])
def test_type_is_readable_and_inside_the_screen_at_both_widths(
    chromium: Any, pages: Path, width: int
) -> None:
    page = chromium.new_context(viewport={"width": width, "height": 844}).new_page()
    page.goto((pages / "en.html").as_uri())
    for name in OPENS:
        Reader(page, name)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.chart text')].map(t => parseFloat(getComputedStyle(t).fontSize))"
    )
    assert sizes
    assert all(11 <= size <= 13 for size in sizes)
    outside = page.evaluate(
        """[...document.querySelectorAll('.chart svg')].flatMap(svg => {
          const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter(t => {
            const b = t.getBoundingClientRect(); return b.left < box.left - 1 || b.right > box.right + 1;
          }).map(t => t.textContent); })"""
    )
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
