"""Source text is text: an escape that was written as its character damages a formula without an error."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("analysis", "benchmarks", "book", "paper", "tests")
SUFFIXES = {".py", ".md", ".qmd", ".toml", ".yml", ".yaml", ".cff", ".css", ".js", ".html", ".bib", ".typ"}
BUILT = {"_build", "_generated", "_output", "__pycache__"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # all but tab, line feed and carriage return


def source_files() -> list[Path]:
    files = [path for path in ROOT.iterdir() if path.is_file()]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return [p for p in files if p.suffix.lower() in SUFFIXES and not BUILT & set(p.parts)]


def test_no_source_file_holds_a_control_character() -> None:
    files = source_files()
    assert ROOT / "analysis" / "lab" / "calibrate.py" in files
    found = []
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if CONTROL.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


@pytest.mark.parametrize("text", ["\frac12", "a\0b", "\x1b[31m", "\beta", "\alpha"])
def test_the_character_of_an_escape_is_a_control_character(text: str) -> None:
    assert CONTROL.search(text)
