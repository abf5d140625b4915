#!/usr/bin/env bash
# frictionless 5.21.0: `uniqueKeys` and `categories` of Table Schema v2 are accepted and never checked.
#
# A panel declared unique by province and quarter, grades declared as A, B, C.
# Guess: a validator that accepts a declaration enforces it, or says that it does not know it.
# Seen: a repeated row and a grade Z are valid, with the v2 profile named or not. `primaryKey` and `enum` on the same
# table report the two faults.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'frictionless==5.21.0'
venv/bin/python -I - <<'PY'
from frictionless import Resource, Schema

table = [["province", "quarter", "grade"], ["11", "2022Q3", "A"], ["11", "2022Q3", "Z"]]
profile = "https://datapackage.org/profiles/2.0/tableschema.json"


def faults(grade, **keys):
    names = [{"name": "province", "type": "string"}, {"name": "quarter", "type": "string"}]
    schema = Schema.from_descriptor({"fields": [*names, {"name": "grade", "type": "string", **grade}], **keys})
    report = Resource(data=table, schema=schema).validate()
    return sorted(error.type for task in report.tasks for error in task.errors)


declared = {"uniqueKeys": [["province", "quarter"]]}
v2 = faults({"categories": ["A", "B", "C"]}, **declared)
named = faults({"categories": ["A", "B", "C"]}, **declared, **{"$schema": profile})
v1 = faults({"constraints": {"enum": ["A", "B", "C"]}}, primaryKey=["province", "quarter"])
print("uniqueKeys and categories:", v2, named, "; primaryKey and enum:", v1)
assert v2 == [] and named == [], "the declarations of v2 are checked now"
assert v1 == ["constraint-error", "primary-key"]
PY
