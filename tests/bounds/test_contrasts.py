"""Waves compared in one program, against values worked out by hand on two waves of one province each."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis.base.constants import NATION
from analysis.bounds.contrasts import compare_waves, rank_signing
from analysis.bounds.model import EnrolmentSet
from analysis.bounds.readings import Restriction
from analysis.config import Reading

PLAIN = Reading("plain", "test")
Q4_2024, Q2, Q4 = (pd.Period(text, freq="Q") for text in ("2024Q4", "2025Q2", "2025Q4"))


def cells():
    """Province A since 2022Q3 with one million residents, B since 2025Q3 with two."""
    rows = []
    for code, start, residents in (("A", "2022Q3", 1e6), ("B", "2025Q3", 2e6)):
        for quarter in pd.period_range(start, "2025Q4", freq="Q"):
            event = quarter.ordinal - pd.Period(start, freq="Q").ordinal
            rows.append((code, quarter, start, event, residents, residents / 2))
    columns = ["province_code", "quarter", "cohort", "event_time", "residents", "urban_employees"]
    return pd.DataFrame(rows, columns=columns).sort_values(["province_code", "quarter"], ignore_index=True)


def point(place, quarter, persons):
    return Restriction(f"{place}{quarter}", place, persons, persons, quarter, quarter)


def floor(place, quarter, persons):
    return Restriction(f"{place}{quarter} floor", place, persons, float("inf"), quarter, None)


# A has 10,000 at the end of 2024 and 12,000 in June 2025; the nation 30,000 at the end of 2025, of whom B
# at least 4,000.
FIGURES = [
    point(NATION, Q4_2024, 10_000.0),
    point(NATION, Q2, 12_000.0),
    point(NATION, Q4, 30_000.0),
    floor("B", Q4, 4_000.0),
]


def contrast(figures, name, wave, event=""):
    table = compare_waves(EnrolmentSet(cells(), figures, PLAIN), "plain")
    rows = table[(table["contrast"] == name) & (table["wave"] == wave) & (table["event_time"] == event)]
    (row,) = rows.itertuples()
    return row.lower, row.upper


def test_growth_of_each_wave_and_their_difference():
    # A grows by 0 to 14,000 (B has 4,000 to 18,000): per 1,000 residents 0 to 14, and 2 to 9.
    assert contrast(FIGURES, "growth", "first") == pytest.approx((0.0, 14.0))
    assert contrast(FIGURES, "growth", "second") == pytest.approx((2.0, 9.0))
    # Both share the 18,000: second less first is 2 - 14 to 9 - 0.
    assert contrast(FIGURES, "growth", "difference") == pytest.approx((-12.0, 9.0))


def test_floors_of_both_waves_bring_the_difference_in_from_both_sides():
    # A grows by 4,000 to 8,000 where B has 14,000 to 10,000.
    figures = [*FIGURES[:3], floor("A", Q4, 16_000.0), floor("B", Q4, 10_000.0)]
    assert contrast(figures, "growth", "difference") == pytest.approx((5.0 - 8.0, 7.0 - 4.0))


def test_the_pace_is_the_ratio_of_the_two_half_years():
    # 2,000 before, 0 to 14,000 after
    assert contrast(FIGURES, "pace", "first") == pytest.approx((0.0, 7.0))
    known = [*FIGURES[:3], point("B", Q4, 12_000.0)]  # A has 18,000: 6,000 after
    assert contrast(known, "pace", "first") == pytest.approx((3.0, 3.0))


def test_the_pace_with_an_earlier_count_that_is_a_range_agrees_with_a_search():
    wide = Restriction("n", NATION, 9_000.0, 11_000.0, Q4_2024, Q4_2024)
    figures = [wide, *FIGURES[1:3], floor("A", Q4, 15_000.0), floor("B", Q4, 4_000.0)]
    # earlier growth 1,000 to 3,000; later 3,000 to 14,000
    assert contrast(figures, "pace", "first") == pytest.approx((1.0, 14.0))


def test_the_same_age_compares_the_quarters_after_each_start():
    figures = [*FIGURES, point("A", pd.Period("2022Q4", freq="Q"), 3_000.0)]
    assert contrast(figures, "same_age", "first", "1") == pytest.approx((3.0, 3.0))
    assert contrast(figures, "same_age", "second", "1") == pytest.approx((2.0, 9.0))
    assert contrast(figures, "same_age", "difference", "1") == pytest.approx((-1.0, 6.0))


def test_the_difference_agrees_with_scipy_written_out_by_hand():
    # a + b = 30,000, a >= 12,000, b >= 4,000; b / 2000 - (a - 12,000) / 1000
    found = [
        sign
        * linprog(
            [sign * -1e-3, sign * 5e-4], A_eq=[[1, 1]], b_eq=[30_000], bounds=[(12_000, None), (4_000, None)]
        ).fun
        + 12.0
        for sign in (1, -1)
    ]
    assert contrast(FIGURES, "growth", "difference") == pytest.approx(tuple(found))


def test_a_count_of_either_wave_signs_the_difference_for_some_values():
    # b = 4,000 ... 18,000 in nine steps; the difference is b / 2000 - (18,000 - b) / 1000, zero at 12,000.
    table = rank_signing(EnrolmentSet(cells(), FIGURES, PLAIN)).set_index("province_code")
    values = np.linspace(4_000, 18_000, 9)
    by_hand = int((np.abs(values / 2000 - (18_000 - values) / 1000) > 1e-9).sum())
    assert table["signing"].to_dict() == {"A": by_hand, "B": by_hand}


def test_a_record_without_a_second_wave_gives_no_rows():
    early = cells()
    panel = EnrolmentSet(early[early["province_code"] == "A"], FIGURES[:2], PLAIN)
    assert compare_waves(panel, "plain").empty
    assert rank_signing(panel).empty
