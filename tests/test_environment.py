"""pyproject.toml, the locks and environment.yml name the same packages, and no host of a registry."""

import re
import tomllib
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
