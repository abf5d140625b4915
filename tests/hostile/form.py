"""What a hostile case is: a command, how its input is spoilt, and what the refusal must say.

`{raw}`, `{made}`, `{out}` and `{here}` in a command stand for the folders of `Place`. Every case leaves
the earlier outputs in `made` and `out` byte for byte, unless it is one that has to succeed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Folders of one case: the record, the products, the user's outputs, and the folder it runs in."""

    here: Path
    raw: Path
    made: Path
    out: Path


Spoil = Callable[[Place], object]


@dataclass(frozen=True)
class Case:
    """One bad input.

    Parameters
    ----------
    name, door
        Door: which fixture prepares the place (``raw``, ``did``, ``own``, ``policy``, ``records``,
        ``products``, ``project``).
    command
        Arguments of ``python -m analysis``, separated by blanks; ``|`` inside one stands for a blank.
    words
        What the message must hold.
    spoil
        What is done to the place before.
    code
        Exit code; 0 where the input is to be taken, and the message to say so.
    """

    name: str
    door: str
    command: str
    words: tuple[str, ...]
    spoil: Spoil | None = None
    code: int = 2

    def arguments(self, place: Place) -> list[str]:
        folders = {"raw": place.raw, "made": place.made, "out": place.out, "here": place.here}
        parts = [part.replace("|", " ") for part in self.command.split()]
        for key, folder in folders.items():
            parts = [part.replace("{" + key + "}", str(folder)) for part in parts]
        return parts


def put(name: str, content: str | bytes, folder: str = "here") -> Spoil:
    """Write a file of the place."""
    data = content if isinstance(content, bytes) else content.encode()

    def spoil(place: Place) -> None:
        path = getattr(place, folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return spoil


def change(name: str, edit: Callable[[bytes], bytes], folder: str = "here") -> Spoil:
    """Rewrite a file of the place."""

    def spoil(place: Place) -> None:
        path = getattr(place, folder) / name
        before = path.read_bytes()
        after = edit(before)
        assert after != before, f"the case does not spoil {name}"
        path.write_bytes(after)

    return spoil


def instead(name: str, how: str, folder: str = "here") -> Spoil:
    """Put a folder, a link that leads nowhere, a loop, a link or nothing in a file's place."""

    def spoil(place: Place) -> None:
        path = getattr(place, folder) / name
        kept = path.read_bytes() if path.is_file() else b""
        path.unlink(missing_ok=True)
        if how == "folder":
            path.mkdir(parents=True)
        elif how == "dangling":
            path.symlink_to("nowhere.csv")
        elif how == "loop":
            path.symlink_to(path.name)
        elif how == "link":
            other = place.here / f"elsewhere-{path.name}"
            other.write_bytes(kept)
            path.symlink_to(other)

    return spoil


def both(*spoils: Spoil) -> Spoil:
    """One after the other."""

    def spoil(place: Place) -> None:
        for one in spoils:
            one(place)

    return spoil
