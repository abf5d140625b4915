"""Build the numeric products as other processors would and compare the bytes.

Libraries of linear algebra, numpy and the C library choose their code by the processor, and each
choice sums in another order. Here every choice that this processor can run is forced in turn, and one
and two threads, each in a copy of the sources. What no processor can imitate is one with wider registers
than its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from analysis.base.errors import InputError
from analysis.base.progress import say
from analysis.verify.sources import source_files
from analysis.verify.stable import copy_sources

PRODUCTS = Path("data/processed")
MADE_HERE_ONLY = ("lab.csv", "run.json", "datapackage.yaml")  # simulated once; about the run, not of it
TARGETS = ("data", "estimates", "exhibits")
CORES = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "SkylakeX")  # families of OpenBLAS for x86-64
OLD_NUMPY = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"}
OLD_LIBRARY = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable"}
PROBE = """
import numpy, scipy.linalg
numpy.linalg.solve(numpy.eye(40), numpy.ones((40, 40)) @ numpy.ones((40, 40)))
scipy.linalg.lstsq(numpy.eye(40), numpy.ones((40, 3)))
"""


@dataclass(frozen=True)
class Combination:
    """Surroundings of one build: a name for the reader, and what to set."""

    name: str
    variables: dict[str, str]
    threads: int = 1


def run(root: Path) -> None:
    """Build once for each combination and compare with the build here.

    Raises
    ------
    InputError
        There is no product to compare, a copy cannot be built, or bytes differ.
    """
    here = root.resolve()
    source_files(here, untracked=True)  # refuses a folder that is no project, before anything is tried
    own = core_of({})
    different: dict[str, list[str]] = {}
    total = 0
    for combination in combinations(own):
        with tempfile.TemporaryDirectory(prefix="other-kernel-") as name:
            there = Path(name)
            copy_sources(here, there)
            for product in products(there):
                (there / PRODUCTS / product).unlink()
            build(there, combination)
            count, changed = compare(here / PRODUCTS, there / PRODUCTS)
        total += count
        different[combination.name] = changed
        listed = f": {', '.join(changed)}" if changed else ""
        say(f"kernels: {combination.name}: same bytes, {count - len(changed)} of {count}{listed}")
    wrong = {name: changed for name, changed in different.items() if changed}
    if not total or wrong:
        raise InputError(
            f"{sum(map(len, wrong.values()))} of {total} products have other bytes under another kernel",
            value="; ".join(f"{name}: {', '.join(changed[:5])}" for name, changed in wrong.items()),
            expected="the same bytes whatever code the libraries choose",
            action="find the number that moved: save it rounded, or make its solver or its order exact",
        )
    say(f"kernels: same bytes, {total} of {total}")


def combinations(own: str) -> list[Combination]:
    """What this processor can run, apart from its own choice with one thread; says what it cannot."""
    found = [Combination(f"{own} (own), 2 threads", {}, threads=2)]
    met = {own}
    for core in CORES:
        variables = {"OPENBLAS_CORETYPE": core}
        answer = core_of(variables)
        if answer and answer not in met:
            met.add(answer)
            found.append(Combination(f"{answer}, 1 thread", variables))
        else:
            say(f"kernels: {core}: not run, {f'answers as {answer}' if answer else 'not on this processor'}")
    oldest = found[1].variables if len(found) > 1 else {}
    return [
        *found,
        Combination(f"{own} (own), numpy without AVX2", OLD_NUMPY),
        Combination(f"{own} (own), C library without FMA", OLD_LIBRARY),
        Combination("the oldest of all three, 2 threads", oldest | OLD_NUMPY | OLD_LIBRARY, threads=2),
    ]


def core_of(variables: dict[str, str]) -> str:
    """Kernel that OpenBLAS reports under some variables; empty where the processor cannot run it."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env=os.environ | variables | {"OPENBLAS_VERBOSE": "2"},
        capture_output=True,
        text=True,
    )
    cores = [line.removeprefix("Core: ") for line in done.stderr.splitlines() if line.startswith("Core: ")]
    return "" if done.returncode else next(iter(cores), "unnamed")


def build(there: Path, combination: Combination) -> None:
    """Run ``make`` in a copy; its environment reaches every step."""
    threads = str(combination.threads)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    command = ["make", f"VENV={sys.prefix}", f"OPENBLAS_NUM_THREADS={threads}", f"OMP_NUM_THREADS={threads}"]
    done = subprocess.run(
        [*command, *TARGETS], cwd=there, env=environment | combination.variables,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode:
        raise InputError(
            f"the build under {combination.name} failed",
            value=done.stdout[-2_000:],
            action="run `make` first",
        )


def products(root: Path) -> list[str]:
    """Products that are computed anew, as paths from their folder."""
    folder = root / PRODUCTS
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name not in MADE_HERE_ONLY)


def compare(here: Path, there: Path) -> tuple[int, list[str]]:
    """Number of products on either side, and those that differ or are missing on one."""
    sides = [
        {path.relative_to(side).as_posix(): path for path in side.rglob("*") if path.is_file()}
        for side in (here, there)
    ]
    names = sorted((set(sides[0]) | set(sides[1])) - set(MADE_HERE_ONLY))
    changed = [
        name
        for name in names
        if any(name not in side for side in sides) or len({side[name].read_bytes() for side in sides}) > 1
    ]
    return len(names), changed
