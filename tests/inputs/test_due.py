"""What is due follows from when the same quarter was printed before."""

import pandas as pd

from analysis.inputs.due import list_due

SOURCES = pd.DataFrame({"source_id": ["old", "new"], "publisher": ["The ministry", "The broadcaster"]})


def prints(*rows):
    columns = ["province_code", "as_of", "published", "grade", "source_id"]
    table = pd.DataFrame(rows, columns=columns)
    day = pd.to_datetime(table["as_of"])
    return table.assign(
        measure="cumulative_participants",
        level="national",
        as_of_first=day,
        as_of_last=day,
        date_published=pd.to_datetime(table["published"]),
    )


def due(ledger, day):
    table = list_due(ledger, SOURCES, pd.Timestamp(day))
    return [(f"{row.as_of:%Y-%m-%d}", f"{row.expected:%Y-%m-%d}") for row in table.itertuples()]


def test_a_quarter_printed_in_one_year_is_due_in_the_next_after_the_same_delay():
    ledger = prints(("00", "2025-06-30", "2025-07-20", "B", "old"))  # 20 days after the quarter-end
    assert due(ledger, "2026-07-19") == []
    assert due(ledger, "2026-07-20") == [("2026-06-30", "2026-07-20")]


def test_the_delay_is_the_median_and_a_year_that_was_skipped_is_still_due():
    ledger = prints(
        ("00", "2022-12-31", "2023-01-10", "B", "old"),  # 10 days
        ("00", "2023-12-31", "2024-01-30", "B", "old"),  # 30
        ("00", "2025-12-31", "2026-04-10", "B", "new"),  # 100
    )
    assert due(ledger, "2026-12-31") == [("2024-12-31", "2025-01-30")]
    assert due(ledger, "2027-01-29") == [("2024-12-31", "2025-01-30")]
    assert due(ledger, "2027-01-31") == [("2026-12-31", "2027-01-30")]  # the other is two years old
    (row,) = list_due(ledger, SOURCES, pd.Timestamp("2026-12-31")).itertuples()
    assert (row.publisher, row.usual_month) == ("The broadcaster", "January")


def test_a_count_of_another_day_a_grade_d_count_and_an_undated_one_set_no_rhythm():
    ledger = prints(
        ("00", "2025-06-29", "2025-07-20", "B", "old"),
        ("00", "2025-06-30", "2025-07-20", "D", "old"),
        ("00", "2025-06-30", None, "B", "old"),
    )
    assert due(ledger, "2027-12-31") == []


def test_a_grade_d_print_does_not_fill_the_gap():
    ledger = prints(
        ("00", "2025-06-30", "2025-07-20", "B", "old"), ("00", "2026-06-30", "2026-07-01", "D", "old")
    )
    assert due(ledger, "2026-12-31") == [("2026-06-30", "2026-07-20")]


def test_each_place_has_its_own_rhythm():
    ledger = prints(
        ("00", "2025-06-30", "2025-07-20", "B", "old"),
        ("00", "2026-06-30", "2026-07-22", "B", "old"),
        ("44", "2025-06-30", "2025-08-29", "B", "old"),
    )
    table = list_due(ledger, SOURCES, pd.Timestamp("2026-12-31"))
    assert table["province_code"].tolist() == ["44"]
