"""An element of elements and text alone is written at once; one that holds more is walked by the writer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXTENSIONS = Path(__file__).parents[2] / "book" / "_ext"
PROGRAM = """
import sys
from docutils import nodes
from docutils.writers._html_base import HTMLTranslator
from html_tag import _visit, tag

class Writer:
    def __init__(self, literal):
        self.body, self.protect_literal_text = [], literal
    def encode(self, text):
        return text.translate(HTMLTranslator.special_characters)

more = [nodes.emphasis()] if "node" in sys.argv else []
inner = tag("b", "a < b & c", *more)
writer = Writer("literal" in sys.argv)
try:
    _visit(writer, tag("p", inner, tag("img", src="x.svg", alt="y & z"), "中", class_="box", hidden=None))
    print("walk", *writer.body, end="")
except nodes.SkipNode:
    print("whole", *writer.body, end="")
"""


@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        (
            "text",
            'whole <p class="box" hidden><b>a &lt; b &amp; c</b><img src="x.svg" alt="y &amp; z">中</p>',
        ),
        ("node", 'walk <p class="box" hidden>'),
        ("literal", 'walk <p class="box" hidden>'),
    ],
)
def test_only_elements_and_text_are_written_at_once(holds: str, expected: str) -> None:
    command = [sys.executable, "-X", "utf8", "-c", PROGRAM, holds]
    done = subprocess.run(command, env={"PYTHONPATH": str(EXTENSIONS)}, capture_output=True, check=True)
    assert done.stdout.decode("utf-8") == expected
