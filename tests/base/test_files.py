"""Saving leaves a whole, sorted, keyed table or nothing at all."""

import pandas as pd
import pytest

from analysis.base.files import save_table, write_text


def test_rows_are_sorted_by_key_and_numbers_in_text_sort_as_numbers_blanks_first(tmp_path):
    frame = pd.DataFrame({"k": ["10", "-2", "", "9"], "v": [1, 2, 3, 4]})
    save_table(frame, ["k"], tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "k,v\n,3\n-2,2\n9,4\n10,1\n"


@pytest.mark.parametrize(
    ("frame", "key", "message"),
    [
        (pd.DataFrame({"a": [1]}), ["b"], "not in the table"),
        (pd.DataFrame({"a": [1, None]}), ["a"], "missing values"),
        (pd.DataFrame({"a": [1, 1]}), ["a"], "repeats"),
    ],
)
def test_a_table_without_its_key_is_not_saved(tmp_path, frame, key, message):
    with pytest.raises(AssertionError, match=message):
        save_table(frame, key, tmp_path / "t.csv")
    assert list(tmp_path.iterdir()) == []


def test_an_unchanged_product_keeps_its_time_stamp(tmp_path):
    path = tmp_path / "p.txt"
    write_text("same\n", path)
    before = path.stat().st_mtime_ns
    write_text("same\n", path)
    assert path.stat().st_mtime_ns == before


def test_an_interrupted_write_leaves_the_old_product_and_no_fragment(tmp_path, monkeypatch):
    path = tmp_path / "p.txt"
    write_text("old\n", path)

    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_text("new\n", path)
    assert path.read_text() == "old\n"
    assert [item.name for item in tmp_path.iterdir()] == ["p.txt"]
