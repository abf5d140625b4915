"""Both editions: as `make` built them where they are fresh, or built once for all tests; one browser."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
READ = ("book", "analysis", "data/processed", "benchmarks/results")  # folders that a build reads
MADE = ("_build", "_generated", "__pycache__")


def build_copy(folder: Path, *editions: str) -> Path:
    """Build editions in a copy of the project's book, with the committed results."""
    skip = shutil.ignore_patterns(*MADE)
    shutil.copytree(ROOT / "book", folder / "book", ignore=skip)
    shutil.copytree(ROOT / "data" / "processed", folder / "data" / "processed")
    shutil.copytree(ROOT / "benchmarks" / "results", folder / "benchmarks" / "results")
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    shutil.copy(ROOT / "CITATION.cff", folder)
    # The page api is written from the engine's docstrings.
    shutil.copytree(ROOT / "analysis", folder / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    if editions:
        command = [sys.executable, folder / "book" / "build.py", *editions]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return folder / "book"


def newest_input() -> float:
    """When a file that the book is made from was last changed."""
    files = [ROOT / "CITATION.cff", ROOT / "data/raw/sources.csv", ROOT / "data/raw/published_figures.csv"]
    for name in READ:
        files += [
            path
            for path in (ROOT / name).rglob("*")
            if path.is_file() and not set(MADE) & set(path.relative_to(ROOT).parts)
        ]
    return max(path.stat().st_mtime for path in files)


def is_built() -> bool:
    """Whether the project's own pages are younger than all that they are made from."""
    pages = [ROOT / "book" / edition / "_build" / "html" / "index.html" for edition in ("en", "zh")]
    return all(path.is_file() for path in pages) and min(p.stat().st_mtime for p in pages) > newest_input()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Build editions in a folder of this name, once for all processes that test; returns the book there."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def build(name: str, *editions: str) -> Path:
        folder, done = base / name, base / f"{name}.done"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a process that failed
                build_copy(folder, *editions)
                done.touch()
        return folder / "book"

    return build


@pytest.fixture(scope="session")
def book(once: Callable[..., Path]) -> Path:
    """Both editions; to be read only."""
    return ROOT / "book" if is_built() else once("book", "en", "zh")


@pytest.fixture(scope="session")
def elsewhere(once: Callable[..., Path]) -> Path:
    """The English edition, built a second time in another folder."""
    return once("elsewhere", "en")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (looked on PATH)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()
