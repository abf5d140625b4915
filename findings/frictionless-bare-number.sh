#!/usr/bin/env bash
# frictionless 5.21.0: `bareNumber: false` strips whatever surrounds the digits, also what changes the number.
#
# The standard lets this option ignore leading and trailing characters such as a per cent or currency sign.
# Guess: units go, but a sign of suppression ("<5", "fewer than five"), an accountant's negative in brackets, and a
# multiplier (万, ten thousand) are faults of type.
# Seen: "<5" is 5, "(5)" is 5, not -5, "12.5万" is 12.5, not 125000; the file is valid. Integers do the same.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'frictionless==5.21.0'
venv/bin/python -I - <<'PY'
from decimal import Decimal

from frictionless import Resource, Schema

cells = {"<5": 5, "~5": 5, "(5)": 5, "12.5万": Decimal("12.5"), "-5%": -5}
for kind in ("number", "integer"):
    schema = Schema.from_descriptor({"fields": [{"name": "people", "type": kind, "bareNumber": False}]})
    chosen = {text: value for text, value in cells.items() if kind == "number" or value == int(value)}
    table = [["people"], *([text] for text in chosen)]
    report = Resource(data=table, schema=schema).validate()
    read = [row["people"] for row in Resource(data=table, schema=schema).read_rows()]
    print(kind, dict(zip(chosen, map(str, read))), "valid" if report.valid else "not valid")
    assert report.valid and read == list(chosen.values())
PY
