"""From a path, a folder or a glob to the files of a table, each held against the contract and the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.base.errors import InputError
from analysis.records.contract import TEXT, Table
from analysis.records.inventory import (
    CSV,
    EMPTY,
    PASSED,
    READ,
    Disk,
    Found,
    Store,
    find_copies,
    list_files,
    local_path,
)
from analysis.records.looks import Forms, Look, TextFile, look_at

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Entry:
    """One file of the inventory: its name, what became of it, why, its rows and bytes."""

    name: str
    status: str
    why: str
    rows: int | None
    size: int


@dataclass(frozen=True)
class Group:
    """Files that one reader can open together.

    Parameters
    ----------
    files
        Sorted paths.
    forms
        Form of each column of the contract that the Parquet files hold; see `contract.form_of`.
    keys
        Columns of the contract that only the folder names hold.
    base
        The folder below which the folder names count.
    """

    files: tuple[str, ...]
    forms: Forms
    keys: tuple[str, ...]
    base: str


@dataclass(frozen=True)
class Source:
    """Files of one table, all of one kind.

    Parameters
    ----------
    table
        The contract they meet.
    given
        The path as the user wrote it.
    groups
        Parquet files by the forms of their columns.
    texts
        CSV files.
    columns
        Columns of the contract that the delivery holds.
    unused
        Columns it holds besides.
    entries
        The inventory.
    synthetic
        Whether a file says of itself that it is simulated.
    """

    table: Table
    given: str
    groups: tuple[Group, ...]
    texts: tuple[TextFile, ...]
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    entries: tuple[Entry, ...]
    synthetic: bool

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file that is read."""
        return (*(file for group in self.groups for file in group.files), *(text.path for text in self.texts))

    def check_rows(self, read: int) -> None:
        """Refuse an answer that rests on fewer or more rows than the files hold.

        Raises
        ------
        InputError
            A file changed in the meantime, or the engine passed one over.
        """
        held = sum(entry.rows or 0 for entry in self.entries)
        if read != held:
            raise InputError(
                f"{read} rows of the {self.table.name} were read, and the files hold {held}",
                file=self.given,
                action="see whether a file changed while it was read, and run it again",
            )

    @property
    def empty(self) -> int:
        """Number of files without a row."""
        return sum(entry.status == EMPTY for entry in self.entries)

    def numbered(self, column: str) -> bool:
        """Whether every file holds an identifier as signed integers; otherwise it is read as text."""
        forms = {dict(group.forms).get(column, TEXT) for group in self.groups}
        return not self.texts and all(form.startswith("int") for form in forms)


def find_source(table: Table, path: str, *, tolerant: bool, store: Store | None = None) -> Source:
    """List the files of ``table`` and hold each against the contract and against the others.

    Parameters
    ----------
    table
        The contract.
    path
        A file, a folder (searched to any depth) or a glob, or its address in ``store``.
    tolerant
        Count empty files instead of refusing them.
    store
        Where the files lie; this machine without it.

    Raises
    ------
    InputError
        No file, a file that is not read here, files of two kinds, an empty or damaged file, a missing
        column, a wrong type, a folder name that contradicts its file, the same file twice.
    """
    place: Store = store or Disk()
    given = local_path(path)
    files = list_files(place, given, table.name)
    wanted = [file for file in files if not file.passed]
    of_kind = {file.kind: file for file in wanted}
    if len(of_kind) > 1:
        raise InputError(
            f"the {table.name} mix Parquet and CSV files",
            file=" and ".join(file.path for file in of_kind.values()),
            action="deliver one kind of files",
        )
    if wanted[0].kind == CSV and "://" in given:
        raise InputError(
            "CSV files are read from this machine's disks only",
            file=given,
            action="convert them to Parquet, or copy them",
        )
    shape = set(wanted[0].keys)
    looks: dict[str, Look] = {}
    for file in wanted:
        if set(file.keys) != shape:
            raise InputError("a file lies outside the partition folders of the others", file=file.path)
        looks[file.name] = look_at(table, file, place)
        if not looks[file.name].rows and not tolerant and not looks[file.name].broken:
            raise InputError("a partition is empty", file=file.path, action="remove it, or use --quarantine")
    kept = [look for look in looks.values() if look.rows or look.broken]
    if not kept:
        raise InputError(f"the {table.name} hold no row", file=path)
    _compare(table, kept)
    if table.optional and "claim_id" not in kept[0].columns and "://" not in given:
        _refuse_copies(table, wanted)
    held = {column for look in looks.values() for column in look.columns}
    return Source(
        table=table,
        given=given,
        groups=_group(kept),
        texts=tuple(look.text for look in kept if look.text),
        columns=tuple(column for column in table.types if column in held),
        unused=tuple(sorted(held - set(table.types))),
        entries=tuple(_entry(file, looks.get(file.name)) for file in files),
        synthetic=any(look.synthetic for look in looks.values()),
    )


def refuse_damaged(source: Source) -> None:
    """Read Parquet files of this machine once more, to name one that an engine could not read.

    Raises
    ------
    InputError
        A file is damaged behind its footer.
    """
    for group in source.groups:
        for file in (file for file in group.files if "://" not in file):
            try:
                with pq.ParquetFile(file) as parquet:
                    for batch in parquet.iter_batches(columns=[column for column, _form in group.forms]):
                        batch.validate(full=True)  # text, too
            except (pa.ArrowException, OSError):
                raise InputError(
                    "the engine could not read a Parquet file, which is damaged inside or holds other text "
                    "than UTF-8",
                    file=file,
                    action="deliver it again",
                ) from None


def _entry(file: Found, look: Look | None) -> Entry:
    if look is None:
        return Entry(file.name, PASSED, file.passed, None, file.size)
    status = READ if look.rows or look.broken else EMPTY
    return Entry(file.name, status, look.note, look.rows, file.size)


def _compare(table: Table, looks: Sequence[Look]) -> None:
    """Refuse a delivery of which some files lack an optional column, naming two files."""
    for column in table.optional:
        having = [look for look in looks if column in look.columns]
        lacking = [look for look in looks if column not in look.columns]
        if having and lacking:
            raise InputError(
                f"some files of the {table.name} have a column that others lack",
                file=f"{having[0].file.path} has it, {lacking[0].file.path} lacks it",
                column=column,
                action="deliver it in every file or in none",
            )


def _refuse_copies(table: Table, files: Sequence[Found]) -> None:
    copies = find_copies([file for file in files if file.size])
    if copies:
        raise InputError(
            f"two files of the {table.name} are identical",
            file=f"{copies[0].path} and {copies[1].path}",
            action="remove one, or deliver a claim_id: then repeats are set aside and counted",
        )


def _group(looks: Sequence[Look]) -> tuple[Group, ...]:
    groups: dict[tuple[Forms, tuple[str, ...]], list[Found]] = {}
    for look in looks:
        if look.text is None:
            held = dict(look.forms)
            keys = tuple(key for key in look.keys if key not in held)
            groups.setdefault((look.forms, keys), []).append(look.file)
    return tuple(
        Group(tuple(file.path for file in files), forms, keys, files[0].path.removesuffix(files[0].name))
        for (forms, keys), files in groups.items()
    )
