"""Slips of the pen that every type lets through: marks inside identifiers, capitals, years far ahead."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.base.errors import InputError
from analysis.records.panel import build_panel
from tests.records.deliveries import (
    count_right,
    save,
    to_text,
    write_csv,
)
from tests.records.test_records_deliveries import counted, refused


def save_orders(folder: Path, orders: pd.DataFrame) -> None:
    (folder / "orders" / "b.parquet").unlink()
    save(orders, folder / "orders" / "a.parquet")


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("mark", ["\x00", "\t", "\n"])
@pytest.mark.parametrize("column", ["worker_id", "order_id", "platform_id"])
def test_a_control_character_inside_an_identifier_is_a_fault(column, mark, form, delivered, request_for):
    folder, orders, _claims = delivered
    spoilt = orders.assign(**{column: orders[column].astype(str)})
    spoilt.loc[3, column] = spoilt.loc[3, column] + mark + "7"
    if form == "csv":
        write_csv(folder, "orders", to_text(spoilt))
    else:
        save_orders(folder, spoilt)
    said = refused(request_for(folder))
    assert f"column {column}: a blank that is no space, or a mark that nobody sees" in said
    # Set aside, the other orders give their panel.
    count, found = counted(request_for(folder, quarantine=True))
    assert [fault.rows for fault in count.faults] == [1]
    assert found["orders"].sum() == 119


def test_people_who_differ_in_capitals_only_are_counted_apart_and_said(delivered, request_for, capfd):
    folder, orders, claims = delivered
    orders["worker_id"] = "w" + orders["worker_id"].astype(str)
    claims["worker_id"] = "w" + claims["worker_id"].astype(str)
    orders.loc[[4, 50], "worker_id"] = orders.loc[[4, 50], "worker_id"].str.upper()
    save_orders(folder, orders)
    save(claims, folder / "claims" / "a.parquet")
    count, found = counted(request_for(folder))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))
    pairs = orders["worker_id"].drop_duplicates()
    alike = pairs[pairs.str.lower().duplicated(keep=False)]
    assert 2 <= len(alike) <= 4
    assert [(fault.column, fault.rows) for fault in count.faults] == [("worker_id", len(alike))]
    build_panel(request_for(folder))
    assert (
        "counted: fewer than 10 orders, people who differ from another in capitals" in capfd.readouterr().err
    )


def test_one_platform_under_two_spellings_is_refused(delivered, request_for):
    folder, orders, _claims = delivered
    orders.loc[7, "platform_id"] = "p1"
    save_orders(folder, orders)
    assert "platform ids differ in capitals only" in refused(request_for(folder))
    with pytest.raises(InputError):  # nobody can say which of the rows to set aside
        build_panel(request_for(folder, quarantine=True))


@pytest.mark.parametrize("year", [2041, 2099, 9999, 12_000])
def test_an_order_of_a_far_year_is_a_fault_and_does_not_lengthen_the_panel(year, delivered, request_for):
    folder, orders, claims = delivered
    moments = orders["completed_at"].astype("int64").to_numpy().copy()
    days = int((pd.Timestamp("2035-01-01") - pd.Timestamp(0)).days + (year - 2035) * 365.2425)
    moments[9] = days * 86_400_000_000
    table = pa.Table.from_pandas(orders, preserve_index=False)
    place = table.schema.get_field_index("completed_at")
    far = pa.array(moments).cast(pa.timestamp("us", "UTC"))
    (folder / "orders" / "b.parquet").unlink()
    pq.write_table(table.set_column(place, "completed_at", far), folder / "orders" / "a.parquet")
    said = refused(request_for(folder))
    assert "column completed_at: 60 quarters or more after the first start" in said and "a.parquet" in said
    count, found = counted(request_for(folder, quarantine=True))
    pd.testing.assert_frame_equal(found, count_right(orders.drop(index=9), claims))
    assert count.totals.orders.shape[1] == 4


@pytest.mark.parametrize("column", ["accident_date", "filed_date", "decided_date"])
def test_a_day_that_stands_for_none_is_a_fault(column, delivered, request_for):
    folder, orders, claims = delivered
    late = {"accident_date": ["accident_date", "filed_date", "decided_date"], "filed_date": ["filed_date"]}
    for name in late.get(column, [column]):
        claims[name] = claims[name].astype(object)
        claims.loc[23, name] = dt.date(2999, 12, 31)
    save(claims, folder / "claims" / "a.parquet")
    assert f"column {column}: 60 quarters or more after the first start" in refused(request_for(folder))
    count, found = counted(request_for(folder, quarantine=True))
    pd.testing.assert_frame_equal(found, count_right(orders, claims.drop(index=23)))
    assert count.totals.orders.shape[1] == 4


def test_quarters_in_which_few_people_worked_are_named(delivered, request_for, capfd):
    folder, orders, _claims = delivered
    local = orders["completed_at"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None).dt.to_period("Q")
    save_orders(folder, orders[local.astype(str) != "2025Q4"])
    build_panel(request_for(folder))
    said = capfd.readouterr().err
    assert "fewer than 10 people worked in the whole country: 2025Q4; is a file missing?" in said
