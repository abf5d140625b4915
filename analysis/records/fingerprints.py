"""Order ids that may occur twice, found without bringing whole ids together.

Equal ids have equal fingerprints, so an id whose fingerprint occurs once occurs once: that settles
nearly all of them. The few others are then compared as they are. DuckDB hands over 64 bits of an id,
which are sorted here. Spark's workers sort 48 bits of an id in NumPy and send them as packed lists of
32 bits, one for each of 65,536 buckets, instead of a row for each id. Whether an id is one at all is
asked on the way, so that the grouping of orders need not read ids.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from analysis.records.engine import Session
    from analysis.records.rows import Rows

AT_ONCE = 2**25  # fingerprints sorted in one go, 8 bytes each; more orders take several scans
BUCKETS = 2**16  # lists of Spark; 32 bits of a fingerprint stand in a list
PACKED = 2**23  # fingerprints that a worker of Spark packs in one go
FEW = 2**22  # repeated fingerprints that each worker of a cluster can hold; above, all ids are compared
ODD = 2**48  # stands for an odd id among fingerprints of Spark, which are smaller


class Suspects(NamedTuple):
    """What the fingerprints tell: whether an id is odd, and if none is, the ``rows`` that may repeat.

    ``rows`` are every row whose key occurs more than once, and perhaps rows whose key does not; None if
    there are none.
    """

    odd: bool
    rows: Rows | None = None


def narrow(session: Session, orders: Rows, key: Sequence[str], rows: int, odd: str = "FALSE") -> Suspects:
    """Find the columns ``key`` of all orders whose key may occur more than once.

    Parameters
    ----------
    session
        An open engine.
    orders
        Rows with the columns ``key``.
    rows
        About how many; it decides how many scans DuckDB makes.
    odd
        Whether a row has a key that is none, in SQL; where one has, nothing else is found.
    """
    keys = replace(orders, columns=tuple(key))
    find = _find_on_spark if session.name == "spark" else _find_in_duckdb
    several, rows_of_these = session.run(lambda: find(session, orders, key, rows, odd))
    if several is None:
        return Suspects(odd=True)
    if not several:
        return Suspects(odd=False)
    return Suspects(False, keys if several > FEW else keys.at(f"({rows_of_these})"))


def _find_in_duckdb(
    session: Session, orders: Rows, key: Sequence[str], rows: int, odd: str
) -> tuple[int | None, str]:
    """How many fingerprints are repeated, or None for an odd key; and the query of the rows with these."""
    connection = session.connection
    fingerprint = f"hash({', '.join(key)})"
    bits = max(0, (max(1, rows) - 1).bit_length() - (AT_ONCE - 1).bit_length())
    repeated = [np.empty(0, np.uint64)]
    for part in range(1 << bits):
        chosen = f"WHERE {fingerprint} >> {64 - bits} = {part}" if bits else ""
        asked = connection.sql(
            f"SELECT CASE WHEN {odd} THEN NULL ELSE {fingerprint} END AS fingerprint FROM {orders} {chosen}"
        )
        try:
            repeated.append(find_repeated(_arrays(asked.to_arrow_reader(100_000)), rows >> bits))
        except _OddKeyError:
            return None, ""
    values = np.concatenate(repeated)
    if not len(values):
        return 0, ""
    connection.register("given", pa.table({"fingerprint": values}))
    connection.execute("CREATE OR REPLACE TEMP TABLE fingerprints AS FROM given")
    connection.unregister("given")
    return len(values), (
        f"SELECT {', '.join(key)} FROM {orders} WHERE {fingerprint} IN (SELECT fingerprint FROM fingerprints)"
    )


class _OddKeyError(Exception):
    """A fingerprint is missing, as its key is odd."""


def _arrays(batches: Iterable[pa.RecordBatch]) -> Iterator[NDArray[np.uint64]]:
    for batch in batches:
        column = batch.column(0)
        if column.null_count:
            raise _OddKeyError
        # Not `to_numpy`, which loads pandas: half a second.
        yield np.from_dlpack(column).view(np.uint64)


def find_repeated(batches: Iterable[NDArray[np.uint64]], expected: int) -> NDArray[np.uint64]:
    """Values that occur more than once in all ``batches`` together, each once, in order.

    ``expected`` is about how many values come; if more do, room is made.
    """
    values, used = np.empty(expected + expected // 64 + 1, np.uint64), 0
    for batch in batches:
        end = used + len(batch)
        if end > len(values):
            values.resize(end + end // 2, refcheck=False)
        values[used:end] = batch
        used = end
    seen = values[:used]
    seen.sort()
    twice = seen[1:][seen[1:] == seen[:-1]]
    once: NDArray[np.uint64] = twice[np.flatnonzero(np.append(twice[1:] != twice[:-1], len(twice) > 0))]
    return once


def _find_on_spark(
    session: Session, orders: Rows, key: Sequence[str], _rows: int, odd: str
) -> tuple[int | None, str]:
    """How many fingerprints are repeated, or None for an odd key; and the query of the rows with these."""
    spark = session.connection
    mark = f"shiftrightunsigned(xxhash64({', '.join(key)}), {33 - BUCKETS.bit_length()})"
    marks = f"SELECT CASE WHEN {odd} THEN {ODD} ELSE {mark} END AS mark FROM {orders}"
    # Functions are sent to the workers by name: code that is measured or traced cannot be sent itself.
    packed = spark.sql(marks).mapInArrow(pack, "bucket INT, rests BINARY")
    repeated = packed.repartition("bucket").mapInArrow(find_packed, "mark BIGINT").persist()
    repeated.createOrReplaceTempView("fingerprints")
    number, most = spark.sql("SELECT count(*), max(mark) FROM fingerprints").first()
    marked = f"(SELECT {', '.join(key)}, {mark} AS mark FROM {orders})"
    # Named as small, so that the orders stay where they are.
    return (None if number and most == ODD else number), (
        f"SELECT /*+ BROADCAST(few) */ {', '.join(key)} FROM {marked} AS marked LEFT SEMI JOIN "
        "fingerprints AS few ON marked.mark = few.mark"
    )


def pack(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Fingerprints in a column as a row for each bucket: its number, and the low 32 bits of each, sorted."""
    held: list[NDArray[np.int64]] = []
    number = 0
    for batch in batches:
        held.append(np.from_dlpack(batch.column(0)).view(np.int64))
        number += len(batch)
        if number >= PACKED:
            yield _pack(held)
            held, number = [], 0
    if held:
        yield _pack(held)


