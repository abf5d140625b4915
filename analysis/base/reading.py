"""Reading tables that a person or an earlier step left: whole, or an `InputError` that names the file.

pandas renames a column that stands twice and fills short rows; a table that was cut off while it was
copied looks like a smaller one. Here all of that is refused, so that no number comes from half a file.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from .errors import InputError, why_no_file

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

EXPECTED = "a comma-separated table in UTF-8 with one header row"


def read_text(path: Path, what: str = "the file", action: str = "") -> str:
    """Text of a UTF-8 file; a byte-order mark at its start is passed over.

    Raises
    ------
    InputError
        It is absent, no file, not readable or not UTF-8.
    """
    if not path.is_file():
        raise InputError(
            f"{what} {why_no_file(path)}",
            file=path,
            expected="a file",
            action=action or "check the path",
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{what} cannot be read: {error.strerror}",
            file=path,
            expected="a file that this user may read",
            action=action or "ask for the right to read it, or copy it to a place of your own",
        ) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "GBK (GB18030)" if _is_gb18030(content) else "another encoding"
        raise InputError(
            f"{what} is not UTF-8, but could be {hint}",
            file=path,
            row=content.count(b"\n", 0, error.start) + 1,
            value=content[error.start : error.start + 4],
            expected="UTF-8",
            action=action or "save it as UTF-8, or convert it: iconv -f GB18030 -t UTF-8 FILE > NEW",
        ) from None


def read_csv(
    path: Path,
    what: str = "the table",
    action: str = "",
    columns: tuple[str, ...] = (),
    *,
    empty: bool = False,
    ended: bool = False,
    **options: Any,
) -> pd.DataFrame:
    """Read a CSV file whole.

    Parameters
    ----------
    path
        The file.
    what, action
        For the message: what the file is, and what to do when it is damaged.
    columns
        Columns that have to be there.
    empty
        Whether a header without rows will do.
    ended
        Whether the last line has to end, as every line does that this project writes.
    **options
        Of `pandas.read_csv`.

    Raises
    ------
    InputError
        `read_text` refuses it; it has no header or no rows, a column twice, or a row with more or fewer
        cells than the header; a column of ``columns`` is absent; or the last line was cut off.
    """
    import pandas as pd  # not for texts alone: it takes half a second

    text = _read_whole(path, what, action, columns, empty=empty, ended=ended)
    try:
        return pd.read_csv(io.StringIO(text), **options)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{what} cannot be read: {error}", file=path, expected=EXPECTED, action=action
        ) from error


def read_records(
    path: Path, what: str = "the table", action: str = "", columns: tuple[str, ...] = ()
) -> list[dict[str, str]]:
    """Rows of a small CSV file as they are written, by column; what `read_csv` refuses is refused."""
    text = _read_whole(path, what, action, columns, empty=False, ended=False)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _read_whole(
    path: Path, what: str, action: str, columns: tuple[str, ...], *, empty: bool, ended: bool
) -> str:
    text = read_text(path, what, action)
    if ended and text and not text.endswith("\n"):
        line = text.count("\n") + 1
        raise InputError(f"{what} was cut off in its last line", file=path, row=line, action=action)
    if not check_table(text, path, what, action, columns) and not empty:
        raise InputError(f"{what} has no rows", file=path, row=2, expected=EXPECTED, action=action)
    return text


def check_table(text: str, path: Path, what: str, action: str, columns: tuple[str, ...]) -> int:
    """Refuse a table without header, with a column twice or absent, or with a ragged row; count its rows."""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(
            f"{what} holds a NUL character", file=path, row=line, expected=EXPECTED, action=action
        )
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(
            f"{what} is no table: {error}", file=path, expected=EXPECTED, action=action
        ) from None
    header = lines[0] if lines else []
    if not any(header):
        raise InputError(f"{what} cannot be read: it is empty", file=path, expected=EXPECTED, action=action)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(
            f"{what} has a column twice", file=path, row=1, column=twice[0], expected="each column once",
            action=action or "remove or rename one of them",
        )  # fmt: skip
    absent = [name for name in columns if name not in header]
    if absent:
        hint = "it is separated by tabs or semicolons" if _other_separator(header) else action
        raise InputError(
            f"{what} lacks a column", file=path, row=1, column=absent[0],
            expected=f"{EXPECTED}, with {', '.join(columns)}",
            action=hint or f"the columns there are {', '.join(header)}: give this one its name",
        )  # fmt: skip
    for number, row in enumerate(lines[1:], start=2):
        if row and len(row) != len(header):
            raise InputError(
                f"{what} has {len(row)} cells in a row and {len(header)} columns",
                file=path,
                row=number,
                value=row[-1],
                expected="as many cells as columns in every row",
                action=action or "complete the row; it may have been cut off",
            )
    return sum(bool(row) for row in lines[1:])


def _other_separator(header: list[str]) -> bool:
    return len(header) == 1 and ("\t" in header[0] or ";" in header[0])


def _is_gb18030(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
