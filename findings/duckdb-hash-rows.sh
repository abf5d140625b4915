#!/usr/bin/env bash
# DuckDB 2.0.1: rows of a CSV file that begin with # can vanish, although separator, header and types are given.
#
# Order numbers such as #1000, in every second row here.
# Guess: CSV has no comments; with delim, header and all_varchar given nothing is left to guess.
# Seen: the comment sign is still guessed, as #, and 150 of 300 rows are gone without error. `comment = ''` keeps them.
# Polars reads all 300.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'duckdb==2.0.1' 'polars==2.1.0'
venv/bin/python -I - <<'PY'
import duckdb
import polars as pl

with open("orders.csv", "w", encoding="utf-8") as file:
    file.write("order,quarter,yuan\n")
    file.writelines(f"{'#' if i % 2 else ''}{1000 + i},2024Q{1 + i % 4},{i}\n" for i in range(300))


def rows(options):
    return duckdb.sql(f"select count(*) from read_csv('orders.csv'{options})").fetchall()[0][0]


given = ", delim = ',', header = true, all_varchar = true"
print("given:", rows(given), "; with comment = '':", rows(given + ", comment = ''"))
assert rows(given) == 150, "rows that begin with # are kept now"
assert rows("") == 150
assert rows(given + ", comment = ''") == 300
assert pl.read_csv("orders.csv").height == 300
PY
