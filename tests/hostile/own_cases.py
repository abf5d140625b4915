"""The door of a user's own study: `own` on a panel, and `records`."""

from __future__ import annotations

from hostile.form import Case, Spoil, instead, put

OWN = "own --panel {here}/panel.csv --rollout {here}/rollout.csv --out {out}"
RECORDS = (
    "records panel --orders {here}/orders.csv --claims {here}/claims.csv --rollout {here}/rollout.csv "
    "--out {out}/panel.csv"
)
ROLLOUT = "province_code,event,date\n" + "".join(
    f"{code},starts,{'2022-07-01' if code < 14 else '2025-07-01'}\n" for code in range(11, 19)
)
PANEL = "province_code,quarter,enrolled\n" + "".join(
    f"{code},{year}Q{q},{code * q + 100}\n"
    for code in range(11, 19)
    for year in (2022, 2023)
    for q in (1, 2, 3, 4)
)
ORDERS = (
    "order_id,worker_id,province_code,platform_id,industry,completed_at,contribution_yuan\n"
    "o1,w1,11,a,ride,2022-07-05T10:00:00+08:00,0.04\n"
)
CLAIMS = (
    "claim_id,worker_id,province_code,accident_date,filed_date,decided_date,confirmed,disability_grade,paid_yuan\n"
    "c1,w1,11,2022-08-01,2022-08-09,2022-09-01,true,10,100\n"
)


def own(name: str, *words: str, spoil: Spoil | None = None, command: str = OWN) -> Case:
    return Case(f"own-{name}", "own", command, words, spoil)


def records(name: str, *words: str, spoil: Spoil | None = None, command: str = RECORDS) -> Case:
    return Case(f"records-{name}", "own", command, words, spoil)


def panel(old: str, new: str) -> Spoil:
    assert old in PANEL
    return put("panel.csv", PANEL.replace(old, new, 1))


def rollout(old: str, new: str) -> Spoil:
    assert old in ROLLOUT
    return put("rollout.csv", ROLLOUT.replace(old, new, 1))


