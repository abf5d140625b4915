"""A printed count is read as every number that prints so, on some day of its window."""

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import load_ledger
from analysis.inputs.ledger import read_windows


def read(value, printed_unit, qualifier, day="2025-10-15", precision="month_end", published="2025-11"):
    figures = pd.DataFrame(
        {
            "figure_id": ["f"],
            "value": pd.array([value], dtype="Int64"),
            "printed_unit": pd.array([printed_unit], dtype="Int64"),
            "qualifier": [qualifier],
            "as_of_date": pd.to_datetime([day]),
            "date_precision": [precision],
            "source_id": ["s"],
        }
    )
    sources = pd.DataFrame({"source_id": ["s"], "date_published": [published]})
    return read_windows(figures, sources).iloc[0]


@pytest.mark.parametrize(
    ("value", "printed_unit", "qualifier", "lower", "upper"),
    [
        (1_570_000, 10_000, "about", 1_565_000, 1_575_000),
        (25_100_000, 100_000, "about", 25_050_000, 25_150_000),
        (8_000_000, 1_000_000, "about", 7_500_000, 8_500_000),
        (12_345_700, 100, "exact", 12_345_650, 12_345_750),
        (5_511, 1, "exact", 5_511, 5_511),
        (22_000_000, 1_000_000, "more_than", 22_000_000, np.inf),
        (1, 10, "about", 0, 6),
    ],
)
def test_the_interval_is_half_a_printed_digit_either_way(value, printed_unit, qualifier, lower, upper):
    row = read(value, printed_unit, qualifier)
    assert (row["lower"], row["upper"]) == (lower, upper)


@pytest.mark.parametrize(
    ("precision", "first", "last"),
    [
        ("month_end", "2025-10-15", "2025-10-15"),
        ("quarter_end", "2025-10-15", "2025-10-15"),
        ("year_end_implied", "2025-10-15", "2025-10-15"),
        ("publication_date_proxy", None, "2025-10-15"),
        ("month_approx", "2025-10-01", "2025-10-31"),
        ("undated_within_year", "2025-01-01", "2025-12-31"),
    ],
)
def test_the_window_is_what_the_print_says_about_the_date(precision, first, last):
    row = read(10, 1, "exact", precision=precision)
    assert row["as_of_last"] == pd.Timestamp(last)
    assert pd.isna(row["as_of_first"]) if first is None else row["as_of_first"] == pd.Timestamp(first)


@pytest.mark.parametrize(
    ("published", "day"),
    [("2025-11-27", "2025-11-27"), ("2024-02", "2024-02-29"), ("2025", "2025-12-31"), ("", None)],
)
def test_a_vague_publication_date_is_the_last_day_it_can_mean(published, day):
    found = read(10, 1, "exact", published=published)["date_published"]
    assert pd.isna(found) if day is None else found == pd.Timestamp(day)


# Read by hand from the printed texts.
@pytest.mark.parametrize(
    ("figure", "printed", "lower", "upper", "grade"),
    [
        ("00_20230930_cumulative_participants", "668万人", 6_675_000, 6_685_000, "B"),
        ("00_20250630_cumulative_participants", "1234.57万人", 12_345_650, 12_345_750, "C"),
        ("00_20251231_cumulative_participants", "2510万人", 25_050_000, 25_150_000, "C"),
        ("00_20230930_work_injury_insurance_participants", "3.0亿人", 295_000_000, 305_000_000, "C"),
        ("00_20260428_cumulative_participants", "约2742万", 27_415_000, 27_425_000, "D"),
        ("31_20230718_confirmed_injuries", "近3000件", 2_500, 3_500, "C"),
        ("31_20260131_cumulative_participants", "192万余人", 1_920_000, np.inf, "B"),
        ("32_20240930_confirmed_injuries", "5511件", 5_511, 5_511, "C"),
        ("32_20250831_platform_orders_covered", "94.93亿单", 9_492_500_000, 9_493_500_000, "C"),
        ("37_20251231_cumulative_participants", "165.3万人", 1_652_500, 1_653_500, "C"),
        ("50_20251231_cumulative_participants", "100万", 500_000, 1_500_000, "C"),
        ("00_20240331_cumulative_participants_2", "", 7_500_000, 8_500_000, "C"),
    ],
)
def test_figures_of_the_record_are_read_as_printed(raw, figure, printed, lower, upper, grade):
    ledger = load_ledger(raw).set_index("figure_id")
    row = ledger.loc[figure]
    assert (row["printed"], row["lower"], row["upper"], row["grade"]) == (printed, lower, upper, grade)


def test_the_second_hand_counts_of_2026_and_the_deputys_round_number_are_grade_d(raw):
    ledger = load_ledger(raw).set_index("figure_id")["grade"]
    days = ("20240303", "20260428", "20260701")
    assert {ledger[f"00_{day}_cumulative_participants"] for day in days} == {"D"}


def test_duplicates_point_to_a_row_of_the_same_place_measure_and_day(raw):
    ledger = load_ledger(raw).set_index("figure_id")
    copies = ledger[ledger["duplicate_of"] != ""]
    originals = ledger.loc[copies["duplicate_of"]]
    same = ["level", "province_code", "city", "measure", "as_of_date"]
    assert len(copies) == 7
    assert (copies[same].to_numpy() == originals[same].to_numpy()).all()
    overlap = (copies["lower"].to_numpy() <= originals["upper"].to_numpy()) & (
        originals["lower"].to_numpy() <= copies["upper"].to_numpy()
    )
    assert overlap.all()
    assert (originals["duplicate_of"] == "").all()
