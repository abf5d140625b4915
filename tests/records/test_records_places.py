"""Files in odd places, of odd content or in the way of the products: refused by name, or read."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.base.errors import InputError
from analysis.records import duck
from analysis.records.panel import build_panel
from analysis.records.request import Request
from tests.records.deliveries import count_right, save, to_text, write_csv
from tests.records.test_records_deliveries import counted, refused

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("place", ["_temporary/0/a.parquet", ".ipynb_checkpoints/a.parquet", "_a.parquet"])
def test_the_only_file_of_a_folder_is_passed_over_when_it_is_a_leftover(place, delivered, request_for):
    folder, orders, _claims = delivered
    for file in (folder / "orders").iterdir():
        file.unlink()
    save(orders, folder / "orders" / place)
    assert "no Parquet or CSV file with orders was found" in refused(request_for(folder))


def test_a_path_to_nothing_is_said_to_be_one(delivered, request_for):
    folder, _orders, _claims = delivered
    said = refused(request_for(folder, orders=str(folder / "nowhere")))
    assert "nowhere" in said and "glob that exists" in said and "see whether the path is right" in said


def test_a_hidden_file_that_is_named_itself_is_read(delivered, request_for):
    folder, orders, claims = delivered
    save(orders, folder / "_orders.parquet")
    _count, found = counted(request_for(folder, orders=str(folder / "_orders.parquet")))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))


def test_a_table_that_is_called_readme_is_read(delivered, request_for):
    folder, orders, claims = delivered
    (folder / "orders" / "b.parquet").rename(folder / "orders" / "README.parquet")
    (folder / "orders" / "ReadMe.txt").write_text("no table")
    _count, found = counted(request_for(folder))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))


def test_a_link_to_nothing_is_named(delivered, request_for):
    folder, _orders, _claims = delivered
    (folder / "orders" / "gone.parquet").symlink_to(folder / "nowhere")
    said = refused(request_for(folder))
    assert "gone.parquet" in said and "link to nothing" in said


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are UTF-8 always")
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_file_name_that_is_not_utf8_is_said_as_it_may_be_meant(suffix, delivered, request_for):
    folder, _orders, _claims = delivered
    name = "订单".encode("gb18030") + f".{suffix}".encode()
    (folder / "orders" / "b.parquet").rename(os.fsdecode(os.fsencode(folder / "orders") + b"/" + name))
    said = refused(request_for(folder))
    assert f"订单.{suffix}" in said and "not UTF-8" in said


def test_a_column_in_two_folder_names_of_a_file_is_refused(delivered, request_for):
    folder, orders, _claims = delivered
    for file in (folder / "orders").iterdir():
        file.unlink()
    for code, own in orders.groupby("province_code"):
        place = folder / "orders" / "province_code=31" / f"province_code={code}"
        save(own.drop(columns="province_code"), place / "a.parquet")
    assert "two folders of a file name the same column" in refused(request_for(folder))


def test_a_folder_above_the_delivery_gives_no_column(delivered, request_for):
    folder, orders, claims = delivered
    above = folder / "province_code=44" / "orders"
    for name, own in orders.groupby("platform_id"):
        save(own.drop(columns="platform_id"), above / f"platform_id={name}" / "a.parquet")
    _count, found = counted(request_for(folder, orders=str(above)))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))


@pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP"])
@pytest.mark.parametrize("end", ["infinity", "-infinity"])
def test_a_decision_at_infinity_is_a_fault_and_not_an_open_case(kind, end, delivered, request_for):
    folder, _orders, claims = delivered
    rows = pa.Table.from_pandas(claims, preserve_index=False)
    session = duckdb.connect()
    session.register("claims", rows)
    session.execute(
        f"COPY (SELECT * REPLACE (coalesce(decided_date::{kind}, '{end}'::{kind}) AS decided_date) "
        f"FROM claims) TO '{folder}/claims/a.parquet'"
    )
    session.close()
    assert "column decided_date" in refused(request_for(folder))


def test_a_moment_at_infinity_is_no_empty_one(delivered, request_for):
    folder, orders, _claims = delivered
    session = duckdb.connect()
    session.register("orders", pa.Table.from_pandas(orders, preserve_index=False))
    session.execute(
        "COPY (SELECT * REPLACE (CASE WHEN worker_id = 3 THEN 'infinity'::TIMESTAMPTZ ELSE completed_at END "
        f"AS completed_at) FROM orders) TO '{folder}/orders/a.parquet'"
    )
    session.close()
    assert "column completed_at: 60 quarters or more after the first start" in refused(request_for(folder))


CONTENTS = {
    "gzip": (lambda text: gzip.compress(text.encode()), "a.csv", "name it .csv.gz"),
    "Excel": (lambda _text: b"PK\x03\x04" + bytes(range(256)), "a.csv", "Excel"),
    "Parquet": (lambda _text: b"PAR1" + bytes(range(256)), "a.csv", "name it .parquet"),
    "compressed twice": (lambda text: gzip.compress(gzip.compress(text.encode())), "a.csv.gz", "gzip"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_no_text_is_said_to_be_what_it_is(name, delivered, request_for):
    folder, orders, _claims = delivered
    content, file, word = CONTENTS[name]
    write_csv(folder, "orders", content(to_text(orders)), file)
    said = refused(request_for(folder))
    assert word in said and file in said


ENCODED = {
    "Latin-1": lambda text: text.encode("latin-1"),
    "one byte lost": lambda text: text.replace("ü", "工人", 1).encode().replace("工".encode(), b"\xe5\xb7"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_text_that_only_seems_to_be_gb18030_is_refused(name, delivered, request_for):
    folder, orders, _claims = delivered
    # In the other file the same platform would have another name.
    orders["platform_id"] = orders["platform_id"].map({"P1": "Zürich", "P2": "Mürren"})
    write_csv(folder, "orders", to_text(orders[:70]))
    (folder / "orders" / "b.csv").write_bytes(ENCODED[name](to_text(orders[70:])))
    said = refused(request_for(folder))
    assert "b.csv" in said and "encoding" in said


@pytest.mark.parametrize("end", ["", "\n", "\n\r\n"])
def test_a_header_without_rows_is_an_empty_file(end, delivered, request_for):
    folder, _orders, claims = delivered
    write_csv(folder, "claims", to_text(claims[:0]).strip() + end)
    assert "a partition is empty" in refused(request_for(folder))


def test_a_column_in_capitals_is_refused_with_its_right_name(delivered, request_for):
    folder, orders, _claims = delivered
    save(orders.rename(columns={"worker_id": "Worker_ID"}), folder / "orders" / "b.parquet")
    said = refused(request_for(folder))
    assert "b.parquet" in said and "rename Worker_ID to worker_id" in said


@pytest.mark.parametrize("before", ["sep=,\n", "# exported\n", "  \n"])
def test_another_first_line_than_the_header_is_told_what_to_be(before, delivered, request_for):
    folder, orders, _claims = delivered
    write_csv(folder, "orders", before + to_text(orders))
    assert "let the first line or the schema hold these names: order_id" in refused(request_for(folder))


def test_half_a_float_is_no_money(delivered, request_for):
    folder, orders, _claims = delivered
    save(orders, folder / "orders" / "a.parquet", contribution_yuan=pa.float16())
    assert "half a float holds three digits" in refused(request_for(folder))


def test_a_parquet_file_that_is_damaged_inside_is_named(delivered, request_for):
    folder, _orders, _claims = delivered
    file = folder / "orders" / "b.parquet"
    content = bytearray(file.read_bytes())
    content[4:400] = b"\xff" * 396
    file.write_bytes(bytes(content))
    said = refused(request_for(folder))
    assert "b.parquet" in said and "damaged inside" in said


@pytest.mark.parametrize("column", ["worker_id", "platform_id"])
def test_text_that_is_not_utf8_in_a_parquet_file_is_named(column, delivered, request_for):
    folder, orders, _claims = delivered
    table = pa.Table.from_pandas(orders[70:], preserve_index=False)
    texts = pa.array([f"工{value}".encode("gb18030") for value in orders[column][70:]])
    texts = pa.Array.from_buffers(pa.string(), len(texts), texts.buffers())
    table = table.set_column(table.schema.get_field_index(column), column, texts)
    pq.write_table(table, folder / "orders" / "b.parquet", store_schema=False)
    said = refused(request_for(folder))
    assert "b.parquet" in said and "other text than UTF-8" in said


def test_a_sum_beyond_64_bits_is_refused(delivered, request_for):
    folder, orders, _claims = delivered
    much = pd.concat([orders] * 200, ignore_index=True)
    much["order_id"], much["contribution_yuan"] = np.arange(len(much)), 8.9e11
    (folder / "orders" / "b.parquet").unlink()
    save(much, folder / "orders" / "a.parquet")
    assert "a sum of money is too large" in refused(request_for(folder))


def test_a_quarantine_that_leaves_no_order_is_refused(delivered, request_for):
    folder, orders, _claims = delivered
    write_csv(folder, "orders", to_text(orders, province_code="99"))
    assert "no order is left" in refused(request_for(folder, quarantine=True))


def test_rows_that_an_engine_passed_over_stop_the_run(delivered, request_for, monkeypatch):
    folder, _orders, _claims = delivered
    real = duck.view_parquet

    def fewer(session, group, name):
        real(session, replace(group, files=group.files[:1]), name)

    monkeypatch.setattr(duck, "view_parquet", fewer)
    assert "70 rows of the orders were read, and the files hold 120" in refused(request_for(folder))


def glob_of(folder: Path) -> dict[str, object]:
    return {"claims": str(folder / "claims" / "*.csv"), "out": folder / "claims" / "c.csv"}


def folder_of(folder: Path) -> dict[str, object]:
    return {"out": folder / "claims" / "c.csv"}


def address_of(folder: Path) -> dict[str, object]:
    return {"claims": f"file://{folder}/claims/c.csv", "out": folder / "claims" / "c.csv"}


def list_of(folder: Path) -> dict[str, object]:
    (folder / "claims" / "c.csv").rename(folder / "claims" / "p.suppressed.csv")
    return {"out": folder / "claims" / "p.csv"}


def rollout_of(folder: Path) -> dict[str, object]:
    (folder / "rollout.csv").rename(folder / "p.suppressed.csv")
    return {"rollout": folder / "p.suppressed.csv", "out": folder / "p.csv"}


@pytest.mark.parametrize("way", [glob_of, folder_of, address_of, list_of, rollout_of])
def test_products_never_take_the_place_of_an_input(way, delivered, request_for):
    folder, _orders, claims = delivered
    write_csv(folder, "claims", to_text(claims), "c.csv")
    given = way(folder)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with pytest.raises(InputError, match="overwrite"):
        build_panel(request_for(folder, **given))
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"orders": ""}, "no path"), ({"claims": "a\0b"}, "no path"), ({"engine": "polars"}, "engine")],
)
def test_a_request_that_names_nothing_is_refused(changes, word, delivered, request_for):
    with pytest.raises(InputError, match=word):
        build_panel(request_for(delivered[0], **changes))


def test_a_request_takes_texts_for_paths_and_paths_for_texts(delivered):
    folder, orders, claims = delivered
    request = Request(
        folder / "orders",  # type: ignore[arg-type]
        folder / "claims",  # type: ignore[arg-type]
        str(folder / "rollout.csv"),  # type: ignore[arg-type]
        str(folder / "out" / "panel.csv"),  # type: ignore[arg-type]
    )
    _count, found = counted(request)
    pd.testing.assert_frame_equal(found, count_right(orders, claims))


def test_a_script_in_another_folder_counts_like_the_command(delivered, tmp_path):
    folder, _orders, _claims = delivered
    script = tmp_path / "elsewhere" / "mine.py"
    script.parent.mkdir()
    script.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from analysis.records.panel import build_panel\n"
        "from analysis.records.request import Request\n"
        f"build_panel(Request({str(folder / 'orders')!r}, {str(folder / 'claims')!r}, "
        f"{str(folder / 'rollout.csv')!r}, 'panel.csv'))\n"
    )
    subprocess.run([sys.executable, script.name], cwd=script.parent, check=True, capture_output=True)
    assert len(list(script.parent.glob("panel.*"))) == 4
