"""The call of Quarto, with a stand-in on PATH: Quarto itself is not on every machine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

STAND_IN = """\
#!/usr/bin/env python3
import json, os, pathlib, sys
names = ("SOURCE_DATE_EPOCH", "TYPST_FONT_PATHS", "TYPST_IGNORE_SYSTEM_FONTS")
seen = {{name: os.environ.get(name) for name in names}}
record = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": seen}}
pathlib.Path({record!r}).write_text(json.dumps(record))
{action}
"""
WRITE_BOTH = """\
out = pathlib.Path("_output")
out.mkdir()
(out / "paper.html").write_text("<p>by the stand-in</p>")
(out / "paper.pdf").write_bytes(b"%PDF by the stand-in")
"""
FAIL = 'sys.exit("quarto: something broke")'
WARN = WRITE_BOTH + 'print("WARNING: Unable to resolve crossref @fig-line", file=sys.stderr)'
HALF = WRITE_BOTH + '(out / "paper.pdf").unlink()'
HOLE = WRITE_BOTH + '(out / "paper.html").write_text("<p>?var:effect</p>")'


@pytest.fixture
def install(tmp_path: Path) -> Callable[[str], tuple[str, Path]]:
    """Put a stand-in on a PATH of its own; give back that PATH and where the call is recorded."""

    def write(action: str) -> tuple[str, Path]:
        folder, record = tmp_path / "bin", tmp_path / "call.json"
        folder.mkdir(exist_ok=True)
        program = folder / "quarto"
        program.write_text(STAND_IN.format(record=str(record), action=action))
        program.chmod(0o755)
        return f"{folder}{os.pathsep}{os.environ['PATH']}", record

    return write


def test_quarto_on_path_makes_the_paper(sample, render, install):
    path, record = install(WRITE_BOTH)
    run = render(sample, PATH=path)
    assert run.returncode == 0, run.stderr
    assert "made by Quarto" in run.stdout
    assert (sample / "_output" / "paper.html").read_text() == "<p>by the stand-in</p>"
    assert (sample / "_output" / "paper.pdf").read_bytes() == b"%PDF by the stand-in"
    call = json.loads(record.read_text())
    assert call["arguments"] == ["render", "paper.qmd"]
    assert Path(call["folder"]) != sample  # a copy, so that a failure leaves nothing behind
    assert call["environment"]["SOURCE_DATE_EPOCH"].isdigit()
    fonts = {font.name for font in Path(call["environment"]["TYPST_FONT_PATHS"]).iterdir()}
    assert "NotoSerifCJKsc-Regular.otf" in fonts


def test_quarto_off_does_not_call_it(sample, render, install):
    path, record = install(WRITE_BOTH)
    run = render(sample, "--quarto", "off", PATH=path)
    assert run.returncode == 0, run.stderr
    assert "made by pandoc and typst" in run.stdout
    assert not record.exists()


@pytest.mark.parametrize(
    ("action", "named"),
    [
        (FAIL, "something broke"),
        (WARN, "Unable to resolve crossref @fig-line"),
        (HALF, "no paper.pdf"),
        (HOLE, "?var:"),
    ],
)
def test_a_failing_quarto_passes_its_message_on_and_leaves_the_old_paper_whole(
    sample, render, install, action, named
):
    old = sample / "_output" / "paper.html"
    old.parent.mkdir()
    old.write_text("earlier")
    path, _ = install(action)
    run = render(sample, PATH=path)
    assert run.returncode == 1
    assert named in run.stderr
    assert [(item.name, item.read_text()) for item in old.parent.iterdir()] == [("paper.html", "earlier")]


def test_a_hole_fails_before_quarto_is_called(sample, render, install, edit):
    path, record = install(WRITE_BOTH)
    edit(sample / "paper.qmd", "var provinces", "var absent_key")
    run = render(sample, PATH=path)
    assert run.returncode == 1
    assert "absent_key" in run.stderr
    assert not record.exists()
