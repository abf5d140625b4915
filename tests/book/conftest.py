"""Both editions, built once for all tests, in a copy of the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build_copy(folder: Path, *editions: str) -> Path:
    """Build editions in a copy of the project's book, with the committed results."""
    skip = shutil.ignore_patterns("_build", "_generated", "__pycache__")
    shutil.copytree(ROOT / "book", folder / "book", ignore=skip)
    shutil.copytree(ROOT / "data" / "processed", folder / "data" / "processed")
    shutil.copytree(ROOT / "benchmarks" / "results", folder / "benchmarks" / "results")
    (folder / "data" / "raw").mkdir()
    for name in ("sources.csv", "published_figures.csv"):
        shutil.copy(ROOT / "data" / "raw" / name, folder / "data" / "raw")
    shutil.copy(ROOT / "CITATION.cff", folder)
    # The page api is written from the engine's docstrings.
    shutil.copytree(ROOT / "analysis", folder / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    for edition in editions:
        done = subprocess.run(
            [sys.executable, folder / "book" / "build.py", edition],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folder / "book"


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both editions, built once."""
    return build_copy(tmp_path_factory.mktemp("book"), "en", "zh")


@pytest.fixture
def build_elsewhere() -> Callable[..., Path]:
    """`build_copy`, for tests that need a second build."""
    return build_copy
