"""The project's own results and numbers, loaded once; tests that spoil them work on copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.report.numbers.collect import collect
from analysis.report.results import load_results

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def results():
    """The record and the computed tables of the project."""
    return load_results(ROOT / "data" / "raw", ROOT / "data" / "processed")


@pytest.fixture(scope="session")
def numbers(results):
    """Every number of the study by key."""
    return collect(results)
