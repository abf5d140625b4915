"""Every file of a delivery, before any work: to be read, or passed over and why.

Nothing that may hold rows is passed over in silence. Markers and leftovers of other programs are
named; a file of a kind that is not read here stops the run.
"""

from __future__ import annotations

import glob
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PARQUET, CSV = "parquet", "csv"
KINDS = {".parquet": PARQUET, ".pq": PARQUET, ".parq": PARQUET, ".csv": CSV, ".txt": CSV, ".tsv": CSV}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
MARKERS = frozenset({".crc", ".md5", ".sha1", ".sha256", ".md", ".ini", ".db"})
NOTES = frozenset({"README", "README.TXT", "README.RST"})
TABLE_FORMATS = {"_delta_log": "Delta", ".hoodie": "Hudi"}
ABSENT = "__HIVE_DEFAULT_PARTITION__"  # a folder name's value where there is none
READ, EMPTY, PASSED = "read", "empty", "passed over"
BLOCK = 1 << 20


@dataclass(frozen=True)
class Found:
    """A file of the delivery.

    Parameters
    ----------
    path
        As the engine opens it.
    name
        Below the place that the user named.
    size
        In bytes.
    passed
        Why it is passed over; empty for a file that holds rows.
    """

    path: str
    name: str
    size: int
    passed: str = ""

    @property
    def kind(self) -> str:
        """``parquet`` or ``csv``, compressed or not."""
        return KINDS[self._suffixes()[0]]

    @property
    def compression(self) -> str | None:
        """``gzip`` or ``zstd`` of a compressed CSV file."""
        return COMPRESSIONS.get(self._suffixes()[1])

    def _suffixes(self) -> tuple[str, str]:
        suffixes = ["", *(suffix.lower() for suffix in PurePosixPath(self.name).suffixes)]
        if suffixes[-1] in COMPRESSIONS and KINDS.get(suffixes[-2]) == CSV:
            return suffixes[-2], suffixes[-1]
        return suffixes[-1], ""

    @property
    def readable(self) -> bool:
        """Whether the name is that of a table."""
        return self._suffixes()[0] in KINDS

    @property
    def keys(self) -> dict[str, str]:
        """Columns in the folder names, such as ``province_code=31``."""
        return dict(self.folders)

    @property
    def folders(self) -> list[tuple[str, str]]:
        """Names and values of the folders that hold a column, from the outermost."""
        split = [folder.partition("=") for folder in PurePosixPath(self.name).parts[:-1] if "=" in folder]
        return [(unquote(key), unquote(value)) for key, _, value in split]


class Store(Protocol):
    """A place with files: this machine's disks or an object storage."""

    def find(self, given: str) -> Iterator[tuple[str, str, int]]:
        """Path, name below ``given`` and size of every file."""
        ...

    def open(self, path: str) -> Any:
        """A file, for PyArrow."""
        ...


class Disk:
    """Files on this machine."""

    def find(self, given: str) -> Iterator[tuple[str, str, int]]:
        """Walk a file, a folder or a glob.

        Raises
        ------
        InputError
            A folder cannot be looked into.
        """
        path = Path(given)
        places = [path] if path.exists() else [Path(item) for item in glob.glob(given, recursive=True)]  # noqa: PTH207
        seen: set[Path] = set()
        for place in sorted(places):
            files = [place] if place.is_file() else _walk(place)
            base = _base(path if place == path else Path(given), place)
            for file in files:
                if file not in seen:
                    seen.add(file)
                    yield str(file), file.relative_to(base).as_posix(), _size(file)

    def open(self, path: str) -> str:
        """The path itself."""
        return path


def _size(file: Path) -> int:
    try:
        str(file).encode()
    except UnicodeEncodeError:
        name = os.fsencode(file.name).decode("gb18030", errors="replace")
        raise InputError(
            "the name of a file is not UTF-8, which the engines need",
            file=f"{name}, if it is GB18030, in {os.fsencode(file.parent).decode(errors='replace')}",
            action="rename it, or unpack the archive again with its names read as GB18030",
        ) from None
    try:
        return file.stat().st_size
    except OSError as error:
        raise InputError(
            f"a file cannot be looked at: {error.strerror}",
            file=file,
            action="take it out of the folder if it is a link to nothing",
        ) from None


