"""The rules as the calculators in the page read them: every rate, resolved beforehand, by date.

The page does not repeat the search of `rates`. For each province, industry and case the search is asked on
every day on which its answer can change; the page looks up the last such day. So page and package cannot
disagree on a rate, and no digit is typed twice.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from analysis import inputs
from analysis.policy.examples import (
    EXAMPLE_DAYS,
    EXAMPLE_ORDERS,
    EXAMPLE_PLATFORM_DAYS,
    EXAMPLE_PLATFORM_ORDERS,
    EXAMPLE_SCHEME,
)
from analysis.policy.programmes import CITIES_EN, published_cases
from analysis.policy.rates import INDUSTRIES, TIERED, Query, UnknownRuleError, cut_off_row, find_rate
from analysis.policy.rulebook import Rulebook, load_rulebook
from analysis.policy.subsidy import MEITUAN
from analysis.policy.words import INDUSTRY_WORDS, MARK_WORDS, REASONS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

CASES = {"new": ("new", None), "lower": ("first_pilot", "lower"), "higher": ("first_pilot", "higher")}
DRAFT = "draft"


def page_rules(raw: Path) -> dict[str, Any]:
    """Everything the calculators need, as plain data."""
    book = load_rulebook(raw)
    answers: list[dict[str, Any]] = []
    rates = {key: _intervals(book, query, answers) for key, query in queries(book).items()}
    cut = cut_off_row(book)
    assert cut.cut_off is not None
    used = {source for answer in answers for source in answer.get("sources", ())}
    cases = published_cases(inputs.load_platforms(raw))
    announced = _programme_source(raw)
    used |= set(cases["source_id"]) | {cut.source_id, announced}
    titles = inputs.load_sources(raw).set_index("source_id")
    wording = inputs.load_wording(raw)
    return {
        "provinces": [[code, *book.names[code]] for code in sorted(book.names)],
        "drafts": sorted({row.province_code for row in book.rows if row.status == DRAFT}),
        "industries": INDUSTRY_WORDS,
        "rates": rates,
        "answers": answers,
        "marks": MARK_WORDS,
        "reasons": REASONS,
        "cut_off": {"ratio": str(cut.cut_off), "source": cut.source_id, "grade": cut.grade},
        "sources": {name: _titles(titles.loc[name], wording) for name in sorted(used)},
        "subsidy": {
            "contribution_rate": MEITUAN.contribution_rate,
            "subsidy_share": MEITUAN.subsidy_share,
            "months_needed": MEITUAN.months_needed,
            "months_window": MEITUAN.months_window,
            "source": announced,
        },
        "floors": [_floor(row) for row in cases[cases["floor_fen"].notna()].to_dict("records")],
        "example": {
            "orders": EXAMPLE_ORDERS,
            "days": EXAMPLE_DAYS,
            "platform_orders": EXAMPLE_PLATFORM_ORDERS,
            "platform_days": EXAMPLE_PLATFORM_DAYS,
            "total": EXAMPLE_SCHEME.total,
            "platform": EXAMPLE_SCHEME.platform,
            "tiers": [[t.from_fen, t.individual, t.government] for t in EXAMPLE_SCHEME.tiers],
            "minimum_wage_fen": EXAMPLE_SCHEME.minimum_wage_fen,
            "subsidy": EXAMPLE_SCHEME.subsidy,
        },
        "read_until": book.read_until.isoformat(),
    }


def _titles(source: pd.Series, wording: dict[str, tuple[str, str]]) -> list[str]:
    """English and Chinese title of a source, and its address."""
    return [*wording.get(source["title"], (source["title"], source["title"])), source["url"]]


def script(raw: Path) -> str:
    """The rules as a script, because a page opened from a file cannot fetch JSON."""
    text = json.dumps(page_rules(raw), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    head = "// Written by `python -m analysis policy build` from data/raw; do not edit.\n"
    return f"{head}window.POLICY_RULES = {text};\n"


def queries(book: Rulebook) -> dict[str, Query]:
    """One query for each key ``province|industry|case``; its day is filled in later."""
    queries = {}
    for code in sorted(book.names):
        for draft in (False, True):
            if draft and not any(r.province_code == code and r.status == DRAFT for r in book.rows):
                continue
            for industry in INDUSTRIES:
                for case, (group, tier) in (CASES if industry == TIERED else {"base": (None, None)}).items():
                    key = "|".join((f"{code}{'-draft' if draft else ''}", industry, case))
                    if group == "new":
                        tier = None
                    queries[key] = Query(date.min, code, industry, group, tier, draft=draft)
    return queries


def _intervals(book: Rulebook, query: Query, answers: list[dict[str, Any]]) -> list[list[Any]]:
    """``[first day, place in answers]``, a new entry only where the answer changes."""
    found: list[list[Any]] = []
    for day in _turning_days(book):
        answer = _answer(book, Query(**{**vars(query), "day": day}))
        if answer not in answers:
            answers.append(answer)
        place = answers.index(answer)
        if not found or found[-1][1] != place:
            found.append([day.isoformat(), place])
    return found


def _turning_days(book: Rulebook) -> list[date]:
    """Every day on which some answer can change, with one long before the pilot."""
    one = timedelta(days=1)
    days = {date(2000, 1, 1), book.read_until + one}
    days |= {start.day for start in book.starts.values()}
    for row in book.rows:
        days |= {day for day in (row.first_day, row.floats_from) if day is not None}
        days |= {row.last_day + one} if row.last_day is not None else set()
    return sorted(days)


def _answer(book: Rulebook, query: Query) -> dict[str, Any]:
    try:
        rate = find_rate(book, query)
    except UnknownRuleError as error:
        return {"code": error.code, "day": error.day.isoformat() if error.day else ""}
    answer = {"li": rate.li, "grade": rate.grade, "marks": rate.marks, "sources": rate.source_ids}
    if rate.row.float_step is not None and rate.row.float_limit is not None:
        answer["step"] = str(rate.row.float_step)
        answer["steps"] = int(rate.row.float_limit / rate.row.float_step)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in answer.items()}


def _floor(row: dict[str, Any]) -> dict[str, Any]:
    city = row["city"]
    return {
        "en": CITIES_EN.get(city, city),
        "zh": city,
        "fen": int(row["floor_fen"]),
        "printed": row["checks"] == "floor",
        "source": row["source_id"],
        "date": row["date"],
    }


def _programme_source(raw: Path) -> str:
    """The announcement of the subsidy, by its first dated row."""
    platforms = inputs.load_platforms(raw)
    rows = platforms[(platforms["record_type"] == "programme") & (platforms["platform_en"] == "Meituan")]
    first: pd.Series = rows.sort_values("start_date").iloc[0]
    return str(first["source_id"])
