"""Files of Excel, R and Stata, and broken CSV: the right number, or one sentence that says what to do."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from did.survey import NAMES, slow_overall, survey

from analysis.base.errors import InputError
from analysis.did import Panel, estimate
from analysis.did.command.tables import read_table

ROLES = {"periods": ("t", "g"), "numbers": ("y",)}


def effect(table: pd.DataFrame, **changes: str) -> float:
    panel = Panel.from_frame(table, **{**NAMES, **changes})
    return estimate(panel, "group_time")[0].estimate


def truth() -> float:
    return slow_overall(survey())["att"]


def sheet(folder: Path, frame: pd.DataFrame) -> tuple[Path, openpyxl.Workbook]:
    """Workbook of a frame, to be changed and saved."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        page.append([None if value != value else value for value in row])
    return folder / "panel.xlsx", book


def test_a_sheet_gives_the_number_of_the_frame_and_keeps_dates(tmp_path) -> None:
    frame = survey()
    frame["t"] = frame["t"].map(lambda k: datetime.datetime(2000 + k, 12, 31))
    frame["g"] = frame["g"].where(frame["g"] > 0).map(lambda k: 2000 + k, na_action="ignore")
    path, book = sheet(tmp_path, frame)
    book.active.append([None, "  "])  # a formatted row below the table
    book.active.delete_rows(book.active.max_row)
    book.save(path)
    table, notes = read_table(path, ["id"])
    assert notes == []
    assert effect(table) == pytest.approx(truth(), rel=1e-12)


def test_leading_zeros_that_a_sheet_shows_are_read_and_said(tmp_path) -> None:
    path, book = sheet(tmp_path, survey())
    for row in book.active.iter_rows(min_row=2, max_col=1):
        row[0].number_format = "00000"
    book.save(path)
    table, notes = read_table(path, ["id"])
    assert table["id"].unique()[:2].tolist() == ["00001", "00002"]
    assert "192 numbers are read with the leading zeros that the sheet shows: 00001" in notes[0]
    assert effect(table) == pytest.approx(truth(), rel=1e-12)


def test_a_lost_leading_zero_is_named(tmp_path) -> None:
    frame = survey()
    frame["id"] = frame["id"].map("{:02d}".format).astype(object)
    frame.loc[frame.index[frame["id"] == "03"][4:], "id"] = 3  # typed into a cell that is no text
    path, book = sheet(tmp_path, frame)
    book.save(path)
    table, _ = read_table(path, ["id"])
    panel = Panel.from_frame(table, **NAMES)
    assert any("different, though alike: '03' and '3'" in note for note in panel.notes)


def test_an_id_of_more_than_fifteen_digits_is_said(tmp_path) -> None:
    frame = survey()
    frame["id"] = frame["id"].map(lambda k: 3_201_230_000_000_000 + 1000 * k)
    path, book = sheet(tmp_path, frame)
    book.save(path)
    assert "Excel keeps 15 digits" in read_table(path, ["id"])[1][0]


def test_merged_cells_are_refused(tmp_path) -> None:
    path, book = sheet(tmp_path, survey())
    book.active.merge_cells("D2:D9")
    book.save(path)
    with pytest.raises(InputError, match=r"merged over rows(.|\n)*D2:D9"):
        read_table(path, ["id"])


def test_an_error_of_the_spreadsheet_is_refused_with_its_cell(tmp_path) -> None:
    path, book = sheet(tmp_path, survey())
    book.active["C7"] = "#DIV/0!"
    book.save(path)
    with pytest.raises(InputError, match=r"error of the spreadsheet(.|\n)*row 7(.|\n)*#DIV/0!"):
        read_table(path, ["id"])


def test_a_formula_without_its_result_is_refused(tmp_path) -> None:
    path, book = sheet(tmp_path, survey())
    book.active["C7"] = "=C6+1"
    book.save(path)
    with pytest.raises(InputError, match=r"does not hold its result(.|\n)*row 7"):
        read_table(path, ["id"])


def test_other_sheets_and_hidden_rows_are_said(tmp_path) -> None:
    path, book = sheet(tmp_path, survey())
    book.create_sheet("codebook")
    book.active.title = "data"
    book.active.row_dimensions[5].hidden = True
    book.save(path)
    table, notes = read_table(path, ["id"])
    assert len(table) == len(survey())
    assert notes == ["Of the workbook, the sheet 'data' was read.", "1 row is hidden in the sheet, and read."]


# R's serialisation in text, as saveRDS(x, ascii = TRUE, compress = FALSE) writes it, by hand.
TEXT, LAST = 262153, "254"
OBJECT, ATTRIBUTES = 256, 512


def letters(text: str | None) -> str:
    return "9\n-1" if text is None else f"{TEXT}\n{len(text)}\n{text}"


def strings(values: list[str | None]) -> str:
    return "\n".join([f"16\n{len(values)}", *map(letters, values)])


