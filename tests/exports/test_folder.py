"""A folder of exports: tables are recognised, revisions kept and named, sums held against print."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.exports.catalogue import load_catalogue
from analysis.exports.folder import load_totals, read_folder
from analysis.exports.outcomes import OUTCOMES, outcome_frame

UNEMPLOYMENT = "年末参加失业保险人数(万人)"


@pytest.fixture
def real(names, provinces, raw_statistics):
    """Lines of an export that holds the official yearbook counts of 2008 and 2011."""

    def build(make, indicator="work_injury_insurance_contributors_year_end", years=(2011, 2008), **words):
        rows = raw_statistics[raw_statistics["indicator"] == indicator]
        value = rows.set_index(["province_code", "year"])["value"]
        codes = dict(zip(provinces["name_zh"], provinces["code"], strict=True))
        return make(names, years, value=lambda k, year: value[codes[names[k]], year], **words)

    return build


def test_the_real_cross_sections_pass_and_add_up_to_the_printed_totals(real, make, put, provinces, tmp_path):
    put(tmp_path / "分省年度数据.csv", real(make))
    found = read_folder(tmp_path, provinces, load_totals())
    sums = found.sums.set_index("period")
    assert sums.loc["2008", "printed"] == 13787.2 and sums.loc["2011", "printed"] == 17695.9
    assert sums.loc["2008", "sum"] == pytest.approx(13786.9) and sums.loc["2011", "sum"] == pytest.approx(
        17695.9
    )
    table = found.tables["work_injury_participants"].set_index(["province_code", "period"])["value"]
    assert table["44", "2011"] == pytest.approx(28_478_000) and table["54", "2008"] == pytest.approx(59_000)


def test_the_real_unemployment_counts_of_2008_add_up_too(real, make, put, provinces, tmp_path):
    put(
        tmp_path / "a.csv",
        real(make, "unemployment_insurance_contributors_year_end", (2008,), title=UNEMPLOYMENT),
    )
    (row,) = read_folder(tmp_path, provinces, load_totals()).sums.to_dict("records")
    assert (row["printed"], round(row["sum"], 1)) == (12399.8, 12399.7)


def test_the_real_cross_sections_alone_make_no_study_and_the_refusal_says_why(
    real, make, put, provinces, tmp_path, panel
):
    put(tmp_path / "a.csv", real(make))
    exports = read_folder(tmp_path, provinces, load_totals())
    with pytest.raises(InputError, match="0 periods precede the pilot") as caught:
        outcome_frame(OUTCOMES[0], exports, panel, tmp_path)
    assert "最近20年" in caught.value.action


def test_persons_under_a_heading_of_ten_thousands_are_caught_by_the_printed_total(
    real, make, put, names, provinces, tmp_path
):
    lines = real(make)
    body = [line.split(",") for line in lines[4:-2]]
    lines[4:-2] = [
        ",".join([name, *(f"{10_000 * float(cell):.0f}" for cell in cells)]) for name, *cells in body
    ]
    put(tmp_path / "a.csv", lines)
    with pytest.raises(InputError, match="add up to") as caught:
        read_folder(tmp_path, provinces, load_totals())
    assert "13,787.2" in caught.value.expected or "17,695.9" in caught.value.expected


def test_two_exports_that_agree_are_joined(make, put, names, provinces, tmp_path):
    put(tmp_path / "分省年度数据.csv", make(names, (2016, 2015)))
    put(tmp_path / "分省年度数据 (1).csv", make(names, (2017, 2016)))
    put(tmp_path / "分省年度数据 (2).csv", make(names, (2016,), UNEMPLOYMENT))
    found = read_folder(tmp_path, provinces, load_totals())
    assert set(found.tables) == {"work_injury_participants", "unemployment_participants"}
    assert found.tables["work_injury_participants"]["period"].unique().tolist() == ["2015", "2016", "2017"]
    assert not found.revisions and set(found.every["used"]) == {"yes"}


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        (("分省年度数据.csv", (2016, 2015)), ("分省年度数据 (1).csv", (2016, 2015)), "分省年度数据 (1).csv"),
        (("分省年度数据 (9).csv", (2016,)), ("分省年度数据 (10).csv", (2016,)), "分省年度数据 (10).csv"),
        (("old (7).csv", (2016, 2015)), ("new.csv", (2017, 2016)), "new.csv"),
    ],
)
def test_a_revision_is_kept_counted_and_the_choice_is_named(
    first, second, chosen, make, put, names, provinces, tmp_path
):
    put(tmp_path / first[0], make(names, first[1]))
    lines = make(names, second[1])
    lines[4] = lines[4].replace(",100", ",110")  # Beijing was 100 in each year
    put(tmp_path / second[0], lines)
    found = read_folder(tmp_path, provinces, load_totals())
    (revision,) = found.revisions
    assert revision.chosen == chosen and set(revision.files) == {first[0], second[0]}
    assert revision.cells == len(set(first[1]) & set(second[1]))
    assert revision.largest == pytest.approx(10 / 110)
    table = found.tables["work_injury_participants"]
    assert set(table["period"]) == {str(year) for year in second[1]}  # one file whole, never cells of both
    assert table[table["province_code"] == "11"]["value"].tolist() == [1_100_000.0] * len(second[1])
    assert set(found.every["file"]) == {first[0], second[0]}
    assert set(found.every.loc[found.every["used"] == "yes", "file"]) == {chosen}


def test_a_value_that_was_withdrawn_is_a_revision_and_is_not_filled_from_the_older_file(
    make, put, names, provinces, tmp_path
):
    put(tmp_path / "a.csv", make(names, (2016,)))
    lines = make(names, (2016,))
    lines[4] = "北京市,"
    put(tmp_path / "a (1).csv", lines)
    found = read_folder(tmp_path, provinces, load_totals())
    assert [r.cells for r in found.revisions] == [1]
    assert found.tables["work_injury_participants"].set_index("province_code").loc["11", "value"] != 1_000_000


def test_a_folder_without_exports_and_no_folder_are_refused(provinces, tmp_path):
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError) as caught:
            read_folder(path, provinces, load_totals())
        assert caught.value.file == path


def test_every_national_count_has_a_source_and_belongs_to_a_table():
    totals = pd.DataFrame(load_totals())
    assert totals["source"].str.len().min() > 10 and not totals.duplicated(["table", "year"]).any()
    assert set(totals["table"]) <= {series.name for series in load_catalogue()}
