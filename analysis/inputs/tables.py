"""Typed tables of the raw record, one loader for each file.

The Table Schema in ``datapackage.yaml`` gives the types, so a column is described once. Partial
dates (a year, a month) stay text as printed; where a step computes with them, the loader states
which day of the period it hands on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from analysis.inputs.corrections import apply_corrections
from analysis.inputs.descriptor import read_text, resource_of

if TYPE_CHECKING:
    from pathlib import Path


def first_day(printed: pd.Series, errors: Literal["raise", "coerce"] = "raise") -> pd.Series:
    """First possible day of dates printed as day, month or year; missing where blank.

    ``errors`` is pandas' own: ``coerce`` gives missing for a day that no calendar has.
    """
    padded = printed.where(printed.str.len() != 4, printed + "-01")
    padded = padded.where(padded.str.len() != 7, padded + "-01")
    return pd.to_datetime(padded.replace("", None), format="%Y-%m-%d", errors=errors)


def last_day(printed: pd.Series) -> pd.Series:
    """Last possible day of dates printed as day, month or year; missing where blank."""
    days = first_day(printed)
    ends = days.where(printed.str.len() != 7, days + pd.offsets.MonthEnd(0))
    return ends.where(printed.str.len() != 4, ends + pd.offsets.YearEnd(0))


def read_table(folder: Path, file: str) -> pd.DataFrame:
    """One file with the types of its Table Schema and the declared corrections applied.

    Parameters
    ----------
    folder
        Folder of the data package, already checked by `check_package`.
    file
        Name such as ``rollout.csv``.

    Returns
    -------
    DataFrame
        In the file's order. Text stays text ("" where blank), ``integer`` becomes Int64, ``number``
        float64, ``date`` datetime64.

    Raises
    ------
    InputError
        The package does not name the file, or a correction no longer fits it.
    """
    frame = apply_corrections(read_text(folder, file), folder, file)
    for field in resource_of(folder, file)["schema"]["fields"]:
        name, kind = field["name"], field["type"]
        if kind == "integer":
            frame[name] = pd.to_numeric(frame[name]).astype("Int64")
        elif kind == "number":
            frame[name] = pd.to_numeric(frame[name]).astype("float64")
        elif kind == "date":
            frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d")
    return frame


def load_provinces(folder: Path) -> pd.DataFrame:
    """The register: ``code, name_en, name_zh, short_zh, abbreviation, aliases, kind`` and map tile."""
    return read_table(folder, "provinces.csv")


def load_wording(folder: Path) -> dict[str, tuple[str, str]]:
    """English and Chinese wording of texts of the other files, by the text as it stands there."""
    rows = read_table(folder, "wording.csv")
    english = rows["text_en"].where(rows["text_en"] != "", rows["text"])
    return dict(zip(rows["text"], zip(english, rows["text_zh"], strict=True), strict=True))


def load_sources(folder: Path) -> pd.DataFrame:
    """Sources with grade; ``date_published`` is text as printed (a year, a month or a day)."""
    return read_table(folder, "sources.csv")


def load_rollout(folder: Path) -> pd.DataFrame:
    """Rollout events in order of province, date and event.

    ``date`` is the first possible day of what is printed (kept in ``date_printed``), ``date_last``
    the last: equal when the day is known. Starts and expansions always are.
    """
    frame = read_table(folder, "rollout.csv")
    frame["date_printed"] = frame["date"]
    frame["date_last"] = last_day(frame["date_printed"])
    frame["date"] = first_day(frame["date_printed"])
    order = {"announced": 0, "starts": 1, "expands": 2}
    frame["order"] = frame["event"].map(order)
    keys = ["province_code", "date", "order", "event_id"]
    return frame.sort_values(keys, kind="stable").drop(columns="order").reset_index(drop=True)


def load_statistics(folder: Path) -> pd.DataFrame:
    """Annual series by province, long: ``province_code, year, indicator, value, unit`` and source."""
    frame = read_table(folder, "province_annual.csv")
    return frame.astype({"year": "int64"})


def load_policies(folder: Path) -> pd.DataFrame:
    """Policy documents; ``issue_date``, ``effective_date``, ``seed_date`` are text as printed."""
    return read_table(folder, "policies.csv")


def load_platforms(folder: Path) -> pd.DataFrame:
    """Participants, company programmes, worked cases and premiums; ``start_date`` as printed."""
    return read_table(folder, "platforms.csv")


def load_rates(folder: Path) -> pd.DataFrame:
    """Contributions per order; ``effective_from`` is the first, ``effective_to`` the last possible day.

    A missing ``effective_to`` means open, a missing ``effective_from`` not stated.
    """
    frame = read_table(folder, "contribution_rates.csv")
    frame["effective_from"] = first_day(frame["effective_from"])
    frame["effective_to"] = last_day(frame["effective_to"])
    return frame


def load_benefits(folder: Path) -> pd.DataFrame:
    """Benefit items of the pilot and of ordinary work-injury insurance (``scheme`` comparator)."""
    return read_table(folder, "benefits.csv")


def load_workers(folder: Path) -> pd.DataFrame:
    """Published counts of platform workers; ``as_of_date`` is text as printed."""
    return read_table(folder, "workers.csv")
