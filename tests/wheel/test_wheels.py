"""Both wheels install beside a project that has a folder ``analysis`` of its own, and run there.

Offline, an environment sees the locked packages of this one and not the checkout. With a network
(``make wheel-check``) the same tests run in environments that pip fills from the wheel alone.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "analysis" / "did"
STUDY, ALONE = "occupational-injury-pilot", "rollout-did"
BUILT = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")

# 10 units in 2 periods. Treated units (a to d) change by 3, 5, 4, 4: on average 4.
# Untreated units (e to j) change by 1, 0, 2, 1, 1, 1: on average 1. The effect is 4 - 1 = 3.
BEFORE = {"a": 10, "b": 12, "c": 11, "d": 9, "e": 8, "f": 13, "g": 10, "h": 7, "i": 11, "j": 12}
CHANGE = {"a": 3, "b": 5, "c": 4, "d": 4, "e": 1, "f": 0, "g": 2, "h": 1, "i": 1, "j": 1}
EFFECT = 3.0
ROWS = [
    (unit, year, BEFORE[unit] + (CHANGE[unit] if year == 2021 else 0), 2021 if unit in "abcd" else "")
    for unit in BEFORE
    for year in (2020, 2021)
]
COLUMNS = ("unit", "year", "y", "start")
WORDS = [
    f"--{role}={column}" for role, column in zip(("unit", "time", "outcome", "cohort"), COLUMNS, strict=True)
]


def run(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command elsewhere, without the settings by which this test run finds the checkout."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_NO_"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean, capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def build(source: Path, kind: str, out: Path) -> Path:
    """Build a ``wheel`` or an ``sdist`` of a source tree with this environment's setuptools."""
    program = f"from setuptools import build_meta; print(build_meta.build_{kind}({str(out)!r}))"
    return out / run(sys.executable, "-c", program, cwd=source).stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> dict[str, Path]:
    """What each distribution is built from, copied: building leaves files behind."""
    root = tmp_path_factory.mktemp("sources") / "root"
    shutil.copytree(ROOT / "analysis", root / "analysis", ignore=BUILT)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-DATA"):
        shutil.copy2(ROOT / name, root / name)
    alone = root.parent / "engine"
    shutil.copytree(ENGINE, alone, ignore=BUILT)
    return {STUDY: root, ALONE: alone}


@pytest.fixture(scope="module")
def wheels(sources, tmp_path_factory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("wheels")
    return {name: build(source, "wheel", out) for name, source in sources.items()}


@dataclass(frozen=True)
class Host:
    """An environment with one of the wheels, and somebody's project beside it."""

    python: Path
    script: Path
    project: Path
    complete: bool  # whether packages of the extras are there too


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("locked", marks=pytest.mark.slow),
        pytest.param("network", marks=[pytest.mark.network, pytest.mark.slow]),
    ],
)
def hosts(request, wheels, tmp_path_factory) -> dict[str, Host]:
    """A `Host` for each distribution."""
    if request.param == "network" and "network" not in request.config.getoption("-m"):
        pytest.skip("asks a package index; make wheel-check does it")
    return {
        name: install(name, wheel, request.param == "network", tmp_path_factory.mktemp("host"))
        for name, wheel in wheels.items()
    }


