"""The quick walk over nodes finds what docutils finds, in the same order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXTENSIONS = Path(__file__).parents[2] / "book" / "_ext"
PROGRAM = """
from docutils import nodes
from docutils.core import publish_doctree
from walk import findall, whole

TEXT = '''
Head
====

A *word* and ``code``.

- one
- two

  - three, **bold**

+---+---+
| a | b |
+---+---+
'''
tree = publish_doctree(TEXT)
leaf = next(whole(tree, nodes.Text))
conditions = [None, nodes.Text, nodes.Element, nodes.table, nodes.math, lambda node: len(node.children) > 1]
for top in (tree, tree[0], leaf):
    for condition in conditions:
        for asked in ({}, {"include_self": False}, {"siblings": True}, {"ascend": True}, {"descend": False}):
            ours, theirs = (list(map(id, walk(top, condition, **asked))) for walk in (findall, whole))
            assert ours == theirs, (top, condition, asked)
print(len(list(findall(tree, nodes.Text))))
"""


def test_walk_finds_the_nodes_of_docutils_in_their_order() -> None:
    command = [sys.executable, "-c", PROGRAM]
    env = {"PYTHONPATH": str(EXTENSIONS)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 12  # a heading, a line in five pieces, items in four, two cells
