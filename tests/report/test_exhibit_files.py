"""The files of the exhibits: complete, legible, marked with their evidence class, the same twice."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json

import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.text import Text

from analysis.report import exhibits as room
from analysis.report.page import BLUE, MARGIN, NAVY, ORANGE, WIDTH, Page, lighter, rc, strict
from analysis.report.spec import load_exhibits
from analysis.report.typeset import FAMILY, visible_texts

PHONE, DESK = 390, 456  # pixels: width of a figure on a phone, and at most (book.css)


@pytest.fixture(scope="module")
def listed(numbers):
    return load_exhibits(numbers)


@pytest.fixture(scope="module")
def made(results, listed, tmp_path_factory):
    """All exhibits, made once: their folder, and the pages as they were when they were saved."""
    folder = tmp_path_factory.mktemp("processed")
    (folder / "figures").mkdir()
    (folder / "figures" / "fig-gone.svg").write_text("an exhibit that is no longer listed")
    pages, save = [], Page.save

    def keep(page, name, title, alt):
        files = save(page, name, title, alt)
        pages.append((f"{name} {page.language}", page.figure, visible_texts(page.figure)))
        return files

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "save", keep)
        room.write_exhibits(results, listed, folder)
    assert len(pages) == 2 * sum(exhibit.kind == "figure" for exhibit in listed)
    return folder, pages


@pytest.fixture(scope="module")
def folder(made):
    return made[0]


@pytest.fixture(scope="module")
def drawn(made):
    return made[1]


def by_id(listed, name):
    return next(exhibit for exhibit in listed if exhibit.id == name)


def test_every_exhibit_has_its_files_in_both_languages(folder):
    for record in json.loads((folder / "exhibits.json").read_text(encoding="utf-8")):
        names = [
            record["files"].pop("csv"),
            *(name for both in record["files"].values() for name in both.values()),
        ]
        assert len(names) == (5 if record["kind"] == "figure" else 3)
        assert all((folder / name).stat().st_size > 100 for name in names), record["id"]


def test_every_record_names_evidence_texts_and_pages(folder):
    fields = [
        f"{name}_{lang}" for name in ("title", "subtitle", "alt", "notes", "source") for lang in ("en", "zh")
    ]
    for record in json.loads((folder / "exhibits.json").read_text(encoding="utf-8")):
        assert all(record[name] for name in [*fields, "evidence", "used_in", "data"]), record["id"]


def test_the_evidence_badge_is_on_every_figure(folder, listed):
    for exhibit in listed:
        if exhibit.kind == "figure":
            for suffix in (".svg", ".zh.svg"):
                svg = (folder / "figures" / f"{exhibit.id}{suffix}").read_text(encoding="utf-8")
                assert f'id="evidence-{exhibit.evidence}"' in svg


def test_svg_type_stands_as_outlines(folder):
    for path in (folder / "figures").glob("*.svg"):
        assert "<text" not in path.read_text(encoding="utf-8"), path.name


def test_no_file_carries_a_date_or_the_name_of_a_program(folder):
    for path in (folder / "figures").glob("*.svg"):
        svg = path.read_text(encoding="utf-8")
        assert "<dc:date>" not in svg and "matplotlib.org" not in svg.lower().split("<defs>")[0]
    for path in (folder / "figures").glob("*.png"):
        assert b"Software" not in path.read_bytes()


def test_an_exhibit_that_is_no_longer_listed_is_removed(folder):
    assert not (folder / "figures" / "fig-gone.svg").exists()


@pytest.mark.parametrize("name", ["fig-rollout", "fig-national-path", "fig-event-income", "tbl-ledger"])
def test_the_same_bytes_twice(folder, results, listed, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    exhibit = by_id(listed, name)
    make = room.draw_figure if exhibit.kind == "figure" else room.write_table
    for file, content in make(exhibit, results).items():
        assert (folder / file).read_bytes() == content, file


def test_a_simulated_row_cannot_be_drawn_among_findings(results, listed):
    rows = results.estimates.copy()
    rows.loc[rows.index[rows["term"] == "event"], "evidence"] = "simulated"
    spoilt = dataclasses.replace(results, estimates=rows)
    with pytest.raises(ValueError, match="simulated"):
        room.draw_figure(by_id(listed, "fig-event-income"), spoilt)


def test_a_failure_leaves_earlier_files_whole(folder, results, listed, monkeypatch):
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    def fail(*_):
        raise RuntimeError("the last exhibit fails")

    monkeypatch.setattr(room, "write_table", fail)
    with pytest.raises(RuntimeError):
        room.write_exhibits(results, [listed[0], by_id(listed, "tbl-ledger")], folder)
    assert {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()} == before


def test_type_is_11_to_13_pixels_on_a_phone_and_on_a_desk(drawn):
    sizes = {
        artist.get_fontsize()
        for _, figure, _ in drawn
        for artist in figure.findobj(Text)
        if artist.get_visible() and artist.get_text().strip()
    }
    assert sizes
    assert min(sizes) * PHONE / (72 * WIDTH) >= 11.0
    assert max(sizes) * DESK / (72 * WIDTH) <= 13.0


def test_no_two_texts_overlap(drawn):
    overlaps = []
    for name, _, texts in drawn:
        for (one, first), (two, second) in itertools.combinations(texts, 2):
            wide = min(first.x1, second.x1) - max(first.x0, second.x0)
            high = min(first.y1, second.y1) - max(first.y0, second.y0)
            if wide > 2 and high > 4:  # boxes include the room for accents
                overlaps.append((name, one, two))
    assert overlaps == []


def test_outlines_lose_digits_that_nobody_sees_and_nothing_else():
    given = b'<g x="1.23456">\n  <path d="M 1234.56789 -0.001 \nL 2 -3.5 \nz\n" transform="scale(0.015625)"/>'
    assert lighter(given) == (
        b'<g x="1.23456">\n<path d="M 1234.57 -0 L 2 -3.5 z" transform="scale(0.015625)"/>'
    )


def test_text_over_the_edge_is_an_error():
    with strict(), rc("edge"):
        page = Page("en", 2.0)
        page.figure.text(0.9, 0.5, "a label that runs over the edge")
        with pytest.raises(AssertionError, match="edge"):
            page.save("edge", "title", "alt")


def test_a_sign_that_the_font_lacks_is_an_error():
    with pytest.raises(UserWarning, match=r"[Gg]lyph"), strict(), rc("glyph"):
        page = Page("en", 2.0)
        page.figure.text(MARGIN, 0.5, "\U0001f9ff")
        page.figure.savefig(io.BytesIO(), format="png")


def test_the_font_is_known_to_matplotlib_only_while_a_figure_is_drawn():
    def names():
        return [font.name for font in font_manager.fontManager.ttflist]

    before = names()
    with rc("font"):
        assert FAMILY in names()
        page = Page("zh", 2.0)
        page.foot("来源：国家统计局")
        page.figure.savefig(io.BytesIO(), format="png")
    with pytest.raises(ZeroDivisionError), rc("font"):
        raise ZeroDivisionError
    assert names() == before
    assert FAMILY not in before


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "pair", [(NAVY, "#ffffff"), (ORANGE, "#ffffff"), (BLUE, "#ffffff"), (NAVY, ORANGE), (NAVY, BLUE)]
)
def test_marks_contrast_three_to_one(pair):
    dark, light = sorted(luminance(colour) for colour in pair)
    assert (light + 0.05) / (dark + 0.05) >= 3.0


def test_the_plotted_data_are_beside_the_figure(folder, results):
    data = pd.read_csv(folder / "figures" / "fig-province-intervals.csv", dtype={"province_code": str})
    rows = results.headline("province", "per_1000_residents")
    rows = rows[rows["quarter"] == results.newest_bounded()].set_index("province_code")
    shown = data[data["row"] == "province"].set_index("province_code")
    assert sorted(shown.index) == sorted(rows.index)
    assert (shown["lower"] - rows["lower"]).abs().max() < 1e-6
