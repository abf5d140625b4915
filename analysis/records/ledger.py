"""What was released before: a chain of entries beside the panel, each holding the hash of the one before.

An outsider has every release so far. The program must know them too, or the difference of two
releases gives away what each of them withholds. An entry holds the released panel itself, the list
of its empty cells and the settings; nothing that was not published. Whoever alters or removes an
entry breaks the chain, and the next run refuses to go on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.base.errors import InputError
from analysis.base.reading import read_text
from analysis.records.printed import read_printed

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.records.printed import Columns

START = "0" * 64


@dataclass(frozen=True)
class Past:
    """One earlier release.

    Parameters
    ----------
    number
        Counted from 1.
    panel, suppressed
        As they were published.
    settings
        With which it was made.
    """

    number: int
    panel: Columns
    suppressed: Columns
    settings: dict[str, Any]


@dataclass(frozen=True)
class Ledger:
    """The chain of releases of one panel."""

    path: Path
    lines: tuple[str, ...]

    @property
    def head(self) -> str:
        """Hash of the newest entry."""
        return _hash(self.lines[-1]) if self.lines else START

    @property
    def before(self) -> str:
        """Hash of the entry before the newest."""
        return _hash(self.lines[-2]) if len(self.lines) > 1 else START

    @property
    def last(self) -> Past | None:
        """The newest release."""
        if not self.lines:
            return None
        entry = json.loads(self.lines[-1])
        panel, suppressed = (read_printed(entry[name]) for name in ("panel", "suppressed"))
        return Past(entry["release"], panel, suppressed, entry["settings"])

    def add(self, panel: str, suppressed: str, settings: dict[str, Any]) -> Ledger:
        """The chain with one more release; the same chain if nothing differs from the newest."""
        if self.lines:
            newest = json.loads(self.lines[-1])
            if (newest["panel"], newest["suppressed"]) == (panel, suppressed):
                return self
        entry = {
            "release": len(self.lines) + 1,
            "previous": self.head,
            "settings": settings,
            "panel": panel,
            "suppressed": suppressed,
        }
        return Ledger(self.path, (*self.lines, json.dumps(entry, ensure_ascii=False, sort_keys=True)))


def read_ledger(path: Path) -> Ledger:
    """Read and verify the chain; without a file it is empty.

    Raises
    ------
    InputError
        An entry was altered, removed or cannot be read.
    """
    if not path.exists():
        return Ledger(path, ())
    lines = read_text(path, "the ledger of releases").splitlines()
    head = START
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            sound = entry["previous"] == head and entry["release"] == number
        except (ValueError, KeyError, TypeError):
            sound = False
        if not sound:
            raise InputError(
                "the ledger of releases does not hold together",
                file=path,
                row=number,
                expected="each entry with the hash of the one before",
                action="put it back as the last run left it; without it, earlier releases are forgotten",
            )
        head = _hash(line)
    return Ledger(path, tuple(lines))


def check_head(ledger: Ledger, record: Path) -> None:
    """Hold the chain against the run record of the newest release, which carries its last hash.

    A run that was killed between the renaming of the two leaves the ledger one release ahead; that one
    counts as released, because nobody knows whether its panel was seen.

    Raises
    ------
    InputError
        The newest entry was altered, or entries are missing at the end.
    """
    said = head_said(record)
    if said is not None and said not in (ledger.head, ledger.before):
        raise InputError(
            "the ledger of releases does not end where the run record says",
            file=ledger.path,
            expected=f"a last entry with the hash {said[:12]}...",
            action="put it back as the last run left it; without it, earlier releases are forgotten",
        )


def head_said(record: Path) -> str | None:
    """Hash of the newest entry as the run record carries it; None where there is none."""
    try:
        head = json.loads(record.read_text(encoding="utf-8"))["ledger"]["head"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return str(head)


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
