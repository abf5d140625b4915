"""What make runs again: the Makefile with an interpreter that only writes down what it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHECKS = ("agreement", "peers", "simulated", "stopping")
PRODUCTS = (
    *("panel", "bounds", "estimates", "inference", "plan", "forecast_scores", "lab", "policy", "agreement"),
    "coverage_before",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout without code, with raw files, empty products and a stand-in for Python."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    for place in ("analysis/study", "paper", "data/processed", "env/bin"):
        (tmp_path / place).mkdir(parents=True)
    for code in ("config.py", "study/plan.py", "study/forecast.py", "study/before.py"):
        (tmp_path / "analysis" / code).touch()
    for needed in ("did/errors.py", "pipeline/steps.py", *(f"verify/{name}.py" for name in CHECKS)):
        (tmp_path / "analysis" / needed).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "analysis" / needed).touch()
    (tmp_path / "paper" / "pre_analysis_plan.md").touch()
    for name in PRODUCTS:
        (tmp_path / "data" / "processed" / f"{name}.csv").touch()
    (tmp_path / "data" / "processed" / "reproduce").mkdir()
    (tmp_path / "data" / "processed" / "reproduce" / "links.md").touch()
    python = tmp_path / "env" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$@" >> ran.txt\n')
    python.chmod(0o755)
    (tmp_path / "env" / ".env-stamp").touch()
    return tmp_path


def ran(folder: Path, *targets: str) -> set[str]:
    """Run make and give the steps that it ran; for data and estimates unless others are asked for."""
    (folder / "ran.txt").unlink(missing_ok=True)
    subprocess.run(
        ["make", "-j1", "VENV=env", *(targets or ("data", "estimates"))],
        cwd=folder,
        check=True,
        capture_output=True,
        env={**os.environ, "MAKEFLAGS": ""},
    )
    log = folder / "ran.txt"
    return set(log.read_text().replace("-m analysis ", "").splitlines()) if log.exists() else set()


def later(path: Path) -> None:
    """Give a file a time after everything that was made."""
    os.utime(path, ns=(path.stat().st_mtime_ns + 10**10,) * 2)


def test_a_raw_file_that_is_touched_rebuilds_nothing_and_a_changed_one_what_reads_it(folder):
    first = ran(folder)
    assert {"check", "panel", "bounds", "policy build"} <= first
    assert ran(folder) == set()
    for raw in (folder / "data" / "raw").iterdir():
        later(raw)
    assert ran(folder) == set()
    platforms = folder / "data" / "raw" / "platforms.csv"
    platforms.write_bytes(platforms.read_bytes() + b"\n")
    later(platforms)
    assert ran(folder) == {"check", "policy build"}
    figures = folder / "data" / "raw" / "published_figures.csv"
    figures.write_bytes(figures.read_bytes() + b"\n")
    later(figures)
    assert ran(folder) == {"check", "panel", "bounds", "forecast", "policy build"}


def test_the_editions_are_built_whose_pages_changed_and_both_where_anything_else_did(folder):
    pages = {edition: folder / "book" / edition / "index.md" for edition in ("en", "zh")}
    for page in pages.values():
        page.parent.mkdir(parents=True)
        page.touch()
    code = folder / "book" / "_ext" / "words.py"
    code.parent.mkdir()
    for path in (code, folder / "README.md", folder / "data" / "CONTENTS.md"):
        path.touch()
    for name in ("numbers.json", "exhibits.json"):
        (folder / "data" / "processed" / name).touch()
    build = "book/build.py --jobs 2"
    assert f"{build} en zh" in ran(folder, "book")
    assert ran(folder, "book") == set()
    for changed, editions in (
        ((pages["zh"],), "zh"),
        ((pages["en"],), "en"),
        (tuple(pages.values()), "en zh"),
        ((code,), "en zh"),
        ((code, pages["zh"]), "en zh"),
    ):
        kept = {path: path.stat().st_mtime_ns for path in changed}
        for path in changed:
            later(path)
        assert ran(folder, "book") == {f"{build} {editions}"}
        for path, time in kept.items():
            os.utime(path, ns=(time, time))
