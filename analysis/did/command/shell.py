"""How a command ends: the user's errors become one message, and one BLAS thread is used.

Exit codes: 0 done; 2 the user's input is at fault (one message, nothing written); 1 our defect;
130 interrupted.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

OBJECTS = 200_000  # made and not freed, between two searches


def run(command: Callable[[], object]) -> None:
    """Run a command in a process of its own.

    One thread is set before numpy is loaded, unless the user chose a number: sums are then added in one
    order, and the matrices are so small that more threads only wait for each other.

    Python looks for objects that refer to each other, to free them, far less often than it
    would: a command imports thousands of functions that stay, and is over soon.

    Letters that the terminal does not have are written as their codes. What the system refuses (a folder
    in place of a file, no right to read or write, a full disk) is the user's to mend, like bad input.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(OBJECTS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.argv = [as_typed(argument) for argument in sys.argv]
    try:
        check_folder(sys.argv)
        command()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        sys.exit(2)
    except BrokenPipeError:  # whoever read the output has read enough
        sys.stdout = io.StringIO()
        sys.exit(0)
    except OSError as error:
        if error.filename is None:
            raise
        fault = InputError(
            f"the system says: {error.strerror}",
            file=error.filename,
            action="check that this path is what its name says, may be used, and that the disk has room",
        )
        print(f"error: {fault}", file=sys.stderr, flush=True)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted: nothing half-written was left", file=sys.stderr, flush=True)
        sys.exit(130)


def check_folder(arguments: list[str]) -> None:
    """Refuse an empty ``--out``: it would mean the folder one stands in, and comes of an unset variable."""
    if "--out=" in arguments or ("--out", "") in pairwise(arguments):
        raise InputError("--out is empty", expected="a folder or a file", action="name one; . is this folder")


def as_typed(argument: str) -> str:
    """Read an argument as UTF-8 where a locale without letters beyond ASCII could not."""
    try:
        argument.encode("utf-8")
        return argument
    except UnicodeEncodeError:  # bytes that the locale could not read, kept as lone surrogates
        return os.fsencode(argument).decode("utf-8", errors="backslashreplace")
