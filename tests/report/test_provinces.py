"""Pages of the provinces: own facts only, every number by key, ranges drawn to scale."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from analysis.report.path_chart import BOTTOM, HEIGHT, TOP, draw_path, step_of
from analysis.report.provinces import map_page, own_tables, page, read_atlas, restricted, width_class
from analysis.report.results import load_results

ROOT = Path(__file__).resolve().parents[2]
TIBET, GUANGDONG, NINGXIA, CORPS = "54", "44", "64", "66"


@pytest.fixture(scope="module")
def atlas():
    return read_atlas(load_results(ROOT / "data/raw", ROOT / "data/processed"))


def text(atlas, code: str, language: str) -> str:
    own = restricted(atlas.results, code)
    return page(atlas, code, own, own_tables(own), language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_on_a_page_has_a_key_and_is_of_the_province_or_beside_it(atlas, language: str) -> None:
    known = set(json.loads((ROOT / "data/processed/numbers.json").read_text(encoding="utf-8")))
    for code in atlas.results.by_code.index:
        above, _, below = text(atlas, code, language).rpartition("\n## ")
        assert set(re.findall(r"{num}`(\w+)`", above + below)) <= known
        assert all(key.startswith(f"province_{code}_") for key in re.findall(r"{num}`(\w+)`", above))


def test_the_tables_hold_rows_of_the_province_alone(atlas) -> None:
    for table in own_tables(restricted(atlas.results, GUANGDONG)).values():
        assert set(table.data["province_code"]) == {GUANGDONG}


def test_a_province_without_facts_says_so_and_shows_no_empty_part(atlas) -> None:
    shown = text(atlas, TIBET, "en")
    assert "We looked for figures and documents of Tibet alone and found none." in shown
    assert "## Published figures" not in shown
    assert "No number per 1,000 residents can be given" in shown
    assert not re.search(r"## [^\n]+\n+## ", shown)


def test_the_explorer_is_linked_where_it_knows_the_province(atlas) -> None:
    assert f"?place={GUANGDONG}#fig-province-intervals" in text(atlas, GUANGDONG, "zh")
    assert "?place=" not in text(atlas, TIBET, "en")


def test_a_weak_source_of_the_start_is_marked(atlas) -> None:
    assert "By a second-hand report ([grade D](#grades-of-sources))" in text(atlas, TIBET, "en")
    assert "据间接报道（[D级](#grades-of-sources)）" in text(atlas, TIBET, "zh")
    assert "the source for this date is of [grade C](#grades-of-sources)" in text(atlas, GUANGDONG, "en")


def test_a_ceiling_above_the_number_of_residents_is_called_untrue(atlas) -> None:
    assert "cannot be true" in text(atlas, NINGXIA, "en")
    assert "cannot be true" not in text(atlas, GUANGDONG, "en")


def test_what_limits_a_province_is_what_holds_its_intervals(atlas) -> None:
    # Liaoning counted its own people and nothing else binds; Hebei counted none.
    liaoning, hebei = text(atlas, "21", "en"), text(atlas, "13", "en")
    assert (
        "What limits it from below, and from above where there is a limit: this province's own counts."
        in liaoning
    )
    assert (
        "What limits it from below, and from above where there is a limit: this province's own counts."
        in liaoning
    )
    assert "No published figure limits it from below, so every lower end is zero." in hebei
    assert (atlas.paths["13"]["lower"] == 0).all()
    own = set(atlas.results.support.query("estimand == 'province' and scope == '13'")["figure_id"].str[:3])
    assert "13_" not in own
    assert "What limits it from above: national totals, counts of other provinces." in hebei


@pytest.mark.parametrize(("code", "known"), [(GUANGDONG, True), ("46", False), ("13", False)])
def test_a_count_on_record_is_not_asked_for(atlas, code: str, known: bool) -> None:
    # Guangdong published 696万 for the end of 2025; Hainan's count is of 29 December, Hebei has none.
    assert (
        "has published a count, which we take to be for the end of 2025 Q4" in text(atlas, code, "en")
    ) == known
    assert ("No count of this province was published for the end of" in text(atlas, code, "en")) != known


def test_a_high_upper_end_is_called_no_value_where_it_stands(atlas) -> None:
    note = "It does not mean that enrolment is that high."  # Guangdong: said of the provinces beside it alone
    known, _, beside = text(atlas, GUANGDONG, "en").partition("## Provinces that began")
    assert note not in known
    assert note in beside
    assert text(atlas, "46", "en").count(note) == 1


def test_nothing_widens_on_the_day_on_which_it_starts(atlas) -> None:
    events = own_tables(restricted(atlas.results, TIBET))["events"].data
    assert list(events["event"]) == ["announced", "starts"]
    assert list(events["platforms"])[1] == 25
    beijing = own_tables(restricted(atlas.results, "11"))["events"].data
    assert "expands" in set(beijing["event"])


def test_the_corps_has_a_page_and_no_rate(atlas) -> None:
    assert "{num}" not in text(atlas, CORPS, "zh")


def test_the_colour_of_a_tile_follows_the_width(atlas) -> None:
    widths = {"a": (10.0, 12.0), "b": (10.0, 60.0), "c": (10.0, 60.1)}
    made = {code: atlas.paths[GUANGDONG].iloc[:0].copy() for code in widths}
    for code, (low, high) in widths.items():
        made[code].loc[0] = [atlas.newest, low, high]
    small = type(atlas)(atlas.results, atlas.newest, made)
    assert [width_class(small, code) for code in "abcd"] == ["narrow", "middling", "broad", "later"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Inner Mongolia: began in July 2026"), ("zh", "内蒙古自治区：2026年7月启动")],
)
def test_a_tile_is_read_aloud_with_its_full_name_and_its_colour(atlas, language: str, said: str) -> None:
    drawn = map_page(atlas, language)
    assert f'aria-label="{said}' in drawn
    tiles = re.findall(r'<a class="tile [^>]*aria-label="([^"]+)">([^<]+)</a>', drawn)
    assert len(tiles) == 31
    assert all(spoken.startswith(shown) for spoken, shown in tiles), "what is seen is part of what is heard"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "2025 Q4: 25.0 to 50.0"), ("zh", "2025年四季度：25.0至50.0")]
)
def test_a_bar_is_read_aloud_in_the_marks_of_its_language(language: str, said: str) -> None:
    drawn = draw_path([("2025Q4", 25.0, 50.0), ("2026Q1", 25.0, 50.0)], "X", language)
    assert f"<title>{said}</title>" in drawn
    label = re.findall('aria-label="([^"]*)"', drawn)[0]
    assert not (language == "zh" and re.search("[:;,]", label))


def test_bars_stand_to_scale_and_an_open_one_runs_to_the_top() -> None:
    drawn = draw_path([("2025Q4", 25.0, 50.0), ("2026Q1", 25.0, math.nan)], "X", "en")
    tall = HEIGHT - TOP - BOTTOM
    bars = re.findall(r'<rect class="(\w+)".*? y="([\d.]+)".*? height="([\d.]+)"', drawn)
    top = 60.0  # the first round mark above 50 and its margin, in steps of 20
    assert step_of(52.5) == 20.0
    expected = [("closed", 50.0, 25.0), ("open", top, 25.0)]
    for (kind, y, height), (name, high, low) in zip(bars, expected, strict=True):
        assert kind == name
        assert float(y) == pytest.approx(TOP + tall * (1 - high / top), abs=0.05)
        assert float(height) == pytest.approx(tall * (high - low) / top, abs=0.1)
    assert "2026 Q1: at least 25" in drawn
