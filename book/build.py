"""Build editions of the book: ``python book/build.py en zh``, or one of them.

The book computes nothing. It reads ``data/processed`` and is built strictly: any warning fails. The
pages are made in a temporary folder and put in place by renaming, so that a failed or interrupted build
leaves the last good one untouched. The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from editions import MESSAGES

BOOK = Path(__file__).resolve().parent
FIXED = {  # what would otherwise leak the machine into the pages
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "1767225600",  # read by Sphinx; shown nowhere
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": str(BOOK.parent),  # the page api is written from the engine's docstrings
}
NEW = ".new-"  # how the name of a folder begins in which an edition is made
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Written by Sphinx for later runs; they hold hashes and inventories that no reader needs.
LEFTOVERS = (".buildinfo", "objects.inv")
# Elsewhere each edition loads Jupyter Book itself: Windows has no copies of a process, macOS forbids them.
CAN_COPY = hasattr(os, "fork") and sys.platform != "darwin"


def build(sources: list[Path], jobs: int) -> int:
    """Build the editions in ``sources`` into ``_build/html`` of each; returns the exit code."""
    begun, failed = time.monotonic(), 0
    with ExitStack() as stack:
        folders = []
        for source in sources:
            (source / "_build").mkdir(exist_ok=True)
            clear(source / "_build")
            made = tempfile.TemporaryDirectory(prefix=NEW, dir=source / "_build")
            folders.append(Path(stack.enter_context(made)))
        pairs = [str(path) for pair in zip(sources, folders, strict=True) for path in pair]
        command = [sys.executable, str(BOOK / "editions.py"), str(jobs), *pairs]
        done = subprocess.run(
            command, env={**os.environ, **FIXED}, capture_output=True, text=True, check=False
        )
        for number, (source, folder) in enumerate(zip(sources, folders, strict=True)):
            pages = folder / "_build" / "html"
            if done.returncode < 0 or done.returncode >> number & 1 or not (pages / "index.html").is_file():
                said = folder / MESSAGES
                told = said.read_text("utf-8") if said.is_file() else ""
                print(COLOUR.sub("", told + done.stdout + done.stderr), file=sys.stderr)
                print(f"book {source.name}: not built; the pages built before are untouched", file=sys.stderr)
                failed = 1
                continue
            for name in LEFTOVERS:
                (pages / name).unlink(missing_ok=True)
            swap(pages, source / "_build" / "html")
            seconds = time.monotonic() - begun
            page = source / "_build" / "html" / "index.html"
            print(f"book {source.name}: {page} ({seconds:.0f} s)", file=sys.stderr)
    return failed


def clear(place: Path) -> None:
    """Remove what builds that were killed left behind.

    Under another name first, at once: should such a build go on after all, it finds no pages, and not half of
    them, to put in place.
    """
    for left in sorted(place.glob(f"{NEW}*")):
        gone = left.with_name(f"{NEW}gone-{os.getpid()}")
        try:
            left.rename(gone)
        except OSError:  # another build has just removed it, or somebody holds it open
            continue
        shutil.rmtree(gone, ignore_errors=True)


def swap(new: Path, place: Path) -> None:
    """Put ``new`` in the place of a folder; only the short moment between two renames is unsafe."""
    old = place.with_name(".old-html")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Build editions of the book, strictly.")
    parser.add_argument("editions", nargs="+", choices=("en", "zh"))
    parser.add_argument("--jobs", type=int, default=2, help="editions at a time")
    asked = parser.parse_args()
    if asked.jobs < 1:
        parser.error(f"{asked.jobs} editions at a time cannot be built: one or more")
    sources = [BOOK / edition for edition in asked.editions]
    together = [sources] if CAN_COPY else [[source] for source in sources]
    return max(build(part, asked.jobs) for part in together)


if __name__ == "__main__":
    sys.exit(main())
