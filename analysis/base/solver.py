"""A HiGHS solver that says nothing: its banner is printed while it is made, before any option can be set."""

from __future__ import annotations

import os
import sys

import highspy


def silent_solver() -> highspy.Highs:
    """Return a new solver, made while the process's own standard output leads nowhere."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        solver = highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    solver.silent()
    return solver
