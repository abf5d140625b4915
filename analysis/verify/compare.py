"""Set the products against the reference and say, file by file, whether they agree.

Text must be equal and numbers within `TOLERANCE`, because another processor rounds the last digits
differently. Pictures are judged by the data behind them: their bytes may differ with the machine.
The reference is what the last commit holds or, in an unpacked archive, what its manifest vouches for; so
an edited product shows up here and in the report, and comparing nothing is an error.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.base.errors import InputError
from analysis.base.files import write_text
from analysis.base.named import parse_json
from analysis.base.progress import say
from analysis.verify.record import write_record
from analysis.verify.reference import MANIFEST, PROCESSED, Kept, built_files, reference, sha256

TOLERANCE = 1e-6  # relative; the contract's measure of "the same" on another machine
FLOOR = 1e-9  # below this, two numbers count as zero
PICTURES = {".svg", ".png"}
RAW, REPORT = Path("data/raw"), Path("build/verification.md")


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
    """Record the run, compare every product of the reference and write the report.

    Raises
    ------
    InputError
        When there is nothing to compare with; or when ``strict`` and a product differs.
    """
    source, kept = reference(root)
    processed = root / PROCESSED
    write_record(root / RAW, processed)
    findings = [compare_file(root, path, product) for path, product in sorted(kept.items())]
    stranger = "unlisted" if source == str(MANIFEST) else "new"
    findings += [Finding(path, stranger) for path in sorted(built_files(root) - set(kept))]
    write_text(report(findings, source), root / REPORT)
    different = [finding for finding in findings if not finding.agrees]
    say(f"verify: {len(findings) - len(different)} of {len(findings)} products agree; see {REPORT}")
    for finding in different:
        say(f"  {finding.verdict}: {finding.path} {finding.detail}")
    say(same_bytes(findings))
    if strict and different:
        raise InputError(
            f"{len(different)} products differ from {source}",
            file=different[0].path,
            value=different[0].detail,
            action=f"read {REPORT}; commit the new products if the change was meant",
        )


def same_bytes(findings: list[Finding]) -> str:
    """How many products of the reference were built with the same bytes."""
    known = [finding for finding in findings if finding.verdict not in ("new", "unlisted")]
    return f"same bytes, {sum(finding.verdict == 'same' for finding in known)} of {len(known)}"


def compare_file(root: Path, path: str, kept: Kept) -> Finding:
    """Compare one product with what it should be."""
    built = root / path
    if not built.is_file():
        return Finding(path, "missing", "is in the reference and was not built")
    content = built.read_bytes()
    if sha256(content) == kept.sha256:
        return Finding(path, "same")
    if built.suffix in PICTURES:
        return Finding(path, "picture", "bytes differ; judged by the CSV beside it")
    if kept.content is None:
        detail = "other checksum, and no copy of the original to measure by: unpack the archive again"
    else:
        detail = difference(built, kept.content, content)
    return Finding(path, "different", detail) if detail else Finding(path, "equal", "within 1e-6")


def difference(built: Path, reference: bytes, content: bytes) -> str:
    """First difference between two files of one name, or an empty string; a damaged file is one."""
    try:
        if built.suffix == ".csv":
            return table_difference(reference, content)
        if built.suffix == ".json":
            old, new = json.loads(reference), parse_json(content.decode(), built, built.name)
            return json_difference(old, new)
    except (ValueError, pd.errors.ParserError) as error:  # of a table, of JSON or of UTF-8
        return f"cannot be read: {str(error).splitlines()[0]}"
    return "text differs"


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


def report(findings: list[Finding], source: str) -> str:
    """The verification report as Markdown; its last line says how many bytes are the same."""
    count = {verdict: sum(item.verdict == verdict for item in findings) for verdict in VERDICTS}
    lines = ["# Verification report", "", f"Products of this build against {source}.", ""]
    lines += [f"- {meaning}: {count[verdict]}" for verdict, meaning in VERDICTS.items()]
    shown = [item for item in findings if item.verdict != "same"]
    if shown:
        lines += ["", "| file | verdict | detail |", "|---|---|---|"]
        lines += [f"| {item.path} | {item.verdict} | {item.detail} |" for item in shown]
    return "\n".join([*lines, "", same_bytes(findings)]) + "\n"


VERDICTS = {
    "same": "same bytes",
    "equal": f"numbers within {TOLERANCE:g}",
    "picture": "picture with other bytes, judged by its data",
    "different": "different",
    "missing": "in the reference and not built",
    "new": "built and not in the reference",
    "unlisted": "built and not in the manifest, which was cut off or is of another state",
}
