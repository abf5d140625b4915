"""What the text of a CSV field means: one reading for both engines.

A field reads as its type or is marked in a column ``broken_...``, with its shape in ``seen_...``:
digits as 9, letters as a, so that a message shows the format and no value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.records.contract import MONEY_UNIT, MOST_YUAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from analysis.records.contract import Table
    from analysis.records.delimited import Dialect

DATE = r"(?P<y>[0-9]{4})[-/](?P<m>[0-9]{1,2})[-/](?P<d>[0-9]{1,2})"
CLOCK = r"(?P<h>[0-9]{1,2}):(?P<i>[0-9]{2})(?P<s_>:(?P<s>[0-9]{2})(?P<f_>[.,](?P<f>[0-9]{1,9}))?)?"
ZONE = r"(?P<zone>[zZ]|UTC|GMT|(?P<sign>[+-])(?P<zh>[0-9]{2})(?P<zm_>:?(?P<zm>[0-9]{2}))?)"
MIDNIGHT = r"(?P<clock>[T ]00:00(?P<s_>:00(?P<f_>\.0+)?)?)?"
MONEY = r"^[+-]?([0-9]{1,15}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?$"
WHOLE = r"^[+-]?[0-9]{1,9}(\.0*)?$"
MISSING_WORDS = r"(?i)^(null|nan|na|n/a|nat|none|nil|#n/a|[+-]?inf|[+-]?infinity)$"


def text_schema(table: Table) -> pa.Schema:
    """Columns of `read_rows`."""
    fields = [(name, pa.string()) for name in _codes(table)]
    for name in _measured(table):
        fields += [(name, pa.int64()), (f"broken_{name}", pa.bool_()), (f"seen_{name}", pa.string())]
    if "completed_at" in table.types:
        fields.append(("broken_clock", pa.bool_()))
    return pa.schema([*fields, ("source_file", pa.string())])


def _codes(table: Table) -> list[str]:
    return [name for name, kind in table.types.items() if kind == "string" and name != "industry"]


def _measured(table: Table) -> list[str]:
    return [name for name, kind in table.types.items() if kind != "string"]


def read_rows(
    table: Table, path: str, dialect: Dialect, constants: dict[str, str]
) -> Iterator[pa.RecordBatch]:
    """Stream the rows of a CSV file in the types of the panel.

    Parameters
    ----------
    table
        The contract.
    path, dialect
        The file.
    constants
        Columns that the folder names give.

    Yields
    ------
    pyarrow.RecordBatch
        Codes as text, moments in microseconds and days since 1970, money in 1/10,000 yuan; see
        `text_schema`.
    """
    from analysis.records.delimited import read_batches, skip

    schema = text_schema(table)
    names = [name for name in [*_codes(table), *_measured(table)] if name in dialect.header]
    for batch in read_batches(path, dialect, names, skip):
        columns: dict[str, pa.Array] = {"source_file": _constant(path, batch.num_rows)}
        for name in _codes(table):
            column = batch.column(name) if name in names else _constant(constants.get(name), batch.num_rows)
            columns[name] = _blank(column)
        for name in _measured(table):
            field = _blank(batch.column(name))
            value = _read(field, table.types[name], table.words)
            broken = pc.and_(pc.is_valid(field), pc.is_null(value))
            if name == "completed_at":
                unzoned = pc.match_substring_regex(field, rf"^{DATE}(?P<clock>[T ]{CLOCK})?$")
                columns["broken_clock"] = pc.fill_null(unzoned, False)
            columns[name], columns[f"broken_{name}"] = value, broken
            columns[f"seen_{name}"] = pc.if_else(broken, mask(field), pa.scalar(None, pa.string()))
        yield pa.RecordBatch.from_arrays(
            [columns[name].cast(schema.field(name).type) for name in schema.names], schema=schema
        )


def mask(field: pa.Array) -> pa.Array:
    """The shape of a text: digits as 9, letters as a; words for nothing and signs stay."""
    shape = pc.replace_substring_regex(field, r"[\p{L}\p{M}]", "a")
    shape = pc.replace_substring_regex(shape, r"a{9,}", "a" * 8)
    shape = pc.utf8_slice_codeunits(pc.replace_substring_regex(shape, r"\p{N}", "9"), 0, 40)
    return pc.if_else(pc.match_substring_regex(field, MISSING_WORDS), field, shape)


def _constant(value: str | None, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string()), rows)


def _blank(field: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(field)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _read(field: pa.Array, kind: str, words: tuple[tuple[str, ...], tuple[str, ...]]) -> pa.Array:
    if kind == "number":
        amount = pc.if_else(pc.match_substring_regex(field, MONEY), field, pa.scalar(None, pa.string()))
        yuan = pc.cast(pc.utf8_ltrim(amount, "+"), pa.float64())
        yuan = pc.if_else(pc.less(pc.abs(yuan), MOST_YUAN), yuan, pa.scalar(None, pa.float64()))
        return pc.cast(pc.floor(pc.add(pc.multiply(yuan, MONEY_UNIT), 0.5)), pa.int64())
    if kind == "integer":
        whole = pc.if_else(pc.match_substring_regex(field, WHOLE), field, pa.scalar(None, pa.string()))
        return pc.cast(pc.cast(pc.utf8_ltrim(whole, "+"), pa.float64()), pa.int64())
    if kind == "boolean":
        word = pc.utf8_lower(field)
        yes, no = (pc.is_in(word, pa.array(spellings)) for spellings in words)
        known = pc.or_(yes, no)
        return pc.if_else(known, pc.cast(yes, pa.int64()), pa.scalar(None, pa.int64()))
    if kind == "date":
        # A day with the clock of midnight is what many programs write for a day.
        days, valid = _days(pc.extract_regex(field, f"^{DATE}{MIDNIGHT}$"))
        return pa.array(days, pa.int64(), mask=~valid)
    return _moment(field)


def _numbers(parts: pa.Array, name: str, width: int = 0) -> NDArray[np.int64]:
    """A group as integers, 0 where it is absent; ``width`` fills digits up on the right."""
    digits = pc.utf8_rpad(pc.fill_null(pc.struct_field(parts, name), "0"), width, padding="0")
    whole = pc.cast(pc.if_else(pc.equal(digits, ""), "0", digits), pa.int64())
    found: NDArray[np.int64] = whole.to_numpy(zero_copy_only=False)
    return found


def _days(parts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    year, month, day = (_numbers(parts, name) for name in "ymd")
    valid = pc.is_valid(parts).to_numpy(zero_copy_only=False) & (month >= 1) & (month <= 12) & (year > 0)
    first = np.where(valid, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    begin, end = (month_.astype("M8[D]").astype(np.int64) for month_ in (first, first + 1))
    valid &= (day >= 1) & (day <= end - begin)
    return begin + day - 1, valid


def _moment(field: pa.Array) -> pa.Array:
    parts = pc.extract_regex(field, f"^{DATE}[T ]{CLOCK} ?{ZONE}$")
    days, valid = _days(parts)
    hour, minute, second, ahead = (_numbers(parts, name) for name in ("h", "i", "s", "zh"))
    behind = pc.starts_with(pc.fill_null(pc.struct_field(parts, "sign"), ""), "-")
    sign = np.where(behind.to_numpy(zero_copy_only=False), -1, 1)
    minutes = _numbers(parts, "zm")
    valid &= (hour <= 23) & (minute <= 59) & (second <= 59) & (ahead <= 18) & (minutes <= 59)
    seconds = days * 86_400 + hour * 3600 + minute * 60 + second
    seconds -= sign * (ahead * 3600 + minutes * 60)
    micro = _numbers(parts, "f", width=9) // 1000
    return pa.array(seconds * 1_000_000 + micro, pa.int64(), mask=~valid)
