"""Finished blocks on disk, each with the key of the code and inputs that made it.

An interrupted run goes on where it stopped. After a change of code, of the panel or of numpy the key
differs: old blocks are not read, only counted, and written over.
"""

from __future__ import annotations

import ast
import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.base.files import write_bytes
from analysis.did.registry import ESTIMATORS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.did.numerics.types import Array


PACKAGE = Path(__file__).resolve().parents[1]
# All that a block's numbers depend on: what is made of the blocks may change without running them again.
STARTS = ("lab/block.py", *(f"did/estimators/{name}.py" for name in sorted(set(ESTIMATORS.values()))))


def import_closure(starts: Iterable[str] = STARTS, package: Path = PACKAGE) -> list[Path]:
    """Files of the package that ``starts`` import, directly or through others, and the starts themselves.

    Parameters
    ----------
    starts
        Paths below ``package``. Modules that are looked up by name at run time stand here by hand.
    package
        Folder of the package.

    Raises
    ------
    FileNotFoundError
        A start is absent: it was moved, and a key without it would not see a change of its code.
    """
    waiting, found = [package / start for start in starts], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += imported(path, package)
    return sorted(found)


def imported(path: Path, package: Path) -> list[Path]:
    """Modules of the package that one file imports, with the ``__init__`` of every package on the way."""
    modules: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            stem = (node.module or "").replace(".", "/")
            if node.level:
                folder = path.parents[node.level - 1] / stem
            elif stem.split("/")[0] == package.name:
                folder = package.parent / stem
            else:
                continue
            modules += [folder, *(folder / alias.name for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name.replace(".", "/") for alias in node.names]
            modules += [package.parent / name for name in names if name.split("/")[0] == package.name]
    files = [module.with_suffix(".py") for module in modules]
    files += [parent / "__init__.py" for module in modules for parent in (module, *module.parents)]
    return [file for file in files if file.is_file() and package in file.parents]


def content_key(inputs: list[bytes], starts: Iterable[str] = STARTS, package: Path = PACKAGE) -> str:
    """Hash of the code, the inputs and the version of numpy."""
    digest = hashlib.sha256(np.__version__.encode())
    for path in import_closure(starts, package):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    for content in inputs:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


class Cache:
    """Arrays by name in a folder, valid for one key.

    Parameters
    ----------
    folder
        Made when first written to.
    key
        From `content_key`.

    Attributes
    ----------
    refused
        Number of stored results met so far that were made under another key or are damaged.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key, self.refused = folder, key, 0

    def load(self, name: str) -> dict[str, Array] | None:
        """Stored arrays, or nothing if there are none that may be used."""
        path = self.folder / f"{name}.npz"
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as stored:
                if str(stored["key"]) == self.key:
                    return {item: stored[item] for item in stored.files if item != "key"}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            pass  # a damaged file is made again, like one of older code
        self.refused += 1
        return None

    def save(self, name: str, arrays: dict[str, Array]) -> None:
        """Store arrays whole or not at all."""
        stream = io.BytesIO()
        np.savez(stream, key=np.array(self.key), **arrays)  # type: ignore[arg-type]
        write_bytes(stream.getvalue(), self.folder / f"{name}.npz")
