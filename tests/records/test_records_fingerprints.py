"""Repeated order ids are found exactly, though hardly any id is looked at as it is."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.records import fingerprints
from analysis.records.contract import read_contract
from analysis.records.engine import Session
from analysis.records.fingerprints import Suspects, find_packed, find_repeated, narrow, pack
from analysis.records.repeats import DUPLICATE, find_duplicates, look_at_ids
from analysis.records.rows import Rows
from tests.records.engines import SPARK


@pytest.fixture(scope="module", params=["duckdb", SPARK])
def session(request, session_of) -> Session:
    return session_of(request.param)


def draw(ids: list) -> pd.DataFrame:
    """Orders with these ids, on three platforms in turn, each completed later than the one before."""
    number = np.arange(len(ids))
    return pd.DataFrame(
        {
            "order_id": ids,
            "platform_id": [f"p{n % 3}" for n in number],
            "completed": number,
            "worker_id": number,
            "province_code": "11",
            "contribution": 1,
            "source_file": "a.parquet",
        }
    )


def deliver(session: Session, frame: pd.DataFrame):
    if session.name == "spark":
        table = pa.Table.from_pandas(frame, preserve_index=False)
        session.connection.createDataFrame(table).createOrReplaceTempView("drawn")
    else:
        session.connection.register("drawn_frame", frame)
        session.connection.execute("CREATE OR REPLACE TEMP TABLE drawn AS FROM drawn_frame")
    return Rows("drawn", tuple(frame.columns))


def scattered(number: int) -> list[int]:
    return [int(value) for value in np.random.default_rng(1).integers(1, 2**62, number)]


def forget(session: Session) -> None:
    """`find_duplicates` keeps a table once in a run."""
    if session.name == "duckdb":
        session.connection.execute("DROP TABLE IF EXISTS twice")


def test_repeated_values_are_found_in_batches_of_any_size_and_more_than_expected():
    batches = [np.array(values, np.uint64) for values in ([7, 2**64 - 1], [], [0, 7, 5], [2**64 - 1, 7])]
    for expected in (0, 1, 7, 100):
        assert find_repeated(batches, expected).tolist() == [7, 2**64 - 1]
    assert find_repeated([], 0).tolist() == []


@pytest.mark.parametrize("packed", [1, 7, 2**23])
def test_packed_fingerprints_keep_every_bit_and_show_what_repeats(packed, monkeypatch):
    monkeypatch.setattr(fingerprints, "PACKED", packed)
    most = 2**48 - 1
    ends = [0, 2**32 - 1, 2**32, 2**32 + 1, 5 * 2**32, most, most - 1, 2**31]
    marks = [*ends, *np.random.default_rng(2).integers(0, 2**48, 200).tolist(), most, 0, 2**32]
    batches = [
        pa.RecordBatch.from_arrays([pa.array(marks[at : at + 5], pa.int64())], ["mark"])
        for at in range(0, len(marks), 5)
    ]
    lists = list(pack(iter(batches)))
    unpacked = [
        (bucket.as_py() << 32) + int.from_bytes(rests.as_py()[at : at + 4], "little")
        for batch in lists
        for bucket, rests in zip(*batch.columns, strict=True)
        for at in range(0, len(rests.as_py()), 4)
    ]
    assert sorted(unpacked) == sorted(marks)
    # Spark cuts rows into batches as it likes.
    halves = [part for batch in lists for part in (batch.slice(0, 2), batch.slice(2))]
    (found,) = find_packed(iter(halves))
    assert found["mark"].to_pylist() == [0, 2**32, most]
    assert list(pack(iter([]))) == []
    assert [batch.num_rows for batch in find_packed(iter([]))] == [0]


@pytest.mark.parametrize("kind", ["number", "text"])
def test_every_repeated_id_is_among_the_narrowed_and_few_others(session, kind, monkeypatch):
    monkeypatch.setattr(fingerprints, "AT_ONCE", 64)  # many scans instead of one
    ids = scattered(3000)
    ids += ids[::100] + ids[:3]
    if kind == "text":
        ids = [f"order-{value}" for value in ids]
    orders = deliver(session, draw(ids))
    suspects = narrow(session, orders, ["order_id"], len(ids)).rows
    found = session.answer(suspects.query)["order_id"].to_pylist()
    assert Counter(found) == Counter({key: times for key, times in Counter(ids).items() if times > 1})
    alone = deliver(session, draw(list(dict.fromkeys(ids))))
    assert narrow(session, alone, ["order_id"], len(ids)) == Suspects(odd=False)


@pytest.mark.parametrize("kind", ["number", "text"])
@pytest.mark.parametrize("odd", [0, 2999])
def test_one_odd_id_among_many_is_found(session, kind, odd, monkeypatch):
    monkeypatch.setattr(fingerprints, "AT_ONCE", 64)
    ids: list = [f"order-{value}" if kind == "text" else value for value in scattered(3000)]
    ids[odd] = None
    frame = draw(ids)
    frame["order_id"] = pd.array(ids, "Int64" if kind == "number" else "str")
    orders = deliver(session, frame)
    orders = Rows(orders.source, orders.columns, frozenset({"order_id"} if kind == "text" else ()))
    assert look_at_ids(session, orders, False, 3000) == Suspects(odd=True)
    assert look_at_ids(session, orders, True, 3000) == Suspects(odd=True)
    with pytest.raises(ValueError, match="sorted out"):
        find_duplicates(session, read_contract("orders"), orders, False, Suspects(odd=True))


@pytest.mark.parametrize("few", [0, 2**22])
def test_duplicates_are_the_same_whether_few_or_many_fingerprints_repeat(session, few, monkeypatch):
    monkeypatch.setattr(fingerprints, "FEW", few)
    ids = [*range(300), 5, 5, 17, 20]  # rows 300 to 303, on platforms 0, 1, 2, 0; those before on 2, 2, 2, 2
    orders = deliver(session, draw(ids))
    table = read_contract("orders")
    forget(session)
    suspects = look_at_ids(session, orders, False, len(ids))
    sound, faults = find_duplicates(session, table, orders, False, suspects)
    assert [(fault.rows, fault.reason) for fault in faults] == [(4, f"{DUPLICATE}; some on two platforms")]
    kept = session.answer(sound.query).to_pandas().sort_values("completed")
    assert kept["completed"].tolist() == list(range(300))  # of each, the earliest
    forget(session)
    suspects = look_at_ids(session, orders, True, len(ids))
    sound, faults = find_duplicates(session, table, orders, True, suspects)
    assert [fault.rows for fault in faults] == [1]  # 17, twice on platform 2
    assert len(session.answer(sound.query)) == 303


@pytest.mark.parametrize("session", [SPARK], indirect=True)
def test_equal_fingerprints_of_different_ids_make_no_duplicate(session, monkeypatch):
    monkeypatch.setattr(fingerprints, "BUCKETS", 1)  # 32 bits are left
    rows = 400_000  # squared over 2 to the 33 are 19 pairs
    session.connection.range(rows).selectExpr("id AS order_id").createOrReplaceTempView("numbers")
    orders = Rows("numbers", ("order_id",))
    suspects = narrow(session, orders, ["order_id"], rows)
    assert 2 * 5 < session.count(str(suspects.rows)) < 2 * 40
    assert find_duplicates(session, read_contract("orders"), orders, False, suspects) == (orders, [])


@pytest.mark.parametrize("session", [SPARK], indirect=True)
def test_the_check_shuffles_less_than_six_bytes_an_id(session, monkeypatch):
    from benchmarks.records_spark import stages

    monkeypatch.setattr(fingerprints, "BUCKETS", 2**10)  # as full as 65,536 are at 20 million orders
    rows = 400_000
    spark = session.connection
    # Texts that are the same in each run: one run in fifty of random ones has two with equal 42 bits.
    spark.range(rows).selectExpr("md5(CAST(id AS STRING)) AS order_id").persist().createOrReplaceTempView(
        "texts"
    )
    before = max((stage["number"] for stage in stages(spark)), default=-1)
    assert narrow(session, Rows("texts", ("order_id",)), ["order_id"], rows).rows is None
    written = sum(stage["shuffle_bytes"] for stage in stages(spark) if stage["number"] > before)
    assert 4 * rows < written < 6 * rows  # 32 bits of each, which nothing compresses
