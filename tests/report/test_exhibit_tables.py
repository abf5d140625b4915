"""Tables as Markdown: one shape for every reader, nothing that breaks a cell."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import config
from analysis.report import exhibits as room
from analysis.report.spec import load_exhibits
from analysis.report.tables.markdown import Column, Table, field, link, translated
from analysis.report.tables.record import as_of
from analysis.report.tables.words import READINGS, SPECIFICATIONS, tag_words


def cells(line: str) -> int:
    return line.replace("\\|", "").count("|") - 1


def test_every_row_of_every_table_has_as_many_cells_as_its_head(results, numbers):
    for exhibit in load_exhibits(numbers):
        if exhibit.kind == "table":
            table = room.maker(exhibit)(results, **exhibit.options)
            for language in ("en", "zh"):
                lines = table.markdown(language).splitlines()
                assert {cells(line) for line in lines} == {len(table.columns)}, (exhibit.id, language)
                assert len(lines) == len(table.data) + 2


def test_every_policy_of_the_record_stands_in_one_of_the_two_policy_tables(results, numbers):
    rows = [
        len(room.maker(exhibit)(results, **exhibit.options).data)
        for exhibit in load_exhibits(numbers)
        if exhibit.id.startswith("tbl-policies")
    ]
    assert sum(rows) == len(results.policies)


def test_a_bar_or_a_line_break_does_not_end_a_cell():
    table = Table(pd.DataFrame({"note": ["one | two\nthree"]}), [Column("Note", "说明", field("note"))])
    assert table.markdown("en").splitlines()[2] == "| one \\| two three |"


def test_markup_in_the_record_is_text():
    assert link("a [b] *c*", "") == "a \\[b\\] \\*c\\*"


def test_an_address_with_brackets_stays_one_address():
    assert link("page", "https://example.org/a(b) c") == "[page](<https://example.org/a%28b%29%20c>)"


def test_a_source_without_address_is_no_link():
    assert link("page", "not seen") == "page"


def test_a_code_without_translation_is_an_error():
    table = Table(pd.DataFrame({"kind": ["new"]}), [Column("Kind", "类别", translated("kind", {}))])
    with pytest.raises(KeyError):
        table.markdown("zh")


def test_what_rests_on_the_seed_study_alone_says_so():
    assert (
        tag_words("per_order_fee[seed]", "en")
        == "fee per order (only in the article from which this project started)"
    )
    assert tag_words("per_order_fee;portability", "zh") == "按单计费；转移接续"


def test_every_reading_and_sample_has_chinese_words():
    assert set(READINGS) == {reading.name for reading in config.READINGS}
    assert set(SPECIFICATIONS) == {item.name for item in config.SPECIFICATIONS}


def test_a_day_that_the_source_does_not_print_says_how_it_is_read():
    said = pd.Series(
        {
            "as_of_date": pd.Timestamp("2025-12-31"),
            "date_precision": "year_end_implied",
            "measure": "cumulative_participants",
        }
    )
    assert as_of(said, "en") == "2025-12-31 (as we read it)"
    assert as_of(said, "zh") == "2025-12-31（我们的读法）"
    assert as_of(said.replace("year_end_implied", "year_end"), "zh") == "2025-12-31"
    assert (
        as_of(said.replace("cumulative_participants", "participation_target"), "en") == "named on 2025-12-31"
    )
