"""The module tables in the READMEs of packages name what is there: all of it and nothing else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`([^`\s]+)`")


def names(readme: str) -> list[str]:
    """Files and folders in backticks in the first cells of the README's tables."""
    rows = [line.split("|")[1] for line in readme.splitlines() if line.startswith("|")]
    return [name for cell in rows for name in NAMED.findall(cell)]


def faults(folder: Path) -> list[str]:
    """What the table of a package leaves out or only imagines.

    A folder below is named whole, or by all its modules. A package's ``__init__.py`` needs no name.
    """
    given = names((folder / "README.md").read_text(encoding="utf-8"))
    found = [f"{name} is named and does not exist" for name in given if not list(folder.glob(name))]
    seen = {path for name in given for path in folder.glob(name)}
    for module in sorted(folder.rglob("*.py")):
        built = "build" in module.relative_to(folder).parts  # left by `pip install ./analysis/did`
        if module.name != "__init__.py" and not built and not seen & {module, *module.parents}:
            found.append(f"{module.relative_to(folder)} exists and is not named")
    return found


PACKAGES = [
    path.parent for path in sorted((ROOT / "analysis").rglob("README.md")) if names(path.read_text("utf-8"))
]


def test_the_packages_with_tables_are_found() -> None:
    assert {"did", "lab", "policy", "records", "report"} <= {folder.name for folder in PACKAGES}


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_a_module_table_names_every_module_and_nothing_else(folder: Path) -> None:
    assert faults(folder) == []


def test_a_module_left_out_and_a_name_without_a_file_are_faults(tmp_path: Path) -> None:
    for name in ("__init__.py", "a.py", "b_numbers.py", "c.py", "whole/d.py", "part/e.py", "part/f.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    lines = ["| file | what |", "|---|---|", "| `a.py`, `gone.py` | see `c.py` |", "| `*_numbers.py` | |"]
    lines += ["| `whole/`, `part/e.py` | |", "", "`c.py` outside a table is no entry."]
    (tmp_path / "README.md").write_text("\n".join(lines), encoding="utf-8")
    assert faults(tmp_path) == [
        "gone.py is named and does not exist",
        "c.py exists and is not named",
        "part/f.py exists and is not named",
    ]


def absent(text: str) -> list[str]:
    """Paths in backticks that do not exist; capital letters stand for a name to be chosen."""
    paths = [name for name in NAMED.findall(text) if "/" in name and not re.search("[A-Z]{3}", name)]
    return [path for path in paths if not (ROOT / path).exists()]


def test_the_recipes_name_files_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert absent(text) == []
    assert absent("`analysis/did/NAME.py`, `analysis/did/gone.py`") == ["analysis/did/gone.py"]
