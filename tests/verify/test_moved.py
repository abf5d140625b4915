"""Numbers that moved: by key, seen and unseen, against a commit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from analysis.base.errors import InputError
from analysis.verify.moved import NUMBERS, listing, moved_numbers, since


def number(value: float, text: str, source: str = "a") -> dict[str, object]:
    return {"value": value, "text_en": text, "lineage": {"sources": [source]}}


def test_what_a_reader_sees_is_listed_and_what_is_below_the_digits_is_counted() -> None:
    before = {"a": number(1.0, "1"), "b": number(2.0, "2"), "c": number(3.0, "3"), "d": number(4.0, "4")}
    after = {
        "a": number(1.2, "1.2"),
        "b": number(2.0001, "2"),
        "c": number(3.0, "3", "b"),
        "e": number(5.0, "5"),
    }
    assert listing(moved_numbers(before, after)) == [
        "a: 1 -> 1.2",
        "d: 4 -> (gone)",
        "e: (new) -> 5",
        "moved: 3 numbers as printed, 1 more below the printed digits",
    ]


def test_a_build_is_compared_with_a_commit_and_an_unknown_commit_is_named(tmp_path: Path) -> None:
    path = tmp_path / NUMBERS
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"a": number(1.0, "1")}), encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run(
            ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments],
            check=True,
        )
    path.write_text(json.dumps({"a": number(2.0, "2")}), encoding="utf-8")
    assert [item.key for item in since(tmp_path, "HEAD")] == ["a"]
    with pytest.raises(InputError, match="commit"):
        since(tmp_path, "no-such-commit")
