"""The command ``did`` by itself, for whoever installs the engine alone."""

from __future__ import annotations

from .command import export  # noqa: F401 - adds its command
from .command.cli import app
from .command.shell import run


def main() -> None:
    """Run the command."""
    run(app)


if __name__ == "__main__":
    main()