def vector(kind: int, values: list[object], attributes: dict[str, str] | None = None) -> str:
    flags = kind + (ATTRIBUTES if attributes else 0) + (OBJECT if "class" in (attributes or {}) else 0)
    body = [f"{flags}\n{len(values)}", *("NA" if v is None else str(v) for v in values)]
    for name, value in (attributes or {}).items():
        body += [f"1026\n1\n{letters(name)}", value]
    return "\n".join([*body, *([LAST] if attributes else [])])


def whole(values: list[object], attributes: dict[str, str] | None = None) -> str:
    return vector(13, values, attributes)


def real(values: list[object], attributes: dict[str, str] | None = None) -> str:
    return vector(14, values, attributes)


def data_frame(folder: Path, columns: dict[str, str], kinds: tuple[str, ...] = ("data.frame",)) -> Path:
    size = len(survey())
    attributes = {
        "names": strings(list(columns)),
        "class": strings(list(kinds)),
        "row.names": whole([None, -size]),
    }
    text = f"A\n3\n262657\n197888\n5\nUTF-8\n{vector(19, list(columns.values()), attributes)}\n"
    path = folder / "panel.rds"
    path.write_text(text, encoding="utf-8")
    return path


def parts(**changes: str) -> dict[str, str]:
    frame = survey()
    cohort = [None if g == 0 else int(g) for g in frame["g"]]
    found = {"id": whole(frame["id"].tolist()), "t": whole(frame["t"].tolist()),
             "y": real([repr(v) for v in frame["y"].tolist()]), "g": whole(cohort)}  # fmt: skip
    return found | changes


@pytest.mark.parametrize("kinds", [("data.frame",), ("tbl_df", "tbl", "data.frame")])
def test_a_data_frame_of_r_gives_the_number_of_the_frame(kinds, tmp_path) -> None:
    table, notes = read_table(data_frame(tmp_path, parts(), kinds), ["id"])
    assert notes == []
    assert table["g"].isna().sum() == (survey()["g"] == 0).sum()
    assert effect(table) == pytest.approx(truth(), rel=1e-12)


def test_factors_and_dates_of_r_keep_their_meaning(tmp_path) -> None:
    frame = survey()
    days = [(datetime.date(2000 + t, 1, 1) - datetime.date(1970, 1, 1)).days for t in frame["t"]]
    levels = {"levels": strings(["never", "2004", "2006"]), "class": strings(["factor"])}
    codes = [1 + [0, 4, 6].index(int(g)) for g in frame["g"]]
    codes[0:8] = [None if frame["g"].iloc[0] == 0 else codes[0]] * 8
    path = data_frame(tmp_path, parts(t=real(days, {"class": strings(["Date"])}), g=whole(codes, levels)))
    table, _ = read_table(path, ["id"])
    panel = Panel.from_frame(table, **NAMES)
    assert (panel.times[0], panel.times[-1]) == (2001, 2008)
    assert effect(table) == pytest.approx(truth(), rel=1e-12)


def test_integers_of_64_bits_of_r_are_not_read_as_tiny_numbers(tmp_path) -> None:
    bits = np.array(survey()["id"], dtype=np.int64).view(np.float64)
    path = data_frame(
        tmp_path, parts(id=real([repr(v) for v in bits.tolist()], {"class": strings(["integer64"])}))
    )
    table, _ = read_table(path, ["id"])
    assert table["id"].tolist() == survey()["id"].tolist()


def test_a_class_of_r_that_is_not_read_is_refused_by_name(tmp_path) -> None:
    frame = survey()
    path = data_frame(tmp_path, parts(g=whole(frame["g"].tolist(), {"class": strings(["yearqtr"])})))
    with pytest.raises(InputError, match=r"class yearqtr(.|\n)*write_parquet"):
        read_table(path, ["id"])


def test_letters_of_missing_values_in_stata_are_named_and_no_numbers(tmp_path) -> None:
    frame = survey()
    frame["y"] = frame["y"].astype(object)
    for row, value in ((3, ".a"), (60, ".a"), (61, ".z"), (90, ".")):
        frame.loc[row, "y"] = pd.io.stata.StataMissingValue(missing(value))
    frame["y"] = [float(v.value) if hasattr(v, "value") else v for v in frame["y"]]
    path = tmp_path / "panel.dta"
    write_with_letters(frame, path)
    table, notes = read_table(path, ["id"], **ROLES)
    assert table["y"].isna().sum() == 4
    assert (
        "Column y: missing values of Stata with a letter were read as empty: .a in 2 rows, .z in 1 row."
        in notes
    )


def missing(text: str) -> float:
    """Stata's double for a missing value: 2^1023, plus 2^(1023 - 12) for each letter."""
    return 2.0**1023 + (ord(text[1]) - 96) * 2.0**1011 if len(text) == 2 else 2.0**1023


def write_with_letters(frame: pd.DataFrame, path: Path) -> None:
    """Write a file in which the doubles of missing values stand as they are: pandas would refuse them."""
    large = frame["y"] > 1e300
    marks = {k: -1234567.0 - k for k in frame.index[large]}
    small = frame.assign(y=frame["y"].astype(float).where(~large, pd.Series(marks)))
    small.to_stata(path, write_index=False)
    content = path.read_bytes()
    for k, mark in marks.items():
        content = content.replace(np.float64(mark).tobytes(), np.float64(frame.loc[k, "y"]).tobytes())
    path.write_bytes(content)


