"""The command ``did`` by itself, for whoever installs the engine alone."""

from __future__ import annotations

import typer

from .command.cli import did
from .command.shell import run

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(did)


def main() -> None:
    """Run the command."""
    run(app)


if __name__ == "__main__":
    main()
