"""Is the record itself in order? ``datapackage.yaml`` held against what the build reads of it.

A record that was edited by hand can lack a key, name a file outside the folder or hold a pattern that is
none. Each is refused here, by resource and field, before any table is read by it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

TYPES = ("string", "integer", "number", "date")
# Columns that the build computes with. The record describes more; without these there is no result.
NEEDED = {
    "provinces.csv": ("code", "name_en", "name_zh", "short_zh", "abbreviation", "aliases", "kind"),
    "sources.csv": ("source_id", "title", "publisher", "url", "date_published", "date_read", "kind", "grade"),
    "rollout.csv": (
        "event_id", "province_code", "event", "announces", "date", "date_precision", "wave", "platforms",
        "document", "source_id", "grade",
    ),
    "published_figures.csv": (
        "figure_id", "level", "province_code", "city", "measure", "as_of_date", "date_precision", "value",
        "printed", "unit", "printed_unit", "qualifier", "source_id", "grade",
    ),
    "province_annual.csv": ("province_code", "year", "indicator", "value", "unit", "source_id", "grade"),
    "policies.csv": (
        "policy_id", "level", "province_code", "title_zh", "title_en", "issue_date", "effective_date",
        "source_id", "grade",
    ),
    "platforms.csv": ("record_id", "record_type", "platform", "industry", "start_date", "source_id", "grade"),
    "contribution_rates.csv": (
        "rate_id", "industry", "platform_group", "tier", "province_code", "effective_from", "effective_to",
        "yuan_per_order", "status", "source_id", "grade",
    ),
    "benefits.csv": ("benefit_id", "item", "scheme", "province_code", "source_id", "grade"),
    "workers.csv": (
        "count_id", "level", "province_code", "area", "as_of_date", "value", "source_id", "grade",
    ),
    "corrections.csv": (
        "correction_id", "kind", "file", "row", "column", "printed", "corrected", "expectation",
    ),
}  # fmt: skip
ACTION = "compare the record with that of an earlier version"


def check_record(path: Path, descriptor: Any) -> None:
    """Refuse a record from which the build could not read.

    Parameters
    ----------
    path
        Of ``datapackage.yaml``, for the message.
    descriptor
        Its parsed content.

    Raises
    ------
    InputError
        It names no files, a file twice, one outside the folder, or not all that the build needs; a
        resource or a field lacks a key; a type, a pattern or a primary key is none.
    """
    resources = descriptor.get("resources") if isinstance(descriptor, dict) else None
    if not isinstance(resources, list) or not resources:
        raise InputError("the data package names no files", file=path, expected="a list under 'resources'")
    names: list[str] = []
    for number, resource in enumerate(resources, start=1):
        keys = ("path", "hash", "bytes", "schema")
        absent = [key for key in keys if not isinstance(resource, dict) or key not in resource]
        if absent:
            raise InputError(f"resource {number} has no {', '.join(absent)}", file=path)
        name = resource["path"]
        if not isinstance(name, str) or not re.fullmatch(r"[\w-]+\.csv", name):
            raise _fault(path, name, "path", name, "the name of a CSV file in this folder")
        if name in names:
            raise _fault(path, name, "path", name, "each file once")
        names.append(name)
        _check_schema(path, name, resource["schema"])
    lost = [name for name in NEEDED if name not in names]
    if lost:
        raise _fault(path, lost[0], "resources", None, f"an entry for each of {', '.join(NEEDED)}")


def _check_schema(path: Path, name: str, schema: Any) -> None:
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, list) or not fields:
        raise _fault(path, name, "schema.fields", fields, "a list of columns with name, type and description")
    columns = []
    for field in fields:
        keys = ("name", "type", "description")
        absent = [key for key in keys if not isinstance(field, dict) or not isinstance(field.get(key), str)]
        if absent:
            raise _fault(
                path, name, f"schema.fields.{absent[0]}", field, "name, type and description as text"
            )
        if field["type"] not in TYPES:
            raise _fault(path, name, f"{field['name']}.type", field["type"], f"one of {', '.join(TYPES)}")
        constraints = field.get("constraints", {})
        if not isinstance(constraints, dict):
            raise _fault(
                path, name, f"{field['name']}.constraints", constraints, "keys such as required, enum"
            )
        _check_pattern(path, name, field["name"], constraints.get("pattern", ""))
        columns.append(field["name"])
    absent = [column for column in NEEDED.get(name, ()) if column not in columns]
    if absent:
        raise _fault(
            path, name, "schema.fields", absent[0], "a description of this column, which the build reads"
        )
    key = schema.get("primaryKey")
    names = [key] if isinstance(key, str) else key
    if not isinstance(names, list) or not names or not set(map(str, names)) <= set(columns):
        raise _fault(path, name, "schema.primaryKey", key, "columns of the file that tell its rows apart")


def _check_pattern(path: Path, name: str, column: str, pattern: Any) -> None:
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        fault = _fault(
            path, name, f"{column}.constraints.pattern", pattern, f"a regular expression ({error})"
        )
        raise fault from None


def _fault(path: Path, name: object, column: str, value: object, expected: str) -> InputError:
    return InputError(
        f"the record of {name} is not in order", file=path, column=column, value=value, expected=expected,
        action=ACTION,
    )  # fmt: skip
