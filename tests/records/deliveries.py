"""One small set of orders and claims, and the many ways in which an agency may deliver it.

A delivery writes the same rows (or, where it says so, rows that must be refused), so that the right
panel is always the one that pandas counts from the frames below.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.records.columns import COUNTS, KEY

if TYPE_CHECKING:
    from collections.abc import Callable

ZONE = "Asia/Shanghai"
PROVINCES = ("05", "31", "44")
ROLLOUT = "province_code,event,date\n" + "".join(f"{code},starts,2025-07-01\n" for code in PROVINCES)


def draw_orders() -> pd.DataFrame:
    """120 orders of 15 people in three provinces and four quarters."""
    rng = np.random.default_rng(11)
    worker = np.arange(120) % 15 + 1
    first = pd.Timestamp("2025-07-01", tz=ZONE)
    moment = first + pd.to_timedelta(rng.integers(0, 365 * 86_400 * 10**6, 120), unit="us")
    return pd.DataFrame(
        {
            "order_id": 5_000_000_001 + np.arange(120),
            "worker_id": worker,
            "province_code": np.array(PROVINCES)[worker % 3],
            "platform_id": np.where(rng.random(120) < 0.5, "P1", "P2"),
            "industry": "delivery",
            "completed_at": pd.DatetimeIndex(moment).tz_convert("UTC").as_unit("us"),
            "contribution_yuan": rng.integers(4, 30, 120) / 100,
        }
    )


def draw_claims() -> pd.DataFrame:
    """24 claims of those people; the last four are open."""
    rng = np.random.default_rng(12)
    accident = pd.Timestamp("2025-07-01") + pd.to_timedelta(rng.integers(0, 365, 24), unit="D")
    filed = accident + pd.to_timedelta(rng.integers(1, 9, 24), unit="D")
    decided = pd.Series(filed + pd.to_timedelta(rng.integers(5, 60, 24), unit="D")).mask(np.arange(24) > 19)
    verdict = pd.array(rng.random(24) < 0.7, dtype="boolean")
    verdict[20:] = pd.NA
    paid = np.where(verdict.fillna(False), rng.integers(1000, 90_000, 24) / 100, 0.0)
    return pd.DataFrame(
        {
            "worker_id": np.arange(24) % 15 + 1,
            "province_code": np.array(PROVINCES)[(np.arange(24) % 15 + 1) % 3],
            "accident_date": accident.date,
            "filed_date": filed.date,
            "decided_date": decided.dt.date.where(decided.notna(), None),
            "confirmed": verdict,
            "disability_grade": pd.array([7, 3, *[None] * 22], dtype="Int16"),
            "paid_yuan": paid,
        }
    )


def count_right(orders: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Orders, people, contributions, claims, confirmed and payments by province and quarter, with pandas."""
    local = orders["completed_at"].dt.tz_convert(ZONE).dt.tz_localize(None)
    of_orders = orders.assign(q=local.dt.to_period("Q").astype(str)).groupby(["province_code", "q"])
    accident = pd.to_datetime(claims["accident_date"]).dt.to_period("Q").astype(str)
    of_claims = claims.assign(q=accident, ok=claims["confirmed"].fillna(False).astype(int)).groupby(
        ["province_code", "q"]
    )
    table = pd.DataFrame(
        {
            "orders": of_orders.size(),
            "active": of_orders["worker_id"].nunique(),
            "contributions": of_orders["contribution_yuan"].sum().round(4),
            "claims": of_claims.size(),
            "confirmed": of_claims["ok"].sum(),
            "paid": of_claims["paid_yuan"].sum().round(4),
        }
    )
    return table.fillna(0).astype(float).rename_axis(["province_code", "quarter"]).sort_index()


