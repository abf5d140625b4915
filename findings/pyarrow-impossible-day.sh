#!/usr/bin/env bash
# PyArrow 26.0.1: `strptime` reads 30 February as 1 March, also when told to return null for errors.
#
# Dates typed by hand, `pc.strptime(..., error_is_null=True)` to find those that do not exist.
# Guess: null, as for a thirteenth month (Python's own strptime raises for both).
# Seen: 2024-02-30 is 2024-03-01, 2024-06-31 is 2024-07-01: in the next quarter. Only days past 31 are errors. A cast
# of the same text to a timestamp raises.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'pyarrow==26.0.1'
venv/bin/python -I - <<'PY'
import datetime

import pyarrow as pa
import pyarrow.compute as pc

typed = pa.array(["2024-02-30", "2023-02-29", "2024-06-31", "2024-13-01", "2024-01-32"])
read = pc.strptime(typed, format="%Y-%m-%d", unit="s", error_is_null=True).to_pylist()
print(dict(zip(typed.to_pylist(), map(str, read))))
march, july = datetime.datetime(2024, 3, 1), datetime.datetime(2024, 7, 1)
assert read == [march, march.replace(year=2023), july, None, None], "impossible days are noticed now"
try:
    pc.cast(typed.slice(0, 1), pa.timestamp("s"))
except pa.ArrowInvalid as refusal:
    print("cast:", refusal)
else:
    raise SystemExit("the cast no longer refuses")
PY
