"""Numbers of the texts that moved since a committed state: key, old words, new words.

After an upgrade of packages, a correction of the record or a change of method, this is the list that the
change log is written from. Keys are those of ``numbers.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.base.errors import InputError
from analysis.verify.sources import git

NUMBERS = Path("data/processed/numbers.json")


@dataclass(frozen=True)
class Moved:
    """One number before and after, in words; empty where it did not exist."""

    key: str
    before: str
    after: str

    @property
    def visible(self) -> bool:
        """Whether a reader of the texts sees the difference."""
        return self.before != self.after


def moved_numbers(before: dict[str, Any], after: dict[str, Any]) -> list[Moved]:
    """Every number whose value or words differ, in order of its key.

    Parameters
    ----------
    before, after
        Contents of ``numbers.json``: by key, at least ``value`` and ``text_en``.
    """
    return [
        Moved(key, str(before.get(key, {}).get("text_en", "")), str(after.get(key, {}).get("text_en", "")))
        for key in sorted(before.keys() | after.keys())
        if shown(before.get(key)) != shown(after.get(key))
    ]


def shown(number: dict[str, Any] | None) -> tuple[object, object] | None:
    """Value and words of a number: what may move; its lineage may change without."""
    return None if number is None else (number["value"], number["text_en"])


def since(root: Path, commit: str) -> list[Moved]:
    """Numbers of ``root`` as built, against those of a commit.

    Raises
    ------
    InputError
        There is no such commit here, or nothing was built.
    """
    old = git(root, "show", f"{commit}:{NUMBERS.as_posix()}")
    if old is None:
        raise InputError(
            "this commit holds no numbers to compare with",
            value=commit,
            expected=f"a commit of this repository that holds {NUMBERS}",
        )
    built = root / NUMBERS
    if not built.is_file():
        raise InputError("the numbers were not built", file=built, action="run `make` first")
    return moved_numbers(json.loads(old), json.loads(built.read_bytes()))


def listing(moved: list[Moved]) -> list[str]:
    """A line for each number that a reader sees move, and a count of those that moved unseen."""
    lines = [
        f"{item.key}: {item.before or '(new)'} -> {item.after or '(gone)'}" for item in moved if item.visible
    ]
    unseen = len(moved) - len(lines)
    return [*lines, f"moved: {len(lines)} numbers as printed, {unseen} more below the printed digits"]
