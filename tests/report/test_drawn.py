"""A figure is drawn again when anything behind it changed, and only then."""

from __future__ import annotations

import dataclasses
import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

from analysis.report import drawn
from analysis.report import exhibits as room
from analysis.report.drawn import fingerprint
from analysis.report.spec import load_exhibits


@pytest.fixture(scope="module")
def listed(numbers):
    """All figures of the list, which has more than the few that one table stands behind."""
    return [exhibit for exhibit in load_exhibits(numbers) if exhibit.kind == "figure"]


@pytest.fixture
def work(results, listed, tmp_path, monkeypatch):
    """Build in a folder, with a quick pen that notes what it drew."""
    names: list[str] = []

    def draw_plot(exhibit, plot):
        names.append(exhibit.id)
        return {f"figures/{exhibit.id}.svg": plot.data.to_csv().encode()}

    monkeypatch.setattr(room, "draw_plot", draw_plot)

    def build(results=results, listed=listed):
        names.clear()
        room.write_exhibits(results, listed, tmp_path, tmp_path / "kept" / "drawn.json")
        return list(names)

    return build, tmp_path


def test_all_are_drawn_once_and_then_none(work, listed):
    build, _ = work
    assert build() == [exhibit.id for exhibit in listed]
    assert build() == []


def test_a_changed_figure_of_the_record_draws_only_what_shows_it(work, results):
    build, folder = work
    build()
    rows = results.estimates.copy()
    shown = (rows["term"] == "event") & (rows["outcome"] == "log_income_per_head")
    rows.loc[rows.index[shown & (rows["estimator"] == "group_time")], "estimate"] += 0.01
    before = (folder / "figures/fig-event-income.svg").read_bytes()
    redrawn = build(results=dataclasses.replace(results, estimates=rows))
    assert "fig-event-income" in redrawn
    assert {"fig-rollout", "fig-tiles-enrolment", "fig-event-jobs"}.isdisjoint(redrawn)
    assert (folder / "figures/fig-event-income.svg").read_bytes() != before


def test_a_changed_text_draws_its_figure_alone(work, listed):
    build, _ = work
    build()
    texts = {**listed[0].texts, "subtitle": {"en": "another", "zh": "另一"}}
    assert build(listed=[dataclasses.replace(listed[0], texts=texts), *listed[1:]]) == [listed[0].id]


@pytest.mark.parametrize("harm", ["remove", "edit", "damage the list"])
def test_a_file_that_is_not_as_it_was_drawn_is_drawn_again(work, listed, harm):
    build, folder = work
    build()
    path = folder / "figures" / f"{listed[3].id}.svg"
    if harm == "remove":
        path.unlink()
    elif harm == "edit":
        path.write_bytes(path.read_bytes() + b" ")
    else:
        (folder / "kept" / "drawn.json").write_text("{")
    expected = [exhibit.id for exhibit in listed] if harm == "damage the list" else [listed[3].id]
    assert build() == expected
    assert build() == []


def test_other_code_draws_everything(work, listed, monkeypatch):
    build, _ = work
    build()
    monkeypatch.setattr(drawn, "surroundings", lambda: "another version of a package, or of a module")
    assert build() == [exhibit.id for exhibit in listed]


def test_the_surroundings_are_code_packages_and_settings(monkeypatch, tmp_path):
    (tmp_path / "module.py").write_text("x = 1\n")
    monkeypatch.setattr(drawn, "CODE", tmp_path)
    found = [drawn.surroundings.__wrapped__()]
    (tmp_path / "module.py").write_text("x = 2\n")
    found.append(drawn.surroundings.__wrapped__())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    found.append(drawn.surroundings.__wrapped__())
    monkeypatch.setattr(drawn.metadata, "distributions", lambda: [])
    found.append(drawn.surroundings.__wrapped__())
    assert len(set(found)) == 4


def test_without_a_list_everything_is_drawn(results, listed, tmp_path, monkeypatch):
    names = []
    monkeypatch.setattr(room, "draw_plot", lambda exhibit, _: names.append(exhibit.id) or {})
    for _ in range(2):
        room.write_exhibits(results, listed[:2], tmp_path)
    assert names == [listed[0].id, listed[1].id] * 2
    assert json.loads((tmp_path / "exhibits.json").read_text())[0]["id"] == listed[0].id


def close(value):
    """A function that holds a value, as drawing functions do."""
    return lambda: value


FRAME = pd.DataFrame({"a": [1.0, np.nan], "b": ["x", "y"]})
DIFFERENT = {
    "a number": (1, 2),
    "a number and its text": (1, "1"),
    "a whole number and a real one": (1, 1.0),
    "a last digit": (0.1, np.nextafter(0.1, 1)),
    "order of a dictionary": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "two words and one": (["a", "b"], ["ab"]),
    "a cell": (FRAME, FRAME.assign(a=[1.0, 2.0])),
    "a column's name": (FRAME, FRAME.rename(columns={"a": "c"})),
    "an index": (FRAME, FRAME.set_axis([1, 2])),
    "a kind of column": (FRAME, FRAME.assign(b=FRAME["b"].astype("category"))),
    "what a function holds": (close(1), close(2)),
    "what a call is given": (partial(close, 1), partial(close, value=1)),
    "an array": (np.zeros(2), np.zeros((2, 1))),
}


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_has_another_fingerprint(pair):
    first, second = pair
    assert fingerprint(first) != fingerprint(second)
    assert fingerprint(first) == fingerprint(first)


def test_an_unknown_object_has_none_and_is_drawn():
    with pytest.raises(TypeError, match="object"):
        fingerprint([object()])
