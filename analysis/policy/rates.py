"""Which rate per order is in force: by date, province, industry, platform group and support ratio.

A rate is returned only where the record holds one. Otherwise `UnknownRuleError` says what is missing and what
is known, with dates and sources. Every weakness of an answer is a mark on it: a national base used because
the province's own text was not seen, a cut-off that rests on the source article alone, a draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.policy.rulebook import FIRST_WAVE, RateRow, Rulebook

if TYPE_CHECKING:
    from datetime import date

INDUSTRIES = ("ride_hailing", "instant_delivery", "same_city_freight", "food_delivery")
TIERED = "instant_delivery"  # the one industry with two bases
GROUPS = ("new", "first_pilot")
TIERS = ("lower", "higher")

# Why an answer is weaker than "printed in the province's own text"; shown with every result.
MARKS = {
    "national_base": "the province's own rate was not seen; the national base is used",
    "refers_to_national": "the province's text refers to the national bases or gives a range only",
    "cut_off": "the cut-off of 200 % rests on the source article's row for Shanghai alone",
    "tier_not_defined": "the text seen does not say which platforms pay which of the two bases",
    "second_hand": "a figure or start day of this answer is known second-hand only",
    "draft": "a draft for comment, not in force",
    "beyond_record": "later than the newest source: no change is on record, but none could be",
}


@dataclass(frozen=True)
class Query:
    """What is asked; ``tier`` and ``support_ratio`` exclude each other, ``float_steps`` moves a draft."""

    day: date
    province_code: str
    industry: str
    group: str | None = None
    tier: str | None = None
    support_ratio: Fraction | None = None
    draft: bool = False
    float_steps: int = 0


@dataclass(frozen=True)
class Rate:
    """A rate in force, in li per order, with its evidence. ``marks`` are keys of `MARKS`."""

    li: int
    tier: str
    row: RateRow
    source_ids: tuple[str, ...]
    grade: str
    marks: tuple[str, ...]


class UnknownRuleError(InputError):
    """No rule is on record. ``code`` and ``day`` tell programs why; the message tells people."""

    def __init__(self, problem: str, code: str, day: date | None, expected: str) -> None:
        super().__init__(problem, expected=expected)
        self.code, self.day = code, day


def find_rate(book: Rulebook, query: Query) -> Rate:
    """The rate in force.

    Raises
    ------
    InputError
        An unknown industry or group, a tier where the industry has one rate, both tier and ratio.
    UnknownRuleError
        The question is well put but the record has no answer.
    """
    _check(query)
    start = book.starts[query.province_code]
    if query.day < start.day:
        name = book.names[query.province_code][0]
        problem = f"the pilot begins in {name} on {start.day}, after {query.day}"
        raise UnknownRuleError(problem, "before_start", start.day, f"a date from {start.day} on")
    if query.group == "first_pilot" and query.province_code != NATION and start.wave != FIRST_WAVE:
        raise UnknownRuleError(
            f"no platform was insured in {book.names[query.province_code][0]} before {start.day}, so none "
            "has a support ratio from 2022-07 to 2024-12 there",
            "no_first_pilot",
            start.day,
            "platform group `new`, or province `00` for the national bases",
        )
    tier, marks = _tier(book, query)
    row, more = _row(book, query, tier)
    used = [(row.source_id, row.grade), (start.source_id, start.grade)]
    marks += more
    if "D" in (row.grade, start.grade):
        marks.append("second_hand")
    if "cut_off" in marks:
        cut = cut_off_row(book)
        used.append((cut.source_id, cut.grade))
    if query.day > book.read_until:
        marks.append("beyond_record")
    assert row.li is not None, "rows without a rate are never chosen"
    return Rate(
        li=_floated(row, query.float_steps),
        tier=tier,
        row=row,
        source_ids=tuple(dict.fromkeys(source for source, _ in used)),
        grade=max(grade for _, grade in used),
        marks=tuple(dict.fromkeys(marks)),
    )


def cut_off_row(book: Rulebook) -> RateRow:
    """The row that holds the only cut-off on record between the two delivery bases."""
    return next(row for row in book.rows if row.cut_off is not None)


def _check(query: Query) -> None:
    if query.industry not in INDUSTRIES:
        raise InputError("unknown industry", value=query.industry, expected=", ".join(INDUSTRIES))
    if query.industry != TIERED:
        if query.tier is not None or query.support_ratio is not None:
            raise InputError(
                f"{query.industry} has one rate: tier and support ratio play no part in its known rule",
                expected=f"neither, or industry {TIERED}",
            )
        return
    if query.group not in GROUPS:
        raise InputError(
            f"{TIERED} has two rates, by platform group", value=query.group, expected=" or ".join(GROUPS)
        )
    if query.tier is not None and query.support_ratio is not None:
        raise InputError("tier and support ratio exclude each other", expected="one of them")
    if query.tier is not None and query.tier not in TIERS:
        raise InputError("unknown tier", value=query.tier, expected=" or ".join(TIERS))
    if query.support_ratio is not None and query.support_ratio < 0:
        raise InputError(
            "support ratio is negative", value=float(query.support_ratio), expected="2 for 200 %"
        )


def _tier(book: Rulebook, query: Query) -> tuple[str, list[str]]:
    if query.industry != TIERED:
        return "base", []
    if query.group == "new":
        if query.tier == "higher" or query.support_ratio is not None:
            raise InputError(
                "new platforms pay the lower base in every text seen; no tier or ratio applies to them",
                expected="platform group `first_pilot`, or neither tier nor support ratio",
            )
        return "lower", []
    if query.support_ratio is not None:
        cut = cut_off_row(book).cut_off
        assert cut is not None
        return ("higher" if query.support_ratio >= Fraction(cut) else "lower"), ["cut_off"]
    if query.tier is None:
        cut_off = cut_off_row(book)
        raise InputError(
            "first-pilot platforms pay one of two bases",
            expected=f"a tier ({' or '.join(TIERS)}) or a support ratio; the only cut-off on record is "
            f"{cut_off.cut_off} ({cut_off.source_id}, grade {cut_off.grade})",
        )
    return query.tier, []


def _row(book: Rulebook, query: Query, tier: str) -> tuple[RateRow, list[str]]:
    """The row that holds the rate: the province's own, else the national base, with marks."""
    wanted = "draft" if query.draft else "in_force"
    matching = [
        row
        for row in book.rows
        if row.li is not None
        and row.industry == query.industry
        and row.tier == tier
        # a row for the query's own group comes before one for all
        and row.group in ("all", query.group or "first_pilot")
    ]
    matching.sort(key=lambda row: row.group == "all")
    own = [row for row in matching if row.province_code == query.province_code and row.status == wanted]
    if query.draft and not own:
        known = sorted({row.province_code for row in book.rows if row.status == "draft"})
        raise UnknownRuleError("no draft rate is on record", "no_draft", None, f"provinces {known}")
    national = [row for row in matching if row.province_code == NATION and row.status == "in_force"]
    hints = [
        row
        for row in book.rows
        if row.province_code == query.province_code and row.li is None and _holds(row, query.day)
    ]
    pool, marks = (own, []) if own else (national, _borrowed(query, hints))
    if query.draft:
        marks.append("draft")
    in_force = [row for row in pool if _holds(row, query.day)]
    if not in_force:
        _refuse(book, query, matching)
    row = in_force[0]
    limits = [day for day in [row.floats_from, *(hint.floats_from for hint in hints)] if day is not None]
    if limits and query.day >= min(limits):
        since = min(limits)
        raise UnknownRuleError(
            f"rates in {book.names[query.province_code][0]} are adjusted from {since} on; the adjusted "
            f"rates are not on record (the base was {Decimal(row.li or 0) / 1000} yuan, {row.source_id})",
            "adjusted",
            since,
            f"a date before {since}",
        )
    if query.industry == TIERED and row.group == "all":
        marks.append("tier_not_defined")
    if query.float_steps and row.float_step is None:
        raise InputError(
            "no rule for floating this rate in steps is on record",
            value=query.float_steps,
            expected="0, or the draft of a province that names its steps",
        )
    return row, marks


