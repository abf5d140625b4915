#!/usr/bin/env bash
# frictionless 5.21.0: a date field of `format: any` completes half a date from the day on which it is read.
#
# A column of dates in which somebody wrote only a year, or only a day of the month.
# Guess: a value without year, month and day is a fault of type.
# Seen: "2024" is today's day and month in 2024, "5" is the fifth of the present month, and the file is valid:
# the same file gives another table tomorrow.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'frictionless==5.21.0'
venv/bin/python -I - <<'PY'
import datetime

from frictionless import Resource, Schema

schema = Schema.from_descriptor({"fields": [{"name": "day", "type": "date", "format": "any"}]})
table = [["day"], ["2023"], ["5"]]
while True:  # once more if midnight passes in between
    today = datetime.date.today()
    report = Resource(data=table, schema=schema).validate()
    read = [row["day"] for row in Resource(data=table, schema=schema).read_rows()]
    if today == datetime.date.today():
        break
print("2023 ->", read[0], "; 5 ->", read[1], "; valid" if report.valid else "; not valid")
day = 28 if (today.month, today.day) == (2, 29) else today.day
assert report.valid and read == [datetime.date(2023, today.month, day), today.replace(day=5)]
PY
