#!/usr/bin/env bash
# Polars 2.1.0: a product of two decimals keeps the larger scale of the two, not their sum.
#
# A premium of 0.07 yuan times a share of 0.07, both stored as decimals with two places because they are money.
# Guess: exact, 0.0049, with four places, as in DuckDB and in Python's own decimals.
# Seen: 0.00; and 0.25 times 0.07 is 0.02. A quotient keeps the numerator's two places as well: 1 / 3 is 0.33. So sums
# of a million products are off by what each lost.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'polars==2.1.0' 'duckdb==2.0.1'
venv/bin/python -I - <<'PY'
from decimal import Decimal

import duckdb
import polars as pl

frame = pl.DataFrame({"yuan": ["0.07", "0.25", "1.00"], "share": ["0.07", "0.07", "3.00"]})
frame = frame.select(pl.all().str.to_decimal(scale=2))
product = frame.select(pl.col("yuan") * pl.col("share")).to_series().to_list()
quotient = frame.select(pl.col("yuan") / pl.col("share")).to_series().to_list()
sql = duckdb.sql("select 0.07::decimal(9, 2) * 0.07::decimal(9, 2)").fetchall()[0][0]
print("Polars:", *product, "quotient:", quotient[2], "; DuckDB:", sql)
assert product[:2] == [Decimal("0.00"), Decimal("0.02")], "the product has more places now"
assert quotient[2] == Decimal("0.33")
assert sql == Decimal("0.0049")
many = pl.DataFrame({"yuan": ["0.07"] * 100_000}).select(pl.col("yuan").str.to_decimal(scale=2))
assert many.select((pl.col("yuan") * pl.col("yuan")).sum()).item() == 0  # right: 490
PY
