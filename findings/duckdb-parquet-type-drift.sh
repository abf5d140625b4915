#!/usr/bin/env bash
# DuckDB 2.0.1: a folder of Parquet files whose money turns from whole yuan to fractions is rounded to whole yuan.
#
# January's export has an integer column, February's the same column as double.
# Guess: the types are reconciled to double, or the query stops (Polars and PyArrow stop).
# Seen: the first file's type is used for all and the fractions are rounded, without error: 173.65 is 174. With the
# files in the other order, or with `union_by_name = true`, nothing is lost.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'duckdb==2.0.1' 'pyarrow==26.0.1'
venv/bin/python -I - <<'PY'
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

pq.write_table(pa.table({"month": [1], "yuan": [150]}), "2026-01.parquet")
pq.write_table(pa.table({"month": [2, 2], "yuan": [173.65, 0.25]}), "2026-02.parquet")


def paid(files, options=""):
    return duckdb.sql(f"select yuan from read_parquet({files}{options}) order by month, yuan").fetchall()


asked = paid("['2026-01.parquet', '2026-02.parquet']")
folder = paid("'*.parquet'")
right = paid("'*.parquet'", ", union_by_name = true")
print("as they come:", asked, "; union_by_name:", right)
assert asked == folder == [(150,), (0,), (174,)], "fractions are no longer rounded"
assert right == paid("['2026-02.parquet', '2026-01.parquet']") == [(150.0,), (0.25,), (173.65,)]
try:
    pq.read_table(["2026-01.parquet", "2026-02.parquet"])
except pa.ArrowInvalid as refusal:
    print("PyArrow:", refusal)
else:
    raise SystemExit("PyArrow no longer refuses")
PY
