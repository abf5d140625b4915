"""Do the facts agree with each other? Checks that a Table Schema cannot express.

Each check is named for what it asserts and raises one `InputError` with file, line, column and
value. Counts against counts are checked in `counts`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.inputs.corrections import apply_corrections, check_corrections_name_something
from analysis.inputs.counts import check_counts_never_fall, check_parts_within_wholes
from analysis.inputs.descriptor import DESCRIPTOR, line_of, record_searched, resource_of
from analysis.inputs.ledger import FILE as LEDGER
from analysis.inputs.ledger import read_windows
from analysis.inputs.tables import first_day, last_day, load_sources, read_table

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_NATION = ("rollout.csv", "province_annual.csv")
PARTIAL_DATE = r"^\d{4}("  # how the schema's pattern for a day, month or year begins
LIE_AHEAD = ("effective_date", "effective_from", "effective_to", "floats_from")  # rules may take effect later

Tables = Mapping[str, pd.DataFrame]


def check_facts(folder: Path, tables: Tables) -> None:
    """All checks that need valid tables."""
    check_corrections_name_something(folder, {file: list(table.columns) for file, table in tables.items()})
    for file, table in tables.items():
        apply_corrections(table.copy(), folder, file)
    check_nothing_after_last_search(folder, tables)
    check_starts_follow_announcements(folder, tables["rollout.csv"])
    check_grades_against_sources(folder, tables)
    check_measures_keep_their_unit(folder, tables[LEDGER])
    figures = read_windows(read_table(folder, LEDGER), load_sources(folder))
    check_counts_never_fall(folder, figures)
    check_parts_within_wholes(folder, figures)


def check_keys_are_unique(folder: Path, tables: Tables) -> None:
    """No two rows of a file share the primary key of its schema."""
    for file, table in tables.items():
        key = resource_of(folder, file)["schema"]["primaryKey"]
        names = [key] if isinstance(key, str) else list(key)
        if not set(names) <= set(table.columns):
            continue  # the schema check names the missing column
        twice = table[table.duplicated(names, keep=False)]
        if twice.empty:
            continue
        first = twice.iloc[0][names]
        lines = [line_of(position) for position in twice.index[(twice[names] == first).all(axis=1)]]
        raise InputError(
            f"duplicate key in lines {', '.join(map(str, lines))}",
            file=folder / file,
            row=lines[1],
            column=", ".join(names),
            value=", ".join(first),
            expected="each key once",
            action="remove the copy, or number a further row",
        )


def check_provinces_are_known(folder: Path, tables: Tables) -> None:
    """Every province code, and every province name under ``area``, is in the register."""
    register = tables["provinces.csv"]
    named = ["code", "name_en", "name_zh", "short_zh", "abbreviation"]
    if not {*named, "aliases"} <= set(register.columns):
        return  # the schema check names the missing column
    names = {row[name]: row["code"] for _, row in register.iterrows() for name in named}
    names |= {alias: row["code"] for _, row in register.iterrows() for alias in row["aliases"].split(";")}
    for file, table in tables.items():
        if "province_code" in table:
            known = set(register["code"]) | ({"", NATION} if file not in WITHOUT_NATION else set())
            unknown = table[~table["province_code"].isin(known)]
            if not unknown.empty:
                raise unknown_province(folder / file, unknown, "province_code", names)
        if {"area", "level"} <= set(table.columns):
            unknown = table[(table["level"] == "province") & ~table["area"].isin(names)]
            if not unknown.empty:
                raise unknown_province(folder / file, unknown, "area", names)


def unknown_province(path: Path, rows: pd.DataFrame, column: str, names: Mapping[str, str]) -> InputError:
    """The error for a province that the register does not have, with the nearest name."""
    value = rows.iloc[0][column]
    # Digits are a code: one that looks alike is another province, not a slip of the pen.
    known = [name for name in names if name and not value.isdigit()]
    near = difflib.get_close_matches(value, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]} (code {names[near[0]]})? " if near else ""
    return InputError(
        "unknown province",
        file=path,
        row=line_of(rows.index[0]),
        column=column,
        value=value,
        expected="a two-digit code (or, under area, a name) of provinces.csv; 00 for the nation",
        action=f"{hint}Correct it, or add an alias to provinces.csv",
    )


def check_starts_follow_announcements(folder: Path, rollout: pd.DataFrame) -> None:
    """Each province starts once, to the day, and not before the first announcement of its start."""
    path = folder / "rollout.csv"
    events = rollout.assign(first=first_day(rollout["date"]), last=last_day(rollout["date"]))
    starts = events[events["event"] == "starts"]
    twice = starts[starts.duplicated("province_code")]
    vague = events[(events["event"] != "announced") & (events["date_precision"] != "day")]
    for rows, problem, column in (
        (twice, "a second start of the same province", "event"),
        (vague, "a start or expansion without its day", "date_precision"),
    ):
        if not rows.empty:
            raise InputError(
                problem,
                file=path,
                row=line_of(rows.index[0]),
                column=column,
                value=rows.iloc[0][column],
                expected="one start for each province, known to the day",
            )
    announced = events[(events["event"] == "announced") & (events["announces"] == "starts")]
    earliest = announced.sort_values("first", kind="stable").drop_duplicates("province_code")
    earliest = earliest.set_index("province_code")
    for position, start in starts.iterrows():
        code = start["province_code"]
        if code not in earliest.index:
            raise InputError(
                f"province {code} starts without an announcement",
                file=path,
                row=line_of(position),
                column="event",
                value="starts",
                expected="an earlier row with event 'announced' and announces 'starts'",
            )
        if start["last"] < earliest.loc[code, "first"]:
            raise InputError(
                f"province {code} starts before its announcement ({earliest.loc[code, 'event_id']})",
                file=path,
                row=line_of(position),
                column="date",
                value=start["date"],
                expected=f"{earliest.loc[code, 'date']} or later",
                action="correct one of the two dates; keep announcement and start apart",
            )


def check_nothing_after_last_search(folder: Path, tables: Tables) -> None:
    """No fact is younger than the record: dates and years up to the last search declared in it."""
    searched = record_searched(folder)
    for file, table in tables.items():
        for field in resource_of(folder, file)["schema"]["fields"]:
            name, pattern = field["name"], field.get("constraints", {}).get("pattern", "")
            if name in LIE_AHEAD:
                continue
            if field["type"] != "date" and name != "year" and not pattern.startswith(PARTIAL_DATE):
                continue
            days = first_day(table[name], errors="coerce")
            impossible = table[days.isna() & (table[name] != "")]
            if not impossible.empty:
                raise InputError(
                    "no such date",
                    file=folder / file,
                    row=line_of(impossible.index[0]),
                    column=name,
                    value=impossible.iloc[0][name],
                    expected="a day, month or year of the calendar, such as 2025-07-01, 2025-07 or 2025",
                )
            late = table[days > searched]
            if not late.empty:
                raise InputError(
                    "a date in the future of the record",
                    file=folder / file,
                    row=line_of(late.index[0]),
                    column=name,
                    value=late.iloc[0][name],
                    expected=f"{searched.date()} or earlier",
                    action=f"correct the date, or move record_searched in {DESCRIPTOR} with the new facts",
                )


def check_grades_against_sources(folder: Path, tables: Tables) -> None:
    """No fact is graded better than the source it rests on."""
    grades = tables["sources.csv"].set_index("source_id")["grade"]
    for file, table in tables.items():
        if file == "sources.csv" or "grade" not in table:
            continue
        better = table[table["grade"] < table["source_id"].map(grades)]
        if not better.empty:
            row = better.iloc[0]
            raise InputError(
                f"graded better than its source {row['source_id']}",
                file=folder / file,
                row=line_of(better.index[0]),
                column="grade",
                value=row["grade"],
                expected=f"{grades[row['source_id']]} or weaker",
                action="lower the grade, or cite the better source",
            )


def check_measures_keep_their_unit(folder: Path, ledger: pd.DataFrame) -> None:
    """A measure of the ledger is counted in one unit: persons are no orders, whatever the schema allows."""
    for measure, rows in ledger.groupby("measure"):
        counts = rows["unit"].value_counts()
        if len(counts) > 1:
            odd = rows[rows["unit"] == counts.index[-1]]
            raise InputError(
                f"{measure} is counted in {' and in '.join(sorted(counts.index))}",
                file=folder / LEDGER,
                row=line_of(odd.index[0]),
                column="unit",
                value=counts.index[-1],
                expected=f"{counts.index[0]}, as in the other rows of this measure",
                action="correct the unit, or give the figure a measure of its own",
            )
