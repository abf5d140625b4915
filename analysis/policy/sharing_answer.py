"""From a question on the command line to tables: the shared cost of a scheme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.errors import InputError
from analysis.policy.examples import (
    EXAMPLE_ADMINISTRATION,
    EXAMPLE_BENEFIT_FEN_PER_ORDER,
    EXAMPLE_SCHEME,
    ExampleWorkers,
    example_incomes,
)
from analysis.policy.incomes import read_file
from analysis.policy.money import FEN_PER_YUAN, basis_points, whole_units
from analysis.policy.output import Section
from analysis.policy.sharing import Fen, Scheme, Shares, Tier, check_sum, share_cost
from analysis.policy.sharing_report import PARTIES, bands, fund_balance, wage_cliff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np


@dataclass(frozen=True)
class SharingQuestion:
    """The options of ``policy sharing``, as given."""

    total: str | None
    platform: str | None
    tiers: tuple[str, ...]
    minimum_wage: str
    subsidy: str
    incomes: Path | None
    benefit_per_order: str | None
    administration: str
    opening: str
    example: bool


def answer_sharing(asked: SharingQuestion) -> tuple[list[Section], list[str]]:
    """Tables for ``policy sharing``."""
    notes: list[str] = []
    benefit: int | None
    orders: Fen | None
    if asked.example:
        if asked.total or asked.platform or asked.tiers or asked.incomes or asked.benefit_per_order:
            raise InputError(
                "--example brings its own scheme, incomes and benefits",
                expected="--example alone, or none of it",
            )
        scheme, administration = EXAMPLE_SCHEME, EXAMPLE_ADMINISTRATION
        incomes, orders = example_incomes(ExampleWorkers())
        benefit = EXAMPLE_BENEFIT_FEN_PER_ORDER
        notes.append("simulated: invented workers under an invented scheme; an assumption, not a finding")
    else:
        scheme = read_scheme(asked.total, asked.platform, asked.tiers, asked.minimum_wage, asked.subsidy)
        administration = basis_points(asked.administration, "administration")
        if asked.incomes is None:
            raise InputError("incomes are missing", expected="--incomes FILE.csv, or --example")
        paths = read_file(asked.incomes)
        incomes, orders = paths.incomes, paths.orders
        price = asked.benefit_per_order
        benefit = None if price is None else whole_units(price, FEN_PER_YUAN, "benefit per order")
    shares = share_cost(incomes, scheme)
    edges = sorted({0, scheme.minimum_wage_fen, *(tier.from_fen for tier in scheme.tiers)})
    sections = [_band_section(bands(incomes, shares, edges)), _party_section(shares, incomes, orders)]
    if benefit is not None:
        if orders is None:
            raise InputError(
                "orders are missing", column="orders", expected="a column orders beside the incomes"
            )
        opening = whole_units(asked.opening, FEN_PER_YUAN, "opening balance")
        check_sum(orders, benefit, "benefits")
        monthly = shares.contribution.sum(axis=0), orders.sum(axis=0) * benefit
        sections.append(_fund_section(*monthly, opening, administration, int(orders.sum())))
    if scheme.minimum_wage_fen:
        cliff = wage_cliff(scheme)
        text = f"loses {_yuan(cliff)} yuan of take-home pay" if cliff > 0 else "loses nothing"
        notes.append(f"a worker who rises to the minimum wage {text}, because the subsidy ends there")
    return sections, notes


def read_scheme(
    total: str | None, platform: str | None, tiers: Sequence[str], minimum_wage: str, subsidy: str
) -> Scheme:
    """A scheme from text; `InputError` names the option at fault."""
    if total is None or platform is None or not tiers:
        raise InputError(
            "the scheme is not complete", expected="--total, --platform and at least one --tier, or --example"
        )
    return Scheme(
        total=basis_points(total, "total"),
        platform=basis_points(platform, "platform"),
        tiers=tuple(_tier(text) for text in tiers),
        minimum_wage_fen=whole_units(minimum_wage, FEN_PER_YUAN, "minimum wage"),
        subsidy=basis_points(subsidy, "subsidy"),
    )


def _tier(text: str) -> Tier:
    parts = text.split(":")
    if len(parts) != 3:
        raise InputError(
            "a tier is not FROM:INDIVIDUAL:GOVERNMENT", value=text, expected="for example 3000:0.05:0.05"
        )
    start = whole_units(parts[0], FEN_PER_YUAN, "start of the tier")
    return Tier(start, basis_points(parts[1], "individual share"), basis_points(parts[2], "government share"))


def _band_section(table: pd.DataFrame) -> Section:
    rows = []
    for row in table.to_dict("records"):
        months = int(row["worker_months"])
        upper = "" if pd.isna(row["to_fen"]) else f" to {row['to_fen'] / FEN_PER_YUAN:,.0f}"
        name = f"from {row['from_fen'] / FEN_PER_YUAN:,.0f}{upper}"
        means = [
            _yuan(row[column] / months) if months else "" for column in ("income", "contribution", *PARTIES)
        ]
        change = _yuan(row["take_home_change"]) if months else ""
        share = f"{row['individual'] / row['income']:.1%}" if row["income"] else ""
        rows.append((name, f"{months:,}", *means, change, share))
    parties = ("contribution", *PARTIES)
    columns = ("income a month", "months", "mean income", *parties, "take-home change", "of income")
    return Section("Who pays what, mean yuan a month", columns, tuple(rows))


def _party_section(shares: Shares, incomes: Fen, orders: Fen | None) -> Section:
    total, income = int(shares.contribution.sum()), int(incomes.sum())
    count = 0 if orders is None else int(orders.sum())
    rows = []
    for name in (*PARTIES, "contribution"):
        paid = int(getattr(shares, name).sum())
        cells = [
            _yuan(paid),
            f"{paid / total:.1%}" if total else "",
            f"{paid / income:.2%}" if income else "",
        ]
        rows.append((name, *cells, f"{paid / FEN_PER_YUAN / count:.3f}" if count else ""))
    columns = ("party", "yuan", "of the contribution", "of order income", "yuan per order")
    return Section("Each party's budget", columns, tuple(rows))


def _fund_section(
    contributions: Fen, benefits: Fen, opening: int, administration: int, orders: int
) -> Section:
    fund = fund_balance(contributions, benefits, opening_fen=opening, administration=administration)
    spare = fund.opening + fund.contributions - fund.administration
    rows = [
        ("opening balance", _yuan(fund.opening)),
        ("contributions", _yuan(fund.contributions)),
        ("administration", _yuan(fund.administration)),
        ("benefits", _yuan(fund.benefits)),
        ("closing balance", _yuan(fund.closing)),
        (f"lowest balance, end of month {fund.lowest_month}", _yuan(fund.lowest)),
        ("support ratio", f"{fund.support_ratio:.1%}"),
        ("break-even support ratio", f"{fund.break_even_support_ratio:.1%}"),
        ("break-even benefit per order", f"{spare / FEN_PER_YUAN / orders:.3f}" if orders else ""),
    ]
    return Section("The fund", ("item", "yuan"), tuple(rows))


def _yuan(fen: float | np.integer) -> str:
    return f"{float(fen) / FEN_PER_YUAN:,.2f}"
