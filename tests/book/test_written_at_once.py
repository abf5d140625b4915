"""Elements of text, and tables of text, are written at once; what holds more is walked by the writer."""

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


TABLE = """
import sys
from docutils import nodes
from docutils.core import publish_doctree
from docutils.writers._html_base import HTMLTranslator
from exhibit_table import PlainTable, fold, mark_columns, settle, visit
from search_text import texts
from myst_parser.docutils_ import Parser

class Writer:
    def __init__(self):
        self.body = []
    def encode(self, text):
        return text.translate(HTMLTranslator.special_characters)
    attval = encode

lines = ["| a | b |", "| :-- | --: |", "| " + sys.argv[1] + " | **1** |", *["| x | |"] * 12]
page = publish_doctree("\\n".join(lines), parser=Parser())
table, = page.findall(nodes.table)
mark_columns(table)
fold(table)
before = texts(page)
settle(page, quotes_final=False)
print("early" if [*page.findall(PlainTable)] else "not early")
settle(page, quotes_final=True)
assert texts(page) == before
for found in page.findall(PlainTable):
    writer = Writer()
    try:
        visit(writer, found)
    except nodes.SkipNode:
        print("".join(writer.body))
"""
WIDTHS = """
import sys
from docutils import nodes
from docutils.core import publish_doctree
from exhibit_table import mark_columns
from myst_parser.docutils_ import Parser

page = publish_doctree("| a |\\n|---|\\n| " + sys.argv[1] + " |", parser=Parser())
table, = page.findall(nodes.table)
mark_columns(table)
print(*[*table.findall(nodes.entry)][-1]["classes"], end="")
"""


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("a" * 22, "short"),
        ("a" * 23, "middling"),
        ("省" * 11, "short"),
        ("省" * 12, "middling"),
        ("省" * 31, "long"),
    ],
)
def test_a_chinese_letter_takes_the_room_of_two(cell: str, kind: str) -> None:
    """A column that must not break would else be wider than a sheet of paper."""
    command = [sys.executable, "-X", "utf8", "-c", WIDTHS, cell]
    done = subprocess.run(command, env={"PYTHONPATH": str(EXTENSIONS)}, capture_output=True, check=True)
    assert done.stdout.decode("utf-8") == kind


HEAD = """<div class="pst-scrollable-table-container"><table class="table">
<thead>
<tr class="row-odd"><th class="head text-left"><p>a</p></th>
<th class="head text-right"><p>b</p></th>
</tr>
</thead>
<tbody>
<tr class="row-even"><td class="text-left short"><p>{first}</p></td>
<td class="text-right short"><p><strong>1</strong></p></td>
</tr>
"""
LAST = """<tr class="beyond row-even"><td class="text-left short"><p>x</p></td>
<td class="text-right short"><p></p></td>
</tr>
</tbody>
</table>
</div>
"""


@pytest.mark.parametrize(
    ("cell", "stage", "first"),
    [
        ("c < d", "early", "c &lt; d"),
        ("c's", "not early", "c's"),
        ("`c d` *e*", "early", '<code class="docutils literal notranslate">{}</code> <em>e</em>'),
        ("[t](https://a.b/?c=<d)", "early", '<a class="reference external" href="https://a.b/?c=%3Cd">t</a>'),
        ("![t](c.png)", "not early", None),
        ("[t](#a)", "not early", None),
        ("**c *d***", "not early", None),
    ],
)
def test_only_a_table_of_text_becomes_one_node(cell: str, stage: str, first: str | None) -> None:
    """By the writer's rules for tables, written out by hand; the text that search reads stays."""
    command = [sys.executable, "-X", "utf8", "-c", TABLE, cell]
    done = subprocess.run(command, env={"PYTHONPATH": str(EXTENSIONS)}, capture_output=True, check=True)
    said, _, html = done.stdout.decode("utf-8").partition("\n")
    assert said == stage
    if first is None:
        assert html == ""
        return
    words = '<span class="pre">c</span> <span class="pre">d</span>'
    assert html.startswith(HEAD.format(first=first.replace("{}", words)))
    assert html.endswith(LAST + "\n")
