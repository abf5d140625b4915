"""The page of first steps: its code runs, prints what stands below it, and is the same in both editions."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

import analysis.did as did

BOOK = Path(__file__).parents[2] / "book"
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def blocks(edition: str) -> list[tuple[str, str]]:
    """Code and what is said to be printed, in order."""
    text = (BOOK / edition / "first-steps.md").read_text("utf-8")
    found = BLOCK.findall(text)
    assert len(found) == text.count("```python")
    return found


def run(code: str, names: dict[str, Any]) -> str:
    """What a notebook shows of a cell: what it prints, and the value of its last line."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(tree, "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            if value is not None:
                print(value)
    return "\n".join(line.rstrip() for line in shown.getvalue().splitlines()) + "\n"


def test_both_editions_have_the_same_code() -> None:
    assert blocks("en") == blocks("zh")


def test_summary_and_figure_take_six_lines() -> None:
    code = [line for line in blocks("en")[0][0].splitlines() if line]
    assert len(code) == 6
    assert code[3] == "print(did.twfe(panel).fit.summary)"
    assert code[-1] == "result.plot()"


def test_every_block_prints_what_stands_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rollout_did", did)
    mpl.use("Agg")
    names: dict[str, Any] = {}
    compared = 0
    for code, printed in blocks("en"):
        shown = run(code, names)
        if printed:
            assert shown == printed, code
            compared += 1
    assert compared >= 10
    assert len(names["result"].plot().lines) > 0


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_interface_page_names_every_public_function_and_class(edition: str) -> None:
    text = (BOOK / edition / "api.md").read_text("utf-8")
    named = re.findall(r"^\.\. auto(?:class|function):: (\w+)$", text, re.MULTILINE)
    assert sorted(named) == sorted(name for name in did.__all__ if callable(getattr(did, name)))