def save(frame: pd.DataFrame, file: Path, **types: pa.DataType) -> None:
    """Write a Parquet file, some columns cast to ``types``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for name in frame.columns[frame.dtypes == np.dtype("float64")]:  # NaN stays NaN, not empty
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(frame[name].to_numpy()))
    for name, kind in types.items():
        place = table.schema.get_field_index(name)
        values = table.column(name)
        cast = pa.nulls(len(frame)) if kind == pa.null() else values.cast(kind)
        table = table.set_column(place, name, cast)
    pq.write_table(table, file)


def write_base(folder: Path, orders: pd.DataFrame, claims: pd.DataFrame) -> None:
    """Two plain Parquet files of orders, one of claims, and the rollout."""
    save(orders[:70], folder / "orders" / "a.parquet")
    save(orders[70:], folder / "orders" / "b.parquet")
    save(claims, folder / "claims" / "a.parquet")
    (folder / "rollout.csv").write_text(ROLLOUT)


def to_text(frame: pd.DataFrame, **changes: object) -> str:
    """CSV text of a frame."""
    return frame.assign(**changes).to_csv(index=False)


def write_csv(folder: Path, name: str, text: str | bytes, file: str = "a.csv") -> None:
    """Replace the files of a table by one CSV file."""
    for old in (folder / name).glob("*.parquet"):
        old.unlink()
    content = text.encode() if isinstance(text, str) else text
    (folder / name / file).write_bytes(content)


DELIVERIES: dict[str, Callable[[Path, pd.DataFrame, pd.DataFrame], None]] = {}


def delivery(write: Callable[[Path, pd.DataFrame, pd.DataFrame], None]) -> Callable[..., None]:
    """Add a delivery of the same rows to the list."""
    DELIVERIES[write.__name__] = write
    return write


@delivery
def csv_ids_with_comment_signs(folder, orders, claims):
    ids = orders["order_id"].astype(str)
    odd = ids.where(orders.index % 2 == 0, "#" + ids)
    write_csv(folder, "orders", to_text(orders, order_id=odd))


@delivery
def money_whole_then_broken(folder, orders, claims):
    # The orders of the first file have whole yuan: the frame is changed with the files.
    orders.loc[:69, "contribution_yuan"] = np.arange(70.0)
    save(orders[:70], folder / "orders" / "a.parquet", contribution_yuan=pa.int64())
    save(orders[70:], folder / "orders" / "b.parquet")


@delivery
def payments_whole_then_broken(folder, orders, claims):
    claims.loc[:11, "paid_yuan"] = np.arange(12.0) * 100
    claims.loc[:11, "confirmed"] = True
    save(claims[:12], folder / "claims" / "a.parquet", paid_yuan=pa.int32())
    save(claims[12:], folder / "claims" / "b.parquet")


@delivery
def decimals_of_two_scales(folder, orders, claims):
    orders.loc[:69, "contribution_yuan"] = orders["contribution_yuan"].round(1)
    save(orders[:70], folder / "orders" / "a.parquet", contribution_yuan=pa.decimal128(10, 1))
    save(orders[70:], folder / "orders" / "b.parquet", contribution_yuan=pa.decimal128(10, 2))


@delivery
def column_of_nothing_in_the_first_file(folder, orders, claims):
    claims["disability_grade"] = pd.array([None] * 23 + [5], dtype="Int16")
    claims.loc[23, ["decided_date", "confirmed"]] = [claims.loc[23, "filed_date"], True]
    save(claims[:12], folder / "claims" / "a.parquet", disability_grade=pa.null())
    save(claims[12:], folder / "claims" / "b.parquet")


@delivery
def text_ids_after_integers(folder, orders, claims):
    save(orders[70:], folder / "orders" / "b.parquet", worker_id=pa.string(), order_id=pa.string())


@delivery
def ids_beyond_signed_integers(folder, orders, claims):
    for frame in (orders, claims):
        frame["worker_id"] = frame["worker_id"].astype("uint64") + np.uint64(2**63 + 7)
    save(orders[:70], folder / "orders" / "a.parquet")
    save(orders[70:], folder / "orders" / "b.parquet")
    save(claims, folder / "claims" / "a.parquet")


@delivery
def columns_added_by_the_second_file(folder, orders, claims):
    second = orders[70:].assign(status="done", weather=3)
    save(second[second.columns[::-1]], folder / "orders" / "b.parquet")


@delivery
def compressed_halves(folder, orders, claims):
    write_csv(folder, "orders", to_text(orders[:40]))
    (folder / "orders" / "b.csv.gz").write_bytes(gzip.compress(to_text(orders[40:80]).encode()))
    text = to_text(orders[80:]).encode()
    (folder / "orders" / "c.CSV.zst").write_bytes(pa.compress(text, codec="zstd", asbytes=True))


@delivery
def gzip_of_two_members(folder, orders, claims):
    head, rest = to_text(orders[:60]), orders[60:].to_csv(index=False, header=False)
    write_csv(folder, "orders", gzip.compress(head.encode()) + gzip.compress(rest.encode()), "a.csv.gz")


@delivery
def other_suffixes(folder, orders, claims):
    (folder / "orders" / "b.parquet").rename(folder / "orders" / "b.parq")
    write_csv(folder, "claims", claims.to_csv(index=False, sep="\t"), "a.txt")


@delivery
def leftovers_of_other_programs(folder, orders, claims):
    save(orders[:30], folder / "orders" / "_temporary" / "0" / "part-1.parquet")
    save(claims[:9], folder / "claims" / ".ipynb_checkpoints" / "a-checkpoint.parquet")
    (folder / "claims" / "_SUCCESS").touch()
    (folder / "claims" / ".a.parquet.crc").write_bytes(b"crc")


@delivery
def nanoseconds(folder, orders, claims):
    save(orders[:70], folder / "orders" / "a.parquet", completed_at=pa.timestamp("ns", "UTC"))


@delivery
def other_zones_and_units(folder, orders, claims):
    orders["completed_at"] = orders["completed_at"].dt.floor("ms")
    save(orders[:70], folder / "orders" / "a.parquet", completed_at=pa.timestamp("ms", "America/New_York"))
    save(orders[70:], folder / "orders" / "b.parquet", completed_at=pa.timestamp("us", "+08:00"))


@delivery
def int96_by_spark(folder, orders, claims):
    table = pa.Table.from_pandas(orders, preserve_index=False)
    (folder / "orders" / "b.parquet").unlink()
    file = folder / "orders" / "a.parquet"
    with pq.ParquetWriter(file, table.schema, use_deprecated_int96_timestamps=True) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"org.apache.spark.version": "4.0.5"})


@delivery
def days_as_pandas_writes_them(folder, orders, claims):
    stamps = {name: pd.to_datetime(claims[name]) for name in claims if name.endswith("_date")}
    nano = {name: stamp.astype("datetime64[ns]") for name, stamp in stamps.items()}
    save(
        claims[:12].assign(**{name: stamp[:12] for name, stamp in stamps.items()}),
        folder / "claims" / "a.parquet",
    )
    save(
        claims[12:].assign(**{name: stamp[12:] for name, stamp in nano.items()}),
        folder / "claims" / "b.parquet",
    )


@delivery
def grades_as_floats(folder, orders, claims):
    save(claims, folder / "claims" / "a.parquet", disability_grade=pa.float64())


@delivery
def folder_key_that_agrees(folder, orders, claims):
    for file in (folder / "orders").glob("*.parquet"):
        file.unlink()
    for code, own in orders.groupby("province_code"):
        save(own, folder / "orders" / f"province_code={code}" / "a.parquet")


@delivery
def folder_key_instead_of_a_column(folder, orders, claims):
    for file in (folder / "orders").glob("*.parquet"):
        file.unlink()
    for code, own in orders.groupby("province_code"):
        place = folder / "orders" / f"province_code={code}"
        place.mkdir(parents=True)
        (place / "a.csv").write_text(own.drop(columns="province_code").to_csv(index=False))


@delivery
def names_with_the_signs_of_a_glob(folder, orders, claims):
    (folder / "orders" / "a.parquet").rename(folder / "orders" / "orders [1] (a).parquet")
    (folder / "orders" / "b.parquet").rename(folder / "orders" / "it's {b}, 订单.parquet")


@delivery
def gb18030(folder, orders, claims):
    text = to_text(orders, industry=["外卖" if number > 90 else "delivery" for number in range(120)])
    write_csv(folder, "orders", text.encode("gb18030"))


@delivery
def utf16_with_tabs(folder, orders, claims):
    write_csv(folder, "orders", orders.to_csv(index=False, sep="\t").encode("utf-16"))
    write_csv(folder, "claims", claims.to_csv(index=False).encode("utf-8-sig"))


@delivery
def delimiters_of_each_file_and_columns_in_any_order(folder, orders, claims):
    write_csv(folder, "orders", orders[:50].to_csv(index=False, sep=";"))
    (folder / "orders" / "b.csv").write_text(orders[50:][orders.columns[::-1]].to_csv(index=False, sep="|"))


@delivery
def line_breaks_and_quotes_inside_fields(folder, orders, claims):
    kind = np.where(orders.index % 3 == 0, 'a "fast"\nmeal, hot', "ride")
    write_csv(folder, "orders", to_text(orders, industry=kind).replace("\n5", "\r\n5"))


@delivery
def clocks_of_many_programs(folder, orders, claims):
    orders["completed_at"] = orders["completed_at"].dt.floor("s")
    zones = ["UTC", ZONE, "America/Sao_Paulo", "Asia/Kolkata"]
    formats = [
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%d %H:%M:%S%z",
        "%Y/%m/%d %H:%M:%S %z",
        "%Y-%m-%dT%H:%M:%S.000000000%z",
    ]
    texts = [
        moment.tz_convert(zones[number % 4]).strftime(formats[number % 4])
        for number, moment in enumerate(orders["completed_at"])
    ]
    write_csv(folder, "orders", to_text(orders, completed_at=texts))


@delivery
def days_and_grades_of_many_programs(folder, orders, claims):
    days = [
        pd.Timestamp(day).strftime(("%Y/%m/%d", "%Y-%m-%d 00:00:00", "%Y-%m-%d")[number % 3])
        for number, day in enumerate(claims["accident_date"])
    ]
    grade = ["7.0", " 3 ", *[""] * 22]
    paid = [
        f"+{value:.2e}" if number % 2 else f" {value}" for number, value in enumerate(claims["paid_yuan"])
    ]
    claims["paid_yuan"] = [float(value) for value in paid]
    words = claims["confirmed"].map({True: "是", False: "0"}).astype(object)
    write_csv(
        folder,
        "claims",
        to_text(claims, accident_date=days, disability_grade=grade, paid_yuan=paid, confirmed=words),
    )


@delivery
def empty_lines_before_the_header(folder, orders, claims):
    write_csv(folder, "orders", "\r\n\r\n" + to_text(orders).replace("\n", "\r\n"))
    write_csv(folder, "claims", "\n" + to_text(claims))


@delivery
def text_filled_up_with_blanks(folder, orders, claims):
    for frame in (orders, claims):
        frame["worker_id"] = "w" + frame["worker_id"].astype(str)
    padded = {name: orders[name].str.ljust(12) for name in ("worker_id", "province_code", "platform_id")}
    save(orders[:70], folder / "orders" / "a.parquet")
    save(orders.assign(**padded)[70:], folder / "orders" / "b.parquet")
    save(claims, folder / "claims" / "a.parquet")


@delivery
def columns_of_odd_types_and_names_that_nobody_asked_for(folder, orders, claims):
    table = pa.Table.from_pandas(orders, preserve_index=False)
    rows = len(orders)
    odd = {
        "clock": pa.array([1] * rows, pa.int64()).cast(pa.time64("ns")),
        "parts": pa.array([[("order_id", 1)]] * rows, pa.map_(pa.string(), pa.int64())),
        "order": pa.array([{"worker_id": 1}] * rows),
        "much": pa.array([1] * rows, pa.decimal256(60, 2)),
        "half": pa.array(np.ones(rows, "float16")),
    }
    for name in ("source_file", "filename", "_metadata", "power", "reason", "completed", 'a"b`c'):
        odd[name] = pa.array(["x"] * rows)
    for name, values in odd.items():
        table = table.append_column(name, values)
    for name in ("note", "note", "Note"):
        table = table.append_column(name, pa.array(["x"] * rows))
    pq.write_table(table.slice(0, 70), folder / "orders" / "a.parquet")
    pq.write_table(table.slice(70), folder / "orders" / "b.parquet")


@delivery
def columns_without_a_value_of_any_type(folder, orders, claims):
    claims[["decided_date", "disability_grade"]] = None
    claims["confirmed"] = pd.array([None] * 24, dtype="boolean")
    claims["paid_yuan"] = 0.0
    of_any = {"decided_date": pa.bool_(), "confirmed": pa.float64(), "disability_grade": pa.string()}
    table = pa.Table.from_pandas(claims, preserve_index=False)
    for name, kind in of_any.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.nulls(24, kind))
    pq.write_table(table, folder / "claims" / "a.parquet")


@delivery
def industry_as_numbers(folder, orders, claims):
    save(orders[:70].assign(industry=7), folder / "orders" / "a.parquet")
    save(orders[70:], folder / "orders" / "b.parquet", industry=pa.null())


@delivery
def folder_names_with_signs_of_their_own(folder, orders, claims):
    orders["platform_id"] = orders["platform_id"].map({"P1": "a=b 50%", "P2": "美团 + 外卖"})
    for file in (folder / "orders").glob("*.parquet"):
        file.unlink()
    for name, own in orders.groupby("platform_id"):
        save(own.drop(columns="platform_id"), folder / "orders" / f"platform_id={name}" / "a.parquet")


@delivery
def a_line_break_in_a_name_of_the_header(folder, orders, claims):
    wider = orders.copy()
    wider.insert(2, "two\nlines", 'a "b"\nc')
    write_csv(folder, "orders", "\n" + to_text(wider))
    claims.insert(0, "a\u2028b\x0bc", 1)
    write_csv(folder, "claims", to_text(claims))
    claims.pop("a\u2028b\x0bc")


@delivery
def delimiters_that_end_each_line(folder, orders, claims):
    write_csv(folder, "orders", to_text(orders).replace("\n", ",,\r\r\n"))


def frame_of(columns: dict[str, list]) -> pd.DataFrame:
    """A released table as a frame: counts as whole numbers, other numbers as floats, missing ones kept."""
    types = dict.fromkeys(columns, "float64") | dict.fromkeys(COUNTS, "Int64")
    types |= dict.fromkeys((*KEY, "measure", "reason"), "str")
    return pd.DataFrame({name: pd.Series(values, dtype=types[name]) for name, values in columns.items()})
