"""The one door to the raw record: files whole, tables valid, facts consistent, or an `InputError`.

In this order: the files are those recorded, readable and unchanged; headers, numbers and dates are
written as the record says (`cells`); provinces and keys are known and unique; Table Schemas hold
(frictionless); the facts agree with each other (`checks`) and the series with themselves (`series`).
The first fault stops the build, before anything is written. Within a build the same bytes are checked
once (`verdict`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.base.errors import InputError
from analysis.inputs import cells, checks, series, verdict
from analysis.inputs.descriptor import DESCRIPTOR, digest, read_descriptor, read_text
from analysis.inputs.schema import check_schemas

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

UNLISTED = (DESCRIPTOR, "README.md")  # files of the folder that hold no facts
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
RENEW = "python -m analysis.inputs.renew"


def check_package(folder: Path) -> None:
    """Check the data package in ``folder``.

    Raises
    ------
    InputError
        On the first fault found: a missing, extra, changed or wrongly encoded file, or something else in
        a file's place; a character that nobody sees; a cell that is no number or date; an unknown
        province, indicator or unit, or a province without a series; a repeated key; a cell against its
        schema; a start before its announcement; a date after the last search of the record; a cumulative
        count that falls; a part that exceeds its whole; a grade better than its source's; a correction
        that no longer holds.
    """
    before = verdict.state_of(folder)
    if verdict.kept(before):
        return
    tables = read_as_recorded(folder)
    check_schemas(folder)
    checks.check_facts(folder, tables)
    warnings = series.check_series(folder, tables)
    # Not where a file was changed meanwhile, nor where each step has to repeat a warning.
    if not warnings and before == verdict.state_of(folder):
        verdict.keep(before)


def read_as_recorded(folder: Path) -> dict[str, pd.DataFrame]:
    """Every file as text, after the quick checks: what a command asks that computes from a few facts.

    Raises
    ------
    InputError
        A file is not as recorded, or a cell not written as a number, a date or a key has to be.
    """
    check_files_are_those_recorded(folder)
    files = [resource["path"] for resource in read_descriptor(folder)["resources"]]
    for file in files:
        check_encoding(folder / file)
    check_files_are_unchanged(folder)
    tables = {file: read_text(folder, file) for file in files}
    cells.check_headers(folder, tables)
    cells.check_tables_have_rows(folder, tables)
    cells.check_numbers_and_dates(folder, tables)
    checks.check_keys_are_unique(folder, tables)
    checks.check_provinces_are_known(folder, tables)
    cells.check_patterns(folder, tables)
    return tables


def check_files_are_those_recorded(folder: Path) -> None:
    """The folder holds every file that the record names and no other."""
    recorded = {resource["path"] for resource in read_descriptor(folder)["resources"]}
    present = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    missing, extra = sorted(recorded - present), sorted(present - recorded - set(UNLISTED))
    if missing:
        raise InputError(
            f"raw file missing: {', '.join(missing)}",
            file=folder / missing[0],
            expected=f"every file that {DESCRIPTOR} names",
            action="restore it, or take it out of the record",
        )
    if extra:
        raise InputError(
            f"raw file not in the record: {', '.join(extra)}",
            file=folder / extra[0],
            expected=f"only files that {DESCRIPTOR} names",
            action="describe it in the record, or move it elsewhere",
        )
    for name in sorted(recorded):
        path = folder / name
        if path.is_symlink() or not path.is_file():
            what = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "no plain file"
            raise InputError(
                f"raw file {name} is {what}",
                file=path,
                expected="a file that holds the facts themselves, as an archive would carry it",
                action="put the file itself there",
            )


def check_encoding(path: Path) -> None:
    """UTF-8 without a byte-order mark and without characters that nobody sees."""
    content = path.read_bytes()
    if content.startswith(BYTE_ORDER_MARK):
        raise InputError(
            "the file begins with a byte-order mark",
            file=path,
            row=1,
            column=1,
            value=BYTE_ORDER_MARK,
            expected="UTF-8 without a byte-order mark",
            action="save it as 'UTF-8' (not 'UTF-8 with BOM' or 'CSV UTF-8') and renew the record",
        )
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        start = content.rfind(b"\n", 0, error.start) + 1
        raise InputError(
            f"the file is not UTF-8{guess_encoding(content)}",
            file=path,
            row=line,
            column=content.count(b",", start, error.start) + 1,
            value=content[error.start : error.start + 4],
            expected="UTF-8 without a byte-order mark",
            action=f"convert it: iconv -f GB18030 -t UTF-8 {path.name} > new.csv, then renew the record",
        ) from None
    cells.check_characters(path, content.decode("utf-8"))


def guess_encoding(content: bytes) -> str:
    """Name GBK where the bytes are valid in its superset, the usual case of Chinese spreadsheets."""
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return ", but could be GBK (GB18030)"


def check_files_are_unchanged(folder: Path) -> None:
    """Every file has the recorded SHA-256."""
    for resource in read_descriptor(folder)["resources"]:
        content = (folder / resource["path"]).read_bytes()
        found = digest(content)
        if found != resource["hash"]:
            raise InputError(
                f"raw file differs from its record: {resource['path']} "
                f"({len(content)} bytes, recorded {resource['bytes']})",
                file=folder / resource["path"],
                column="hash",
                value=found,
                expected=resource["hash"],
                action=f"restore the file (line ends count); if the edit is meant, run {RENEW}",
            )
