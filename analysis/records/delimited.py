"""CSV files as they come: encoding, compression, delimiter and every line accounted for.

The dialect is fixed, not guessed from the rows: double quotes, no comment sign, no escape, line
breaks allowed inside quotes. Only the encoding (see `encodings`) and the delimiter (the one under which
the header holds the contract's columns) are found out, and both are named. Both engines read through here.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions

from analysis.base.errors import InputError
from analysis.records.contract import Table, check_columns
from analysis.records.encodings import BLOCK, find_encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Dialect:
    """How one CSV file is written."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    compression: str | None
    skipped: int = 1  # lines up to the end of the header


@dataclass(frozen=True)
class Lines:
    """What a pass over a CSV file finds.

    Parameters
    ----------
    rows
        Rows with as many fields as the header.
    broken
        Rows with more or fewer.
    examples
        Of those: the row and its number of fields.
    folded
        Line breaks inside quotes.
    values
        Distinct values of the columns asked for.
    """

    rows: int
    broken: int
    examples: tuple[str, ...]
    folded: int
    values: dict[str, tuple[str, ...]]


def find_dialect(table: Table, path: str, compression: str | None, keys: dict[str, str]) -> Dialect | None:
    """Find how a CSV file is written; None if it is empty.

    Raises
    ------
    InputError
        No encoding fits, the compression is damaged, or a column is missing.
    """
    encoding, start = find_encoding(path, compression)
    if not start.strip("\r\n"):
        return None
    wanted = set(table.types) - set(table.optional) - set(keys)
    headers = {delimiter: _read_header(start, delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda sign: (len(wanted & set(headers[sign][0])), len(headers[sign][0])))
    header, lines, rows = headers[delimiter]
    check_columns(table, [*header, *(key for key in keys if key not in header)], path)
    if not rows.strip("\r\n"):
        return None
    return Dialect(encoding, delimiter, header, compression, lines)


def _read_header(start: str, delimiter: str) -> tuple[tuple[str, ...], int, str]:
    """The names in the first line that is not empty, the lines up to its end, and what follows."""
    stream = io.StringIO(start, newline="")
    reader = csv.reader(stream, delimiter=delimiter)
    try:
        names = next(names for names in reader if names)
    except csv.Error:  # a quote that is not closed
        names = []
    return tuple(name.strip() for name in names), reader.line_num, stream.read()


def read_batches(
    path: str,
    dialect: Dialect,
    columns: list[str],
    on_broken: Callable[[pyarrow.csv.InvalidRow], str],
) -> Iterator[pa.RecordBatch]:
    """Stream ``columns`` of a CSV file as text, an empty field as empty text."""
    stream = pa.input_stream(path, compression=dialect.compression)
    if dialect.encoding != "utf-8":
        stream = pa.transcoding_input_stream(stream, dialect.encoding, "utf-8")
    reader = pyarrow.csv.open_csv(
        stream,
        read_options=ReadOptions(
            use_threads=False,
            block_size=BLOCK,
            column_names=list(dialect.header),
            skip_rows=dialect.skipped,
        ),
        parse_options=ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=on_broken
        ),
        convert_options=ConvertOptions(
            column_types=dict.fromkeys(dialect.header, pa.string()),
            include_columns=columns,
            strings_can_be_null=False,
        ),
    )
    with reader:
        yield from reader


def skip(_row: pyarrow.csv.InvalidRow) -> str:
    """Leave a broken line out: `scan_lines` has counted it."""
    return "skip"


def _swallows_rows(column: pa.Array, breaks: pa.Array, dialect: Dialect) -> bool:
    """Whether a field holds as many delimiters as the rows that its line breaks would end.

    Two quotes that nobody closed, in two rows, make one field of all that lies between them.
    """
    import pyarrow.compute as pc

    if not pc.any(pc.greater(breaks, 0)).as_py():
        return False
    signs = pc.count_substring(column, dialect.delimiter)
    of_rows = pc.multiply(breaks, len(dialect.header) - 1)
    swallows = pc.and_(pc.greater(breaks, 0), pc.greater_equal(signs, of_rows))
    return bool(pc.any(swallows).as_py())


def scan_lines(path: str, dialect: Dialect, watched: list[str]) -> Lines:
    """Pass over a CSV file once and account for every line.

    Parameters
    ----------
    path, dialect
        The file.
    watched
        Columns whose distinct values are wanted.

    Raises
    ------
    InputError
        A quote that is not closed, or a file that cannot be read.
    """
    import pyarrow.compute as pc  # not for Parquet: it takes a while

    broken, rows, folded = 0, 0, 0
    examples: list[str] = []
    torn = False
    values: dict[str, set[str]] = {name: set() for name in watched}

    def note(row: pyarrow.csv.InvalidRow) -> str:
        nonlocal broken, torn
        broken += 1
        torn |= "\n" in row.text.rstrip("\r\n") or "\r" in row.text.rstrip("\r\n")
        if len(examples) < 3:
            place = "" if row.number is None else f"row {row.number}: "
            examples.append(f"{place}{row.actual_columns} fields, not {row.expected_columns}")
        return "skip"

    try:
        for batch in read_batches(path, dialect, list(dialect.header), note):
            rows += batch.num_rows
            for column in batch.columns:
                breaks = pc.count_substring(column, "\n")
                folded += pc.sum(breaks).as_py() or 0
                torn |= _swallows_rows(column, breaks, dialect)
            for name in watched:
                values[name] |= set(pc.unique(batch.column(name)).to_pylist())
    except (pa.ArrowException, OSError, UnicodeError):
        torn = True
    if torn:
        raise InputError(
            "a CSV file holds a quote that is not closed, a field too long or damaged text",
            file=path,
            action="export it again; the line is not repeated here because it may hold an identifier",
        )
    return Lines(
        rows, broken, tuple(examples), folded, {name: tuple(sorted(found)) for name, found in values.items()}
    )
