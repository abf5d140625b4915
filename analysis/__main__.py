"""The command line: one sub-command per step, nothing else.

Each room brings its own commands in a module ``cli`` that imports nothing heavy until it runs.
Exit codes: 0 done; 2 the user's input is at fault (one message, nothing written); 1 our defect.
"""

from __future__ import annotations

import sys

import typer

from analysis.base.errors import InputError
from analysis.base.progress import say
from analysis.did.command import cli as did_cli
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
app.command("did")(did_cli.did)
app.command("own")(own_cli.own)
app.add_typer(records_cli.app, name="records")
app.add_typer(policy_cli.app, name="policy")


def main() -> None:
    """Run one command and turn the user's errors into exit code 2."""
    try:
        app()
    except InputError as error:
        say(f"error: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        say("interrupted: nothing half-written was left")
        sys.exit(130)


if __name__ == "__main__":
    main()
