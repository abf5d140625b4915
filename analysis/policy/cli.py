"""Commands of the policy room: what a contribution, a subsidy or a shared scheme comes to.

Nothing heavy is imported until a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RAW = Path("data/raw")

app = typer.Typer(
    no_args_is_help=True,
    help="What contributions, subsidies and shared costs come to, by published rule. "
    "A rule that is not on record ends with exit code 2 and says what is known.",
)

Raw = Annotated[Path, typer.Option(help="Folder of the raw data package.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]


@app.command()
def subsidy(
    floor: Annotated[str, typer.Option(help="Contribution-base floor in yuan a month.")],
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Meituan's pension subsidy for a contribution-base floor."""
    from analysis.policy.money import FEN_PER_YUAN, whole_units
    from analysis.policy.output import show
    from analysis.policy.subsidy import subsidy_amounts

    amounts = subsidy_amounts(whole_units(floor, FEN_PER_YUAN, "floor"))
    rows = [
        ("contribution", f"{amounts.contribution / 100:.2f}"),
        ("subsidy", f"{amounts.subsidy / 100:.2f}"),
        ("own part", f"{amounts.own_part / 100:.2f}"),
    ]
    show("Pension subsidy, yuan a month", ("item", "yuan"), rows, (), as_json=as_json, as_csv=as_csv)


if __name__ == "__main__":
    app()
