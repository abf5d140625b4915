"""The scripts in findings/ keep their form: pinned, in a temporary folder, indexed, and without our product.

They need a network, so they do not run here.
"""

import ast
import re
import shlex
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "findings"
SCRIPTS = sorted(FOLDER.glob("*.sh"))
PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[0-9][0-9A-Za-z.]*")
PYTHON = re.compile(r"<<'PY'\n(.*?)^PY$", re.DOTALL | re.MULTILINE)


def faults(text: str) -> list[str]:
    """What the text of a script lacks."""
    found = []
    if not text.startswith("#!/usr/bin/env bash\n# "):
        found.append("does not begin with bash and a comment")
    for word in ("# Guess: ", "# Seen: "):
        if f"\n{word}" not in text:
            found.append(f"has no {word!r}")
    for line in (
        "set -euo pipefail",
        "work=$(mktemp -d)",
        "trap 'rm -rf \"$work\"' EXIT",
        'cd "$work"',
        "python3 -m venv venv",
    ):
        if line not in text.splitlines():
            found.append(f"has no line {line}")
    installs = re.findall(r"pip3? install (.*)", text)
    packages = [word for line in installs for word in shlex.split(line) if not word.startswith("-")]
    if not packages:
        found.append("installs nothing")
    found += [f"does not pin {name}" for name in packages if not PINNED.fullmatch(name)]
    if re.search(r"\banalysis\b", text):
        found.append("mentions the product")
    if "assert " not in text:
        found.append("cannot fail")
    return found


def example(**changed: str) -> str:
    """A script of the right form, with some text replaced."""
    text = SCRIPTS[0].read_text(encoding="utf-8")
    for old, new in changed.items():
        text = text.replace(old, new)
    return text


def test_there_are_findings_and_the_index_names_each_once() -> None:
    named = re.findall(r"\| `([a-z0-9-]+\.sh)` \|", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert len(SCRIPTS) >= 10
    assert sorted(named) == [path.name for path in SCRIPTS]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_finding_has_the_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o111 == 0o111
    assert faults(text) == []
    subprocess.run(["bash", "-n", path], check=True)
    (program,) = PYTHON.findall(text)
    ast.parse(program)
    assert max(map(len, text.splitlines())) <= 200


@pytest.mark.parametrize(
    "old, new, fault",
    [
        ("==", ">=", "does not pin"),
        ("work=$(mktemp -d)", "work=.", "has no line work="),
        ("# Guess: ", "# ", "has no '# Guess: '"),
        ("import ", "import analysis, ", "mentions the product"),
        ("assert ", "print", "cannot fail"),
        ("pip install", "pip list", "installs nothing"),
    ],
)
def test_a_script_that_lacks_it_is_found(old: str, new: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(example(**{old: new})))
