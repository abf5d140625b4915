"""The record of rules as small typed rows: rates, pilot starts and names, from the raw data package."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.policy.money import LI_PER_YUAN

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

FIRST_WAVE = 1


@dataclass(frozen=True)
class RateRow:
    """One row of ``contribution_rates.csv``; ``li`` is missing where the text names no single rate."""

    rate_id: str
    industry: str
    group: str
    tier: str
    cut_off: Decimal | None
    province_code: str
    first_day: date | None
    last_day: date | None
    floats_from: date | None
    float_step: Decimal | None
    float_limit: Decimal | None
    li: int | None
    status: str
    source_id: str
    grade: str


@dataclass(frozen=True)
class Start:
    """First day of the pilot in a province."""

    day: date
    wave: int
    source_id: str
    grade: str


@dataclass(frozen=True)
class Rulebook:
    """Everything a rate depends on.

    ``names`` maps code to (English, Chinese); ``read_until`` is the last day on which the sources were read.
    """

    rows: tuple[RateRow, ...]
    starts: dict[str, Start]
    names: dict[str, tuple[str, str]]
    aliases: dict[str, str]
    sources: dict[str, tuple[str, str]]
    read_until: date

    def province(self, name: str) -> str:
        """Code of a province given by code, name or abbreviation; `InputError` lists what is known."""
        code = self.aliases.get(name.strip().lower())
        if code is None:
            known = ", ".join(f"{code} {english}" for code, (english, _) in sorted(self.names.items()))
            raise InputError("unknown province", value=name, expected=f"a code or name: {known}")
        return code


def load_rulebook(raw: Path) -> Rulebook:
    """Read the rulebook from the raw package; `InputError` when the package is at fault."""
    from analysis import inputs
    from analysis.inputs.descriptor import record_searched

    tables = (inputs.load_rates(raw), inputs.load_rollout(raw), inputs.load_provinces(raw))
    return make_rulebook(*tables, inputs.load_sources(raw), record_searched(raw).date())


def make_rulebook(
    rates: pd.DataFrame,
    rollout: pd.DataFrame,
    provinces: pd.DataFrame,
    sources: pd.DataFrame,
    read_until: date,
) -> Rulebook:
    """Turn the four raw tables into a `Rulebook`."""
    starts = {}
    for row in rollout[rollout["event"] == "starts"].to_dict("records"):
        day = _day(row["date"])
        assert day is not None, "the rollout schema requires a date"
        starts[row["province_code"]] = Start(day, int(row["wave"]), row["source_id"], row["grade"])
    first = min(starts.values(), key=lambda start: (start.day, start.grade))
    starts[NATION] = first
    names = {NATION: ("Nation", "全国")}
    aliases = dict.fromkeys((NATION, "nation", "national", "china", "全国"), NATION)
    for row in provinces.to_dict("records"):
        code = row["code"]
        names[code] = (row["name_en"], row["name_zh"])
        words = [code, row["name_en"], row["name_zh"], row["short_zh"], row["abbreviation"]]
        for word in words + str(row["aliases"]).split(";"):
            aliases.setdefault(str(word).strip().lower(), code)
    return Rulebook(
        rows=tuple(_rate_row(row) for row in rates.to_dict("records")),
        starts=starts,
        names=names,
        aliases=aliases,
        sources={row["source_id"]: (row["title"], row["url"]) for row in sources.to_dict("records")},
        read_until=read_until,
    )


def _rate_row(row: dict[str, object]) -> RateRow:
    rate = _decimal(row["yuan_per_order"])
    li = None if rate is None else rate * LI_PER_YUAN
    if li is not None and (li != int(li) or li < 0):
        raise InputError(
            f"rate {row['rate_id']} is negative or finer than 0.001 yuan", file="contribution_rates.csv",
            column="yuan_per_order", value=str(row["yuan_per_order"]), expected="yuan an order, such as 0.07",
        )  # fmt: skip
    return RateRow(
        rate_id=str(row["rate_id"]),
        industry=str(row["industry"]),
        group=str(row["platform_group"]),
        tier=str(row["tier"]),
        cut_off=_decimal(row["support_ratio_min"]),
        province_code=str(row["province_code"]),
        first_day=_day(row["effective_from"]),
        last_day=_day(row["effective_to"], last=True),
        floats_from=_day(row["floats_from"]),
        float_step=_decimal(row["float_step"]),
        float_limit=_decimal(row["float_limit"]),
        li=None if li is None else int(li),
        status=str(row["status"]),
        source_id=str(row["source_id"]),
        grade=str(row["grade"]),
    )


def _decimal(value: object) -> Decimal | None:
    return None if pd.isna(value) or str(value) == "" else Decimal(str(value))


def _day(value: object, *, last: bool = False) -> date | None:
    """First (or last) day of a printed date: a day, a month or a year."""
    if pd.isna(value) or str(value) == "":
        return None
    text = str(value)[:10]
    frequency = {4: "Y", 7: "M", 10: "D"}[len(text)]
    period = pd.Period(text, freq=frequency)
    found: date | None = (period.end_time if last else period.start_time).date()
    return found
