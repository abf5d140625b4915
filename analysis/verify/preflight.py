"""What data editors look for first, checked on the source files before anyone sends them.

Each check returns the places where it fails. The list follows the demands that the reviewers of
economics journals publish: files the README names exist, licences and a citation stand at the root,
no path or account of one machine, no large file without a reason, sources for every fact.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.base.errors import InputError
from analysis.base.named import read_named
from analysis.base.progress import say
from analysis.base.reading import read_csv, read_text
from analysis.verify import editors
from analysis.verify.reference import stale
from analysis.verify.sources import source_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REQUIRED = (
    "README.md",
    "LICENSE",
    "LICENSE-DATA",
    "CITATION.cff",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Makefile",
    "environment.yml",
    "requirements.lock",
    "pyproject.toml",
)
LARGEST = 1_500_000  # bytes of a tracked file; above that a reader should ask why
PERSONAL_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|tmp|work)/\w|[A-Z]:\\\\Users")
# A Markdown link or a path in code marks that looks like a file or folder of this project.
README_PATH = re.compile(
    r"\]\((?!https?:|#|mailto:)([^)\s]+)\)|`((?:[\w.-]+/)+[\w.*-]*|[\w-]+\.(?:md|cff|lock|toml|yml))`"
)
TEXT = {".py", ".md", ".qmd", ".yml", ".yaml", ".toml", ".csv", ".cff", ".bib", ".lua", ".js", ".css", ""}


def check_required_files(root: Path) -> list[str]:
    """Licences, citation, change log and locks stand at the root."""
    return [name for name in REQUIRED if not (root / name).is_file()]


def check_paths_in_readme(root: Path) -> list[str]:
    """Every path that the README names exists (after `make`)."""
    text = read_text(root / "README.md", "the first page", "give the project's folder with --root")
    paths = {a or b for a, b in README_PATH.findall(text)}
    return sorted(path for path in paths if not any(root.glob(path.split("#")[0].rstrip("/"))))


def check_personal_paths(root: Path) -> list[str]:
    """No source text holds a path of one machine."""
    found = []
    for path in source_files(root, untracked=False):
        if path.suffix in TEXT and path.is_file() and path.name != "preflight.py":
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            hits = [n for n, line in enumerate(lines, start=1) if PERSONAL_PATH.search(line)]
            found += [f"{path.relative_to(root)}:{number}" for number in hits]
    return found


def check_large_files(root: Path) -> list[str]:
    """No source file is larger than 1.5 megabytes."""
    return [
        str(p.relative_to(root))
        for p in source_files(root, untracked=False)
        if p.is_file() and p.stat().st_size > LARGEST
    ]


def check_facts_have_sources(root: Path) -> list[str]:
    """Every fact row names a source that the register of sources knows."""
    raw = root / "data/raw"
    known = set(read_csv(raw / "sources.csv", columns=("source_id",), dtype=str)["source_id"])
    bad = []
    for path in sorted(raw.glob("*.csv")):
        table = read_csv(path, empty=True, dtype=str)
        if "source_id" in table and path.name != "sources.csv":
            rows = table.index[~table["source_id"].isin(known)]
            bad += [f"{path.name}:{row + 2}" for row in rows]
    return bad


def check_citation(root: Path) -> list[str]:
    """CITATION.cff has what a reference needs, and the version of the package."""
    citation = read_named(root / "CITATION.cff", "the citation")
    absent = [key for key in ("title", "authors", "version", "license") if not citation.get(key)]
    project = read_text(root / "pyproject.toml")
    if f'version = "{citation.get("version")}"' not in project:
        absent.append("version differs from pyproject.toml")
    return absent


def check_manifest(root: Path) -> list[str]:
    """The manifest that ships has the checksums of the products that ship."""
    return stale(root)


CHECKS: tuple[Callable[[Path], list[str]], ...] = (
    check_required_files,
    check_paths_in_readme,
    check_personal_paths,
    check_large_files,
    check_facts_have_sources,
    check_citation,
    check_manifest,
)


def run(root: Path) -> None:
    """Run every check, print the editors' lists item by item, and raise `InputError` if a check fails."""
    failed = []
    for check in CHECKS:
        try:
            places = check(root)
        except (
            InputError,
            OSError,
        ) as error:  # unreadable: it does not hold; the others still run
            places = [" ".join(str(error).split())]
        summary = (check.__doc__ or check.__name__).splitlines()[0]
        say(f"  {'fails' if places else 'holds'}: {summary}")
        failed += [f"{check.__name__}: {', '.join(places[:5])}"] if places else []
    editors.show(root)
    if failed:
        raise InputError("preflight found something to mend: " + "; ".join(failed))
