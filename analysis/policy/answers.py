"""From a question on the command line to tables: contributions and subsidies."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from analysis import inputs
from analysis.base.errors import InputError
from analysis.policy.contribution import Contribution, contribution, support_ratio_at
from analysis.policy.incomes import Paths, read_file, read_list
from analysis.policy.money import FEN_PER_YUAN, LI_PER_YUAN, decimal_of, whole_units
from analysis.policy.output import Section
from analysis.policy.programmes import city_floor
from analysis.policy.rates import MARKS, Query, Rate, find_rate
from analysis.policy.rulebook import Rulebook, load_rulebook
from analysis.policy.subsidy import ENTITLED, STATUS_NAMES, WINDOWS, Window, entitlement, subsidy_amounts

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

Answer = tuple[list[Section], list[str]]
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HIGHEST_RATIO = 1000  # benefits a thousand times the contributions: beyond, a slip of the pen
HIGHEST_WORKERS_LISTED = 20  # more would scroll the totals away


@dataclass(frozen=True)
class ContributionQuestion:
    """The options of ``policy contribution``, as given."""

    day: str
    province: str
    industry: str
    group: str | None
    tier: str | None
    support_ratio: str | None
    compare: str | None
    draft: bool
    float_steps: int
    orders: int
    days: int
    months: int
    workers: int
    income_per_order: str | None
    fund_ratio: str | None


def answer_contribution(raw: Path, asked: ContributionQuestion) -> Answer:
    """Tables for ``policy contribution``."""
    inputs.read_as_recorded(raw)
    book = load_rulebook(raw)
    query = Query(
        day=parse_day(asked.day),
        province_code=book.province(asked.province),
        industry=asked.industry,
        group=asked.group,
        tier=asked.tier,
        support_ratio=_ratio(asked.support_ratio, "support ratio"),
        draft=asked.draft,
        float_steps=asked.float_steps,
    )
    rates = [find_rate(book, query)]
    if asked.compare is not None:
        rates.append(find_rate(book, replace(query, tier=asked.compare, support_ratio=None)))
    pay = asked.income_per_order
    income = None if pay is None else whole_units(pay, LI_PER_YUAN, "income per order")
    sums = [
        contribution(
            rate.li,
            asked.orders,
            asked.days,
            months=asked.months,
            workers=asked.workers,
            income_li_per_order=income,
        )
        for rate in rates
    ]
    rows = [_contribution_row(name, sums, rates) for name in ROW_NAMES]
    if income is not None:
        rows.append(_filled("share of order income", [f"{float(s.share or 0):.2%}" for s in sums], ""))
    if asked.fund_ratio is not None:
        rows += _fund_rows(_ratio(asked.fund_ratio, "fund ratio") or Fraction(0), rates, sums)
    names = ["item", *(f"{rate.tier} base" for rate in rates)] + (["difference"] if len(rates) > 1 else [])
    where = f"{book.names[query.province_code][0]}, {asked.industry}, {query.day}"
    section = Section(f"Contributions in yuan: {where}", tuple(names), tuple(rows))
    return [section], _rate_notes(book, rates)


ROW_NAMES = ("per order", "a day", "a month", "a year", "a month and worker")


def _contribution_row(name: str, sums: list[Contribution], rates: list[Rate]) -> tuple[str, ...]:
    values = {
        "per order": [Fraction(rate.li) for rate in rates],
        "a day": [Fraction(s.day) for s in sums],
        "a month": [Fraction(s.month) for s in sums],
        "a year": [Fraction(s.year) for s in sums],
        "a month and worker": [s.month_per_person for s in sums],
    }[name]
    digits = 3 if name == "per order" else 2
    cells = [f"{float(value / LI_PER_YUAN):,.{digits}f}" for value in values]
    change = f"{float((values[-1] - values[0]) / LI_PER_YUAN):,.{digits}f}"
    return _filled(name, cells, change)


def _filled(name: str, cells: list[str], change: str) -> tuple[str, ...]:
    return (name, *cells, change) if len(cells) > 1 else (name, *cells)


def _fund_rows(ratio: Fraction, rates: list[Rate], sums: list[Contribution]) -> list[tuple[str, ...]]:
    """The fund at each rate, with benefits per order as they are at the first one."""
    ratios = [support_ratio_at(ratio, rates[0].li, rate.li) for rate in rates]
    balances = [s.month * (1 - r) / LI_PER_YUAN for s, r in zip(sums, ratios, strict=True)]
    change = f"{float(balances[-1] - balances[0]):,.2f}"
    return [
        _filled("support ratio of the fund", [f"{float(r):.1%}" for r in ratios], ""),
        _filled("balance of the fund a month", [f"{float(b):,.2f}" for b in balances], change),
    ]


def _rate_notes(book: Rulebook, rates: list[Rate]) -> list[str]:
    notes = []
    for rate in rates:
        titles = "; ".join(f"{book.sources[s][0]} ({book.sources[s][1]})" for s in rate.source_ids)
        notes.append(f"{rate.li / LI_PER_YUAN:g} yuan: weakest grade {rate.grade}; {titles}")
    marks = dict.fromkeys(mark for rate in rates for mark in rate.marks)
    return notes + [f"weak: {MARKS[mark]}" for mark in marks]


def answer_subsidy(
    raw: Path,
    city: str | None,
    floor: str | None,
    insured_floor: str | None,
    income: str | None,
    incomes_file: Path | None,
    window: str,
    before: str,
) -> Answer:
    """Tables for ``policy subsidy``."""
    if (city is None) == (floor is None):
        raise InputError(
            "the floor is missing" if city is None else "city and floor exclude each other",
            expected="--city with a published case, or --floor in yuan",
        )
    if income is not None and incomes_file is not None:
        raise InputError("--income and --incomes exclude each other", expected="a list or a file")
    if city:
        inputs.read_as_recorded(raw)
    work = city_floor(inputs.load_platforms(raw), city) if city else whole_units(floor, FEN_PER_YUAN, "floor")
    insured = work if insured_floor is None else whole_units(insured_floor, FEN_PER_YUAN, "insured floor")
    amounts = subsidy_amounts(insured)
    rows = (
        ("floor where the rider is insured", _yuan(insured)),
        ("contribution, 20 % of the floor", _yuan(amounts.contribution)),
        ("subsidy, 50 % of the contribution", _yuan(amounts.subsidy)),
        ("left to the rider", _yuan(amounts.own_part)),
    )
    sections = [Section("Pension subsidy, yuan a month", ("item", "yuan"), rows)]
    paths = read_list(income) if income is not None else read_file(incomes_file) if incomes_file else None
    if paths is None:
        return sections, []
    # the named reading first; the other beside it, because the announcement leaves the choice open
    readings = (window, *(name for name in WINDOWS if name != window))
    status = {
        name: entitlement(paths.incomes, work, window=name, before=before)  # type: ignore[arg-type]
        for name in readings
    }
    sections += [_months(paths, work, status[window], window), _totals(status, amounts.subsidy, work, paths)]
    note = "the announcement does not say whether the last 6 months include the current one"
    return sections, [f"weak: {note}; both readings are counted above"]


def _months(paths: Paths, floor: int, status: np.ndarray, window: Window | str) -> Section:
    shown = min(len(paths.workers), HIGHEST_WORKERS_LISTED)
    rows = tuple(
        (
            f"{paths.workers[w]}, {month}" if len(paths.workers) > 1 else month,
            _yuan(int(paths.incomes[w, m])),
            "yes" if paths.incomes[w, m] >= floor else "no",
            STATUS_NAMES[status[w, m]],
        )
        for w in range(shown)
        for m, month in enumerate(paths.months)
    )
    more = "" if shown == len(paths.workers) else f", first {shown} of {len(paths.workers)} workers"
    return Section(
        f"Months ({window} the current one){more}", ("month", "income", "reaches floor", "subsidy"), rows
    )


def _totals(status: dict[str, np.ndarray], subsidy: int, floor: int, paths: Paths) -> Section:
    rows = []
    reached = int((paths.incomes >= floor).sum())
    for name, values in status.items():
        counts = [int((values == code).sum()) for code in range(len(STATUS_NAMES))]
        paid = _yuan(counts[ENTITLED] * subsidy)
        lost = reached - counts[ENTITLED] - counts[2]
        rows.append((name, str(counts[ENTITLED]), str(counts[0]), str(counts[2]), str(lost), paid))
    columns = (
        "window",
        *(f"{STATUS_NAMES[code]}" for code in (ENTITLED, 0, 2)),
        "reached the floor in vain",
        "yuan",
    )
    return Section("Months in total", columns, tuple(rows))


def parse_day(text: str) -> date:
    """A day from YYYY-MM-DD."""
    try:
        if not DAY.fullmatch(text):  # Python reads weeks and days without hyphens too
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("no date", value=text, expected="a day such as 2025-07-01") from None


def _ratio(text: str | None, name: str) -> Fraction | None:
    if text is None:
        return None
    ratio = Fraction(decimal_of(text, name))
    if not 0 <= ratio <= HIGHEST_RATIO:
        raise InputError(f"{name} is out of range", value=text, expected=f"0 to {HIGHEST_RATIO}; 2 for 200 %")
    return ratio


def _yuan(fen: int) -> str:
    return f"{fen / FEN_PER_YUAN:,.2f}"