def install(name: str, wheel: Path, network: bool, folder: Path) -> Host:
    """Make an environment, install the wheel, and write the project of its user."""
    venv = folder / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=folder)
    python = venv / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--disable-pip-version-check"]
    if network:
        run(*pip, wheel, cwd=folder)
    else:
        site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
        Path(site.stdout.strip(), "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
        run(*pip, "--no-index", "--no-deps", wheel, cwd=folder)
    project = folder / "a project"
    (project / "analysis").mkdir(parents=True)
    (project / "analysis" / "__init__.py").write_text("OWNER = 'theirs'\n")
    with (project / "panel.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *ROWS])
    return Host(python, venv / "bin" / name, project, complete=name == STUDY or not network)


IMPORTED = """
import pandas as pd
from {name} import Options, Panel, estimate
import {name} as engine
panel = Panel.from_frame(pd.read_csv("{panel}"), unit="unit", time="year", outcome="y", cohort="start")
assert panel.n_units * panel.n_periods == 20
for name in ("twfe", "group_time"):
    print([row.estimate for row in estimate(panel, name, Options(draws=0)) if row.term == "att"][0])
print(engine.__file__)
"""


def results(printed: str) -> tuple[list[float], Path]:
    """Estimates and the place of the module, as `IMPORTED` prints them."""
    *numbers, place = printed.splitlines()
    return [float(number) for number in numbers], Path(place)


def test_the_engine_is_imported_beside_a_folder_called_analysis(hosts) -> None:
    host = hosts[ALONE]
    program = IMPORTED.format(name="rollout_did", panel="panel.csv")
    program += "import analysis\nassert analysis.OWNER == 'theirs'\n"
    values, place = results(run(host.python, "-c", program, cwd=host.project).stdout)
    assert values == pytest.approx([EFFECT, EFFECT], abs=1e-12)
    assert place.is_relative_to(host.python.parents[1])


def test_the_study_is_imported_from_its_wheel_with_every_room(hosts, tmp_path) -> None:
    host = hosts[STUDY]
    program = IMPORTED.format(name="analysis.did", panel=host.project / "panel.csv")
    values, place = results(run(host.python, "-c", program, cwd=tmp_path).stdout)
    assert values == pytest.approx([EFFECT, EFFECT], abs=1e-12)
    assert place.is_relative_to(host.python.parents[1])
    rooms = "from analysis.panel.build import build_codebook\nfrom analysis.report.spec import LIST\n"
    rooms += "from analysis.records.contract import SCHEMAS\n"
    rooms += "print(len(build_codebook()), LIST.is_file(), len(list(SCHEMAS.iterdir())))"
    columns, exhibits, schemas = run(host.python, "-c", rooms, cwd=tmp_path).stdout.split()
    assert int(columns) > 10
    assert (exhibits, schemas) == ("True", "2")


@pytest.mark.parametrize(("name", "words"), [(ALONE, []), (STUDY, ["did"])], ids=[ALONE, STUDY])
def test_the_command_runs_in_the_project(hosts, name: str, words: list[str]) -> None:
    host = hosts[name]
    command = [host.script, *words, "--panel=panel.csv", *WORDS, "--out=out"]
    run(*command, "--estimators=twfe,group_time,event_study_twfe", cwd=host.project)
    with (host.project / "out/estimates.csv").open() as stream:
        overall = {row["estimator"]: row for row in csv.DictReader(stream) if row["term"] == "att"}
    assert float(overall["twfe"]["estimate"]) == pytest.approx(EFFECT, abs=1e-9)
    assert float(overall["group_time"]["estimate"]) == pytest.approx(EFFECT, abs=1e-9)
    # 10 over 4 assignments; only the true one gives 3, and none gives a change as large downwards.
    assert float(overall["group_time"]["p_randomization"]) == pytest.approx(1 / 210, abs=1e-9)
    figure = (host.project / "out/event_study.svg").read_text(encoding="utf-8")
    assert ("Not drawn" in figure) != host.complete
    refused = run(*command, "--weights=none", cwd=host.project, check=False)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: ")
    assert "Traceback" not in refused.stderr


def modules_in(wheel: Path, package: str) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith(f"{package}/")}


def test_the_wheels_hold_every_module_and_every_file_that_modules_read(wheels) -> None:
    def files(folder: Path, suffixes: set[str]) -> set[str]:
        found = {p for p in folder.rglob("*") if p.suffix in suffixes and "__pycache__" not in p.parts}
        return {p.relative_to(folder).as_posix() for p in found if "build" not in p.parts}

    needed = {".py", ".yml", ".yaml", ".typed"}
    study = {f"analysis/{name}" for name in files(ROOT / "analysis", needed)}
    assert modules_in(wheels[STUDY], "analysis") == study
    alone = {f"rollout_did/{name}" for name in files(ENGINE, needed)}
    assert modules_in(wheels[ALONE], "rollout_did") == alone
    assert {"rollout_did/py.typed", "rollout_did/numerics/bootstrap.py"} <= alone


def test_a_wheel_from_the_source_distribution_has_the_same_files(sources, wheels, tmp_path) -> None:
    archive = build(sources[ALONE], "sdist", tmp_path)
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    again = build(unpacked, "wheel", tmp_path)
    with zipfile.ZipFile(again) as new, zipfile.ZipFile(wheels[ALONE]) as old:
        assert sorted(new.namelist()) == sorted(old.namelist())


def test_both_distributions_agree_where_they_say_the_same() -> None:
    study, alone = (
        tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        for folder in (ROOT, ENGINE)
    )
    assert alone["version"] == study["version"]
    assert alone["requires-python"] == study["requires-python"]
    assert (ENGINE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    floors = [*study["dependencies"], *study["optional-dependencies"]["test"]]
    wanted = [*alone["dependencies"], *alone["optional-dependencies"]["plot"]]
    wanted += alone["optional-dependencies"]["parquet"]
    shared = {floor.split(">=")[0] for floor in floors} & {floor.split(">=")[0] for floor in wanted}
    assert {"numpy", "pandas", "scipy", "matplotlib", "pyarrow"} <= shared
    assert {f for f in wanted if f.split(">=")[0] in shared} <= set(floors)
