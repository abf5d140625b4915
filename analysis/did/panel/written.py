"""How people write periods: years, quarters, months and days, as text, numbers, dates or pandas Periods.

A column is read at the frequency it has: dates that all fall on one day of the year are years, on the
first or last day of quarters or months are quarters or months, and days otherwise. Chinese ones, such as
2001年, 2001年3月 and 2001年第一季度, are read as what they say; wave 3 and 第3期 are the number 3. Digits
such as 20153, 200112 or 20011231 are quarters, months or days only where every one of them can be, and that
is said.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from .arrays import plain_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

YEAR, QUARTER, MONTH, DAY = "year", "quarter", "month", "day"
COARSE = (DAY, MONTH, QUARTER, YEAR)  # each can be read as any of the later ones
SPLIT = r"[\s./_-]*"
QUARTERS = (
    re.compile(rf"(?P<year>\d{{4}}){SPLIT}q{SPLIT}(?P<part>[1-4])", re.IGNORECASE),
    re.compile(rf"q{SPLIT}(?P<part>[1-4]){SPLIT}(?P<year>\d{{4}})", re.IGNORECASE),
)
MONTHS = re.compile(
    rf"(?P<year>\d{{4}})(?:{SPLIT}m{SPLIT}|[-/])(?P<part>0?[1-9]|1[0-2])(?!\d)", re.IGNORECASE
)
DAYS = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
CHINESE = re.compile(
    r"(?P<year>\d{4})\s*年度?(?:\s*(?:第?\s*(?P<quarter>[一二三四1-4])\s*季度?"
    r"|(?P<month>\d{1,2})\s*月份?(?:\s*(?P<day>\d{1,2})\s*[日号])?))?"
)
WAVES = re.compile(r"第\s*(\d+|[一二三四五六七八九十])\s*[期波轮]|(?:wave|round)\s*(\d+)", re.IGNORECASE)
WHOLE = re.compile(r"[+-]?\d+(\.0*)?")
DIGITS = "0123456789"
FORMS = (
    "whole numbers, YYYY, YYYYQn, YYYY-MM, YYYY-MM-DD, six digits YYYYMM, 2001年, 2001年3月, 2001年第一季度, "
    "wave 3 or 第3期"
)
REWRITE = "write all periods in one of these ways"
LARGEST = 2.0**53  # beyond, a float no longer tells neighbours apart
YEARS = (1500, 2500)


@dataclass(frozen=True)
class Written:
    """Distinct periods as whole numbers.

    Parameters
    ----------
    numbers
        (K,) years, or quarters, months or days counted from one origin.
    kind
        `YEAR` (any whole number), `QUARTER`, `MONTH` or `DAY`.
    digits
        They were digits such as 20153, 200112 or 20011231.
    """

    numbers: NDArray[np.int64]
    kind: str
    digits: bool = False


def label(number: int, kind: str) -> int | str:
    """Return a period in one way of writing: 2001, 2001Q1, 2001-01 or 2001-01-01."""
    if kind == YEAR:
        return int(number)
    if kind == DAY:
        return datetime.date.fromordinal(int(number)).isoformat()
    parts = 4 if kind == QUARTER else 12
    year, part = divmod(int(number), parts)
    return f"{year}Q{part + 1}" if kind == QUARTER else f"{year}-{part + 1:02d}"


def labelled(numbers: NDArray[np.int64], kind: str) -> tuple[int | str, ...]:
    """Several periods, each as of `label`."""
    return tuple(numbers.tolist() if kind == YEAR else [label(number, kind) for number in numbers.tolist()])


def coarsened(number: int, kind: str, wanted: str) -> int:
    """Number of the year, quarter or month that contains a finer period."""
    if kind == DAY and wanted != DAY:
        date = datetime.date.fromordinal(number)
        number, kind = 12 * date.year + date.month - 1, MONTH
    if kind == MONTH and wanted != MONTH:
        number, kind = (number // 3, QUARTER) if wanted == QUARTER else (number // 12, YEAR)
    return number // 4 if kind == QUARTER and wanted == YEAR else number


def read_written(distinct: pd.Index | NDArray[Any], column: str, digits: str = "") -> Written:
    """Read distinct periods, all written in one way.

    Parameters
    ----------
    digits
        What digits mean, where that is known already: `QUARTER`, `MONTH` or `DAY`.

    Raises
    ------
    InputError
        One of them cannot be read.
    """
    if plain_numbers(distinct) or (
        pd.api.types.is_numeric_dtype(distinct) and not pd.api.types.is_bool_dtype(distinct)
    ):
        return _digits(_whole(distinct, column), digits)
    values = list(distinct)
    if values and all(isinstance(value, pd.Period) for value in values):
        return _periods(values, column)
    dates = [_date(value, column) for value in values if isinstance(value, datetime.date | np.datetime64)]
    if values and len(dates) == len(values):
        return Written(np.array(dates, dtype=np.int64), DAY)
    texts = [_plain(str(value).strip()) for value in values]
    wide = [text for text in texts if any(letter.isdigit() and letter not in DIGITS for letter in text)]
    if wide:
        raise InputError(
            "a period is not written in the digits 0 to 9", column=column, value=wide[0], expected=FORMS,
            action=REWRITE,
        )  # fmt: skip
    for forms, parts, kind in ((QUARTERS, 4, QUARTER), ((MONTHS,), 12, MONTH)):
        found = [next((m for form in forms if (m := form.fullmatch(text))), None) for text in texts]
        if all(found):
            numbers = [parts * int(m["year"]) + int(m["part"]) - 1 for m in found if m]
            return Written(np.array(numbers, dtype=np.int64), kind)
    if all(DAYS.fullmatch(text) for text in texts):
        return Written(np.array([_date(text, column) for text in texts], dtype=np.int64), DAY)
    known = [*QUARTERS, MONTHS, DAYS, WHOLE]
    shapes = [next((k for k, form in enumerate(known) if form.fullmatch(text)), -1) for text in texts]
    given = [str(value).strip() for value in values]
    unread = [text for text, shape in zip(given, shapes, strict=True) if shape < 0]
    odd = [text for text, shape in zip(given, shapes, strict=True) if shape != len(known) - 1]
    if unread or odd:
        raise InputError(
            "a period cannot be read" if unread else "a period is written unlike the others",
            column=column,
            value=(unread or odd)[0],
            expected=FORMS,
            action=REWRITE,
        )
    return _digits(_whole(pd.Index([float(text) for text in texts]), column), digits)


def _plain(text: str) -> str:
    """A Chinese period or a wave as it is read: 2001, 2001Q1, 2001-03, 2001-03-15 or 3."""
    narrow = unicodedata.normalize("NFKC", text)
    if wave := WAVES.fullmatch(narrow):
        number = wave[1] or wave[2]
        return str("一二三四五六七八九十".find(number) + 1 or int(number))
    match = CHINESE.fullmatch(narrow)
    if match is None:
        return text
    year, quarter, month, day = match["year"], match["quarter"], match["month"], match["day"]
    if quarter:
        return f"{year}Q{'一二三四'.find(quarter) + 1 or int(quarter)}"
    return "-".join([year, *(f"{int(part):02d}" for part in (month, day) if part)])


def at_own_frequency(written: Written) -> Written:
    """Dates as years, quarters or months where they can be no other."""
    if written.kind != DAY:
        return written
    dates = [datetime.date.fromordinal(number) for number in written.numbers.tolist()]
    ends = all((date + datetime.timedelta(1)).day == 1 for date in dates)
    if len({date.day for date in dates}) > 1 and not ends:
        return written
    months = {date.month for date in dates}
    if len(months) == 1:
        kind = YEAR
    elif (months <= {1, 4, 7, 10} and not ends) or (months <= {3, 6, 9, 12} and ends):
        kind = QUARTER
    else:
        kind = MONTH
    numbers = [coarsened(number, DAY, kind) for number in written.numbers.tolist()]
    return Written(np.array(numbers, dtype=np.int64), kind, written.digits)


def _periods(values: list[Any], column: str) -> Written:
    frequency = values[0].freqstr.split("-")[0]
    if len({value.freqstr for value in values}) > 1:
        raise InputError("periods have several frequencies", column=column, action="give all of them one")
    parts = {"Q": (QUARTER, 4, "quarter"), "M": (MONTH, 12, "month"), "ME": (MONTH, 12, "month")}
    if frequency in parts:
        kind, count, name = parts[frequency]
        numbers = [count * value.year + getattr(value, name) - 1 for value in values]
    elif frequency in ("Y", "YE", "A"):
        kind, numbers = YEAR, [value.year for value in values]
    else:
        kind, numbers = DAY, [value.start_time.toordinal() for value in values]
    return Written(np.array(numbers, dtype=np.int64), kind)


def _date(value: Any, column: str) -> int:
    try:
        stamp = pd.Timestamp(value)
        if not pd.isna(stamp) and stamp == stamp.normalize():
            found: int = stamp.toordinal()
            return found
    except ValueError:
        pass
    raise InputError(
        "a period is a time of day, or no date of the calendar",
        column=column,
        value=str(value),
        expected="dates such as 2001-12-31, without a time of day",
        action="give the day, month, quarter or year of each row",
    )


def _whole(distinct: pd.Index | NDArray[Any], column: str) -> NDArray[np.int64]:
    values = np.asarray(distinct, dtype=float)
    wrong = ~(np.abs(values) < LARGEST) | (values != np.floor(values))
    if wrong.any():
        bad = distinct[int(np.flatnonzero(wrong)[0])]
        raise InputError(
            "a period is not a whole number" if abs(bad) < LARGEST else "a period is too large a number",
            column=column,
            value=bad.item() if hasattr(bad, "item") else bad,
            expected=FORMS,
            action=REWRITE,
        )
    found: NDArray[np.int64] = values.astype(np.int64)
    return found


def _digits(numbers: NDArray[np.int64], known: str) -> Written:
    """Whole numbers, or the quarters, months or days that all of them can be."""
    if not len(numbers):
        return Written(numbers, YEAR)
    least, largest = int(numbers.min()), int(numbers.max())
    for kind, size in {QUARTER: 10, MONTH: 100, DAY: 10_000}.items():
        plausible = least // size >= YEARS[0] and largest // size < YEARS[1]
        if not plausible or (known and kind != known):
            continue
        year = numbers // size
        if kind == QUARTER:
            part, most = numbers % 10, 4
            # 20151 to 20154 alone could be plain numbers; only a change of year shows quarters.
            sure = known or (len(numbers) > 1 and len(np.unique(np.diff(np.unique(numbers)))) > 1)
        else:
            part, most, sure = numbers % 100, 12, True
        if kind == DAY:
            dates = [_day(number) for number in numbers.tolist()]
            if None not in dates:
                return Written(np.array(dates, dtype=np.int64), DAY, digits=True)
        elif sure and bool(((part >= 1) & (part <= most)).all()):
            return Written(most * year + part - 1, kind, digits=True)
    return Written(numbers, YEAR)


def _day(number: int) -> int | None:
    try:
        return datetime.date(number // 10_000, number // 100 % 100, number % 100).toordinal()
    except ValueError:
        return None
