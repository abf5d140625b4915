"""Reading files of names and values (YAML, JSON, TOML): whole, or an `InputError` that names file and line.

Their parsers take the last of two entries of one name, and JSON's takes NaN. Here both are refused, so that
no value is dropped or let through in silence.
"""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from .errors import InputError
from .reading import read_text

if TYPE_CHECKING:
    from pathlib import Path

QUICK: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it: ten times as fast


class _OnceLoader(QUICK):
    """A safe loader that refuses a name that stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping as `yaml.SafeLoader` makes it."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key.value, str):
                raise yaml.MarkedYAMLError(
                    problem=f"the name {key.value!r} stands twice", problem_mark=key.start_mark
                )
            if isinstance(key.value, str):
                seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


def parse_yaml(text: str, path: Path, what: str, action: str = "") -> Any:
    """Content of a YAML text; `InputError` with the line where it is none or has a name twice."""
    try:
        return yaml.load(text, Loader=_OnceLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or error
        raise InputError(
            f"{what} is no YAML and cannot be read: {why}", file=path,
            row=mark.line + 1 if mark else None, expected="names and values in YAML, each name once",
            action=action or "mend that line, or restore the file",
        ) from None  # fmt: skip


def parse_json(text: str, path: Path, what: str, action: str = "") -> Any:
    """Content of a JSON text; `InputError` where it is none, has a name twice or a number that is none."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{what} is no JSON: {error}", file=path, row=getattr(error, "lineno", None),
            expected="the file as its step wrote it", action=action,
        ) from None  # fmt: skip


def read_named(path: Path, what: str, action: str = "", needs: tuple[str, ...] = ()) -> dict[str, Any]:
    """Entries of a file of names and values, its form told by its ending: YAML unless .json or .toml.

    Raises
    ------
    InputError
        `read_text` refuses it; it is not of its form, holds no names, or lacks one of ``needs``.
    """
    text = read_text(path, what, action)
    if path.suffix == ".json":
        found = parse_json(text, path, what, action)
    elif path.suffix == ".toml":
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{what} is no TOML: {error}", file=path, action=action) from None
    else:
        found = parse_yaml(text, path, what, action)
    return check_names(found, path, what, action, needs)


def check_names(found: Any, path: Path, what: str, action: str, needs: tuple[str, ...]) -> dict[str, Any]:
    """Refuse content that is no list of names and values, or that leaves a needed name empty."""
    if not isinstance(found, dict) or not found:
        raise InputError(
            f"{what} holds no names and values", file=path, value=str(found)[:60],
            expected=", ".join(needs) or "names and values", action=action or "restore the file",
        )  # fmt: skip
    for name in needs:
        if found.get(name) in (None, "", [], {}):
            raise InputError(
                f"{what} does not state {name}", file=path, column=name, value=found.get(name),
                expected=f"all of {', '.join(needs)}", action=action or f"fill in {name}",
            )  # fmt: skip
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
