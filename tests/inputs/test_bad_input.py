"""Bad input ends with exit code 2, says where and what, and leaves earlier products whole."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

LEDGER = "published_figures.csv"
SHANGHAI_2025 = {"figure_id": "31_20250331_cumulative_participants"}
TIANJIN_START = {"event_id": "12_starts_20250701"}


def missing_file(raw):
    (raw.folder / "workers.csv").unlink()
    return ["raw file missing", "file", "workers.csv", "what to do"]


def extra_file(raw):
    (raw.folder / "more_figures.csv").write_text("a\n1\n", encoding="utf-8")
    return ["not in the record", "more_figures.csv", "what to do"]


def missing_record(raw):
    (raw.folder / "datapackage.yaml").unlink()
    return ["no data package", "datapackage.yaml"]


def wrong_hash(raw):
    record = raw.folder / "datapackage.yaml"
    before = record.read_text(encoding="utf-8")
    expected = hashlib.sha256((raw.folder / "workers.csv").read_bytes()).hexdigest()
    raw.edit("workers.csv", {"count_id": "workers_01"}, "value", "84000001")
    record.write_text(before, encoding="utf-8")
    found = hashlib.sha256((raw.folder / "workers.csv").read_bytes()).hexdigest()
    return ["differs from its record", "workers.csv", f"sha256:{found}", f"sha256:{expected}"]


def unknown_province_code(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "province_code", "39")
    return ["unknown province", LEDGER, f"row {line}", "column province_code", "'39'"]


def unknown_province_name(raw):
    line = raw.edit("workers.csv", {"area": "四川"}, "area", "四川川")
    return ["unknown province", "workers.csv", f"row {line}", "column area", "'四川川'", "51"]


def name_in_place_of_code(raw):
    line = raw.edit("rollout.csv", TIANJIN_START, "province_code", "Tianjn")
    return ["unknown province", "rollout.csv", f"row {line}", "'Tianjn'", "Tianjin (code 12)"]


def nation_in_the_rollout(raw):
    line = raw.edit("rollout.csv", TIANJIN_START, "province_code", "00")
    return ["unknown province", "rollout.csv", f"row {line}", "'00'"]


def duplicate_key(raw):
    row = next(row for row in raw.read(LEDGER) if row["figure_id"] == SHANGHAI_2025["figure_id"])
    line = raw.append(LEDGER, row)
    return ["duplicate key", LEDGER, f"row {line}", "column figure_id", SHANGHAI_2025["figure_id"]]


def duplicate_compound_key(raw):
    row = raw.read("province_annual.csv")[0]
    line = raw.append("province_annual.csv", row)
    columns = "column province_code, year, indicator"
    return ["duplicate key", "province_annual.csv", f"row {line}", columns, row["indicator"]]


def start_before_announcement(raw):
    line = raw.edit("rollout.csv", TIANJIN_START, "date", "2025-04-01")
    return ["starts before its announcement", "rollout.csv", f"row {line}", "column date", "'2025-04-01'"]


def second_start(raw):
    row = next(row for row in raw.read("rollout.csv") if TIANJIN_START.items() <= row.items())
    line = raw.append("rollout.csv", row | {"event_id": "12_starts_again", "date": "2025-10-01"})
    return ["second start", "rollout.csv", f"row {line}", "column event", "'starts'"]


def falling_count(raw):
    key = {"figure_id": "32_20250831_platform_orders_covered"}
    row = next(row for row in raw.read(LEDGER) if key.items() <= row.items())
    later = {"figure_id": "32_20251130_platform_orders_covered", "as_of_date": "2025-11-30"}
    line = raw.append(LEDGER, row | later | {"value": "9000000000", "printed": "90亿单"})
    return ["cumulative count falls", LEDGER, f"row {line}", "column value", "9000000000", "9,492,500,000"]


def falling_national_count(raw):
    key = {"figure_id": "00_20231231_cumulative_participants"}
    line = raw.edit(LEDGER, key, "value", "6600000")
    return ["cumulative count falls", LEDGER, f"row {line}", "column value", "6600000", "6,675,000"]


def falling_count_to_date(raw):
    key = {"figure_id": "11_20260106_cumulative_participants"}
    line = raw.edit(LEDGER, key, "value", "1472800")
    return ["cumulative count falls", LEDGER, f"row {line}", "column value", "1472800", "1,565,000 or more"]


def two_counts_of_one_day(raw):
    key = {"figure_id": "00_20240331_cumulative_participants_2"}
    raw.edit(LEDGER, key, "value", "9000000")
    return ["cumulative count falls", LEDGER, "column value", "00_20240331_cumulative_participants_2"]


def province_above_the_nation(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "value", "13800000")
    return ["province figure contradicts the national total", LEDGER, f"row {line}", "13800000", "12,345,750"]


def city_above_its_province(raw):
    key = {"figure_id": "31_20230718_confirmed_injuries"}
    row = next(row for row in raw.read(LEDGER) if key.items() <= row.items())
    place = {"province_code": "32", "qualifier": "exact", "printed_unit": "1", "date_precision": "month_end"}
    later = {"figure_id": "32_20250831_confirmed_injuries", "as_of_date": "2025-08-31", "value": "5000"}
    raw.append(LEDGER, row | place | later)
    return ["city figure contradicts the province total", LEDGER, "column value", "5511", "5,000 or less"]


def date_in_the_future(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "as_of_date", "2026-12-31")
    return ["date in the future", LEDGER, f"row {line}", "column as_of_date", "'2026-12-31'", "2026-11-28"]


def month_in_the_future(raw):
    line = raw.edit("sources.csv", {"source_id": "cctv-20260811"}, "date_published", "2026-12")
    return ["date in the future", "sources.csv", f"row {line}", "column date_published", "'2026-12'"]


def year_in_the_future(raw):
    line = raw.edit("province_annual.csv", {"year": "2025"}, "year", "2027")
    return ["date in the future", "province_annual.csv", f"row {line}", "column year", "'2027'"]


def text_in_a_number(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "value", "138万")
    return ["type", LEDGER, f"row {line}", "column value", "'138万'", "integer"]


def text_in_a_statistic(raw):
    key = {"province_code": "31", "year": "2020", "indicator": "gdp_per_capita"}
    line = raw.edit("province_annual.csv", key, "value", "n.a.")
    return ["type", "province_annual.csv", f"row {line}", "column value", "'n.a.'", "number"]


def impossible_day(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "as_of_date", "2025-02-30")
    return [LEDGER, f"row {line}", "column as_of_date", "'2025-02-30'", "date"]


def impossible_month(raw):
    line = raw.edit("rollout.csv", {"event_id": "12_announced_202505"}, "date", "2025-13")
    return ["no such date", "rollout.csv", f"row {line}", "column date", "'2025-13'"]


def unknown_source(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "source_id", "hearsay")
    return [LEDGER, f"row {line}", "column source_id", "hearsay", "add the row"]


def unknown_qualifier(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "qualifier", "nearly")
    return [LEDGER, f"row {line}", "column qualifier", "'nearly'", "more_than"]


def blank_value(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "value", "")
    return [LEDGER, f"row {line}", "column value", "required"]


def renamed_column(raw):
    path = raw.folder / "workers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",value,", ",count,", 1), encoding="utf-8")
    raw.renew()
    return ["workers.csv", "count", "value"]


def too_good_a_grade(raw):
    line = raw.edit(LEDGER, SHANGHAI_2025, "grade", "A")
    return ["graded better than its source", LEDGER, f"row {line}", "column grade", "'A'", "C or weaker"]


def repaired_source(raw):
    raw.edit("policies.csv", {"policy_id": "N04"}, "effective_date", "2024-10-01")
    return ["correction c01 no longer fits policies.csv", "corrections.csv", "row 2", "2024-10-01"]


def left_out_rows_return(raw):
    row = next(r for r in raw.read("province_annual.csv") if r["indicator"] == "resident_population_year_end")
    raw.append("province_annual.csv", row | {"year": "2012"})
    return ["correction c05 no longer fits province_annual.csv", "year=2012"]


def gbk(raw):
    path = raw.folder / "provinces.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    raw.renew()
    return ["not UTF-8", "GBK", "provinces.csv", "row 2", "column 3", "iconv"]


def byte_order_mark(raw):
    path = raw.folder / LEDGER
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    raw.renew()
    return ["byte-order mark", LEDGER, "row 1", "column 1", "UTF-8"]


def empty_file(raw):
    (raw.folder / "benefits.csv").write_bytes(b"")
    raw.renew()
    return ["benefits.csv", "header"]


def change_line(raw, file, line, change):
    """Rewrite one line of a file and renew the record."""
    lines = (raw.folder / file).read_text(encoding="utf-8").splitlines()
    lines[line - 1] = change(lines[line - 1])
    (raw.folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    raw.renew()


def cell_too_many(raw):
    change_line(raw, "provinces.csv", 2, lambda line: line + ",7")
    return ["extra cell", "provinces.csv", "row 2", "'7'"]


def cell_too_many_later(raw):
    change_line(raw, "provinces.csv", 5, lambda line: line + ",7")
    return ["no table", "provinces.csv", "line 5"]


def cell_too_few(raw):
    change_line(raw, "provinces.csv", 5, lambda line: line.rsplit(",", 1)[0])
    return ["missing cell", "provinces.csv", "row 5", "column tile_row"]


def blank_line(raw):
    change_line(raw, "provinces.csv", 5, lambda line: f"\n{line}")
    return ["blank row", "provinces.csv", "row 5", "remove the blank line"]


CORPUS = [
    missing_file, extra_file, missing_record, wrong_hash, unknown_province_code, unknown_province_name,
    name_in_place_of_code, nation_in_the_rollout, duplicate_key, duplicate_compound_key,
    start_before_announcement, second_start, falling_count, falling_national_count,
    falling_count_to_date, two_counts_of_one_day,
    province_above_the_nation, city_above_its_province, date_in_the_future, month_in_the_future,
    year_in_the_future, text_in_a_number, text_in_a_statistic, impossible_day, impossible_month,
    unknown_source, unknown_qualifier, blank_value, renamed_column, too_good_a_grade, repaired_source,
    left_out_rows_return, gbk, byte_order_mark, empty_file, cell_too_many, cell_too_many_later,
    cell_too_few, blank_line,
]  # fmt: skip


@pytest.fixture
def products(tmp_path):
    """Earlier products, whose bytes must survive."""
    folder = tmp_path / "processed"
    folder.mkdir()
    for name in ("panel.csv", "codebook.csv", "bounds.csv"):
        (folder / name).write_bytes(f"earlier {name}\n".encode())
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("spoil", CORPUS, ids=[case.__name__ for case in CORPUS])
def test_bad_input_is_named_and_leaves_products_whole(spoil, raw_copy, products, monkeypatch, capsys):
    from analysis.__main__ import main

    fragments = spoil(raw_copy)
    before = contents(products)
    arguments = ["analysis", "panel", "--raw", str(raw_copy.folder), "--processed", str(products)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as stop:
        main()
    message = capsys.readouterr().err
    assert stop.value.code == 2
    assert [part for part in fragments if part not in message] == [], message
    assert contents(products) == before


def test_the_command_itself_exits_with_2_and_without_a_traceback(raw_copy, products):
    (raw_copy.folder / "workers.csv").unlink()
    command = [sys.executable, "-m", "analysis", "panel", "--raw", str(raw_copy.folder)]
    run = subprocess.run(
        [*command, "--processed", str(products)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    )
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


def test_the_record_as_it_stands_passes(raw_copy):
    from analysis.inputs import check_package

    check_package(raw_copy.folder)
