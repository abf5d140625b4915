"""The newest quarter that the first page and the README name is that of the numbers beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEWEST = json.loads((ROOT / "data/processed/numbers.json").read_text(encoding="utf-8"))[
    "newest_bounded_quarter"
]


@pytest.mark.parametrize("name", ["book/en/index.md", "book/zh/index.md"])
def test_the_first_facts_are_those_of_the_newest_quarter_with_a_ceiling(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    facts = text[text.index("::::{div} facts") : text.index("::::\n", text.index("::::{div} facts") + 1)]
    quarters = set(re.findall(r"_(\d{4}q\d)_", facts))
    assert quarters == {NEWEST["text_en"].replace(" ", "").lower()}


def test_the_finding_names_the_newest_quarter_beside_its_own_numbers() -> None:
    source = (ROOT / "analysis/report/documents.py").read_text(encoding="utf-8")
    sentence = source[source.index("{newest_bounded_quarter}") : source.index("Each range holds every value")]
    assert set(re.findall(r"_(\d{4}q\d)_", sentence)) == {NEWEST["text_en"].replace(" ", "").lower()}
