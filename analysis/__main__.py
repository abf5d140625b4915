"""The command line: one sub-command per step, nothing else.

Each room brings its own commands in a module ``cli`` that imports nothing heavy until it runs.
Exit codes are those of `analysis.did.command.shell`.
"""

from __future__ import annotations

import typer

from analysis.did.command import cli as did_cli
from analysis.did.command import export  # noqa: F401 - adds its command
from analysis.did.command.shell import run
from analysis.exports import cli as exports_cli
from analysis.own import cli as own_cli
from analysis.pipeline import cli as pipeline_cli
from analysis.policy import cli as policy_cli
from analysis.records import cli as records_cli

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Evaluate the occupational-injury pilot, or your own staggered rollout.",
)
pipeline_cli.add_commands(app)
app.add_typer(did_cli.app, name="did")
app.command("own")(own_cli.own)
app.command("coverage")(exports_cli.coverage)
app.add_typer(records_cli.app, name="records")
app.add_typer(policy_cli.app, name="policy")


def main() -> None:
    """Run one command."""
    run(app)


if __name__ == "__main__":
    main()
