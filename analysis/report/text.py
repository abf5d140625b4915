"""How numbers read in English and in Chinese.

English groups thousands and counts in million and billion; Chinese counts in 万 and 亿. Both
languages print the same digits of precision, so that they say the same. The ends of an identified
interval are rounded outward: what is printed contains what was computed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

import pandas as pd

LANGUAGES = ("en", "zh")
MINUS = "\N{MINUS SIGN}"
QUARTERS = "一二三四"  # as official Chinese texts write them
NOISE = 1e-9  # relative; the solver's rounding, far below any printed digit
ROUNDING = {"nearest": ROUND_HALF_EVEN, "down": ROUND_FLOOR, "up": ROUND_CEILING}

# Largest first: (value from which it is used, size, word).
SCALES = {
    "en": ((1_000_000_000, 1_000_000_000, " billion"), (1_000_000, 1_000_000, " million"), (0, 1, "")),
    "zh": ((100_000_000, 100_000_000, "亿"), (10_000, 10_000, "万"), (0, 1, "")),
}
QUALIFIERS = {
    "en": {"exact": "", "about": "about ", "more_than": "more than "},
    "zh": {"exact": "", "about": "约", "more_than": "超过"},
}
NEARLY = {"en": "nearly ", "zh": "近"}


@dataclass(frozen=True)
class Format:
    """How the numbers of one unit are printed.

    Parameters
    ----------
    decimals
        Digits after the point, in the scaled unit of each language.
    scale
        Size and word of the scaled unit for ``en`` and ``zh``.
    """

    decimals: dict[str, int]
    scale: dict[str, tuple[float, str]]


def plain(decimals: int) -> Format:
    """The unit itself, in both languages."""
    return Format(dict.fromkeys(LANGUAGES, decimals), dict.fromkeys(LANGUAGES, (1.0, "")))


# Ten thousand persons is the last digit in both languages: 12.35 million and 1235万.
PERSONS = Format({"en": 2, "zh": 0}, {"en": (1e6, " million"), "zh": (1e4, "万")})
FORMATS = {
    "persons": PERSONS,
    "per_1000_residents": plain(1),
    "per_100_urban_employees": plain(1),
    "percent": plain(1),
    "percentage points": plain(1),
    "share": plain(3),
    "count": plain(0),
}


def round_to(value: float, decimals: int, direction: str = "nearest") -> Decimal:
    """``value`` with ``decimals`` digits: to the ``nearest``, ``down`` or ``up``.

    A value within `NOISE` of a printable number is that number, whatever the direction.
    """
    exact = Decimal(repr(float(value)))
    step = Decimal(1).scaleb(-decimals)
    nearest = exact.quantize(step, ROUND_HALF_EVEN)
    if abs(nearest - exact) <= Decimal(NOISE) * max(Decimal(1), abs(exact)):
        return nearest
    return exact.quantize(step, ROUNDING[direction])


def write(number: Decimal, language: str) -> str:
    """Digits with a true minus sign; Chinese groups thousands only from ten thousand on."""
    grouped = language == "en" or abs(number) >= 10_000
    digits = f"{abs(number):,f}" if grouped else f"{abs(number):f}"
    return (MINUS if number < 0 else "") + digits


def value_text(value: float, form: Format, language: str, direction: str = "nearest") -> str:
    """One number in its scaled unit, such as ``12.35 million`` or ``1235万``."""
    size, word = form.scale[language]
    return write(round_to(value / size, form.decimals[language], direction), language) + word


def interval_text(lower: float, upper: float, form: Format, language: str) -> str:
    """An identified interval, rounded outward: ``24.1 to 47.3``, ``24.1至47.3``.

    Where both ends round to the same number that number stands alone; it then means every value
    that rounds to it. An open upper end (missing or infinite) reads ``at least 24.1``.
    """
    size, word = form.scale[language]
    decimals = form.decimals[language]
    if math.isnan(upper) or math.isinf(upper):
        low = write(round_to(lower / size, decimals, "down"), language)
        return f"at least {low}{word}" if language == "en" else f"至少{low}{word}"
    if prints_as_one(lower, upper, form, language):
        return value_text(lower, form, language)
    low = write(round_to(lower / size, decimals, "down"), language)
    high = write(round_to(upper / size, decimals, "up"), language)
    if language == "en":
        return f"{low} to {high}{word}"
    # 2789至5376万 would read as 2,789 to 53.76 million; zero is zero in any unit.
    return f"{low}{'' if low == '0' else word}至{high}{word}"


def prints_as_one(lower: float, upper: float, form: Format, language: str) -> bool:
    """Whether both ends of an interval round to the same printed number."""
    size, decimals = form.scale[language][0], form.decimals[language]
    return round_to(lower / size, decimals) == round_to(upper / size, decimals)


def end_text(lower: float, upper: float, side: str, form: Format, language: str) -> str:
    """One end of an interval as `interval_text` prints it; an open end is ``no upper limit``."""
    if side == "upper" and (math.isnan(upper) or math.isinf(upper)):
        return "no upper limit" if language == "en" else "无上限"
    end = lower if side == "lower" else upper
    if not (math.isnan(upper) or math.isinf(upper)) and prints_as_one(lower, upper, form, language):
        return value_text(lower, form, language)
    return value_text(end, form, language, "down" if side == "lower" else "up")


def range_text(low: float, high: float, decimals: int, language: str) -> str:
    """A confidence interval: both ends to the nearest, the same number of digits."""
    first, last = (write(round_to(end, decimals), language) for end in (low, high))
    return f"{first} to {last}" if language == "en" else f"{first}至{last}"


def percent_text(words: str) -> str:
    """Chinese words of a percentage, the sign at each end of a range: ``−3.9%至0.6%``, ``至少33.6%``.

    So a text never adds the sign, and no end stands without it. In a table whose header says % the
    numbers stand bare; English texts say the unit.

    Examples
    --------
    >>> percent_text("78.1至88.4")
    '78.1%至88.4%'
    """
    return re.sub(r"(?<=\d)(?=至|$)", "%", words)


def printed_text(value: float, printed_unit: float, qualifier: str, language: str, printed: str = "") -> str:
    """A published figure in words, with exactly the digits that were printed.

    Parameters
    ----------
    value
        In persons, cases, yuan or orders.
    printed_unit
        Size of the last printed significant digit, such as 10,000 for 157万.
    qualifier
        ``exact``, ``about`` or ``more_than``.
    printed
        The words as printed; with 近 the figure is not only rounded but said to lie below.
    """
    _, size, word = next(scale for scale in SCALES[language] if abs(value) >= scale[0])
    decimals = max(0, round(math.log10(size / printed_unit)))
    digits = write(round_to(value / size, decimals), language)
    words = NEARLY[language] if NEARLY["zh"] in printed else QUALIFIERS[language][qualifier]
    return words + digits + word


def p_text(value: float, language: str) -> str:
    """A p-value with three digits; below a thousandth only that."""
    if value < 0.001:
        return "below 0.001" if language == "en" else "小于 0.001"
    return write(round_to(value, 3), language)


def quarter_text(quarter: str, language: str) -> str:
    """``2025Q2`` as ``2025 Q2`` or ``2025年二季度``."""
    year, number = quarter.split("Q")
    return f"{year} Q{number}" if language == "en" else f"{year}年{QUARTERS[int(number) - 1]}季度"


def date_text(day: object, language: str) -> str:
    """A day as ``30 June 2025`` or ``2025年6月30日``."""
    stamp = pd.Timestamp(day)
    if language == "zh":
        return f"{stamp.year}年{stamp.month}月{stamp.day}日"
    return f"{stamp.day} {stamp.month_name()} {stamp.year}"
