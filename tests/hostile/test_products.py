"""Tables between two steps: a row twice, a class that is none, an interval upside down."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.base.products import CLASSES, INTERVALS, MADE_BY, read_product, read_product_json
from analysis.report.evidence import BADGES
from analysis.report.results import PRODUCTS, from_products

PROCESSED = Path(__file__).resolve().parents[2] / "data/processed"
TABLES = sorted(PRODUCTS.values())
Rows = list[list[str]]


@pytest.fixture(scope="module")
def heads() -> dict[str, Rows]:
    """First rows of each table, the header before them."""
    found = {}
    for name in TABLES:
        lines = (PROCESSED / name).read_text(encoding="utf-8").splitlines(keepends=True)[:9]
        found[name] = list(csv.reader(io.StringIO("".join(lines))))
    return found


def written(folder: Path, name: str, rows: Rows, end: str = "\n", mark: str = "") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows(rows)
    path = folder / name
    path.write_bytes((mark + text.getvalue()).encode())
    return path


def refused(path: Path, *words: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_product(path)
    message = str(refusal.value)
    command = f"python -m analysis {MADE_BY[path.stem]}"
    assert [word for word in (path.name, command, *words) if word not in message] == [], message


def test_the_classes_are_those_that_are_shown():
    assert set(CLASSES) == set(BADGES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_same_with_a_byte_order_mark_and_windows_line_ends(tmp_path, heads, name):
    plain = read_product(written(tmp_path, name, heads[name]))
    other = read_product(written(tmp_path, name, heads[name], end="\r\n", mark="\ufeff"))
    pd.testing.assert_frame_equal(plain, other)


@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_stands_twice_is_named(tmp_path, heads, name):
    rows = heads[name]
    refused(written(tmp_path, name, [*rows, rows[1]]), "a row twice", f"row {len(rows) + 1}")


@pytest.mark.parametrize("name", TABLES)
def test_another_table_under_this_name_is_refused(tmp_path, heads, name):
    other = next(other for other in TABLES if heads[other][0] != heads[name][0] and other != name)
    refused(written(tmp_path, name, heads[other]), "lacks a column")


@pytest.mark.parametrize("name", [name for name in TABLES if name != "codebook.csv"])
def test_values_that_no_step_writes_are_refused(tmp_path, heads, name):
    rows = heads[name]
    header = rows[0]
    wrong = {"evidence": "rumour", "p_value": "1.5", "p_randomization": "-0.25"}
    for column in set(wrong) & set(header):
        spoilt = [header, [wrong[column] if c == column else v for c, v in zip(header, rows[1], strict=True)]]
        refused(written(tmp_path, name, spoilt), f"column {column}", "row 2", wrong[column])
    for low, high in INTERVALS:
        if {low, high} <= set(header):
            ends = {low: "2.5", high: "1.5"}
            spoilt = [header, [ends.get(c, v) for c, v in zip(header, rows[1], strict=True)]]
            refused(written(tmp_path, name, spoilt), f"column {high}", "row 2", "1.5", f"no less than {low}")


@pytest.mark.parametrize("cell", ["n.a.", "1,5", "12 %", "５", "inf", "1e999", "--", "0x10"])
def test_a_figure_with_letters_is_named_by_row_and_column(tmp_path, heads, cell):
    rows = heads["estimates.csv"]
    place = rows[0].index("estimate")
    spoilt = [rows[0], rows[1], [*rows[2][:place], cell, *rows[2][place + 1 :]]]
    refused(written(tmp_path, "estimates.csv", spoilt), "row 3", "column estimate", "no number")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "'a' stands twice"), ('{"a": {"b": 1, "b": 1}}', "'b' stands twice"),
        ('{"a": NaN}', "NaN is no number"), ('{"a": -Infinity}', "Infinity"), ('{"a": 1', "no JSON"),
        ("[" * 100_000, "numbers.json"), ("{}", "empty"), ("3", "empty"), ('"word"', "empty"),
    ],
)  # fmt: skip
def test_json_that_hides_a_value_is_refused(tmp_path, text, words):
    path = tmp_path / "numbers.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="numbers") as refusal:
        read_product_json(path)
    assert words in str(refusal.value)


def test_what_is_refused_by_name_keeps_its_name():
    with pytest.raises(InputError, match="the panel is empty"), from_products("a number"):
        raise InputError("the panel is empty")


def test_no_two_tables_of_the_study_have_the_same_columns(heads):
    headers = sorted(",".join(rows[0]) for rows in heads.values())
    assert all(one != other for one, other in pairwise(headers))
