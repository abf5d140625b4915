"""Numbers in the options of a command: the digits 0 to 9, a sign and a point, and nothing else.

Python reads ``4_0`` and ``４０`` as forty, and a slip of the pen would pass for a number.
"""

from __future__ import annotations

import re
from typing import Any

import typer

WHOLE = re.compile(r"[+-]?[0-9]+")
REAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
MOST_DIGITS = 400  # what is longer is no number of anything; each option has a limit of its own


def whole(explained: str, show_default: bool | str = True) -> Any:
    """An option that takes a whole number; `typer.BadParameter`, which names it, for anything else."""
    return typer.Option(parser=read_whole, metavar="<int>", help=explained, show_default=show_default)


def real(explained: str) -> Any:
    """An option that takes a number with or without decimals; `typer.BadParameter` for anything else."""
    return typer.Option(parser=read_real, metavar="<float>", help=explained)


def read_whole(text: str | int) -> int:
    """Read what was typed; a default comes as it is."""
    if isinstance(text, str) and (len(text) > MOST_DIGITS or not WHOLE.fullmatch(text)):
        raise typer.BadParameter(f"{text[:60]!r} is not a whole number in the digits 0 to 9.")
    return int(text)


def read_real(text: str | float) -> float:
    """Read what was typed; a default comes as it is."""
    if isinstance(text, str) and (len(text) > MOST_DIGITS or not REAL.fullmatch(text)):
        raise typer.BadParameter(f"{text[:60]!r} is not a number in the digits 0 to 9.")
    return float(text)