def _base(given: Path, place: Path) -> Path:
    """What the names of files leave out: the folder named, or a glob up to its first sign.

    Folders that carry a column, such as ``province_code=31``, stay in the name.
    """
    base = given if given.is_dir() else given.parent
    if given != place:
        fixed = [index for index, part in enumerate(given.parts) if glob.has_magic(part)]
        base = Path(*given.parts[: fixed[0]])
    while "=" in base.name:
        base = base.parent
    return base


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise InputError("a folder cannot be looked into", file=error.filename) from None

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        for name in folders:
            if (Path(place) / name).is_symlink():
                raise InputError(
                    "a link to a folder is not followed",
                    file=Path(place) / name,
                    action="name the folder itself",
                )
        yield from (Path(place) / name for name in sorted(names))


def local_path(given: str) -> str:
    """The path that ``given`` means, also when it is written as a ``file://`` address."""
    return unquote(urlsplit(given).path) if given.startswith("file:/") else given


def list_files(store: Store, given: str, name: str) -> list[Found]:
    """List the delivery of one table, sorted by name.

    Parameters
    ----------
    store
        Where to look.
    given
        A file, a folder or a glob.
    name
        Of the table, for the messages.

    Raises
    ------
    InputError
        Nothing to read, or a file that may hold rows and cannot be read.
    """
    files = [Found(path, below, size, _reason(below, size)) for path, below, size in store.find(given)]
    if (
        len(files) == 1
        and files[0].readable
        and PurePosixPath(given).name == PurePosixPath(files[0].name).name
    ):
        files = [Found(files[0].path, files[0].name, files[0].size)]  # named by the user, hidden or not
    files.sort(key=lambda file: file.name)
    for file in files:
        for part in PurePosixPath(file.name).parts[:-1]:
            if part in TABLE_FORMATS:
                raise InputError(
                    f"the {name} are a {TABLE_FORMATS[part]} table, whose files also hold deleted rows",
                    file=given,
                    action="export the current rows to Parquet",
                )
        if not file.passed and not file.readable:
            raise InputError(
                f"a file among the {name} is of a kind that is not read here",
                file=file.path,
                expected="Parquet (.parquet, .pq, .parq) or CSV (.csv, .txt, .tsv; also .gz and .zst)",
                action="convert it, or take it out of the folder if it holds no rows",
            )
    if all(file.passed for file in files):
        passed = "; ".join(f"{file.name}: {file.passed}" for file in files[:5])
        raise InputError(
            f"no Parquet or CSV file with {name} was found",
            file=given,
            expected=f"something other than {passed}" if passed else "a file, a folder or a glob that exists",
            action="see whether the path is right, and name a .parquet or .csv file, or a folder of these",
        )
    return files


def _reason(name: str, size: int) -> str:
    path = PurePosixPath(name)
    for part in path.parts[:-1]:
        if part.startswith((".", "_")) and "=" not in part:
            return f"inside the leftover or hidden folder {part}"
    if path.name.startswith((".", "_")):
        return "hidden by its name"
    if path.suffix.lower() in MARKERS or path.name.upper() in NOTES:
        return "no table"
    if size == 0 and not Found("", name, size).readable:
        return "no content"
    return ""


def find_copies(files: Sequence[Found]) -> tuple[Found, Found] | None:
    """Two files of this machine with the same bytes, if there are such."""
    by_size: dict[int, list[Found]] = {}
    for file in files:
        by_size.setdefault(file.size, []).append(file)
    for alike in by_size.values():
        digests: dict[bytes, Found] = {}
        for file in alike if len(alike) > 1 else ():
            first = digests.setdefault(_digest(file.path), file)
            if first is not file:
                return first, file
    return None


def _digest(path: str) -> bytes:
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.digest()
