"""The tables of speed say what was measured, and are those of the committed measurements."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """The module, writing into a copy of the folder."""
    spec = importlib.util.spec_from_file_location("did_tables", FOLDER / "did_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shutil.copytree(FOLDER / "results", tmp_path / "results")
    shutil.copy(FOLDER / "README.md", tmp_path)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results")
    return module


def line(row, program="ours", seconds="1", times="1", peak="100", ratio="", most="", memory=""):
    return {
        "row": row, "program": program, "seconds": seconds, "times_ours": times, "peak_mb": peak,
        "target_ratio": ratio, "target_seconds": most, "target_mb": memory,
    }  # fmt: skip


def test_the_committed_tables_are_those_of_the_committed_measurements(tables, tmp_path):
    tables.write_tables()
    for path in sorted((FOLDER / "results").glob("tbl-did-*.md")):
        assert (tmp_path / "results" / path.name).read_text("utf-8") == path.read_text("utf-8"), path.name
    assert (tmp_path / "README.md").read_text("utf-8") == (FOLDER / "README.md").read_text("utf-8")


def test_the_exponent_is_that_between_the_ends(tables):
    """A hundred times the units in a thousand times the time: 1.5."""
    sizes = {"1000": "0.1", "10000": "5", "100000": "100"}
    rows = tables.by_row([line(f"group_time, units {size}", seconds=s) for size, s in sizes.items()])
    assert tables.growth_cells(rows) == [("units", "1,000", "100,000", "0.1; 100", "1.50")]


@pytest.mark.parametrize(
    ("own", "peer", "reached"),
    [
        ({"ratio": "5"}, "5.1", "yes"),
        ({"ratio": "5"}, "4.9", "no"),
        ({"ratio": "5", "memory": "99"}, "5.1", "no"),
        ({"ratio": "5", "most": "0.9"}, "5.1", "no"),
        ({"ratio": "5", "most": "1", "memory": "100"}, "5.1", "yes"),
    ],
)
def test_a_target_is_reached_when_all_its_parts_are(tables, own, peer, reached):
    cells = tables.speed_cells("work", [line("work", **own), line("work", "diff_diff", times=peer)])
    assert cells[-1] == reached


def test_a_build_of_before_stands_for_a_peer_only_where_there_is_none(tables):
    own, peer = line("work", ratio="5"), line("work", "diff_diff", times="6")
    before = line("work", "former build", times="2")
    assert tables.speed_cells("work", [own, peer, before])[-1] == "yes"
    assert tables.speed_cells("work", [own, before])[-1] == "no"


def test_an_estimator_is_behind_where_a_peer_with_its_answer_is_quicker_or_smaller(tables):
    def row(size, *others):
        return [line(f"each: twfe, {size}", "ours", "2", "1", "100") | {"answer": ""}, *others]

    def other(times, peak, answer):
        return line("", "pyfixest", "1", times, peak) | {"answer": answer}

    lines = [
        *row("small", other("3.0", "120", "same")),
        *row("tall", other("0.5", "90", "same")),
        *row("wide", other("0.5", "90", "other"), other(">5", "", "stopped after 30 s")),
    ]
    rows: dict = {}
    for own in lines:  # a peer stands in the row of ours before it
        name = own["row"] or list(rows)[-1]
        rows.setdefault(name, []).append(own)
    (cells,) = tables.every_cells(rows)
    assert cells[0] == "twfe"
    assert cells[1] == "**2 s, 100 MB**; pyfixest 3.0 (120 MB)"
    assert cells[3] == ""
    assert cells[4].endswith("pyfixest 0.50 (90 MB), other answer; pyfixest >5.0 (stopped)")
    assert cells[5] == "tall: time; tall: memory"


def test_both_languages_have_the_same_numbers(tables):
    cells = [("twfe, tall", "1", "2", "diff-diff 3.0 (4 MB)", "5 times", "no")]
    english = tables.markdown(tables.HEADS[""], cells, "")
    chinese = tables.markdown(tables.HEADS[".zh"], cells, ".zh")
    assert "| twfe, tall | 1 | 2 | diff-diff 3.0 (4 MB) | 5 times | no |" in english
    assert "| twfe, 高 | 1 | 2 | diff-diff 3.0 (4 MB) | 5 倍 | 否 |" in chinese
