"""Fixtures of the whole suite: a copy of the raw record that may be spoilt, and the toy country."""

from __future__ import annotations

import csv
import importlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

# Before numpy is loaded, as every command does: sums are added in one order on any number of cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The process that gathers warnings of the others loads the module of each kind of warning in a thread for
# each of them; two at once find pandas half loaded, and the run ends.
for holder_of_warnings in ("pandas", "statsmodels.tools.sm_exceptions"):
    importlib.import_module(holder_of_warnings)
TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS))  # importlib mode keeps toy.py off the path
ROOT = TESTS.parent

# The suite says the same on every run, however busy the machine. HYPOTHESIS_PROFILE=search looks for new
# examples instead.
settings.register_profile("same", derandomize=True, print_blob=True, deadline=None)
settings.register_profile("search", derandomize=False, print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@dataclass(frozen=True)
class RawCopy:
    """A copy of ``data/raw`` in a temporary folder, with means to spoil it.

    The means return the line of the file that they touched (the header is line 1) and leave the
    recorded hashes alone; `renew` makes the record agree, as a contributor would.
    """

    folder: Path

    def read(self, file: str) -> list[dict[str, str]]:
        with (self.folder / file).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def write(self, file: str, rows: list[dict[str, str]]) -> None:
        with (self.folder / file).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def edit(self, file: str, key: dict[str, str], column: str, value: str) -> int:
        """Set one cell of the first row that has the values of ``key``; renew the record."""
        rows = self.read(file)
        position = next(n for n, row in enumerate(rows) if key.items() <= row.items())
        rows[position][column] = value
        self.write(file, rows)
        self.renew()
        return position + 2

    def append(self, file: str, row: dict[str, str]) -> int:
        """Add a row at the end; renew the record."""
        rows = self.read(file)
        self.write(file, [*rows, row])
        self.renew()
        return len(rows) + 2

    def renew(self) -> None:
        from analysis.inputs.renew import renew_record

        renew_record(self.folder)


@pytest.fixture(scope="session")
def raw():
    """Folder of the project's own record; do not write into it."""
    return ROOT / "data" / "raw"


@pytest.fixture
def raw_copy(tmp_path):
    """A `RawCopy` of the project's own record."""
    folder = tmp_path / "raw"
    shutil.copytree(ROOT / "data" / "raw", folder, ignore=shutil.ignore_patterns(".*"))
    return RawCopy(folder)


@pytest.fixture(scope="session")
def toy_raw(tmp_path_factory):
    """Folder and truth of the SIMULATED toy country; do not write into the folder."""
    from toy import build_toy

    folder = tmp_path_factory.mktemp("toy") / "raw"
    return folder, build_toy(folder)
