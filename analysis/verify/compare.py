"""Set the products against the committed reference and say, file by file, whether they agree.

Text must be equal and numbers within `TOLERANCE`, because another processor rounds the last digits
differently. Pictures are judged by the data behind them: their bytes may differ with the machine.
The reference is what the last commit holds, so an edited product shows up here and in the report.
"""

from __future__ import annotations

import io
import json
import math
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.base.errors import InputError
from analysis.base.files import write_text
from analysis.base.progress import say
from analysis.verify.record import OWN, write_package, write_run

TOLERANCE = 1e-6  # relative; the contract's measure of "the same" on another machine
FLOOR = 1e-9  # below this, two numbers count as zero
PICTURES = {".svg", ".png"}
RAW, PROCESSED, REPORT = Path("data/raw"), Path("data/processed"), Path("build/verification.md")


@dataclass(frozen=True)
class Finding:
    """The verdict on one file, one of `VERDICTS`, and where it differs."""

    path: str
    verdict: str
    detail: str = ""

    @property
    def agrees(self) -> bool:
        """Whether this file is as committed, as far as it must be; a new file contradicts nothing."""
        return self.verdict in ("same", "equal", "picture", "new")


def run(root: Path, *, strict: bool) -> None:
    """Record the run, compare every committed product and write the report.

    Raises
    ------
    InputError
        When ``strict`` and a product differs from the reference.
    """
    processed = root / PROCESSED
    write_run(root / RAW, processed)
    write_package(processed)
    reference = committed_files(root)
    if not reference:
        say("verify: no committed reference here (not a git checkout); nothing to compare")
        return
    findings = [compare_file(root, path, content) for path, content in sorted(reference.items())]
    known = set(reference)
    findings += [Finding(path, "new") for path in sorted(built_files(root) - known)]
    write_text(report(findings), root / REPORT)
    different = [finding for finding in findings if not finding.agrees]
    say(f"verify: {len(findings) - len(different)} of {len(findings)} products agree; see {REPORT}")
    for finding in different:
        say(f"  {finding.verdict}: {finding.path} {finding.detail}")
    if strict and different:
        raise InputError(
            f"{len(different)} products differ from the committed reference",
            file=different[0].path,
            value=different[0].detail,
            action=f"read {REPORT}; commit the new products if the change was meant",
        )


def built_files(root: Path) -> set[str]:
    """Products on disk, as paths from the root."""
    return {
        path.relative_to(root).as_posix()
        for path in (root / PROCESSED).rglob("*")
        if path.is_file() and path.name not in OWN and not path.name.startswith(".")
    }


def committed_files(root: Path) -> dict[str, bytes]:
    """Content of every committed product; empty outside a git checkout."""
    listing = git(root, "ls-tree", "-r", "-z", "--name-only", "HEAD", f"{PROCESSED.as_posix()}/")
    if listing is None:
        return {}
    paths = [path for path in listing.decode().split("\0") if path and Path(path).name not in OWN]
    contents = {}
    for path in paths:
        content = git(root, "show", f"HEAD:{path}")
        assert content is not None, f"git lists {path} and cannot show it"
        contents[path] = content
    return contents


def git(root: Path, *arguments: str) -> bytes | None:
    """Output of a git command, or missing where there is no git or no commit."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def compare_file(root: Path, path: str, reference: bytes) -> Finding:
    """Compare one product with its committed content."""
    built = root / path
    if not built.exists():
        return Finding(path, "missing", "was committed and not built")
    content = built.read_bytes()
    if content == reference:
        return Finding(path, "same")
    if built.suffix in PICTURES:
        return Finding(path, "picture", "bytes differ; judged by the CSV beside it")
    if built.suffix == ".csv":
        detail = table_difference(reference, content)
    elif built.suffix == ".json":
        detail = json_difference(json.loads(reference), json.loads(content))
    else:
        detail = "text differs"
    return Finding(path, "different", detail) if detail else Finding(path, "equal", "within 1e-6")


def table_difference(reference: bytes, content: bytes) -> str:
    """First difference between two tables, or an empty string."""
    old, new = (
        pd.read_csv(io.BytesIO(item), dtype=str, keep_default_na=False) for item in (reference, content)
    )
    if list(old.columns) != list(new.columns):
        return f"columns {list(old.columns)} became {list(new.columns)}"
    if len(old) != len(new):
        return f"{len(old)} rows became {len(new)}"
    for column in old.columns:
        for row, (left, right) in enumerate(zip(old[column], new[column], strict=True), start=2):
            if left != right and not close(left, right):
                return f"row {row}, column {column}: {left!r} became {right!r}"
    return ""


def json_difference(old: object, new: object, where: str = "$") -> str:
    """First difference between two JSON values, or an empty string; file hashes are not compared."""
    if isinstance(old, dict) and isinstance(new, dict):
        if set(old) != set(new):
            return f"{where}: keys differ in {sorted(set(old) ^ set(new))[:5]}"
        pairs = [(f"{where}.{key}", old[key], new[key]) for key in sorted(old) if key != "sha256"]
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return f"{where}: {len(old)} items became {len(new)}"
        pairs = [(f"{where}[{number}]", *pair) for number, pair in enumerate(zip(old, new, strict=True))]
    else:
        return "" if old == new or close(old, new) else f"{where}: {old!r} became {new!r}"
    return next((text for place, a, b in pairs if (text := json_difference(a, b, place))), "")


def close(left: object, right: object) -> bool:
    """Whether two printed numbers agree within the tolerance; texts never do."""
    try:
        a, b = float(str(left)), float(str(right))
    except ValueError:
        return False
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=FLOOR)


def report(findings: list[Finding]) -> str:
    """The verification report as Markdown."""
    count = {verdict: sum(item.verdict == verdict for item in findings) for verdict in VERDICTS}
    lines = ["# Verification report", "", "Products of this build against the committed reference.", ""]
    lines += [f"- {meaning}: {count[verdict]}" for verdict, meaning in VERDICTS.items()]
    shown = [item for item in findings if item.verdict != "same"]
    if shown:
        lines += ["", "| file | verdict | detail |", "|---|---|---|"]
        lines += [f"| {item.path} | {item.verdict} | {item.detail} |" for item in shown]
    return "\n".join(lines) + "\n"


VERDICTS = {
    "same": "same bytes",
    "equal": f"numbers within {TOLERANCE:g}",
    "picture": "picture with other bytes, judged by its data",
    "different": "different",
    "missing": "committed and not built",
    "new": "built and not committed",
}
