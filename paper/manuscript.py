"""The manuscript as one text: shortcodes expanded, every reference checked.

Quarto only warns of a reference, citation or variable that leads nowhere. A paper with a hole in it
is wrong whichever program renders it, so the check stands here, before either starts. It asks pandoc
how it reads the text instead of guessing with patterns. Problems are collected and reported together.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pypandoc
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUICK: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it: ten times as fast
SOURCE = "paper.qmd"
VARIABLES = "_variables.yml"
READER = "markdown+table_attributes"
CROSS_REFERENCE = re.compile(r"(fig|tbl|eq|sec)-")
EQUATION_LABEL = re.compile(r"\{#(eq-[\w-]+)\}")
FENCE = re.compile(r"\s*(`{3,}|~{3,})")
INCLUDE = re.compile(r"\s*\{\{<\s*include\s+(\S+)\s*>\}\}\s*")
VARIABLE = re.compile(r"\{\{<\s*var\s+([\w.-]+)\s*>\}\}")
SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
MAX_DEPTH = 5  # an include that includes itself ends here


class ManuscriptError(Exception):
    """The manuscript names something that is not there; one line for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(["the paper cannot be rendered:", *(f"  {line}" for line in problems)]))


def load(folder: Path) -> str:
    """Read ``folder/paper.qmd`` with its includes and variables filled in, and check it.

    Parameters
    ----------
    folder
        Holds ``paper.qmd``, ``_variables.yml`` (written by ``python -m analysis documents``) and
        everything the manuscript includes.

    Returns
    -------
    str
        Pandoc markdown without shortcodes; cross-references stay as ``@fig-id``.

    Raises
    ------
    ManuscriptError
        For each variable, include, image, cross-reference or citation that leads nowhere, and for
        each identifier given twice.
    """
    variables = read_variables(folder / VARIABLES)
    problems: list[str] = []
    text = expand(folder / SOURCE, variables, problems)
    problems += check_references(text, folder)
    if problems:
        raise ManuscriptError(problems)
    return text


def read_variables(path: Path) -> dict[str, str]:
    """Read ``key: text`` pairs and groups of them; a missing file means the step that writes it has not run.

    A dot in a name is a step into a group, as Quarto reads it: ``certainty.KEY`` is ``KEY`` of the group
    ``certainty``, and a key that has a dot itself cannot be named.
    """
    if not path.exists():
        raise ManuscriptError([f"{path.name} is missing: run `python -m analysis documents` first"])
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=QUICK) or {}
    variables: dict[str, str] = {}
    for key, value in content.items():
        if "." in str(key):
            raise ManuscriptError([f"{path.name}: Quarto cannot read the key {key}: it steps down at a dot"])
        if isinstance(value, dict):
            variables |= {f"{key}.{name}": str(text) for name, text in value.items()}
        else:
            variables[str(key)] = str(value)
    return variables


def expand(path: Path, variables: dict[str, str], problems: list[str], depth: int = 0) -> str:
    """Text of ``path`` with ``include`` and ``var`` shortcodes replaced outside code blocks."""
    lines: list[str] = []
    fence = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path.name}, line {number}"
        mark = FENCE.match(line)
        if mark:
            fence = "" if fence and line.strip().startswith(fence) else fence or mark[1]
        if fence:
            lines.append(line)
            continue
        include = INCLUDE.fullmatch(line)
        if not include:
            lines.append(fill(line, variables, where, problems))
        elif not (path.parent / include[1]).is_file():
            problems.append(f"{where}: included file {include[1]} does not exist")
        elif depth == MAX_DEPTH:
            problems.append(f"{where}: {include[1]} includes itself")
        else:
            lines.append(expand(path.parent / include[1], variables, problems, depth + 1))
    return "\n".join(lines)


def fill(line: str, variables: dict[str, str], where: str, problems: list[str]) -> str:
    """Replace the variables of one line; note unknown ones and any other shortcode."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in variables:
            problems.append(f"{where}: unknown variable {found[1]}")
        return variables.get(found[1], "")

    filled = VARIABLE.sub(value, line)
    problems += [f"{where}: shortcode {left} is not supported" for left in SHORTCODE.findall(filled)]
    return filled


def pandoc(arguments: list[str], text: str = "") -> str:
    """Run pandoc on ``text`` and return what it prints; its own message on failure."""
    command = [pypandoc.get_pandoc_path(), *arguments]
    run = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=False)
    if run.returncode:
        raise ManuscriptError([line for line in run.stderr.splitlines() if line.strip()])
    return run.stdout


def check_references(text: str, folder: Path) -> list[str]:
    """Problems with what the text points at: cross-references, citations, images, identifiers."""
    nodes = list(walk(json.loads(pandoc(["-f", READER, "-t", "json"], text))))
    identifiers = [attributes[0] for attributes in map(attributes_of, nodes) if attributes and attributes[0]]
    identifiers += EQUATION_LABEL.findall(text)
    bibliography = json.loads(pandoc(["-f", "biblatex", "-t", "csljson", str(folder / "references.bib")]))
    known = {entry["id"] for entry in bibliography}
    problems = [f"identifier {name} is given twice" for name in sorted(repeated(identifiers))]
    for node in nodes:
        if node["t"] == "Cite":
            for name in (citation["citationId"] for citation in node["c"][0]):
                if CROSS_REFERENCE.match(name):
                    if name not in identifiers:
                        problems.append(f"unknown cross-reference @{name}")
                elif name not in known:
                    problems.append(f"unknown citation @{name}: not in references.bib")
        elif node["t"] == "Image" and not (folder / node["c"][2][0]).is_file():
            problems.append(f"figure {node['c'][2][0]} does not exist")
    return list(dict.fromkeys(problems))


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Every element of a pandoc document, depth first."""
    if isinstance(node, dict):
        if "t" in node:
            yield node
        for child in node.values():
            yield from walk(child)
    elif isinstance(node, list):
        for child in node:
            yield from walk(child)


def attributes_of(node: dict[str, Any]) -> list[Any] | None:
    """The ``[identifier, classes, pairs]`` of elements that a reference can point at."""
    if node["t"] == "Header":
        return list(node["c"][1])
    if node["t"] in ("Div", "Figure", "Table"):
        return list(node["c"][0])
    return None


def repeated(names: list[str]) -> set[str]:
    """Names that occur more than once."""
    return {name for name in names if names.count(name) > 1}
