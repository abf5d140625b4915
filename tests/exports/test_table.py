"""An export is read as it stands or refused by row and column; nothing in it is guessed."""

from __future__ import annotations

import pytest

from analysis.base.errors import InputError
from analysis.exports.table import read_export


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
def test_an_export_is_read_in_the_encodings_of_browsers(encoding, make, put, names, places, tmp_path):
    found = read_export(put(tmp_path / "分省年度数据.csv", make(names), encoding), places)
    assert (found.series.code, found.newest) == ("A0S06", "2023")
    assert found.cells.shape == (62, 3)
    cell = found.cells[(found.cells["province_code"] == "44") & (found.cells["period"] == "2022")]
    assert cell["value"].item() == 100.0 + names.index("广东省")
    assert found.notes == ("注：2022年起口径不变。", "数据来源：国家统计局")


def test_blanks_dashes_and_thousands_are_read_and_the_short_names_too(make, put, names, places, tmp_path):
    lines = make(names)
    lines[4] = '北京,,"1,234.5"'
    lines[5] = "天津市 ,-,…"
    cells = read_export(put(tmp_path / "a.csv", lines), places).cells.set_index(["province_code", "period"])
    assert cells["value"].loc[[("11", "2022"), ("11", "2023")]].tolist()[0] == 1234.5
    assert cells.loc[[("11", "2023"), ("12", "2023"), ("12", "2022")], "value"].isna().all()


def test_quarters_are_read_as_their_header_names_them(put, names, places, tmp_path):
    lines = [
        "数据库：分省季度数据", "指标：居民人均可支配收入_累计值(元)", "时间：最近6季度",
        "地区,2024年第四季度,2024年第三季度", *(f"{name},40000,30000" for name in names),
        "数据来源：国家统计局",
    ]  # fmt: skip
    found = read_export(put(tmp_path / "分省季度数据.csv", lines), places)
    assert found.series.name == "quarterly_income"
    assert sorted(set(found.cells["period"])) == ["2024Q3", "2024Q4"]


def replace(number, text):
    return lambda lines: [*lines[:number], text, *lines[number + 1 :]]


HOSTILE = {
    "a province is missing": (lambda lines: [*lines[:6], *lines[7:]], "1 of 31 .* missing: 河北省", None),
    "a totals row inside": (lambda lines: [*lines[:10], "全国,1,2", *lines[10:]], "a total", 11),
    "a province twice": (lambda lines: [*lines[:10], lines[5], *lines[10:]], "twice, first in row 6", 11),
    "persons, not 万人": (replace(1, "指标：年末参加工伤保险人数(人)"), "another unit", 2),
    "no unit": (replace(1, "指标：年末参加工伤保险人数"), "another unit", 2),
    "another indicator": (replace(1, "指标：年末享受工伤保险待遇人数(万人)"), "not one of those", 2),
    "merged header": (replace(3, "地区,2023年,,2022年"), "its cell is blank", 4),
    "two header rows": (lambda lines: [*lines[:4], ",合计,合计", *lines[4:]], "this is no province", 5),
    "a footnote mark": (replace(4, "北京市,612.3①,600"), "no number", 5),
    "a footnote in brackets": (replace(4, "北京市,612.3,600(1)"), "no number", 5),
    "a footnote of digits apart": (replace(4, "北京市,612.3,600 1)"), "no number", 5),
    "a decimal comma": (replace(4, "北京市,612.3,\"600,5\""), "no number", 5),
    "English": (replace(0, "Database：Annual by Province"), "in English", 1),
    "English header": (lambda lines: ["Database: Annual by Province", *lines[1:]], "in English", 1),
    "indicators in rows": (lambda lines: [lines[0], "指标,2023年,2022年", *lines[4:]], "in its rows", 2),
    "national database": (replace(0, "数据库：年度数据"), "another database", 1),
    "title rows cut": (lambda lines: lines[3:], "no line names the indicator", None),
    "header cut": (lambda lines: [*lines[:3], *lines[4:]], "no header", None),
    "a quarter among years": (replace(3, "地区,2023年,2022年第四季度"), "no period", 4),
    "a year twice": (replace(3, "地区,2023年,2023年"), "twice", 4),
    "a longer row": (replace(4, "北京市,1,2,3"), "longer than the header", 5),
    "no values": (lambda lines: [*lines[:4], *(x.split(",")[0] for x in lines[4:-2])], "no value", None),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_export_is_refused_with_help(case, make, put, names, places, tmp_path):
    spoil, words, row = HOSTILE[case]
    path = put(tmp_path / "分省年度数据.csv", spoil(make(names)))
    with pytest.raises(InputError, match=words) as caught:
        read_export(path, places)
    assert caught.value.file == path and caught.value.action
    assert row is None or caught.value.row == row


def test_other_kinds_of_file_are_refused_with_help(places, tmp_path):
    for name, content, words in (
        ("a.xls", b"\xd0\xcf", "this kind of file"),
        ("a.csv", b"\xff\xfe\x00\xd8\xff", "no text"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=words) as caught:
            read_export(tmp_path / name, places)
        assert caught.value.action


def test_a_workbook_is_read_as_its_csv_and_merged_cells_are_refused(make, put, names, places, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    lines = make(names)
    book = openpyxl.Workbook()
    for line in lines:
        cells = line.split(",")
        book.active.append([cells[0], *(float(c) if c.replace(".", "").isdigit() else c for c in cells[1:])])
    book.active.merge_cells("A1:C1")  # a title over the table is harmless
    book.save(tmp_path / "分省年度数据.xlsx")
    found = read_export(tmp_path / "分省年度数据.xlsx", places).cells
    assert found.equals(read_export(put(tmp_path / "a.csv", lines), places).cells)
    book.active.merge_cells("B4:C4")
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(InputError, match="merged") as caught:
        read_export(tmp_path / "b.xlsx", places)
    assert caught.value.row == 4


def test_a_workbook_without_the_package_names_it(places, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match="one more package") as caught:
        read_export(tmp_path / "a.xlsx", places)
    assert "pip install openpyxl" in caught.value.action
