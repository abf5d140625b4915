#!/usr/bin/env bash
# Polars 2.1.0: a rolling sum over six months of quarter ends adds two quarters in some rows and three in others.
#
# Quarterly data dated at the last day of the quarter, `rolling_sum_by(..., window_size="6mo")`: the last two quarters.
# Guess: months are calendar months, so every window holds two dates.
# Seen: six months before 30 June is 30 December, so 31 December still lies in the window: sums at the end of June and
# of September hold three quarters, the others two. Dated at the first day of the quarter all windows hold two.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'polars==2.1.0'
venv/bin/python -I - <<'PY'
import datetime

import polars as pl

ends = [datetime.date(y, m, d) for y in (2023, 2024) for m, d in ((3, 31), (6, 30), (9, 30), (12, 31))]
starts = [day.replace(day=1, month=day.month - 2) for day in ends]


def counted(days):
    frame = pl.DataFrame({"day": days, "quarters": [1] * len(days)})
    return frame.select(pl.col("quarters").rolling_sum_by("day", window_size="6mo")).to_series().to_list()


print("quarters in the window, dated at the end:", counted(ends), "; at the start:", counted(starts))
assert counted(ends) == [1, 2, 3, 2, 2, 3, 3, 2], "windows changed"
assert counted(starts) == [1, 2, 2, 2, 2, 2, 2, 2]
PY
