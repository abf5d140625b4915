"""Tile maps: every province by its name, in type that a phone shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.report.figures.tiles import EDGE, enrolment, name_of, name_size, tile_frame
from analysis.report.page import TYPE, WIDTH, Page
from analysis.report.results import load_results
from analysis.report.typeset import text_width

ROOT = Path(__file__).resolve().parents[2]
SMALLEST = TYPE  # points: 11 pixels on a phone


@pytest.fixture(scope="module")
def tiles():
    return tile_frame(load_results(ROOT / "data/raw", ROOT / "data/processed"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_tile_shows_the_whole_name_inside_itself(tiles, language: str) -> None:
    page = Page(language, 2.0)
    columns = int(tiles["tile_column"].max() - tiles["tile_column"].min()) + 1
    for tile in tiles.itertuples():
        label = name_of(tile, page)
        whole = tile.name_en if language == "en" else tile.short_zh
        assert label.replace("-\n", "").replace("\n", " ") == whole
        size = name_size(label, columns)
        assert SMALLEST <= size <= TYPE
        assert max(text_width(line, size) for line in label.split("\n")) < (WIDTH - 2 * EDGE) / columns


def test_name_digits_and_bar_of_a_tile_stand_clear_of_each_other() -> None:
    results = load_results(ROOT / "data/raw", ROOT / "data/processed")
    plot = enrolment(results)
    page = Page("en", plot.height)
    page.top -= 0.6  # badge and two lines of subtitle
    plot.draw(page)
    page.figure.draw_without_rendering()
    texts = [text for text in page.figure.axes[0].texts if "interval, rounded" not in text.get_text()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    touching = [(a, b) for k, (a, one) in enumerate(boxes) for b, two in boxes[k + 1 :] if one.overlaps(two)]
    assert touching == []


def test_no_two_tiles_share_a_place(tiles) -> None:
    assert len(tiles) == 31
    assert not tiles.duplicated(["tile_column", "tile_row"]).any()
