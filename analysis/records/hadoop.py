"""Files in whatever storage Spark can reach: found, and opened to read their footers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Hadoop:
    """Files in whatever storage Spark can reach, as a store of the inventory."""

    def __init__(self, session: Any) -> None:
        self._java = session._jvm
        self._settings = session._jsc.hadoopConfiguration()

    def find(self, given: str) -> Iterator[tuple[str, str, int]]:
        """Path, name below ``given`` and size of every file; a glob is followed.

        Raises
        ------
        InputError
            The storage cannot be reached.
        """
        try:
            address = self._java.org.apache.hadoop.fs.Path(given)
            system = address.getFileSystem(self._settings)
            places = list(system.globStatus(address) or [])
            fixed = given.split("*", 1)[0].split("?", 1)[0].split("{", 1)[0]
            base = given if len(places) == 1 and fixed == given else fixed.rsplit("/", 1)[0]
            base = base.rstrip("/") + "/"
            while "=" in base.rstrip("/").rsplit("/", 1)[-1]:
                base = base.rstrip("/").rsplit("/", 1)[0] + "/"
            start = self._java.org.apache.hadoop.fs.Path(base).toUri().getPath().rstrip("/") + "/"
            for place in places:
                if place.isFile():
                    yield self._one(place, start)
                    continue
                files = system.listFiles(place.getPath(), True)
                while files.hasNext():
                    yield self._one(files.next(), start)
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"the storage cannot be listed ({type(error).__name__})",
                file=given,
                action="check the address, the connector and its credentials in the Spark configuration",
            ) from None

    def _one(self, status: Any, start: str) -> tuple[str, str, int]:
        path = status.getPath()
        below = path.toUri().getPath()
        name = below.removeprefix(start) if below.startswith(start) else path.getName()
        return path.toString(), name, status.getLen()

    def open(self, path: str) -> pa.PythonFile:
        """A file to read footers from."""
        address = self._java.org.apache.hadoop.fs.Path(path)
        system = address.getFileSystem(self._settings)
        return pa.PythonFile(_HadoopFile(system.open(address), system.getFileStatus(address).getLen()), "r")


class _HadoopFile(io.RawIOBase):
    """A Hadoop stream as a Python file."""

    def __init__(self, stream: Any, size: int) -> None:
        self._stream, self._size, self._at = stream, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        length = self._size - self._at if size < 0 else min(size, self._size - self._at)
        self._stream.seek(self._at)
        block = bytes(self._stream.readNBytes(length))
        self._at += len(block)
        return block

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
