"""What the products are compared with: the last commit or, in an unpacked archive, its manifest.

``data/MANIFEST.sha256`` ships with the project and holds the checksum of every committed product, in the
form that ``sha256sum --check`` reads. A checksum says whether bytes are the same, not how far numbers are
apart; so before an archive's first step, the products that came with it are set aside in
``build/reference``, and count only as far as the manifest vouches for them.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from analysis.base.errors import InputError
from analysis.base.files import write_bytes, write_text
from analysis.base.progress import say
from analysis.base.reading import read_text
from analysis.verify.record import OWN
from analysis.verify.sources import git, is_checkout

PROCESSED, MANIFEST = Path("data/processed"), Path("data/MANIFEST.sha256")
ASIDE = Path("build/reference")
LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


@dataclass(frozen=True)
class Kept:
    """One product as it should be: its checksum and, where they are at hand, its bytes."""

    sha256: str
    content: bytes | None = None


def sha256(content: bytes) -> str:
    """Checksum of bytes."""
    return hashlib.sha256(content).hexdigest()


def built_files(root: Path) -> set[str]:
    """Products on disk, as paths from the root."""
    return {
        path.relative_to(root).as_posix()
        for path in (root / PROCESSED).rglob("*")
        if path.is_file() and path.name not in OWN and not path.name.startswith(".")
    }


def committed_files(root: Path) -> dict[str, bytes]:
    """Content of every product of the last commit; empty outside a checkout or before a commit."""
    listing = git(root, "ls-tree", "-r", "-z", "--name-only", "HEAD", f"{PROCESSED.as_posix()}/")
    if listing is None or not is_checkout(root):
        return {}
    paths = [path for path in listing.decode().split("\0") if path and Path(path).name not in OWN]
    asked = "".join(f"HEAD:{path}\n" for path in paths).encode()
    answer = git(root, "cat-file", "--batch", given=asked)
    assert answer is not None, "git lists the products and cannot show them"
    contents = {}
    start = 0
    for path in paths:  # of each: a line of name, kind and size, the content, a line break
        begin = answer.index(b"\n", start) + 1
        _, kind, size = answer[start : begin - 1].rsplit(b" ", 2)
        assert kind == b"blob", f"git lists {path} and cannot show it"
        start = begin + int(size) + 1
        contents[path] = answer[begin : start - 1]
    return contents


def read_manifest(root: Path) -> dict[str, str]:
    """Checksum by path; empty where there is no manifest.

    Raises
    ------
    InputError
        A line is not a checksum, two spaces and a path of a product.
    """
    path = root / MANIFEST
    if not path.is_file():
        return {}
    found = {}
    for number, line in enumerate(read_text(path, "the manifest").splitlines(), start=1):
        match = LINE.fullmatch(line)
        if match is None or not match[2].startswith(f"{PROCESSED.as_posix()}/") or ".." in match[2]:
            raise InputError(
                "a line of the manifest cannot be read",
                file=path,
                row=number,
                value=line,
                expected=f"a SHA-256 checksum, two spaces, a path in {PROCESSED}",
                action="take the file from the archive again; in a checkout, make manifest",
            )
        if match[2] in found:
            raise InputError(
                "the manifest lists a product twice", file=path, row=number, value=match[2],
                expected="each product once", action="take the file from the archive again",
            )  # fmt: skip
        found[match[2]] = match[1]
    return found


def write_manifest(root: Path) -> None:
    """Write the manifest of the products on disk, to be committed with them.

    Raises
    ------
    InputError
        Not a checkout, where products would vouch for themselves; or there are no products.
    """
    if not is_checkout(root):
        raise InputError(
            "a manifest is made where the products are committed, and this is not a git checkout",
            file=root / MANIFEST,
            action="keep the manifest that came with the archive: it is what a rebuild is compared with",
        )
    paths = sorted(built_files(root))
    if not paths:
        raise InputError("there are no products to list", file=root / PROCESSED, action="run make first")
    lines = [f"{sha256((root / path).read_bytes())}  {path}\n" for path in paths]
    write_text("".join(lines), root / MANIFEST)
    say(f"manifest: {len(lines)} products in {MANIFEST}")


def stale(root: Path) -> list[str]:
    """Products for which the manifest is neither that of the files on disk nor that of the last commit.

    Files on disk are a manifest's while it is being renewed, the last commit's where another processor
    built other bytes since. In an archive only its presence can be judged; `verify` does the rest.
    """
    listed = read_manifest(root)
    if not listed:
        return [f"{MANIFEST} is absent or empty"]
    if not is_checkout(root):
        return []
    disk = {path: sha256((root / path).read_bytes()) for path in built_files(root)}
    commit = {path: sha256(content) for path, content in committed_files(root).items()}
    if listed in (disk, commit):
        return []
    return sorted(path for path in listed.keys() | commit.keys() if listed.get(path) != commit.get(path))


def set_aside(root: Path) -> None:
    """In an archive, copy the products that the manifest vouches for to `ASIDE`; elsewhere do nothing.

    Raises
    ------
    InputError
        There is no such folder, or its manifest cannot be read.
    """
    if not root.is_dir():
        raise InputError(
            "there is no project here", file=root, action="give the project's folder with --root"
        )
    if is_checkout(root):
        return
    for path, checksum in read_manifest(root).items():
        product, copy = root / path, root / ASIDE / path
        if product.is_file() and not copy.exists():
            content = product.read_bytes()
            if sha256(content) == checksum:
                write_bytes(content, copy)


def reference(root: Path) -> tuple[str, dict[str, Kept]]:
    """Where the reference comes from, in words, and every product in it.

    Raises
    ------
    InputError
        There is none: comparing nothing proves nothing.
    """
    committed = committed_files(root)
    if committed:
        kept = {path: Kept(sha256(content), content) for path, content in committed.items()}
        return "the last commit", kept
    listed = read_manifest(root)
    if not listed:
        raise InputError(
            "there is nothing to compare the products with",
            file=root / MANIFEST,
            expected="a git checkout whose last commit holds products, or the manifest of an archive",
            action="clone the project, or unpack an archive of it",
        )
    return str(MANIFEST), {path: _aside(root, path, checksum) for path, checksum in listed.items()}


def _aside(root: Path, path: str, checksum: str) -> Kept:
    copy = root / ASIDE / path
    content = copy.read_bytes() if copy.is_file() else None
    return Kept(checksum, content if content is not None and sha256(content) == checksum else None)
