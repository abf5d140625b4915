"""The book explains every estimator, with sources that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.did.registry import ESTIMATORS, PATHS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "book" / "en" / "estimators.md").read_text(encoding="utf-8")
SECTIONS = {section.split("\n", 1)[0]: section for section in PAGE.split("\n## ")[1:]}


@pytest.mark.parametrize("name", [*ESTIMATORS, *PATHS])
def test_estimator_has_a_section_with_formula_assumption_trust_and_source(name):
    own = [text for title, text in SECTIONS.items() if f"`{name}`" in title]
    assert len(own) == 1
    for part in ("$$", "*Assumption.*", "Key: `"):
        assert part in own[0]
    assert "*Trust it*" in own[0] or "*Use it*" in own[0]


def test_every_key_is_in_the_bibliography():
    entries = set(
        re.findall(
            r"^@\w+\{([^,\s]+),", (ROOT / "paper" / "references.bib").read_text(encoding="utf-8"), re.M
        )
    )
    keys = set(re.findall(r"Key: `([^`]+)`", PAGE))
    assert len(keys) >= 12
    assert keys <= entries


def test_page_types_no_result():
    """Digits with a decimal point would be results typed by hand."""
    assert not re.findall(r"\d\.\d", PAGE)
