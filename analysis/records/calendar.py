"""Quarters of the scheme's own calendar as instants, and the rollout that opens them.

Engines disagree about time zones, so none is asked: a quarter is the interval between two
instants that Python's zone data give, and both engines only compare integers.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.base.reading import read_records

if TYPE_CHECKING:
    from pathlib import Path

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_QUARTERS = 60  # a bit each in a 64-bit integer
YEARS = (1949, 2100)  # a start outside is a slip of the pen


def quarter_index(day: dt.date) -> int:
    """Quarters since year 0; consecutive quarters are consecutive integers."""
    return day.year * 4 + (day.month - 1) // 3


def quarter_label(index: int) -> str:
    """``2022Q3`` for its index."""
    return f"{index // 4}Q{index % 4 + 1}"


def first_day(index: int) -> dt.date:
    """First calendar day of a quarter."""
    return dt.date(index // 4, index % 4 * 3 + 1, 1)


def instant(day: dt.date, zone: ZoneInfo) -> int:
    """Microseconds since 1970 UTC at which ``day`` begins in ``zone``."""
    local = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    return round(local.timestamp()) * 1_000_000


def read_zone(name: str) -> ZoneInfo:
    """A zone by its name in the zone database."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            "the time zone is not known", value=name, expected="a name such as Asia/Shanghai"
        ) from None


@dataclass(frozen=True)
class Rollout:
    """First day under the scheme by province, codes in order."""

    starts: dict[str, dt.date]

    @property
    def end(self) -> dt.date:
        """The first day that lies too far ahead for a panel."""
        return first_day(self.first_quarter + MOST_QUARTERS)

    @property
    def first_quarter(self) -> int:
        """The quarter in which the first province starts."""
        return quarter_index(min(self.starts.values()))

    def quarter(self, province: str) -> int:
        """The quarter in which ``province`` starts."""
        return quarter_index(self.starts[province])


def read_rollout(path: Path) -> Rollout:
    """Read starts from a rollout file in the shape of ``data/raw/rollout.csv``.

    Only ``province_code``, ``event`` and ``date`` are needed; rows of other events are passed over.

    Raises
    ------
    InputError
        The file or a column is missing, a date is not a day, a province starts twice, or no row
        says ``starts``.
    """
    columns = ("province_code", "event", "date")
    rows = read_records(path, "the rollout file", columns=columns)
    starts: dict[str, dt.date] = {}
    for line, row in enumerate(rows, start=2):
        code, event, date = (row[name] for name in columns)
        if event.strip() != "starts":
            continue
        code = code.strip()
        if not code or code == NATION:
            raise InputError(
                "a province code is empty or the nation's",
                file=path,
                row=line,
                column="province_code",
                value=code,
            )
        if code in starts:
            raise InputError(
                "a province starts twice", file=path, row=line, column="province_code", value=code
            )
        try:
            starts[code] = dt.date.fromisoformat(date.strip())
            if not (DAY.fullmatch(date.strip()) and YEARS[0] <= starts[code].year <= YEARS[1]):
                raise ValueError(date)
        except ValueError:
            raise InputError(
                "a start is not a day", file=path, row=line, column="date", value=date, expected="YYYY-MM-DD"
            ) from None
    if not starts:
        raise InputError("no row of the rollout has the event 'starts'", file=path, column="event")
    return Rollout(dict(sorted(starts.items())))
