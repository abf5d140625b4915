"""What a figure was drawn from, as one number, so that only what changed is drawn again.

A figure depends on the data that its drawing function holds, its texts, the code of the whole package, the
installed packages and the settings of the process. All of it goes into a hash that is kept beside the hashes
of the files drawn. Any doubt means drawing: an unknown kind of object, a file that is absent or not as it
was drawn, a damaged list.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
import pandas as pd

from analysis.base.files import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.report.figures.plot import Plot
    from analysis.report.spec import Exhibit

CODE = Path(__file__).parents[1]
SETTINGS = ("SOURCE_DATE_EPOCH", "LC_ALL", "LANG", "TZ", "MPLBACKEND", "PYTHONHASHSEED")
PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic, pd.Timestamp, pd.Period, pd.Timedelta)
WRITTEN = {bool, int, float, str, type(None)}  # kinds whose text in a list says all


class Drawn:
    """The figures drawn last time, by id: what each was drawn from and the hash of each of its files."""

    def __init__(self, path: Path | None, folder: Path) -> None:
        self.path, self.folder = path, folder
        self.before = _read(path) if path else {}
        self.made_from: dict[str, str] = {}
        self.now: dict[str, dict[str, Any]] = {}

    def files(self, exhibit: Exhibit, plot: Plot) -> dict[str, bytes]:
        """Files of a figure by name, from the folder; none where anything behind it changed."""
        try:
            made_from = fingerprint((surroundings(), exhibit, plot))
        except TypeError:  # holds something that has no fingerprint
            return {}
        self.made_from[exhibit.id] = made_from
        found = self._kept(exhibit.id, made_from)
        self.note(exhibit, found)
        return found

    def note(self, exhibit: Exhibit, files: dict[str, bytes]) -> None:
        """Remember the files of a figure, found or drawn, with what they were made from."""
        if files and exhibit.id in self.made_from:
            hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
            self.now[exhibit.id] = {"made_from": self.made_from[exhibit.id], "files": hashes}

    def _kept(self, name: str, made_from: str) -> dict[str, bytes]:
        last = self.before.get(name)
        if not isinstance(last, dict) or last.get("made_from") != made_from:
            return {}
        found = {}
        for file, wanted in last["files"].items():
            path = self.folder / file
            if not path.is_file():
                return {}
            found[file] = path.read_bytes()
            if hashlib.sha256(found[file]).hexdigest() != wanted:
                return {}
        return found

    def save(self) -> None:
        """Keep the list for the next time; called when all files are written."""
        if self.path:
            write_json(self.now, self.path)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@cache
def surroundings() -> str:
    """Hash of the package's code, the installed packages, the interpreter, the settings of the process."""
    code = [
        (path.relative_to(CODE).as_posix(), path.read_bytes())
        for path in sorted(CODE.rglob("*"))
        if path.suffix in (".py", ".yml", ".json", ".ttf", ".otf") and path.is_file()
    ]
    packages = sorted((str(found.metadata["Name"]), found.version) for found in metadata.distributions())
    settings = [(name, os.environ.get(name)) for name in SETTINGS]
    styles = sorted((name, repr(value)) for name, value in matplotlib.rcParams.items())
    return fingerprint((code, packages, settings, styles, sys.version, sys.platform, os.uname().machine))


def fingerprint(thing: object) -> str:
    """Hash of everything that a value holds; two values that could be drawn differently have two.

    Raises
    ------
    TypeError
        A kind of object whose content is not known here.
    """
    found = hashlib.sha256()
    for part in _parts(thing):
        found.update(part)
        found.update(b"\0")
    return found.hexdigest()


def _parts(thing: Any) -> Iterator[bytes]:
    kind = type(thing)
    yield f"{kind.__module__}.{kind.__qualname__}".encode()
    if isinstance(thing, pd.DataFrame):
        yield repr((thing.shape, thing.columns.tolist(), thing.columns.names)).encode()
        yield from _parts(thing.index)
        for place, kind in enumerate(thing.dtypes):
            yield str(kind).encode()
            yield from _values(thing.iloc[:, place].tolist())
    elif isinstance(thing, pd.Series | pd.Index):
        yield repr((thing.name, str(thing.dtype))).encode()
        yield from _values(thing.tolist())
        if isinstance(thing, pd.Series):
            yield from _parts(thing.index)
    elif isinstance(thing, np.ndarray):
        yield repr((thing.shape, str(thing.dtype))).encode()
        yield from _values(thing.ravel().tolist())
    elif isinstance(thing, bytes):
        yield hashlib.sha256(thing).digest()
    elif isinstance(thing, PLAIN) or thing is pd.NA or thing is pd.NaT:
        yield repr(thing).encode()
    elif isinstance(thing, tuple | list):
        yield str(len(thing)).encode()
        for item in thing:
            yield from _parts(item)
    elif isinstance(thing, dict):
        for pair in thing.items():
            yield from _parts(pair)
    elif isinstance(thing, FunctionType):  # its code is in the package
        yield f"{thing.__module__}.{thing.__qualname__}:{thing.__code__.co_firstlineno}".encode()
        held = [cell.cell_contents for cell in thing.__closure__ or ()]
        yield from _parts([held, thing.__defaults__, thing.__kwdefaults__])
    elif isinstance(thing, partial):
        yield from _parts([thing.func, thing.args, thing.keywords])
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield from _parts({field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)})
    else:
        raise TypeError(f"{kind.__qualname__} has no fingerprint")


def _values(values: list[Any]) -> Iterator[bytes]:
    """Parts of a list; numbers and words at once, as their text tells one from another."""
    yield from [repr(values).encode()] if WRITTEN.issuperset(map(type, values)) else _parts(values)
