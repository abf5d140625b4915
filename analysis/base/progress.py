"""Progress of long steps: a bar on a terminal, plain lines in a log, and the time taken."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")
LOG_EVERY = 10.0  # seconds between two lines in a log


def say(text: str) -> None:
    """Print one line to standard error at once; results alone go to standard output."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step and, at its end, how long it took."""
    start = time.monotonic()
    yield
    say(f"{name}: done in {time.monotonic() - start:.1f} s")


def track(items: Iterable[Item], total: int, name: str) -> Iterator[Item]:
    """Yield ``items`` and show how far along ``total`` they are."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            yield from bar.track(items, total=total, description=name)
        return
    last = time.monotonic()
    for count, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - last >= LOG_EVERY:
            last = time.monotonic()
            say(f"{name}: {count} of {total}")
