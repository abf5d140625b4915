"""How numbers read: outward rounding, printed digits, both languages."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report.text import (
    FORMATS,
    PERSONS,
    end_text,
    interval_text,
    p_text,
    percent_text,
    plain,
    printed_text,
    quarter_text,
    range_text,
    value_text,
)

LANGUAGES = ("en", "zh")


def parse(text: str) -> list[float]:
    """Numbers in a text, with true minus signs and grouped thousands."""
    return [
        float(found.replace(",", "").replace("−", "-")) for found in re.findall(r"−?[\d,]+(?:\.\d+)?", text)
    ]


@pytest.mark.parametrize(
    ("lower", "upper", "english", "chinese"),
    [
        (24.18, 47.22, "24.1 to 47.3", "24.1至47.3"),  # down and up, never to the nearest
        (31.96, 32.04, "32.0", "32.0"),  # both round to 32.0
        (27.7, 28.0, "27.7 to 28.0", "27.7至28.0"),  # printable ends stay
        (24.18, math.nan, "at least 24.1", "至少24.1"),
        (24.18, math.inf, "at least 24.1", "至少24.1"),
        (0.0, 1033.51, "0.0 to 1,033.6", "0.0至1033.6"),
        (-1.24, 0.31, "−1.3 to 0.4", "−1.3至0.4"),
    ],
)
def test_an_interval_is_rounded_outward(lower, upper, english, chinese):
    assert interval_text(lower, upper, plain(1), "en") == english
    assert interval_text(lower, upper, plain(1), "zh") == chinese


def test_the_solver_s_rounding_does_not_move_a_printed_end():
    assert interval_text(24.1999999999, 47.3000000001, plain(1), "en") == "24.2 to 47.3"


@pytest.mark.parametrize(
    ("words", "signed"),
    [
        ("−3.9至0.6", "−3.9%至0.6%"),
        ("78", "78%"),
        ("至少33.6", "至少33.6%"),
        ("1033.5至2000.0", "1033.5%至2000.0%"),
    ],
)
def test_a_chinese_percentage_has_its_sign_at_each_end(words, signed):
    assert percent_text(words) == signed


def test_persons_print_the_same_digits_in_both_languages():
    assert interval_text(25_050_001, 25_149_999, PERSONS, "en") == "25.05 to 25.15 million"
    assert interval_text(25_050_001, 25_149_999, PERSONS, "zh") == "2505万至2515万"
    assert interval_text(27_890_000, 53_760_000, PERSONS, "zh") == "2789万至5376万"
    assert interval_text(0, 10_450_000, PERSONS, "zh") == "0至1045万"
    assert value_text(12_345_700, PERSONS, "en") == "12.35 million"
    assert value_text(12_345_700, PERSONS, "zh") == "1235万"


@given(
    st.floats(-1e4, 1e8, allow_nan=False),
    st.floats(0, 1e7, allow_nan=False),
    st.sampled_from(sorted(FORMATS)),
    st.sampled_from(LANGUAGES),
)
def test_the_printed_interval_contains_the_computed_one(lower, width, unit, language):
    upper, form = lower + width, FORMATS[unit]
    size, decimals = form.scale[language][0], form.decimals[language]
    ends = parse(interval_text(lower, upper, form, language))
    half = 0.5 * 10**-decimals if len(ends) == 1 else 0.0  # one number stands for what rounds to it
    slack = 1e-8 * max(1.0, abs(lower / size), abs(upper / size))
    assert ends[0] - half <= lower / size + slack
    assert ends[-1] + half >= upper / size - slack


@given(st.floats(-1e4, 1e4), st.floats(0, 1e4), st.sampled_from(LANGUAGES))
def test_the_ends_alone_read_as_in_the_interval(lower, width, language):
    whole = parse(interval_text(lower, lower + width, plain(1), language))
    ends = [end_text(lower, lower + width, side, plain(1), language) for side in ("lower", "upper")]
    assert [parse(end)[0] for end in ends] == [whole[0], whole[-1]]


def test_an_open_upper_end_says_so():
    assert end_text(3.0, math.nan, "upper", plain(1), "en") == "no upper limit"
    assert end_text(3.0, math.nan, "upper", plain(1), "zh") == "无上限"


@pytest.mark.parametrize(
    ("value", "printed_unit", "qualifier", "english", "chinese"),
    [
        (12_345_700, 100, "exact", "12.3457 million", "1234.57万"),
        (22_000_000, 1_000_000, "more_than", "more than 22 million", "超过2200万"),
        (1_570_000, 10_000, "about", "about 1.57 million", "约157万"),
        (738_300, 100, "exact", "738,300", "73.83万"),
        (9_493_000_000, 1_000_000, "exact", "9.493 billion", "94.93亿"),
        (300_000_000, 10_000_000, "about", "about 300 million", "约3.0亿"),
        (117, 1, "exact", "117", "117"),
        (7_700, 100, "more_than", "more than 7,700", "超过7700"),
    ],
)
def test_a_published_figure_keeps_its_printed_digits(value, printed_unit, qualifier, english, chinese):
    assert printed_text(value, printed_unit, qualifier, "en") == english
    assert printed_text(value, printed_unit, qualifier, "zh") == chinese


def test_a_figure_printed_as_nearly_says_so():
    assert printed_text(3000, 1000, "about", "en", "近3000件") == "nearly 3,000"
    assert printed_text(3000, 1000, "about", "zh", "近3000件") == "近3000"


@given(
    st.integers(1, 99_999), st.sampled_from([1, 100, 1_000, 10_000, 1_000_000]), st.sampled_from(LANGUAGES)
)
def test_a_published_figure_is_never_rounded(digits, printed_unit, language):
    value = digits * printed_unit
    text = printed_text(value, printed_unit, "exact", language)
    words = {"million": 1e6, "billion": 1e9, "万": 1e4, "亿": 1e8}
    size = next((size for word, size in words.items() if word in text), 1.0)
    assert round(parse(text)[0] * size) == value


def test_a_confidence_interval_has_the_same_digits_at_both_ends():
    assert range_text(-0.5, 0.46, 2, "en") == "−0.50 to 0.46"
    assert range_text(-2.9, 0.04, 1, "zh") == "−2.9至0.0"
    assert range_text(-0.5, 0.46, 2, "zh") == "−0.50至0.46"


def test_a_tiny_p_value_is_not_printed_as_zero():
    assert p_text(0.0004, "en") == "below 0.001"
    assert p_text(0.0541, "zh") == "0.054"


def test_quarters_read_in_both_languages():
    assert (quarter_text("2025Q2", "en"), quarter_text("2025Q2", "zh")) == ("2025 Q2", "2025年二季度")
