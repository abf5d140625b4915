"""Build everything a second time in another folder, zone and locale, and compare the bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis.base.errors import InputError
from analysis.base.progress import say
from analysis.verify.sources import source_files

# Surroundings that must not matter; the second build gets other ones than the first.
SURROUNDINGS = {
    "TZ": "Asia/Shanghai",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
PRODUCTS = (
    "data/processed",
    "book/en/_build/html",
    "book/zh/_build/html",
    "paper/_output",
)


def run(root: Path) -> None:
    """Copy the sources, build there under other surroundings, compare with the build here.

    Raises
    ------
    InputError
        When a product is absent here or its bytes differ there; names the first ten.
    """
    here = root.resolve()
    with tempfile.TemporaryDirectory(prefix="second-build-") as name:
        there = Path(name) / "a folder with another name"
        copy_sources(here, there)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        arguments = ["make", f"VENV={sys.prefix}", *(f"{k}={v}" for k, v in SURROUNDINGS.items())]
        say("stable: building a second time; this takes as long as `make`")
        done = subprocess.run(arguments, cwd=there, env=environment | SURROUNDINGS, stdout=sys.stderr)
        if done.returncode:
            raise InputError(
                "the second build failed; its messages are above",
                value=f"make ended with {done.returncode}",
                action="run `make` here first: if that works, a step depends on its surroundings",
            )
        different = [path for part in PRODUCTS for path in differences(here / part, there / part)]
    if different:
        raise InputError(
            f"{len(different)} products changed their bytes in a second build: " + ", ".join(different[:10]),
            expected="the same bytes whatever the folder, locale, time zone or thread count",
            action="run `make` once more here; if they still differ, a step depends on its surroundings",
        )
    say("stable: both builds have the same bytes")


def copy_sources(here: Path, there: Path) -> None:
    """Copy every source file, see `source_files`; in a checkout those not yet tracked as well."""
    for path in source_files(here, untracked=True):
        copy = there / path.relative_to(here)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)


def differences(here: Path, there: Path) -> list[str]:
    """Files that are in one tree only or whose bytes differ."""
    sides = [
        {path.relative_to(side).as_posix(): path for path in side.rglob("*") if path.is_file()}
        for side in (here, there)
    ]
    names = sorted(set(sides[0]) | set(sides[1]))
    return [
        f"{here.name}/{name}"
        for name in names
        if name not in sides[0]
        or name not in sides[1]
        or sides[0][name].read_bytes() != sides[1][name].read_bytes()
    ]
