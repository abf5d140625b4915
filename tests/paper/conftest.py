"""A small simulated paper with one of everything, and a way to run the renderer as `make` does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SAMPLE = {
    "paper.qmd": """\
---
title: "A simulated paper"
author:
  - name: Nobody
date: 2020-01-01
abstract: |
  Everything here is simulated 模拟: {{< var effect >}}.
keywords: [simulated]
bibliography: references.bib
link-citations: true
number-sections: true
lang: en
css: paper.css
---

## Question {#sec-question}

We simulate {{< var provinces >}} provinces; see @sec-answer, @fig-line, @tbl-one, @eq-one and
@fisher1935.

{{< include _generated/tables/tbl-one.md >}}

## Answer {#sec-answer}

$$
Y = \\alpha + \\beta D
$$ {#eq-one}

![Line. Evidence: [simulated]{.evidence}](_generated/figures/line.svg){#fig-line fig-alt="A straight line."}

::: {#tbl-one}

{{< include _generated/tables/tbl-one.md >}}

Simulated table
:::

::: {.content-visible when-format="html"}
Only on the page.
:::

## References {.unnumbered}

::: {#refs}
:::
""",
    "_variables.yml": 'effect: "1.0 to 2.0"\nprovinces: "31"\n',
    "paper.css": "body { margin: 0 }\n",
    "references.bib": "@book{fisher1935, author={Fisher, Ronald A.}, title={The Design of Experiments},"
    " publisher={{Oliver and Boyd}}, date={1935}}\n",
    "_generated/tables/tbl-one.md": "| Province 省 | Value |\n|:--|--:|\n| 甲 | 1 |\n",
    "_generated/figures/line.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100">'
    '<text x="9" y="50" font-family="Noto Sans CJK SC">模拟 simulated</text></svg>\n',
}


def write_sample(folder: Path) -> Path:
    for name, content in SAMPLE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def run_render(
    folder: Path, *arguments: str, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "paper" / "render.py"), "--folder", str(folder), *arguments]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A folder with the simulated paper, to be changed at will."""
    return write_sample(tmp_path / "paper")


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated paper as the fallback renders it; to be read only."""
    folder = write_sample(tmp_path_factory.mktemp("rendered") / "paper")
    run = run_render(folder, "--quarto", "off")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Replace a text that must be there, once, in a file."""

    def replace(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture
def render() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``paper/render.py`` on a folder; keywords go into its environment."""

    return run_render
