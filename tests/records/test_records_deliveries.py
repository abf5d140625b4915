"""Deliveries as they come: the panel that pandas counts, or words that say what is wrong."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.base.errors import InputError
from analysis.records.calendar import quarter_label, read_rollout, read_zone
from analysis.records.contract import read_contract
from analysis.records.engine import Session, workspace
from analysis.records.panel import build_panel, count_records
from analysis.records.sources import find_source
from analysis.records.tables import read_table
from tests.records.deliveries import (
    DELIVERIES,
    count_right,
    save,
    to_text,
    write_csv,
)


def counted(request):
    """The count before the disclosure rule, and its cells as `count_right` lays them out."""
    count = count_records(request, read_rollout(request.rollout), read_zone(request.time_zone))
    totals = count.totals
    cells = pd.MultiIndex.from_product(
        [totals.units[:-1], [quarter_label(count.first_quarter + t) for t in range(totals.orders.shape[1])]],
        names=["province_code", "quarter"],
    )
    table = {
        name: getattr(totals, name)[:-1].ravel().astype(float)
        for name in ("orders", "active", "contributions", "claims", "confirmed", "paid")
    }
    frame = pd.DataFrame(table, index=cells)
    frame[["contributions", "paid"]] /= 10_000
    return count, frame[frame.any(axis=1)].sort_index()


@pytest.mark.parametrize("name", ["plain", *DELIVERIES])
def test_a_delivery_gives_the_panel_that_pandas_counts(name, delivered, request_for):
    folder, orders, claims = delivered
    if name != "plain":
        DELIVERIES[name](folder, orders, claims)
    count, found = counted(request_for(folder))
    pd.testing.assert_frame_equal(found, count_right(orders, claims), check_exact=False, rtol=1e-12)
    assert count.faults == ()


@pytest.mark.parametrize(
    "name", ["gb18030", "compressed_halves", "clocks_of_many_programs", "int96_by_spark"]
)
def test_the_command_reads_what_a_test_reads_in_which_all_libraries_are_loaded(name, delivered, request_for):
    folder, orders, claims = delivered
    DELIVERIES[name](folder, orders, claims)
    request = request_for(folder)
    given = {key: str(getattr(request, key)) for key in ("orders", "claims", "rollout", "out")}
    command = [sys.executable, "-m", "analysis", "records", "panel"]
    command += [word for key, value in given.items() for word in (f"--{key}", value)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    here = request_for(folder, out=request.out.with_name("here.csv"))
    build_panel(here)
    assert here.out.read_bytes() == request.out.read_bytes()


def test_the_largest_payments_of_people_are_those_that_pandas_sorts(delivered, request_for):
    folder, _, claims = delivered
    save(
        pd.concat([claims, claims.assign(paid_yuan=claims["paid_yuan"] / 2)]), folder / "claims" / "a.parquet"
    )
    totals = counted(request_for(folder, quarantine=True))[0].totals
    quarter = pd.to_datetime(claims["accident_date"]).dt.to_period("Q").astype(str)
    for u, code in enumerate(totals.units):
        own = claims[(claims["province_code"] == code) | (code == "00")]
        for t, label in enumerate(sorted(quarter.unique())):
            paid = own[quarter == label].groupby("worker_id")["paid_yuan"].sum() * 1.5
            most = [*sorted(paid, reverse=True), 0, 0]
            found = totals.paid_first[u, t] / 10_000, totals.paid_second[u, t] / 10_000
            assert found == pytest.approx(tuple(most[:2]), abs=2e-4)


def refused(request) -> str:
    with pytest.raises(InputError) as caught:
        build_panel(request)
    assert not request.out.parent.exists()
    return str(caught.value)


TEXTS = [
    ("orders", "completed_at", "2025-07-15", "no clock, or a clock without time zone", "9999-99-99"),
    ("orders", "completed_at", "2025-07-15 08:00:00", "without time zone", "9999-99-99 99:99:99"),
    ("orders", "completed_at", "45853.3333", "not a datetime", "99999.9999"),
    ("orders", "completed_at", "2025-02-30T08:00:00Z", "not a datetime", "9999-99-99a99:99:99a"),
    ("orders", "contribution_yuan", "1_000.5", "not a number", "9_999.9"),
    ("orders", "contribution_yuan", "0.07d", "not a number", "9.99a"),
    ("orders", "contribution_yuan", "1,000", "not a number", "9,999"),
    ("orders", "contribution_yuan", "0,07", "not a number", "9,99"),
    ("orders", "contribution_yuan", "NaN", "not a number", "NaN"),
    ("orders", "contribution_yuan", "inf", "not a number", "inf"),
    ("orders", "contribution_yuan", "NULL", "not a number", "NULL"),
    ("orders", "contribution_yuan", "1e30", "not a number", "9a99"),
    ("orders", "contribution_yuan", "\uff10.\uff17", "not a number", "9.9"),
    ("claims", "accident_date", "2025", "not a date", "9999"),
    ("claims", "accident_date", "2025-07-15 09:30", "not a date", "9999-99-99 99:99"),
    ("claims", "accident_date", "15.07.2025", "not a date", "99.99.9999"),
    ("claims", "disability_grade", "7.5", "not an integer", "9.9"),
    ("claims", "disability_grade", "VII", "not an integer", "aaa"),
    ("claims", "confirmed", "Y", "not a boolean", "a"),
    ("claims", "paid_yuan", "much", "not a number", "aaaa"),
]


@pytest.mark.parametrize("table", ["orders", "claims"])
def test_text_that_means_nothing_is_a_counted_fault_shown_by_its_shape(table, delivered, request_for):
    folder, orders, claims = delivered
    frame = (orders if table == "orders" else claims).astype(object)
    odd = [row for row in TEXTS if row[0] == table]
    for place, (_table, column, value, _reason, _shape) in enumerate(odd):
        frame.loc[place, column] = value
    write_csv(folder, table, to_text(frame))
    source = find_source(read_contract(table), str(folder / table), tolerant=False)
    with workspace(None) as spill:
        session = Session("duckdb", "1GB", spill)
        found = session.answer(read_table(session, source, as_text=True).query).to_pandas()
        session.close()
    seen = {
        (column, shape)
        for column in source.table.types
        if f"seen_{column}" in found
        for shape in found.loc[found[f"broken_{column}"], f"seen_{column}"]
    }
    assert seen == {(column, shape) for _table, column, _value, _reason, shape in odd}
    said = refused(request_for(folder))
    for _table, column, _value, reason, _shape in odd:
        lines = [line for line in said.splitlines() if f"{table}, column {column}: " in line]
        assert any(reason in line for line in lines), (column, reason)
    shapes = {shape for *_rest, shape in odd}
    examples = [line.split("examples: ")[1] for line in said.splitlines() if "examples: " in line]
    assert set(", ".join(examples).split(", ")) <= shapes and "a.csv (fewer than 10)" in said


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
def test_money_that_is_no_number_is_counted_by_file_and_column(kind, delivered, request_for):
    folder, orders, claims = delivered
    places = [75, 76, 77, 78]
    broken = orders[70:].copy()
    broken.loc[places, "contribution_yuan"] = [np.nan, np.inf, -np.inf, 1e15]
    save(broken, folder / "orders" / "b.parquet", contribution_yuan=kind)
    said = refused(request_for(folder))
    assert "column contribution_yuan: not a number, fewer than 10 rows" in said
    assert "b.parquet (fewer than 10)" in said
    assert "not a number (NaN)" in said and "infinite or too large" in said
    count, found = counted(request_for(folder, quarantine=True))
    pd.testing.assert_frame_equal(found, count_right(orders.drop(index=places), claims))
    assert [(fault.column, fault.rows) for fault in count.faults] == [("contribution_yuan", 4)]


def test_a_grade_that_is_not_whole_and_a_day_with_a_clock_are_faults(delivered, request_for):
    folder, _orders, claims = delivered
    half = claims.assign(disability_grade=claims["disability_grade"].astype("Float64"))
    half.loc[1, "disability_grade"] = 3.5
    half["filed_date"] = pd.to_datetime(half["filed_date"])
    half.loc[4, "filed_date"] += pd.Timedelta("9h")
    save(half, folder / "claims" / "a.parquet")
    said = refused(request_for(folder))
    assert "column disability_grade: not an integer, fewer than 10 rows" in said
    assert "column filed_date: not a date, fewer than 10 rows" in said and "a day with a clock" in said


def test_a_grade_that_is_nan_is_a_fault_and_not_an_empty_field(delivered, request_for):
    folder, _orders, claims = delivered
    save(
        claims.assign(disability_grade=claims["disability_grade"].astype("float64")),
        folder / "claims" / "a.parquet",
    )
    assert "column disability_grade: not an integer, 22 rows" in refused(request_for(folder))


WRONG_TYPES = [
    ("orders", "completed_at", pa.timestamp("us"), 'dt.tz_localize("Asia/Shanghai")'),
    ("orders", "completed_at", pa.date32(), "a day is not an instant"),
    ("orders", "completed_at", pa.string(), "pd.to_datetime"),
    ("orders", "province_code", pa.int64(), "str.zfill(2)"),
    ("orders", "worker_id", pa.float64(), "as text from the start"),
    ("orders", "order_id", pa.decimal128(20, 0), "map(str)"),
    ("orders", "worker_id", pa.binary(), "bytes.hex"),
    ("claims", "confirmed", pa.int8(), 'astype("boolean")'),
    ("claims", "accident_date", pa.string(), ".dt.date"),
    ("claims", "paid_yuan", pa.string(), "pd.to_numeric"),
]


@pytest.mark.parametrize(("table", "column", "kind", "cast"), WRONG_TYPES)
def test_a_wrong_type_is_refused_with_the_line_that_casts_it(
    table, column, kind, cast, delivered, request_for
):
    folder, orders, claims = delivered
    frame = orders if table == "orders" else claims
    if kind == pa.binary():
        frame = frame.assign(**{column: frame[column].astype(str)})
    if kind == pa.timestamp("us"):
        frame = frame.assign(**{column: frame[column].dt.tz_localize(None)})
    save(frame, folder / table / "a.parquet", **{column: kind})
    said = refused(request_for(folder))
    assert "a.parquet" in said and f"column {column}" in said and cast in said


def test_int96_of_an_unknown_writer_is_refused_with_the_setting_of_spark(delivered, request_for):
    import pyarrow.parquet as pq

    folder, orders, _claims = delivered
    table = pa.Table.from_pandas(orders, preserve_index=False)
    pq.write_table(table, folder / "orders" / "a.parquet", use_deprecated_int96_timestamps=True)
    assert "spark.sql.parquet.outputTimestampType" in refused(request_for(folder))


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_folder_that_contradicts_its_file_is_refused_with_both_values(form, delivered, request_for):
    folder, orders, _claims = delivered
    for file in (folder / "orders").glob("*.parquet"):
        file.unlink()
    for code, claimed in (("05", "31"), ("31", "05"), ("44", "44")):
        own = orders[orders["province_code"] == code]
        place = folder / "orders" / f"province_code={claimed}"
        save(own, place / "a.parquet")
        if form == "csv":
            (place / "a.parquet").unlink()
            (place / "a.csv").write_text(own.to_csv(index=False))
    said = refused(request_for(folder))
    assert "contradicts" in said and "province_code=05/a." in said and "'31'" in said and "05, as" in said


@pytest.mark.parametrize(
    "name", ["a.xlsx", "b.csv.bz2", "more.zip", "orders.parquet.part", "b.json", "x.orc"]
)
def test_a_file_of_another_kind_is_refused_by_name(name, delivered, request_for):
    folder, _orders, _claims = delivered
    (folder / "orders" / name).write_bytes(b"rows")
    said = refused(request_for(folder))
    assert name in said and "kind that is not read" in said


def test_a_table_format_is_refused_because_its_files_hold_deleted_rows(delivered, request_for):
    folder, _orders, _claims = delivered
    (folder / "orders" / "_delta_log").mkdir()
    (folder / "orders" / "_delta_log" / "0.json").write_text("{}")
    assert "Delta" in refused(request_for(folder))


def test_the_inventory_names_every_file_on_the_terminal_and_in_the_run_record(delivered, request_for, capfd):
    folder, orders, claims = delivered
    DELIVERIES["leftovers_of_other_programs"](folder, orders, claims)
    DELIVERIES["columns_added_by_the_second_file"](folder, orders, claims)
    request = request_for(folder)
    build_panel(request)
    said = capfd.readouterr().err
    size = (folder / "orders" / "b.parquet").stat().st_size
    assert f"read: b.parquet, 50 rows, {size} bytes" in said
    assert "passed over: _temporary/0/part-1.parquet" in said and "leftover" in said
    assert "passed over: _SUCCESS" in said and "columns not used: status, weather" in said
    record = json.loads(request.out.with_name("panel.run.json").read_text())["files"]
    assert [(item["name"], item["status"]) for item in record["orders"]["list"]] == [
        ("_temporary/0/part-1.parquet", "passed over"),
        ("a.parquet", "read"),
        ("b.parquet", "read"),
    ]
    assert record["orders"]["unused_columns"] == ["status", "weather"]
    # A file may be a province's quarter: its exact number of rows would be a withheld cell.
    assert record["orders"]["list"][2]["rows"] == "fewer than 1000"


def test_the_encoding_of_a_csv_file_is_named(delivered, request_for, capfd):
    folder, orders, claims = delivered
    DELIVERIES["gb18030"](folder, orders, claims)
    counted(request_for(folder))
    assert "GB18030, comma" in capfd.readouterr().err


def test_lines_with_other_numbers_of_fields_are_counted_and_can_be_set_aside(delivered, request_for):
    folder, orders, claims = delivered
    lines = to_text(orders).splitlines()
    lines[10] += ",more"
    lines[20] = lines[20].rsplit(",", 2)[0]
    write_csv(folder, "orders", "\n".join(lines))
    said = refused(request_for(folder))
    assert "more or fewer fields than the header, fewer than 10 rows" in said
    assert "row 11: 8 fields, not 7" in said and "row 21: 5 fields, not 7" in said
    _count, found = counted(request_for(folder, quarantine=True))
    pd.testing.assert_frame_equal(found, count_right(orders.drop(index=[9, 19]), claims))


@pytest.mark.parametrize("quarantine", [False, True])
def test_a_quote_that_is_not_closed_is_refused_even_with_the_quarantine(quarantine, delivered, request_for):
    folder, orders, _claims = delivered
    kind = orders["industry"].where(orders.index != 30, "UNQUOTED")
    text = to_text(orders, industry=kind).replace("UNQUOTED", '"delivery')
    write_csv(folder, "orders", text)
    assert "quote that is not closed" in refused(request_for(folder, quarantine=quarantine))


@pytest.mark.parametrize("rows", [(30, 60), (30, 31)])
@pytest.mark.parametrize("quarantine", [False, True])
def test_two_quotes_that_are_not_closed_swallow_no_rows(rows, quarantine, delivered, request_for):
    folder, orders, _claims = delivered
    kind = orders["industry"].where(~orders.index.isin(rows), "UNQUOTED")
    text = to_text(orders, industry=kind).replace("UNQUOTED", '"delivery')
    write_csv(folder, "orders", text)
    assert "quote that is not closed" in refused(request_for(folder, quarantine=quarantine))


NOBODY = ["", "  ", "nan", "None", "<NA>", "NULL", "#N/A"]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_word_for_nothing_is_no_person(form, delivered, request_for):
    folder, orders, claims = delivered
    for frame in (orders, claims):
        frame["worker_id"] = frame["worker_id"].astype(str)
    save(claims, folder / "claims" / "a.parquet")
    broken = orders.copy()
    places = [3 * number for number in range(len(NOBODY))]
    broken.loc[places, "worker_id"] = NOBODY
    (folder / "orders" / "b.parquet").unlink()
    save(broken, folder / "orders" / "a.parquet")
    if form == "csv":
        write_csv(folder, "orders", to_text(broken))
    said = refused(request_for(folder))
    assert "column worker_id: empty, fewer than 10 rows" in said
    assert "column worker_id: a word for nothing, fewer than 10 rows" in said
    # A word that passed would be a person of its own.
    _count, found = counted(request_for(folder, quarantine=True))
    pd.testing.assert_frame_equal(found, count_right(orders.drop(index=places), claims))


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_an_identifier_that_a_spreadsheet_has_rewritten_is_a_fault(form, delivered, request_for):
    folder, orders, _claims = delivered
    shapes = ("{:.1f}", "{:.5E}", "{:.0e}")
    rewritten = [
        shapes[number % 3].format(10**8 + who) for number, who in enumerate(orders["worker_id"][70:])
    ]
    second = orders[70:].assign(worker_id=rewritten)
    save(second, folder / "orders" / "b.parquet")
    if form == "csv":
        write_csv(folder, "orders", to_text(orders[:70]))
        (folder / "orders" / "b.csv").write_text(to_text(second))
    said = refused(request_for(folder))
    assert "has rewritten the identifier, 50 rows" in said and "(50)" in said


@pytest.mark.parametrize("mark", ["\u00a0", "\u200b", "\ufeff", "\u202e", "\u3000"])
def test_a_mark_that_nobody_sees_makes_no_second_person(mark, delivered, request_for):
    folder, orders, claims = delivered
    save(claims.assign(worker_id="w" + claims["worker_id"].astype(str)), folder / "claims" / "a.parquet")
    plain = orders.assign(worker_id="w" + orders["worker_id"].astype(str))
    marked = plain[70:].assign(worker_id="w" + mark + orders["worker_id"][70:].astype(str))
    save(plain[:70], folder / "orders" / "a.parquet")
    save(marked, folder / "orders" / "b.parquet")
    said = refused(request_for(folder))
    assert "a mark that nobody sees, 50 rows" in said and "b.parquet (50)" in said
    for file in (folder / "orders").iterdir():
        file.unlink()
    (folder / "orders" / "a.csv").write_text(to_text(plain[:70]), encoding="utf-8")
    (folder / "orders" / "b.csv").write_text(to_text(marked), encoding="utf-8")
    assert "a mark that nobody sees, 50 rows" in refused(request_for(folder))


def test_zeros_at_the_start_that_another_file_has_lost_are_a_fault(delivered, request_for):
    folder, orders, _claims = delivered
    padded = orders[70:].assign(worker_id=orders["worker_id"][70:].map("{:06d}".format))
    save(padded, folder / "orders" / "b.parquet")
    assert "zeros at the start, and another file holds numbers without them, 50 rows" in refused(
        request_for(folder)
    )


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_columns_that_differ_in_capitals_only_are_refused(form, delivered, request_for):
    folder, _orders, claims = delivered
    twice = claims.assign(Paid_Yuan=claims["paid_yuan"] * 2)[["Paid_Yuan", *claims.columns]]
    save(twice, folder / "claims" / "a.parquet")
    if form == "csv":
        write_csv(folder, "claims", to_text(twice))
    said = refused(request_for(folder))
    assert "capitals" in said and "Paid_Yuan" in said


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai"])
def test_days_that_were_made_instants_are_refused(zone, delivered, request_for):
    folder, orders, _claims = delivered
    days = orders["completed_at"].dt.tz_convert(zone).dt.floor("D").dt.tz_convert("UTC")
    (folder / "orders" / "b.parquet").unlink()
    save(orders.assign(completed_at=days), folder / "orders" / "a.parquet")
    assert "days, not instants" in refused(request_for(folder, quarantine=True))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (gzip.compress(b"order_id,worker_id\n" * 5000)[:-20], "truncated"),
        (b"order_id,\x81\xff" * 50, "encoding"),
        ("order_id,worker_id\n1,\xff\n".encode("latin-1") + b"\xff\xff", "encoding"),
    ],
)
def test_damaged_text_is_refused(content, word, delivered, request_for):
    folder, _orders, _claims = delivered
    write_csv(folder, "orders", content, "a.csv.gz" if content[:2] == b"\x1f\x8b" else "a.csv")
    said = refused(request_for(folder))
    assert word in said and "a.csv" in said


def test_an_address_of_a_file_is_read_like_its_path(made, request_for):
    request = request_for(made, orders=f"file://{made}/orders")
    build_panel(request)
    assert json.loads(request.out.with_name("panel.run.json").read_text())["evidence"] == "simulated"


def test_an_identical_file_of_claims_is_refused_without_a_claim_id(delivered, request_for):
    folder, _orders, _claims = delivered
    again = folder / "claims" / "july.parquet"
    again.write_bytes((folder / "claims" / "a.parquet").read_bytes())
    said = refused(request_for(folder))
    assert "identical" in said and "a.parquet" in said and "july.parquet" in said and "claim_id" in said


def test_claims_that_two_files_hold_stop_the_run_and_are_set_aside_by_the_quarantine(delivered, request_for):
    folder, orders, claims = delivered
    save(claims[:15], folder / "claims" / "a.parquet")
    save(claims[5:], folder / "claims" / "b.parquet")
    said = refused(request_for(folder))
    assert "another file holds as well" in said and "10 rows" in said and "b.parquet (10)" in said
    count, found = counted(request_for(folder, quarantine=True))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))
    assert [fault.rows for fault in count.faults] == [10]


def test_equal_claims_of_one_file_are_kept_and_counted(delivered, request_for):
    folder, orders, claims = delivered
    claims = pd.concat([claims, claims[3:5]], ignore_index=True)
    save(claims, folder / "claims" / "a.parquet")
    count, found = counted(request_for(folder))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))
    assert [(fault.rows, fault.reason.split(";")[1]) for fault in count.faults] == [
        (2, " kept, as two claims may be")
    ]


@pytest.mark.parametrize("kind", [pa.int64(), pa.string()])
def test_with_a_claim_id_repeats_are_set_aside_and_the_latest_state_counts(kind, delivered, request_for):
    folder, orders, claims = delivered
    claims.insert(0, "claim_id", np.arange(24) + 900)
    early = claims[:22].copy()  # June: claims 4 and 5 still open, claim 6 paid less
    early.loc[4:5, ["decided_date", "confirmed", "disability_grade"]] = None
    early.loc[4:5, "paid_yuan"] = 0.0
    claims.loc[6, ["decided_date", "confirmed", "paid_yuan"]] = [claims.loc[6, "filed_date"], True, 500.25]
    early.loc[6, ["decided_date", "confirmed", "paid_yuan"]] = [claims.loc[6, "filed_date"], True, 100.0]
    save(early, folder / "claims" / "a.parquet", claim_id=kind)
    save(claims, folder / "claims" / "b.parquet", claim_id=kind)
    count, found = counted(request_for(folder))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))
    # Claims 4, 5 and 6 changed, if 4 and 5 were decided at all; the other 19 are the same.
    changed = 1 + int(claims.loc[4:5, "decided_date"].notna().sum())
    assert {fault.reason.split(",")[0]: fault.rows for fault in count.faults} == {
        "repeated claim": 22 - changed,
        "earlier state of a claim that came again": changed,
    }


def test_a_claim_id_of_two_people_is_a_fault(delivered, request_for):
    folder, _orders, claims = delivered
    claims.insert(0, "claim_id", np.arange(24) + 900)
    claims.loc[3, "claim_id"] = 900
    save(claims, folder / "claims" / "a.parquet")
    assert "one claim id for different people" in refused(request_for(folder))


def test_a_claim_id_in_some_files_only_is_refused_with_both(delivered, request_for):
    folder, _orders, claims = delivered
    save(claims[:12], folder / "claims" / "a.parquet")
    save(claims[12:].assign(claim_id=range(12)), folder / "claims" / "b.parquet")
    said = refused(request_for(folder))
    assert "b.parquet has it" in said and "a.parquet lacks it" in said


def test_order_ids_of_each_platform_need_the_flag(delivered, request_for):
    folder, orders, claims = delivered
    orders["order_id"] = orders.groupby("platform_id").cumcount() + 1
    save(orders[:70], folder / "orders" / "a.parquet")
    save(orders[70:], folder / "orders" / "b.parquet")
    assert "some on two platforms" in refused(request_for(folder))
    count, found = counted(request_for(folder, order_ids="per-platform"))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))
    assert count.faults == ()


def test_no_message_holds_a_value_of_a_person(delivered, request_for):
    folder, orders, claims = delivered
    claims.loc[2, "paid_yuan"] = -123_457.0
    claims.loc[3, "accident_date"] = pd.Timestamp("2019-03-17").date()
    orders.loc[5, "province_code"] = "330106199001011234"
    save(orders, folder / "orders" / "a.parquet")
    (folder / "orders" / "b.parquet").unlink()
    save(claims, folder / "claims" / "a.parquet")
    first = refused(request_for(folder))
    assert "3301061990" not in first and "examples: 999999999999999999" in first
    save(orders.drop(index=5), folder / "orders" / "a.parquet")
    second = refused(request_for(folder))
    assert "123457" not in second and "-999999" in second
    assert "2019-03-17" not in second and "examples: 2019-03" in second


def test_files_are_grouped_by_the_types_they_have(delivered):
    folder, orders, claims = delivered
    DELIVERIES["decimals_of_two_scales"](folder, orders, claims)
    source = find_source(read_contract("orders"), str(folder / "orders"), tolerant=False)
    assert [len(group.files) for group in source.groups] == [1, 1]
