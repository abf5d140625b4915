"""Table Schemas: frictionless validates the package, its first error becomes one `InputError`.

Types, required cells, allowed values, patterns, foreign keys and headers are all described in
``datapackage.yaml``; this module only puts the finding into our words.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from analysis.base.errors import InputError
from analysis.inputs.descriptor import DESCRIPTOR, read_descriptor, resource_of

ADVICE = {
    "type-error": "write a plain value of the expected type; leave the cell blank if it is unknown",
    "constraint-error": "correct the cell, or extend the schema on purpose",
    "foreign-key": "correct the key, or add the row that it points to",
    "blank-row": "remove the blank line",
}


def check_schemas(folder: Path) -> None:
    """Validate every table of the package against its Table Schema.

    Raises
    ------
    InputError
        Names file, line, column, value and what the schema asks for.
    """
    import frictionless  # here, because it takes a third of a second to import

    # From the parsed record: frictionless would read the YAML again, with a slower parser.
    descriptor = copy.deepcopy(read_descriptor(folder))
    report = frictionless.validate(descriptor, type="package", basepath=str(folder.resolve()))
    for task in report.tasks:
        for error in task.errors:
            raise translate(folder, task.place, error)
    for error in report.errors:
        raise translate(folder, DESCRIPTOR, error)
    assert report.valid, "frictionless found a fault and gave no error"


def translate(folder: Path, place: str, error: Any) -> InputError:
    """One frictionless error as an `InputError`."""
    file = Path(place).name
    row = getattr(error, "row_number", None)
    column = getattr(error, "field_name", None)
    value = getattr(error, "cell", None)
    if column is None and error.type == "foreign-key":
        column = ", ".join(error.field_names)
        value = ", ".join(str(cell) for cell in error.field_cells)
    if column is None and getattr(error, "label", None) is not None:
        column = error.label
    return InputError(
        f"{error.title.lower()}: {error.note}",
        file=folder / file,
        row=row,
        column=column,
        value=value,
        expected=wanted(folder, file, column),
        action=ADVICE.get(error.type, f"compare the file with its description in {DESCRIPTOR}"),
    )


def wanted(folder: Path, file: str, column: str | None) -> str:
    """What the schema says about a column, in one line."""
    if file == DESCRIPTOR:
        return "a valid Data Package record"
    fields = resource_of(folder, file)["schema"]["fields"]
    for field in fields:
        if field["name"] == column:
            rules = ", ".join(f"{rule} {given}" for rule, given in field.get("constraints", {}).items())
            return f"{field['type']}{'; ' + rules if rules else ''} ({field['description']})"
    return "the columns " + ", ".join(field["name"] for field in fields)
