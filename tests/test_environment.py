"""pyproject.toml, the locks and environment.yml name the same packages, and no host of a registry."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"requirements.lock": (), "requirements-test.lock": ("test",), "requirements-spark.lock": ("spark",)}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock):
    """Name to versions, one for each marker branch."""
    versions = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9_.-]+)==([^\s;\\]+)", line):
            versions.setdefault(normal(match[1]), set()).add(match[2])
    return versions


def wanted(extras):
    metadata = project()
    names = list(metadata["dependencies"])
    for extra in extras:
        names += metadata["optional-dependencies"][extra]
    return [Requirement(name) for name in names]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_every_requirement_of_the_project(lock):
    versions = locked(lock)
    for requirement in wanted(LOCKS[lock]):
        found = versions.get(normal(requirement.name), set())
        assert found, f"{lock} lacks {requirement}"
        assert all(requirement.specifier.contains(version) for version in found), (str(requirement), found)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_file_has_a_hash_and_no_host(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "index" not in [line.split()[0] for line in text.splitlines() if line.startswith("--")]


def test_the_other_locks_agree_with_the_main_lock():
    main = locked("requirements.lock")
    for lock in ("requirements-test.lock", "requirements-spark.lock"):
        other = locked(lock)
        assert {name: other.get(name) for name in main} == main, lock


def test_conda_takes_the_interpreter_from_the_project_and_the_rest_from_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == project()["name"]
    assert environment["channels"] == ["conda-forge"]
    from_conda = {item.split()[0]: item for item in environment["dependencies"] if isinstance(item, str)}
    assert set(from_conda) == {"python", "pip", "make", "quarto"}
    assert from_conda["python"].split(maxsplit=1)[1] == project()["requires-python"]
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    assert pip == ["--require-hashes", "--requirement requirements.lock"]


def test_each_exact_pin_in_the_project_states_its_reason():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if re.match(r'\s+"[\w.\[\]-]+==', line)]
    assert pins
    assert all("#" in line for line in pins), pins


HERE = f"pytest=={version('pytest')}"
STAND_IN = """#!/bin/sh
case "$1" in *held.py) exit {code};; esac
exit 0
"""


def planned(tmp_path, code):
    """What ``make`` would run in a made-up conda environment; conda itself is not on every machine."""
    prefix = tmp_path / "miniconda" / "envs" / "pilot"
    (prefix / "bin").mkdir(parents=True)
    python = prefix / "bin" / "python"
    python.write_text(STAND_IN.format(code=code), encoding="utf-8")
    python.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name not in ("VENV", "MAKEFLAGS")}
    command = ["make", "--dry-run", "--always-make", "env"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | {"CONDA_PREFIX": str(prefix)},
        capture_output=True,
        text=True,
        check=True,
    )
    return prefix, done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not on this machine")
def test_make_uses_an_active_conda_environment_that_holds_the_lock(tmp_path):
    prefix, shown = planned(tmp_path, 0)
    assert f"{prefix}/.env-stamp" in shown
    assert ".venv/" not in shown


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not on this machine")
def test_make_leaves_a_conda_environment_alone_that_does_not_hold_the_lock(tmp_path):
    prefix, shown = planned(tmp_path, 1)
    assert ".venv/.env-stamp" in shown
    assert str(prefix) not in shown


@pytest.mark.parametrize(
    ("lock", "holds"),
    [
        (f"{HERE} \\\n    --hash=sha256:0\n", True),
        ("pytest==0.0.1 \\\n    --hash=sha256:0\n", False),
        ("no-such-package-anywhere==1.0 \\\n    --hash=sha256:0\n", False),
        (
            f"nowhere-at-all==1.0 ; sys_platform == 'plan9' \\\n    --hash=sha256:0\n{HERE}\n",
            True,
        ),
        ("# nothing is locked here\n", False),
    ],
)
def test_an_environment_holds_a_lock_when_every_package_has_its_version(tmp_path, lock, holds):
    path = tmp_path / "requirements.lock"
    path.write_text(lock, encoding="utf-8")
    done = subprocess.run([sys.executable, str(ROOT / "analysis/verify/held.py"), str(path)], check=False)
    assert (done.returncode == 0) is holds


def test_solvers_print_no_banner(capfd):
    from analysis.base.solver import silent_solver

    silent_solver()
    assert capfd.readouterr().out == ""
    print("still here", flush=True)
    assert capfd.readouterr().out == "still here\n"
