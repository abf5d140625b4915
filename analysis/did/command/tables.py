"""Read a user's table from CSV, Parquet or Stata, and lose nothing in silence."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pandas as pd

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMATS = "CSV in UTF-8, Parquet, Arrow (.feather) or Stata (.dta)"
# Cells that are empty in all columns but ids, as pandas reads them without being told.
EMPTY = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
ELSEWHERE = {
    ".xlsx": "save the sheet as CSV in UTF-8; ids with leading zeros must be text cells first",
    ".xls": "save the sheet as CSV in UTF-8; ids with leading zeros must be text cells first",
    ".rds": "in R, save it with arrow::write_parquet or write.csv",
    ".rdata": "in R, save the table with arrow::write_parquet or write.csv",
    ".sav": "in SPSS or with R's haven, save it as Stata (.dta) or CSV",
    ".sas7bdat": "in SAS or with R's haven, save it as Stata (.dta) or CSV",
}


def read_table(path: Path, names: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read a table; ids stay as written, leading zeros and units called NA included.

    Parameters
    ----------
    path
        The file; its ending says what it is, and CSV is assumed otherwise.
    names
        Columns of ids, such as units and clusters.

    Returns
    -------
    tuple
        The table, and sentences on what the format could not carry.

    Raises
    ------
    InputError
        The file is absent or cannot be read.
    """
    if not path.is_file():
        state = (
            "is a folder" if path.is_dir() else "is a link that leads nowhere" if path.is_symlink() else ""
        )
        raise InputError(
            f"the panel file {state or 'does not exist'}",
            file=path,
            action="check the path given with --panel",
        )
    ending = path.suffix.lower()
    if ending in ELSEWHERE:
        raise InputError(
            f"files of the kind {ending} are not read", file=path, expected=FORMATS, action=ELSEWHERE[ending]
        )
    try:
        if ending in (".parquet", ".pq"):
            return pd.read_parquet(path), []
        if ending in (".feather", ".arrow"):
            return pd.read_feather(path), []
        if ending == ".dta":
            return _stata(path, names)
        return _csv(path, names), []
    except ImportError as error:
        raise InputError(
            f"reading {ending} needs pyarrow, which is not installed",
            file=path,
            action='pip install "rollout-did[parquet]", or save the panel as CSV',
        ) from error
    except InputError:
        raise
    except (ValueError, OSError, UnicodeError) as error:
        raise InputError(
            "the panel file cannot be read", file=path, expected=FORMATS, action=str(error)
        ) from error


def _csv(path: Path, names: Sequence[str]) -> pd.DataFrame:
    """Read CSV; in columns of ids only an empty cell is missing, so that Namibia (NA) is a unit."""
    check_whole(path)
    header = pd.read_csv(path, nrows=0).columns
    ids = [name for name in names if name in header]
    missing = {name: [""] if name in ids else list(EMPTY) for name in header}
    return pd.read_csv(path, dtype=dict.fromkeys(ids, "str"), keep_default_na=False, na_values=missing)


def check_whole(path: Path) -> None:
    """Refuse a CSV file in another encoding, with a NUL, a column twice or a row that is too short or long.

    pandas fills a short row with empty cells, renames the second of two columns, and reads on.
    """
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                raise InputError(
                    "the panel file is not UTF-8, but could be GBK (GB18030)",
                    file=path,
                    row=number,
                    expected=FORMATS,
                    action="save it as UTF-8, or convert it: iconv -f GB18030 -t UTF-8 FILE > NEW",
                ) from None
            if "\0" in text:
                raise InputError(
                    "the panel file holds a NUL character", file=path, row=number, expected=FORMATS
                )
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows, [])
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise InputError(
                "a column stands twice in the panel file", file=path, row=1, column=twice[0],
                expected="each column once", action="rename or remove one of them",
            )  # fmt: skip
        for row in rows:
            if row and len(row) != len(header):
                raise InputError(
                    f"the panel file has {len(row)} cells in a row and {len(header)} columns",
                    file=path,
                    row=rows.line_num,
                    value=row[-1],
                    expected="as many cells as columns in every row",
                    action="complete the row; the file may have been cut off",
                )


def _stata(path: Path, names: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read Stata's codes as numbers; labels of ids are their names where they tell all of them apart."""
    table = pd.read_stata(path, convert_categoricals=False)
    notes = []
    for name in dict.fromkeys(names):
        if name not in table or not pd.api.types.is_numeric_dtype(table[name]):
            continue
        try:
            labelled = pd.read_stata(path, columns=[name])[name]
        except ValueError:  # pandas: two codes have one label
            notes.append(f"Column {name}: two codes share a label, so the codes serve as names.")
            continue
        if isinstance(labelled.dtype, pd.CategoricalDtype):
            texts = labelled.astype(object)
            if all(isinstance(value, str) for value in texts.dropna().unique()):
                table[name] = texts
            else:
                notes.append(f"Column {name}: some codes have no label, so the codes serve as names.")
    return table, notes
