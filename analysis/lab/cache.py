"""Finished blocks on disk, each with the key of the code and inputs that made it.

An interrupted run goes on where it stopped. After a change of code, of the panel or of numpy the key
differs: old blocks are not read, only counted, and written over.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

from analysis.files import write_bytes
from analysis.lab.calibrate import Array

PACKAGE = Path(__file__).resolve().parents[1]
# All that a block's numbers depend on: what is made of the blocks may change without running them again.
MODULES = ("block", "calibrate", "catalogue", "design", "forms", "methods", "permute", "resample")
CODE = (
    *(f"lab/{name}.py" for name in MODULES),
    "did/*.py",
    "did/inference/*.py",
    "config.py",
    "estimate.py",
    "inference_study.py",
)


def content_key(inputs: list[bytes], code: Path = PACKAGE) -> str:
    """Hash of the code, the inputs and the version of numpy."""
    digest = hashlib.sha256(np.__version__.encode())
    for path in sorted(path for pattern in CODE for path in code.glob(pattern)):
        digest.update(path.relative_to(code).as_posix().encode() + path.read_bytes())
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
