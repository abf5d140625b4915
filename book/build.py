"""Build one edition of the book: ``python book/build.py en`` or ``zh``.

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
from pathlib import Path

BOOK = Path(__file__).resolve().parent
# Parts of a page point at each other, and few are gone before its build ends: rarely searched for.
JUPYTER_BOOK = "import gc; gc.set_threshold(200_000, 50, 50); from jupyter_book.cli.main import main; main()"
FIXED = {  # what would otherwise leak the machine into the pages
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "1767225600",  # read by Sphinx; shown nowhere
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": str(BOOK.parent),  # the page api is written from the engine's docstrings
}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Written by Sphinx for later runs; they hold hashes and inventories that no reader needs.
LEFTOVERS = (".buildinfo", "objects.inv")


def build(source: Path) -> int:
    """Build the edition in ``source`` into ``source/_build/html``; returns the exit code."""
    target = source / "_build"
    target.mkdir(exist_ok=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".new-", dir=target) as folder:
        command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(source)]
        strict = ["--path-output", folder, "--warningiserror", "--nitpick", "--keep-going", "--quiet"]
        done = subprocess.run(
            command + strict, env={**os.environ, **FIXED}, capture_output=True, text=True, check=False
        )
        pages = Path(folder) / "_build" / "html"
        if done.returncode != 0 or not (pages / "index.html").is_file():
            print(COLOUR.sub("", done.stdout + done.stderr), file=sys.stderr)
            print(f"book {source.name}: not built; the pages built before are untouched", file=sys.stderr)
            return 1
        for name in LEFTOVERS:
            (pages / name).unlink(missing_ok=True)
        swap(pages, target / "html")
    seconds = time.monotonic() - begun
    print(f"book {source.name}: {target / 'html' / 'index.html'} ({seconds:.0f} s)", file=sys.stderr)
    return 0


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
    parser = argparse.ArgumentParser(description="Build one edition of the book, strictly.")
    parser.add_argument("edition", choices=("en", "zh"))
    return build(BOOK / parser.parse_args().edition)


if __name__ == "__main__":
    sys.exit(main())
