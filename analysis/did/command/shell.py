"""How a command ends: the user's errors become one message, and one BLAS thread is used.

Exit codes: 0 done; 2 the user's input is at fault (one message, nothing written); 1 our defect;
130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable


def run(command: Callable[[], object]) -> None:
    """Run a command in a process of its own.

    One thread is set before numpy is loaded, unless the user chose a number: sums are then added in one
    order, and the matrices are so small that more threads only wait for each other.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        command()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted: nothing half-written was left", file=sys.stderr, flush=True)
        sys.exit(130)
