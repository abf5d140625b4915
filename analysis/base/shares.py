"""Work shared between this process and copies of it, in the same order and with the same bytes.

A copy (`fork`) starts with everything that this process has loaded: nothing is read or imported twice.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from multiprocessing import get_context
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Made = TypeVar("Made")
SELDOM = (100_000, 50, 50)  # thresholds of `gc`: parts of a figure point at each other by the ten thousands
# Elsewhere one process works alone: Windows has no copies, and the system libraries of macOS forbid them.
CAN_COPY = hasattr(os, "fork") and sys.platform != "darwin"


def in_shares(
    work: Callable[[Item], Made], items: Sequence[Item], weights: Sequence[float], jobs: int
) -> list[Made]:
    """``work`` of every item, in the order of ``items``.

    Parameters
    ----------
    work
        Depends on its item and on what this process holds, and changes neither.
    weights
        How long each item takes, in any unit, so that the shares end together.
    jobs
        Processes, this one among them.

    Raises
    ------
    InputError
        ``jobs`` is below one.
    Exception
        What ``work`` raises: a share whose copy failed is worked here once more, and fails here.
    """
    if jobs < 1:
        raise InputError(f"{jobs} processes cannot be run", expected="one or more")
    shares = split(weights, min(jobs, len(items)) if CAN_COPY else 1)
    usual = gc.get_threshold()
    gc.freeze()  # what is loaded stays, here and in the copies: nobody looks through it for what is gone
    gc.set_threshold(*SELDOM)
    copies = [_Copy(work, [items[k] for k in share]) for share in shares[1:]]
    made: dict[int, Made] = {}
    try:
        made |= {k: work(items[k]) for k in shares[0]}
        for share, copy in zip(shares[1:], copies, strict=True):
            made |= zip(share, copy.made(), strict=True)
    finally:
        for copy in copies:
            copy.end()
        gc.set_threshold(*usual)
        gc.unfreeze()
    return [made[k] for k in range(len(items))]


def split(weights: Sequence[float], jobs: int) -> list[list[int]]:
    """Places of the items in each of ``jobs`` shares: the heaviest first, always to the lightest share."""
    shares: list[list[int]] = [[] for _ in range(max(jobs, 1))]
    loads = [0.0] * len(shares)
    for place in sorted(range(len(weights)), key=lambda k: -weights[k]):
        lightest = loads.index(min(loads))
        shares[lightest].append(place)
        loads[lightest] += weights[place]
    return [sorted(share) for share in shares]


class _Copy:
    """A copy of this process at work on one share."""

    def __init__(self, work: Callable[[Any], Any], share: list[Any]) -> None:
        self.work, self.share = work, share
        fork: Any = get_context("fork")
        self.here, there = fork.Pipe(duplex=False)
        self.process = fork.Process(
            target=_work, args=(work, share, self.here, there, os.getpid()), daemon=True
        )
        self.process.start()
        there.close()

    def made(self) -> list[Any]:
        try:
            return list(self.here.recv())
        except EOFError:  # it failed or was killed
            return [self.work(item) for item in self.share]

    def end(self) -> None:
        self.process.terminate()
        self.process.join()
        self.here.close()


def _work(
    work: Callable[[Any], Any], share: list[Any], here: Connection, there: Connection, asked: int
) -> None:
    here.close()
    Thread(target=_watch, args=(asked,), daemon=True).start()
    gc.disable()  # a copy is gone before there is much to collect
    try:
        there.send([work(item) for item in share])
    except (Exception, KeyboardInterrupt):
        return  # the process that asked meets the same, and reports it


def _watch(asked: int) -> None:
    """End this copy when the process that asked is killed: it could write over what a later run makes."""
    while os.getppid() == asked:
        time.sleep(0.5)
    os._exit(1)
