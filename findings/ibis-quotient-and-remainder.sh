#!/usr/bin/env bash
# Ibis 12.0.0 on DuckDB 2.0.1: `//` rounds down and `%` does not, so quotient and remainder do not fit together.
#
# Event time in quarters, -7 for seven before the start, split into years and quarters: `e // 4`, `e % 4`.
# Guess: Python's pair (-2 and 1), or SQL's pair (-1 and -3); and one answer for one expression on every backend.
# Seen: on DuckDB -2 and -3, so 4 * quotient + remainder is -11; on Polars -2 and 1. `round()` of a half differs as
# well: away from zero on DuckDB, to even on Polars; and 1.5 cast to an integer is 2 on DuckDB and 1 on Polars.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'ibis-framework[duckdb,polars]==12.0.0' 'duckdb==2.0.1' 'polars==2.1.0' 'sqlglot==30.30.0' 'pyarrow==26.0.1' 'pyarrow-hotfix==0.7' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import ibis
import pandas as pd

pd.DataFrame({"e": [-7, -1, 5], "half": [0.5, 1.5, 2.5]}).to_parquet("panel.parquet")
seen = {}
for backend in (ibis.duckdb.connect(), ibis.polars.connect()):
    table = backend.read_parquet("panel.parquet")
    parts = table.select(quotient=table.e // 4, rest=table.e % 4, rounded=table.half.round(), whole=table.half.cast("int64"))
    seen[backend.name] = backend.execute(parts).to_dict("list")
    print(backend.name, seen[backend.name])
assert seen["duckdb"] == {"quotient": [-2, -1, 1], "rest": [-3, -1, 1], "rounded": [1, 2, 3], "whole": [0, 2, 2]}
assert seen["polars"] == {"quotient": [-2, -1, 1], "rest": [1, 3, 1], "rounded": [0, 2, 2], "whole": [0, 1, 2]}
PY