def _borrowed(query: Query, hints: list[RateRow]) -> list[str]:
    if query.province_code == NATION:
        return []
    return ["refers_to_national"] if hints else ["national_base"]


def _holds(row: RateRow, day: date) -> bool:
    return (row.first_day is None or row.first_day <= day) and (row.last_day is None or day <= row.last_day)


def _refuse(book: Rulebook, query: Query, matching: list[RateRow]) -> None:
    here = [row for row in matching if row.province_code in (query.province_code, NATION)]
    known = "; ".join(
        f"{Decimal(row.li or 0) / 1000} yuan from {row.first_day or 'the start of the pilot'}"
        f"{f' to {row.last_day}' if row.last_day else ''} ({row.source_id}, grade {row.grade})"
        for row in here
    )
    name = book.names[query.province_code][0]
    raise UnknownRuleError(
        f"no rate for {query.industry} in {name} on {query.day} is on record",
        "no_rate",
        None,
        f"known: {known or 'nothing for this industry and platform group'}",
    )


def _floated(row: RateRow, steps: int) -> int:
    assert row.li is not None
    if not steps:
        return row.li
    assert row.float_step is not None
    assert row.float_limit is not None
    change = row.float_step * steps
    if abs(change) > row.float_limit:
        raise InputError(
            "the float goes beyond its limit",
            value=steps,
            expected=f"at most {int(row.float_limit / row.float_step)} steps of {row.float_step} either way",
        )
    floated = row.li * (1 + change)
    assert floated == int(floated), "rates of 0.01 yuan in steps of 10 % are whole li"
    return int(floated)