def test_labels_of_periods_that_encode_made_are_what_is_meant(tmp_path) -> None:
    frame = survey()
    frame["t"] = frame["t"].astype(np.int8)
    frame["g"] = frame["g"].map({4: 1, 6: 2, 0: 3}).astype(np.int8)  # encode numbers texts in their order
    years = {t: str(2000 + t) for t in range(1, 9)}
    starts = {1: "2004", 2: "2006", 3: "never"}
    frame.to_stata(tmp_path / "panel.dta", write_index=False, value_labels={"t": years, "g": starts})
    table, notes = read_table(tmp_path / "panel.dta", ["id"], **ROLES)
    assert effect(table) == pytest.approx(truth(), rel=1e-12)
    assert any("labels were read: 1 is '2004', 2 is '2006', 3 is 'never'" in note for note in notes)


@pytest.mark.parametrize(("form", "freq"), [("tq", "Q"), ("tm", "M"), ("ty", "Y"), ("td", "D")])
def test_formatted_dates_of_stata_are_read_where_the_never_treated_have_none(form, freq, tmp_path) -> None:
    frame = survey()
    first = pd.Period("2001-01-01", freq=freq) - 1
    days = {k: (first + k).to_timestamp() for k in range(1, 9)}
    frame["t"] = frame["t"].map(days)
    frame["g"] = frame["g"].map({k: days[k] for k in (4, 6)})  # missing for the never treated
    dates = {"t": form, "g": form}
    frame.to_stata(tmp_path / "panel.dta", write_index=False, convert_dates=dates)
    table, _ = read_table(tmp_path / "panel.dta", ["id"], **ROLES)
    assert effect(table) == pytest.approx(truth(), rel=1e-12)


def test_a_label_for_never_alone_leaves_the_other_cohorts_as_they_are(tmp_path) -> None:
    frame = survey()
    frame["g"] = frame["g"].replace(0, 1).astype(np.int8)
    frame.to_stata(tmp_path / "panel.dta", write_index=False, value_labels={"g": {1: "never treated"}})
    table, _ = read_table(tmp_path / "panel.dta", ["id"], **ROLES)
    assert effect(table) == pytest.approx(truth(), rel=1e-12)


def test_periods_of_which_only_some_have_labels_are_refused(tmp_path) -> None:
    frame = survey()
    frame["t"] = frame["t"].astype(np.int8)
    frame.to_stata(tmp_path / "panel.dta", write_index=False, value_labels={"t": {1: "baseline"}})
    with pytest.raises(InputError, match=r"some codes have a label(.|\n)*'baseline'(.|\n)*decode"):
        read_table(tmp_path / "panel.dta", ["id"], **ROLES)


def test_a_label_that_only_some_outcomes_have_is_said(tmp_path) -> None:
    frame = survey()
    frame["y"] = np.round(10 * frame["y"]).astype(np.int16)
    frame.loc[[3, 60], "y"] = 77
    frame.to_stata(tmp_path / "panel.dta", write_index=False, value_labels={"y": {77: "refused"}})
    notes = read_table(tmp_path / "panel.dta", ["id"], **ROLES)[1]
    assert any(
        "Column y: only some numbers have a label, in 2 rows: 77 ('refused')" in note for note in notes
    )


HEADER, *LINES = survey().to_csv(index=False).splitlines()


@pytest.mark.parametrize(
    "lines, expected",
    [
        ([HEADER, *(f"0,{line}" for line in LINES)], "cells in a row and"),
        ([HEADER, *(f"{line}," for line in LINES)], "cells in a row and"),
        ([f"{HEADER},y", *(f"{line},1" for line in LINES)], "a column stands twice"),
    ],
)
def test_a_table_whose_columns_would_shift_or_share_a_name_is_refused(lines, expected, tmp_path) -> None:
    (tmp_path / "panel.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=expected):
        effect(read_table(tmp_path / "panel.csv", ["id"])[0])


def test_an_id_that_a_spreadsheet_has_shortened_is_said(tmp_path) -> None:
    frame = survey()
    frame["id"] = frame["id"].map(lambda k: "3.20123E+15" if k == 3 else str(k))
    frame.to_csv(tmp_path / "panel.csv", index=False)
    assert "3.20123E+15" in read_table(tmp_path / "panel.csv", ["id"])[1][0]


@pytest.mark.parametrize("ending", [".xlsx", ".rds", ".dta", ".parquet", ".feather"])
def test_a_damaged_file_is_refused_in_one_sentence(ending, tmp_path) -> None:
    (tmp_path / f"panel{ending}").write_bytes(b"x")
    with pytest.raises(InputError, match=r"cannot be read(.|\n)*what to do: "):
        read_table(tmp_path / f"panel{ending}", ["id"])