CASES = [
    own("empty", "panel.csv", "empty", spoil=put("panel.csv", "")),
    own("header-only", "no rows", "panel.csv", spoil=put("panel.csv", "province_code,quarter,enrolled\n")),
    own("gbk", "GBK", "panel.csv", spoil=put("panel.csv", PANEL.replace("enrolled", "人数").encode("gbk"))),
    own("nul", "NUL", "row 2", spoil=panel("11,2022Q1", "11\0,2022Q1")),
    own("folder", "folder", spoil=instead("panel.csv", "folder")),
    own("dangling", "link", spoil=instead("panel.csv", "dangling")),
    own("column-absent", "quarter", spoil=panel("quarter", "period")),
    own("column-twice", "twice", "enrolled", spoil=put("panel.csv", PANEL.replace("quarter,enrolled", "quarter,enrolled,enrolled").replace("\n", ",1\n").replace("enrolled,1\n", "enrolled\n"))),
    own("count-infinite", "enrolled", "row 2", "inf", spoil=panel("11,2022Q1,111", "11,2022Q1,inf")),
    own("count-word", "enrolled", "row 2", "many", spoil=panel("11,2022Q1,111", "11,2022Q1,many")),
    own("count-negative", "enrolled", "row 2", "-5", spoil=panel("11,2022Q1,111", "11,2022Q1,-5")),
    own("count-huge", "enrolled", "row 2", spoil=panel("11,2022Q1,111", "11,2022Q1,1e300")),
    own("count-400-digits", "enrolled", "row 2", spoil=panel("11,2022Q1,111", "11,2022Q1," + "9" * 400)),
    own("count-fullwidth", "enrolled", "row 2", spoil=panel("11,2022Q1,111", "11,2022Q1,１１１人")),
    own("quarter-word", "quarter", "row 2", "soon", spoil=panel("2022Q1", "soon")),
    own("quarter-five", "quarter", "row 2", "2022Q5", spoil=panel("2022Q1", "2022Q5")),
    own("quarter-fullwidth", "quarter", "row 2", spoil=panel("2022Q1", "２０２２Q1")),
    own("quarter-empty", "quarter", "row 2", spoil=panel("11,2022Q1", "11,")),
    own("quarter-twice", "one row for each", "row 3", spoil=panel("11,2022Q2", "11,2022Q1")),
    own("short-row", "cells", "row 2", spoil=panel("11,2022Q1,111", "11,2022Q1")),
    own("cut-off", "cells", "panel.csv", spoil=put("panel.csv", PANEL[:-10])),
    own("no-outcome", "no outcome can be studied", spoil=panel("enrolled", "people")),
    own("run-record-broken", "run record", spoil=put("panel.run.json", "{")),
    own("run-record-of-another-class", "evidence class", spoil=put("panel.run.json", '{"evidence": "published"}')),
    own("rollout-empty", "rollout.csv", "empty", spoil=put("rollout.csv", "")),
    own("rollout-header-only", "no rows", spoil=put("rollout.csv", "province_code,event,date\n")),
    own("rollout-gbk", "GBK", "rollout.csv", spoil=put("rollout.csv", (ROLLOUT + "61,starts,2026-07-01\n").replace("61", "陕西").encode("gbk"))),
    own("rollout-folder", "folder", "rollout.csv", spoil=instead("rollout.csv", "folder")),
    own("rollout-no-start", "starts", spoil=put("rollout.csv", "province_code,event,date\n11,announced,2022-07-01\n")),
    own("rollout-twice", "twice", "row 3", spoil=rollout("12,starts", "11,starts")),
    own("rollout-month", "not a day", "row 2", spoil=rollout("2022-07-01", "2022-07")),
    own("rollout-year-one", "not a day", "row 2", spoil=rollout("2022-07-01", "0001-07-01")),
    own("rollout-fullwidth", "not a day", "row 2", spoil=rollout("2022-07-01", "２０２２-07-01")),
    own("rollout-ragged", "cells", "row 2", spoil=rollout("2022-07-01", "2022-07-01,x")),
    own("nothing-to-study", "--panel", command="own --rollout {here}/rollout.csv --out {out}"),
    own("out-is-a-file", "panel.csv", command=OWN.replace("{out}", "{here}/panel.csv")),
    own("rollout-absent", "nowhere.csv", command=OWN.replace("{here}/rollout.csv", "{here}/nowhere.csv")),
    records("min-cell-one", "smallest cell", "3 or more", command=f"{RECORDS} --min-cell 1"),
    records("min-cell-negative", "smallest cell", command=f"{RECORDS} --min-cell=-10"),
    records("zone-unknown", "time zone", "Mars", command=f"{RECORDS} --time-zone Mars/Olympus"),
    records("zone-climbs", "time zone", command=f"{RECORDS} --time-zone ../../etc/passwd"),
    records("memory-word", "memory", command=f"{RECORDS} --memory lots"),
    records("engine-unknown", "--engine", command=f"{RECORDS} --engine abacus"),
    records("out-no-csv", "CSV", command=RECORDS.replace("panel.csv", "panel.xlsx")),
    records("order-ids-unknown", "--order-ids", command=f"{RECORDS} --order-ids sometimes"),
    records("orders-absent", "orders", "nowhere", command=RECORDS.replace("{here}/orders.csv", "{here}/nowhere")),
    records("orders-empty", "orders", spoil=put("orders.csv", "")),
    records("orders-folder-empty", "orders", spoil=instead("orders.csv", "folder")),
    records("orders-dangling", "orders", spoil=instead("orders.csv", "dangling")),
    records("orders-no-column", "lack a column", spoil=put("orders.csv", ORDERS.replace("worker_id", "person"))),
    records("orders-column-twice", "twice", spoil=put("orders.csv", ORDERS.replace("order_id,worker_id", "order_id,order_id"))),
    records("orders-not-parquet", "orders", command=RECORDS.replace("orders.csv", "orders.parquet"), spoil=put("orders.parquet", ORDERS)),
    records("temporary-is-a-file", "rollout.csv", command=f"{RECORDS} --temporary {{here}}/rollout.csv"),
    records("make-nobody", "workers", command="records make --workers 0 --orders 10 --out {here}/fresh"),
    records("make-fewer-orders", "orders", command="records make --workers 10 --orders 5 --out {here}/fresh"),
    records("make-negative", "", command="records make --workers=-5 --orders 10 --out {here}/fresh"),
    records("make-seed-negative", "seed", command="records make --workers 5 --orders 10 --seed=-1 --out {here}/fresh"),
    records("make-billions", "", command="records make --workers 999999999999999 --orders 9999999999999999 --out {here}/fresh"),
    records("make-out-is-a-file", "rollout.csv", command="records make --workers 5 --orders 10 --out {here}/rollout.csv"),
]  # fmt: skip
