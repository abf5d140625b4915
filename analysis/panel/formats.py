"""The panel for those who open it with other tools: Parquet, and Stata in either language.

A quarter is text (``2022Q3``) beside its first day in Parquet, because a period is stored as a count of
quarters since 1970, which DuckDB shows as a whole number. In Stata it is a quarterly date. A province is
text (``11``) in Parquet; in Stata it is a number whose label is the province's name.
"""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.base.files import write_bytes

if TYPE_CHECKING:
    from pathlib import Path

STAMP = datetime.datetime(2000, 1, 1)  # Stata's header has a time; one for all keeps the bytes
LABEL_LIMIT = 80  # characters of a variable's label in Stata


def write_formats(panel: pd.DataFrame, codebook: pd.DataFrame, folder: Path) -> None:
    """Write ``panel.parquet``, ``panel.dta`` (English labels) and ``panel_zh.dta`` into ``folder``.

    Parameters
    ----------
    panel
        ``panel.csv`` with ``province_code`` as text.
    codebook
        ``codebook.csv``.
    folder
        Where they go.
    """
    write_bytes(parquet_bytes(panel, codebook), folder / "panel.parquet")
    write_bytes(stata_bytes(panel, codebook, "en"), folder / "panel.dta")
    write_bytes(stata_bytes(panel, codebook, "zh"), folder / "panel_zh.dta")


def first_day(quarter: pd.Series) -> pd.Series:
    """First day of each quarter; missing where the text is no quarter, as in ``never``."""
    known = quarter.where(quarter.str.fullmatch(r"\d{4}Q[1-4]", na=False))
    return pd.Series(pd.PeriodIndex(known, freq="Q").to_timestamp(), quarter.index)


def parquet_bytes(panel: pd.DataFrame, codebook: pd.DataFrame) -> bytes:
    """The panel with the first day of each quarter, and with what each column means in its metadata."""
    table = panel.copy()
    for name in ("quarter", "cohort"):
        table.insert(table.columns.get_loc(name) + 1, f"{name}_start", first_day(panel[name]).dt.date)
    meaning = codebook.set_index("column")
    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
    fields = []
    for field in arrow.schema:
        about = meaning.loc[field.name.removesuffix("_start")]
        words = {key: str(about[key]) for key in ("label_en", "label_zh", "unit", "evidence")}
        fields.append(field.with_metadata(words))
    stream = io.BytesIO()
    pq.write_table(arrow.cast(pa.schema(fields)), stream, compression="zstd")
    return stream.getvalue()


def stata_bytes(panel: pd.DataFrame, codebook: pd.DataFrame, language: str) -> bytes:
    """The panel with quarterly dates and labels of variables and provinces in one language."""
    table = panel.drop(columns=["province_en", "province_zh"]).copy()
    codes = panel["province_code"].astype(int)
    names = dict(zip(codes, panel[f"province_{language}"], strict=True))
    table["province_code"] = codes
    for name in ("quarter", "cohort"):
        table[name] = first_day(panel[name])
    labels = codebook.set_index("column")[f"label_{language}"].str[:LABEL_LIMIT]
    stream = io.BytesIO()
    table.to_stata(
        stream, write_index=False, version=118, byteorder="<", time_stamp=STAMP,
        convert_dates={"quarter": "tq", "cohort": "tq"},
        variable_labels={name: str(labels[name]) for name in table},
        value_labels={"province_code": names},
    )  # fmt: skip
    return stream.getvalue()
