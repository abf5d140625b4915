"""Who answers for the paper is said once, in CITATION.cff."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_the_author_line_names_the_authors_of_the_citation() -> None:
    head = yaml.safe_load((ROOT / "paper/paper.qmd").read_text(encoding="utf-8").split("\n---", 1)[0][3:])
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert [author["name"] for author in head["author"]] == [author["name"] for author in citation["authors"]]


def test_the_main_results_stand_before_the_background() -> None:
    text = (ROOT / "paper/paper.qmd").read_text(encoding="utf-8")
    assert text.index("{#tbl-main}") < text.index("## Institutional background")
