"""What is saved survives another processor's rounding, and a reader loses nothing that was known."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analysis.base.files import save_table
from analysis.did.digits import DIGITS, ESTIMATED, REACH, csv_text, rounded, rounded_table, rounded_value

NOISE = 1e-13  # what libraries of linear algebra disagree by, relative to what is added up
DRAWS = 200_000


def saved(values, digits: int = DIGITS) -> list[str]:
    return csv_text(pd.DataFrame({"v": values}), digits).split("\n")[1:-1]


def test_numbers_by_hand() -> None:
    assert rounded([1 / 3, 200 / 3, 1e-3 / 7], 7) == [0.3333333, 66.66667, 0.000142857]
    # By its own digits the last one were 0.0001428571; a column up to 66 has 7 + 3 - 1 places.
    assert rounded([200 / 3, 1e-3 / 7], 10) == [66.66666667, 0.000142857143]
    assert rounded([-1 / 3, 1 / 6], 3) == [-0.333, 0.167]
    assert rounded([9.9999996, 0.99999996], 7) == [10.0, 1.0]


def test_a_number_becomes_the_nearest_decimal_one_or_nearly_so() -> None:
    values = np.random.default_rng(1).lognormal(0, 1, size=2_000)
    for value, found in zip(values, rounded(values, 7), strict=True):
        digits = Decimal(float(value)).as_tuple()
        first = len(digits.digits) + digits.exponent - 1
        places = min(6 - first, 7 + REACH - math.floor(math.log10(values.max())))
        step = Decimal(1).scaleb(-places)
        assert found == float(Decimal(found).quantize(step))
        assert abs(Decimal(found) - Decimal(float(value))) <= Decimal("0.5015") * step
        if abs(Decimal(float(value)) / step % 1 - Decimal("0.5")) > Decimal("0.0015"):
            assert found == float(Decimal(float(value)).quantize(step))


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_number_in_the_middle_of_two_grid_points_goes_away_from_zero_whatever_its_noise(sign) -> None:
    """Means of numbers with few decimals: 1.5 and 2.5 units of the last place kept, and so on."""
    kept = np.arange(1_000_001, 1_009_999)
    middle = sign * (kept + 0.5) * 1e-9
    expected = rounded(sign * (kept + 1) * 1e-9, 7)
    for noise in (0.0, NOISE, -NOISE):
        assert rounded(middle * (1 + noise), 7) == expected
    plain = [[round(value, 9) for value in middle * (1 + noise)] for noise in (NOISE, -NOISE)]
    assert all(a != b for a, b in zip(*plain, strict=True)), "plain rounding would pass too"


def test_noise_becomes_zero_and_zero_has_no_sign() -> None:
    assert saved([0.5, 1e-16, -1e-16, -0.0, 3e-15], ESTIMATED) == ["0.5", "0", "0", "0", "0"]
    assert saved([-0.0, 0.0]) == ["0", "0"]
    assert math.copysign(1, rounded([-0.0, -1e-20, 1.5])[0]) == 1
    assert math.copysign(1, rounded([-0.0, -1e-20, 1.5])[1]) == 1
    assert saved([1e-16, 3e-16]) == ["1e-16", "3e-16"]  # a column of its own scale has no noise to measure by


@pytest.mark.parametrize("digits", [DIGITS, ESTIMATED])
def test_counts_and_texts_are_exact(digits: int) -> None:
    frame = pd.DataFrame(
        {
            "count": [123_456_789_012, 1],
            "missing": [123_456_789_012.0, np.nan],
            "code": ["0.12345678901234", "11"],
            "nullable": pd.array([2**40 + 1, None], dtype="Int64"),
        }
    )
    assert csv_text(frame, digits) == (
        "count,missing,code,nullable\n123456789012,123456789012,0.12345678901234,1099511627777\n1,,11,\n"
    )


def test_missing_and_infinite_numbers_stay() -> None:
    assert saved([np.nan, np.inf, -np.inf, 1 / 3]) == ['""', "inf", "-inf", "0.3333333333"]
    assert rounded([]) == []
    assert saved([np.nan, np.nan]) == ['""', '""']


def test_numbers_among_texts_and_of_other_types_follow_the_rule() -> None:
    frame = pd.DataFrame(
        {
            "mixed": ["x", 0.1 + 0.2, None, 1e-17],
            "float64": pd.array([0.1 + 0.2, None, 1.5, 1e-17], dtype="Float64"),
        }
    )
    assert csv_text(frame) == "mixed,float64\nx,0.3\n0.3,\n,1.5\n0.0,0\n"
    assert frame["mixed"][1] == 0.1 + 0.2, "the table given was changed"
    assert rounded_value([0.1 + 0.2, 1.5]) == [0.3, 1.5]
    assert rounded_value(0.1 + 0.2) == 0.3
    for other in (3, "three", [1, 2], True, None):
        assert rounded_value(other) is other


def test_two_processors_write_the_same_table(tmp_path) -> None:
    """Noise relative to each number, and to the column for numbers that are differences."""
    rng = np.random.default_rng(7)
    values = rng.normal(size=DRAWS) * 10.0 ** rng.uniform(-3, 0, size=DRAWS)
    values[:1000] = 0.0
    other = values * (1 + NOISE * rng.uniform(-1, 1, DRAWS)) + 1e-16 * rng.normal(size=DRAWS)
    first, second = saved(values, ESTIMATED), saved(other, ESTIMATED)
    assert first[:1000] == second[:1000] == ["0"] * 1000
    different = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    # A grid point's cell is crossed with probability noise over width: 1e-13 to 1e-7 of each number.
    assert len(different) <= 3
    for a, b in different:  # and then the comparison of products calls them equal
        assert math.isclose(float(a), float(b), rel_tol=1e-6)
    full = (values != other).mean()
    assert full > 0.9, "the perturbation is no test"


def test_a_share_of_numbers_near_the_middle_of_two_grid_points_is_what_noise_makes_it() -> None:
    rng = np.random.default_rng(8)
    values = rng.uniform(0.1, 1, DRAWS)
    for noise in (1e-9, 1e-10):
        other = values + noise * rng.choice([-1, 1], DRAWS)
        share = np.mean([a != b for a, b in zip(saved(values, 7), saved(other, 7), strict=True)])
        assert share == pytest.approx(noise / 1e-7, abs=4 * math.sqrt(noise / 1e-7 / DRAWS))


def test_rounding_twice_changes_nothing() -> None:
    values = np.random.default_rng(2).lognormal(0, 4, size=5_000)
    once = rounded(values, ESTIMATED)
    assert rounded(once, ESTIMATED) == once
    frame = pd.DataFrame({"v": values})
    assert rounded_table(rounded_table(frame)).equals(rounded_table(frame))


def test_parquet_and_csv_hold_the_same_numbers(tmp_path) -> None:
    frame = pd.DataFrame({"k": range(50), "v": np.random.default_rng(3).normal(size=50)})
    save_table(frame, ["k"], tmp_path / "t.csv")
    rounded_table(frame).to_parquet(tmp_path / "t.parquet")
    read = pd.read_csv(tmp_path / "t.csv")
    assert read.equals(pd.read_parquet(tmp_path / "t.parquet"))


def test_a_table_is_saved_with_the_digits_asked_for(tmp_path) -> None:
    frame = pd.DataFrame({"k": [1, 2], "v": [1 / 3, -1e-18]})
    save_table(frame, ["k"], tmp_path / "t.csv", ESTIMATED)
    assert (tmp_path / "t.csv").read_text() == "k,v\n1,0.3333333\n2,0\n"
    save_table(frame, ["k"], tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "k,v\n1,0.3333333333\n2,0\n"


def test_people_and_rates_in_one_column_have_scales_of_their_own() -> None:
    frame = pd.DataFrame(
        {"unit": ["persons", "rate", "rate", None], "v": [180_000_000.5, 17.376725331, 1e-17, 0.1]}
    )
    # With people's scale the rate would keep five decimals.
    assert csv_text(frame) == "unit,v\npersons,180000000.5\nrate,17.37672533\nrate,0\n,0.1\n"
    assert csv_text(frame.drop(columns="unit")) == "v\n180000000.5\n17.37673\n0\n0.1\n"
