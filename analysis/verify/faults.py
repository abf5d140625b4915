"""Kill the build and every command with outputs at random moments, resume, and compare the bytes.

A kill (signal 9) gives a program no chance to tidy up, as a power cut does. After it every product is either
the old or the new one, byte for byte; and once the same command has run again, all are those of a run that
nothing disturbed. Everything happens in a copy. The moments are drawn from a seed, so that a fault comes
back.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from analysis.base.errors import InputError
from analysis.base.progress import say
from analysis.verify.sources import source_files

MADE = Path("data/processed")
LEFT = re.compile(r"\..+\.[0-9a-f]{16}")  # what a writer that was killed leaves beside a product, hidden
OWN = Path("build/faults")  # in the copy, for commands that write where the user says
# Commands with outputs and the folder that each writes; `{place}` is that folder. No two write the same one
# below OWN: it is emptied before each kill, and a neighbour's product would be missed.
COMMANDS = {
    "panel": MADE,
    "bounds": MADE,
    "estimate": MADE,
    "inference": MADE,
    "plan": MADE,
    "forecast": MADE,
    "agreement": MADE,
    "policy build": MADE,
    "numbers": MADE,
    "exhibits": MADE,
    "documents": Path("paper"),
    "records make --workers 300 --orders 20000 --out {place}": OWN / "records",
    "did --panel data/reference/did/sim_panel.csv --unit province --time quarter --outcome y_nev "
    "--cohort g_nev --estimators group_time,twfe --randomization 199 --out {place}": OWN / "did",
}


@dataclass(frozen=True)
class Tried:
    """One command: how often it was killed and what was found."""

    name: str
    kills: int
    torn: list[str]
    other: list[str]
    left: int


def run(root: Path, moments: int, seed: int, build: bool) -> None:
    """Kill each command of `COMMANDS` and, with ``build``, ``make -j2`` at ``moments`` random moments.

    Raises
    ------
    InputError
        The project is not built; a product was torn, or other bytes came out of the resumed run.
    """
    here, draw = root.resolve(), random.Random(seed)
    if not (here / MADE / "numbers.json").is_file():
        raise InputError(
            "nothing is built here that could be torn", file=here / MADE, action="run `make` first"
        )
    tried = []
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        there = Path(name) / "project"
        for path in source_files(here, untracked=True):
            copy = there / path.relative_to(here)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
        for command, folder in COMMANDS.items():
            parts = command.replace("{place}", folder.as_posix()).split()
            arguments = [sys.executable, "-m", "analysis", *parts]
            tried.append(try_command(command.split(" --")[0], arguments, there, folder, moments, draw))
        if build:
            arguments = ["make", "-j2", f"VENV={sys.prefix}"]
            tried.append(try_command("make -j2", arguments, there, MADE, moments, draw))
    wrong = [f"{one.name}: {', '.join((one.torn + one.other)[:3])}" for one in tried if one.torn or one.other]
    kills, left = sum(one.kills for one in tried), sum(one.left for one in tried)
    say(f"faults: {kills} kills of {len(tried)} commands, {left} hidden files left beside products")
    if wrong:
        raise InputError("a kill did harm", value="; ".join(wrong), expected="old or new bytes, never others")
    say("faults: every product was whole after each kill, and the same bytes after the command ran again")


def try_command(
    name: str, arguments: list[str], there: Path, folder: Path, moments: int, draw: random.Random
) -> Tried:
    """Run once undisturbed, then kill at random moments; compare after each kill and each resumed run."""
    old = hashes(there / folder)
    start = time.monotonic()
    finish(arguments, there)
    took = lasted = time.monotonic() - start
    clean = hashes(there / folder)
    torn: list[str] = []
    other: list[str] = []
    kills = left = 0
    for _ in range(moments):
        spoil(there, folder, name)
        before = hashes(there / folder)
        hit = killed(arguments, there, draw.uniform(0, lasted))
        kills += hit
        found = hashes(there / folder)
        left += sum(bool(LEFT.fullmatch(Path(path).name)) for path in found)
        torn += [
            p
            for p, s in found.items()
            if not LEFT.fullmatch(Path(p).name) and s not in (before.get(p), clean.get(p), old.get(p))
        ]
        if not hit or {k: v for k, v in found.items() if k in clean} == clean:  # all was written before
            spoil(there, folder, name)
        start = time.monotonic()
        finish(arguments, there)
        lasted = min(lasted, time.monotonic() - start)  # the first run reads everything for the first time
        tidy(there / folder)
        other += [p for p, s in hashes(there / folder).items() if s != clean.get(p)]
        other += [p for p in clean if not (there / folder / p).is_file()]
    say(f"faults: {name}: {kills} kills in {took:.1f} s, {len(torn)} torn, {len(other)} with other bytes")
    return Tried(name, kills, sorted(set(torn)), sorted(set(other)), left)


def spoil(there: Path, folder: Path, name: str) -> None:
    """Give the run something to write: without its earlier outputs, or the build without its stamps."""
    if OWN in folder.parents:
        shutil.rmtree(there / folder, ignore_errors=True)
    if name.startswith("make"):
        shutil.rmtree(there / "build/stamps", ignore_errors=True)


def killed(arguments: list[str], there: Path, after: float) -> int:
    """Start, kill with all its children after some seconds, and count it unless it was done before."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        arguments, cwd=there, env=environment(), stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return 1
    return 0


def finish(arguments: list[str], there: Path) -> None:
    """Run to the end."""
    done = subprocess.run(
        arguments, cwd=there, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise InputError(
            f"{' '.join(arguments[2:5])} ended with {done.returncode}", value=done.stdout[-1_000:],
            action="run it here first: a command has to work before it can be disturbed",
        )  # fmt: skip


def environment() -> dict[str, str]:
    """The build's own surroundings, without those of a make that runs this."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return kept | {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "SOURCE_DATE_EPOCH": "1764547200"}


def hashes(folder: Path) -> dict[str, str]:
    """Checksum of every file below."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def tidy(folder: Path) -> None:
    """Remove what killed writers left."""
    for path in folder.rglob(".*"):
        if path.is_file() and LEFT.fullmatch(path.name):
            path.unlink()
