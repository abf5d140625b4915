"""The panel in every form that common tools open: nothing is lost, and the data packages are valid."""

from __future__ import annotations

from pathlib import Path

import duckdb
import frictionless
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
import yaml

from analysis.panel.formats import first_day, write_formats
from analysis.verify.record import package_of

ROOT = Path(__file__).resolve().parents[2]
PROCESSED = ROOT / "data" / "processed"
PANEL = pd.read_csv(PROCESSED / "panel.csv", dtype={"province_code": str})
NUMBERS = ["event_time", "enrolled_lower", "enrolled_upper", "gdp_per_head", "log_income_per_head"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    write_formats(PANEL, pd.read_csv(PROCESSED / "codebook.csv"), folder)
    return folder


def test_duckdb_reads_quarters_codes_and_numbers_of_the_parquet_file(made):
    found = duckdb.sql(f"select * from '{made / 'panel.parquet'}' order by province_code, quarter").df()
    assert list(found["quarter"]) == list(PANEL["quarter"])
    assert list(found["province_code"]) == list(PANEL["province_code"])
    assert str(found.loc[30, "quarter_start"])[:10] == "2022-07-01"
    assert found.loc[30, "quarter"] == "2022Q3"
    pd.testing.assert_frame_equal(found[NUMBERS], PANEL[NUMBERS], check_dtype=False)


def test_polars_reads_dates_and_text_and_no_extension_type(made):
    found = pl.read_parquet(made / "panel.parquet")
    assert found.schema["quarter_start"] == pl.Date
    assert found.schema["quarter"] == pl.String
    assert found["enrolled_upper"].sum() == pytest.approx(PANEL["enrolled_upper"].sum())
    assert found["enrolled_published"].null_count() == PANEL["enrolled_published"].isna().sum()


def test_columns_of_the_parquet_file_say_what_they_mean_and_their_class(made):
    schema = pq.read_schema(made / "panel.parquet")
    about = schema.field("enrolled_upper").metadata
    assert about[b"evidence"] == b"bounds"
    assert "累计" in about[b"label_zh"].decode()
    assert {"label_en", "label_zh", "unit", "evidence"} == {key.decode() for key in about}


@pytest.mark.parametrize(
    ("name", "province", "label"),
    [
        ("panel.dta", "Beijing", "People ever enrolled, upper bound"),
        ("panel_zh.dta", "北京市", "累计参保人数上界"),
    ],
)
def test_stata_has_quarterly_dates_and_labels_in_either_language(made, name, province, label):
    found = pd.read_stata(made / name)
    assert found.loc[0, "province_code"] == province
    assert str(found.loc[30, "quarter"])[:10] == "2022-07-01"
    pd.testing.assert_frame_equal(found[NUMBERS], PANEL[NUMBERS], check_dtype=False)
    with pd.io.stata.StataReader(made / name) as reader:
        assert reader.variable_labels()["enrolled_upper"] == label
        assert reader._fmtlist[list(found).index("quarter")] == "%tq"


def test_the_files_are_the_same_twice(made, tmp_path):
    write_formats(PANEL, pd.read_csv(PROCESSED / "codebook.csv"), tmp_path)
    for file in made.iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes()


def test_a_quarter_is_its_first_day_and_never_is_missing():
    found = first_day(pd.Series(["2022Q3", "never", "2020Q1"]))
    assert [str(day)[:10] for day in found] == ["2022-07-01", "NaT", "2020-01-01"]


@pytest.mark.parametrize("folder", ["raw", "processed"])
def test_the_reference_validator_accepts_the_data_package(folder):
    """It does not enforce uniqueKeys and categories; the pipeline's own checks do not rest on it."""
    report = frictionless.validate(str(ROOT / "data" / folder / "datapackage.yaml"))
    assert report.valid, report.flatten(["type", "message"])[:3]


def test_codes_are_text_in_the_package_so_that_the_nation_keeps_its_zeros(tmp_path):
    for name in ("codebook.csv", "panel.csv"):
        (tmp_path / name).write_bytes((PROCESSED / name).read_bytes())
    (tmp_path / "other.csv").write_text("region,value\n00,1\n11,2\n", encoding="utf-8")
    package = yaml.safe_load(package_of(tmp_path))
    kinds = {
        field["name"]: field["type"]
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
    }
    assert kinds["province_code"] == "string"
    assert kinds["region"] == "string"
    assert kinds["value"] == "integer"
