"""Which files are the project's own: as git tracks them, or in an unpacked archive all that no step makes."""

from __future__ import annotations

import os
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

from analysis.base.errors import InputError


def git(root: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """Output of a git command ``given`` some input, or missing where there is no git or the command fails."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def is_checkout(root: Path) -> bool:
    """Whether ``root`` is the top of a git checkout; a folder inside somebody else's is not."""
    top = git(root, "rev-parse", "--show-toplevel")
    return top is not None and Path(top.decode().rstrip("\n")).resolve() == root.resolve()


def source_files(root: Path, *, untracked: bool) -> list[Path]:
    """Every source file, products in ``data/processed`` included, as paths from the working folder.

    Parameters
    ----------
    root
        Top of the project.
    untracked
        In a checkout, whether files that are neither tracked nor ignored count as well. In an archive
        nothing tells them apart, and they count.

    Raises
    ------
    InputError
        Neither a checkout nor a ``.gitignore`` that says what is made and what is source.
    """
    if is_checkout(root):
        more = ("--others", "--exclude-standard") if untracked else ()
        listing = git(root, "ls-files", "-z", "--cached", *more)
        assert listing is not None, "git knows this checkout and cannot list its files"
        paths = [root / name for name in listing.decode().split("\0") if name]
        return [path for path in paths if path.is_file()]
    return _unpacked(root)


def _unpacked(root: Path) -> list[Path]:
    rules = root / ".gitignore"
    if not rules.is_file():
        raise InputError(
            "nothing here tells sources from what was built",
            file=rules,
            expected="a git checkout, or an unpacked archive of one with its hidden files",
            action="unpack the archive again, hidden files included",
        )
    lines = [line.strip() for line in rules.read_text(encoding="utf-8").splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    found = []
    for place, folders, files in os.walk(root):
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if name != ".git"
            and not (here / name / "pyvenv.cfg").is_file()  # an environment, whatever its name
            and not ignored((here / name).relative_to(root).as_posix() + "/", patterns)
        )
        paths = [here / name for name in sorted(files)]
        found += [path for path in paths if not ignored(path.relative_to(root).as_posix(), patterns)]
    return found


def ignored(path: str, patterns: list[str]) -> bool:
    """Whether a path from the root, a folder's with a slash at its end, matches a line of ``.gitignore``.

    A pattern with a slash before its end counts from the root, any other for a name anywhere; one that
    ends in a slash means folders. Negations and double stars are not used here.
    """
    name = path.rstrip("/")
    for pattern in patterns:
        if pattern.endswith("/") and not path.endswith("/"):
            continue
        body = pattern.rstrip("/")
        if "/" not in body:
            hit = fnmatchcase(name.rpartition("/")[2], body)
        else:
            body = body.lstrip("/")
            hit = name.count("/") == body.count("/") and fnmatchcase(name, body)
        if hit:
            return True
    return False
