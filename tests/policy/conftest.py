"""The raw record and the table of cases that package and page share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def raw() -> Path:
    """Folder of the project's raw record."""
    return ROOT / "data" / "raw"


@pytest.fixture(scope="session")
def rulebook(raw):
    """The rules on record."""
    from analysis.policy.rulebook import load_rulebook

    return load_rulebook(raw)
