"""The verdict on a data package, kept between the steps of one build, so that each need not check it again.

Only where the environment names a file for it, as make does (`PLACE`); any other call checks. What is kept
is one hash of everything that a check reads: the names, kinds and bytes of the files, the code of the checks,
the interpreter and the packages that they call. Whatever changes, the package is checked again.
Only a passed check without warnings is kept: a fault is found, and a doubt said, each time.
"""

from __future__ import annotations

import hashlib
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.base.files import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = "CHECKED_RECORD"  # variable of the environment: the file that keeps the verdict
CALLED = ("frictionless", "pandas", "pyyaml", "numpy", "python-dateutil")
CODE = Path(__file__).resolve().parents[1]
ROOMS = ("inputs", "base", "did")  # of the last, which the others rest on, its top level


def state_of(folder: Path) -> str:
    """Hash of all that the verdict on ``folder`` follows from; empty where no verdict is kept."""
    if not os.environ.get(PLACE) or not folder.is_dir():
        return ""
    found = hashlib.sha256()
    for part in _parts(folder):
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


def _parts(folder: Path) -> Iterator[bytes]:
    yield sys.version.encode()
    for package in CALLED:
        yield f"{package} {metadata.version(package)}".encode()
    for path in code_files():
        yield str(path.relative_to(CODE)).encode()
        yield path.read_bytes()
    for path in sorted(folder.iterdir()):
        plain = path.is_file() and not path.is_symlink()
        yield path.name.encode("utf-8", "surrogateescape")
        yield b"file" if plain else b"no plain file"
        yield path.read_bytes() if plain else b""


def code_files() -> list[Path]:
    """The modules that a check runs."""
    rooms = [path for room in ROOMS for path in (CODE / room).glob("*.py")]
    return sorted([*rooms, *CODE.glob("*.py")])


def kept(state: str) -> bool:
    """Whether a package in this state has passed."""
    place = Path(os.environ.get(PLACE, ""))
    return bool(state) and place.is_file() and place.read_text("utf-8").strip() == state


def keep(state: str) -> None:
    """Keep that a package in this state has passed."""
    if state:
        write_text(f"{state}\n", Path(os.environ[PLACE]))
