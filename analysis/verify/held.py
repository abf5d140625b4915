"""Does this Python already hold the lock? ``python analysis/verify/held.py requirements.lock``.

For ``make``: an environment that somebody else filled from the lock (conda, a container) is used as it is.
Standard library only, because it runs before anything is installed. Exit code 0: every package that the
lock wants on this system is there in its version; 1: not.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$", re.MULTILINE)


def marker_holds(marker: str) -> bool:
    """Whether a line of the lock counts on this Python and system; without a reader of markers, it does."""
    for name in ("packaging.markers", "pip._vendor.packaging.markers"):
        try:
            markers: Any = import_module(name)
        except ImportError:
            continue
        return bool(markers.Marker(marker).evaluate())
    return True


def lacking(lock: str) -> list[str]:
    """Packages of the lock that are absent or of another version here, by name."""
    found = []
    for name, wanted, marker in PINNED.findall(lock):
        if marker and not marker_holds(marker):
            continue
        try:
            same = version(name) == wanted
        except PackageNotFoundError:
            same = False
        if not same:
            found.append(f"{name}=={wanted}")
    return found


def main() -> int:
    """Look at the lock that is given as argument."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    return 1 if lacking(text) or not PINNED.search(text) else 0


if __name__ == "__main__":
    sys.exit(main())
