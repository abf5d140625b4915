#!/usr/bin/env bash
# Polars 2.1.0 with fastexcel 0.21.0: text that begins far down an Excel sheet becomes missing, and rows vanish.
#
# A register of 1,500 rows whose last ten have codes such as 31a and the entry "n.a.".
# Guess: the column is text, or a cell that does not fit raises (as `read_csv` of the same package does).
# Seen: the type is decided on the first rows, later text is null without error; and because a row with nothing but
# nulls counts as empty and empty rows are dropped, `read_excel` returns 1,490 rows. fastexcel alone keeps ten empty ones.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'polars==2.1.0' 'fastexcel==0.21.0' 'openpyxl==3.1.5' 'pyarrow==26.0.1'
venv/bin/python -I - <<'PY'
import fastexcel
import openpyxl
import polars as pl

book = openpyxl.Workbook()
book.active.append(["code", "people"])
for i in range(1490):
    book.active.append([31 + i % 3, 1])
for _ in range(10):
    book.active.append(["31a", "n.a."])
book.save("register.xlsx")
frame = pl.read_excel("register.xlsx")
table = fastexcel.read_excel("register.xlsx").load_sheet(0).to_polars()
asked = pl.read_excel("register.xlsx", infer_schema_length=None)
print(f"read_excel {frame.height} rows, fastexcel {table.height} with {table['code'].null_count()} missing codes")
assert frame.height == 1490 and frame["code"].dtype == pl.Int64, "late text is kept now"
assert table.height == 1500 and table["code"].null_count() == 10
assert asked.height == 1500 and asked["code"][-1] == "31a"
PY
