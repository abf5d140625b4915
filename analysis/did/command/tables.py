"""Read a user's table from CSV, Parquet, Arrow, Stata, Excel or R, and lose nothing in silence."""

from __future__ import annotations

import csv
import re
import warnings
from typing import TYPE_CHECKING

import pandas as pd

from ..errors import InputError
from ..panel.gate import counted, listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMATS = "CSV in UTF-8, Parquet, Arrow (.feather), Stata (.dta), Excel (.xlsx) or R (.rds)"
# Cells that are empty in all columns but ids, as pandas reads them without being told.
EMPTY = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
ELSEWHERE = {
    ".xls": "save the sheet as .xlsx, or as CSV in UTF-8",
    ".xlsb": "save the sheet as .xlsx, or as CSV in UTF-8",
    ".ods": "save the sheet as .xlsx, or as CSV in UTF-8",
    ".rdata": "in R, save the table alone with saveRDS, arrow::write_parquet or write.csv",
    ".rda": "in R, save the table alone with saveRDS, arrow::write_parquet or write.csv",
    ".sav": "in SPSS or with R's haven, save it as Stata (.dta) or CSV",
    ".sas7bdat": "in SAS or with R's haven, save it as Stata (.dta) or CSV",
}
# What reads a kind of file, and the extra that installs it.
READERS = {
    ".parquet": ("pyarrow", "parquet"), ".pq": ("pyarrow", "parquet"), ".feather": ("pyarrow", "parquet"),
    ".arrow": ("pyarrow", "parquet"), ".xlsx": ("openpyxl", "excel"), ".xlsm": ("openpyxl", "excel"),
    ".rds": ("rdata", "r"),
}  # fmt: skip
SHORTENED = re.compile(r"\d(\.\d+)?[eE]\+\d+")  # how a spreadsheet writes a long number


def read_table(
    path: Path, names: Sequence[str], periods: Sequence[str] = (), numbers: Sequence[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    """Read a table; ids stay as written, leading zeros and units called NA included.

    Parameters
    ----------
    path
        The file; its ending says what it is, and CSV is assumed otherwise.
    names
        Columns of ids, such as units and clusters.
    periods, numbers
        Columns of periods and cohorts, and of outcomes, covariates and weights: Stata's labels mean
        different things there.

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
        raise InputError(
            "the panel file does not exist", file=path, action="check the path given with --panel"
        )
    ending = path.suffix.lower()
    if ending in ELSEWHERE:
        raise InputError(
            f"files of the kind {ending} are not read", file=path, expected=FORMATS, action=ELSEWHERE[ending]
        )
    try:
        table, notes = _read(path, ending, names, periods, numbers)
    except ImportError as error:
        package, extra = READERS.get(ending, ("pandas", "parquet"))
        raise InputError(
            f"reading {ending} needs {package}, which is not installed",
            file=path,
            action=f'pip install "rollout-did[{extra}]", or save the panel as CSV',
        ) from error
    except InputError:
        raise
    except Exception as error:  # a reader meets a damaged file with an error of any kind
        raise InputError(
            "the panel file cannot be read", file=path, expected=FORMATS, action=str(error)
        ) from error
    return table, [*notes, *_shortened(table, names)]


def _read(
    path: Path, ending: str, names: Sequence[str], periods: Sequence[str], numbers: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    if ending in (".parquet", ".pq"):
        return pd.read_parquet(path), []
    if ending in (".feather", ".arrow"):
        return pd.read_feather(path), []
    if ending == ".dta":
        from .stata import read_stata

        return read_stata(path, names, periods, numbers)
    if ending in (".xlsx", ".xlsm"):
        from .excel import read_excel

        return read_excel(path, names, EMPTY)
    if ending == ".rds":
        from .r_file import read_rds

        return read_rds(path), []
    return _csv(path, names), []


def _csv(path: Path, names: Sequence[str]) -> pd.DataFrame:
    """Read CSV; in columns of ids only an empty cell is missing, so that Namibia (NA) is a unit."""
    header = pd.read_csv(path, nrows=0).columns
    ids = [name for name in names if name in header]
    missing = {name: [""] if name in ids else list(EMPTY) for name in header}
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            table = pd.read_csv(
                path, dtype=dict.fromkeys(ids, "str"), keep_default_na=False, na_values=missing,
                index_col=False,
            )  # fmt: skip
        except pd.errors.ParserWarning as error:
            raise InputError(
                "rows have more fields than the header has names, so that columns would shift",
                file=path,
                expected="as many fields in each row as there are names",
                action="name every column; from R, write.csv(..., row.names = FALSE)",
            ) from error
    table.columns = pd.Index(_written_header(path, list(header)))
    return table


def _written_header(path: Path, read: list[str]) -> list[str]:
    """Names as written: pandas renames the second of two columns that have one name."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = next((line for line in csv.reader(stream) if any(line)), [])
    return first if len(first) == len(read) and len(set(first)) < len(first) else read


def _shortened(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Say which ids look like long numbers that a spreadsheet has shortened."""
    notes = []
    for name in dict.fromkeys(names):
        if name not in table or table.columns.tolist().count(name) > 1:
            continue
        found = [v for v in table[name].dropna().unique() if isinstance(v, str) and SHORTENED.fullmatch(v)]
        if found:
            what = counted(len(found), "name looks", "names look")
            notes.append(
                f"Column {name}: {what} like a long number that a spreadsheet shortened: {listing(found)}."
            )
    return notes