def _pack(held: list[NDArray[np.int64]]) -> pa.RecordBatch:
    marks = np.concatenate(held)
    marks.sort()
    if marks[-1] == ODD:
        marks = np.append(marks, ODD)  # of one alone nobody would hear
    buckets = marks >> 32
    begins = np.flatnonzero(np.diff(buckets, prepend=-1))
    ends = np.append(begins, len(marks)).astype(np.int32) * 4  # bytes
    rests = marks.astype(np.uint32)  # the low bits
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(rests)]
    lists = pa.Array.from_buffers(pa.binary(), len(begins), buffers)
    numbers = pa.array(buckets[begins].astype(np.int32))
    return pa.RecordBatch.from_arrays([numbers, lists], ["bucket", "rests"])


def find_packed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Fingerprints that occur more than once among rows of `pack`, which hold all of their buckets."""
    repeated = find_repeated(map(_unpack, batches), PACKED)
    yield pa.RecordBatch.from_arrays([pa.array(repeated.view(np.int64))], ["mark"])


def _unpack(batch: pa.RecordBatch) -> NDArray[np.uint64]:
    buckets, lists = np.from_dlpack(batch.column(0)).astype(np.uint64), batch.column(1)
    _valid, ends, rests = lists.buffers()
    bounds = np.frombuffer(ends, np.int32)[lists.offset : lists.offset + len(lists) + 1] // 4
    low = np.frombuffer(rests, np.uint32, bounds[-1])[bounds[0] :]
    marks: NDArray[np.uint64] = np.repeat(buckets << np.uint64(32), np.diff(bounds)) | low
    return marks
