#!/usr/bin/env bash
# PyArrow 26.0.1, pandas 3.1.1: the mean of decimals has the places of the column.
#
# Premiums of 0.07 and 0.10 yuan an order, stored as decimals with two places.
# Guess: 0.085, as a double or with more places (DuckDB, Polars and Python's statistics give it).
# Seen: 0.09, six per cent too much, from `pc.mean`, from `group_by().aggregate`, and from `Series.mean()` of a pandas
# column of that Arrow type, whose `median()` of the same two values is 0.085.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'pyarrow==26.0.1' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import statistics
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

premiums = [Decimal("0.07"), Decimal("0.10")]
column = pa.array(premiums, pa.decimal128(9, 2))
grouped = pa.table({"key": [1, 1], "yuan": column}).group_by("key").aggregate([("yuan", "mean")])
series = pd.Series(column, dtype=pd.ArrowDtype(column.type))
means = [pc.mean(column).as_py(), grouped["yuan_mean"][0].as_py(), series.mean(), series.groupby([1, 1]).mean()[1]]
print("mean:", *means, "; median:", series.median(), "; right:", statistics.mean(premiums))
assert statistics.mean(premiums) == Decimal("0.085")
assert means == [Decimal("0.09")] * 4, "the mean has more places now"
assert abs(series.median() - 0.085) < 1e-12
PY
