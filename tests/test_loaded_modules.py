"""A module loads what it uses: a part of a package that another module happens to load may be missing.

Under pytest nearly every library is loaded, so a forgotten ``import pyarrow.compute`` fails for users only.
"""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("analysis", "book", "benchmarks", "paper")


def bindings(tree: ast.Module) -> tuple[dict[str, str], set[str]]:
    """Names of packages by the name that stands for them, and all modules that are loaded by name."""
    names, loaded = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                loaded.add(alias.name)
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            loaded.add(node.module)
            for alias in node.names:
                loaded.add(f"{node.module}.{alias.name}")
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names, loaded


def parts_used(source: str) -> Iterator[str]:
    """Modules that a text reaches as attributes of packages and does not load by name."""
    tree = ast.parse(source)
    names, loaded = bindings(tree)
    loaded |= {name.rsplit(".", cut)[0] for name in loaded for cut in range(1, name.count(".") + 1)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            package = names.get(node.value.id, "")
            part = f"{package}.{node.attr}"
            if package and part not in loaded and is_module(package, node.attr):
                yield part


@cache
def is_module(package: str, name: str) -> bool:
    """Whether a package has a module of this name in a file of its own."""
    try:
        found = importlib.util.find_spec(package)
        return bool(found and found.submodule_search_locations) and (
            importlib.util.find_spec(f"{package}.{name}") is not None
        )
    except (ImportError, ValueError, AttributeError):
        return False


@cache
def comes_along(part: str) -> bool:
    """Whether a new interpreter that loads the package alone has its part."""
    package = part.rpartition(".")[0]
    program = f"import {package}; {part}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0


def test_no_module_relies_on_another_to_load_a_part_of_a_package() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {part}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "_build" not in path.parts
        for part in sorted(set(parts_used(path.read_text("utf-8"))))
        if not comes_along(part)
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pyarrow as pa\npa.compute.sum(x)", ["pyarrow.compute"]),
        ("import xml\nxml.dom.minidom", ["xml.dom"]),
        ("import pyarrow as pa\nimport pyarrow.compute\npa.compute.sum(x)", []),
        ("import pyarrow as pa\nfrom pyarrow.compute import sum\npa.compute.sum(x)", []),
        ("import pyarrow.compute as pc\npc.sum(x)", []),
        ("import pyarrow as pa\npa.array(x)", []),
    ],
)
def test_a_part_that_is_not_loaded_by_name_is_seen(source: str, found: list[str]) -> None:
    assert list(parts_used(source)) == found


def test_pyarrow_alone_has_no_functions_on_columns() -> None:
    assert not comes_along("pyarrow.compute")
    assert comes_along("pyarrow.types")
