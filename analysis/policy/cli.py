"""Commands of the policy room: what a contribution, a subsidy or a shared scheme comes to.

Nothing heavy is imported until a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.did.command.typed import whole

RAW, PROCESSED, STATIC = Path("data/raw"), Path("data/processed"), Path("book/_static")

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What contributions, subsidies and shared costs come to, by published rule. "
    "A rule that is not on record ends with exit code 2 and says what is known.",
)

Raw = Annotated[Path, typer.Option(help="Folder of the raw data package.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print long CSV instead of tables.")]


@app.command()
def contribution(
    industry: Annotated[
        str,
        typer.Option(help="ride_hailing, instant_delivery, same_city_freight, or food_delivery to mid-2025."),
    ],
    orders: Annotated[int, whole("Orders a day, of all workers together.")],
    date: Annotated[str, typer.Option(help="Day of the orders, YYYY-MM-DD: rates change by date.")],
    province: Annotated[
        str, typer.Option(help="Code, name or abbreviation; 00 is the national rule.")
    ] = "00",
    group: Annotated[
        str | None, typer.Option(help="Delivery: new (joined 2025 or later) or first_pilot (since 2022).")
    ] = None,
    tier: Annotated[str | None, typer.Option(help="Delivery, first_pilot: lower or higher base.")] = None,
    support_ratio: Annotated[
        str | None,
        typer.Option(
            help="Delivery, first_pilot: benefits over contributions (支缴率), 2 for 200 %; picks the base."
        ),
    ] = None,
    compare: Annotated[
        str | None, typer.Option(help="Delivery, first_pilot: show the other base too: lower or higher.")
    ] = None,
    days: Annotated[int, whole("Days with orders in a month.")] = 30,
    months: Annotated[int, whole("Months with orders in a year.")] = 12,
    workers: Annotated[int, whole("People behind the orders.")] = 1,
    income_per_order: Annotated[
        str | None, typer.Option(help="Yuan an order earns the worker; gives the share of order income.")
    ] = None,
    fund_ratio: Annotated[
        str | None, typer.Option(help="Support ratio of the fund at this rate; gives benefits and balance.")
    ] = None,
    draft: Annotated[bool, typer.Option(help="Use a draft that is not in force (Gansu).")] = False,
    float_steps: Annotated[int, whole("Steps by which a draft's rate is floated, down if negative.")] = 0,
    raw: Raw = RAW,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Per-order contributions: what a number of orders comes to a day, a month, a year.

    The platform pays all of it. Example, a rider with 40 orders a day at the two bases in Chongqing:

        python -m analysis policy contribution --industry instant_delivery --province Chongqing
        --date 2025-07-01 --group first_pilot --tier lower --compare higher --orders 40 --days 26
    """
    from analysis.policy.answers import ContributionQuestion, answer_contribution
    from analysis.policy.output import show

    question = ContributionQuestion(
        date,
        province,
        industry,
        group,
        tier,
        support_ratio,
        compare,
        draft,
        float_steps,
        orders,
        days,
        months,
        workers,
        income_per_order,
        fund_ratio,
    )
    show(*answer_contribution(raw, question), as_json=as_json, as_csv=as_csv)


@app.command()
def subsidy(
    city: Annotated[
        str | None, typer.Option(help="City of a published case, such as Quanzhou or 泉州.")
    ] = None,
    floor: Annotated[
        str | None, typer.Option(help="Contribution-base floor where the rider works, yuan a month.")
    ] = None,
    insured_floor: Annotated[
        str | None, typer.Option(help="Floor where the rider is insured, if elsewhere: it sets the sum.")
    ] = None,
    income: Annotated[
        str | None, typer.Option(help="One rider's incomes, oldest month first: 5200,4100,0,6000")
    ] = None,
    incomes: Annotated[
        Path | None, typer.Option(help="CSV file: month (YYYY-MM), income; worker where there are several.")
    ] = None,
    window: Annotated[
        str,
        typer.Option(
            help="Do the last 6 months end with the current one (including) or before it (preceding)?"
        ),
    ] = "including",
    before: Annotated[
        str, typer.Option(help="Months before the first one given: unknown, or none (no income).")
    ] = "unknown",
    raw: Raw = RAW,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Meituan's pension subsidy: the sum, and which months of an income path earn it.

    A month counts if its income reaches the floor and 3 of the last 6 months did. The subsidy is
    floor x 20 % x 50 %. Example:

        python -m analysis policy subsidy --city Quanzhou --income 5200,4100,4600,3900,4500,5000
    """
    from analysis.policy.answers import answer_subsidy
    from analysis.policy.output import show

    sections, notes = answer_subsidy(raw, city, floor, insured_floor, income, incomes, window, before)
    show(sections, notes, as_json=as_json, as_csv=as_csv)


@app.command()
def sharing(
    total: Annotated[
        str | None, typer.Option(help="Contribution as a share of order income, 0.2 for 20 %.")
    ] = None,
    platform: Annotated[str | None, typer.Option(help="The platform's share of order income.")] = None,
    tier: Annotated[
        list[str] | None,
        typer.Option(help="FROM:INDIVIDUAL:GOVERNMENT, yuan and two shares; repeat from 0 upward."),
    ] = None,
    minimum_wage: Annotated[str, typer.Option(help="Monthly minimum wage in yuan; 0 for no subsidy.")] = "0",
    subsidy_share: Annotated[
        str,
        typer.Option(
            "--subsidy", help="Share of the worker's part paid by government below the minimum wage."
        ),
    ] = "0",
    incomes: Annotated[
        Path | None, typer.Option(help="CSV file: worker, month (YYYY-MM), income, orders.")
    ] = None,
    benefit_per_order: Annotated[
        str | None, typer.Option(help="Benefits paid per order in yuan; gives the fund's balance.")
    ] = None,
    administration: Annotated[
        str, typer.Option(help="Share of contributions spent on running the scheme.")
    ] = "0",
    opening: Annotated[str, typer.Option(help="The fund's opening balance in yuan.")] = "0",
    example: Annotated[
        bool, typer.Option(help="Use the labelled example: invented workers and rates.")
    ] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Shared cost: who pays what by income band, each party's budget, and the fund.

    Income is cut into slices; in each the three shares must sum to the total. Below the minimum wage the
    government takes over a share of the worker's part. Examples:

        python -m analysis policy sharing --example

        python -m analysis policy sharing --total 0.2 --platform 0.1 --tier 0:0.02:0.08
        --tier 3000:0.05:0.05 --minimum-wage 2000 --subsidy 0.5 --incomes my_workers.csv
    """
    from analysis.policy.output import show
    from analysis.policy.sharing_answer import SharingQuestion, answer_sharing

    question = SharingQuestion(
        total,
        platform,
        tuple(tier or ()),
        minimum_wage,
        subsidy_share,
        incomes,
        benefit_per_order,
        administration,
        opening,
        example,
    )
    show(*answer_sharing(question), as_json=as_json, as_csv=as_csv)


@app.command()
def build(
    raw: Raw = RAW,
    processed: Annotated[Path, typer.Option(help="Folder of the products.")] = PROCESSED,
    static: Annotated[Path, typer.Option(help="Folder of the book's scripts.")] = STATIC,
) -> None:
    """Write policy.csv and the rules that the book's calculators read."""
    from analysis import policy
    from analysis.base.progress import step

    with step("policy"):
        policy.build(raw, processed, static)
