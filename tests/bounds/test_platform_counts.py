"""One platform's count beside the nation's, against sums worked out by hand from the printed digits."""

from pathlib import Path

import pytest

from analysis.bounds.platform_counts import others_only, printed_interval
from analysis.inputs import load_ledger, load_platforms

RAW = Path(__file__).resolve().parents[2] / "data/raw"


@pytest.fixture(scope="module")
def table():
    return others_only(load_ledger(RAW), load_platforms(RAW)).set_index(["quantity", "day"])


@pytest.mark.parametrize(
    ("key", "lower", "upper"),
    [
        # 1234.57万, less "over 6 million" in March to "nearly 7 million" (6.5 to 7.5) in July
        (("others_only", "2025-06-30"), 12.34565 - 7.5, 12.34575 - 6.0),
        # over 22 million and at most the 23.255 of October, less 13 million
        (("others_only", "2025-09-30"), 22.0 - 13.5, 23.255 - 12.5),
        (("others_only", "2025-10-31"), 23.245 - 16.5, 23.255 - 15.5),
        # 2510万, less at least October's count and at most that of February 2026, 1668万
        (("others_only", "2025-12-31"), 25.05 - 16.685, 25.15 - 15.5),
        (("others_rise", "2025-10-31"), 23.245 - 16.5 - (12.34575 - 6.0), 23.255 - 15.5 - (12.34565 - 7.5)),
        # the platform gained 2 to 4 million in October, the nation 0 to 1.255
        (("enrolled_elsewhere", "2025-10-31"), 2.0 - 1.255, 4.0 - 0.0),
    ],
)
def test_the_range_is_the_one_worked_out_by_hand(table, key, lower, upper):
    assert tuple(table.loc[key, ["lower", "upper"]] / 1e6) == pytest.approx((lower, upper))


@pytest.mark.parametrize(
    ("value", "qualifier", "lower", "upper"),
    [
        (16_680_000, "exact", 16_675_000, 16_685_000),
        (7_000_000, "about", 6_500_000, 7_500_000),
        (6_000_000, "more_than", 6_000_000, float("inf")),
    ],
)
def test_a_printed_count_stands_for_its_digits(value, qualifier, lower, upper):
    assert printed_interval(value, qualifier) == (lower, upper)


def test_a_record_without_the_platforms_counts_gives_no_rows():
    platforms = load_platforms(RAW)
    assert others_only(load_ledger(RAW), platforms[platforms["record_id"] != "premium_11"]).empty
